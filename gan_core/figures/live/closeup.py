"""The part of the surface V(a, b) around the path of a game, with contour lines of its own.

On the whole surface the path of a game near its equilibrium is a dot, between two contour lines.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.live.objective import PLAIN
from gan_core.figures.series import grain_of, round_outward
from gan_core.figures.style import FONT, REFERENCE, faded, typed
from gan_core.history import Array
from gan_core.theory.objectives import Objective

LINES = 6
"""Contour lines, about."""
POINTS = 13
"""Points on each of them."""
CLOSEST = 0.05
"""The least width: the path of a game that has just begun is a point."""
NEARLY_0 = 1e-3
"""V is infinite at a = 0 and at b = 1: no line is sought nearer to them."""


class Closeup(NamedTuple):
    """The part of the surface with the whole path and the equilibrium, and its lines of round heights."""

    a: tuple[float, float]
    b: tuple[float, float]
    contours: list[tuple[float, Array, Array]]  # level in nats, a [n], b [n]


def closeup(
    path_a: Array, path_b: Array, equilibrium: float | None, objective: Objective = PLAIN
) -> Closeup:
    """Around a path, [n] each. Its edges are round numbers within the box of the objective; without a path it
    is around the equilibrium, without either it is the whole surface.
    """
    at = [] if equilibrium is None else [equilibrium]
    a, b = (_edges(np.append(path, at), objective.box) for path in (path_a, path_b))
    return lined(a, b, objective)


def lined(a: tuple[float, float], b: tuple[float, float], objective: Objective) -> Closeup:
    """A part of the surface with its contour lines."""
    if objective.is_logarithmic:
        low = float(objective.surface(max(a[0], NEARLY_0), min(b[1], 1 - NEARLY_0)))
        high = float(objective.surface(a[1], min(b[0], 1 - NEARLY_0)))
    else:
        low, high = float(objective.surface(a[0], b[1])), float(objective.surface(a[1], b[0]))
    step = grain_of((high - low) / LINES)
    levels = [i * step for i in range(ceil(low / step), floor(high / step) + 1)]
    return Closeup(a, b, [(level, *_within(level, a, b, objective)) for level in levels])


def _edges(places: Array, box: tuple[float, float] | None) -> tuple[float, float]:
    if not len(places):
        return box or (-1.0, 1.0)
    low, high = float(places.min()), float(places.max())
    spare = max(0.05 * (high - low), (CLOSEST - (high - low)) / 2)
    low, high = round_outward(low - spare, high + spare, parts=10)
    return (low, high) if box is None else (max(low, box[0]), min(high, box[1]))


def _within(
    level: float, a: tuple[float, float], b: tuple[float, float], objective: Objective
) -> tuple[Array, Array]:
    """The line V = level inside a rectangle that it crosses, [POINTS] each."""
    if not objective.is_logarithmic:
        along = np.linspace(*a, 8 * POINTS)
        across = objective.contour(level, along)
        inside = (across >= b[0]) & (across <= b[1])
        return along[inside], across[inside]
    height = np.exp(level)
    first, last = max(a[0], height / (1 - b[0])), min(a[1], height / max(1 - b[1], NEARLY_0))
    along = np.linspace(first, max(last, first), POINTS)
    return along, objective.contour(level, along)


def closeup_traces(near: Closeup) -> list[dict[str, Any]]:
    """The lines in one trace, with gaps between them, and the number of each where it leaves the picture."""
    contours = [line for line in near.contours if len(line[1])]
    nothing = np.zeros(0)
    lines = [np.concatenate([nothing, *(np.append(line[i], np.nan) for line in contours)]) for i in (1, 2)]
    right = [bool(a[-1] >= near.a[1] - 1e-9) for _, a, _ in contours]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": typed(lines[0]),
            "y": typed(lines[1]),
            "line": {"color": faded(REFERENCE, 0.6), "width": 0.7},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": [float(a[-1]) for _, a, _ in contours],
            "y": [float(b[-1]) for _, _, b in contours],
            "text": [f"{level:.4g}".replace("-", "−") for level, _, _ in contours],
            "textposition": ["middle right" if leaves else "bottom center" for leaves in right],
            "textfont": {"size": FONT - 1},
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
    ]
