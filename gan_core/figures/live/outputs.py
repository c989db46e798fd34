"""What D answers on held-out real and generated images: as histograms, now and over the training."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.live.changes import ChangeMark, change_traces
from gan_core.figures.live.objective import PLAIN
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
from gan_core.theory.objectives import Objective

EDGES = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
"""Of the bins where D's answers are probabilities."""
HEAT_COLUMNS = 160
FULL_SHARE = 0.3
"""The share of images in one bin that is drawn in full colour; a settled D reaches it."""

HOME = (0.3, 0.6)
"""Outputs always in the picture: sound games end in it, whatever their labels."""
LINE_MARGIN = 0.02
"""The equilibrium never lies closer to the edge of the picture."""
TAIL = 0.02
"""The share of the outputs at either end of a histogram that may leave the picture."""
RECENT = 8
"""Evaluations, the latest, that are always in the picture."""
FEW = 0.05
"""The share of all evaluations that may leave the picture at either end."""

OUTPUT = "D's output, P(“real”)"
OUTPUT_UPRIGHT = "D's output<br>(probability of “real”)"
SCORE = "D's score"
NO_LINE = "no equilibrium line"


def outputs_axis(objective: Objective, span: tuple[float, float], *, upright: bool = False) -> dict[str, Any]:
    """An axis of D's outputs; marks at tenths, at every second one where they would be crowded."""
    if objective.axis == "score":
        return axis(SCORE, span, zeroline=False, nticks=5)
    title = OUTPUT_UPRIGHT if upright else OUTPUT
    dtick = 0.1 if span[1] - span[0] < 0.65 else 0.2
    return axis(title, span, zeroline=False, tick0=0.0, dtick=dtick)


class HistogramInfo(NamedTuple):
    """D's outputs at one evaluation, counted in HISTOGRAM_BINS equal bins over [0, 1]."""

    step: float | None
    real: Array  # [bins], share of the held-out digits; zeros before the first evaluation
    fake: Array  # [bins], share of the fakes
    reference: float | None  # the equilibrium output under the labels in force at the step shown
    apart: float | None  # 1 - overlap, a lower bound of the distance of the two kinds for D
    apart_by_chance: float | None  # what `apart` is on average if the two are alike
    outputs: tuple[float, float]  # range of the axis
    bins: Array  # [bins + 1], edges
    objective: Objective


class HeatmapInfo(NamedTuple):
    """The histograms over time."""

    edges: Array  # [columns + 1], training steps; a column reaches half-way to its neighbours
    real: Array  # [bins, columns], shares
    fake: Array  # [bins, columns]
    reference: Reference
    now: float | None  # step of the evaluation shown
    steps: tuple[float, float]
    outputs: tuple[float, float]
    bins: Array  # [bins + 1], edges
    objective: Objective


def reach(real: Array, fake: Array) -> tuple[Array, Array]:
    """From where to where two histograms [rows, bins] reach without their TAILs, in edges of bins; [rows]."""
    real_below, fake_below = real.cumsum(axis=1), fake.cumsum(axis=1)
    first = np.maximum(real_below, fake_below) > TAIL
    last = np.minimum(real_below, fake_below) > 1 - TAIL
    return EDGES[first.argmax(axis=1)], EDGES[last.argmax(axis=1) + 1]


def in_tenths(low: float, high: float) -> tuple[float, float]:
    """A range within [0, 1], rounded outward to tenths."""
    return max(floor(10 * low + 1e-9), 0) / 10, min(ceil(10 * high - 1e-9), 10) / 10


def scores_range(history: History, d_reference: float | None) -> tuple[float, float]:
    """Where D's scores lie: in all but a FEW evaluations, with the RECENT ones and every equilibrium."""
    rows = history.evaluations.columns
    low, high = rows["axis_low"], rows["axis_high"]
    low, high = low[np.isfinite(low)], high[np.isfinite(high)]
    line = reference(history, "d_reference", np.inf, d_reference).value
    if not len(low):
        return (-1.0, 1.0) if not len(line) else (float(line.min()) - 1.0, float(line.max()) + 1.0)
    few = int(FEW * len(low))
    lows = [np.sort(low)[few], low[-RECENT:].min(), *line]
    highs = [np.sort(high)[-1 - few], high[-RECENT:].max(), *line]
    return round_outward(float(min(lows)), float(max(highs)), parts=12)


def rebinned(shares: Array, low: Array, high: Array, edges: Array) -> Array:
    """Histograms [rows, bins] over [low, high] of each row, counted in the bins of `edges` instead."""
    found = np.empty((len(shares), len(edges) - 1))
    for row, (share, first, last) in enumerate(zip(shares, low, high, strict=True)):
        below = np.concatenate([[0.0], np.cumsum(share)])
        found[row] = np.diff(np.interp(edges, np.linspace(first, last, len(below)), below))
    return found


def outputs_range(
    history: History, d_reference: float | None, objective: Objective = PLAIN
) -> tuple[float, float]:
    """The part of D's axis that its outputs are drawn in, all of the run; the same for every step shown."""
    if objective.axis == "score":
        return scores_range(history, d_reference)
    return probabilities_range(history, d_reference)


def probabilities_range(history: History, d_reference: float | None) -> tuple[float, float]:
    """The part of [0, 1] that D's outputs are drawn in, all of the run; the same for every step shown.

    It holds HOME, every equilibrium, the RECENT evaluations and all others but FEW: the first moments
    of a run would else keep the picture wide for ever, and its two bands thin.
    """
    rows = history.evaluations.columns
    low, high = reach(rows["real_histogram"], rows["fake_histogram"])
    known = np.isfinite(rows["d_real"] + rows["d_fake"])
    low, high = low[known], high[known]
    line = reference(history, "d_reference", np.inf, d_reference).value
    lows, highs = [HOME[0], *(line - LINE_MARGIN)], [HOME[1], *(line + LINE_MARGIN)]
    if len(low):
        few = int(FEW * len(low))
        lows += [np.sort(low)[few], low[-RECENT:].min()]
        highs += [np.sort(high)[-1 - few], high[-RECENT:].max()]
    return in_tenths(float(min(lows)), float(max(highs)))


def apart_by_chance(real: Array, fake: Array, count: int) -> float:
    """Mean of 1 - overlap if both histograms [bins] were drawn from one law, `count` images each.

    Half of sum |r - f| with r - f normal, variance 2 p (1 - p) / count, p pooled:
    sum sqrt(p (1 - p) / (pi count)). For equal bins this is sqrt(bins / (pi count));
    a D whose answers crowd into few bins has less to differ by.
    """
    pooled = (real + fake) / 2
    return float(np.sqrt(np.clip(pooled * (1 - pooled), 0, None) / (np.pi * count)).sum())


def histogram_info(
    history: History, upto: float, *, d_reference: float | None = None, objective: Objective = PLAIN
) -> HistogramInfo:
    """The last evaluation up to step `upto`.

    A thinned row stands for several evaluations (`Log.stride`), and its level of chance is then an
    upper bound. `d_reference`: the equilibrium output to draw before anything is recorded.
    The axis is that of the other charts of outputs, or wider where this evaluation needs it.
    """
    span = outputs_range(history, d_reference, objective)
    line = reference(history, "d_reference", upto, d_reference).now
    rows = history.evaluations.until(upto)
    known = np.flatnonzero(measured_rows(rows["real_histogram"] + rows["fake_histogram"]))
    if not len(known):
        nothing = np.zeros(HISTOGRAM_BINS)
        return HistogramInfo(None, nothing, nothing, line, None, None, span, EDGES, objective)
    row = known[-1]
    real, fake = rows["real_histogram"][row], rows["fake_histogram"][row]
    images = rows["images"][row]
    chance = apart_by_chance(real, fake, int(images)) if images > 0 else None
    apart = 1.0 - float(np.minimum(real, fake).sum())
    bins = EDGES
    if objective.axis == "score":
        low, high = (float(rows[name][row]) for name in ("axis_low", "axis_high"))
        bins = np.linspace(low, high, HISTOGRAM_BINS + 1)
        span = min(span[0], low), max(span[1], high)
    else:
        first, last = reach(real[None], fake[None])
        span = in_tenths(min(span[0], float(first[0])), max(span[1], float(last[0])))
    return HistogramInfo(float(rows["step"][row]), real, fake, line, apart, chance, span, bins, objective)


def _outline(bins: Array, shares: Array, name: str, colour: str, **fill: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": typed(bins),
        "y": typed(np.append(shares, shares[-1])),
        "line": {"color": colour, "width": 1.5, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": faded(colour, 0.35),
        "hovertemplate": f"output from %{{x:.3f}}: %{{y:.1%}} of {name}<extra></extra>",
    } | fill


def histogram_figure(info: HistogramInfo) -> Figure:
    """Two outlines over each other: real filled, generated hatched, and the equilibrium output."""
    tallest = max(float(info.real.max()), float(info.fake.max()), 0.1)
    span = (0.0, round_outward(0.0, tallest)[1])
    hatch = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": FAKE, "bgcolor": faded(FAKE, 0.12)}
    traces = []
    if info.step is not None:
        traces.append(_outline(info.bins, info.real, "real", REAL))
        traces.append(_outline(info.bins, info.fake, "generated", FAKE, fillpattern=hatch))
    if info.reference is not None:
        upright = Reference(np.full(2, info.reference), np.array(span), info.reference)
        traces.append(reference_trace(upright, "output %{x:.3f}", width=2))
    line = [] if info.reference is None else [(DASHES, REFERENCE, number(info.reference))]
    below = _apart(info) if info.reference is not None or info.step is None else NO_LINE
    return {
        "data": traces,
        "layout": layout(
            outputs_axis(info.objective, info.outputs),
            axis("share", span, tickformat=".0%", zeroline=False),
            press_play(info.step is None),
            above=[key((FILLED, REAL, "real"), (HATCHED, FAKE, "generated"), *line), below],
            right=10,
        ),
    }


def _apart(info: HistogramInfo) -> str:
    if info.apart is None:
        return ""
    chance = "" if info.apart_by_chance is None else f" (by chance {info.apart_by_chance:.0%})"
    return f"they differ by {info.apart:.0%}{chance}"


def heatmap_info(
    history: History, upto: float, *, d_reference: float | None = None, objective: Objective = PLAIN
) -> HeatmapInfo:
    """All histograms, neighbours merged (mean) to at most HEAT_COLUMNS columns."""
    log, bins = history.evaluations, EDGES
    both = np.hstack([log.columns["real_histogram"], log.columns["fake_histogram"]])
    known = measured_rows(both)
    shown = int(known[: rows_until(log, upto)].sum())
    all_steps = log.columns["step"][known]
    both = both[known]
    if objective.axis == "score":
        bins = np.linspace(*outputs_range(history, d_reference, objective), HISTOGRAM_BINS + 1)
        low, high = log.columns["axis_low"][known], log.columns["axis_high"][known]
        halves = (rebinned(half, low, high, bins) for half in np.hsplit(both, 2))
        both = np.hstack(list(halves))
    step, shares = thin(all_steps, both, HEAT_COLUMNS)
    return HeatmapInfo(
        cell_edges(step),
        np.ascontiguousarray(shares[:, :HISTOGRAM_BINS].T),
        np.ascontiguousarray(shares[:, HISTOGRAM_BINS:].T),
        reference(history, "d_reference", upto, d_reference),
        float(all_steps[shown - 1]) if shown else None,
        steps_range(history),
        outputs_range(history, d_reference, objective),
        bins,
        objective,
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
        "y": typed(info.bins),
        "z": typed(shares),
        "zmin": 0.0,
        "zmax": FULL_SHARE,
        "colorscale": stops,
        "showscale": False,
        "hovertemplate": f"step %{{x:,.0f}}<br>output %{{y:.3f}}: %{{z:.1%}} of {name}<extra></extra>",
    }


def heatmap_figure(info: HeatmapInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """Two translucent bands over time, one for each kind of image, with the equilibrium on top."""
    traces = []
    if len(info.edges):
        traces = [_heat(info, info.real, "real", REAL), _heat(info, info.fake, "generated", FAKE)]
    traces.append(reference_trace(info.reference, "output %{y:.3f}", width=2))
    traces += change_traces(marks, info.outputs[0])
    shapes = []
    if info.now is not None:
        ends = {"x0": info.now, "x1": info.now, "yref": "paper", "y0": 0, "y1": 1}
        shapes = [{"type": "line", "line": {"color": REFERENCE, "width": 1}} | ends]
    y = outputs_axis(info.objective, info.outputs, upright=True)
    notes = press_play(not len(info.edges))
    now = info.reference.now
    line = "" if now is None else key((DASHES, REFERENCE, f"equilibrium {number(now)}")) + ", "
    above = [key((FILLED, REAL, "real"), (FILLED, FAKE, "generated")), f"{line}dark: many"]
    frame = layout(steps_axis(info.steps), y, notes, above=above, left=58, right=10, shapes=shapes)
    return {"data": traces, "layout": frame}
