"""The objectives: what each player minimises, what D should answer, and where that leaves every number.

`gan_core.losses` is the torch side; a test holds the two together. D gives a raw score s for a sample. An
objective says what is drawn of it: a probability, sigmoid(s), or the score itself. V is the sum of two
terms, the mean on real samples and the mean on generated ones, which D without smoothing maximises.

Where generated and real data are alike (p = q), some objectives fix D's answer and some do not:

    minimax, non-saturating   D = (real label + fake label) / 2 everywhere
    LSGAN                     the same number, as a score
    relativistic              each score equals the mean of the other kind: 1/2, whatever the labels
    hinge                     any one score in [-1, 1]; only V = -2 is known
    WGAN                      any one score; only V = 0 is known

What is not fixed is NaN in `References`, and no line is drawn for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_core.theory import cross_entropy as ce
from gan_core.theory import value
from gan_core.theory.references import References

Floats = NDArray[np.float64]
Family = Literal["cross_entropy", "least_squares", "hinge", "wasserstein", "relativistic"]
Axis = Literal["probability", "score"]


@dataclass(frozen=True)
class Objective:
    """One objective, on raw scores. Losses and terms are elementwise: same shape as the scores."""

    name: str  # as in Settings.objective
    title: str
    family: Family
    axis: Axis  # what D is drawn on
    unit: str  # of losses and of V: "nats", or nothing
    uses_labels: bool  # whether label smoothing and the fake label change anything
    _real: Callable[[Floats, float], Floats]
    _fake: Callable[[Floats, float], Floats]
    _generator: Callable[[Floats], Floats]

    @property
    def relative(self) -> bool:
        """Whether each score is compared with the mean score of the other kind first."""
        return self.family == "relativistic"

    @property
    def is_logarithmic(self) -> bool:
        """Whether V is a sum of logarithms: infinite at the edges of `box`, the same contour lines always."""
        return self.family in ("cross_entropy", "relativistic")

    @property
    def has_line(self) -> bool:
        """Whether the equilibrium fixes D's answer."""
        return self.family not in ("hinge", "wasserstein")

    def output(self, score: ArrayLike) -> Floats:
        """What D's axis shows of a score (relativistic: of a relative one)."""
        s = np.asarray(score, float)
        with np.errstate(invalid="ignore"):  # where there is no score, there is no output
            return ce.sigmoid(s) if self.axis == "probability" else s

    def real_loss(self, score: ArrayLike, *, real_label: float) -> Floats:
        """What a real sample costs D."""
        return self._real(np.asarray(score, float), real_label)

    def fake_loss(self, score: ArrayLike, *, fake_label: float) -> Floats:
        """What a generated sample costs D."""
        return self._fake(np.asarray(score, float), fake_label)

    def generator_loss(self, score: ArrayLike) -> Floats:
        """What a generated sample costs G. The relativistic G has a term on real samples, too:
        `fake_loss` with the label 0, on their relative scores."""
        return self._generator(np.asarray(score, float))

    def generator_slope(self, score: ArrayLike) -> Floats:
        """The derivative of `generator_loss` by the score: how hard G is told to raise it."""
        s = np.asarray(score, float)
        match self.name:
            case "lsgan":
                return np.asarray(s - 1.0)
            case "hinge" | "wgan_clip" | "wgan_gp":
                return np.full_like(s, -1.0)
        with np.errstate(invalid="ignore"):  # where there is no score, there is no slope
            return -ce.sigmoid(s if self.name == "minimax" else -s)

    def real_term(self, score: ArrayLike) -> Floats:
        """What a real sample adds to V."""
        return -self.real_loss(score, real_label=1.0)

    def fake_term(self, score: ArrayLike) -> Floats:
        """What a generated sample adds to V."""
        return -self.fake_loss(score, fake_label=0.0)

    def best_score(self, p: ArrayLike, q: ArrayLike, *, real_label: float, fake_label: float) -> Floats:
        """The best D's score where real data have density p and generated ones q (not both 0).

        NaN where no formula in p and q at that point gives it: WGAN, and the relativistic D, whose scores
        hang together through their means.
        """
        p, q = np.asarray(p, float), np.asarray(q, float)
        if self.family == "hinge":
            return np.asarray(np.sign(p - q))
        if self.family in ("wasserstein", "relativistic"):
            return np.full(np.broadcast(p, q).shape, np.nan)
        best = value.optimal_discriminator(p, q, real_label=real_label, fake_label=fake_label)
        if self.family == "least_squares":
            return best
        with np.errstate(divide="ignore"):
            return np.log(best) - np.log1p(-best)

    def best_value(self, p: Floats, q: Floats, width: float) -> float:
        """The largest V of any D, no labels smoothed; of a WGAN, any D of slope at most 1.

        `p`, `q`: densities [n] on cells of this width, along a line. NaN for the relativistic objective.
        """
        if self.family == "wasserstein":  # empty cells count, too: mass is moved through them
            return float(np.abs(np.cumsum(p - q)).sum() * width**2)
        seen = p + q > 0
        p, q = p[seen], q[seen]
        total = p + q
        match self.family:
            case "cross_entropy":
                terms = _xlogy(p, p / total) + _xlogy(q, q / total)
                return float(terms.sum() * width)
            case "least_squares":
                return float(-0.5 * (p * q / total).sum() * width)
            case "hinge":
                return float(-2.0 * np.minimum(p, q).sum() * width)
            case _:
                return float("nan")

    # The saddle panel

    def surface(self, a: ArrayLike, b: ArrayLike) -> Floats:
        """V of a D that gives one answer a to real and one answer b to generated samples, on D's axis."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        match self.family:
            case "least_squares":
                return np.asarray(-0.5 * (a - 1.0) ** 2 - 0.5 * b**2)
            case "hinge":
                return -np.maximum(0.0, 1.0 - a) - np.maximum(0.0, 1.0 + b)
            case "wasserstein":
                return np.asarray(a - b)
            case _:
                return value.value_surface(a, b)

    def coordinates(self, real_term: ArrayLike, fake_term: ArrayLike) -> tuple[Floats, Floats]:
        """The point (a, b) on `surface` whose height is the sum of these two means."""
        real, fake = np.asarray(real_term, float), np.asarray(fake_term, float)
        match self.family:
            case "least_squares":
                return 1.0 - np.sqrt(-2.0 * real), np.sqrt(-2.0 * fake)
            case "hinge":
                return 1.0 + real, -1.0 - fake
            case "wasserstein":
                return real, -fake
            case _:
                return value.value_coordinates(real, fake)

    def contour(self, level: float, a: ArrayLike) -> Floats:
        """b where `surface` has this height, for each a; NaN where it has not."""
        a = np.asarray(a, float)
        with np.errstate(invalid="ignore", divide="ignore"):
            match self.family:
                case "least_squares":
                    return np.asarray(np.sqrt(-2.0 * (level + 0.5 * (a - 1.0) ** 2)))
                case "hinge":
                    fake_term = level + np.maximum(0.0, 1.0 - a)
                    return np.where(fake_term <= 0.0, -1.0 - fake_term, np.nan)
                case "wasserstein":
                    return np.asarray(a - level)
                case _:
                    return np.asarray(-np.expm1(level - np.log(a)))

    @property
    def box(self) -> tuple[float, float] | None:
        """From where to where a and b can go; None: wherever the path goes."""
        return {"hinge": (-1.0, 1.0), "wasserstein": None}.get(self.family, (0.0, 1.0))


def _xlogy(x: Floats, y: Floats) -> Floats:
    """x log y, 0 where x is 0."""
    positive = x > 0
    return np.where(positive, x * np.log(np.where(positive, y, 1.0)), 0.0)


def _cross_entropy(score: Floats, label: float) -> Floats:
    return ce.cross_entropy(score, label=label)


def _squared(score: Floats, label: float) -> Floats:
    return 0.5 * (score - label) ** 2


def _negative(score: Floats, label: float = 0.0) -> Floats:
    return -score


def _raised(score: Floats) -> Floats:
    return ce.softplus(-score)


OBJECTIVES: dict[str, Objective] = {
    objective.name: objective
    for objective in (
        Objective("non_saturating", "non-saturating", "cross_entropy", "probability", "nats", True,
                  _cross_entropy, _cross_entropy, _raised),
        Objective("minimax", "minimax", "cross_entropy", "probability", "nats", True,
                  _cross_entropy, _cross_entropy, lambda score: -ce.softplus(score)),
        Objective("lsgan", "LSGAN", "least_squares", "score", "", True,
                  _squared, _squared, lambda score: _squared(score, 1.0)),
        Objective("hinge", "hinge", "hinge", "score", "", False,
                  lambda score, label: np.maximum(0.0, 1.0 - score),
                  lambda score, label: np.maximum(0.0, 1.0 + score), _negative),
        Objective("wgan_clip", "WGAN, clipping", "wasserstein", "score", "", False,
                  _negative, lambda score, label: score, _negative),
        Objective("wgan_gp", "WGAN-GP", "wasserstein", "score", "", False,
                  _negative, lambda score, label: score, _negative),
        Objective("relativistic", "relativistic average", "relativistic", "probability", "nats", True,
                  _cross_entropy, _cross_entropy, _raised),
    )
}  # fmt: skip
"""Sources: Goodfellow et al. 2014, section 3 (the first two); Mao et al. 2017; Lim and Ye 2017; Arjovsky et
al. 2017; Gulrajani et al. 2017; Jolicoeur-Martineau 2019."""


ORDER = tuple(OBJECTIVES)
"""Their numbers in the records of runs: new ones are added at the end."""


@lru_cache(maxsize=64)
def references(*, real_label: float, fake_label: float, objective: str) -> References:
    """Where p = q, under these labels: every number that the objective fixes there, NaN for the others.

    For labels 0.9 and 0 under cross-entropy: D's losses 0.778 and 0.598, in sum 1.376, and 0.799 for the
    non-saturating G.
    """
    game, nan = OBJECTIVES[objective], float("nan")
    match game.family:
        case "hinge":
            return References(nan, -2.0, 2.0, nan, nan, nan)
        case "wasserstein":
            return References(nan, 0.0, 0.0, nan, nan, nan)
        case "relativistic":
            half = float(game.real_loss(0.0, real_label=real_label))
            return References(0.5, value.PLAIN_VALUE, 2 * half, half, half, 2 * half)
    output = value.equilibrium_output(real_label=real_label, fake_label=fake_label)
    cross = game.family == "cross_entropy"
    score = np.array([ce.logit(output) if cross else output])
    real = float(game.real_loss(score, real_label=real_label)[0])
    fake = float(game.fake_loss(score, fake_label=fake_label)[0])
    return References(
        d_reference=output, value_reference=float(game.surface(output, output)), d_loss_reference=real + fake,
        real_loss_reference=real, fake_loss_reference=fake,
        g_loss_reference=float(game.generator_loss(score)[0]),
    )  # fmt: skip
