"""Two runs beside each other: their digits at the same second of training, their quality, their D.

Records know steps, not seconds. How many steps a second has, the caller estimates from the settings: the true
speed depends on what else a machine does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.figures.lab.notes import edge_note, empty_figure, finite, line_across
from gan_core.figures.lab.sheet import sheet_trace
from gan_core.figures.series import curve, last_step, round_outward
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    LINE,
    REFERENCE,
    Figure,
    axis,
    key,
    layout,
    log_axis,
    typed,
)
from gan_core.history import Array, History

ROWS, SIDE = 8, 28  # of the picture of a run, and of a digit
QUALITY = "quality"  # the measure of the lab
LEAST_FID = 0.1  # of the axis, which is logarithmic
STROKES = ("solid", "dash")  # of the first run, and of the second
SIGNS = (LINE, DASHES)


class Played(NamedTuple):
    """A run, and how long one of its steps takes."""

    title: str  # which of the two, and what it plays
    history: History
    seconds: float  # a step, estimated

    @property
    def last(self) -> float:
        """The second of its last record."""
        return last_step(self.history) * self.seconds


class Grid(NamedTuple):
    """The picture of a run that is nearest to a second."""

    title: str
    step: int
    second: float
    digits: NDArray[np.uint8] | None  # [ROWS, columns, 28, 28]; None: nothing has been filmed


class Course(NamedTuple):
    """A quantity of one run over seconds of training; `now`: row of the last value up to the second shown."""

    title: str
    second: Array  # [n]
    value: Array  # [n]
    now: int | None


def grid_info(played: Played, second: float) -> Grid:
    """The digits of that second."""
    try:
        frame = played.history.film.at(second / played.seconds)
    except IndexError:
        return Grid(played.title, 0, 0.0, None)
    digits = frame.arrays.get("digits")
    shown = None if digits is None else digits.reshape(ROWS, -1, SIDE, SIDE)
    return Grid(played.title, frame.step, frame.step * played.seconds, shown)


def quality_info(played: Played, second: float) -> Course:
    """FID of the averaged G where it was measured, else of G: by the records of the run, or by the lab."""
    log = played.history.evaluations
    nothing = np.full(len(log), np.nan)
    own, averaged = (log.columns.get(name, nothing) for name in ("fid", "fid_ema"))
    recorded = np.where(np.isfinite(averaged), averaged, own)
    known = np.isfinite(recorded)
    found = dict(zip(log.columns["step"][known].tolist(), recorded[known].tolist(), strict=True))
    for result in played.history.results.of(QUALITY):
        found[float(result.step)] = finite(result.found.get("fid_ema") or result.found["fid"])
    steps = sorted(found)
    return _course(played, np.array(steps), np.array([found[step] for step in steps]), second)


def floor_of(played: Played) -> float | None:
    """FID that real digits reach, where it has been measured last."""
    results = played.history.results.of(QUALITY)
    if results:
        return finite(results[-1].found["fid_floor"])
    column = played.history.evaluations.columns.get("fid_floor", np.zeros(0))
    known = column[np.isfinite(column)]
    return float(known[-1]) if len(known) else None


def gap_info(played: Played, second: float) -> Course:
    """D's mean output on held-out real samples minus that on generated ones: 0 where D cannot tell."""
    log = played.history.evaluations
    drawn = curve(log, log.columns["d_real"] - log.columns["d_fake"], float("inf"))
    return _course(played, drawn.step, drawn.value, second)


def _course(played: Played, step: Array, value: Array, second: float) -> Course:
    seconds = step * played.seconds
    shown = int((seconds <= second).sum())
    return Course(played.title, seconds, value, shown - 1 if shown else None)


def grid_figure(grid: Grid) -> Figure:
    """A sheet of digits."""
    if grid.digits is None:
        return empty_figure("This run has no picture yet.")
    columns = grid.digits.shape[1]
    hidden: dict[str, Any] = {
        "showticklabels": False, "showgrid": False, "zeroline": False, "showline": False,
        "constrain": "domain",
    }  # fmt: skip
    return {
        "data": [sheet_trace(grid.digits)],
        "layout": layout(
            axis("generated digits", (-0.5, columns - 0.5), **hidden),
            axis(f"{ROWS * columns} noise vectors", (ROWS - 0.5, -0.5), scaleanchor="x", **hidden),
            [], above=[], left=30, right=8,
        ),
    }  # fmt: skip


def quality_course_figure(courses: Sequence[Course], end: float, floor: float | None) -> Figure:
    """FID of both runs over seconds up to `end`, and what real digits reach."""
    if not any(len(course.value) for course in courses):
        return empty_figure("No FID yet. “Quality” under “Distance” measures it.")
    figure = _courses(courses, end, FAKE, "FID %{y:.1f}", mode="lines+markers")
    known = [course.value for course in courses] + [np.array([] if floor is None else [floor])]
    powers = np.log10(np.maximum(np.concatenate(known), LEAST_FID))
    span = float(powers.min()) - 0.1, float(powers.max()) + 0.1
    figure["layout"]["yaxis"] = log_axis("FID", span, few=True)
    if floor is not None:
        line = line_across(floor, figure["layout"]["xaxis"]["range"], f"real digits: {floor:.1f}", REFERENCE)
        figure["data"].insert(0, line)
        figure["layout"]["annotations"].append(edge_note(math.log10(floor), f"real<br>{floor:.1f}"))
    return figure


def gap_course_figure(courses: Sequence[Course], end: float) -> Figure:
    """How far apart D's means are in both runs, up to the second `end`; the line is 0."""
    figure = _courses(courses, end, DISCRIMINATOR, "D(real) − D(generated) = %{y:.3f}")
    values = np.concatenate([np.zeros(1), *[course.value for course in courses]])
    low, high = round_outward(float(values.min()), max(float(values.max()), 0.1))
    figure["layout"]["yaxis"] = axis("D's gap", (low, high), zeroline=False)
    span = figure["layout"]["xaxis"]["range"]
    figure["data"].insert(0, line_across(0.0, span, "0: D cannot tell", REFERENCE))
    return figure


def _courses(
    courses: Sequence[Course], end: float, colour: str, hover: str, mode: str = "lines"
) -> Figure:
    """Both curves, the second dashed and hollow, with a dot at the second shown; without an axis upward."""
    traces: list[dict[str, Any]] = []
    for course, dash in zip(courses, STROKES, strict=False):
        traces.append({
            "type": "scatter", "mode": mode, "name": course.title, "x": typed(course.second),
            "y": typed(course.value), "line": {"color": colour, "width": 2, "dash": dash},
            "hovertemplate": f"%{{x:.0f}} s<br>{hover}<extra>{course.title}</extra>",
        })  # fmt: skip
        now = [] if course.now is None else [course.now]
        symbol = "circle" if dash == "solid" else "circle-open"
        traces.append({
            "type": "scatter", "mode": "markers", "name": f"{course.title}, now",
            "x": [float(course.second[row]) for row in now], "y": [float(course.value[row]) for row in now],
            "marker": {"color": colour, "size": 9, "symbol": symbol}, "hoverinfo": "skip",
        })  # fmt: skip
    names = [(sign, colour, course.title) for sign, course in zip(SIGNS, courses, strict=False)]
    return {
        "data": traces,
        "layout": layout(
            axis("seconds of training (estimated)", (0.0, end), zeroline=False),
            {}, [], above=[key(*names)],
        ),
    }  # fmt: skip
