"""A finite game as pictures: the marked table, and what each action pays.

The row player is orange and the column player blue, as G and D are. `Scene` holds what all of them
need: the game, names, and the strategies set by the reader.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FILLED,
    FONT,
    GENERATOR,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    faded,
    key,
    layout,
    number,
)
from gan_core.theory import games
from gan_core.theory.payoffs import Floats, Game, number_text

COLOURS = (GENERATOR, DISCRIMINATOR)


class Scene(NamedTuple):
    """A game with the names of its players and actions, and a strategy of each player."""

    game: Game
    players: tuple[str, str]
    row_actions: tuple[str, ...]
    column_actions: tuple[str, ...]
    row: tuple[float, ...]  # [m], adds up to 1
    column: tuple[float, ...]  # [n]


class TableInfo(NamedTuple):
    """A table and what stands out in it; every array is [m, n]."""

    scene: Scene
    row_best: games.Marks
    column_best: games.Marks
    nash: games.Marks
    pareto: games.Marks
    weight: Floats  # probability of the cell under the strategies set


def table_info(scene: Scene) -> TableInfo:
    """Best responses, pure equilibria and Pareto-optimal cells of the table."""
    row, column = games.best_responses(scene.game)
    weight = np.outer(scene.row, scene.column)
    return TableInfo(scene, row, column, row & column, games.pareto_optimal(scene.game), weight)


def table_said(info: TableInfo) -> str:
    """The table in words."""
    scene = info.scene
    cells = [f"({scene.row_actions[i]}, {scene.column_actions[j]})" for i, j in np.argwhere(info.nash)]
    stable = f"Stable: {', '.join(cells)}." if cells else "No cell is stable: one player always moves."
    best = "Every cell is" if info.pareto.all() else f"{info.pareto.sum()} of {info.pareto.size} cells are"
    return f"{stable} {best} Pareto-optimal."


def _payoff_marks(info: TableInfo, who: int) -> dict[str, Any]:
    """One player's payoffs: on a filled ground where the action is a best response."""
    game, best = info.scene.game, (info.row_best, info.column_best)[who]
    m, n = game.shape
    cells = [(i, j) for i in range(m) for j in range(n)]
    side, drop = (0.28, 0.68) if who == 0 else (0.72, 0.32)
    table, own = (game.row, game.column)[who], COLOURS[who]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [j + side for _, j in cells],
        "y": [i + drop for i, _ in cells],
        "text": [
            f"<b>{t}</b>" if best[c] else t for c in cells for t in [_minus(number_text(table[c[0]][c[1]]))]
        ],
        "textfont": {"size": FONT + 2 if max(m, n) < 4 else FONT},
        "marker": {
            "symbol": "square",
            "size": 24 if max(m, n) < 4 else 18,
            "color": [faded(own, 0.45) if best[c] else "rgba(0,0,0,0)" for c in cells],
            "line": {"width": [1.5 if best[c] else 0 for c in cells], "color": own},
        },
        "customdata": ["best response" if best[c] else "not a best response" for c in cells],
        "hovertemplate": f"{info.scene.players[who]} gets %{{text}}: %{{customdata}}<extra></extra>",
    }


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _cell_shapes(info: TableInfo) -> list[dict[str, Any]]:
    """Cells, shaded by how likely they are played; stable ones framed, Pareto-optimal ones dotted inside."""
    shapes: list[dict[str, Any]] = []
    for i, j in np.ndindex(info.weight.shape):
        box = {"type": "rect", "x0": j, "x1": j + 1, "y0": i, "y1": i + 1, "layer": "below"}
        shade = faded(VALUE, round(0.5 * float(info.weight[i, j]), 3))
        shapes.append(box | {"fillcolor": shade, "line": {"width": 1, "color": faded(REFERENCE, 0.6)}})
    for i, j in np.argwhere(info.pareto).tolist():
        box = {"type": "rect", "x0": j + 0.07, "x1": j + 0.93, "y0": i + 0.07, "y1": i + 0.93}
        shapes.append(box | {"line": {"width": 1.5, "color": REFERENCE, "dash": "dot"}})
    for i, j in np.argwhere(info.nash).tolist():
        box = {"type": "rect", "x0": j, "x1": j + 1, "y0": i, "y1": i + 1}
        shapes.append(box | {"line": {"width": 4, "color": VALUE}})
    return shapes


def table_figure(info: TableInfo) -> Figure:
    """The bimatrix: row player's payoff lower left, column player's upper right."""
    scene = info.scene
    m, n = scene.game.shape
    rows = [f"{name}<br>{number(p)}" for name, p in zip(scene.row_actions, scene.row, strict=True)]
    columns = [f"{name}<br>{number(q)}" for name, q in zip(scene.column_actions, scene.column, strict=True)]
    hidden = {"showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 0}
    x = axis(f"{scene.players[1]}'s action, with its probability", (0, n), **hidden)
    y = axis(f"{scene.players[0]}'s action", (m, 0), **hidden)
    x |= {"tickvals": [j + 0.5 for j in range(n)], "ticktext": columns, "title": x["title"] | {"standoff": 0}}
    y |= {"tickvals": [i + 0.5 for i in range(m)], "ticktext": rows}
    if n > 3:
        x["tickfont"] = {"size": FONT - 2}
    entries = [(FILLED, faded(COLOURS[who], 0.6), f"{scene.players[who]}'s best reply") for who in (0, 1)]
    marks = key(("□", VALUE, "<b>stable</b> (Nash)"), ("⬚", REFERENCE, "Pareto-optimal"))
    drawn = layout(x, y, [], above=[key(*entries), marks], left=84, right=10, shapes=_cell_shapes(info))
    drawn["margin"]["b"] = 48
    figure = {"data": [_payoff_marks(info, 0), _payoff_marks(info, 1)], "layout": drawn}
    return figure | {"layout": drawn | {"uirevision": f"{m} {n}"}}


class RepliesInfo(NamedTuple):
    """What each action pays against the other's strategy, and the range of all payoffs."""

    scene: Scene
    replies: games.Replies
    span: tuple[float, float]


def replies_info(scene: Scene) -> RepliesInfo:
    """Payoffs and regrets at the strategies set; the range is that of the table, so it never jumps."""
    both = np.concatenate([scene.game.a.ravel(), scene.game.b.ravel(), [0.0]])
    room = 0.12 * (float(np.ptp(both)) or 1.0)
    found = games.replies(scene.game, scene.row, scene.column)
    return RepliesInfo(scene, found, (float(both.min()) - room, float(both.max()) + room))


def replies_said(info: RepliesInfo) -> str:
    """Who could do better alone, and by how much."""
    names, r = info.scene.players, info.replies
    row_best = info.scene.row_actions[int(r.row_payoffs.argmax())]
    column_best = info.scene.column_actions[int(r.column_payoffs.argmax())]
    if max(r.row_regret, r.column_regret) < 5e-4:
        return "No player can do better alone: both regrets are 0. This is an equilibrium."
    gains = [
        f"{name} gains {number(regret)} alone by ‘{action}’"
        if regret >= 5e-4
        else f"{name} cannot do better alone"
        for name, regret, action in (
            (names[0], r.row_regret, row_best), (names[1], r.column_regret, column_best),
        )
    ]  # fmt: skip
    return f"{gains[0]}; {gains[1]}."


def _bars(info: RepliesInfo, who: int) -> dict[str, Any]:
    actions = (info.scene.row_actions, info.scene.column_actions)[who]
    paid = (info.replies.row_payoffs, info.replies.column_payoffs)[who]
    colour = COLOURS[who]
    top = paid >= paid.max() - 1e-9 * (info.span[1] - info.span[0])
    return {
        "type": "bar",
        "x": list(range(len(actions))),
        "customdata": list(actions),
        "y": [float(value) for value in paid],
        "xaxis": "x" if who == 0 else "x2",
        "marker": {
            "color": [faded(colour, 0.75 if best else 0.25) for best in top],
            "line": {"color": colour, "width": 1.5},
        },
        "hovertemplate": f"{info.scene.players[who]} plays %{{customdata}}: pays %{{y:.3f}}<extra></extra>",
    }


def _regret_marks(info: RepliesInfo, who: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The level of what is got now, the gap up to the best action, and its label."""
    r = info.replies
    got = (r.row_payoff, r.column_payoff)[who]
    regret = (r.row_regret, r.column_regret)[who]
    left, right = ((0.0, 0.46), (0.54, 1.0))[who]
    place = {"type": "line", "xref": "paper", "yref": "y"}
    level = place | {"x0": left, "x1": right, "y0": got, "y1": got}
    gap = place | {"x0": right - 0.01, "x1": right - 0.01, "y0": got, "y1": got + regret}
    shapes = [level | {"line": {"color": REFERENCE, "width": 2, "dash": "dash"}},
              gap | {"line": {"color": VALUE, "width": 6}}]  # fmt: skip
    label = {
        "xref": "paper", "x": (left + right) / 2, "xanchor": "center", "yref": "paper", "y": 1.0,
        "yanchor": "bottom", "showarrow": False, "font": {"size": FONT},
        "text": f"{info.scene.players[who]}: <b>regret {number(regret)}</b>",
    }  # fmt: skip
    return shapes, label


def replies_figure(info: RepliesInfo) -> Figure:
    """Bars for the actions of both players; the dashed level is what the strategy set gets."""
    marks = [_regret_marks(info, who) for who in (0, 1)]
    names, actions = info.scene.players, (info.scene.row_actions, info.scene.column_actions)
    many = max(info.scene.game.shape)
    axes = [
        axis(f"{names[who]}'s action", (-0.6, count - 0.4), domain=[0.54 * who, 0.46 + 0.54 * who])
        | {
            "fixedrange": True,
            "nticks": 0,
            "tickangle": 0,
            "tickfont": {"size": FONT if count < 3 else FONT - 2},
        }
        | {"tickvals": list(range(count)), "ticktext": list(actions[who])}
        | {"tickangle": 0 if many < 4 else -45}
        for who, count in enumerate(info.scene.game.shape)
    ]
    above = key((FILLED, REFERENCE, "what an action pays"), (DASHES, REFERENCE, "paid now"))
    drawn = layout(
        axes[0], axis("payoff", info.span, zeroline=True), [label for _, label in marks],
        above=[above, "\u00a0"], right=10, xaxis2=axes[1], bargap=0.35,
        shapes=[shape for shapes, _ in marks for shape in shapes],
    )  # fmt: skip
    if many > 3:
        drawn["margin"]["b"] = 66
    return {"data": [_bars(info, 0), _bars(info, 1)], "layout": drawn | {"uirevision": str(info.span)}}
