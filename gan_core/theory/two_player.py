"""Two players, one number each: x lowers f, y raises it; both move along the field -v.

v(x, y) = (df/dx, -df/dy) for a game with one value f; where the players have losses of their own,
v = (dL_x/dx, dL_y/dy). J = dv/d(x, y). A point where v = 0 attracts the flow when both eigenvalues of
J have a positive real part.

Sources: Jin, Netrapalli & Jordan 2020 (local minimax, section 3); Mescheder, Nowozin & Geiger 2017
(J and its eigenvalues); Balduzzi et al. 2018 (potential and rotational part).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Pair = tuple[float, float]
Matrix = tuple[float, float, float, float]
"""J by rows: dv_x/dx, dv_x/dy, dv_y/dx, dv_y/dy."""


class Quadratic(NamedTuple):
    """f(x, y) = a/2 x^2 + b x y - c/2 y^2: every game near its equilibrium, in three numbers.

    a, c: how strongly x, y are pulled back by themselves (below 0: pushed away); b: the coupling.
    """

    a: float
    b: float
    c: float


class Game(NamedTuple):
    """A game as functions of (x, y); all but `jacobian` and `project` take arrays, too."""

    value: Callable[[Any, Any], Any]  # what y raises
    field: Callable[[Any, Any], tuple[Any, Any]]  # v: the players move along -v
    jacobian: Callable[[float, float], Matrix]
    local: Quadratic | None  # the game near (0, 0); None where v jumps there
    project: Callable[[Pair], Pair] | None = None  # applied after every step
    exact: bool = False  # the game is `local` everywhere


def quadratic_game(q: Quadratic) -> Game:
    """v = (a x + b y, -b x + c y), J = [[a, b], [-b, c]] everywhere."""
    a, b, c = q
    return Game(
        value=lambda x, y: 0.5 * a * x * x + b * x * y - 0.5 * c * y * y,
        field=lambda x, y: (a * x + b * y, c * y - b * x),
        jacobian=lambda x, y: (a, b, -b, c),
        local=q,
        exact=True,
    )


def bilinear(b: float) -> Quadratic:
    """f = b x y: all coupling, no pull of one's own."""
    return Quadratic(0.0, b, 0.0)


DEMOS: dict[str, Quadratic] = {
    "saddle": Quadratic(1.0, 2.0, 0.2),  # a strict local Nash equilibrium
    "minimax": Quadratic(-2.0, 5.0, 2.0),  # -x^2 + 5 x y - y^2 of Jin et al.: local minimax, not Nash
    "stable": Quadratic(-1.0, 2.0, 2.0),  # attracts although no Nash equilibrium: x sits on a hilltop
    "impostor": Quadratic(2.0, 2.0, -1.0),  # attracts plain steps and solves nothing
}


def is_local_nash(q: Quadratic) -> bool:
    """Strict: neither player gains by a small move of its own; f_xx > 0 > f_yy."""
    return q.a > 0.0 and q.c > 0.0


def is_local_minimax(q: Quadratic) -> bool:
    """Strict: x gains by no small move that y answers best; f_yy < 0 < f_xx - f_xy^2 / f_yy."""
    return q.c > 0.0 and q.a + q.b * q.b / q.c > 0.0


def eigenvalues(q: Quadratic, timescale: float = 1.0) -> Complexes:
    """Both eigenvalues of J when x moves `timescale` times slower: x' = -f_x / timescale, y' = f_y.

    With A = a / timescale, B^2 = b^2 / timescale: (A + c)/2 +- sqrt(((A - c)/2)^2 - B^2); [2].
    """
    return roots_of(q.a / timescale + q.c, (q.a * q.c + q.b * q.b) / timescale)


def roots_of(trace: ArrayLike, determinant: ArrayLike) -> Complexes:
    """Both eigenvalues of a 2 x 2 matrix from its trace and determinant; [2, ...].

    The larger root comes from a sum without cancellation, the other one from their product.
    """
    half = np.asarray(trace, complex) / 2
    product = np.asarray(determinant, complex)
    spread = np.sqrt(half * half - product)
    large = half + np.where((half.conj() * spread).real >= 0, spread, -spread)
    small = np.divide(product, large, out=np.zeros_like(large), where=large != 0)
    return np.stack([large, small])


def vector_jacobian(j: Matrix, v: Pair) -> Pair:
    """J^T v, the gradient of |v|^2 / 2."""
    return j[0] * v[0] + j[2] * v[1], j[1] * v[0] + j[3] * v[1]


def rotation(j: Matrix) -> float:
    """k of the antisymmetric part A = (J - J^T)/2 = [[0, k], [-k, 0]]."""
    return 0.5 * (j[1] - j[2])


def duality_gap(q: Quadratic, x: ArrayLike, y: ArrayLike) -> Floats:
    """max_y' f(x, y') - min_x' f(x', y): 0 at the equilibrium alone. Needs a, c > 0.

    (a + b^2/c)/2 x^2 + (c + b^2/a)/2 y^2, in the unit of f.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    return np.asarray(0.5 * (q.a + q.b**2 / q.c) * x * x + 0.5 * (q.c + q.b**2 / q.a) * y * y)


def bilinear_duality_gap(b: float, box: float, x: ArrayLike, y: ArrayLike) -> Floats:
    """The same for f = b x y with both players kept in [-box, box]: |b| box (|x| + |y|)."""
    return np.asarray(abs(b) * box * (np.abs(x) + np.abs(y)))
