"""The minimax theorem as two curves that meet, and the payoff of a 2 x 2 game as a surface."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.games.numbers import amount
from gan_core.figures.games.table import COLOURS, Profile
from gan_core.figures.relief import LIFT, MARK_LIFT, axis_3d, layout_3d, relief
from gan_core.figures.style import (
    DISCRIMINATOR,
    FONT,
    GENERATOR,
    LINE,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    key,
    layout,
    typed,
)
from gan_core.theory import games
from gan_core.theory.equilibria import equilibria
from gan_core.theory.learning import Motion
from gan_core.theory.payoffs import Floats

PATH_POINTS = 250  # of a path in 3-D, at most: thick lines are slow to draw without a graphics card
SURFACE_POINTS = 15


class MinimaxInfo(NamedTuple):
    """The least payoff the row player can get, and the most the column player can leave it.

    `at`: [k]; in a 2 x 2 game a probability of the first action, else how far each player has gone from
    the strategy set (0) to an optimal one (1).
    """

    profile: Profile
    is_square: bool  # 2 x 2
    at: Floats
    floor: Floats  # [k], payoff of the row player
    ceiling: Floats  # [k]
    value: float
    row_set: tuple[float, float]
    column_set: tuple[float, float]


def minimax_info(profile: Profile) -> MinimaxInfo:
    """max_x min_y x A y = min_y max_x x A y (von Neumann 1928), for a zero-sum game."""
    game, at = profile.game, np.linspace(0.0, 1.0, 101)
    x, y = np.array(profile.row), np.array(profile.column)
    solved = equilibria(game).items[0]
    x_star, y_star = np.array(solved.row, dtype=float), np.array(solved.column, dtype=float)
    is_square = game.shape == (2, 2)
    if is_square:
        # The corners of both curves are added, because a grid would miss them.
        corners = [*x_star, *y_star, x[0], y[0]]
        at = np.unique(np.append(at, corners))
        rows = columns = np.column_stack([at, 1 - at])
    else:
        rows, columns = x + at[:, None] * (x_star - x), y + at[:, None] * (y_star - y)
    floor, ceiling = games.floor_of(game, rows), games.ceiling_of(game, columns)
    here = (float(x[0]), float(y[0])) if is_square else (0.0, 0.0)
    sure = float(games.floor_of(game, x)[0]), float(games.ceiling_of(game, y)[0])
    pairs = (here[0], sure[0]), (here[1], sure[1])
    return MinimaxInfo(profile, is_square, at, floor, ceiling, float(solved.payoffs[0]), *pairs)


def minimax_said(info: MinimaxInfo) -> str:
    """The theorem in numbers."""
    one, other = info.profile.players
    value = amount(info.value)
    return (
        f"{one} is guaranteed {amount(info.row_set[1])}; {other} lets {one} get at most "
        f"{amount(info.column_set[1])}. Optimal play: both {value}, maximin = minimax."
    )


def _curve(info: MinimaxInfo, y: Floats, colour: str, name: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": typed(info.at), "y": typed(y),
        "line": {"color": colour, "width": 3},
        "hovertemplate": f"{name}: %{{y:.4g}} at %{{x:.2f}}<extra></extra>",
    }  # fmt: skip


def minimax_figure(info: MinimaxInfo) -> Figure:
    """The floor in the row player's colour, the ceiling in the column player's, the value between them."""
    one, other = info.profile.players
    span_low, span_high = float(info.profile.game.a.min()), float(info.profile.game.a.max())
    room = 0.08 * ((span_high - span_low) or 1.0)
    dots = {
        "type": "scatter", "mode": "markers", "x": [info.row_set[0], info.column_set[0]],
        "y": [info.row_set[1], info.column_set[1]], "cliponaxis": False,
        "marker": {"size": 11, "color": list(COLOURS), "line": {"width": 1.5, "color": "white"}},
        "hovertemplate": "your strategy: %{y:.4g}<extra></extra>",
    }  # fmt: skip
    level = {
        "type": "scatter", "mode": "lines", "x": [0.0, 1.0], "y": [info.value, info.value],
        "line": {"color": REFERENCE, "width": 1.5, "dash": "dash"},
        "hovertemplate": "value %{y:.4g}<extra></extra>",
    }  # fmt: skip
    if info.is_square:
        actions = info.profile.row_actions[0], info.profile.column_actions[0]
        title = f"probability of ‘{actions[0]}’" + (
            "" if actions[0] == actions[1] else f" ({one}), ‘{actions[1]}’ ({other})"
        )
    else:
        title = "from your strategies (0) to optimal ones (1)"
    above = [
        key((LINE, GENERATOR, f"{one} gets at least (maximin)")),
        key((LINE, DISCRIMINATOR, f"{other} lets {one} get at most (minimax)")),
    ]
    label = {"xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 4, "yref": "y", "y": info.value,
             "text": f"value<br>{amount(info.value)}", "align": "left", "showarrow": False,
             "font": {"size": FONT}}  # fmt: skip
    drawn = layout(
        axis(title, (0.0, 1.0), zeroline=False),
        axis(f"payoff of {one}", (span_low - room, span_high + room), zeroline=False, ticklabelstandoff=6),
        [label], above=above,
    )  # fmt: skip
    curves = [_curve(info, info.floor, GENERATOR, f"{one} gets at least"),
              _curve(info, info.ceiling, DISCRIMINATOR, f"{other} lets {one} get at most")]  # fmt: skip
    return {
        "data": [level, *curves, dots],
        "layout": drawn | {"uirevision": f"{span_low} {span_high} {title}"},
    }


class SurfaceInfo(NamedTuple):
    """One player's payoff over (p, q), with lines and points on it; rows of [.., 3]: p, q, payoff."""

    profile: Profile
    player: int
    grid: Floats  # [SURFACE_POINTS] probabilities, for both axes
    height: Floats  # [q, p]
    span: tuple[float, float]  # of the axis of payoffs
    curves: tuple[Floats | None, Floats | None]  # both players' best responses
    equilibria: Floats  # [k, 3]
    path: Floats  # [k, 3], k at most PATH_POINTS


def surface_info(profile: Profile, motion: Motion, player: int) -> SurfaceInfo:
    """The payoff of `player` in a 2 x 2 game; path, replies and equilibria get it as their height."""
    game, grid = profile.game, np.linspace(0.0, 1.0, SURFACE_POINTS)
    height = games.payoff_surface(game, player, grid[None, :], grid[:, None])

    def lifted(points: Floats) -> Floats:
        return np.column_stack([points, games.payoff_surface(game, player, points[:, 0], points[:, 1])])

    curves = []
    for who in (0, 1):
        curve = games.reply_curve(game, who)
        curves.append(None if curve is None else lifted(curve))
    points = np.array([(e.row[0], e.column[0]) for e in equilibria(game).items], dtype=float)
    moments = np.linspace(0, len(motion.time) - 1, min(len(motion.time), PATH_POINTS)).round().astype(int)
    path = lifted(np.column_stack([motion.row[moments, 0], motion.column[moments, 0]]))
    low, high = float(height.min()), float(height.max())
    spare = 0.05 * (high - low) or 1.0
    span = (low - spare, high + spare)
    return SurfaceInfo(profile, player, grid, height, span, (curves[0], curves[1]), lifted(points), path)


def surface_said(info: SurfaceInfo) -> str:
    """What to see on the surface."""
    one, other = info.profile.players
    whose = info.profile.players[info.player]
    wants = f"{one} changes p, {other} changes q"
    if info.profile.game.is_zero_sum:
        up, down = (one, other) if info.player == 0 else (other, one)
        wants = f"{up} wants it high, {down} wants it low"
    return f"The height is the payoff of {whose}: {wants}. Along p or q alone it is a straight line."


def _line3d(info: SurfaceInfo, points: Floats, colour: str, name: str, width: float) -> dict[str, Any]:
    return _over(info, points, name, LIFT) | {"mode": "lines", "line": {"color": colour, "width": width}}


def _dots3d(info: SurfaceInfo, points: Floats, name: str, **marker: Any) -> dict[str, Any]:
    return _over(info, points, name, MARK_LIFT) | {"mode": "markers", "marker": {"color": VALUE} | marker}


def _over(info: SurfaceInfo, points: Floats, name: str, share: float) -> dict[str, Any]:
    """Points [n, 3] of the surface, `share` of the picture's height over it; their payoffs in words."""
    above = points + np.array([0.0, 0.0, share * (info.span[1] - info.span[0])])
    return {
        "type": "scatter3d", "name": name,
        **{axis_name: typed(above[:, i]) for i, axis_name in enumerate("xyz")},
        "text": [f"{payoff:.4g}" for payoff in points[:, 2].tolist()],
        "hovertemplate": f"{name}<br>p %{{x:.2f}}, q %{{y:.2f}}: %{{text}}<extra></extra>",
    }  # fmt: skip


def surface_figure(info: SurfaceInfo) -> Figure:
    """The bilinear surface with both best-response curves, the path and the equilibria on it."""
    hover = "p %{x:.2f}, q %{y:.2f}: %{z:.4g}<extra></extra>"
    surface = relief(info.grid, info.grid, info.height, info.span, hover)
    lines = [
        _line3d(info, curve, COLOURS[who], f"best responses of {info.profile.players[who]}", 5)
        for who, curve in enumerate(info.curves)
        if curve is not None
    ]
    marks = [
        _line3d(info, info.path, VALUE, "path", 4),
        _dots3d(info, info.equilibria, "equilibrium", symbol="diamond-open", size=9),
        _dots3d(info, info.path[[0, -1]], "start and end", symbol=["circle-open", "circle"], size=8),
    ]
    p_axis = axis_3d("p", (0.0, 1.0)) | {"tickvals": [0.5, 1]}  # its 0 would cover the lowest payoff
    picture = layout_3d(p_axis, axis_3d("q", (0.0, 1.0)), axis_3d("payoff", info.span))
    return {"data": [surface, *lines, *marks], "layout": picture | {"annotations": [_caption(info)]}}


def _caption(info: SurfaceInfo) -> dict[str, Any]:
    replies = [(LINE, colour, player) for colour, player in zip(COLOURS, info.profile.players, strict=True)]
    return {
        "xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top",
        "align": "left", "showarrow": False, "font": {"size": FONT},
        "text": f"best response: {key(*replies, ('◇', VALUE, 'equilibrium'), ('○', VALUE, 'start'))}",
    }  # fmt: skip
