"""How two players might move in a finite game: four rules, each as one path with its time average.

- `replicator`: x_i' = x_i ((A y)_i - x A y), and likewise y. What pays above average grows (Taylor &
  Jonker 1978; two populations).
- `gradient`: each player climbs its own payoff, x' = A y minus its mean, held inside the simplex.
- `best_response`: in turns, the row player first: the best action against what the other plays now.
- `fictitious`: each round both play best responses to the average of all the other has played (Brown
  1951). Its path is what is played; what comes to rest, if anything does, is the average.

The first two are flows: the replicator is followed by Runge-Kutta steps of fourth order, gradient play,
which is linear until a wall, by the exact solution. Payoffs are divided by half the
largest difference in either player's table, so that a unit of time means the same in every game.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gan_core.theory.equilibria import Strategy, equilibria
from gan_core.theory.games import ROUNDING
from gan_core.theory.payoffs import Floats, Game

RULES: dict[str, str] = {
    "replicator": "Replicator",
    "gradient": "Gradient play",
    "best_response": "Best responses",
    "fictitious": "Fictitious play",
}
FLOWS = ("replicator", "gradient")
FLOW_STEP = 0.1  # of time; the conserved quantity then drifts by less than 1e-4 of itself in 100


class Motion(NamedTuple):
    """One path from time 0, its time average up to each moment, and what the path conserves."""

    rule: str
    time: Floats  # [k]; rounds for best_response and fictitious
    row: Floats  # [k, m], the row player's strategy
    column: Floats  # [k, n]
    row_average: Floats  # [k, m]
    column_average: Floats  # [k, n]
    conserved: Floats | None  # [k]; None where nothing is known to be conserved
    wall: float | None  # when gradient play first leaves the inside: it conserves nothing from there on


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


def unit_of_payoff(game: Game) -> float:
    """Half the largest difference between two payoffs of one player; 1 if there is none."""
    return max(game.spans) / 2 or 1.0


def direction(game: Game, rule: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The velocity of both players under a flow, at x [..., m] and y [..., n]; walls left out."""
    unit = unit_of_payoff(game)
    row, column = y @ (game.a.T / unit), x @ (game.b / unit)
    if rule == "replicator":
        return x * (row - (x * row).sum(-1, keepdims=True)), y * (
            column - (y * column).sum(-1, keepdims=True)
        )
    return row - row.mean(-1, keepdims=True), column - column.mean(-1, keepdims=True)


def _flow(
    game: Game, rule: str, x: Floats, y: Floats, span: int
) -> tuple[Floats, Floats, Floats, float | None]:
    """Time [k], x [k, m], y [k, n], and when the wall was reached."""
    steps, m = round(span / FLOW_STEP), len(x)
    time = np.linspace(0.0, steps * FLOW_STEP, steps + 1)
    if rule == "gradient":
        path, wall = _gradient(game, np.concatenate([x, y]), m, steps)
        return time, path[:, :m], path[:, m:], wall
    if game.shape == (2, 2):
        p, q = _replicator_2x2(game, float(x[0]), float(y[0]), steps).T
        return time, np.column_stack([p, 1 - p]), np.column_stack([q, 1 - q]), None
    path = _replicator(game, np.concatenate([x, y]), m, steps)
    return time, path[:, :m], path[:, m:], None


def _joint(game: Game) -> Floats:
    """The matrix that takes both strategies, [m + n], to the payoffs of all actions, in units."""
    m, n = game.shape
    unit = unit_of_payoff(game)
    both: Floats = np.zeros((m + n, m + n))
    both[:m, m:], both[m:, :m] = game.a / unit, game.b.T / unit
    return both


def _sums(m: int, n: int) -> Floats:
    """The matrix that takes a vector [m + n] to the sum over its own player's part, at every place."""
    ones: Floats = np.zeros((m + n, m + n))
    ones[:m, :m], ones[m:, m:] = 1.0, 1.0
    return ones


def _gradient(game: Game, w: Floats, m: int, steps: int) -> tuple[Floats, float | None]:
    """Both players' path [steps + 1, m + n], and when it first reached a wall."""
    both, ones = _joint(game), _sums(*game.shape)
    jump = _exponential(FLOW_STEP * (both - ones / ones.sum(axis=1, keepdims=True) @ both))
    path, wall = np.empty((steps + 1, len(w))), None
    path[0] = w
    for k in range(1, steps + 1):
        w = jump @ w
        if w.min() < 0:
            wall = k * FLOW_STEP if wall is None else wall
            w = np.concatenate([onto_simplex(w[:m]), onto_simplex(w[m:])])
        path[k] = w
    return path, wall


def _replicator(game: Game, w: Floats, m: int, steps: int) -> Floats:
    """Both players' path, [steps + 1, m + n]."""
    both, ones, h = _joint(game), _sums(*game.shape), FLOW_STEP
    path: Floats = np.empty((steps + 1, len(w)))
    path[0] = w

    def velocity(w: Floats) -> Floats:
        payoffs = both @ w
        return np.asarray(w * (payoffs - ones @ (w * payoffs)))

    for k in range(1, steps + 1):
        v1 = velocity(w)
        v2 = velocity(w + h / 2 * v1)
        v3 = velocity(w + h / 2 * v2)
        w = w + h / 6 * (v1 + 2 * v2 + 2 * v3 + velocity(w + h * v3))
        path[k] = w
    return path


def _replicator_2x2(game: Game, p: float, q: float, steps: int) -> Floats:
    """The path of (p, q), [steps + 1, 2]: plain floats, ten times as fast as arrays of two."""
    both, h = _joint(game), FLOW_STEP
    row, column = (both[:2, 2:][0] - both[:2, 2:][1]).tolist(), (both[2:, :2][0] - both[2:, :2][1]).tolist()
    a0, a1, b0, b1 = row[1], row[0] - row[1], column[1], column[0] - column[1]
    path = [(p, q)]
    for _ in range(steps):
        k1, l1 = p * (1 - p) * (a0 + a1 * q), q * (1 - q) * (b0 + b1 * p)
        s, t = p + h / 2 * k1, q + h / 2 * l1
        k2, l2 = s * (1 - s) * (a0 + a1 * t), t * (1 - t) * (b0 + b1 * s)
        s, t = p + h / 2 * k2, q + h / 2 * l2
        k3, l3 = s * (1 - s) * (a0 + a1 * t), t * (1 - t) * (b0 + b1 * s)
        s, t = p + h * k3, q + h * l3
        k4, l4 = s * (1 - s) * (a0 + a1 * t), t * (1 - t) * (b0 + b1 * s)
        p, q = p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), q + h / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
        path.append((p, q))
    return np.array(path)


def _exponential(matrix: Floats) -> Floats:
    """exp(matrix) by its series; the entries are at most FLOW_STEP * 2, so 16 terms are exact."""
    total = term = np.eye(len(matrix))
    for k in range(1, 17):
        term = term @ matrix / k
        total = total + term
    return np.asarray(total)


def onto_simplex(point: Floats) -> Floats:
    """The nearest vector [m] of probabilities (Held, Wolfe & Crowder 1974)."""
    falling = np.sort(point)[::-1]
    excess = (np.cumsum(falling) - 1) / np.arange(1, len(point) + 1)
    return np.asarray(np.maximum(point - excess[np.flatnonzero(falling > excess)[-1]], 0.0))


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
