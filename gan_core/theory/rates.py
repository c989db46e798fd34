"""What a method must do to a quadratic game, before a step is made.

Every method but Adam is linear there: w+ = M w, where w holds both players and, for a method with a
memory, where they stood a step before. The eigenvalues of M (multipliers) say how the distance from
the equilibrium grows or shrinks once the start is forgotten; where the largest modulus is 1, a missing
eigenvector says that the players drift off all the same. A game that is not quadratic does so near its
equilibrium alone, and at modulus 1 not even there.

q.b, setup.eta_x and setup.eta_y may be arrays that broadcast; M is then [..., n, n].
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_core.theory.methods import Setup
from gan_core.theory.two_player import Complexes, Floats, Pair, Quadratic, roots_of

TIE = 1e-11
"""A modulus this close to 1 is 1: rounding, not dynamics."""

NEAR = 1e-6
"""Multipliers this close to each other are one: rounding parts a double one by about its root, 1e-8."""

TINY = 1e-100
ENDLESS = 1e50
"""A rate beyond this belongs to an implicit step that does not exist."""


class Fate(IntEnum):
    """What becomes of the players, from inward to outward."""

    CONVERGES = 0
    RESTS = 1  # comes to rest, but not at (0, 0)
    STANDS = 2  # nobody ever moves
    CYCLES = 3  # keeps moving, neither in nor out
    DRIFTS = 4  # multipliers of modulus 1, one of them repeated and short of an eigenvector
    DIVERGES = 5


# ---------------------------------------------------------------- the update


def _matrix(*rows: tuple[Any, Any]) -> Floats:
    """Numbers and arrays as matrices; [..., 2, 2]."""
    entries = np.broadcast_arrays(*(np.asarray(entry, float) for row in rows for entry in row))
    return np.stack(entries, axis=-1).reshape(*entries[0].shape, 2, 2)


def _blocks(corner: Floats, beside: Floats) -> Floats:
    """[[corner, beside], [1, 0]]: the state is w and, under it, w one step before; [..., 4, 4]."""
    under = np.broadcast_to(np.eye(2, 4), (*corner.shape[:-2], 2, 4))
    return np.concatenate([np.concatenate([corner, beside], axis=-1), under], axis=-2)


def _field(q: Quadratic) -> Floats:
    """J."""
    return _matrix((q.a, q.b), (-np.asarray(q.b), q.c))


def _steps(setup: Setup) -> Floats:
    """D."""
    return _matrix((setup.eta_x, 0.0), (0.0, setup.eta_y))


def _simultaneous(q: Quadratic, setup: Setup) -> Floats:
    """1 - D J. On f = bxy: modulus sqrt(1 + u^2), u^2 = eta_x eta_y b^2."""
    return np.eye(2) - _steps(setup) @ _field(q)


def _strokes(q: Quadratic, setup: Setup) -> tuple[Floats, Floats]:
    """x's move alone, and y's."""
    both = _simultaneous(q, setup)
    x, y = np.broadcast_to(np.eye(2), both.shape).copy(), np.broadcast_to(np.eye(2), both.shape).copy()
    x[..., 0, :], y[..., 1, :] = both[..., 0, :], both[..., 1, :]
    return x, y


def _alternating(q: Quadratic, setup: Setup) -> Floats:
    """One player's moves after the other's. The order of play tilts M, not its multipliers."""
    x, y = _strokes(q, setup)
    x, y = np.linalg.matrix_power(x, setup.outer), np.linalg.matrix_power(y, setup.inner)
    return y @ x if setup.first == "x" else x @ y


def _proximal(q: Quadratic, setup: Setup) -> Floats:
    """(1 + D J)^-1; all but infinite where there is no such matrix."""
    m = np.eye(2) + _steps(setup) @ _field(q)
    determinant = m[..., 0, 0] * m[..., 1, 1] - m[..., 0, 1] * m[..., 1, 0]
    adjugate = _matrix((m[..., 1, 1], -m[..., 0, 1]), (-m[..., 1, 0], m[..., 0, 0]))
    return np.asarray(adjugate / np.where(determinant == 0, TINY, determinant)[..., None, None])


def _extragradient(q: Quadratic, setup: Setup) -> Floats:
    """1 - D J (1 - D J)."""
    step = _steps(setup) @ _field(q)
    return np.eye(2) - step @ (np.eye(2) - step)


def _optimistic(q: Quadratic, setup: Setup) -> Floats:
    """w+ = w - 2 D J w + D J w_before."""
    step = _steps(setup) @ _field(q)
    return _blocks(np.eye(2) - 2 * step, step)


def _consensus(q: Quadratic, setup: Setup) -> Floats:
    """1 - D (J + gamma J^T J)."""
    j = _field(q)
    return np.eye(2) - _steps(setup) @ (j + setup.strength * np.swapaxes(j, -1, -2) @ j)


def _symplectic(q: Quadratic, setup: Setup) -> Floats:
    """1 - D (J + lambda A^T J), A = (J - J^T) / 2."""
    j = _field(q)
    across = (np.swapaxes(j, -1, -2) - j) / 2
    return np.eye(2) - _steps(setup) @ (j + setup.strength * across @ j)


def _momentum(q: Quadratic, setup: Setup) -> Floats:
    """Alternating moves, each with beta times its player's last change added."""
    x, y = _strokes(q, setup)
    (first, mine), (second, other) = (x, np.diag([1.0, 0.0])), (y, np.diag([0.0, 1.0]))
    if setup.first == "y":
        (first, mine), (second, other) = (second, other), (first, mine)
    change = setup.momentum * (second @ mine + other)
    return _blocks(second @ first + change, -change)


_UPDATES: dict[str, Callable[[Quadratic, Setup], Floats]] = {
    "simultaneous": _simultaneous,
    "alternating": _alternating,
    "proximal": _proximal,
    "extragradient": _extragradient,
    "optimistic": _optimistic,
    "consensus": _consensus,
    "symplectic": _symplectic,
    "momentum": _momentum,
}


def update(q: Quadratic, setup: Setup) -> Floats | None:
    """M of one step (for lookahead: of a step inside a cycle); [..., n, n], n = 2, or 4 with a memory.

    None for Adam, which divides by the size of the gradients: no linear update.
    """
    if setup.method == "lookahead":
        setup = setup._replace(method=setup.base, inner=1, outer=1)
    make = _UPDATES.get(setup.method)
    return None if make is None else make(q, setup)


def _whole(step: Floats, setup: Setup) -> Floats:
    """M of what repeats itself: a step, or a cycle of lookahead, 1 - alpha + alpha M^k."""
    if setup.method != "lookahead":
        return step
    return (1 - setup.pull) * np.eye(step.shape[-1]) + setup.pull * np.linalg.matrix_power(step, setup.cycle)


# ---------------------------------------------------------------- the multipliers


def _eigenvalues(m: Floats) -> Complexes:
    """Of matrices [..., n, n]; [n, ...]. Two by two in closed form, from 1 - M: exact close to 1."""
    if m.shape[-1] != 2:
        return np.moveaxis(np.linalg.eigvals(m).astype(complex), -1, 0)
    pull = np.eye(2) - m
    determinant = pull[..., 0, 0] * pull[..., 1, 1] - pull[..., 0, 1] * pull[..., 1, 0]
    return np.asarray(1 - roots_of(pull[..., 0, 0] + pull[..., 1, 1], determinant))


def multipliers(q: Quadratic, setup: Setup) -> Complexes | None:
    """The eigenvalues of the update (of a whole cycle for lookahead); [n, ...]. None for Adam."""
    step = update(q, setup)
    return None if step is None else _eigenvalues(_whole(step, setup))


def _rate(found: Complexes, setup: Setup) -> Floats:
    cycle = setup.cycle if setup.method == "lookahead" else 1
    return np.asarray(np.abs(found).max(axis=0) ** (1 / cycle))


def rate(q: Quadratic, setup: Setup) -> Any:
    """By which factor a step multiplies the distance, in the long run: [...]. None for Adam."""
    found = multipliers(q, setup)
    return None if found is None else _rate(found, setup)


# ---------------------------------------------------------------- what becomes of it


class _Circle(NamedTuple):
    """Which multipliers lie on the unit circle; [n, ...] each."""

    outside: NDArray[np.bool_]
    on: NDArray[np.bool_]
    at_one: NDArray[np.bool_]
    repeated: NDArray[np.bool_]  # on the circle, and another one with it


def _circle(found: Complexes) -> _Circle:
    apart = np.abs(found[:, None] - found[None])
    apart[np.arange(len(found)), np.arange(len(found))] = np.inf
    repeated = apart.min(axis=1) < NEAR
    slack = np.where(repeated, NEAR, TIE)
    size = np.abs(found)
    on = np.abs(size - 1) <= slack
    return _Circle(size > 1 + slack, on, np.abs(found - 1) <= slack, on & repeated)


def _lacks_an_eigenvector(m: Floats, found: Complexes, repeated: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a repeated multiplier mu has a single eigenvector: M - mu has rank n - 1, not n - 2; [...]."""
    lacking = np.zeros(found.shape, bool)
    if repeated.any():
        every = np.broadcast_to(m, (len(found), *m.shape))[repeated]
        rest = every - found[repeated][:, None, None] * np.eye(m.shape[-1])
        lacking[repeated] = np.linalg.svd(rest, compute_uv=False)[:, -2] > NEAR
    return np.asarray(lacking.any(axis=0))


def _fixed(m: Floats) -> NDArray[np.int64]:
    """How many directions M leaves as they are; [...]."""
    kept: NDArray[np.int64] = (np.linalg.svd(m - np.eye(m.shape[-1]), compute_uv=False) <= TIE).sum(axis=-1)
    return kept


def _fates(step: Floats, setup: Setup) -> NDArray[np.int64]:
    """From almost every start, by the matrices [..., n, n] of a step."""
    m = _whole(step, setup)
    found = _eigenvalues(m)
    circle = _circle(found)
    moving = (circle.on & ~circle.at_one).any(axis=0)
    if setup.method == "lookahead":  # what a cycle puts back in its place has moved within the cycle
        moving = moving | (_fixed(m) > _fixed(step))
    kinds = [
        (circle.outside.any(axis=0), Fate.DIVERGES),
        (_lacks_an_eigenvector(m, found, circle.repeated), Fate.DRIFTS),
        (~circle.on.any(axis=0), Fate.CONVERGES),
        (moving, Fate.CYCLES),
        (circle.at_one.sum(axis=0) == 2, Fate.STANDS),
    ]
    where, kind = zip(*kinds, strict=True)
    return np.asarray(np.select(where, kind, Fate.RESTS))


def fates(q: Quadratic, setup: Setup) -> NDArray[np.int64] | None:
    """The Fate of almost every start, as numbers; [...]. None for Adam."""
    step = update(q, setup)
    return None if step is None else _fates(step, setup)


class Forecast(NamedTuple):
    """What must become of a start."""

    rate: float  # by which factor a step multiplies the distance, in the long run
    fate: Fate


@lru_cache(maxsize=256)  # a page says it in several places
def forecast(q: Quadratic, setup: Setup, start: Pair | None = None) -> Forecast | None:
    """The fate of almost every start, or of the very one named; None for Adam.

    A start may be one that stands still, or that never leaves a line on which the players fare otherwise.
    """
    step = update(q, setup)
    if step is None:
        return None
    common = _forecast(step, setup)
    if start is None or common.rate > ENDLESS:
        return common
    place = np.asarray(start, float)
    if np.abs(_strides(step) @ place).max() <= TIE:
        return Forecast(1.0, Fate.STANDS)
    # Rounding leads away from a line that repels: there it must hold to the last digit.
    return _forecast(_along(step, place, 0.0 if common.fate is Fate.DIVERGES else TIE), setup)


def _forecast(step: Floats, setup: Setup) -> Forecast:
    return Forecast(float(_rate(_eigenvalues(_whole(step, setup)), setup)), Fate(int(_fates(step, setup))))


def _along(step: Floats, start: Floats, slack: float) -> Floats:
    """The step on the line through `start` and (0, 0), if it never leaves it; [n/2, n/2], else `step`."""
    size, shares = float(start @ start), []
    for block in np.split(step[:2], len(step) // 2, axis=1):
        end = block @ start
        if abs(end[0] * start[1] - end[1] * start[0]) > slack * size:
            return step
        shares.append(float(end @ start) / size)
    return np.vstack([shares, np.eye(len(shares) - 1, len(shares))])


def _strides(step: Floats) -> Floats:
    """What a first step adds to (x, y): M - 1, a memory beginning as the start itself; [2, 2]."""
    return np.asarray(step[:2].reshape(2, -1, 2).sum(axis=1) - np.eye(2))


class Orbit(NamedTuple):
    """How the players go round."""

    steps: float  # that one turn takes
    lag: float  # the share of a turn by which y follows x; below 0, x follows y


def orbit(q: Quadratic, setup: Setup) -> Orbit | None:
    """From the eigenvector of the multiplier with the largest modulus; None where nothing turns.

    Lookahead has none: a cycle says nothing of the turns within it.
    """
    step = update(q, setup)
    if step is None or setup.method == "lookahead":
        return None
    found, vectors = np.linalg.eig(step)
    turning = np.flatnonzero(found.imag > NEAR)
    if not len(turning):
        return None
    lead = turning[np.abs(found[turning]).argmax()]
    x, y = vectors[:2, lead]
    return Orbit(2 * np.pi / float(np.angle(found[lead])), float(np.angle(x / y)) / (2 * np.pi))


def largest_stable_step(q: Quadratic) -> float:
    """Simultaneous steps converge below (a + c)/(ac + b^2) when both pulls rotate; best is half of it."""
    return (q.a + q.c) / (q.a * q.c + q.b * q.b)


def conserved(b: float, setup: Setup, x: ArrayLike, y: ArrayLike) -> Floats | None:
    """What the method leaves as it was on f = bxy; None where nothing is known to stay.

    Alternating steps keep x^2/eta_x + y^2/eta_y - bxy when x moves first, + bxy when y does: an
    ellipse that the order of play tilts. (The flow keeps the sum of squares alone.)
    """
    if setup.method != "alternating" or (setup.inner, setup.outer) != (1, 1) or not setup.eta_x * setup.eta_y:
        return None
    x, y = np.asarray(x, float), np.asarray(y, float)
    tilt = -b if setup.first == "x" else b
    return np.asarray(x * x / setup.eta_x + y * y / setup.eta_y + tilt * x * y)
