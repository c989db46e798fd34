"""The objectives' closed forms against quadrature and published values, away from the symmetric point."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from gan_core.settings import Objective as Name
from gan_core.theory import densities
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES, ORDER, Objective, references
from gan_core.theory.value import Floats, objective_at_equilibrium, value_at_equilibrium

P, Q = Bumps(0.9, 0.8, 0.2), Bumps(-0.5, 1.2)
X = densities.grid(P, Q)
WIDTH = float(X[1] - X[0])
OF_P, OF_Q = densities.density(X, P), densities.density(X, Q)
SCORES = np.array([-7.0, -1.3, -0.2, 0.0, 0.45, 1.8, 6.0])
LABELS = [{"real_label": a, "fake_label": b} for a in (0.7, 0.9, 1.0) for b in (0.0, 0.1)]
PLAIN = {"real_label": 1.0, "fake_label": 0.0}
POINTWISE = ("non_saturating", "minimax", "lsgan", "hinge")
"""Those whose best D at x follows from p(x) and q(x) alone."""
every = pytest.mark.parametrize("game", OBJECTIVES.values(), ids=OBJECTIVES)
pointwise = pytest.mark.parametrize("game", [OBJECTIVES[name] for name in POINTWISE], ids=POINTWISE)


def best_value(name: str, p: Floats = OF_P, q: Floats = OF_Q, width: float = WIDTH) -> float:
    return OBJECTIVES[name].best_value(p, q, width)


def value_of(game: Objective, score: Floats) -> float:
    return float((OF_P * game.real_term(score) + OF_Q * game.fake_term(score)).sum() * WIDTH)


def test_every_objective_of_the_settings_has_one_entry_and_keeps_its_number() -> None:
    assert set(OBJECTIVES) == set(get_args(Name))
    assert ORDER == (
        "non_saturating", "minimax", "lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic",
    )  # fmt: skip
    assert all(OBJECTIVES[name].name == name for name in ORDER)


# --- What max V measures


@pytest.mark.parametrize("name", ["non_saturating", "minimax"])
def test_cross_entropy_measures_twice_the_jensen_shannon_divergence(name: str) -> None:
    assert best_value(name) == pytest.approx(2 * densities.jsd(P, Q) - math.log(4), abs=1e-7)


def test_least_squares_measure_pearsons_distance_from_the_middle() -> None:
    # Mao et al. 2017, section 3.2: the integral of (p - q)^2 / (p + q), here by another rule
    pearson = float(np.trapezoid((OF_P - OF_Q) ** 2 / (OF_P + OF_Q), X))
    assert best_value("lsgan") == pytest.approx(pearson / 8 - 1 / 4, abs=1e-7)
    assert pearson > 0.3


def test_the_hinge_measures_the_total_variation() -> None:
    expected = 2 * densities.total_variation(P, Q) - 2
    assert best_value("hinge") == pytest.approx(expected, abs=1e-4)  # kinks


@pytest.mark.parametrize("name", ["wgan_clip", "wgan_gp"])
def test_wgan_measures_the_wasserstein_distance(name: str) -> None:
    gap = np.abs(densities.cumulative(X, P) - densities.cumulative(X, Q))
    assert best_value(name) == pytest.approx(float(np.trapezoid(gap, X)), abs=1e-3)
    moved = densities.density(X, Bumps(P.mean - 0.75, P.spread))
    assert best_value(name, densities.density(X, Bumps(P.mean, P.spread)), moved) == pytest.approx(0.75)


def test_the_wasserstein_distance_counts_the_way_through_empty_cells() -> None:
    p, q = np.zeros(40), np.zeros(40)
    p[2:6], q[30:34] = 2.5, 2.5  # mass 1 each on cells of 0.1, 28 cells apart
    assert best_value("wgan_gp", p, q, 0.1) == pytest.approx(2.8)
    assert best_value("minimax", p, q, 0.1) == pytest.approx(0.0)
    assert best_value("lsgan", p, q, 0.1) == pytest.approx(0.0)
    assert best_value("hinge", p, q, 0.1) == pytest.approx(0.0)


def test_equal_densities_leave_the_reference_of_v() -> None:
    for name in ORDER[:-1]:
        line = references(**PLAIN, objective=name).value_reference
        assert best_value(name, OF_P, OF_P) == pytest.approx(line, abs=1e-9)
    assert math.isnan(best_value("relativistic"))


# --- The best D


@pointwise
def test_the_best_d_reaches_the_best_value_and_no_other_does(game: Objective) -> None:
    best = game.best_score(OF_P, OF_Q, **PLAIN)
    assert value_of(game, best) == pytest.approx(game.best_value(OF_P, OF_Q, WIDTH), abs=1e-9)
    for other in (best + 0.1, best - 0.1, 0.9 * best, best + 0.2 * np.sin(3 * X)):
        assert value_of(game, other) < value_of(game, best) - 1e-4


@pytest.mark.parametrize("labels", LABELS)
@pointwise
def test_the_best_d_minimises_its_loss_at_every_point_under_any_labels(
    game: Objective, labels: dict[str, float]
) -> None:
    p, q = np.array([0.05, 0.3, 0.8, 1.0]), np.array([0.6, 0.4, 0.3, 0.2])
    real_label, fake_label = labels["real_label"], labels["fake_label"]

    def loss(score: Floats) -> Floats:
        return p * game.real_loss(score, real_label=real_label) + q * game.fake_loss(
            score, fake_label=fake_label
        )

    best = game.best_score(p, q, **labels)
    for off in (-0.3, -0.01, 0.01, 0.3):
        assert (loss(best + off) > loss(best)).all()


def test_only_where_a_density_is_zero_is_the_best_logit_infinite() -> None:
    at = OBJECTIVES["minimax"].best_score([1.0, 0.0, 0.5], [0.0, 1.0, 0.25], **PLAIN)
    np.testing.assert_allclose(at, [math.inf, -math.inf, math.log(2)])
    smoothed = OBJECTIVES["minimax"].best_score([1.0, 0.0], [0.0, 1.0], real_label=0.9, fake_label=0.1)
    np.testing.assert_allclose(smoothed, [math.log(9), -math.log(9)])


@pytest.mark.parametrize("name", ["wgan_clip", "wgan_gp", "relativistic"])
def test_no_formula_at_a_point_is_no_number(name: str) -> None:
    best = OBJECTIVES[name].best_score(np.ones((2, 3)), np.ones(3), **PLAIN)
    assert best.shape == (2, 3)
    assert np.isnan(best).all()


# --- Elementwise losses


@every
def test_losses_without_smoothing_are_minus_the_terms_and_keep_the_shape(game: Objective) -> None:
    scores = SCORES.reshape(7, 1) + np.zeros(2)
    real, fake = game.real_loss(scores, real_label=1.0), game.fake_loss(scores, fake_label=0.0)
    np.testing.assert_array_equal(game.real_term(scores), -real)
    np.testing.assert_array_equal(game.fake_term(scores), -fake)
    shapes = {part.shape for part in (real, fake, game.generator_loss(scores), game.output(scores))}
    assert shapes == {(7, 2)}


@every
def test_the_slope_of_gs_loss_is_its_derivative(game: Objective) -> None:
    step = 1e-5
    difference = game.generator_loss(SCORES + step) - game.generator_loss(SCORES - step)
    np.testing.assert_allclose(game.generator_slope(SCORES), difference / (2 * step), atol=1e-8)


@every
def test_d_is_drawn_on_its_axis(game: Objective) -> None:
    expected = (
        SCORES if game.name in ("lsgan", "hinge", "wgan_clip", "wgan_gp") else 1 / (1 + np.exp(-SCORES))
    )
    np.testing.assert_allclose(game.output(SCORES), expected)


@pytest.mark.parametrize(
    ("name", "score", "real", "fake", "generator"),
    [
        ("non_saturating", math.log(3), math.log(4 / 3), math.log(4), math.log(4 / 3)),
        ("minimax", math.log(3), math.log(4 / 3), math.log(4), -math.log(4)),
        ("lsgan", 0.2, 0.32, 0.02, 0.32),
        ("hinge", -0.4, 1.4, 0.6, 0.4),
        ("hinge", -1.5, 2.5, 0.0, 1.5),
        ("wgan_clip", 3.5, -3.5, 3.5, -3.5),
        ("wgan_gp", 3.5, -3.5, 3.5, -3.5),
    ],
)
def test_losses_by_hand(name: str, score: float, real: float, fake: float, generator: float) -> None:
    game = OBJECTIVES[name]
    assert float(game.real_loss(score, real_label=1.0)) == pytest.approx(real)
    assert float(game.fake_loss(score, fake_label=0.0)) == pytest.approx(fake)
    assert float(game.generator_loss(score)) == pytest.approx(generator)


# --- References


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("name", ["non_saturating", "minimax", "lsgan", "relativistic"])
def test_references_are_what_the_best_constant_d_makes(name: str, labels: dict[str, float]) -> None:
    game, lines = OBJECTIVES[name], references(**labels, objective=name)
    # Relative scores of a constant D are 0.
    score = np.zeros(1) if game.relative else game.best_score([1.0], [1.0], **labels)
    real = float(game.real_loss(score, real_label=labels["real_label"])[0])
    fake = float(game.fake_loss(score, fake_label=labels["fake_label"])[0])
    generator = float(game.generator_loss(score)[0])
    if game.relative:
        generator += float(game.fake_loss(score, fake_label=0.0)[0])
    value = float(game.real_term(score)[0] + game.fake_term(score)[0])
    assert lines == pytest.approx((float(game.output(score)[0]), value, real + fake, real, fake, generator))


@pytest.mark.parametrize("labels", LABELS)
def test_references_of_cross_entropy_are_those_of_the_value(labels: dict[str, float]) -> None:
    lines = references(**labels, objective="non_saturating")
    assert lines.value_reference == pytest.approx(value_at_equilibrium(**labels), rel=1e-12)
    assert lines.d_loss_reference == pytest.approx(-objective_at_equilibrium(**labels), rel=1e-12)


def test_published_references() -> None:
    smoothed = references(real_label=0.9, fake_label=0.0, objective="non_saturating")
    assert smoothed == pytest.approx((0.45, -1.396345, 1.376278, 0.778441, 0.597837, 0.798508), abs=1e-6)
    lsgan = references(**PLAIN, objective="lsgan")
    assert lsgan == pytest.approx((0.5, -0.25, 0.25, 0.125, 0.125, 0.125))
    relativistic = references(real_label=0.8, fake_label=0.0, objective="relativistic")
    assert relativistic[:3] == pytest.approx((0.5, -math.log(4), math.log(4)))


@pytest.mark.parametrize(("name", "value"), [("hinge", -2.0), ("wgan_clip", 0.0), ("wgan_gp", 0.0)])
def test_what_is_not_fixed_has_no_line(name: str, value: float) -> None:
    """Any constant in [-1, 1] (hinge), or any at all (WGAN), is a best D: only V and D's loss are known."""
    lines = references(real_label=0.9, fake_label=0.1, objective=name)
    assert (lines.value_reference, lines.d_loss_reference) == (value, -value)
    fixed = {"value_reference", "d_loss_reference"}
    assert all(math.isnan(line) == (key not in fixed) for key, line in lines._asdict().items())
    game = OBJECTIVES[name]
    for constant in (-0.8, 0.0, 0.3):
        assert float(game.real_term(constant) + game.fake_term(constant)) == pytest.approx(value)


# --- The saddle panel


@every
def test_a_point_of_the_surface_has_the_height_of_the_two_terms(game: Objective) -> None:
    real, fake = game.real_term(SCORES).mean(), game.fake_term(SCORES - 0.7).mean()
    a, b = game.coordinates(real, fake)
    assert float(game.surface(a, b)) == pytest.approx(real + fake)


@every
def test_a_constant_d_lies_where_it_answers(game: Objective) -> None:
    real_score, fake_score = np.array(0.6), np.array(-0.3) if game.name != "lsgan" else np.array(0.3)
    a, b = game.coordinates(game.real_term(real_score), game.fake_term(fake_score))
    assert (float(a), float(b)) == pytest.approx(
        (float(game.output(real_score)), float(game.output(fake_score)))
    )


@every
def test_a_contour_has_one_height(game: Objective) -> None:
    low, high = game.box or (-2.0, 3.0)
    a = np.linspace(low, high, 23)[1:-1]
    middle = float(game.surface(a[14], a[4]))
    b = game.contour(middle, a)
    there = np.isfinite(b)
    assert there.sum() > 5
    np.testing.assert_allclose(game.surface(a[there], b[there]), middle)
