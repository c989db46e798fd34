"""How two players might move in a finite game: four rules, each as one path with its time average.

- `replicator`: x_i' = x_i ((A y)_i - x A y), and likewise y. What pays above average grows (Taylor &
  Jonker 1978; two populations).
- `gradient`: each player climbs its own payoff, x' = A y minus its mean, held inside the simplex.
- `best_response`: in turns, the row player first: the best action against what the other plays now.
- `fictitious`: each round both play best responses to the average of all the other has played (Brown
  1951). Its path is what is played; what comes to rest, if anything does, is the average.

The first two are flows, in `flows.py` and `gradient_play.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gan_core.theory.equilibria import Strategy, equilibria
from gan_core.theory.flows import FLOW_STEP, replicator, unit_of_payoff
from gan_core.theory.games import ROUNDING
from gan_core.theory.gradient_play import gradient_play
from gan_core.theory.payoffs import Floats, Game

RULES: dict[str, str] = {
    "replicator": "Replicator",
    "gradient": "Gradient play",
    "best_response": "Best responses",
    "fictitious": "Fictitious play",
}
FLOWS = ("replicator", "gradient")


class Motion(NamedTuple):
    """One path from time 0, its time average up to each moment, and what the path conserves."""

    rule: str
    time: Floats  # [k]; rounds for best_response and fictitious
    row: Floats  # [k, m], the row player's strategy
    column: Floats  # [k, n]
    row_average: Floats  # [k, m]
    column_average: Floats  # [k, n]
    conserved: Floats | None  # [k]; None where nothing is known to be conserved
    wall: float | None  # when a wall first changes gradient play: it conserves nothing from there on


@lru_cache(maxsize=64)
def motion(game: Game, rule: str, row: tuple[float, ...], column: tuple[float, ...], span: int) -> Motion:
    """The path under `rule`, one of RULES, from the strategies `row` [m], `column` [n] for `span` of time."""
    start = np.array(row), np.array(column)
    if rule in FLOWS:
        time, x, y, wall = _flow(game, rule, *start, span)
        averages = _running_mean(x), _running_mean(y)
    else:
        time, wall = np.arange(span + 1.0), None
        x, y = _in_turns(game, *start, span) if rule == "best_response" else _fictitious(game, *start, span)
        rounds = (time + 1)[:, None]
        averages = np.cumsum(x, axis=0) / rounds, np.cumsum(y, axis=0) / rounds
    return Motion(rule, time, x, y, *averages, conserved(game, rule, x, y), wall)


def direction(game: Game, rule: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The velocity of both players under a flow, at x [..., m] and y [..., n]; walls left out."""
    unit = unit_of_payoff(game)
    row, column = y @ (game.above[0].T / unit), x @ (game.above[1] / unit)
    if rule == "replicator":
        return x * (row - (x * row).sum(-1, keepdims=True)), y * (
            column - (y * column).sum(-1, keepdims=True)
        )
    return row - row.mean(-1, keepdims=True), column - column.mean(-1, keepdims=True)


def _flow(
    game: Game, rule: str, x: Floats, y: Floats, span: int
) -> tuple[Floats, Floats, Floats, float | None]:
    """Time [k], x [k, m], y [k, n], and when the wall was reached."""
    steps = round(span / FLOW_STEP)
    time = np.linspace(0.0, steps * FLOW_STEP, steps + 1)
    if rule == "gradient":
        return time, *gradient_play(game, x, y, steps)
    return time, *replicator(game, x, y, steps), None


def _best(above: Floats, span: float, now: Floats) -> Floats:
    """The strategy [m] that plays a best action: `now` if it is a best response, else the first best.

    `above` [m]: what the actions pay more than the lowest of the player's payoffs, which span `span`.
    """
    if float(above.max() - above @ now) <= ROUNDING * span:
        return now
    return np.asarray(np.eye(len(above))[int(above.argmax())])


def _in_turns(game: Game, x: Floats, y: Floats, rounds: int) -> tuple[Floats, Floats]:
    xs, ys = [x], [y]
    for k in range(rounds):
        if k % 2 == 0:
            x = _best(game.above[0] @ y, game.spans[0], x)
        else:
            y = _best(x @ game.above[1], game.spans[1], y)
        xs.append(x)
        ys.append(y)
    return np.array(xs), np.array(ys)


def _fictitious(game: Game, x: Floats, y: Floats, rounds: int) -> tuple[Floats, Floats]:
    """The start counts as the first round's play in both averages."""
    xs, ys = [x], [y]
    (row, column), (row_span, column_span) = game.above, game.spans
    row_played, column_played = x.copy(), y.copy()
    for _ in range(rounds):
        total = row_played.sum()
        row_paid, column_paid = row @ column_played / total, row_played @ column / total
        x, y = _best(row_paid, row_span, x), _best(column_paid, column_span, y)
        row_played, column_played = row_played + x, column_played + y
        xs.append(x)
        ys.append(y)
    return np.array(xs), np.array(ys)


def _running_mean(path: Floats) -> Floats:
    """The time average of a flow up to each moment, by the trapezoidal rule; [k, m]."""
    if len(path) == 1:
        return path.copy()
    areas = np.cumsum((path[1:] + path[:-1]) / 2, axis=0)
    return np.vstack([path[:1], areas / np.arange(1, len(path))[:, None]])


def centre(game: Game) -> tuple[Strategy, Strategy] | None:
    """The equilibrium of a zero-sum game that plays every action, around which flows circle."""
    if not game.is_zero_sum:
        return None
    found = (e for e in equilibria(game).items if min(e.row) > 0 and min(e.column) > 0)
    return next(((e.row, e.column) for e in found), None)


def conserved(game: Game, rule: str, x: Floats, y: Floats) -> Floats | None:
    """What a flow around the equilibrium (x*, y*) of a zero-sum game keeps constant, over a path; [k].

    Replicator: (prod x_i^x*_i prod y_j^y*_j)^s, s the larger number of actions: p(1-p)q(1-q) in Matching
    Pennies. Gradient play, inside: |x - x*|^2 / 2 + |y - y*|^2 / 2, for 2 x 2 (p - p*)^2 + (q - q*)^2.
    Source: Hofbauer & Sigmund, Evolutionary Games and Population Dynamics, 1998, chapter 11.
    """
    middle = centre(game)
    if middle is None or rule not in FLOWS:
        return None
    x_star, y_star = (np.array(s, dtype=float) for s in middle)
    if rule == "gradient":
        return np.asarray((((x - x_star) ** 2).sum(axis=1) + ((y - y_star) ** 2).sum(axis=1)) / 2)
    size = max(len(x_star), len(y_star))
    return np.asarray(np.prod(x ** (size * x_star), axis=1) * np.prod(y ** (size * y_star), axis=1))
