"""A finite game as pictures: the marked table, and what each action pays.

The row player is orange and the column player blue, as G and D are. Every figure of the page is made
from a `Profile`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.games.numbers import ROOM, amount, chances, payoff_text
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
)
from gan_core.theory import games
from gan_core.theory.payoffs import Floats, Game

COLOURS = (GENERATOR, DISCRIMINATOR)

# Where a payoff stands in its cell, from its upper left corner, as parts of the cell: (x0, x1, y0, y1).
BOXES = ((0.07, 0.67, 0.53, 0.9), (0.33, 0.93, 0.1, 0.47))
ALMOST = 0.01
"""A regret below this share of the range of payoffs counts as almost none."""

LISTED = 3  # cells named in a sentence
LETTER = 6  # px, about as wide as one
ROOM_IN_WIDE, MAX_LETTERS = 4, 20  # letters of a payoff in a cell of a wide table, and on hover


class Profile(NamedTuple):
    """A strategy profile of a finite game: a strategy of each player, with all names."""

    game: Game
    players: tuple[str, str]
    row_actions: tuple[str, ...]
    column_actions: tuple[str, ...]
    row: tuple[float, ...]  # [m], adds up to 1
    column: tuple[float, ...]  # [n]


class TableInfo(NamedTuple):
    """A table and what stands out in it; every array is [m, n]."""

    profile: Profile
    row_best: games.Marks
    column_best: games.Marks
    nash: games.Marks
    pareto: games.Marks
    weight: Floats  # probability of the cell under the sliders' strategies


def table_info(profile: Profile) -> TableInfo:
    """Best responses, pure equilibria and Pareto-optimal cells of the table."""
    row, column = games.best_responses(profile.game)
    weight = np.outer(profile.row, profile.column)
    return TableInfo(profile, row, column, row & column, games.pareto_optimal(profile.game), weight)


def table_said(info: TableInfo) -> str:
    """The table in words."""
    profile = info.profile
    cells = [f"({profile.row_actions[i]}, {profile.column_actions[j]})" for i, j in np.argwhere(info.nash)]
    if len(cells) > LISTED:
        found = f"{len(cells)} cells are equilibria."
    else:
        found = f"Equilibrium: {', '.join(cells)}." if cells else "No cell is an equilibrium."
    count, size = int(info.pareto.sum()), info.pareto.size
    best = "Every cell is" if count == size else f"{count} of {size} cells {'is' if count == 1 else 'are'}"
    return f"{found} {best} Pareto-optimal."


def _payoff_marks(info: TableInfo, who: int) -> dict[str, Any]:
    """One player's payoffs, bold where the action is a best response."""
    game, best = info.profile.game, (info.row_best, info.column_best)[who]
    m, n = game.shape
    cells = [(i, j) for i in range(m) for j in range(n)]
    left, right, top, bottom = BOXES[who]
    table = (game.row, game.column)[who]
    texts = [payoff_text(table[i][j], ROOM if n < 4 else ROOM_IN_WIDE) for i, j in cells]
    exact = [payoff_text(table[i][j], MAX_LETTERS) for i, j in cells]
    return {
        "type": "scatter",
        "mode": "text",
        "name": f"payoffs of {info.profile.players[who]}",
        "x": [j + (left + right) / 2 for _, j in cells],
        "y": [i + (top + bottom) / 2 for i, _ in cells],
        "text": [f"<b>{text}</b>" if best[c] else text for c, text in zip(cells, texts, strict=True)],
        "textfont": {"size": FONT + 1 if n < 4 else FONT},
        "customdata": [
            f"{text}: {'a' if best[c] else 'not a'} best response"
            for c, text in zip(cells, exact, strict=True)
        ],
        "hovertemplate": f"{info.profile.players[who]} gets %{{customdata}}<extra></extra>",
    }


def _box(i: float, j: float, inset: float = 0.0) -> dict[str, Any]:
    return {"type": "rect", "x0": j + inset, "x1": j + 1 - inset, "y0": i + inset, "y1": i + 1 - inset}


def _best_replies(info: TableInfo, who: int) -> dict[str, Any]:
    """The background of each payoff whose action is a best response, as large as its part of the cell."""
    left, right, top, bottom = BOXES[who]
    x, y = np.array([left, right, right, left, left]), np.array([top, top, bottom, bottom, top])
    best = np.argwhere((info.row_best, info.column_best)[who]).tolist()
    return {
        "type": "scatter", "mode": "lines", "name": f"best responses of {info.profile.players[who]}",
        "x": [value for _, j in best for value in [*(j + x).tolist(), None]],
        "y": [value for i, _ in best for value in [*(i + y).tolist(), None]],
        "fill": "toself", "fillcolor": faded(COLOURS[who], 0.45), "hoverinfo": "skip",
        "line": {"width": 1.5, "color": COLOURS[who]},
    }  # fmt: skip


def _shade(info: TableInfo) -> dict[str, Any]:
    """Cells, shaded by how likely they are played."""
    m, n = info.weight.shape
    return {
        "type": "heatmap", "name": "probability", "x": (np.arange(n) + 0.5).tolist(),
        "y": (np.arange(m) + 0.5).tolist(), "z": info.weight.tolist(), "zmin": 0, "zmax": 1,
        "colorscale": [[0, faded(VALUE, 0)], [1, faded(VALUE, 0.5)]], "showscale": False, "hoverinfo": "skip",
    }  # fmt: skip


def _cell_shapes(info: TableInfo) -> list[dict[str, Any]]:
    """Cells; equilibria framed, Pareto-optimal ones dotted inside."""
    edge = {"layer": "below", "line": {"width": 1, "color": faded(REFERENCE, 0.6)}}
    shapes = [_box(i, j) | edge for i, j in np.ndindex(info.weight.shape)]
    for i, j in np.argwhere(info.pareto).tolist():
        shapes.append(_box(i, j, 0.04) | {"line": {"width": 1.5, "color": REFERENCE, "dash": "dot"}})
    for i, j in np.argwhere(info.nash).tolist():
        shapes.append(_box(i, j) | {"line": {"width": 4, "color": VALUE}})
    return shapes


def _chances(info: TableInfo) -> list[dict[str, Any]]:
    """The probability of each action, over its name at the axis.

    Traces instead of tick labels, because a slider changes them and axes are slow to draw again. They stand
    on the axes, because Plotly hides text farther out.
    """
    (m, n), profile = info.weight.shape, info.profile
    look = {"type": "scatter", "mode": "text", "cliponaxis": False, "hoverinfo": "skip",
            "textfont": {"size": FONT}}  # fmt: skip
    return [
        look | {"name": "row chances", "x": [0] * m, "y": (np.arange(m) + 0.5).tolist(),
                "text": [f"{p}\u00a0" for p in chances(profile.row)], "textposition": "top left"},
        look | {"name": "column chances", "x": (np.arange(n) + 0.5).tolist(), "y": [m] * n,
                "text": chances(profile.column), "textposition": "bottom center"},
    ]  # fmt: skip


def table_figure(info: TableInfo) -> Figure:
    """The bimatrix: row player's payoff lower left, column player's upper right."""
    profile = info.profile
    m, n = profile.game.shape
    hidden = {"showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 0}
    x = axis(f"{profile.players[1]}'s action, with its probability", (0, n), **hidden)
    y = axis(f"{profile.players[0]}'s action", (m, 0), **hidden)
    for each, names in ((x, profile.column_actions), (y, profile.row_actions)):
        each |= {"tickvals": [k + 0.5 for k in range(len(names))], "ticktext": [f" <br>{a}" for a in names]}
    x["title"] |= {"standoff": 0}
    inks = [faded(colour, 0.6) for colour in COLOURS]
    entries = [(FILLED, inks[who], f"{profile.players[who]}'s best response") for who in (0, 1)]
    marks = key(("□", VALUE, "equilibrium (Nash)"), ("⬚", REFERENCE, "Pareto-optimal"))
    left = 24 + LETTER * max(5, *map(len, profile.row_actions))
    drawn = layout(x, y, [], above=[key(*entries), marks], left=left, right=8, shapes=_cell_shapes(info))
    drawn["margin"]["b"] = 46
    grounds, payoffs = ([make(info, who) for who in (0, 1)] for make in (_best_replies, _payoff_marks))
    data = [_shade(info), *grounds, *payoffs, *_chances(info)]
    return {"data": data, "layout": drawn | {"uirevision": f"{m} {n}"}}


class RepliesInfo(NamedTuple):
    """What each action pays against the other's strategy, and the range of all payoffs."""

    profile: Profile
    replies: games.Replies
    span: tuple[float, float]


def replies_info(profile: Profile) -> RepliesInfo:
    """Payoffs and regrets at the sliders' strategies; the range is that of the table, so that it stays."""
    both = np.concatenate([profile.game.a.ravel(), profile.game.b.ravel(), [0.0]])
    room = 0.12 * (float(np.ptp(both)) or 1.0)
    found = games.replies(profile.game, profile.row, profile.column)
    return RepliesInfo(profile, found, (float(both.min()) - room, float(both.max()) + room))


def replies_said(info: RepliesInfo) -> str:
    """Who could do better alone, and by how much."""
    r, spans = info.replies, info.profile.game.spans
    regrets = r.row_regret, r.column_regret
    if not any(regrets):
        return "No player can do better alone: both regrets are 0. This is an equilibrium."
    gains = f"{_gain(info, 0)}; {_gain(info, 1)}."
    if all(regret < ALMOST * span or not regret for regret, span in zip(regrets, spans, strict=True)):
        return f"Almost an equilibrium: {gains}"
    return gains


def _gain(info: RepliesInfo, who: int) -> str:
    """What one player could gain alone, and by which action."""
    r, name = info.replies, info.profile.players[who]
    regret, best = ((r.row_regret, r.row_best), (r.column_regret, r.column_best))[who]
    if not regret:
        return f"{name} cannot do better alone"
    action = (info.profile.row_actions, info.profile.column_actions)[who][int(best.argmax())]
    return f"{name} could gain {amount(regret)} alone with ‘{action}’"


def _bars(info: RepliesInfo, who: int) -> dict[str, Any]:
    actions = (info.profile.row_actions, info.profile.column_actions)[who]
    r, colour = info.replies, COLOURS[who]
    paid, top = ((r.row_payoffs, r.row_best), (r.column_payoffs, r.column_best))[who]
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
        "hovertemplate": f"{info.profile.players[who]} plays %{{customdata}}: gets %{{y:.4g}}<extra></extra>",
    }


def _ends(info: RepliesInfo, who: int) -> tuple[float, float]:
    """Range of the axis of one player's actions, with room for the regret beside the last bar."""
    return -0.6, info.profile.game.shape[who] - 0.3


def _regret_marks(info: RepliesInfo, who: int) -> list[dict[str, Any]]:
    """The present payoff as a level, the regret as a bar up to the best action, and its label.

    Traces instead of shapes and annotations, because a slider moves them and axes are slow to draw again.
    """
    r, ends = info.replies, _ends(info, who)
    got = float((r.row_payoff, r.column_payoff)[who])
    regret = float((r.row_regret, r.column_regret)[who])
    line = {"type": "scatter", "mode": "lines", "xaxis": ("x", "x2")[who], "hoverinfo": "skip"}
    beside = ends[1] - 0.15
    return [
        line | {"name": "level", "x": list(ends), "y": [got, got],
                "line": {"color": REFERENCE, "width": 2, "dash": "dash"}},
        line | {"name": "regret", "x": [beside, beside], "y": [got, got + regret],
                "line": {"color": VALUE, "width": 6}},
        line | {"name": "label", "mode": "text", "x": [sum(ends) / 2], "y": [info.span[1]],
                "text": [f"{info.profile.players[who]}: <b>regret {amount(regret)}</b>"],
                "textposition": "top center", "textfont": {"size": FONT}, "cliponaxis": False},
    ]  # fmt: skip


def replies_figure(info: RepliesInfo) -> Figure:
    """Bars for the actions of both players; the dashed level is the payoff of the strategy set."""
    names, actions = info.profile.players, (info.profile.row_actions, info.profile.column_actions)
    axes = [
        axis(
            f"{names[who]}'s action", _ends(info, who), domain=[0.54 * who, 0.46 + 0.54 * who],
            fixedrange=True, nticks=0, tickangle=0, ticktext=list(actions[who]),
            tickvals=list(range(len(actions[who]))), zeroline=False,
            tickfont={"size": FONT if sum(map(len, actions[who])) < 12 else FONT - 2},
        )
        for who in (0, 1)
    ]  # fmt: skip
    above = key(
        (FILLED, REFERENCE, "one action"), (DASHES, REFERENCE, "your strategy"), (FILLED, VALUE, "regret")
    )
    drawn = layout(
        axes[0], axis("payoff", info.span, zeroline=True, fixedrange=True), [],
        above=[above, "\u00a0"], right=10, xaxis2=axes[1], bargap=0.35,
    )  # fmt: skip
    data = [_bars(info, 0), _bars(info, 1), *_regret_marks(info, 0), *_regret_marks(info, 1)]
    return {"data": data, "layout": drawn | {"uirevision": str(info.span)}}
