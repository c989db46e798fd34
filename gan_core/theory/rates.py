"""What a method must do to a quadratic game, before a step is made: closed forms.

The update is linear, so its eigenvalues (multipliers) say all: the distance from the equilibrium
shrinks by the largest modulus a step, once the start is forgotten. A game that is not quadratic does
the same near its equilibrium. Everything takes arrays of couplings and step sizes and returns the
multipliers along the first axis.

Scaled by the step sizes, A = eta_x a, C = eta_y c, B = b sqrt(eta_x eta_y), all methods but consensus
and the symplectic adjustment see one game of step size 1: D J is similar to [[A, B], [-B, C]].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gan_core.theory.methods import Setup
from gan_core.theory.two_player import Complexes, Floats, Quadratic, roots_of

TIE = 1e-9
"""A rate this close to 1 is 1: rounding, not dynamics."""


def _scaled(q: Quadratic, setup: Setup) -> tuple[Any, Any, Any]:
    """A, B^2, C."""
    eta_x, eta_y = np.asarray(setup.eta_x, float), np.asarray(setup.eta_y, float)
    return eta_x * q.a, eta_x * eta_y * np.square(q.b), eta_y * q.c


def field_eigenvalues(q: Quadratic, setup: Setup) -> Complexes:
    """Both eigenvalues lambda of D J; [2, ...]."""
    a, b2, c = _scaled(q, setup)
    return roots_of(a + c, a * c + b2)


def _simultaneous(q: Quadratic, setup: Setup) -> Complexes:
    """1 - lambda. On f = bxy: modulus sqrt(1 + B^2)."""
    return 1 - field_eigenvalues(q, setup)


def _alternating(q: Quadratic, setup: Setup) -> Complexes:
    """n inner steps of y, r = 1 - C: trace 1 - A + r^n - B^2 (1 + r + ... + r^(n-1)), det (1 - A) r^n.

    The order of play does not matter to the multipliers: the products are cyclic.
    """
    a, b2, c = _scaled(q, setup)
    r = 1 - c
    powers = sum(r**i for i in range(setup.inner))
    last = r**setup.inner
    return roots_of(1 - a + last - b2 * powers, (1 - a) * last)


def _proximal(q: Quadratic, setup: Setup) -> Complexes:
    """1 / (1 + lambda)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(1 / (1 + field_eigenvalues(q, setup)), nan=np.inf)


def _extragradient(q: Quadratic, setup: Setup) -> Complexes:
    """1 - lambda + lambda^2."""
    lam = field_eigenvalues(q, setup)
    return 1 - lam + lam * lam


def _optimistic(q: Quadratic, setup: Setup) -> Complexes:
    """Roots of mu^2 - (1 - 2 lambda) mu - lambda = 0; four of them."""
    lam = field_eigenvalues(q, setup)
    return np.concatenate([roots_of(1 - 2 * each, -each) for each in lam])


def _adjusted(q: Quadratic, setup: Setup, gradient: bool) -> Complexes:
    """1 - eigenvalues of D (J + s J^T J), or of D (J + s A^T J)."""
    a, b, c, s = q.a, np.asarray(q.b, float), q.c, setup.strength
    eta_x, eta_y = np.asarray(setup.eta_x, float), np.asarray(setup.eta_y, float)
    first, second = (a * a + b * b, c * c + b * b) if gradient else (b * b, b * b)
    # Off the diagonal: J^T J has b (a - c) twice; A^T J has -bc above and ab below.
    above, below = (b * (a - c), b * (a - c)) if gradient else (-b * c, b * a)
    trace = eta_x * (a + s * first) + eta_y * (c + s * second)
    det = eta_x * eta_y * ((a + s * first) * (c + s * second) - (b + s * above) * (s * below - b))
    return 1 - roots_of(trace, det)


def _lookahead(q: Quadratic, setup: Setup) -> Complexes:
    """A whole cycle: 1 - alpha + alpha mu^k, for each multiplier mu of the base."""
    base = _simultaneous if setup.base == "simultaneous" else _alternating
    return 1 - setup.pull + setup.pull * base(q, setup._replace(inner=1)) ** setup.cycle


def _momentum(q: Quadratic, setup: Setup) -> Complexes:
    """Roots of (mu^2 - p mu + beta)(mu^2 - r mu + beta) + B^2 mu^3, p = 1 - A + beta, r = 1 - C + beta."""
    a, b2, c = np.broadcast_arrays(*_scaled(q, setup))
    beta = setup.momentum
    p, r = 1 - a + beta, 1 - c + beta
    companion = np.zeros((*np.shape(p), 4, 4))
    companion[..., 0, 0] = p + r - b2
    companion[..., 0, 1] = -(2 * beta + p * r)
    companion[..., 0, 2] = beta * (p + r)
    companion[..., 0, 3] = -beta * beta
    companion[..., [1, 2, 3], [0, 1, 2]] = 1.0
    return np.moveaxis(np.linalg.eigvals(companion).astype(complex), -1, 0)


_MULTIPLIERS: dict[str, Callable[[Quadratic, Setup], Complexes]] = {
    "simultaneous": _simultaneous,
    "alternating": _alternating,
    "proximal": _proximal,
    "extragradient": _extragradient,
    "optimistic": _optimistic,
    "consensus": lambda q, setup: _adjusted(q, setup, gradient=True),
    "symplectic": lambda q, setup: _adjusted(q, setup, gradient=False),
    "lookahead": _lookahead,
    "momentum": _momentum,
}


def multipliers(q: Quadratic, setup: Setup) -> Complexes | None:
    """The eigenvalues of the update (of a whole cycle for lookahead); [m, ...]. None for Adam.

    `q.b`, `setup.eta_x` and `setup.eta_y` may be arrays that broadcast. Adam divides by the size of
    the gradients, which is no linear update.
    """
    make = _MULTIPLIERS.get(setup.method)
    return None if make is None else make(q, setup)


def rate(q: Quadratic, setup: Setup) -> Any:
    """By which factor a step multiplies the distance, in the long run; the shape of the arrays in q."""
    found = multipliers(q, setup)
    if found is None:
        return None
    cycle = setup.cycle if setup.method == "lookahead" else 1
    return np.abs(found).max(axis=0) ** (1 / cycle)


def verdict(rates: ArrayLike) -> Floats:
    """-1 where the players converge, 0 where they cycle, 1 where they diverge; same shape."""
    rates = np.asarray(rates, float)
    return np.where(np.abs(rates - 1) <= TIE, 0.0, np.where(rates < 1, -1.0, 1.0))


def largest_stable_step(q: Quadratic) -> float:
    """Simultaneous steps converge below (a + c)/(ac + b^2) when both pulls rotate; best is half of it."""
    return (q.a + q.c) / (q.a * q.c + q.b * q.b)


def conserved(b: float, setup: Setup, x: ArrayLike, y: ArrayLike) -> Floats | None:
    """What the method leaves as it was on f = bxy; None where nothing is known to stay.

    Alternating steps keep x^2/eta_x + y^2/eta_y - bxy when x moves first, + bxy when y does: an
    ellipse that the order of play tilts. (The flow keeps the sum of squares alone.)
    """
    if setup.method != "alternating" or setup.inner != 1 or not setup.eta_x * setup.eta_y:
        return None
    x, y = np.asarray(x, float), np.asarray(y, float)
    tilt = -b if setup.first == "x" else b
    return np.asarray(x * x / setup.eta_x + y * y / setup.eta_y + tilt * x * y)
