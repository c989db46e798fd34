"""The part of the surface V(a, b) around the path of a game, with contour lines of its own.

On the whole surface the path of a game near its equilibrium is a dot, between two contour lines.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.series import grain_of, round_outward
from gan_core.figures.style import FONT, REFERENCE, faded, typed
from gan_core.history import Array
from gan_core.theory.value import value_surface

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


def closeup(path_a: Array, path_b: Array, equilibrium: float | None) -> Closeup:
    """Around a path, [n] each. Its edges are round numbers within 0 and 1; without a path it is around the
    equilibrium, without either it is the whole surface.
    """
    at = [] if equilibrium is None else [equilibrium]
    a, b = (_edges(np.append(path, at)) for path in (path_a, path_b))
    low = float(value_surface(max(a[0], NEARLY_0), min(b[1], 1 - NEARLY_0)))
    high = float(value_surface(a[1], min(b[0], 1 - NEARLY_0)))
    step = grain_of((high - low) / LINES)
    levels = [i * step for i in range(ceil(low / step), floor(high / step) + 1)]
    return Closeup(a, b, [(level, *_within(level, a, b)) for level in levels])


def _edges(places: Array) -> tuple[float, float]:
    if not len(places):
        return 0.0, 1.0
    low, high = float(places.min()), float(places.max())
    spare = max(0.05 * (high - low), (CLOSEST - (high - low)) / 2)
    low, high = round_outward(low - spare, high + spare, parts=10)
    return max(low, 0.0), min(high, 1.0)


def _within(level: float, a: tuple[float, float], b: tuple[float, float]) -> tuple[Array, Array]:
    """The line V = level inside a rectangle that it crosses, [POINTS] each."""
    height = np.exp(level)
    first, last = max(a[0], height / (1 - b[0])), min(a[1], height / max(1 - b[1], NEARLY_0))
    along = np.linspace(first, max(last, first), POINTS)
    return along, -np.expm1(level - np.log(along))


def closeup_traces(near: Closeup) -> list[dict[str, Any]]:
    """The lines in one trace, with gaps between them, and the number of each where it leaves the picture."""
    lines = [np.concatenate([np.append(line[i], np.nan) for line in near.contours]) for i in (1, 2)]
    right = [bool(a[-1] >= near.a[1] - 1e-9) for _, a, _ in near.contours]
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
            "x": [float(a[-1]) for _, a, _ in near.contours],
            "y": [float(b[-1]) for _, _, b in near.contours],
            "text": [f"{level:.4g}".replace("-", "−") for level, _, _ in near.contours],
            "textposition": ["middle right" if leaves else "bottom center" for leaves in right],
            "textfont": {"size": FONT - 1},
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
    ]
