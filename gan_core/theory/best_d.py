"""The best D of each objective on two known densities, no labels smoothed, and where it sends G's samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.theory import densities
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import Objective
from gan_core.theory.value import Floats


class BestD(NamedTuple):
    """Raw scores [n] and their slopes by x [n]; NaN where there is no best D."""

    score: Floats
    slope: Floats


def best_d(game: Objective, x: Floats, p: Bumps, q: Bumps) -> BestD:
    """The D that maximises V, at ascending points `x` [n]; for a WGAN among the D of slope at most 1.

    Its level is free for a WGAN: the mean score of all samples, real and generated, is 0 here. A hinge D
    jumps where p = q, and its slope is 0 elsewhere. The relativistic V has no maximum: p/q has no bound far
    out, and higher and higher scores there bring V as near to 0 as wanted.
    """
    match game.family:
        case "cross_entropy":
            return BestD(densities.log_ratio(x, p, q), _steepness(x, p, q))
        case "least_squares":
            d = densities.best_output(x, p, q, real_label=1.0, fake_label=0.0)
            rest = densities.best_output(x, p, q, real_label=0.0, fake_label=1.0)
            return BestD(d, d * rest * _steepness(x, p, q))
        case "hinge":
            return BestD(np.sign(densities.log_ratio(x, p, q)), np.zeros_like(x))
        case "wasserstein":
            slope = np.sign(surplus(x, p, q))
            score = np.append(0.0, np.cumsum((slope[1:] + slope[:-1]) / 2.0 * np.diff(x)))
            both = (densities.density(x, p) + densities.density(x, q)) / 2.0
            return BestD(score - np.trapezoid(both * score, x), slope)
        case _:
            return BestD(np.full_like(x, np.nan), np.full_like(x, np.nan))


def best_value(game: Objective, p: Bumps, q: Bumps) -> float:
    """V of that D (`Objective.best_value`), to three digits; NaN for the relativistic objective."""
    x = densities.grid(p, q)
    return game.best_value(densities.density(x, p), densities.density(x, q), float(x[1] - x[0]))


def pushes(game: Objective, x: Floats, p: Bumps, q: Bumps) -> Floats:
    """Minus the gradient of G's loss by a sample at `x` [n], against the best D: above 0, to the right."""
    score, slope = best_d(game, x, p, q)
    return np.asarray(-game.generator_slope(score) * slope)


def surplus(x: Floats, p: Bumps, q: Bumps) -> Floats:
    """The share of generated samples below `x` [n], less that of real ones, exact in both tails."""
    below = [densities.cumulative(x, bumps) for bumps in (q, p)]
    above = [densities.cumulative(-x, bumps._replace(mean=-bumps.mean)) for bumps in (q, p)]
    return np.where(below[0] + below[1] < 1.0, below[0] - below[1], above[1] - above[0])


def _steepness(x: Floats, p: Bumps, q: Bumps) -> Floats:
    """The slope of the logit of the best D, d log(p/q) / dx."""
    return densities.score(x, p) - densities.score(x, q)
