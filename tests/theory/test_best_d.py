"""The best D of each objective against the pointwise forms, the divergences, and other D."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.theory import densities
from gan_core.theory.best_d import best_d, best_value, pushes, surplus
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES

P, Q = Bumps(1.4, 0.8, 0.3), Bumps(-0.7, 1.3)
X = np.linspace(-3.0, 3.0, 61) + 0.013
GRID = densities.grid(P, Q)
OF_P, OF_Q = densities.density(GRID, P), densities.density(GRID, Q)
KNOWN = [name for name in OBJECTIVES if name != "relativistic"]
WGAN = ["wgan_clip", "wgan_gp"]


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in WGAN])
def test_the_best_d_is_the_pointwise_form(name: str) -> None:
    p, q = densities.density(X, P), densities.density(X, Q)
    expected = OBJECTIVES[name].best_score(p, q, real_label=1.0, fake_label=0.0)
    np.testing.assert_allclose(best_d(OBJECTIVES[name], X, P, Q).score, expected, rtol=1e-9)


@pytest.mark.parametrize("name", KNOWN)
def test_v_of_the_best_d_is_the_best_value(name: str) -> None:
    game = OBJECTIVES[name]
    score = best_d(game, GRID, P, Q).score
    reached = float(np.trapezoid(OF_P * game.real_term(score) + OF_Q * game.fake_term(score), GRID))
    assert reached == pytest.approx(best_value(game, P, Q), abs=2e-3)


@pytest.mark.parametrize("name", ["non_saturating", "minimax", "lsgan"])
def test_the_slope_is_the_derivative_of_the_score(name: str) -> None:
    step = 1e-5
    ahead, behind = (best_d(OBJECTIVES[name], X + by, P, Q).score for by in (step, -step))
    found = best_d(OBJECTIVES[name], X, P, Q).slope
    np.testing.assert_allclose(found, (ahead - behind) / (2 * step), atol=1e-7)


def test_a_wgan_d_has_slope_one_and_mean_zero() -> None:
    score, slope = best_d(OBJECTIVES["wgan_gp"], GRID, P, Q)
    assert set(np.unique(slope)) <= {-1.0, 0.0, 1.0}
    assert np.mean(slope == 0.0) < 0.1
    assert float(np.trapezoid((OF_P + OF_Q) * score, GRID)) == pytest.approx(0.0, abs=1e-9)
    moved = Bumps(P.mean - 0.5, P.spread)
    assert best_value(OBJECTIVES["wgan_gp"], Bumps(P.mean, P.spread), moved) == pytest.approx(0.5, abs=1e-3)


def test_the_surplus_keeps_its_sign_in_both_tails() -> None:
    left, right = Bumps(-1.0, 1.0), Bumps(1.0, 1.0)
    assert (surplus(np.array([-12.0, -8.0, 0.0, 8.0, 12.0]), right, left) > 0).all()
    at = np.array([0.3])
    expected = 0.5 * math.erfc(-1.3 / math.sqrt(2)) - 0.5 * math.erfc(0.7 / math.sqrt(2))
    assert surplus(at, right, left) == pytest.approx(expected)


def test_pushes_are_the_chain_rule_and_point_to_the_data() -> None:
    at, right, left = np.array([-2.0, -1.0, 0.4]), Bumps(1.0, 1.0), Bumps(-1.0, 1.0)  # log p/q = 2x
    d = 1 / (1 + np.exp(-2 * at))
    for name, expected in {
        "non_saturating": 2 * (1 - d), "minimax": 2 * d, "lsgan": (1 - d) * 2 * d * (1 - d),
        "hinge": 0 * d, "wgan_clip": 1 + 0 * d, "wgan_gp": 1 + 0 * d,
    }.items():  # fmt: skip
        np.testing.assert_allclose(pushes(OBJECTIVES[name], at, right, left), expected, atol=1e-12)


def test_where_both_densities_are_alike_nothing_is_pushed() -> None:
    for name in KNOWN:
        np.testing.assert_allclose(pushes(OBJECTIVES[name], X, P, P), 0.0, atol=1e-12)


def test_the_relativistic_v_has_no_maximum_but_0() -> None:
    """Higher scores in the tails, where p/q has no bound, bring V nearer and nearer to 0."""
    game, right, left = OBJECTIVES["relativistic"], Bumps(4.0, 1.0), Bumps(-4.0, 1.0)
    x = densities.grid(right, left)
    p, q = densities.density(x, right), densities.density(x, left)
    reached = []
    for far in (0.0, 3.0, 12.0):
        score = far * np.sign(x)
        of_p, of_q = float(np.trapezoid(p * score, x)), float(np.trapezoid(q * score, x))
        terms = p * game.real_term(score - of_q) + q * game.fake_term(score - of_p)
        reached.append(float(np.trapezoid(terms, x)))
    assert reached == sorted(reached)
    assert reached[0] == pytest.approx(-math.log(4))
    assert reached[-1] > -0.01
    assert np.isnan(best_d(game, X, P, Q).score).all()
    assert math.isnan(best_value(game, P, Q))
