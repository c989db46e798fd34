"""V of the real networks on a plane of one direction of each player, with the path of the game."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.lab.notes import Found, finite
from gan_core.figures.relief import EYE, LIFT, MARK_LIFT, axis_3d, layout_3d, relief
from gan_core.figures.series import round_outward
from gan_core.figures.style import DISCRIMINATOR, FONT, GENERATOR, VALUE, Figure, key, typed
from gan_core.theory.two_player import Floats

FARTHER = 1.12
"""Of the camera, so that the title of the heights is in the picture."""
DEPTH = 4.0
"""Chasms are cut: V is shown down to so many times its usual range below its value here."""


def surface_figure(found: Found) -> Figure:
    """Heights of V; blue: D's line through the present game, orange: G's; the dots: the steps to come."""
    moves = np.array(found["moves"], float)
    value = np.array([[finite(cell) for cell in row] for row in found["value"]])
    here = finite(found["value_here"])
    low, high = span_of(value, here)
    shown = np.where(value < low, np.nan, value)
    lift, mark = LIFT * (high - low), MARK_LIFT * (high - low)
    middle = len(moves) // 2
    zero = np.zeros_like(moves)
    data = [
        relief(
            moves,
            moves,
            shown,
            (low, high),
            "G moved %{x:.3f}, D moved %{y:.3f}<br>V %{z:.3f}<extra></extra>",
        ),
        _line(zero, moves, shown[:, middle] + lift, DISCRIMINATOR),
        _line(moves, zero, shown[middle] + lift, GENERATOR),
        *_path(found, moves, shown, lift),
        {
            "type": "scatter3d",
            "mode": "markers",
            "x": [0.0],
            "y": [0.0],
            "z": [here + mark],
            "marker": {"size": 6, "color": VALUE, "line": {"color": "white", "width": 1}},
            "hovertemplate": f"now: V {here:.3f}<extra></extra>",
        },
    ]
    reach = float(moves[-1])
    figure_layout = layout_3d(
        axis_3d("G's moves", (-reach, reach), GENERATOR),
        axis_3d("D's moves", (-reach, reach), DISCRIMINATOR),
        axis_3d("V", (low, high)),
    )
    signs = key(
        ("●", VALUE, "now"),
        ("○", VALUE, "the next steps"),
        ("━", DISCRIMINATOR, "D alone"),
        ("━", GENERATOR, "G alone"),
    )
    note = {
        "xref": "paper",
        "x": 0.0,
        "xanchor": "left",
        "yref": "paper",
        "y": 1.0,
        "yanchor": "top",
        "text": signs,
        "showarrow": False,
        "font": {"size": FONT},
    }
    scene = figure_layout["scene"]
    scene["camera"] = scene["camera"] | {"eye": {name: FARTHER * at for name, at in EYE.items()}}
    return {"data": data, "layout": figure_layout | {"annotations": [note]}}


def span_of(value: Floats, here: float) -> tuple[float, float]:
    """The range of heights. A D that is sure and wrong sends V far down: that is cut, not drawn."""
    finite_values = value[np.isfinite(value)]
    top = float(finite_values.max())
    usual = max(top - here, here - float(np.median(finite_values)), 0.02)
    low = max(float(finite_values.min()), here - DEPTH * usual)
    return round_outward(low, top + 0.02 * (top - low))


def _line(x: Floats, y: Floats, z: Floats, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter3d",
        "mode": "lines",
        "x": typed(x),
        "y": typed(y),
        "z": typed(z),
        "line": {"color": colour, "width": 6},
        "hoverinfo": "skip",
    }


def _path(found: Found, moves: Floats, value: Floats, lift: float) -> list[dict[str, Any]]:
    """The next steps of the game, projected on the plane; nothing where they were not asked for."""
    if "path_g" not in found:
        return []
    g, d = (np.array([finite(at) for at in found[name]]) for name in ("path_g", "path_d"))
    heights = np.array([height_at(moves, value, a, b) for a, b in zip(g, d, strict=True)])
    return [
        {
            "type": "scatter3d",
            "mode": "lines+markers",
            "x": typed(g),
            "y": typed(d),
            "z": typed(heights + lift),
            "line": {"color": VALUE, "width": 5},
            "marker": {"size": 3, "color": "white", "line": {"color": VALUE, "width": 1}},
            "hovertemplate": "the game's next steps, projected<extra></extra>",
        }
    ]


def height_at(moves: Floats, value: Floats, a: float, b: float) -> float:
    """V between the grid's points, bilinear; NaN outside. `value`: [points of D, points of G]."""
    cell, count = float(moves[1] - moves[0]), len(moves)
    x, y = (a - float(moves[0])) / cell, (b - float(moves[0])) / cell
    if not (0.0 <= x <= count - 1 and 0.0 <= y <= count - 1):
        return float("nan")
    left, below = min(int(x), count - 2), min(int(y), count - 2)
    u, v = x - left, y - below
    corner = value[below : below + 2, left : left + 2]
    weights = np.array([[(1 - v) * (1 - u), (1 - v) * u], [v * (1 - u), v * u]])
    return float((corner * weights).sum())
