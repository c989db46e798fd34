"""V along the last moves, from above and as a surface."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.relief import COLOURS, LIFT, MARK_LIFT, axis_3d, layout_3d, relief
from gan_core.figures.series import grain_of
from gan_core.figures.style import (
    DISCRIMINATOR,
    FONT,
    GENERATOR,
    VALUE,
    Figure,
    axis,
    key,
    layout,
    number,
    press_play,
    typed,
)
from gan_core.figures.toy.slice import LEVELS, REACH, SliceInfo, height_now
from gan_core.history import Array

GREY = "#A6A6A6"
"""Of heights, in a key."""
FAR = 1.2
"""The distance of the camera, in that of larger surfaces: the titles need room beside the plane."""
G_AXIS, D_AXIS = "G's last direction (moves)", "D's last direction (moves)"
NO_PLANE = "No plane in this picture:<br>both players must move first,<br>and have small networks."


def slice_figure(info: SliceInfo) -> Figure:
    """From above: V as greys and lines, both players' lines, the path. `solid`: all that as a surface."""
    side = {"zeroline": False, "showgrid": False, "nticks": 5}
    note = press_play(not info.played)
    if info.played and not len(info.at):
        place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        note = [place | {"text": NO_PLANE, "font": {"size": FONT}}]
    above = [
        key(("●", VALUE, "now"), ("○", VALUE, "before"), ("■", GREY, _in_unit(info))),
        key(("▲", DISCRIMINATOR, "highest along D"), ("▼", GENERATOR, "lowest along G")),
    ]
    frame = layout(
        axis(G_AXIS, (-REACH, REACH), **side), axis(D_AXIS, (-REACH, REACH), **side), note,
        above=above, left=44, right=12,
    )  # fmt: skip
    traces = [_ground(info), *_lines(info), *_marks(info)] if len(info.at) else []
    return {"data": traces, "layout": frame, "solid": _solid(info)}


def _ground(info: SliceInfo) -> dict[str, Any]:
    low, high = info.span
    size = grain_of((high - low) / LEVELS)
    return {
        "type": "contour",
        "name": "V",
        "x": typed(info.at),
        "y": typed(info.at),
        "z": typed(info.height),
        "zmin": low,
        "zmax": high,
        "colorscale": COLOURS,
        "showscale": False,
        "autocontour": False,
        "contours": {
            "start": low, "end": high, "size": size, "showlabels": True,
            "labelfont": {"size": FONT - 2, "color": "#000000"},
        },
        "line": {"width": 0.7, "color": "#595959"},
        "hovertemplate": _hover(info, "%{z:.3f}"),
    }  # fmt: skip


def _lines(info: SliceInfo) -> list[dict[str, Any]]:
    """Both players' lines through the present game, along which the curvatures are measured."""
    ends, zero = [-REACH, REACH], [0.0, 0.0]
    return [
        {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colour, "width": 1.5},
         "hoverinfo": "skip"}
        for x, y, colour in ((zero, ends, DISCRIMINATOR), (ends, zero, GENERATOR))
    ]  # fmt: skip


def _marks(info: SliceInfo) -> list[dict[str, Any]]:
    """The path, both extrema, and the present game over them."""
    if info.d is None or info.g is None:
        return []
    edge = {"color": "white", "width": 1}
    path = {
        "type": "scatter", "mode": "lines+markers", "x": typed(info.path[:, 0]), "y": typed(info.path[:, 1]),
        "customdata": typed(info.path_height), "line": {"color": VALUE, "width": 2},
        "marker": {"symbol": "circle", "size": 6, "color": "white", "line": {"color": VALUE, "width": 1.5}},
        "hovertemplate": "a plane before, projected:<br>" + _hover(info, "%{customdata:.3f}"),
    }  # fmt: skip
    extrema = [
        {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "cliponaxis": False,
         "marker": {"symbol": symbol, "size": 11, "color": colour, "line": edge},
         "hovertemplate": f"{word}: V {number(cut.height, 3)} {info.unit}".rstrip() + "<extra></extra>"}
        for x, y, symbol, colour, word, cut in (
            (0.0, info.d.best, "triangle-up", DISCRIMINATOR, "highest along D", info.d),
            (info.g.best, 0.0, "triangle-down", GENERATOR, "lowest along G", info.g),
        )
    ]  # fmt: skip
    now = {
        "type": "scatter", "mode": "markers", "x": [0.0], "y": [0.0],
        "marker": {"symbol": "circle", "size": 8, "color": VALUE, "line": edge},
        "hovertemplate": f"now: V {number(height_now(info), 3)} {info.unit}".rstrip() + "<extra></extra>",
    }  # fmt: skip
    return [path, *extrema, now]


def _solid(info: SliceInfo) -> Figure:
    """The surface in 3-D, with both lines and the path on it. Chasms are holes."""
    g_axis, d_axis = (
        axis_3d(f"{player}'s moves", (-REACH, REACH), colour)
        for player, colour in (("G", GENERATOR), ("D", DISCRIMINATOR))
    )
    picture = layout_3d(g_axis, d_axis, axis_3d("", info.span))
    camera = picture["scene"]["camera"]
    camera["eye"] = {way: FAR * at for way, at in camera["eye"].items()}
    entries = ("●", VALUE, "now"), ("━", VALUE, "before"), ("■", GREY, _in_unit(info))
    corner = {"xref": "paper", "x": 0.0, "xanchor": "left", "yref": "paper", "y": 1.0, "yanchor": "top"}
    picture["annotations"] = [corner | {"text": key(*entries), "showarrow": False, "font": {"size": FONT}}]
    if not len(info.at):
        return {"data": [], "layout": picture}
    middle, zero = len(info.at) // 2, np.zeros(len(info.at))
    shown = np.where((info.height >= info.span[0]) & (info.height <= info.span[1]), info.height, np.nan)
    lift = info.span[1] - info.span[0]

    def line(x: Array, y: Array, z: Array, colour: str, width: int) -> dict[str, Any]:
        stroke = {"color": colour, "width": width}
        return {"type": "scatter3d", "mode": "lines", "x": typed(x), "y": typed(y),
                "z": typed(z + LIFT * lift), "line": stroke, "hoverinfo": "skip"}  # fmt: skip

    now = {
        "type": "scatter3d", "mode": "markers", "x": [0.0], "y": [0.0],
        "z": [height_now(info) + MARK_LIFT * lift],
        "marker": {"color": VALUE, "size": 5, "line": {"color": "white", "width": 1}},
        "hovertemplate": f"now: V {number(height_now(info), 3)} {info.unit}".rstrip() + "<extra></extra>",
    }  # fmt: skip
    return {
        "data": [
            relief(info.at, info.at, shown, info.span, _hover(info, "%{z:.3f}")),
            line(zero, info.at, shown[:, middle], DISCRIMINATOR, 4),
            line(info.at, zero, shown[middle], GENERATOR, 4),
            line(info.path[:, 0], info.path[:, 1], info.path_height, VALUE, 6),
            now,
        ],
        "layout": picture,
    }


def _in_unit(info: SliceInfo) -> str:
    """What heights are, for a key."""
    return f"V in {info.unit}" if info.unit else "V"


def _hover(info: SliceInfo, height: str) -> str:
    """The label of a point of the plane; `height`: where Plotly has it."""
    return f"G %{{x:.2f}}, D %{{y:.2f}} moves<br>V {height} {info.unit}".rstrip() + "<extra></extra>"
