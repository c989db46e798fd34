"""Motion in a finite game: the path of both players and of its time average, among their strategies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.arrows import arrows
from gan_core.figures.games.numbers import chances
from gan_core.figures.games.table import COLOURS, Profile
from gan_core.figures.style import FONT, LINE, VALUE, Figure, axis, key, layout, typed
from gan_core.theory import games
from gan_core.theory.equilibria import equilibria
from gan_core.theory.flows import FLOW_STEP
from gan_core.theory.learning import FLOWS, RULES, Motion, direction
from gan_core.theory.payoffs import Floats

AVERAGE = "#9467D6"
"""The colour of the time average, which is also dashed. It belongs to neither player."""

CENTRE = 1.35  # of the polygons, to either side
MANY = 4  # equilibria from here on are drawn small
ARROWS = np.linspace(0.05, 0.95, 7)
SHAFT = 0.01  # how wide an arrow's is, of the square's side
ARROW_LENGTH = 0.12  # of the square's side, for the fastest
TICKS_A_SECOND = {"flow": 40, "rounds": 8}


def end_of(rule: str, time: float) -> str:
    """The moment a path ends, in the unit of its rule."""
    return f"time {time:.0f}" if rule in FLOWS else f"round {time:.0f}"


class SquareInfo(NamedTuple):
    """A 2 x 2 game over p and q, the probabilities of the first actions; [.., 2] are (p, q)."""

    profile: Profile
    rule: str
    end: str  # of the path, in words
    path: Floats  # [k, 2]
    average: Floats  # [k, 2]
    curves: tuple[Floats | None, Floats | None]
    equilibria: Floats  # [j, 2]
    tails: Floats  # [a, 2]; where the arrows of a flow begin
    steps: Floats  # [a, 2]; their directions, the longest ARROW_LENGTH


def square_info(profile: Profile, motion: Motion) -> SquareInfo:
    """Path, average, best responses and, for a flow, its directions on a grid."""
    game = profile.game
    tails = np.array([(p, q) for p in ARROWS for q in ARROWS] if motion.rule in FLOWS else []).reshape(-1, 2)
    steps = np.zeros_like(tails)
    if len(tails):
        p, q = tails[:, 0], tails[:, 1]
        row, column = direction(game, motion.rule, np.column_stack([p, 1 - p]), np.column_stack([q, 1 - q]))
        steps = np.column_stack([row[:, 0], column[:, 0]])
        fastest = float(np.linalg.norm(steps, axis=1).max())
        steps = steps * (ARROW_LENGTH / fastest if fastest > 0 else 0.0)
    return SquareInfo(
        profile,
        motion.rule,
        end_of(motion.rule, float(motion.time[-1])),
        np.column_stack([motion.row[:, 0], motion.column[:, 0]]),
        np.column_stack([motion.row_average[:, 0], motion.column_average[:, 0]]),
        (games.reply_curve(game, 0), games.reply_curve(game, 1)),
        np.array([(e.row[0], e.column[0]) for e in equilibria(game).items], dtype=float).reshape(-1, 2),
        tails,
        steps,
    )


def square_said(info: SquareInfo) -> str:
    """Where the path and its average end."""
    at, mean = (", ".join(chances(points[-1].tolist())) for points in (info.path, info.average))
    return (
        f"{RULES[info.rule]} at {info.end}: (p, q) = ({at}), time average ({mean}). "
        "Click to set the start."
    )


def path_line(points: Floats, name: str, colour: str, **line: Any) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": typed(points[:, 0]), "y": typed(points[:, 1]),
        "line": {"color": colour, "width": 2} | line, "cliponaxis": False,
        "hovertemplate": f"{name}: %{{x:.4g}}, %{{y:.4g}}<extra></extra>",
    }  # fmt: skip


def path_dot(points: Floats, name: str, colour: str, **marker: Any) -> dict[str, Any]:
    return path_line(points, name, colour) | {"mode": "markers", "marker": {"color": colour} | marker}


def movers_of(paths: list[tuple[int, Floats]], rule: str) -> list[dict[str, Any]]:
    """The movers for `ui.plots`, from pairs of a trace's number and its [k, 2] positions."""
    flows = rule in FLOWS
    clock = {"name": "time" if flows else "round", "tick": FLOW_STEP if flows else 1}
    speed = TICKS_A_SECOND["flow" if flows else "rounds"]
    return [
        {"trace": trace, "x": typed(path[:, 0]), "y": typed(path[:, 1]), "speed": speed, "clock": clock}
        for trace, path in paths
    ]


def equilibrium_marks(points: Floats) -> dict[str, Any]:
    """Open diamonds, larger than the dot of the path; smaller where there are many."""
    size, width = (18, 2.5) if len(points) < MANY else (10, 1.5)
    return path_dot(points, "equilibrium", VALUE, symbol="diamond-open", size=size, line={"width": width})


def _key_beside(info: SquareInfo) -> dict[str, Any]:
    """The key to the right of the square, which takes the panel's whole height."""
    signs = [
        *((LINE, colour, player) for colour, player in zip(COLOURS, info.profile.players, strict=True)),
        ("●", VALUE, "path"),
        ("◆", AVERAGE, "average"),
        ("◇", VALUE, "equilibrium"),
    ]
    lines = ["best response:", *map(key, signs)]
    return {
        "xref": "paper", "yref": "paper", "x": 1.0, "y": 1.0, "xanchor": "right", "yanchor": "top",
        "align": "left", "showarrow": False, "font": {"size": FONT}, "text": "<br>".join(lines),
    }  # fmt: skip


def square_figure(info: SquareInfo) -> Figure:
    """p to the right, q upwards, equally long: arrows, best responses, path, average, equilibria."""
    one, other = info.profile.players
    replies = [
        path_line(curve, f"{info.profile.players[who]}'s best responses", COLOURS[who], width=4)
        for who, curve in enumerate(info.curves)
        if curve is not None
    ]
    data = [
        *([arrows(info.tails, info.steps, SHAFT)] if len(info.tails) else []),
        *replies,
        path_line(info.path, "path", VALUE, width=2),
        path_line(info.average, "average", AVERAGE, dash="dot"),
        equilibrium_marks(info.equilibria),
        path_dot(info.path[:1], "start", VALUE, symbol="circle-open", size=9, line={"width": 2}),
        path_dot(info.average[-1:], "average now", AVERAGE, symbol="diamond", size=11,
             line={"width": 1.5, "color": "white"}),
        path_dot(info.path[-1:], "now", VALUE, symbol="circle", size=11,
             line={"width": 1.5, "color": "white"}),
    ]  # fmt: skip
    look = {"zeroline": False, "constrain": "domain", "tickvals": [0, 0.5, 1], "nticks": 0}
    drawn = layout(
        axis(f"p: {one} plays ‘{info.profile.row_actions[0]}’", (0.0, 1.0), constraintoward="left", **look),
        axis(f"q: {other} plays<br>‘{info.profile.column_actions[0]}’", (0.0, 1.0), constraintoward="top",
             scaleanchor="x", **look),
        [_key_beside(info)], above=[], left=52, right=2,
    )  # fmt: skip
    drawn["margin"]["t"] = 12  # half a dot
    movers = movers_of([(len(data) - 2, info.average), (len(data) - 1, info.path)], info.rule)
    return {"data": data, "layout": drawn, "motion": movers}


class SimplexInfo(NamedTuple):
    """Any other game: the strategies of each player as a polygon with an action at each corner."""

    profile: Profile
    rule: str
    corners: tuple[Floats, Floats]  # [m, 2], [n, 2]
    paths: tuple[Floats, Floats]  # [k, 2] each
    averages: tuple[Floats, Floats]
    equilibria: tuple[Floats, Floats]  # [j, 2] each


def corners_of(count: int, centre: float) -> Floats:
    """The corners of a regular polygon of radius 1 around (centre, 0), the first on top; [count, 2]."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    radius = 0.0 if count == 1 else 1.0
    return np.column_stack([centre + radius * np.cos(angle), radius * np.sin(angle)])


def simplex_info(profile: Profile, motion: Motion) -> SimplexInfo:
    """A strategy lies at the mean of the corners, weighted by its probabilities."""
    m, n = profile.game.shape
    corners = corners_of(m, -CENTRE), corners_of(n, CENTRE)
    found = equilibria(profile.game).items
    rows, columns = (np.array([e[who] for e in found], dtype=float) for who in (0, 1))
    return SimplexInfo(
        profile,
        motion.rule,
        corners,
        (motion.row @ corners[0], motion.column @ corners[1]),
        (motion.row_average @ corners[0], motion.column_average @ corners[1]),
        (rows @ corners[0], columns @ corners[1]),
    )


def simplex_said(info: SimplexInfo) -> str:
    return (
        f"{RULES[info.rule]}: a corner is one action; in the middle all actions are equally likely. "
        "The sliders set the start."
    )


def simplex_figure(info: SimplexInfo) -> Figure:
    """The row player's polygon on the left, the column player's on the right."""
    data: list[dict[str, Any]] = []
    notes = []
    names = info.profile.row_actions, info.profile.column_actions
    for who in (0, 1):
        outline = np.vstack([info.corners[who], info.corners[who][:1]])
        data += [
            path_line(outline, f"{info.profile.players[who]}'s strategies", COLOURS[who], width=3),
            path_line(info.paths[who], "path", VALUE, width=1.5),
            path_line(info.averages[who], "average", AVERAGE, dash="dot"),
            equilibrium_marks(info.equilibria[who]),
            path_dot(info.paths[who][:1], "start", VALUE, symbol="circle-open", size=8, line={"width": 2}),
        ]  # fmt: skip
        for name, (x, y) in zip(names[who], info.corners[who].tolist(), strict=True):
            anchor, shift = ("bottom", 4) if y > -0.1 else ("top", -4)
            notes.append({"x": x, "y": y, "text": name, "showarrow": False, "font": {"size": FONT},
                          "xanchor": "center", "yanchor": anchor, "yshift": shift})  # fmt: skip
    movers = []
    for who in (0, 1):
        for path, name, colour in (
            (info.averages[who], "average now", AVERAGE),
            (info.paths[who], "now", VALUE),
        ):
            data.append(
                path_dot(
                    path[-1:], name, colour, symbol="circle", size=10, line={"width": 1.5, "color": "white"}
                )
            )
            movers.append((len(data) - 1, path))
    one, other = info.profile.players
    above = [
        key((LINE, COLOURS[0], f"{one}'s strategies"), (LINE, COLOURS[1], f"{other}'s")),
        key(("●", VALUE, "path"), ("●", AVERAGE, "average"), ("◇", VALUE, "equilibrium")),
    ]
    low = min(float(corners[:, 1].min()) for corners in info.corners)
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    drawn = layout(
        axis(f"{one}'s strategy (left), {other}'s (right)", (-2.65, 2.65), **bare),
        axis("", (low - 0.4, 1.3), scaleanchor="x", **bare), notes, above=above, left=4, right=4,
    )  # fmt: skip
    drawn["margin"]["b"] = 22
    return {"data": data, "layout": drawn, "motion": movers_of(movers, info.rule)}
