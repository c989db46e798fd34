"""The minimax value and its equilibrium, with and without label smoothing.

Sign rule of the whole project: V is what the discriminator raises and the generator lowers;
whatever is called a loss is minimised. `real_label` is the label of a real image (the smoothing
factor, 1 is off), `fake_label` that of a generated one (0 is one-sided smoothing).

Three numbers that must not be mixed, for labels 0.9 and 0: the value of the plain game at its
equilibrium, -log 4 = -1.3863; the plain V at the smoothed equilibrium, -1.3963
(`value_at_equilibrium`); the objective D is really trained on there, -1.3763
(`objective_at_equilibrium`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

PLAIN_VALUE = -float(np.log(4.0))
"""V at the equilibrium of the game without smoothing, in nats (Goodfellow et al. 2014, Theorem 1)."""


def optimal_discriminator(p: ArrayLike, q: ArrayLike, *, real_label: float, fake_label: float) -> Floats:
    """D*(x) = (real_label p + fake_label q) / (p + q): the best answer to two known densities.

    `p`, `q`: densities of real and generated data at the same points, same shape, not both 0.
    Source: Goodfellow et al. 2014, Proposition 1; with labels, Salimans et al. 2016, section 3.4.
    """
    p, q = np.asarray(p, float), np.asarray(q, float)
    return np.asarray((real_label * p + fake_label * q) / (p + q))


def equilibrium_output(*, real_label: float, fake_label: float) -> float:
    """What D answers everywhere when generated and real data are alike: D* at p = q."""
    return float(optimal_discriminator(1.0, 1.0, real_label=real_label, fake_label=fake_label))


def value_surface(a: ArrayLike, b: ArrayLike) -> Floats:
    """V(a, b) = log a + log(1 - b), in nats, with a, b in (0, 1).

    The value of a discriminator that answers a on every real and b on every generated image. For
    any other D the same height is reached at a = exp(E log D(x)), b = 1 - exp(E log(1 - D(G(z)))).
    """
    return np.asarray(np.log(a) + np.log1p(-np.asarray(b, float)))


def value_coordinates(real_term: ArrayLike, fake_term: ArrayLike) -> tuple[Floats, Floats]:
    """The point (a, b) on `value_surface` whose height is real_term + fake_term.

    `real_term`: E log D(x); `fake_term`: E log(1 - D(G(z))), in nats, both at most 0.
    """
    return np.exp(np.asarray(real_term, float)), -np.expm1(np.asarray(fake_term, float))


def value_at_equilibrium(*, real_label: float, fake_label: float) -> float:
    """The plain V, in nats, at the equilibrium of the smoothed game: log d + log(1 - d)."""
    d = equilibrium_output(real_label=real_label, fake_label=fake_label)
    return float(value_surface(d, d))


def objective_at_equilibrium(*, real_label: float, fake_label: float) -> float:
    """What D with smoothed labels maximises, in nats, at equilibrium: minus its summed loss there."""
    d = equilibrium_output(real_label=real_label, fake_label=fake_label)
    labels = real_label + fake_label
    return float(labels * np.log(d) + (2.0 - labels) * np.log1p(-d))


def accuracy(real_output: Any, fake_output: Any, *, threshold: float) -> float:
    """Balanced accuracy of D when it calls real what lies above `threshold`.

    The Bayes threshold is the equilibrium output, not 1/2, once labels are smoothed. An output
    exactly at the threshold counts one half, so that a D that cannot tell scores 0.5.
    """
    real, fake = np.asarray(real_output, float), np.asarray(fake_output, float)
    hit_real = np.mean((real > threshold) + 0.5 * (real == threshold))
    hit_fake = np.mean((fake < threshold) + 0.5 * (fake == threshold))
    return float((hit_real + hit_fake) / 2)
