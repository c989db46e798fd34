"""What can be said of a finite two-player game: replies, regrets, equilibria of pure actions, value.

A strategy is a vector of probabilities over a player's actions, [m] for the row player (x) and [n] for
the column player (y); the payoffs are x A y and x B y. Equilibria in mixed strategies: `equilibria.py`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_core.theory.payoffs import Floats, Game

Marks = NDArray[np.bool_]
"""[m, n]: which cells of a table."""

ROUNDING = 1e-12
"""Of the span of a player's payoffs. Less cannot be told from 0: sums of five products round by 1e-15."""


def best_responses(game: Game) -> tuple[Marks, Marks]:
    """The cells in which the row's action is best against that column, and the other way round.

    Compared exactly, so that a tie is a tie.
    """
    m, n = game.shape
    tops = [max(game.row[i][j] for i in range(m)) for j in range(n)]
    ends = [max(line) for line in game.column]
    row = np.array([[game.row[i][j] == tops[j] for j in range(n)] for i in range(m)])
    column = np.array([[game.column[i][j] == ends[i] for j in range(n)] for i in range(m)])
    return row, column


def pure_equilibria(game: Game) -> list[tuple[int, int]]:
    """The cells (i, j) in which both actions are best responses: Nash equilibria in pure actions."""
    row, column = best_responses(game)
    return [(int(i), int(j)) for i, j in np.argwhere(row & column)]


def pareto_optimal(game: Game) -> Marks:
    """The cells that no other cell beats for one player without being worse for the other."""
    m, n = game.shape
    pairs = {(i, j): (game.row[i][j], game.column[i][j]) for i in range(m) for j in range(n)}

    def beaten(mine: tuple[Fraction, Fraction]) -> bool:
        return any(x >= mine[0] and y >= mine[1] and (x, y) != mine for x, y in pairs.values())

    return np.array([[not beaten(pairs[i, j]) for j in range(n)] for i in range(m)])


class Replies(NamedTuple):
    """What each action would pay now, what is got now, and what is lost by not playing the best."""

    row_payoffs: Floats  # [m]: each of the row's actions against the column's strategy
    column_payoffs: Floats  # [n]
    row_best: Marks  # [m]: the actions that pay most, ties included
    column_best: Marks  # [n]
    row_payoff: float
    column_payoff: float
    row_regret: float  # best action's payoff - row_payoff, >= 0; 0 iff the strategy is a best response
    column_regret: float


def replies(game: Game, x: ArrayLike, y: ArrayLike) -> Replies:
    """Payoffs and regrets of the strategies x [m] and y [n]. Nash 1951: both regrets are 0."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    row_payoffs, column_payoffs = game.a @ y, x @ game.b
    above = game.above[0] @ y, x @ game.above[1]
    row_best, column_best = (
        paid.max() - paid <= ROUNDING * span for paid, span in zip(above, game.spans, strict=True)
    )
    row_regret, column_regret = regrets(game, x, y)
    return Replies(
        row_payoffs,
        column_payoffs,
        row_best,
        column_best,
        float(x @ row_payoffs),
        float(column_payoffs @ y),
        float(row_regret[0]),
        float(column_regret[0]),
    )


def regrets(game: Game, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """What each player would gain by its best action, for paths x [k, m] and y [k, n]; [k] each.

    0 where it is at most ROUNDING.
    """
    x, y = np.atleast_2d(np.asarray(x, float)), np.atleast_2d(np.asarray(y, float))
    row, column = y @ game.above[0].T, x @ game.above[1]
    gains = row.max(axis=1) - (x * row).sum(axis=1), column.max(axis=1) - (column * y).sum(axis=1)
    one, other = (
        np.where(gain > ROUNDING * span, gain, 0.0) for gain, span in zip(gains, game.spans, strict=True)
    )
    return one, other


def total_regret(game: Game, x: ArrayLike, y: ArrayLike) -> Floats:
    """Both players' regrets added, for paths x [k, m] and y [k, n]; [k].

    Also called the Nash gap; in a zero-sum game it is the duality gap max_i (A y)_i - min_j (x A)_j.
    """
    row, column = regrets(game, x, y)
    return np.asarray(row + column)


def floor_of(game: Game, x: ArrayLike) -> Floats:
    """What the row player is sure of with the strategies x [k, m]: min over columns of x A; [k]."""
    return np.asarray((np.atleast_2d(np.asarray(x, float)) @ game.a).min(axis=1))


def ceiling_of(game: Game, y: ArrayLike) -> Floats:
    """What the row player cannot exceed against the strategies y [k, n]: max over rows of A y; [k]."""
    return np.asarray((np.atleast_2d(np.asarray(y, float)) @ game.a.T).max(axis=1))


class Saddle2x2(NamedTuple):
    """The solution of a zero-sum 2x2 game whose table has no saddle."""

    p: Fraction
    q: Fraction
    value: Fraction


def saddle_2x2(game: Game) -> Saddle2x2 | None:
    """Closed form for [[a, b], [c, d]]: p = (d - c)/t, q = (d - b)/t, value (ad - bc)/t, t = a + d - b - c.

    None where the table has a saddle or t is 0. `p`, `q`: probability of the first row and column.
    """
    (a, b), (c, d) = game.row
    t = a + d - b - c
    if t == 0 or pure_equilibria(game):
        return None
    return Saddle2x2((d - c) / t, (d - b) / t, (a * d - b * c) / t)


def reply_curve(game: Game, player: int) -> Floats | None:
    """Best responses in a 2x2 game as a line through the square of (p, q), [4, 2] or [2, 2].

    `player` 0: the row's best p for every q; 1: the column's best q for every p; p and q are the
    probabilities of the first actions. None: everything is a best response, the line is the square.
    """
    table = game.row if player == 0 else tuple(zip(*game.column, strict=True))
    at_1, at_0 = table[0][0] - table[1][0], table[0][1] - table[1][1]  # gain of action 1 at s = 1 and 0
    if at_1 == at_0 == 0:
        return None
    slope = at_1 - at_0
    if slope == 0 or not 0 <= -at_0 / slope <= 1:
        side = float(at_0 > 0 or at_1 > 0)
        line = [(side, 0.0), (side, 1.0)]
    else:
        switch, low = float(-at_0 / slope), float(slope < 0)
        line = [(low, 0.0), (low, switch), (1 - low, switch), (1 - low, 1.0)]
    return np.array(line)[:, :: 1 if player == 0 else -1]


def payoff_surface(game: Game, player: int, p: ArrayLike, q: ArrayLike) -> Floats:
    """The expected payoff of `player` in a 2x2 game over the probabilities of the first actions.

    `p`, `q`: same shape, which the result has. Bilinear: straight along each player's own axis.
    """
    table = game.a if player == 0 else game.b
    p, q = np.asarray(p, float), np.asarray(q, float)
    left, right = table[0, 0] * p + table[1, 0] * (1 - p), table[0, 1] * p + table[1, 1] * (1 - p)
    return np.asarray(left * q + right * (1 - q))
