"""From columns to what is drawn of them: thinned curves, steps of the reference, steady ranges."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.history import Array, History, Log

MAX_POINTS = 400
"""More points than this on a curve cannot be told apart on a chart 450 px wide."""


EXCURSIONS = 4
"""So many stretches of a curve outside the picture are marked at its edge, the deepest ones."""


class Point(NamedTuple):
    """One measured value and the training step it belongs to."""

    step: float
    value: float


class Curve(NamedTuple):
    """A measured quantity over training steps, thinned, and the row shown now."""

    step: Array  # [n]
    value: Array  # [n]
    now: Point | None  # the very row of the log, not the mean it was merged into


class Reference(NamedTuple):
    """Where equilibrium lies: a step function of the training step, by its corners."""

    step: Array  # [n]; the value holds from its step to the next
    value: Array  # [n]
    now: float | None  # at the step shown


def thin(step: Array, values: Array, limit: int = MAX_POINTS) -> tuple[Array, Array]:
    """At most `limit` rows: neighbours are merged, never dropped.

    `step`: [n]; `values`: [n] or [n, width]. A merged row has the last step and the mean of the
    values it stands for, as in `history.Log`: a spike is lowered by the merging, but it stays.
    """
    group = ceil(len(step) / limit)
    if group <= 1:
        return step, values
    first = np.arange(0, len(step), group)
    count = np.diff(np.append(first, len(step)))
    total = np.add.reduceat(values, first, axis=0)
    return step[first + count - 1], total / count.reshape(-1, *[1] * (values.ndim - 1))


def rows_until(log: Log, upto: float) -> int:
    """How many rows of `log` speak of steps up to and including `upto`."""
    return len(log.until(upto)["step"])


def curve(log: Log, value: Array, upto: float, limit: int = MAX_POINTS) -> Curve:
    """A column of `log` (or a sum of columns, [rows]) without what was not measured, thinned to `limit`."""
    known = np.isfinite(value)
    step, measured = log.columns["step"][known], value[known]
    shown = int(known[: rows_until(log, upto)].sum())
    now = Point(float(step[shown - 1]), float(measured[shown - 1])) if shown else None
    return Curve(*thin(step, measured, limit), now)


def last_step(history: History) -> float:
    """The latest step anything was recorded at; 0 before that."""
    ends = (log.columns["step"][-1:] for log in (history.steps, history.evaluations))
    return float(max(np.concatenate(list(ends)), default=0.0))


def reference(history: History, name: str, upto: float, expected: float | None) -> Reference:
    """The reference `name` as its corners, up to the axis' end; every figure takes its line from here.

    Before the first record holds what that record says. `expected`: what to draw while nothing is
    recorded; None draws nothing.
    """
    line = history.reference(name)
    step, value = line
    if not len(step):
        held = [] if expected is None else [expected, expected]
        return Reference(np.array([0.0, steps_range(history)[1]][: len(held)]), np.array(held), expected)
    corner = np.flatnonzero(np.append(True, np.diff(value) != 0.0))
    return Reference(
        np.append(step[corner], steps_range(history)[1]),
        np.append(value[corner], value[-1]),
        line.at(upto),
    )


def grain_of(size: float) -> float:
    """The smallest of 1, 2, 5, 10, ... that is not below `size`."""
    power = 10.0 ** floor(log10(size))
    return next(power * nice for nice in (1, 2, 5, 10) if power * nice >= size * (1 - 1e-9))


def round_outward(low: float, high: float, parts: int = 6) -> tuple[float, float]:
    """The range widened to round numbers, at most about one part in `parts` at either end.

    Rounding keeps an axis in place while data trickle in.
    """
    grain = grain_of((high - low) / parts)
    return floor(low / grain + 1e-9) * grain, ceil(high / grain - 1e-9) * grain


def steps_range(history: History) -> tuple[float, float]:
    """The axis of training steps: from 0 to just past the last one recorded."""
    return round_outward(0.0, max(1.03 * last_step(history), 60.0), parts=12)


def robust_range(values: Array, keep: Sequence[float], slack: float) -> tuple[float, float]:
    """A range for measured values that one spike cannot stretch.

    Shown is whatever lies within half the width of the middle 90 %, and at least `slack` (in the
    unit of the values), of that middle; `keep` always. What lies beyond leaves the picture.
    """
    low, high = min(keep), max(keep)
    if len(values):
        bottom, top = np.percentile(values, (5, 95))
        reach = max(0.5 * (top - bottom), slack)
        low = min(low, float(max(values.min(), bottom - reach)))
        high = max(high, float(min(values.max(), top + reach)))
    spare = max(slack - (high - low), 0.0) / 2
    return round_outward(low - spare, high + spare)


def following_range(values: Array, recent: Array, keep: Sequence[float], slack: float) -> tuple[float, float]:
    """A range for measured values that follows the `recent` ones; what is far from the others leaves it.

    Shown are `keep` and `recent`, and of `values` whatever lies within one and a half times the width of
    their middle half, and at least `slack`, of it (Tukey's fences): an excursion that filled less than a
    quarter of the time stretches nothing once it is over. Nothing leaves at the top.
    """
    low, high = min(keep), max(keep)
    if len(values):
        bottom, top = np.percentile(values, (25, 75))
        fence = bottom - max(1.5 * (top - bottom), slack)
        low = min(low, float(recent.min()), max(float(values.min()), float(fence)))
        high = max(high, float(values.max()))
    spare = max(slack - (high - low), 0.0) / 2
    return round_outward(low - spare, high + spare)


def excursions(curves: Sequence[Curve], span: tuple[float, float], width: float) -> list[Point]:
    """Where curves run out below an axis: the lowest point of each stretch, at most EXCURSIONS, in time.

    `width`: of the axis of steps. Stretches closer than a sixteenth of it are one.
    """
    step, value = (np.concatenate([drawn[i] for drawn in curves]) for i in (0, 1))
    below = np.flatnonzero(value < span[0])
    below = below[np.argsort(step[below], kind="stable")]
    if not len(below):
        return []
    stretches = np.split(below, np.flatnonzero(np.diff(step[below]) > width / 16) + 1)
    lowest = [stretch[value[stretch].argmin()] for stretch in stretches]
    deepest = sorted(lowest, key=lambda row: value[row])[:EXCURSIONS]
    return sorted(Point(float(step[row]), float(value[row])) for row in deepest)


def in_view(point: Point | None, span: tuple[float, float]) -> Point | None:
    """`point` if it lies in the range `span` of its axis: a dot drawn outside would lie on other things."""
    return point if point is not None and span[0] <= point.value <= span[1] else None


def measured_rows(table: Array) -> NDArray[np.bool_]:
    """Which rows of `table` [n, width] hold nothing but finite numbers; [n]."""
    return np.asarray(np.isfinite(table).all(axis=1))
