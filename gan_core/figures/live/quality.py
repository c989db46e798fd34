"""Quality over training: FID and its floor, classes that G covers, FID against D's distance from its line."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.live.changes import ChangeMark, change_traces
from gan_core.figures.series import (
    Curve,
    Point,
    Reference,
    curve,
    in_view,
    last_step,
    rows_until,
    steps_range,
)
from gan_core.figures.style import (
    DASHES,
    FAKE,
    FONT,
    GENERATOR,
    LINE,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    key,
    layout,
    line_trace,
    log_axis,
    now_trace,
    number,
    press_play,
    reference_trace,
    steps_axis,
    typed,
)
from gan_core.history import CLASS_SHARES, Array, History

CLASSES = len(CLASS_SHARES)
NEAR, FAR = 0.001, 1.0
"""Distances of D from its line are drawn within these: below, the noise of an evaluation is larger."""
USUAL = (0.01, 0.4)  # distances that are always in the picture


class Floor(NamedTuple):
    """FID of as many real digits."""

    mean: float
    sd: float  # of one draw; NaN where it is not known


class QualityInfo(NamedTuple):
    """FID over steps, with the row shown, and what real digits reach."""

    fid: Curve  # of G
    fid_ema: Curve  # of its average, the one whose digits are drawn
    hit: Curve  # classes of 10, of G
    floor: Floor | None
    samples: int  # digits behind each number; 0 where nothing is measured
    started: bool
    steps: tuple[float, float]
    powers: tuple[float, float]  # range of the axis of FID, as powers of ten


class PathInfo(NamedTuple):
    """Where the run was each time the quality was measured: FID of G against D's distance from its line."""

    distance: Array  # [n]; the distance of the mean output that is farther off, real or generated
    fid: Array  # [n]
    step: Array  # [n]
    now: int | None  # the row shown
    floor: Floor | None
    distances: tuple[float, float]  # ranges of both axes, as powers of ten
    powers: tuple[float, float]
    started: bool
    has_line: bool  # whether the line is known anywhere


def quality_info(history: History, upto: float) -> QualityInfo:
    """The whole of `history`, with the row shown at step `upto`."""
    log = history.evaluations
    names = ("fid", "fid_ema", "classes_hit")
    fid, averaged, hit = (curve(log, _column(history, name), upto) for name in names)
    held = _floor(history, upto)
    samples = curve(log, _column(history, "quality_samples"), np.inf).now
    drawn = np.concatenate([fid.value, averaged.value])
    count = 0 if samples is None else round(samples.value)
    return QualityInfo(
        fid, averaged, hit, held, count, last_step(history) > 0, steps_range(history), _powers(drawn, held)
    )


def path_info(history: History, upto: float) -> PathInfo:
    """FID of G and |D's mean output − line| of the same evaluation, oldest first."""
    columns = history.evaluations.columns
    line = columns["d_reference"]
    apart = np.maximum(np.abs(columns["d_real"] - line), np.abs(columns["d_fake"] - line))
    fid = _column(history, "fid")
    known = np.isfinite(apart) & np.isfinite(fid)
    shown = int(known[: rows_until(history.evaluations, upto)].sum())
    held = _floor(history, upto)
    distance = np.clip(apart[known], NEAR, FAR)
    across = np.log10([*distance, *USUAL])
    span = float(np.floor(10 * across.min()) / 10 - 0.1), float(np.ceil(10 * across.max()) / 10 + 0.1)
    return PathInfo(
        distance, fid[known], columns["step"][known], shown - 1 if shown else None, held, span,
        _powers(fid[known], held), last_step(history) > 0, bool(np.isfinite(line).any()),
    )  # fmt: skip


def quality_figure(info: QualityInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """FID of G and of its average on a scale of powers of ten, the floor dashed; classes in the key."""
    hover = "FID %{y:.1f}"
    traces = [*_floor_traces(info.floor, info.steps)]
    traces += [
        line_trace(info.fid_ema, "FID of the averaged G", GENERATOR, hover, dash="5px,2px", width=1.5),
        line_trace(info.fid, "FID of G", GENERATOR, hover),
    ]
    for drawn in traces[-2:]:
        drawn |= {"mode": "lines+markers", "marker": {"size": 4}}
    traces += change_traces(marks, 10.0 ** info.powers[0])
    span = (10.0 ** info.powers[0], 10.0 ** info.powers[1])
    traces.append(now_trace([(in_view(info.fid.now, span), GENERATOR)], hover))
    entries = [(LINE, GENERATOR, f"G{_said(info.fid.now)}")]
    if len(info.fid_ema.step):
        entries.append((DASHES, GENERATOR, f"averaged G{_said(info.fid_ema.now)}"))
    real = f"as many real digits{_floor_said(info.floor)}"
    above = [f"FID:  {key(*entries)}", key((DASHES, REFERENCE, real))]
    notes = _waiting(len(info.fid.step), started=info.started)
    y = log_axis("FID", info.powers)
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=above, right=14)}


def classes_figure(info: QualityInfo) -> Figure:
    """How many of the 10 classes G makes, over steps, against all 10."""
    hover = "%{y:.0f} of 10 classes"
    drawn = line_trace(info.hit, "classes", GENERATOR, hover, shape="hv")
    drawn |= {"mode": "lines+markers", "marker": {"size": 4}}
    all_of_them = Reference(np.array(info.steps), np.full(2, float(CLASSES)), float(CLASSES))
    traces = [drawn, reference_trace(all_of_them, "all 10 classes", width=1.2)]
    traces.append(now_trace([(info.hit.now, GENERATOR)], hover))
    now = "" if info.hit.now is None else f" {info.hit.now.value:.0f} of {CLASSES}"
    above = f"classes covered:  {key((LINE, GENERATOR, f'G{now}'), (DASHES, REFERENCE, 'all'))}"
    notes = press_play(not info.started)
    y = axis("classes", (0.0, 11.0), zeroline=False, tickvals=[0, 5, 10])
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=[above], right=14)}


def path_figure(info: PathInfo) -> Figure:
    """The run's way through both numbers: if they moved together, it would lie on one rising line."""
    hover = "step %{customdata:,.0f}<br>distance %{x:.3f}<br>FID %{y:.1f}<extra></extra>"
    early, late = (float(info.step[0]), float(info.step[-1])) if len(info.step) else (0.0, 1.0)
    way: dict[str, Any] = {
        "type": "scatter", "mode": "lines+markers", "x": typed(info.distance), "y": typed(info.fid),
        "customdata": info.step.tolist(), "hovertemplate": hover,
        "line": {"color": REFERENCE, "width": 1},
        "marker": {
            "size": 7, "color": info.step.tolist(), "cmin": early, "cmax": max(late, early + 1.0),
            "colorscale": [[0.0, "#F6D58C"], [0.5, GENERATOR], [1.0, FAKE]],
        },
    }  # fmt: skip
    traces = [*_floor_traces(info.floor, (NEAR / 2, 2 * FAR)), way]
    if info.now is not None:
        traces.append({
            "type": "scatter", "mode": "markers", "x": [float(info.distance[info.now])],
            "y": [float(info.fid[info.now])], "hoverinfo": "skip", "cliponaxis": False,
            "marker": {"size": 13, "color": "rgba(0,0,0,0)", "line": {"color": VALUE, "width": 2.5}},
        })  # fmt: skip
    notes = _waiting(len(info.step), started=info.started)
    if info.started and not info.has_line:
        notes = [note | {"text": "This loss has no line for D"} for note in notes]
    if len(info.step) > 1:
        notes += [_end(info, 0, f"step {early:,.0f}"), _end(info, -1, f"step {late:,.0f}")]
    shown = "" if info.now is None else f" {number(float(info.distance[info.now]), 3)} from the line"
    real = "" if info.floor is None else key((DASHES, REFERENCE, f"real digits{_floor_said(info.floor)}"))
    above = [f"light: early   dark: late   {real}".rstrip(), key(("○", VALUE, f"shown{shown}"))]
    x = log_axis("|D's mean output − line|", info.distances)
    y = log_axis("FID", info.powers)
    return {"data": traces, "layout": layout(x, y, notes, above=above, right=14)}


def _column(history: History, name: str) -> Array:
    """A column of the evaluations; NaN in every row where it was never measured."""
    columns = history.evaluations.columns
    return columns.get(name, np.full(len(history.evaluations), np.nan))


def _floor(history: History, upto: float) -> Floor | None:
    """The newest one up to a step, else the first that there is: it is the same all the time."""
    log = history.evaluations
    for at in (upto, np.inf):
        mean, sd = (curve(log, _column(history, name), at).now for name in ("fid_floor", "fid_floor_sd"))
        if mean is not None:
            return Floor(mean.value, np.nan if sd is None else sd.value)
    return None


def _floor_traces(held: Floor | None, span: tuple[float, float]) -> list[dict[str, Any]]:
    """A dashed line at the mean, in a band of one standard deviation of a draw to either side."""
    if held is None:
        return []
    ends, traces = list(span), []
    if isfinite(held.sd):
        low, high = max(held.mean - held.sd, 0.1), held.mean + held.sd
        traces.append({
            "type": "scatter", "mode": "lines", "x": [*ends, *ends[::-1]], "y": [low, low, high, high],
            "fill": "toself", "fillcolor": "rgba(127,127,127,0.25)", "line": {"width": 0},
            "hoverinfo": "skip",
        })  # fmt: skip
    line = Reference(np.array(ends), np.full(2, held.mean), held.mean)
    trace = reference_trace(line, "", width=1.5)
    return [*traces, trace | {"hovertemplate": "real digits: FID %{y:.1f}<extra></extra>"}]


def _powers(fid: Array, held: Floor | None) -> tuple[float, float]:
    """Whole tenths around all numbers and the floor; one power of ten at least."""
    numbers = np.append(fid[fid > 0], [] if held is None else held.mean)
    if not len(numbers):
        return 0.5, 3.5
    low, high = log10(float(numbers.min())) - 0.15, log10(float(numbers.max())) + 0.1
    return floor(10 * low) / 10, max(ceil(10 * high) / 10, floor(10 * low) / 10 + 1.0)


def _said(now: Point | None) -> str:
    return "" if now is None else f" {_short(now.value)}"


def _short(value: float) -> str:
    """Two digits at least: 8.3, 229, 4,486."""
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def _floor_said(held: Floor | None) -> str:
    if held is None:
        return ""
    spread = f" ± {_short(held.sd)} (one draw)" if isfinite(held.sd) else ""
    return f" {_short(held.mean)}{spread}"


def _waiting(measured: int, *, started: bool) -> list[dict[str, Any]]:
    """What an empty chart says: the first number comes after some hundred steps."""
    notes = press_play(not measured)
    return [note | {"text": "Measured every few hundred steps"} for note in notes] if started else notes


def _end(info: PathInfo, row: int, text: str) -> dict[str, Any]:
    """The name of one end of the way."""
    x, y = log10(float(info.distance[row])), log10(float(info.fid[row]))
    side = "left" if x < sum(info.distances) / 2 else "right"
    return {
        "x": x, "y": y, "text": text, "showarrow": False, "xanchor": side,
        "yanchor": "bottom" if row == 0 else "top", "xshift": 8 if side == "left" else -8,
        "yshift": 3 if row == 0 else -6, "font": {"size": FONT},
    }  # fmt: skip
