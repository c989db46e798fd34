"""Measures of generated digits pixel by pixel: Parzen windows, and the nearest digit of the train part."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Frozen
from gan_core.measures.pictures import as_grey
from gan_core.networks import without_class

PARZEN_SDS = tuple(10.0 ** (-1 + i / 9) for i in range(10))
"""Candidates for the width of a window: ten values from 0.1 to 1, log-spaced, as in Goodfellow's code."""
BLOCK = 500  # rows at a time, so that a table of distances stays below 20 MB


class Parzen(NamedTuple):
    """A log-likelihood in nats per digit."""

    mean: float  # over the test digits
    standard_error: float  # of that mean
    sd: float  # of the windows, grey values in [0, 1]; the first or last candidate: distrust the mean


def parzen(generated: Tensor, validation: Tensor, test: Tensor) -> Parzen:
    """Mean log of (1/n) Σ N(x; G(z_j), sd²I) over the test digits; all are grey values in [-1, 1], [n, 784].

    Computed on [0, 1]; `sd` is the candidate with the highest mean on the validation digits. The measure
    of Goodfellow et al. 2014 (225 on MNIST, 10,000 samples), and a bad one: in 784 dimensions no number of
    samples is enough, centroids of k-means beat real digits, sharp and diverse digits may score below blurred
    ones, and the ceiling −784 ln(sd √2π) moves with sd. Source of the flaws: Theis et al. 2016 (1511.01844).
    For what real digits reach, put as many train digits in the place of the generated ones.
    """
    on_validation = _squares(validation, generated)
    sd = max(PARZEN_SDS, key=lambda s: float(_log_density(on_validation, s, generated.shape[1]).mean()))
    logs = _log_density(_squares(test, generated), sd, generated.shape[1])
    return Parzen(float(logs.mean()), float(logs.std()) / math.sqrt(len(logs)), sd)


def _squares(points: Tensor, centres: Tensor) -> Tensor:
    """Squared distances on [0, 1], float64 [m, n]; half the grey values of [-1, 1] have the same ones."""
    return torch.cdist(points / 2, centres / 2).double().square()


def _log_density(squares: Tensor, sd: float, dimensions: int) -> Tensor:
    """Of each point under the mixture of windows, [m]."""
    inside = torch.logsumexp(squares / (-2 * sd**2), 1) - math.log(squares.shape[1])
    return inside - dimensions * math.log(sd * math.sqrt(2 * math.pi))


class Nearest(NamedTuple):
    """The nearest train digit of each generated one."""

    rows: Tensor  # int64 [n], of the train digits
    distance: Tensor  # float32 [n], Euclidean, of grey values in [-1, 1]


def nearest(generated: Tensor, train: Tensor) -> Nearest:
    """For generated digits [n, 784] among train digits [k, 784], grey values in [-1, 1].

    A distance of 0 is a copied digit. The scale is `nearest(held_out, train)`: digits that nobody copied.
    Pixels are a weak judge: a copy shifted by one pixel is far away, so large distances prove nothing.
    """
    half_norms = train.square().sum(1) / 2
    # argmin ‖g − t‖² = argmin ‖t‖²/2 − g·t: one product, no root.
    rows = torch.cat([
        torch.addmm(half_norms, block, train.T, alpha=-1).argmin(1)
        for block in torch.split(generated, BLOCK)
    ])  # fmt: skip
    # Anew from the two digits: the difference of large numbers above would not give 0 for a copy.
    return Nearest(rows, torch.linalg.vector_norm(generated - train[rows], dim=1))


class Neighbours(NamedTuple):
    """Generated digits beside their nearest train digits; pictures are uint8 [n, 784]."""

    generated_digits: NDArray[np.uint8]
    nearest_digits: NDArray[np.uint8]
    nearest_distance: NDArray[np.float32]  # [n], grey values in [-1, 1]
    usual_distance: float  # median of held-out digits, which nobody copied


@torch.no_grad()
def neighbours(frozen: Frozen, count: int, scale: int = 500) -> Neighbours:
    """Of `count` digits of G; `scale`: held-out digits that the usual distance rests on."""
    conditional = frozen.settings.conditional
    made, _ = without_class(frozen.generated(frozen.latents(count, frozen.rng(7))), conditional=conditional)
    train, _ = without_class(frozen.train, conditional=conditional)
    held_out, _ = without_class(frozen.held_out[:scale], conditional=conditional)
    found = nearest(made, train)
    return Neighbours(
        as_grey(made), as_grey(train[found.rows]), found.distance.numpy(),
        float(nearest(held_out, train).distance.median()),
    )  # fmt: skip


class ParzenPair(NamedTuple):
    """Log-likelihoods under windows around generated digits, and around as many train digits."""

    parzen: float
    parzen_error: float
    parzen_real: float


@torch.no_grad()
def parzen_pair(frozen: Frozen, count: int) -> ParzenPair:
    """With `count` windows each, on held-out digits: half of them choose the width, half are measured."""
    conditional = frozen.settings.conditional
    made, _ = without_class(frozen.generated(frozen.latents(count, frozen.rng(8))), conditional=conditional)
    train, _ = without_class(frozen.train[:count], conditional=conditional)
    held_out, _ = without_class(frozen.held_out, conditional=conditional)
    half = len(held_out) // 2
    found, real = (parzen(centres, held_out[:half], held_out[half:]) for centres in (made, train))
    return ParzenPair(found.mean, found.standard_error, real.mean)
