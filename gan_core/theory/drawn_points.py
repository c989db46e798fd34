"""Points from a file that somebody brings: two columns of numbers, read with care."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gan_core.drawn import FEWEST_POINTS, MOST_POINTS, STEPS, encode_points
from gan_core.theory.toys import WINDOW
from gan_core.typed import number_of, quoted

Floats = NDArray[np.float64]

MOST_LETTERS = 200_000  # of a file: MOST_POINTS lines have a third of them
FARTHEST = 1e9
"""A coordinate beyond this is a mistake, and the squares of much larger ones leave the numbers."""
MARGIN = 0.9  # of the window that points take which had to be scaled
ALLOWED = "each line has two numbers, with a comma, a semicolon or a tab between them"


def points_of_csv(text: str) -> tuple[str, str]:
    """The points as `Settings.drawn` holds them, and a note: a sentence, or "" where nothing was changed.

    A first line without numbers is a header; empty lines count for nothing. Points that do not all lie in
    the window are shifted and scaled, x and y by one factor. Raises ValueError: one sentence with the number
    of the line.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"the file has {len(text):,} letters: it may have {MOST_LETTERS:,}.")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = [(number, line.strip(" ")) for number, line in enumerate(lines, 1) if line.strip()]
    mark = next((mark for mark in ";\t," if rows and mark in rows[0][1]), ",")
    if rows and _is_header(rows[0][1], mark):
        rows = rows[1:]
    if len(rows) > MOST_POINTS:
        number = rows[MOST_POINTS][0]
        raise ValueError(f"line {number} is one point too many: a file may have {MOST_POINTS:,} points.")
    points = np.array([_point(number, line, mark) for number, line in rows], float).reshape(-1, 2)
    if len(points) < FEWEST_POINTS:
        few = f"the file has {len(points)} points: it must have at least {FEWEST_POINTS}"
        raise ValueError(f"{few}. {ALLOWED.capitalize()}.")
    fitted, note = _fitted(points)
    low, high = WINDOW
    places = np.clip((fitted - low) / (high - low) * STEPS, 0, STEPS - 1).astype(int)
    return encode_points((int(x), int(y)) for x, y in places), note


def _is_header(line: str, mark: str) -> bool:
    """Whether the line starts with a word; what starts with a digit, a sign or a point is meant as data."""
    first = line.split(mark)[0].strip(' "')
    return first.casefold() not in ("nan", "inf", "infinity") and first[:1].isalpha()


def _point(number: int, line: str, mark: str) -> tuple[float, float]:
    """The two numbers of a line. Raises ValueError."""
    fields = [field.strip(' "') for field in line.split(mark)]
    if len(fields) != 2:
        point = " Numbers have a decimal point, not a comma." if mark == "," and len(fields) in (3, 4) else ""
        raise ValueError(f"line {number} has {_counted(len(fields))}: {ALLOWED}.{point}")
    x, y = (_coordinate(number, field) for field in fields)
    return x, y


def _coordinate(number: int, field: str) -> float:
    if "," in field and number_of(field.replace(",", ".", 1)) is not None:
        meant = quoted(field.replace(",", ".", 1))
        raise ValueError(f"line {number} has {quoted(field)}: write {meant}, with a decimal point.")
    value = number_of(field)
    if value is None:
        raise ValueError(f"line {number} has {quoted(field)}, which is not a number: {ALLOWED}.")
    if not abs(value) <= FARTHEST:
        raise ValueError(f"line {number} has {quoted(field)}: a number must lie between ±{FARTHEST:,.0f}.")
    return value


def _counted(fields: int) -> str:
    return "one column" if fields == 1 else f"{fields:,} columns"


def _fitted(points: Floats) -> tuple[Floats, str]:
    """The points in the window, and what was done to them."""
    low, high = WINDOW
    if np.all((points >= low) & (points <= high)):
        return points, ""
    lowest, highest = points.min(axis=0), points.max(axis=0)
    span = float((highest - lowest).max())
    factor = MARGIN * (high - low) / span if span > 0 else 1.0
    moved = (points - (lowest + highest) / 2) * factor + (low + high) / 2
    scaled = "" if math.isclose(factor, 1.0) else f" and scaled by {factor:.3g}"
    return moved, (
        f"The points were shifted{scaled}: they lay from {lowest[0]:.4g} to {highest[0]:.4g} across and from "
        f"{lowest[1]:.4g} to {highest[1]:.4g} up, and the window is from {low:g} to {high:g}."
    )
