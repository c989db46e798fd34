"""Data in a plane: real and generated samples, D's answer everywhere, and what G makes of a grid of z."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.style import (
    FAKE,
    FONT,
    GENERATOR,
    REAL,
    REFERENCE,
    Figure,
    axis,
    faded,
    layout,
    number,
    press_play,
    typed,
)
from gan_core.history import Array, Keyframe
from gan_core.theory.distances import modes_hit
from gan_core.theory.objectives import Objective
from gan_core.theory.toys import Mode, Toy

REAL_SHOWN = 300
LONGEST_ARROW = 0.06
"""Of the width of the picture."""
LEAST_CONTRAST = 0.1
"""How far from its line D's map is in full colour, at least: a flat D should look flat."""
HIDDEN = ["G's grid", "G's gradient"]
"""Layers that a viewer has to switch on."""
MOST_NAMED = 4
"""Missed modes that are named over the chart."""
EMPTY = np.zeros((0, 2))


class PlaneInfo(NamedTuple):
    """What is in the picture; D on its own axis."""

    window: tuple[float, float]
    real: Array  # [n, 2]
    samples: Array  # [m, 2]
    d_map: Array  # [k, k], rows up, columns across; [0, 0] before the first picture
    line: float  # in the middle of D's colours: its equilibrium, or half way between its highest and lowest
    has_line: bool
    warp: Array  # [g, g, 2]
    arrows: Array  # [a, 2, 2], from each of the first samples to where G moves it
    modes: list[tuple[Mode, bool]]  # whether it is hit


@lru_cache(maxsize=16)
def real_shown(toy: Toy) -> Array:
    """The real samples of the picture, always the same."""
    return toy.sample(REAL_SHOWN, np.random.default_rng(0))


def plane_info(frame: Keyframe | None, toy: Toy, d_reference: float | None) -> PlaneInfo:
    """Of a keyframe of a game in a plane; None before there is any."""
    window, real = toy.window, real_shown(toy)
    if frame is None or "d_map" not in frame.arrays:
        modes = [(mode, False) for mode in toy.modes]
        return PlaneInfo(window, real, EMPTY, np.zeros((0, 0)), 0.5, False, np.zeros((0, 0, 2)),
                         np.zeros((0, 2, 2)), modes)  # fmt: skip
    samples, d_map = frame["samples"].astype(float), frame["d_map"].astype(float)
    line = (d_map.min() + d_map.max()) / 2 if d_reference is None else d_reference
    hit = modes_hit(samples, toy)
    return PlaneInfo(
        window, real, samples, d_map, float(line), d_reference is not None, frame["warp"].astype(float),
        _arrows(samples, frame["slopes"].astype(float), window), list(zip(toy.modes, hit, strict=True)),
    )  # fmt: skip


def _arrows(samples: Array, slopes: Array, window: tuple[float, float]) -> Array:
    """From samples along their slopes [a, 2]; the longest has a fixed length."""
    longest = float(np.sqrt((slopes**2).sum(axis=1)).max(initial=0.0))
    scale = LONGEST_ARROW * (window[1] - window[0]) / longest if longest > 0 else 0.0
    first = samples[: len(slopes)]
    return np.stack([first, first + scale * slopes], axis=1)


def plane_figure(info: PlaneInfo, objective: Objective) -> Figure:
    """Layers that can be switched, from the ground up: D's map and line, real, generated, grid, gradient."""
    traces = []
    if info.d_map.size:
        traces += [_map(info, objective)]
        if info.has_line:
            traces.append(_line_of_d(info))
    traces.append(_points("real", info.real, REAL, "circle-open", 5))
    traces.append(_points("generated", info.samples, FAKE, "circle", 5))
    traces.append(_strokes("G's grid", _grid_lines(info.warp), GENERATOR, 1.2))
    traces.append(_strokes("G's gradient", list(info.arrows), REFERENCE, 1.5))
    if info.modes:
        traces.append(_names(info))
    side = {"zeroline": False, "showgrid": False, "nticks": 5}
    frame = layout(
        axis("x₁", info.window, constrain="domain", **side),
        axis("x₂", info.window, scaleanchor="x", constrain="domain", **side),
        press_play(not len(info.samples)), above=[modes_said(info)], right=14,
    )  # fmt: skip
    return {"data": traces, "layout": frame | {"showlegend": True}, "hidden": HIDDEN}


def modes_said(info: PlaneInfo) -> str:
    """How many modes are hit, and which are not."""
    if not info.modes or not len(info.samples):
        return ""
    missed = [mode.name for mode, hit in info.modes if not hit]
    told = f"modes hit: {len(info.modes) - len(missed)} of {len(info.modes)}"
    named = ", ".join(missed[:MOST_NAMED]) + (" …" if len(missed) > MOST_NAMED else "")
    return told + (f"; missed: {named}" if missed else "")


def _map(info: PlaneInfo, objective: Objective) -> dict[str, Any]:
    across = np.linspace(*info.window, info.d_map.shape[1])
    far = max(float(np.abs(info.d_map - info.line).max()), LEAST_CONTRAST)
    shades = [[0.0, faded(FAKE, 0.55)], [0.5, faded(REFERENCE, 0.08)], [1.0, faded(REAL, 0.55)]]
    name = "output" if objective.axis == "probability" else "score"
    return {
        "type": "heatmap",
        "name": "D's map",
        "x": typed(across),
        "y": typed(across),
        "z": typed(info.d_map),
        "zmin": info.line - far,
        "zmax": info.line + far,
        "colorscale": shades,
        "showscale": False,
        "zsmooth": "best",
        "line": {"color": faded(REAL, 0.55)},
        "hovertemplate": f"D's {name} %{{z:.3f}}<extra></extra>",
    }


def _line_of_d(info: PlaneInfo) -> dict[str, Any]:
    across = np.linspace(*info.window, info.d_map.shape[1])
    return {
        "type": "contour",
        "name": f"D = {number(info.line)}",
        "x": typed(across),
        "y": typed(across),
        "z": typed(info.d_map),
        "contours": {"start": info.line, "end": info.line, "size": 1, "coloring": "none"},
        "line": {"color": REFERENCE, "width": 1.5, "dash": "dash"},
        "showscale": False,
        "hoverinfo": "skip",
    }


def _points(name: str, points: Array, colour: str, symbol: str, size: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": typed(points[:, 0]),
        "y": typed(points[:, 1]),
        "marker": {"color": faded(colour, 0.75), "symbol": symbol, "size": size},
        "hovertemplate": f"{name} (%{{x:.2f}}, %{{y:.2f}})<extra></extra>",
    }


def _strokes(name: str, lines: list[Array], colour: str, width: float) -> dict[str, Any]:
    """Lines [n, 2] in one trace, with gaps between them."""
    gap = np.full((1, 2), np.nan)
    path = np.concatenate([part for line in lines for part in (line, gap)]) if lines else EMPTY
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": typed(path[:, 0]),
        "y": typed(path[:, 1]),
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def _grid_lines(warp: Array) -> list[Array]:
    return [*warp, *warp.swapaxes(0, 1)] if warp.size else []


def _names(info: PlaneInfo) -> dict[str, Any]:
    centres = np.array([mode.centre for mode, _ in info.modes])
    reach = np.array([mode.radius for mode, _ in info.modes])
    signs = ["✓" if hit else "✗" for _, hit in info.modes]
    return {
        "type": "scatter",
        "mode": "text",
        "name": "modes",
        "x": typed(centres[:, 0]),
        "y": typed(centres[:, 1] + 0.5 * reach),
        "text": signs if len(info.samples) else [""] * len(signs),
        "customdata": [mode.name for mode, _ in info.modes],
        "textfont": {"size": FONT},
        "textposition": "top center",
        "hovertemplate": "%{customdata}<extra></extra>",
    }
