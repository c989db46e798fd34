"""The vector field with the paths, and the surface of the game, both with the moves in slow motion."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.arrows import arrows
from gan_core.figures.relief import LIFT, MARK_LIFT, axis_3d, layout_3d, relief
from gan_core.figures.saddle.simulation import (
    PATHS,
    SPAN,
    WIDE,
    Simulation,
    Trajectory,
    motion,
    stands,
    timeline,
    trails,
)
from gan_core.figures.series import grain_of, round_outward
from gan_core.figures.style import (
    DISCRIMINATOR,
    GENERATOR,
    LINE,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    faded,
    key,
    layout,
    typed,
)
from gan_core.theory.two_player import Floats

ARROWS = 9
"""The number of arrows in a column."""

HEIGHTS = 25
"""Grid points of the surface along each axis."""

CELL = 2 * SPAN / (ARROWS + 1)
SHAFT = 0.07 * CELL  # width of an arrow's shaft

# ---------------------------------------------------------------- the vector field


class FieldInfo(NamedTuple):
    """Arrows and paths; an arrow shows where one simultaneous step would go."""

    simulation: Simulation
    tail: Floats  # [n, 2]
    step: Floats  # [n, 2]: -D v at the tail


def field_info(simulation: Simulation) -> FieldInfo:
    """-D v on a grid of square cells, as wide as a wide panel shows."""
    beside, above = round(WIDE / CELL), ARROWS // 2
    across, upward = (CELL * np.arange(-cells, cells + 1) for cells in (beside, above))
    x, y = (axis.ravel() for axis in np.meshgrid(across, upward))
    v_x, v_y = simulation.game.field(x, y)
    setup = simulation.trajectories[0].setup
    step = np.column_stack([-setup.eta_x * v_x, -setup.eta_y * v_y])
    return FieldInfo(simulation, np.column_stack([x, y]), step)


def drawn_steps(info: FieldInfo) -> Floats:
    """The steps [n, 2] as drawn: the longest is 0.85 of a cell, lengths go as |step|^(1/2)."""
    size = np.hypot(info.step[:, 0], info.step[:, 1])
    longest = float(size.max(initial=0.0))
    if not longest > 0:
        return np.zeros_like(info.step)
    scale = np.where(size > 0, np.sqrt(size / longest) / np.where(size > 0, size, 1.0), 0.0)
    return 0.85 * CELL * info.step * scale[:, None]


def _path_trace(trajectory: Trajectory, place: int) -> dict[str, Any]:
    dash = {"dash": "dash"} if place else {}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": trajectory.title,
        "x": typed(trajectory.record.path[:, 0]),
        "y": typed(trajectory.record.path[:, 1]),
        "line": {"color": faded(PATHS[place], 0.75), "width": 1.6} | dash,
        "hovertemplate": "%{x:.3f}, %{y:.3f}<extra>" + trajectory.title + "</extra>",
    }


def _dot(colour: str, size: float = 11.0) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [],
        "y": [],
        "marker": {"color": colour, "size": size, "line": {"color": "white", "width": 1.5}},
        "hovertemplate": "now: %{x:.3f}, %{y:.3f}<extra></extra>",
    }


def _field_movers(simulation: Simulation, first: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The traces that move, and their motions; `first`: the number of the first one in the figure."""
    traces: list[dict[str, Any]] = []
    motions = []
    strokes = {"both": REFERENCE, "x": GENERATOR, "y": DISCRIMINATOR}
    for place, trajectory in enumerate(simulation.trajectories):
        made = timeline(simulation, trajectory).strokes
        for who, colour in strokes.items():
            trail = trails(trajectory.record, made, who)
            if trail.shape[1]:
                dash = "dot" if who == "both" else "solid"
                traces.append(
                    {"type": "scatter", "mode": "lines", "x": [], "y": [], "hoverinfo": "skip",
                     "line": {"color": colour, "width": 4, "dash": dash}}
                )  # fmt: skip
                motions.append(
                    motion(simulation, first + len(traces) - 1, x=trail[:, :, 0], y=trail[:, :, 1])
                )
        at = stands(trajectory.record, made)
        traces.append(_dot(PATHS[place]))
        motions.append(motion(simulation, first + len(traces) - 1, x=at[:, 0], y=at[:, 1]))
    return traces, motions


def _marks(simulation: Simulation) -> list[dict[str, Any]]:
    """The equilibrium and the start."""
    start = simulation.trajectories[0].record.path[0]
    cross = {"symbol": "cross-thin", "size": 15, "line": {"color": REFERENCE, "width": 2.5}}
    ring = {"symbol": "circle-open", "size": 8, "color": VALUE, "line": {"width": 2}}
    places = (("(0, 0)", 0.0, 0.0, cross), ("start", float(start[0]), float(start[1]), ring))
    return [
        {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "marker": marker,
         "hovertemplate": name + "<br>%{x:.2f}, %{y:.2f}<extra></extra>"}
        for name, x, y, marker in places
    ]  # fmt: skip


def field_figure(info: FieldInfo) -> Figure:
    """The vector field from above, the paths, and the moves of the present step."""
    simulation = info.simulation
    flow = arrows(info.tail, drawn_steps(info), SHAFT)
    still = [flow, *(_path_trace(p, i) for i, p in enumerate(simulation.trajectories)), *_marks(simulation)]
    movers, motions = _field_movers(simulation, len(still))
    colours = tuple((LINE, PATHS[i], p.title) for i, p in enumerate(simulation.trajectories))
    inks = (GENERATOR, DISCRIMINATOR)
    moves = ((LINE, ink, f"{name} moves") for ink, name in zip(inks, simulation.players, strict=True))
    marks = (("○", VALUE, "start"), ("+", REFERENCE, "(0, 0)"))
    return {
        "data": [*still, *movers],
        "layout": layout(
            axis(simulation.x_name, (-SPAN, SPAN), zeroline=True),
            axis(simulation.y_name, (-SPAN, SPAN), zeroline=True, scaleanchor="x", scaleratio=1),
            [],
            above=[key(*colours, *marks), key(*moves)],
            right=14,
        ),
        "motion": motions,
    }


# ---------------------------------------------------------------- the surface


class SurfaceInfo(NamedTuple):
    """Heights of the value on a grid."""

    simulation: Simulation
    at: Floats  # [n], along either axis
    height: Floats  # [n (y), n (x)]
    span: tuple[float, float]  # of the axis of heights, rounded so that it stays at small changes


def surface_info(simulation: Simulation) -> SurfaceInfo:
    """The value on a grid of HEIGHTS x HEIGHTS points."""
    at = np.linspace(-SPAN, SPAN, HEIGHTS)
    height = np.asarray(simulation.game.value(at[None, :], at[:, None]), float) + np.zeros((HEIGHTS, HEIGHTS))
    low, high = float(height.min()), float(height.max())
    spare = 0.05 * (high - low) or 1.0
    return SurfaceInfo(simulation, at, height, round_outward(low - spare, high + spare, parts=4))


def _lifted(info: SurfaceInfo, points: Floats, share: float = LIFT) -> Floats:
    """Points [n, 2] with their height plus `share` of the picture's, [n, 3]; NaN outside the picture."""
    inside = np.abs(points).max(axis=1) <= SPAN
    over = np.where(inside[:, None], points, np.nan)
    lift = share * (info.span[1] - info.span[0])
    return np.column_stack([over, np.asarray(info.simulation.game.value(over[:, 0], over[:, 1])) + lift])


def surface_figure(info: SurfaceInfo) -> Figure:
    """The surface in 3-D, with its cuts along x and y through the equilibrium, and the paths on it."""
    simulation = info.simulation
    hover = f"{simulation.height} %{{z:.3f}}<extra></extra>"
    data = [relief(info.at, info.at, info.height, info.span, hover), *_cuts(info)]
    motions = []
    for place, trajectory in enumerate(simulation.trajectories):
        x, y, z = _lifted(info, trajectory.record.path).T
        data.append(
            {"type": "scatter3d", "mode": "lines", "x": typed(x), "y": typed(y), "z": typed(z),
             "line": {"color": PATHS[place], "width": 5}, "hoverinfo": "skip"}
        )  # fmt: skip
        x, y, z = _lifted(
            info, stands(trajectory.record, timeline(simulation, trajectory).strokes), MARK_LIFT
        ).T
        motions.append(motion(simulation, len(data), x=x, y=y, z=z))
        data.append(
            {"type": "scatter3d", "mode": "markers", "x": [], "y": [], "z": [], "hoverinfo": "skip",
             "marker": {"color": PATHS[place], "size": 5, "line": {"color": "white", "width": 1}}}
        )  # fmt: skip
    picture = layout_3d(
        axis_3d(simulation.players[0], (-SPAN, SPAN), GENERATOR),
        axis_3d(simulation.players[1], (-SPAN, SPAN), DISCRIMINATOR),
        axis_3d(simulation.height, info.span) | {"tickvals": _ticks_but_the_lowest(*info.span)},
    )
    return {"data": data, "layout": picture, "motion": motions}


def _ticks_but_the_lowest(low: float, high: float) -> list[float]:
    """Ticks of an axis between round numbers. The lowest would cover the title of the axis below."""
    grain = grain_of((high - low) / 4)
    return [low + k * grain for k in range(1, round((high - low) / grain) + 1)]


def _cuts(info: SurfaceInfo) -> list[dict[str, Any]]:
    """The cut along each player's axis through the equilibrium, in its colour, and the equilibrium."""
    lines = []
    for along, colour in zip(np.eye(2), (GENERATOR, DISCRIMINATOR), strict=True):
        x, y, z = _lifted(info, info.at[:, None] * along).T
        lines.append(
            {"type": "scatter3d", "mode": "lines", "x": typed(x), "y": typed(y), "z": typed(z),
             "hoverinfo": "skip", "line": {"color": colour, "width": 3}}
        )  # fmt: skip
    x, y, z = _lifted(info, np.zeros((1, 2)), MARK_LIFT).T
    peak = {
        "type": "scatter3d", "mode": "markers", "x": typed(x), "y": typed(y), "z": typed(z),
        "hoverinfo": "skip", "marker": {"symbol": "cross", "color": REFERENCE, "size": 5},
    }  # fmt: skip
    return [*lines, peak]
