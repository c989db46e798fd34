"""Whether D learns its training samples by heart: its answers over time, and their distribution now."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.figures.lab.notes import Found, finite
from gan_core.figures.series import Curve, curve, steps_range
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    FONT,
    LINE,
    REAL,
    Figure,
    axis,
    faded,
    key,
    layout,
    line_trace,
    press_play,
    steps_axis,
    typed,
)
from gan_core.history import History


class HeartInfo(NamedTuple):
    """D's mean answer on the batches it learns from, and on held-out samples."""

    train: Curve
    held_out: Curve
    steps: tuple[float, float]


def heart_info(history: History) -> HeartInfo:
    """From the records of the run: no measure of its own."""
    steps, evaluations = history.steps, history.evaluations
    upto = float("inf")
    train = curve(steps, steps.columns["d_real"], upto)
    return HeartInfo(train, curve(evaluations, evaluations.columns["d_real"], upto), steps_range(history))


def heart_figure(info: HeartInfo) -> Figure:
    """Two curves over training steps: what is between them is learned by heart."""
    values = np.concatenate([info.train.value, info.held_out.value])
    low, high = (0.0, 1.03) if not len(values) else (min(0.0, values.min()), max(1.03, values.max()))
    return {
        "data": [
            line_trace(info.train, "training samples", DISCRIMINATOR, "mean output %{y:.3f}"),
            line_trace(info.held_out, "held-out samples", REAL, "mean output %{y:.3f}", dash="dash"),
        ],
        "layout": layout(
            steps_axis(info.steps),
            axis("D's mean output on real", (float(low), float(high)), zeroline=False),
            press_play(not len(info.train.step)),
            above=[key((LINE, DISCRIMINATOR, "on training samples"), (DASHES, REAL, "on held-out samples"))],
        ),
    }


def outputs_figure(found: Found) -> Figure:
    """Histograms of D's outputs: training, held-out and generated samples."""
    edges = np.array(found["edges"], float)
    middle = (edges[:-1] + edges[1:]) / 2.0
    kinds = (
        ("train_share", DISCRIMINATOR, "training", "solid"),
        ("held_out_share", REAL, "held-out", "dash"),
        ("generated_share", FAKE, "generated", "dot"),
    )
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": typed(middle),
            "y": typed([100.0 * finite(v) for v in found[name]]),
            "line": {"color": colour, "width": 2, "dash": dash, "shape": "hvh"},
            "fill": "tozeroy",
            "fillcolor": faded(colour, 0.08),
            "hovertemplate": f"{word}: %{{y:.1f}} % near %{{x:.2f}}<extra></extra>",
        }
        for name, colour, word, dash in kinds
    ]
    most = max(max(100.0 * finite(v) for v in found[name]) for name, *_ in kinds)
    return {
        "data": data,
        "layout": layout(
            axis("D's output", (float(edges[0]), float(edges[-1]))),
            axis("samples (%)", (0.0, 1.08 * most)),
            [],
            above=[
                key((LINE, DISCRIMINATOR, "training"), (DASHES, REAL, "held-out"), ("┈", FAKE, "generated"))
            ],
        ),
    }


def nearest_figure(found: Found) -> Figure:
    """Generated digits above, the nearest training digit of each below, with their distances."""
    pictures = np.array([found["generated_digits"], found["nearest_digits"]], np.uint8)  # [2, n, 784]
    count = pictures.shape[1]
    sheet = pictures.reshape(2, count, 28, 28).transpose(0, 2, 1, 3).reshape(56, 28 * count)
    notes = [
        {
            "x": 28 * place + 14,
            "y": 58.5,
            "text": f"{finite(distance):.1f}",
            "showarrow": False,
            "font": {"size": FONT},
            "yanchor": "top",
        }
        for place, distance in enumerate(found["nearest_distance"])
    ]
    hidden = {"showgrid": False, "zeroline": False, "ticks": "", "showline": False}
    return {
        "data": [
            {
                "type": "heatmap",
                "z": typed(sheet),
                "colorscale": [[0, "#000"], [1, "#fff"]],
                "zmin": 0,
                "zmax": 255,
                "showscale": False,
                "hoverinfo": "skip",
            }
        ],
        "layout": {
            "xaxis": hidden
            | {
                "range": [-0.5, 28 * count - 0.5],
                "showticklabels": False,
                "title": {"text": "distance of each pair (grey values)", "font": {"size": FONT}},
            },
            "yaxis": hidden
            | {
                "range": [64.5, -0.5],
                "tickvals": [13.5, 41.5],
                "scaleanchor": "x",
                "ticktext": ["generated", "nearest<br>training digit"],
                "tickfont": {"size": FONT},
            },
            "annotations": notes,
            "margin": {"l": 78, "r": 8, "t": 8, "b": 30},
            "showlegend": False,
            "uirevision": "keep",
            "font": {"size": FONT},
        },
    }
