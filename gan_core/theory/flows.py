"""The replicator of two players in a finite game, followed step by step.

A player's strategy is held as the logarithms u_i of its probabilities, up to a constant:
x_i = exp(u_i) / sum exp(u). The replicator x_i' = x_i ((A y)_i - x A y) is then u_i' = (A y)_i, and the
probabilities are positive and add up to 1 whatever the rounding. Runge-Kutta steps of fourth order.

Payoffs are counted from each player's lowest payoff, in exact fractions, so that a constant added to all
payoffs of a player changes no digit of a path. They are divided by half the largest difference in either
player's table, so that a unit of time means the same in every game.
"""

from __future__ import annotations

import math

import numpy as np

from gan_core.theory.payoffs import Floats, Game

FLOW_STEP = 0.1  # of time; what the replicator conserves then drifts by less than 1e-4 of itself in 100

TIDY = 100  # steps after which logarithms are counted anew: they grow by 0.2 a step, and exp overflows at 709


def unit_of_payoff(game: Game) -> float:
    """Half the largest difference between two payoffs of one player; 1 if there is none."""
    return max(game.spans) / 2 or 1.0


def payoffs_of_all(game: Game) -> Floats:
    """The matrix that takes both strategies, [m + n], to the payoffs of all actions, in units."""
    m, n = game.shape
    unit = unit_of_payoff(game)
    both: Floats = np.zeros((m + n, m + n))
    both[:m, m:], both[m:, :m] = game.above[0] / unit, game.above[1].T / unit
    return both


def players(game: Game) -> Floats:
    """The matrix that takes a vector [m + n] to the sum over its own player's part, at every place."""
    m, n = game.shape
    ones: Floats = np.zeros((m + n, m + n))
    ones[:m, :m], ones[m:, m:] = 1.0, 1.0
    return ones


def replicator(game: Game, x: Floats, y: Floats, steps: int, h: float = FLOW_STEP) -> tuple[Floats, Floats]:
    """Both players' paths, [steps + 1, m] and [steps + 1, n], from x [m] and y [n] in steps of time `h`."""
    if game.shape == (2, 2):
        return _replicator_2x2(game, x, y, steps, h)
    pushes, ones = h * payoffs_of_all(game), players(game)
    path: Floats = np.empty((steps + 1, sum(game.shape)))

    def push(u: Floats) -> Floats:
        weights = np.exp(u)
        return np.asarray(pushes @ (weights / (ones @ weights)))

    with np.errstate(divide="ignore"):
        u: Floats = np.log(np.concatenate([x, y]))  # of 0: -inf, which stays
    path[0] = np.exp(u)
    for k in range(1, steps + 1):
        k1 = push(u)
        k2 = push(u + 0.5 * k1)
        k3 = push(u + 0.5 * k2)
        u = u + (k1 + 2 * (k2 + k3) + push(u + k3)) / 6
        if k % TIDY == 0:
            u -= np.log(ones @ np.exp(u))
        path[k] = u
    path[1:] = np.exp(path[1:])
    path /= path @ ones
    return path[:, : len(x)], path[:, len(x) :]


def _replicator_2x2(game: Game, x: Floats, y: Floats, steps: int, h: float) -> tuple[Floats, Floats]:
    """The same for two actions each, by the log odds of the first: plain floats, ten times as fast."""
    row, column = (game.above[who] * h / unit_of_payoff(game) for who in (0, 1))
    (a1, a0), (b1, b0) = (row[0] - row[1]).tolist(), (column[:, 0] - column[:, 1]).tolist()
    # What the first action pays more is a0 where the other never plays its first, a1 where always. The
    # probability is (1 + tanh(odds / 2)) / 2, so all odds are halved here.
    a, da, b, db = (a1 + a0) / 4, (a1 - a0) / 4, (b1 + b0) / 4, (b1 - b0) / 4
    tanh, path = math.tanh, []
    u, v = _half_log_odds(x), _half_log_odds(y)
    path.append((u, v))
    for _ in range(steps):
        k1, l1 = a + da * tanh(v), b + db * tanh(u)
        k2, l2 = a + da * tanh(v + l1 / 2), b + db * tanh(u + k1 / 2)
        k3, l3 = a + da * tanh(v + l2 / 2), b + db * tanh(u + k2 / 2)
        k4, l4 = a + da * tanh(v + l3), b + db * tanh(u + k3)
        u, v = u + (k1 + 2 * (k2 + k3) + k4) / 6, v + (l1 + 2 * (l2 + l3) + l4) / 6
        path.append((u, v))
    odds = 2 * np.array(path)
    # Both probabilities from their own exponential: each keeps its digits where it is next to 0.
    first, second = np.exp(-np.logaddexp(0.0, -odds)), np.exp(-np.logaddexp(0.0, odds))
    return np.stack([first[:, 0], second[:, 0]], 1), np.stack([first[:, 1], second[:, 1]], 1)


def _half_log_odds(strategy: Floats) -> float:
    first, second = strategy.tolist()
    if first <= 0 or second <= 0:
        return math.inf if first > 0 else -math.inf
    return math.log(first / second) / 2
