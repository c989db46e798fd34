"""Data on a line: Goodfellow's figure 1, live. Both densities, D and the best D, and the map from z to x."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DISCRIMINATOR,
    FAKE,
    GENERATOR,
    REAL,
    REFERENCE,
    Figure,
    axis,
    faded,
    layout,
    press_play,
    typed,
)
from gan_core.history import Array, Keyframe
from gan_core.theory.objectives import Objective
from gan_core.theory.toys import Toy

ARROWS = 34
"""Lines from z to x, about."""
FAINT = 0.05
"""Of the largest density of the data: with fewer samples the best D is noise."""
EMPTY = np.zeros(0)


class LineInfo(NamedTuple):
    """Densities over the window, D on its own axis."""

    window: tuple[float, float]
    x: Array  # [n], where D is known
    p_data: Array  # [n], exact
    edges: Array  # [b + 1]
    p_g: Array  # [b], from the share of samples in each bin
    d: Array  # [n]
    best: Array  # [b], the best D for these two densities, in the middle of each bin; NaN: there is no form
    map_z: Array  # [m]
    map_x: Array  # [m]


def line_info(
    frame: Keyframe | None, toy: Toy, objective: Objective, *, real_label: float, fake_label: float
) -> LineInfo:
    """Of a keyframe of a game on a line; None before there is any.

    The best D is for the exact density of the data and the histogram of G: with few samples in a bin it is
    noisy. It is drawn where both densities together are not FAINT.
    """
    points = len(frame["d_curve"]) if frame is not None and "d_curve" in frame.arrays else 241
    x = np.linspace(*toy.window, points)
    p_data = toy.density(x[:, None])
    if frame is None or "d_curve" not in frame.arrays:
        return LineInfo(toy.window, x, p_data, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)
    q = frame["q"].astype(float)
    edges = np.linspace(*toy.window, len(q) + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    p, p_g = toy.density(middle[:, None]), q / np.diff(edges)
    known = p + p_g > FAINT * p_data.max()
    score = np.full(len(p), np.nan)
    score[known] = objective.best_score(p[known], p_g[known], real_label=real_label, fake_label=fake_label)
    best, told = np.full(len(p), np.nan), ~np.isnan(score)
    best[told] = objective.output(score[told])
    d, map_z, map_x = (frame[name].astype(float) for name in ("d_curve", "map_z", "map_x"))
    return LineInfo(toy.window, x, p_data, edges, p_g, d, best, map_z, map_x)


def line_figure(info: LineInfo, objective: Objective, d_reference: float | None) -> Figure:
    """Densities on the left axis, D on the right one."""
    highest = round_outward(0.0, float(max(info.p_data.max(), info.p_g.max(initial=0.0))))[1]
    traces = [
        _curve("p_data", info.x, info.p_data, REAL, fill="tozeroy", fillcolor=faded(REAL, 0.25)),
        _curve("p_G", info.edges, np.append(info.p_g, info.p_g[-1:]), FAKE, shape="hv",
               fill="tozeroy", fillcolor=faded(FAKE, 0.18)),
        _curve("D(x)", info.x[: len(info.d)], info.d, DISCRIMINATOR, yaxis="y2"),
    ]  # fmt: skip
    middle = (info.edges[1:] + info.edges[:-1]) / 2
    if np.isfinite(info.best).any():
        traces.append(_curve("D*(x)", middle, info.best, DISCRIMINATOR, dash="dot", yaxis="y2"))
    if d_reference is not None:
        ends = np.array(info.window)
        traces.append(
            _curve("equilibrium", ends, np.full(2, d_reference), REFERENCE, dash="dash", yaxis="y2")
        )
    right = _axis_of_d(info, objective, d_reference)
    frame = layout(
        axis("x", info.window, zeroline=False), axis("density", (0.0, highest), zeroline=False),
        press_play(not len(info.d)), above=[""], yaxis2=right,
    )  # fmt: skip
    return {"data": traces, "layout": frame | {"showlegend": True}}


def _axis_of_d(info: LineInfo, objective: Objective, d_reference: float | None) -> dict[str, Any]:
    if objective.axis == "probability":
        title, span = "D's output", (0.0, 1.0)
    else:
        shown = np.append(info.d, [] if d_reference is None else [d_reference])
        low, high = (float(shown.min()), float(shown.max())) if len(shown) else (-1.0, 1.0)
        room = max(0.1 * (high - low), 0.05)
        title, span = "D's score", (low - room, high + room)
    return axis(title, span, overlaying="y", side="right", zeroline=False, showgrid=False, nticks=5)


def mapping_figure(info: LineInfo) -> Figure:
    """Lines from z, evenly spread above, to what G makes of it, below: where they are dense, p_G is high."""
    low, high = info.window
    step = max(1, len(info.map_z) // ARROWS)
    z, x = info.map_z[::step], info.map_x[::step]
    span = float(np.abs(info.map_z).max(initial=0.0)) or 1.0
    top = low + (high - low) * (z + span) / (2 * span)
    inside = (x >= low) & (x <= high)
    path = np.concatenate(
        [np.zeros((0, 2))]
        + [np.array([[a, 1], [b, 0], [np.nan, np.nan]]) for a, b in zip(top[inside], x[inside], strict=True)]
    )
    lines = {
        "type": "scatter",
        "mode": "lines",
        "name": "z to x",
        "x": typed(path[:, 0]),
        "y": typed(path[:, 1]),
        "line": {"color": GENERATOR, "width": 1},
        "hoverinfo": "skip",
    }
    quiet = {"showticklabels": False, "showgrid": False, "zeroline": False}
    frame = layout(
        axis("x = G(z)", info.window, zeroline=False), axis("", (0.0, 1.0), **quiet), [],
        above=[f"z from −{span:g} to {span:g}, evenly spread"],
    )  # fmt: skip
    return {"data": [lines], "layout": frame}


def _curve(name: str, x: Array, y: Array, colour: str, **more: Any) -> dict[str, Any]:
    """A line over x; what is no stroke goes into the trace."""
    stroke = {key: more.pop(key) for key in ("dash", "shape") if key in more}
    return curve_trace(x, y, name, colour, "%{y:.3f} at x = %{x:.2f}", **stroke) | more
