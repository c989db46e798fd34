"""How two players learn: one small step function a method, and the simulation that calls it.

Every step function takes the game, the setup, the point (x, y) and the method's memory. It says where
the players stand afterwards, and which moves brought them there: the very moves that slow motion
shows. w = (x, y), D = diag(eta_x, eta_y), v the field of the game.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, Literal, NamedTuple

import numpy as np

from gan_core.theory.two_player import Floats, Game, Pair, rotation, vector_jacobian

Player = Literal["x", "y"]
LIMIT = 1e6
"""A path whose distance from the origin passes this has diverged."""

NEWTON_STEPS = 20
ADAM_BETAS = (0.5, 0.999)
ADAM_EPSILON = 1e-8


class Setup(NamedTuple):
    """A method and all its numbers; each method reads those it knows."""

    method: str
    eta_x: Any  # a number; the closed forms take arrays, too
    eta_y: Any
    first: Player = "x"  # who moves first, in alternating methods
    inner: int = 1  # moves of y in a step of alternating descent-ascent
    outer: int = 1  # and of x
    strength: float = 1.0  # gamma of consensus optimisation, lambda of the symplectic adjustment
    momentum: float = -0.25  # beta of the heavy ball
    cycle: int = 5  # k: base steps before lookahead pulls back
    pull: float = 0.5  # alpha: how far towards the last of them
    base: Literal["simultaneous", "alternating"] = "simultaneous"  # what lookahead wraps


class Move(NamedTuple):
    """One stroke of a step; `who` is a player, or "both" for a look ahead or a pull back."""

    who: str
    start: Pair
    end: Pair


class Turn(NamedTuple):
    """The result of one step."""

    end: Pair
    moves: tuple[Move, ...]
    memory: Any = None


Step = Callable[[Game, Setup, Pair, Any], Turn]


def _one_then_other(start: Pair, end: Pair) -> tuple[Move, ...]:
    """A step both players made at once, as x's stroke and then y's."""
    corner = (end[0], start[1])
    return Move("x", start, corner), Move("y", corner, end)


def _along(setup: Setup, w: Pair, v: Pair) -> Pair:
    """w - D v."""
    return w[0] - setup.eta_x * v[0], w[1] - setup.eta_y * v[1]


def _together(setup: Setup, w: Pair, v: Pair, memory: Any = None) -> Turn:
    end = _along(setup, w, v)
    return Turn(end, _one_then_other(w, end), memory)


def simultaneous(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """w - D v(w): both look at where the other stands now."""
    return _together(setup, w, game.field(*w))


def order_of(setup: Setup) -> tuple[Player, ...]:
    """Whose turn it is, stroke by stroke, in an alternating step."""
    x: list[Player] = ["x"] * setup.outer
    y: list[Player] = ["y"] * setup.inner
    return (*x, *y) if setup.first == "x" else (*y, *x)


def alternating(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """One after the other, each looking at where the other has just gone."""
    moves = []
    for who in order_of(setup):
        v = game.field(*w)
        end = (w[0] - setup.eta_x * v[0], w[1]) if who == "x" else (w[0], w[1] - setup.eta_y * v[1])
        moves.append(Move(who, w, end))
        w = end
    return Turn(w, tuple(moves))


def proximal_point(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """w+ = w - D v(w+), by Newton's method: the step taken with the field at its own end.

    Rockafellar 1976. Exact in one Newton step for a quadratic game.
    """
    end = w
    for _ in range(NEWTON_STEPS):
        v, j = game.field(*end), game.jacobian(*end)
        rest = (end[0] - w[0] + setup.eta_x * v[0], end[1] - w[1] + setup.eta_y * v[1])
        m = (1 + setup.eta_x * j[0], setup.eta_x * j[1], setup.eta_y * j[2], 1 + setup.eta_y * j[3])
        det = m[0] * m[3] - m[1] * m[2]
        if det == 0.0:
            return Turn((float("inf"), float("inf")), _one_then_other(w, end))
        change = (m[3] * rest[0] - m[1] * rest[1]) / det, (m[0] * rest[1] - m[2] * rest[0]) / det
        end = (end[0] - change[0], end[1] - change[1])
        if abs(change[0]) + abs(change[1]) <= 1e-14 * (abs(end[0]) + abs(end[1])):
            break
    return Turn(end, _one_then_other(w, end))


def extragradient(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """Look one step ahead, come back, and step with the field seen there (Korpelevich 1976)."""
    ahead = _along(setup, w, game.field(*w))
    end = _along(setup, w, game.field(*ahead))
    return Turn(end, (Move("both", w, ahead), *_one_then_other(w, end)))


def optimistic(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """w - 2 D v_t + D v_(t-1), v_(-1) = v_0 (Daskalakis et al. 2018): expects the last change again."""
    v = game.field(*w)
    last = memory or v
    return _together(setup, w, (2 * v[0] - last[0], 2 * v[1] - last[1]), v)


def consensus(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """w - D (v + gamma J^T v): both also lower |v|^2 / 2 (Mescheder et al. 2017, eq. 8)."""
    v = game.field(*w)
    pull = vector_jacobian(game.jacobian(*w), v)
    return _together(setup, w, (v[0] + setup.strength * pull[0], v[1] + setup.strength * pull[1]))


def symplectic(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """w - D (v + lambda A^T v), A the rotating part of J (Balduzzi et al. 2018, section 3).

    lambda keeps its sign here: the paper's rule that may flip it is left out.
    """
    v = game.field(*w)
    k = setup.strength * rotation(game.jacobian(*w))
    return _together(setup, w, (v[0] - k * v[1], v[1] + k * v[0]))


def lookahead(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """Every k base steps go back to w_0 + alpha (w_k - w_0) (Chavdarova et al. 2021, algorithm 1)."""
    anchor, done = memory or (w, 0)
    base = simultaneous if setup.base == "simultaneous" else alternating
    end, moves, _ = base(game, setup._replace(inner=1, outer=1), w, None)
    back = end
    if done + 1 == setup.cycle:
        back = (anchor[0] + setup.pull * (end[0] - anchor[0]), anchor[1] + setup.pull * (end[1] - anchor[1]))
    memory = (back, 0) if done + 1 == setup.cycle else (anchor, done + 1)
    return Turn(back, (*moves, Move("both", end, back)), memory)


def heavy_ball(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """Alternating steps, each with beta times its last change added (Gidel et al. 2019, section 3)."""
    last = memory or w
    start, moves = w, []
    for who in order_of(setup._replace(inner=1, outer=1)):
        v = game.field(*w)
        if who == "x":
            end = (w[0] - setup.eta_x * v[0] + setup.momentum * (w[0] - last[0]), w[1])
        else:
            end = (w[0], w[1] - setup.eta_y * v[1] + setup.momentum * (w[1] - last[1]))
        moves.append(Move(who, w, end))
        w = end
    return Turn(w, tuple(moves), start)


def adam(game: Game, setup: Setup, w: Pair, memory: Any) -> Turn:
    """Simultaneous Adam (Kingma & Ba 2015, algorithm 1) with the betas of the GAN literature."""
    v = game.field(*w)
    first, second, t = memory or ((0.0, 0.0), (0.0, 0.0), 0)
    (b1, b2), t = ADAM_BETAS, t + 1
    first = tuple(b1 * m + (1 - b1) * g for m, g in zip(first, v, strict=True))
    second = tuple(b2 * s + (1 - b2) * g * g for s, g in zip(second, v, strict=True))
    push = [
        (m / (1 - b1**t)) / ((s / (1 - b2**t)) ** 0.5 + ADAM_EPSILON)
        for m, s in zip(first, second, strict=True)
    ]
    return _together(setup, w, (push[0], push[1]), (first, second, t))


METHODS: dict[str, Step] = {
    "simultaneous": simultaneous,
    "alternating": alternating,
    "proximal": proximal_point,
    "extragradient": extragradient,
    "optimistic": optimistic,
    "consensus": consensus,
    "symplectic": symplectic,
    "lookahead": lookahead,
    "momentum": heavy_ball,
    "adam": adam,
}


def gradient_calls(setup: Setup) -> float:
    """What one step costs, in evaluations of the whole field (both players' gradients).

    A product with J or its transpose counts as two. The proximal point is implicit: it is counted as
    one field and one J, which is all it takes in a quadratic game.
    """
    if setup.method == "alternating":
        return (setup.outer + setup.inner) / 2
    costs = {"extragradient": 2.0, "consensus": 3.0, "symplectic": 3.0, "proximal": 3.0}
    return costs.get(setup.method, 1.0)


class Record(NamedTuple):
    """A simulated path; n steps of m moves each."""

    path: Floats  # [n + 1, 2]
    moves: Floats  # [n, m, 2 (start, end), 2 (x, y)]
    movers: tuple[str, ...]  # [m]: "x", "y" or "both"
    calls: Floats  # [n + 1]: gradient calls made so far
    diverged_at: int | None  # the first step that left the range of numbers; the path ends before it

    @property
    def radius(self) -> Floats:
        """The distance from the origin; [n + 1]."""
        return np.hypot(self.path[:, 0], self.path[:, 1])


def simulate(game: Game, setup: Setup, start: Pair, steps: int) -> Record:
    """Plays `steps` steps from `start`, or fewer if the path diverges.

    Python floats on purpose: on arrays of two numbers NumPy would take twenty times as long.
    """
    step, memory = METHODS[setup.method], None
    w: Pair = (float(start[0]), float(start[1]))
    path, turns, diverged_at = [w], [], None
    for number in range(1, steps + 1):
        w, moves, memory = step(game, setup, w, memory)
        if game.project:
            w = game.project(w)
            moves = (*moves[:-1], moves[-1]._replace(end=w))
        if not (isfinite(w[0]) and isfinite(w[1]) and abs(w[0]) + abs(w[1]) <= LIMIT):
            diverged_at = number
            break
        path.append(w)
        turns.append(moves)
    movers = tuple(move.who for move in (turns[0] if turns else moves_of(setup)))
    strokes = np.array([[(move.start, move.end) for move in moves] for moves in turns], float)
    return Record(
        np.array(path),
        strokes.reshape(len(turns), len(movers), 2, 2),
        movers,
        gradient_calls(setup) * np.arange(float(len(path))),
        diverged_at,
    )


def moves_of(setup: Setup) -> tuple[Move, ...]:
    """The moves of a step of this method: their kinds alone."""
    still = Game(lambda x, y: 0.0, lambda x, y: (0.0, 0.0), lambda x, y: (0.0,) * 4, None)
    return METHODS[setup.method](still, setup, (0.0, 0.0), None).moves
