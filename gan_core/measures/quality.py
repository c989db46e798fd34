"""How good generated digits are: each number beside what real digits score in the same place.

All distances are between features of our own small classifier (`classifier.py`), not of the Inception
network. So the numbers rank generators of this project and nothing else: published ones do not compare.

With few samples even perfect digits miss the ideal value. The floors come from real digits: as many train
digits as there are generated ones, against the held-out digits; for FID the mean of several draws, with the
standard deviation of one draw. The classifier has learned from the train digits and not from the held-out
ones, which are too few to stand on both sides. That changes little: FID of 1,000 against 1,000 digits is 5.6
from train to held out and 5.2 within held out, with standard deviations of 0.9 and 0.8 for one draw.

Nothing here draws random numbers, except `quality_of`, from a generator of its own. Distances of features are
in float64, since a cubic kernel of float32 loses the small differences.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.classifier import Reading, load
from gan_core.networks import Network, draw_latents, without_class
from gan_core.settings import CLASSES
from gan_core.theory.distances import HIT_SHARE
from gan_core.training import Functions, GanTrainer

Floats = NDArray[np.float64]

NEIGHBOURS = 3
SAMPLES = 2_000
DRAWS = 8
"""Of real digits, at most, behind the floor of FID."""


class Quality(NamedTuple):
    """Of n generated digits; what ends in `_floor` or `_real` is what real digits reach with the same n."""

    fid: float  # squared distance of features; lower is better
    fid_floor: float  # mean of several draws of real digits
    fid_floor_sd: float  # standard deviation of one draw; NaN where there are digits for one only
    kid: float  # may be below 0: it is unbiased
    kid_floor: float  # standard deviation that KID has around 0 for real digits
    classes_hit: float  # of 10
    kl_to_uniform: float  # nats
    kl_floor: float  # its mean for equally frequent classes
    kl_real: float  # of the held-out digits, whose classes are not quite equally frequent
    classifier_score: float  # 1 to 10; higher is better
    score_real: float  # of the held-out digits
    precision: float  # shares, 0 to 1
    recall: float
    precision_real: float
    recall_real: float


SCALE = (
    "fid_floor", "fid_floor_sd", "kid_floor", "kl_floor", "kl_real", "score_real", "precision_real",
    "recall_real",
)  # fmt: skip
"""Fields that say nothing of a generator, only where its numbers lie on the scale."""


def quality(generated: Tensor, held_out: Tensor, train: Tensor) -> Quality:
    """Every measure of generated digits [n, 784], grey values in [-1, 1].

    `held_out` [m, 784] are the real digits they are compared with, `train` [k, 784] stand in for generated
    ones in the floors. What needs real digits only is kept for the next call with the same tensors: read them
    only. Raises ValueError for fewer than NEIGHBOURS + 2 digits or values that are not finite.
    """
    if len(generated) < NEIGHBOURS + 2 or not bool(torch.isfinite(generated).all()):
        raise ValueError(f"the quality needs {NEIGHBOURS + 2} generated digits or more, with finite values")
    reading = load().read(generated)
    features, classes = reading.features.double(), reading.classes
    real = _real_digits(Same(held_out), Same(train), len(generated))
    precision, recall = precision_and_recall(features, real.features)
    return Quality(
        fid=fid(features, real.features), kid=kid(features, real.features),
        classes_hit=float(classes_hit(classes)), kl_to_uniform=kl_to_uniform(classes),
        classifier_score=classifier_score(reading), precision=precision, recall=recall,
        **real.scale,
    )  # fmt: skip


@torch.no_grad()
def quality_of(trainer: GanTrainer, samples: int = SAMPLES) -> dict[str, float]:
    """`Quality` of G by name, and of the averaged G with `_ema` behind the name, both on the same latents.

    In eval mode; of a conditional game also `right_class`. The latents come from a generator of their own,
    so the run goes on bit for bit as without the measure. Raises ValueError if it does not play with digits.
    """
    if trainer.data.toy is not None:
        raise ValueError("these measures are for digits: a toy has distances from its own density")
    settings, functions = trainer.settings, Functions.of(trainer.settings)
    rng = torch.Generator().manual_seed(settings.seed * 1_000_003 + trainer.steps_done + 700_001)
    z = draw_latents(samples, settings, rng)

    def of(generator: Network) -> dict[str, float]:
        made = generator(z, functions.generator, "eval")
        generated, asked = without_class(made, conditional=settings.conditional)
        told = {} if asked is None else {"right_class": right_class(generated, asked)}
        return quality(generated, trainer.data.held_out, trainer.data.train)._asdict() | told

    averaged = {f"{name}_ema": value for name, value in of(trainer.average).items() if name not in SCALE}
    return of(trainer.generator) | averaged


def right_class(generated: Tensor, asked: Tensor) -> float:
    """Share of the digits [n, 784] that the classifier reads as the class asked for, int64 [n].

    Real digits reach the classifier's `held_out_accuracy`, a generator that ignores the class 0.1.
    """
    return float((load().read(generated).classes == asked).double().mean())


# Sets of features


def fid(one: Tensor, other: Tensor) -> float:
    """Fréchet distance between Gaussians with mean and covariance of two sets of features [n, d] and [m, d].

    Squared distance of features. Real digits are not at 0: for N(0, s²I) in both sets its mean is about
    (d + d(d+1)/4)(1/n + 1/m)s². So compare at equal n only. Source: Heusel et al. 2017 (1706.08500).
    """
    return frechet(*moments(one), *moments(other))


def frechet(mean: Floats, covariance: Floats, other_mean: Floats, other_covariance: Floats) -> float:
    """‖μ1 − μ2‖² + tr(Σ1 + Σ2 − 2(Σ1 Σ2)^½), at least 0 up to rounding.

    Σ1 Σ2 is not symmetric, but has the eigenvalues of Σ1^½ Σ2 Σ1^½, which is. So two symmetric eigenproblems
    are enough; the root of a general matrix may come out complex.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values.clip(0.0))) @ vectors.T  # rounding takes a zero eigenvalue below 0
    shared = np.sqrt(np.linalg.eigvalsh(root @ other_covariance @ root).clip(0.0)).sum()
    apart = np.square(mean - other_mean).sum()
    return float(apart + np.trace(covariance) + np.trace(other_covariance) - 2.0 * shared)


def moments(features: Tensor) -> tuple[Floats, Floats]:
    """Mean [d] and covariance [d, d] of features [n, d]."""
    # By torch: NumPy's threads do not obey torch.set_num_threads, and the large products are here.
    features = features.double()
    return features.mean(0).numpy(), torch.cov(features.T).numpy()


def kid(one: Tensor, other: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy of two sets of features, [n, d] and [m, d].

    Kernel (x·y/d + 1)³, no unit. Its mean is 0 for two sets of one distribution at any n, so that half of
    such values are negative; `kid_null_sd` tells how far from 0. Source: Bińkowski et al. 2018 (1801.01401).
    """
    n, m = len(one), len(other)
    within_one, within_other = _kernel(one, one), _kernel(other, other)
    # A sample with itself is no pair: the diagonal is what would make it biased.
    first = (within_one.sum() - within_one.trace()) / (n * (n - 1))
    second = (within_other.sum() - within_other.trace()) / (m * (m - 1))
    return float(first + second - 2.0 * _kernel(one, other).mean())


def kid_null_sd(one: Tensor, other: Tensor) -> float:
    """Standard deviation of `kid` if both sets come from one distribution, estimated from these sets.

    All pairs are uncorrelated then, once the kernel is centred, and its mean square c gives the variance
    2c(1/n(n−1) + 1/m(m−1) + 2/nm).
    """
    n, m = len(one), len(other)
    kernel = _kernel(one, other)
    centred = kernel - kernel.mean(0) - kernel.mean(1, keepdim=True) + kernel.mean()
    pairs = 1 / (n * (n - 1)) + 1 / (m * (m - 1)) + 2 / (n * m)
    return math.sqrt(2.0 * float(centred.square().mean()) * pairs)


def _kernel(one: Tensor, other: Tensor) -> Tensor:
    """[n, m]"""
    base = (one.double() @ other.double().T).div_(one.shape[1]).add_(1.0)
    return base.square().mul_(base)


def precision_and_recall(
    generated: Tensor, real: Tensor, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Shares of generated digits near a real one, and of real digits near a generated one.

    From features [n, d] and [m, d]. Near: not farther from some digit of the other set than that one's own
    neighbour number `neighbours`. Low precision: digits that look like none. Low recall: kinds of digits that
    G does not make; collapse gives 0. Equal sets give 1, equal distributions less (2,000 real digits: 0.88
    and 0.87). An odd digit far from all others covers much space, so both may be too high.
    Source: Kynkäänniemi et al. 2019 (1904.06991).
    """
    generated, real = generated.double(), real.double()
    apart = torch.cdist(generated, real)
    near_real = (apart <= _radii(real, neighbours)).any(1)
    near_generated = (apart <= _radii(generated, neighbours).unsqueeze(1)).any(0)
    return float(near_real.double().mean()), float(near_generated.double().mean())


def _radii(features: Tensor, neighbours: int) -> Tensor:
    """How far the neighbour with that number is, [n]; the nearest of all is the digit itself."""
    return torch.cdist(features, features).kthvalue(neighbours + 1, dim=1).values


# Classes


def classes_hit(classes: Tensor) -> int:
    """How many of the 10 digits occur among the classes int64 [n]: in a quarter of their due share, or more.

    Less may be misreadings. Real digits: 10. The classifier puts noise into some class, too, so read it
    beside precision.
    """
    counts = torch.bincount(classes, minlength=CLASSES)
    return int((counts >= HIT_SHARE * len(classes) / CLASSES).sum())


def kl_to_uniform(classes: Tensor) -> float:
    """Kullback–Leibler divergence in nats from equal shares to those of the classes int64 [n].

    0: all equally frequent; ln 10 = 2.303: one class only. With finite n it is above 0 even for equally
    frequent classes: its mean is then `kl_null(n)`. MNIST's own classes are 0.0014 higher.
    """
    shares = torch.bincount(classes, minlength=CLASSES).double() / len(classes)
    return float(torch.xlogy(shares, shares * CLASSES).sum())


def kl_null(count: int) -> float:
    """Mean of `kl_to_uniform` for so many digits of equally frequent classes, to first order in 1/n."""
    return (CLASSES - 1) / (2 * count)


def classifier_score(reading: Reading) -> float:
    """exp E KL(p(y|x) ‖ p(y)), the "inception score" with our classifier: 1 (worst) to 10.

    High where each digit is read with confidence and all classes occur equally often. Blind to memorised
    digits and to one picture a class; noise may be read with confidence, too. Source: Salimans et al. 2016
    (1606.03498), section 4; its flaws: Barratt and Sharma 2018 (1801.01973).
    """
    logs = reading.log_probabilities.double()
    probabilities = logs.exp()
    return math.exp(float((probabilities * (logs - probabilities.mean(0).log())).sum(1).mean()))


# Real digits


class _Real(NamedTuple):
    """What the held-out digits bring to every comparison."""

    features: Tensor  # float64 [m, d]
    scale: dict[str, float]  # the fields of SCALE


class Same:
    """A tensor as the key of a cache: equal to itself only, and compared without a look at its values."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.tensor is other.tensor

    def __hash__(self) -> int:
        return id(self.tensor)


class Floor(NamedTuple):
    """FID of real digits, over several draws of them."""

    mean: float
    sd: float  # of one draw; NaN where there was only one


@functools.lru_cache(maxsize=8)
def reading_of(real: Same) -> Reading:
    """What the classifier makes of real digits; read once for each tensor."""
    return load().read(real.tensor)


@functools.lru_cache(maxsize=8)
def moments_of(real: Same) -> tuple[Floats, Floats]:
    """Mean and covariance of the features of real digits."""
    return moments(reading_of(real).features)


@functools.lru_cache(maxsize=8)
def fid_floor(held_out: Same, train: Same, count: int) -> Floor:
    """FID of `count` train digits against all held-out ones: DRAWS draws at most, which share no digit."""
    draws = max(1, min(DRAWS, len(train.tensor) // count))
    features = load().features(train.tensor[: draws * count])
    real, parts = moments_of(held_out), torch.split(features, count)
    found = np.array([frechet(*moments(part), *real) for part in parts])
    return Floor(float(found.mean()), float(found.std(ddof=1)) if draws > 1 else math.nan)


@functools.lru_cache(maxsize=8)
def _real_digits(held_out: Same, train: Same, count: int) -> _Real:
    """`count` train digits in the place of generated ones; fewer where there are not so many."""
    reading = reading_of(held_out)
    features = reading.features.double()
    stand_in = load().features(train.tensor[:count]).double()
    floor = fid_floor(held_out, train, count)
    part = Reading(*(tensor[:count] for tensor in reading))
    precision, recall = precision_and_recall(stand_in, features)
    scale = {
        "fid_floor": floor.mean, "fid_floor_sd": floor.sd, "kid_floor": kid_null_sd(stand_in, features),
        "kl_floor": kl_null(count), "kl_real": kl_to_uniform(part.classes),
        "score_real": classifier_score(part), "precision_real": precision, "recall_real": recall,
    }  # fmt: skip
    return _Real(features, scale)
