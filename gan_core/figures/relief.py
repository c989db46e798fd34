"""A 3-D surface that can be redrawn while a slider moves.

Plotly's own "surface" resamples every grid to at least 128 x 128 at each redrawing: a quarter of a
second without a graphics card. The same heights as a mesh of triangles take a quarter of that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.style import FONT, typed
from gan_core.theory.two_player import Floats

LIFT = 0.02
"""Height of a line above its surface, as a share of the picture's height: lower ones are cut by triangles."""

MARK_LIFT = 0.06
"""The same for a mark. It faces the viewer, so the surface would hide its lower half."""

EYE = {"x": 1.5, "y": -1.7, "z": 1.05}
COLOURS = [[0.0, "#4D4D4D"], [0.5, "#A6A6A6"], [1.0, "#E6E6E6"]]
"""Greys, because colours stand for the players."""


def relief(
    x: Floats, y: Floats, z: Floats, span: tuple[float, float], hover: str, **more: Any
) -> dict[str, Any]:
    """Heights z [rows, columns] over x [columns] and y [rows] as triangles; a NaN in z is a hole.

    The surface is opaque: a transparent one needs two more passes of drawing and loses its anti-aliasing.

    `span`: the range of the axis of heights. Two corners outside all triangles stand at its ends, so that
    the range of the data stays: when it changes, Plotly compiles the shader of the axes again (30 ms).
    """
    rows, columns = z.shape
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    right, above, across = corner + 1, corner + columns, corner + columns + 1
    triangles = np.concatenate([np.stack([corner, right, above]), np.stack([right, across, above])], axis=1)
    triangles = triangles[:, np.isfinite(z.ravel()[triangles]).all(axis=0)]
    across_x, across_y = np.meshgrid(x, y)
    heights = np.nan_to_num(z.ravel())
    return {
        "type": "mesh3d",
        "x": typed(np.append(across_x.ravel(), [x[0], x[0]])),
        "y": typed(np.append(across_y.ravel(), [y[0], y[0]])),
        "z": typed(np.append(heights, span)),
        **dict(zip("ijk", (typed(index) for index in triangles), strict=True)),
        "intensity": typed(np.append(heights, heights[:2])),
        "colorscale": COLOURS,
        "showscale": False,
        "flatshading": False,
        "lighting": {"ambient": 0.75, "diffuse": 0.45, "specular": 0.05},
        "hovertemplate": hover,
    } | more


def layout_3d(x: dict[str, Any], y: dict[str, Any], z: dict[str, Any]) -> dict[str, Any]:
    """The layout of one 3-D figure; `axis_3d` makes the axes."""
    return {
        "scene": {
            "xaxis": x,
            "yaxis": y,
            "zaxis": z,
            "aspectmode": "manual",
            "aspectratio": {"x": 1.1, "y": 1.1, "z": 0.75},
            "camera": {"eye": EYE, "center": {"x": 0.0, "y": 0.0, "z": -0.16}},
        },
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "showlegend": False,
        "uirevision": "keep",
        "font": {"size": FONT},
    }


def axis_3d(title: str, span: tuple[float, float], colour: str | None = None) -> dict[str, Any]:
    """An axis of a 3-D picture, its title in a player's colour if it has one."""
    heading: dict[str, Any] = {"text": title, "font": {"size": FONT}}
    if colour:
        heading["font"]["color"] = colour
    return {"title": heading, "range": list(span), "nticks": 4, "tickfont": {"size": FONT + 1}}
