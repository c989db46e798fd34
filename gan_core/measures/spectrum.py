"""Leading eigenvalues of the game's Jacobian: how the two players turn around each other near this point.

Both players follow one field, v = (dL_G / dG, dL_D / dD); training moves against it. J is the derivative of v
by all weights. An eigenvalue λ of J with Re λ > 0 is a direction in which the game comes to rest, Im λ is the
turning between the players, and Re λ < 0 leads away. Plain simultaneous steps of size η contract a direction
only for η < 2 Re λ / |λ|² (Mescheder et al. 2017). Far from a point of rest many Re λ < 0 are normal.

J has as many rows as both players have weights, so it is never built. Arnoldi's method (Saad 2011) needs
products with it only: Jᵀ u, whose eigenvalues are the same, is the gradient of v · u. Each new vector is
orthogonalised twice, since once loses orthogonality in single precision. G(z) is not detached in D's loss:
dL_D / dD depends on G, and without that half of the coupling nothing would turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Frozen, Progress, Weights, unheard
from gan_core.networks import Network
from gan_core.training import GanTrainer

Product = Callable[[Tensor], Tensor]

BATCH, VECTORS, LEADING = 256, 20, 8
CONVERGED = 0.2
"""A residual up to this share of |λ| counts: rotation and step rest on such eigenvalues, all of them."""


class Spectrum(NamedTuple):
    """Of J on one batch, in 1 / (unit of the learning rate)."""

    eigenvalues: NDArray[np.complex128]  # [k], largest modulus first; pairs stand together
    residuals: NDArray[np.float64]  # [k], |J q - λ q| for the unit vector q behind each
    rotation: float  # largest |Im| / |Re| of all that have converged, leading or not; NaN where none has
    turning: complex  # the eigenvalue behind it, with Im >= 0
    largest_step: float  # no plain simultaneous step above it contracts all converged Re λ > 0; NaN: none
    leading_away: int  # converged ones with Re λ < 0
    weights: int  # rows of J
    seconds: float


def spectrum(
    trainer: GanTrainer,
    *,
    batch: int = BATCH,
    vectors: int = VECTORS,
    leading: int = LEADING,
    dtype: torch.dtype = torch.float32,
    progress: Progress = unheard,
) -> Spectrum:
    """The `leading` eigenvalues of largest modulus, from `vectors` products with Jᵀ, on `batch` samples.

    In eval mode, on training samples and fixed latents. D's loss is the one in force: labels smoothed as set,
    R1, R2 and WGAN-GP included. `largest_step` is an upper bound: eigenvalues further inside, which are not
    found, can demand a smaller step; and it is of gradient descent, not of Adam.

    The default digits after 2,000 steps, one thread, seconds of processor time:

        batch  vectors  seconds  converged
          128       20     0.3   the leading 8, all real: 28.6 (curvature of D and R1), 7.5, 6.7, 5.8, ...
          256       20     0.5   the same within 3 %: 28.9, 7.2, 6.9, 5.7
          512       40     1.7   28.7, 7.1, 6.7, 5.4
          128       60     0.9   41, the turning pairs among them: 1.84 +- 1.14i, 1.44 +- 1.35i

    Turning has a smaller modulus than D's curvature and converges late: a `rotation` of 0 says that no
    leading direction turns; `vectors` = 60 looks further in.
    Raises ArithmeticError where a product is not finite.
    """
    started = time.perf_counter()
    frozen = Frozen(trainer, dtype=dtype)
    product, size = jacobian_transposed(frozen, batch)
    start = torch.empty(size, dtype=dtype).normal_(generator=frozen.rng(4))
    found = arnoldi(product, start, vectors, progress)
    eigenvalues, residuals = found.eigenvalues[:leading], found.residuals[:leading]
    if 0 < len(eigenvalues) < len(found.eigenvalues) and eigenvalues[-1].imag > 0:  # its partner is cut off
        eigenvalues, residuals = eigenvalues[:-1], residuals[:-1]
    sure = found.eigenvalues[found.residuals <= CONVERGED * np.abs(found.eigenvalues)]
    turning = most_turning(sure)
    return Spectrum(
        eigenvalues, residuals, rotation_of(turning), turning, largest_step_of(sure),
        int(np.sum(sure.real < 0)), size, time.perf_counter() - started,
    )  # fmt: skip


def field(frozen: Frozen, g: Weights, d: Weights, real: Tensor, z: Tensor) -> Tensor:
    """v, [weights of G, then of D], ready to be differentiated once more."""
    fake = frozen.generated(z, g)
    g_loss = frozen.g_loss(real, fake, d) + frozen.held_back("generator", g)
    d_loss = frozen.d_loss(real, fake, d) + frozen.held_back("discriminator", d)
    g_gradient = torch.autograd.grad(g_loss, tuple(g.values()), create_graph=True)
    d_gradient = torch.autograd.grad(d_loss, tuple(d.values()), create_graph=True)
    return torch.cat([part.flatten() for part in (*g_gradient, *d_gradient)])


def jacobian_transposed(frozen: Frozen, batch: int) -> tuple[Product, int]:
    """u -> Jᵀ u at the present weights, and how many weights there are."""
    g, d = _leaves(frozen.g), _leaves(frozen.d)
    rng = frozen.rng(3)
    real = frozen.train[torch.randperm(len(frozen.train), generator=rng)[:batch]]
    v = field(frozen, g, d, real, frozen.latents(batch, rng))
    weights = (*g.values(), *d.values())

    def product(u: Tensor) -> Tensor:
        parts = torch.autograd.grad(v, weights, u, retain_graph=True, materialize_grads=True)
        return torch.cat([part.flatten() for part in parts])

    return product, len(v)


class Ritz(NamedTuple):
    """What a Krylov space knows of eigenvalues, largest modulus first."""

    eigenvalues: NDArray[np.complex128]
    residuals: NDArray[np.float64]


def arnoldi(product: Product, start: Tensor, vectors: int, progress: Progress = unheard) -> Ritz:
    """Ritz values of the Krylov space of `start`, [n], and their residuals |h(m+1, m)| |last number of s|.

    s: the unit eigenvector of the Hessenberg matrix. Ends early in an invariant space, whose eigenvalues are
    exact. No residual is below the rounding of the products.
    Raises ArithmeticError where a product is not finite.
    """
    vectors = min(vectors, len(start))
    basis = torch.empty(vectors + 1, len(start), dtype=start.dtype)
    basis[0] = start / torch.linalg.vector_norm(start)
    h = np.zeros((vectors + 1, vectors))
    for j in range(vectors):
        w = product(basis[j])
        length = float(torch.linalg.vector_norm(w))
        if not math.isfinite(length):
            raise ArithmeticError("a product with the Jacobian is not finite")
        for _ in range(2):
            overlap = basis[: j + 1] @ w
            w = w - overlap @ basis[: j + 1]
            h[: j + 1, j] += overlap.double().numpy()
        rest = float(torch.linalg.vector_norm(w))
        progress((j + 1) / vectors)
        if rest <= torch.finfo(start.dtype).eps * length or j + 1 == len(start):
            return _ritz(h[: j + 1, : j + 1], 0.0, start.dtype)
        h[j + 1, j] = rest
        basis[j + 1] = w / rest
    return _ritz(h[:vectors], float(h[vectors, vectors - 1]), start.dtype)


def rotation_of(eigenvalue: complex) -> float:
    """|Im| / |Re|: 0 without rotation, infinite where the players only turn."""
    if eigenvalue.real == 0.0:
        return math.inf if eigenvalue.imag else 0.0
    return abs(eigenvalue.imag) / abs(eigenvalue.real)


def most_turning(eigenvalues: NDArray[np.complex128]) -> complex:
    """The one of the largest rotation, above the real line; NaN of none."""
    found = max(map(complex, eigenvalues), key=rotation_of, default=complex(math.nan, math.nan))
    return complex(found.real, abs(found.imag))


def largest_step_of(eigenvalues: NDArray[np.complex128]) -> float:
    """The smallest 2 Re λ / |λ|² of those with Re λ > 0; NaN of none."""
    stable = eigenvalues[eigenvalues.real > 0]
    return float(np.min(2.0 * stable.real / np.abs(stable) ** 2)) if len(stable) else math.nan


def _ritz(h: NDArray[np.float64], rest: float, dtype: torch.dtype) -> Ritz:
    eigenvalues, vectors = np.linalg.eig(h)
    # The formula knows nothing of rounding: the products themselves are no better than this.
    rounding = torch.finfo(dtype).eps * float(np.abs(eigenvalues).max())
    residuals = np.maximum(rest * np.abs(vectors[-1]) / np.linalg.norm(vectors, axis=0), rounding)
    # Partners of a pair have one modulus up to rounding: the one above the real line first.
    order = np.lexsort((-eigenvalues.imag, -np.round(np.abs(eigenvalues), 6)))
    return Ritz(eigenvalues[order].astype(complex), residuals[order])


def _leaves(player: Network) -> Weights:
    return {name: weight.detach().clone().requires_grad_() for name, weight in player.named_parameters()}
