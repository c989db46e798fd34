"""What both players get: the cells of a table, its equilibria and present play as points of payoffs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.figures.games.motion import equilibrium_marks, path_dot
from gan_core.figures.games.numbers import amount
from gan_core.figures.games.table import Profile
from gan_core.figures.style import REFERENCE, VALUE, Figure, axis, faded, key, layout, typed
from gan_core.theory import games
from gan_core.theory.equilibria import equilibria
from gan_core.theory.payoffs import Floats


class PayoffsInfo(NamedTuple):
    """All cells as points of (row's payoff, column's payoff), and what the sliders' strategies get."""

    profile: Profile
    cells: Floats  # [m n, 2]
    pareto: list[bool]  # [m n]
    names: list[str]  # [m n]
    equilibria: Floats  # [k, 2]
    paid: tuple[float, float]


def payoffs_info(profile: Profile) -> PayoffsInfo:
    """Where each cell, each equilibrium and the sliders' strategies lie."""
    game = profile.game
    r = games.replies(game, profile.row, profile.column)
    found = np.array([e.payoffs for e in equilibria(game).items], dtype=float).reshape(-1, 2)
    names = [f"{one}, {other}" for one in profile.row_actions for other in profile.column_actions]
    pareto = [bool(mark) for mark in games.pareto_optimal(game).ravel()]
    cells = np.column_stack([game.a.ravel(), game.b.ravel()])
    return PayoffsInfo(profile, cells, pareto, names, found, (r.row_payoff, r.column_payoff))


def payoffs_said(info: PayoffsInfo) -> str:
    """What can be said of the payoffs reached."""
    one, other = info.profile.players
    paid = f"With your strategies {one} gets {amount(info.paid[0])}, {other} {amount(info.paid[1])}."
    worse = [point for point in info.equilibria if _beaten(point, info.cells)]
    if worse:
        return f"{paid} At least one equilibrium pays both less than some cell."
    return f"{paid} The game is not zero-sum: it has no single value."


def _beaten(point: Floats, cells: Floats) -> bool:
    return bool((cells > point + 1e-12).all(axis=1).any())


def payoffs_figure(info: PayoffsInfo) -> Figure:
    """Payoff of the row player to the right, of the column player upwards."""
    spans = []
    for which in (0, 1):
        low, high = float(info.cells[:, which].min()), float(info.cells[:, which].max())
        room = 0.15 * ((high - low) or 1.0)
        spans.append((low - room, high + room))
    cells = {
        "type": "scatter", "mode": "markers", "x": typed(info.cells[:, 0]), "y": typed(info.cells[:, 1]),
        "text": info.names, "hovertemplate": "%{text}: %{x:.4g}, %{y:.4g}<extra></extra>",
        "marker": {
            "size": 9, "color": [faded(REFERENCE, 0.9 if mark else 0.15) for mark in info.pareto],
            "line": {"width": 1.5, "color": REFERENCE},
        },
    }  # fmt: skip
    paid = path_dot(np.array([info.paid]), "your strategies", VALUE, symbol="circle", size=11,
                    line={"width": 1.5, "color": "white"})  # fmt: skip
    one, other = info.profile.players
    above = [key(("●", REFERENCE, "Pareto-optimal cell"), ("○", REFERENCE, "other cell")),
             key(("◇", VALUE, "equilibrium"), ("●", VALUE, "your strategies"))]  # fmt: skip
    drawn = layout(
        axis(f"{one}'s payoff", spans[0], zeroline=False),
        axis(f"{other}'s payoff", spans[1], zeroline=False), [], above=above, right=12,
    )  # fmt: skip
    return {
        "data": [cells, equilibrium_marks(info.equilibria), paid],
        "layout": drawn | {"uirevision": str(spans)},
    }
