"""Motion in a finite game over time: distance from equilibrium, what is conserved, every action's share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.games.motion import AVERAGE, end_of, movers_of, path_dot, path_line
from gan_core.figures.games.numbers import amount
from gan_core.figures.games.table import Profile
from gan_core.figures.series import round_outward
from gan_core.figures.style import DASHES, FILLED, LINE, REFERENCE, VALUE, Figure, axis, key, layout
from gan_core.theory import games
from gan_core.theory.equilibria import equilibria
from gan_core.theory.learning import FLOWS, Motion
from gan_core.theory.payoffs import Floats


class TimeInfo(NamedTuple):
    """Over time: how far play is from equilibrium, its average too, and what is conserved."""

    profile: Profile
    rule: str
    time: Floats  # [k]
    gap: Floats  # [k], both regrets added, in units of payoff
    average_gap: Floats  # [k]
    conserved: Floats | None  # [k]
    formula: str
    wall: float | None


def time_info(profile: Profile, motion: Motion) -> TimeInfo:
    """Total regret of the path and of its average; `formula` names the conserved quantity."""
    game = profile.game
    return TimeInfo(
        profile,
        motion.rule,
        motion.time,
        games.total_regret(game, motion.row, motion.column),
        games.total_regret(game, motion.row_average, motion.column_average),
        motion.conserved,
        _formula(profile, motion.rule),
        motion.wall,
    )


def _formula(profile: Profile, rule: str) -> str:
    """The conserved quantity in the letters of the page."""
    if rule == "gradient":
        return "(p − p*)² + (q − q*)²" if profile.game.shape == (2, 2) else "½|x − x*|² + ½|y − y*|²"
    middle = equilibria(profile.game).items[0]
    even = len(set(middle.row)) == len(set(middle.column)) == 1
    if profile.game.shape == (2, 2):
        powers = "p<sup>p*</sup>(1 − p)<sup>1 − p*</sup> q<sup>q*</sup>(1 − q)<sup>1 − q*</sup>"
        return "p(1 − p) q(1 − q)" if even else f"({powers})<sup>2</sup>"
    return "Π xᵢ · Π yⱼ" if even else "Π xᵢ^x*ᵢ · Π yⱼ^y*ⱼ"


def time_said(info: TimeInfo) -> str:
    """How far play and its average are from equilibrium, and how much the conserved quantity changes."""
    gap, average_gap = (amount(float(gaps[-1])) for gaps in (info.gap, info.average_gap))
    end = end_of(info.rule, float(info.time[-1]))
    text = f"Sum of regrets: {gap} at {end}; {average_gap} for the average."
    if info.conserved is None:
        return f"{text} No conserved quantity is known."
    if info.wall is not None:
        return f"{text} Conserved until a probability is 0, at time {info.wall:.1f}."
    first, last = (amount(float(info.conserved[k])) for k in (0, -1))
    return f"{text} Conserved: {first} at start, {last} at end."


def _top(highest: float) -> float:
    """The end of an axis from 0, rounded: it stays while a slider moves a little."""
    return round_outward(0.0, 1.05 * highest or 1.0, parts=4)[1]


def time_figure(info: TimeInfo) -> Figure:
    """Total regret above; below, where there is one, the conserved quantity."""
    split = info.conserved is not None
    gap, mean = np.column_stack([info.time, info.gap]), np.column_stack([info.time, info.average_gap])
    data = [
        path_line(gap, "regret", VALUE, width=1.5),
        path_line(mean, "regret of the time average", AVERAGE, dash="dot", width=2.5),
        path_dot(mean[-1:], "regret of the time average", AVERAGE, symbol="diamond", size=9),
        path_dot(gap[-1:], "regret", VALUE, size=9),
    ]
    paths = [(2, mean), (3, gap)]
    span = (0.0, float(info.time[-1]) or 1.0)
    top = _top(max(float(np.max(info.gap)), float(np.max(info.average_gap))))
    unit = "time" if info.rule in FLOWS else "rounds"
    y = axis("regret<br>(payoff)", (0.0, top), nticks=4)
    more: dict[str, Any] = {}
    above = ["sum of regrets: " + key((LINE, VALUE, "path"), (DASHES, AVERAGE, "time average"))]
    if info.conserved is not None:
        kept = np.column_stack([info.time, info.conserved])
        data += [
            path_line(kept, "conserved", REFERENCE, width=2.5) | {"yaxis": "y2"},
            path_dot(kept[-1:], "conserved", REFERENCE, size=9) | {"yaxis": "y2"},
        ]
        paths.append((5, kept))
        y["domain"] = [0.55, 1.0]
        high = _top(1.5 * float(np.max(info.conserved)))
        more["yaxis2"] = axis("conserved", (0.0, high), tickformat="~g", domain=[0.0, 0.4], nticks=3)
        above.append(key((FILLED, REFERENCE, f"conserved: {info.formula}")))
    x = axis(unit, span, zeroline=False) | ({"anchor": "y2"} if split else {})
    drawn = layout(x, y, [], above=above, left=58, right=12, **more)
    return {
        "data": data,
        "layout": drawn | {"uirevision": f"{span} {top:.4g}"},
        "motion": movers_of(paths, info.rule),
    }
