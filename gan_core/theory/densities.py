"""Two known densities on a line: the best discriminator, the value of any other, the divergences.

Both players' densities are of one family, `Bumps`. Integrals are trapezoidal sums over a uniform grid
that reaches ten spreads past every bump: for such smooth, fast decaying integrands the rule converges
exponentially, and it is good to `ACCURACY` for spreads of 0.2 to 3 and a D whose slope is at most 10.
Densities are handled as logarithms, so that nothing is lost where one of them underflows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_core.theory.cross_entropy import softplus
from gan_core.theory.value import Floats, optimal_discriminator

ACCURACY = 1e-8
"""Nats (TV: a probability): the largest error of any number of this file but those of `cost_map`."""

MAP_ACCURACY = 1e-5
"""Nats: the same for `cost_map`, whose grid is coarser."""

REACH = 10.0
STEPS_PER_SPREAD = 16
FINEST_FEATURE = 0.64
"""An own D of slope 10 bends within a tenth: the grid must not be coarser than this / STEPS_PER_SPREAD."""

FARTHEST = 700.0
"""Log ratios beyond this would overflow; there the smaller density weighs less than 1e-300."""


class Bumps(NamedTuple):
    """One Gaussian, or two of equal spread: (1 - share) N(mean, spread^2) + share N(-mean, spread^2)."""

    mean: float
    spread: float
    share: float = 0.0


def log_density(x: ArrayLike, mean: ArrayLike, spread: ArrayLike, share: float) -> Floats:
    """log of the density of `Bumps` at `x`, per unit of x; all but `share` broadcast."""
    x, mean, spread = (np.asarray(item, float) for item in (x, mean, spread))
    first = -0.5 * ((x - mean) / spread) ** 2
    scale = np.log(spread * math.sqrt(2.0 * math.pi))
    if share == 0.0:
        return np.asarray(first - scale)
    second = -0.5 * ((x + mean) / spread) ** 2
    return np.asarray(np.logaddexp(math.log1p(-share) + first, math.log(share) + second) - scale)


def density(x: ArrayLike, bumps: Bumps) -> Floats:
    """The density at `x`, per unit of x; same shape."""
    return np.asarray(np.exp(log_density(x, *bumps)))


def score(x: ArrayLike, bumps: Bumps) -> Floats:
    """d log density / dx at `x`; same shape."""
    x = np.asarray(x, float)
    mean, spread, share = bumps
    # The share of the first bump in the density at x.
    first = np.exp(log_density(x, mean, spread, 0.0) - log_density(x, *bumps)) * (1.0 - share)
    return np.asarray(((2.0 * first - 1.0) * mean - x) / spread**2)


def log_ratio(x: ArrayLike, p: Bumps, q: Bumps) -> Floats:
    """log p(x) - log q(x): the logit of the best D without smoothing."""
    return np.asarray(log_density(x, *p) - log_density(x, *q))


def relative(x: ArrayLike, p: Bumps, q: Bumps) -> tuple[Floats, Floats]:
    """p and q at `x`, both divided by the larger one: never both 0, and neither below exp(-FARTHEST)."""
    logit = np.clip(log_ratio(x, p, q), -FARTHEST, FARTHEST)
    return np.exp(np.minimum(logit, 0.0)), np.exp(np.minimum(-logit, 0.0))


def best_output(x: ArrayLike, p: Bumps, q: Bumps, *, real_label: float, fake_label: float) -> Floats:
    """D*(x) under these labels (`theory.value.optimal_discriminator`)."""
    return optimal_discriminator(*relative(x, p, q), real_label=real_label, fake_label=fake_label)


def best_logit(x: ArrayLike, p: Bumps, q: Bumps, *, real_label: float, fake_label: float) -> Floats:
    """The logit of D*(x): log D* - log(1 - D*).

    1 - D* is D* with both labels taken from 1, which keeps its digits where D* rounds to 1.
    """
    d = best_output(x, p, q, real_label=real_label, fake_label=fake_label)
    rest = best_output(x, p, q, real_label=1.0 - real_label, fake_label=1.0 - fake_label)
    return np.asarray(np.log(d) - np.log(rest))


def log_output_slope(x: ArrayLike, p: Bumps, q: Bumps, *, real_label: float, fake_label: float) -> Floats:
    """d log D*(x) / dx: what a sample at `x` feels of the non-saturating loss, per unit of x.

    D* = fake + (real - fake) D0 with D0 = p / (p + q), so the slope is
    (real - fake) (1 - D0) D0 / D* times d(log p - log q)/dx. With fake = 0 it is that of log D0 for
    any real label; with fake > 0 it falls like D0 where p is small (Salimans et al. 2016, section 3.4).
    """
    plain = best_output(x, p, q, real_label=1.0, fake_label=0.0)
    rest = best_output(x, p, q, real_label=0.0, fake_label=1.0)
    smoothed = best_output(x, p, q, real_label=real_label, fake_label=fake_label)
    steepness = score(x, p) - score(x, q)
    return np.asarray((real_label - fake_label) * rest * (plain / smoothed) * steepness)


def grid(p: Bumps, q: Bumps) -> Floats:
    """The points of the quadrature, uniform, [n] with n below 6,000 for the ranges of this file."""
    ends = [abs(bumps.mean) + REACH * bumps.spread for bumps in (p, q)]
    step = min(p.spread, q.spread, FINEST_FEATURE) / STEPS_PER_SPREAD
    count = 2 * math.ceil(max(ends) / step) + 1
    return np.linspace(-max(ends), max(ends), count)


def batch(bumps: Bumps, count: int) -> Floats:
    """`count` samples [count] without chance: the middles of as many equally likely slices, ascending."""
    x = grid(bumps, bumps)
    height = density(x, bumps)
    below = np.append(0.0, np.cumsum((height[1:] + height[:-1]) / 2.0))
    return np.asarray(np.interp((np.arange(count) + 0.5) / count, below / below[-1], x))


def _value(x: Floats, log_p: Floats, log_q: Floats, logits: Floats) -> Floats:
    """Integral of p log D + q log(1 - D) over the last axis."""
    of_fake = softplus(logits)  # -log(1 - D)
    of_real = of_fake - logits
    return np.asarray(-np.trapezoid(np.exp(log_p) * of_real + np.exp(log_q) * of_fake, x, axis=-1))


def value_of(p: Bumps, q: Bumps, logits: Callable[[Floats], Floats]) -> float:
    """V(D, G) = E_p log D(x) + E_q log(1 - D(x)) of the D with these logits, in nats.

    `logits`: takes points [n], gives the logits of D there. Source: Goodfellow et al. 2014, eq. 1.
    """
    x = grid(p, q)
    return float(_value(x, log_density(x, *p), log_density(x, *q), logits(x)))


def logistic(slope: float, midpoint: float) -> Callable[[Floats], Floats]:
    """The logits of D(x) = sigmoid(slope (x - midpoint))."""

    def logits(x: Floats) -> Floats:
        return np.asarray(slope * (x - midpoint))

    return logits


def value_of_best(p: Bumps, q: Bumps, *, real_label: float = 1.0, fake_label: float = 0.0) -> float:
    """The plain V, in nats, of the D that is best under these labels.

    With labels 1 and 0 it is C(G) = max_D V; with any other it lies below.
    """
    return value_of(p, q, lambda x: best_logit(x, p, q, real_label=real_label, fake_label=fake_label))


def kl(p: Bumps, q: Bumps) -> float:
    """KL(p || q) = E_p [log p - log q], in nats.

    Between the bumps of q, log q bends within about spread^2 / mean, and nothing there says that p is
    small, too: the points are as close as this asks for, and reach as far as p does.
    """
    bend = q.spread**2 / (2.0 * abs(q.mean)) if q.share and q.mean else math.inf
    step = min(p.spread, q.spread, bend * STEPS_PER_SPREAD) / STEPS_PER_SPREAD
    reach = abs(p.mean) + REACH * p.spread
    x = np.linspace(-reach, reach, 2 * math.ceil(reach / step) + 1)
    return float(np.trapezoid(density(x, p) * log_ratio(x, p, q), x))


def jsd(p: Bumps, q: Bumps) -> float:
    """JSD = KL(p || m)/2 + KL(q || m)/2 with m = (p + q)/2, in nats: 0 to log 2."""
    x = grid(p, q)
    log_p, log_q = log_density(x, *p), log_density(x, *q)
    log_m = np.logaddexp(log_p, log_q) - math.log(2.0)
    both = np.exp(log_p) * (log_p - log_m) + np.exp(log_q) * (log_q - log_m)
    return float(np.trapezoid(both, x)) / 2.0


def cumulative(x: Floats, bumps: Bumps) -> Floats:
    """The probability of a sample below `x` [n]; [n]."""
    mean, spread, share = bumps
    below = [
        weight * math.erfc((centre - at) / (spread * math.sqrt(2.0)))
        for at in x.tolist()
        for weight, centre in ((1.0 - share, mean), (share, -mean))
    ]
    return np.asarray(np.reshape(below, (-1, 2)).sum(axis=1) / 2.0)


def crossings(p: Bumps, q: Bumps) -> Floats:
    """Where p(x) = q(x), in ascending order: sign changes on the grid, sharpened by Newton's method."""
    x = grid(p, q)
    ratio = log_ratio(x, p, q)
    above = ratio > 0.0  # not the sign: the densities may cross on a grid point
    at = np.flatnonzero(above[1:] != above[:-1])
    low, high = x[at], x[at + 1]
    root = (low + high) / 2
    for _ in range(6):
        steepness = score(root, p) - score(root, q)
        safe = np.where(np.abs(steepness) < 1e-12, 1.0, steepness)
        root = np.clip(root - log_ratio(root, p, q) / safe, low, high)
    return np.asarray(root)


def total_variation(p: Bumps, q: Bumps) -> float:
    """TV = half the integral of |p - q|, 0 to 1: between crossings it is a difference of probabilities.

    Exact up to where the crossings lie, and at a crossing an error of place counts only squared.
    """
    at = crossings(p, q)
    surplus = np.concatenate([[0.0], cumulative(at, p) - cumulative(at, q), [0.0]])
    return float(np.abs(np.diff(surplus)).sum()) / 2.0


class Lowest(NamedTuple):
    """The best a generator of this family can do: its mean and spread, and C(G) there, in nats."""

    mean: float
    spread: float
    cost: float
    twin: bool  # whether -mean is just as good


class CostMap(NamedTuple):
    """C(G) over G's mean and spread, at a fixed share, in nats."""

    means: Floats  # [m]
    spreads: Floats  # [s]
    cost: Floats  # [s, m]
    lowest: Lowest


MAP_MEANS = np.linspace(-4.0, 4.0, 41)
MAP_SPREADS = np.linspace(0.2, 3.0, 29)


def costs(p: Bumps, means: Floats, spreads: Floats, share: float) -> Floats:
    """C(G) = -log 4 + 2 JSD for every pair; means [m], spreads [s] to [s, m], in nats."""
    widest = REACH * p.spread + abs(p.mean), 6.5 * float(spreads.max()) + float(np.abs(means).max())
    # No finer than the narrowest density needs; all rows share one grid.
    step = min(p.spread, float(spreads.min())) / 2.5
    x = np.linspace(-max(widest), max(widest), 2 * math.ceil(max(widest) / step) + 1)
    log_p = log_density(x, *p)
    log_q = log_density(x, means[None, :, None], spreads[:, None, None], share)
    return _value(x, log_p, log_q, log_p - log_q)


@lru_cache(maxsize=32)
def cost_map(p: Bumps, share: float) -> CostMap:
    """C(G) over (mean, spread) of G; kept, because it moves only with p and G's share."""
    octave = np.floor(np.log2(MAP_SPREADS / MAP_SPREADS[0]))  # a wide density needs no fine grid
    bands = [costs(p, MAP_MEANS, MAP_SPREADS[octave == band], share) for band in np.unique(octave)]
    cost = np.concatenate(bands)
    return CostMap(MAP_MEANS, MAP_SPREADS, cost, _lowest(p, share, cost))


def _lowest(p: Bumps, share: float, cost: Floats) -> Lowest:
    """The lowest point of the map, found ever closer around its lowest cell, never outside the map."""
    row, column = np.unravel_index(int(cost.argmin()), cost.shape)
    mean, spread = float(MAP_MEANS[column]), float(MAP_SPREADS[row])
    reach = np.array([MAP_MEANS[1] - MAP_MEANS[0], MAP_SPREADS[1] - MAP_SPREADS[0]])
    offsets = np.linspace(-1.0, 1.0, 5)
    for _ in range(9):
        means = np.unique(np.clip(mean + reach[0] * offsets, MAP_MEANS[0], MAP_MEANS[-1]))
        spreads = np.unique(np.clip(spread + reach[1] * offsets, MAP_SPREADS[0], MAP_SPREADS[-1]))
        table = costs(p, means, spreads, share)
        row, column = np.unravel_index(int(table.argmin()), table.shape)
        mean, spread, reach = float(means[column]), float(spreads[row]), reach / 2.0
    reached = value_of_best(p, Bumps(mean, spread, share))
    mirrored = value_of_best(p, Bumps(-mean, spread, share))
    return Lowest(mean, spread, reached, abs(mean) > 0.01 and abs(mirrored - reached) < ACCURACY)
