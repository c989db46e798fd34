"""What D answers on held-out real and generated images: as histograms, now and over the training."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.series import (
    Reference,
    measured_rows,
    reference,
    round_outward,
    rows_until,
    steps_range,
    thin,
)
from gan_core.figures.style import (
    DASHES,
    FAKE,
    FILLED,
    HATCHED,
    REAL,
    REFERENCE,
    Figure,
    axis,
    edge_label,
    faded,
    key,
    layout,
    number,
    press_play,
    reference_trace,
    steps_axis,
    typed,
)
from gan_core.history import HISTOGRAM_BINS, Array, History

EDGES = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
HEAT_COLUMNS = 160
FULL_SHARE = 0.3
"""The share of images in one bin that is drawn in full colour; a settled D reaches it."""

OUTPUT = "D's output (probability of “real”)"
OUTPUT_UPRIGHT = "D's output<br>(probability of “real”)"
EQUILIBRIUM = (DASHES, REFERENCE, "equilibrium")


class HistogramInfo(NamedTuple):
    """D's outputs at one evaluation, counted in HISTOGRAM_BINS equal bins over [0, 1]."""

    step: float | None
    real: Array  # [bins], share of the held-out digits; zeros before the first evaluation
    fake: Array  # [bins], share of the fakes
    reference: float | None
    apart: float | None  # 1 - overlap, a lower bound of the distance of the two kinds for D
    apart_by_chance: float | None  # what `apart` is on average if the two are alike


class HeatmapInfo(NamedTuple):
    """The histograms over time."""

    edges: Array  # [columns + 1], training steps; a column reaches half-way to its neighbours
    real: Array  # [bins, columns], shares
    fake: Array  # [bins, columns]
    reference: Reference
    now: float | None  # step of the evaluation shown
    steps: tuple[float, float]


def apart_by_chance(real: Array, fake: Array, count: int) -> float:
    """Mean of 1 - overlap if both histograms [bins] were drawn from one law, `count` images each.

    Half of sum |r - f| with r - f normal, variance 2 p (1 - p) / count, p pooled:
    sum sqrt(p (1 - p) / (pi count)). For equal bins this is sqrt(bins / (pi count));
    a D whose answers crowd into few bins has less to differ by.
    """
    pooled = (real + fake) / 2
    return float(np.sqrt(np.clip(pooled * (1 - pooled), 0, None) / (np.pi * count)).sum())


def histogram_info(history: History, upto: float, *, d_reference: float | None = None) -> HistogramInfo:
    """The last evaluation up to step `upto`.

    A thinned row stands for several evaluations (`Log.stride`), and its level of chance is then an
    upper bound. `d_reference`: the equilibrium output to draw before anything is recorded.
    """
    rows = history.evaluations.until(upto)
    known = np.flatnonzero(measured_rows(rows["real_histogram"] + rows["fake_histogram"]))
    if not len(known):
        nothing = np.zeros(HISTOGRAM_BINS)
        return HistogramInfo(None, nothing, nothing, d_reference, None, None)
    row = known[-1]
    real, fake = rows["real_histogram"][row], rows["fake_histogram"][row]
    chance = apart_by_chance(real, fake, int(rows["images"][row]))
    apart = 1.0 - float(np.minimum(real, fake).sum())
    return HistogramInfo(float(rows["step"][row]), real, fake, float(rows["d_reference"][row]), apart, chance)


def _outline(shares: Array, name: str, colour: str, **fill: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": typed(EDGES),
        "y": typed(np.append(shares, shares[-1])),
        "line": {"color": colour, "width": 1.5, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": faded(colour, 0.35),
        "hovertemplate": f"output from %{{x:.3f}}: %{{y:.1%}} of {name}<extra></extra>",
    } | fill


def histogram_figure(info: HistogramInfo) -> Figure:
    """Two outlines over each other: real filled, fake hatched, and the equilibrium output."""
    tallest = max(float(info.real.max()), float(info.fake.max()), 0.1)
    span = (0.0, round_outward(0.0, tallest)[1])
    hatch = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": FAKE, "bgcolor": faded(FAKE, 0.12)}
    traces = []
    if info.step is not None:
        traces.append(_outline(info.real, "real", REAL))
        traces.append(_outline(info.fake, "fake", FAKE, fillpattern=hatch))
    if info.reference is not None:
        upright = Reference(np.full(2, info.reference), np.array(span), info.reference)
        traces.append(reference_trace(upright, "output %{x:.3f}", width=2))
    return {
        "data": traces,
        "layout": layout(
            axis(OUTPUT, (0.0, 1.0), zeroline=False),
            axis("share of images", span, tickformat=".0%", zeroline=False),
            press_play(info.step is None),
            above=_keys(info),
            right=14,
        ),
    }


def _keys(info: HistogramInfo) -> list[str]:
    line = [] if info.reference is None else [(DASHES, REFERENCE, f"equilibrium {number(info.reference)}")]
    apart = "" if info.apart is None else f"real and fake are {info.apart:.0%} apart"
    chance = "" if info.apart_by_chance is None else f" (by chance {info.apart_by_chance:.0%})"
    return [key((FILLED, REAL, "real"), (HATCHED, FAKE, "fake"), *line), apart + chance]


def heatmap_info(history: History, upto: float, *, d_reference: float | None = None) -> HeatmapInfo:
    """All histograms, neighbours merged (mean) to at most HEAT_COLUMNS columns."""
    log = history.evaluations
    both = np.hstack([log.columns["real_histogram"], log.columns["fake_histogram"]])
    known = measured_rows(both)
    shown = int(known[: rows_until(log, upto)].sum())
    all_steps = log.columns["step"][known]
    step, shares = thin(all_steps, both[known], HEAT_COLUMNS)
    return HeatmapInfo(
        cell_edges(step),
        np.ascontiguousarray(shares[:, :HISTOGRAM_BINS].T),
        np.ascontiguousarray(shares[:, HISTOGRAM_BINS:].T),
        reference(history, "d_reference", upto, d_reference),
        float(all_steps[shown - 1]) if shown else None,
        steps_range(history),
    )


def cell_edges(step: Array) -> Array:
    """Borders half-way between neighbouring steps [n]; [n + 1], none below 0, none for n = 0."""
    if not len(step):
        return step
    gaps = np.diff(step) if len(step) > 1 else np.ones(1)
    outer = step[0] - gaps[0] / 2, step[-1] + gaps[-1] / 2
    edges: Array = np.concatenate([outer[:1], (step[1:] + step[:-1]) / 2, outer[1:]])
    return edges.clip(0.0)


def _heat(info: HeatmapInfo, shares: Array, name: str, colour: str) -> dict[str, Any]:
    # Opacity grows with the root of the share, so that thin bands show; the z-values stay shares.
    stops = [[t, faded(colour, 0.85 * t**0.5)] for t in (0.0, 0.01, 0.04, 0.1, 0.2, 0.4, 0.7, 1.0)]
    return {
        "type": "heatmap",
        "name": name,
        "x": typed(info.edges),
        "y": typed(EDGES),
        "z": typed(shares),
        "zmin": 0.0,
        "zmax": FULL_SHARE,
        "colorscale": stops,
        "showscale": False,
        "hovertemplate": f"step %{{x:,.0f}}<br>output %{{y:.3f}}: %{{z:.1%}} of {name}<extra></extra>",
    }


def heatmap_figure(info: HeatmapInfo) -> Figure:
    """Two translucent bands over time, one for each kind of image, with the equilibrium on top."""
    traces = []
    if len(info.edges):
        traces = [_heat(info, info.real, "real", REAL), _heat(info, info.fake, "fake", FAKE)]
    traces.append(reference_trace(info.reference, "output %{y:.3f}", width=2))
    shapes = []
    if info.now is not None:
        ends = {"x0": info.now, "x1": info.now, "yref": "paper", "y0": 0, "y1": 1}
        shapes = [{"type": "line", "line": {"color": REFERENCE, "width": 1}} | ends]
    y = axis(OUTPUT_UPRIGHT, (0.0, 1.0), zeroline=False)
    notes = edge_label(info.reference.now) + press_play(not len(info.edges))
    above = [key((FILLED, REAL, "real"), (FILLED, FAKE, "fake"), EQUILIBRIUM)]
    frame = layout(steps_axis(info.steps), y, notes, above=above, left=58, right=40, shapes=shapes)
    return {"data": traces, "layout": frame}
