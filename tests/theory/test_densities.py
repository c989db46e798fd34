"""Two densities on a line against closed forms: Gaussians, equal and unequal, far and near."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.theory import densities
from gan_core.theory.cross_entropy import generator_slope, sigmoid
from gan_core.theory.densities import ACCURACY, MAP_ACCURACY, Bumps
from gan_core.theory.value import (
    PLAIN_VALUE,
    Floats,
    equilibrium_output,
    optimal_discriminator,
    value_at_equilibrium,
    value_surface,
)

PAIRS = [
    (Bumps(1.0, 1.0), Bumps(-1.0, 1.0)),
    (Bumps(1.0, 0.7), Bumps(0.4, 1.6)),
    (Bumps(2.0, 0.6, 0.4), Bumps(1.3, 0.9, 0.1)),
    (Bumps(-1.5, 0.2, 0.5), Bumps(2.0, 3.0)),
    (Bumps(-3.0, 2.0, 0.3), Bumps(4.0, 0.2)),
]
LABELS = [(1.0, 0.0), (0.9, 0.0), (0.8, 0.1), (0.6, 0.3)]
X = np.linspace(-4.5, 4.3, 57)


def below(x: float) -> float:
    """The distribution function of the standard normal."""
    return math.erfc(-x / math.sqrt(2)) / 2


# --- Densities


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_a_density_is_the_plain_formula_and_has_mass_one(p: Bumps, q: Bumps) -> None:
    def normal(x: Floats, mean: float) -> Floats:
        bell = np.exp(-((x - mean) ** 2) / (2 * p.spread**2))
        return np.asarray(bell / (p.spread * math.sqrt(2 * math.pi)))

    plain = (1 - p.share) * normal(X, p.mean) + p.share * normal(X, -p.mean)
    np.testing.assert_allclose(densities.density(X, p), plain, rtol=1e-12, atol=1e-300)
    x = densities.grid(p, q)
    assert len(x) < 6000
    for bumps in (p, q):
        assert float(np.trapezoid(densities.density(x, bumps), x)) == pytest.approx(1.0, abs=ACCURACY)


@pytest.mark.parametrize("bumps", [pair[0] for pair in PAIRS])
def test_the_score_is_the_slope_of_the_log_density(bumps: Bumps) -> None:
    h = 1e-5
    high, low = densities.log_density(X + h, *bumps), densities.log_density(X - h, *bumps)
    np.testing.assert_allclose(densities.score(X, bumps), (high - low) / (2 * h), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bumps", [pair[0] for pair in PAIRS])
def test_probabilities_below_a_point_and_batches_agree_with_the_density(bumps: Bumps) -> None:
    x = densities.grid(bumps, bumps)
    until = int(0.56 * len(x))
    mass = float(np.trapezoid(densities.density(x[: until + 1], bumps), x[: until + 1]))
    assert float(densities.cumulative(x[[until]], bumps)[0]) == pytest.approx(mass, abs=1e-3)
    samples = densities.batch(bumps, 16)
    np.testing.assert_allclose(densities.cumulative(samples, bumps), (np.arange(16) + 0.5) / 16, atol=2e-3)


def test_the_second_bump_lies_mirrored_and_is_the_smaller_one() -> None:
    at_mean, mirrored = densities.density([2.0, -2.0], Bumps(2.0, 0.3, 0.2))
    assert at_mean / mirrored == pytest.approx(4.0, rel=1e-9)


# --- The best D


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
@pytest.mark.parametrize(("p", "q"), PAIRS[:3])
def test_the_best_output_is_the_optimal_discriminator(p: Bumps, q: Bumps, alpha: float, beta: float) -> None:
    labels = {"real_label": alpha, "fake_label": beta}
    expected = optimal_discriminator(densities.density(X, p), densities.density(X, q), **labels)
    best = densities.best_output(X, p, q, **labels)
    np.testing.assert_allclose(best, expected, rtol=1e-9)
    np.testing.assert_allclose(sigmoid(densities.best_logit(X, p, q, **labels)), expected, rtol=1e-9)
    plain = densities.best_output(X, p, q, real_label=1.0, fake_label=0.0)
    np.testing.assert_allclose((best - beta) / (alpha - beta), plain, atol=1e-12)  # smoothing undone


def test_the_best_logit_of_equal_spreads_is_a_line_however_far_out() -> None:
    # log N(x; 1, s^2) - log N(x; -1, s^2) = 2 x / s^2
    p, q = Bumps(1.0, 0.5), Bumps(-1.0, 0.5)
    x = np.array([-80.0, -3.0, -0.2, 0.0, 1.7, 80.0])
    np.testing.assert_allclose(
        densities.best_logit(x, p, q, real_label=1.0, fake_label=0.0), 8.0 * x, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("alpha", "beta"), LABELS[1:])
def test_the_best_logit_stays_between_those_of_the_labels(alpha: float, beta: float) -> None:
    p, q = Bumps(1.0, 0.5), Bumps(-1.0, 0.5)
    ends = densities.best_logit(np.array([-90.0, 90.0]), p, q, real_label=alpha, fake_label=beta)
    assert ends[1] == pytest.approx(math.log(alpha / (1 - alpha)), rel=1e-9)
    if beta:
        assert ends[0] == pytest.approx(math.log(beta / (1 - beta)), rel=1e-9)
    else:
        assert ends[0] < -600


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
def test_where_the_densities_are_equal_d_lies_on_the_equilibrium_line(alpha: float, beta: float) -> None:
    p = Bumps(2.0, 0.6, 0.4)
    labels = {"real_label": alpha, "fake_label": beta}
    best = densities.best_output(X, p, p, **labels)
    np.testing.assert_allclose(best, equilibrium_output(**labels), rtol=1e-12)
    reached = densities.value_of_best(p, p, **labels)
    assert reached == pytest.approx(value_at_equilibrium(**labels), abs=ACCURACY)


# --- The value


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_the_best_value_is_goodfellows_bound(p: Bumps, q: Bumps) -> None:
    best = densities.value_of_best(p, q)
    assert best == pytest.approx(-math.log(4) + 2 * densities.jsd(p, q), abs=ACCURACY)
    for alpha, beta in LABELS[1:]:
        assert densities.value_of_best(p, q, real_label=alpha, fake_label=beta) < best - 1e-3


def test_the_value_is_that_of_a_fine_sum() -> None:
    p, q = PAIRS[2]
    x = np.linspace(-20, 20, 400_001)
    d = sigmoid(1.7 * (x + 0.3))
    plain = np.trapezoid(densities.density(x, p) * np.log(d) + densities.density(x, q) * np.log1p(-d), x)
    reached = densities.value_of(p, q, densities.logistic(1.7, -0.3))
    assert reached == pytest.approx(float(plain), abs=ACCURACY)
    swapped = densities.value_of(q, p, densities.logistic(1.7, -0.3))
    assert abs(swapped - float(plain)) > 0.1


def test_a_d_of_ones_own_reaches_the_best_value_only_where_it_is_the_best_d() -> None:
    p, q = Bumps(2.0, 0.8), Bumps(-0.5, 0.8)  # best logit: (2.5 / 0.64) (x - 0.75)
    best = densities.value_of_best(p, q)
    assert densities.value_of(p, q, densities.logistic(2.5 / 0.64, 0.75)) == pytest.approx(best, abs=ACCURACY)
    for slope, midpoint in ((3.5, 0.75), (4.3, 0.75), (2.5 / 0.64, 0.9), (2.5 / 0.64, 0.6)):
        assert densities.value_of(p, q, densities.logistic(slope, midpoint)) < best - 1e-4


@pytest.mark.parametrize("d", [0.02, 0.45, 0.9])
def test_a_d_that_answers_all_alike_has_its_value_on_the_surface(d: float) -> None:
    for p, q in PAIRS:
        value = densities.value_of(p, q, lambda x: np.full_like(x, math.log(d / (1 - d))))
        assert value == pytest.approx(float(value_surface(d, d)), abs=ACCURACY)


# --- Divergences


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (Bumps(1.0, 0.7), Bumps(0.4, 1.6)),
        (Bumps(-3.0, 0.2), Bumps(4.0, 3.0)),
        (Bumps(3.0, 2.0), Bumps(-4.0, 0.2)),
    ],
)
def test_kl_of_two_gaussians_is_its_closed_form(p: Bumps, q: Bumps) -> None:
    for one, other in ((p, q), (q, p)):
        expected = math.log(other.spread / one.spread) - 0.5
        expected += (one.spread**2 + (one.mean - other.mean) ** 2) / (2 * other.spread**2)
        assert densities.kl(one, other) == pytest.approx(expected, rel=1e-9)
    assert abs(densities.kl(p, q) - densities.kl(q, p)) > 0.1


def simpson(heights: Floats, x: Floats) -> float:
    """The integral over uniform points, an odd number of them."""
    weights = np.where(np.arange(len(x)) % 2, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    return float(heights @ weights * (x[1] - x[0]) / 3.0)


ENDS = [
    (Bumps(0.0, 0.2), Bumps(4.0, 0.2, 0.5)),
    (Bumps(0.0, 0.2, 0.5), Bumps(4.0, 0.2, 0.25)),
    (Bumps(3.0, 2.0, 0.3), Bumps(-4.0, 0.2, 0.05)),
    (Bumps(3.0, 0.2, 0.5), Bumps(0.1, 0.2)),
    (Bumps(-3.0, 0.2, 0.05), Bumps(4.0, 3.0, 0.5)),
    (Bumps(0.4, 2.0, 0.5), Bumps(2.0, 0.2, 0.5)),
]


@pytest.mark.parametrize(("p", "q"), ENDS)
def test_numbers_keep_their_accuracy_at_the_ends_of_the_sliders(p: Bumps, q: Bumps) -> None:
    x = np.linspace(-35.0, 35.0, 400_001)
    for one, other in ((p, q), (q, p)):
        log_p, log_q = (densities.log_density(x, *bumps) for bumps in (one, other))
        kl = simpson(np.exp(log_p) * (log_p - log_q), x)
        assert densities.kl(one, other) == pytest.approx(kl, rel=0, abs=ACCURACY)
        log_m = np.logaddexp(log_p, log_q) - math.log(2.0)
        jsd = simpson(np.exp(log_p) * (log_p - log_m) + np.exp(log_q) * (log_q - log_m), x) / 2
        assert densities.jsd(one, other) == pytest.approx(jsd, rel=0, abs=ACCURACY)
        own = simpson(
            -np.exp(log_p) * np.logaddexp(0, -10 * (x - 0.35))
            - np.exp(log_q) * np.logaddexp(0, 10 * (x - 0.35)),
            x,
        )
        found = densities.value_of(one, other, densities.logistic(10.0, 0.35))
        assert found == pytest.approx(own, rel=0, abs=ACCURACY)


@pytest.mark.parametrize(("gap", "spread"), [(2.0, 1.0), (0.3, 0.2), (1.0, 3.0), (6.9, 0.4)])
def test_total_variation_of_equal_spreads_is_its_closed_form(gap: float, spread: float) -> None:
    p, q = Bumps(0.5 + gap / 2, spread), Bumps(0.5 - gap / 2, spread)
    expected = math.erf(gap / (2 * math.sqrt(2) * spread))
    assert densities.total_variation(p, q) == pytest.approx(expected, abs=ACCURACY)
    assert densities.total_variation(Bumps(gap / 2, spread), Bumps(-gap / 2, spread)) == pytest.approx(
        expected, abs=ACCURACY
    )  # here they cross at 0, which is a grid point


@pytest.mark.parametrize("wide", [1.05, 1.6, 3.0])
def test_total_variation_of_equal_means_is_its_closed_form(wide: float) -> None:
    # They cross where x^2 = 2 log(s) / (1 - 1/s^2), on both sides of the mean.
    cross = math.sqrt(2 * math.log(wide) / (1 - 1 / wide**2))
    expected = 2 * (below(cross) - below(cross / wide))
    reached = densities.total_variation(Bumps(0.7, 1.0), Bumps(0.7, wide))
    assert reached == pytest.approx(expected, abs=ACCURACY)


def test_total_variation_of_mixtures_is_that_of_a_fine_sum() -> None:
    p, q = PAIRS[2]
    x = np.linspace(-15, 15, 1_000_001)
    plain = np.trapezoid(np.abs(densities.density(x, p) - densities.density(x, q)), x) / 2
    assert densities.total_variation(p, q) == pytest.approx(float(plain), abs=1e-8)
    assert len(densities.crossings(p, q)) > 2


@pytest.mark.parametrize("p", [Bumps(1.0, 1.0), Bumps(-2.0, 0.2, 0.45)])
def test_alike_nothing_differs(p: Bumps) -> None:
    for divergence in (densities.kl, densities.jsd, densities.total_variation):
        assert divergence(p, p) == pytest.approx(0.0, abs=1e-12)
    assert densities.value_of_best(p, p) == pytest.approx(PLAIN_VALUE, abs=ACCURACY)


def test_disjoint_everything_is_at_its_end() -> None:
    p, q = Bumps(3.0, 0.2), Bumps(-4.0, 0.2)
    assert densities.value_of_best(p, q) == pytest.approx(0.0, abs=ACCURACY)
    assert densities.jsd(p, q) == pytest.approx(math.log(2), abs=ACCURACY)
    assert densities.total_variation(p, q) == pytest.approx(1.0, abs=ACCURACY)


# --- G's gradient


def slope_at(x: float, alpha: float, beta: float) -> float:
    """For N(1, 1) against N(-1, 1)."""
    p, q = Bumps(1.0, 1.0), Bumps(-1.0, 1.0)
    return float(densities.log_output_slope(x, p, q, real_label=alpha, fake_label=beta))


def test_a_fake_label_kills_the_gradient_where_g_is_worst() -> None:
    # At x = -4 log p/q = -8: with r = e^-8, d log D*/dx = 2 (a - b) r / ((1 + r)(a r + b)).
    r = math.exp(-8)
    assert slope_at(-4.0, 0.9, 0.0) == pytest.approx(2 / (1 + r), rel=1e-12)
    assert slope_at(-4.0, 0.9, 0.0) == pytest.approx(1.999, abs=5e-4)
    assert slope_at(-4.0, 0.9, 0.1) == pytest.approx(2 * 0.8 * r / ((1 + r) * (0.9 * r + 0.1)), rel=1e-12)
    assert slope_at(-4.0, 0.9, 0.1) == pytest.approx(0.0053, abs=5e-5)


@pytest.mark.parametrize("alpha", [0.5, 0.7, 0.9])
def test_smoothing_the_real_label_alone_leaves_gs_gradient_as_it_is(alpha: float) -> None:
    for x in (-5.0, -0.4, 2.0):
        assert slope_at(x, alpha, 0.0) == pytest.approx(slope_at(x, 1.0, 0.0), rel=1e-12)
        assert slope_at(x, alpha, 0.1) < slope_at(x, 1.0, 0.0)


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
@pytest.mark.parametrize(("p", "q"), PAIRS[:3])
def test_the_gradient_is_the_slope_of_the_log_of_the_best_output(
    p: Bumps, q: Bumps, alpha: float, beta: float
) -> None:
    h, labels = 1e-5, {"real_label": alpha, "fake_label": beta}
    ahead, behind = (np.log(densities.best_output(X + step, p, q, **labels)) for step in (h, -h))
    expected = (ahead - behind) / (2 * h)
    np.testing.assert_allclose(densities.log_output_slope(X, p, q, **labels), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("p", "q"), [PAIRS[0], PAIRS[1]])
def test_at_the_best_d_both_losses_descend_what_theory_says(p: Bumps, q: Bumps) -> None:
    """Saturating: 2 JSD. Non-saturating: KL(q || p) - 2 JSD (Arjovsky & Bottou 2017, Theorem 2.5)."""
    x, h = densities.grid(p, q), 1e-4
    steepness = densities.score(x, p) - densities.score(x, q)

    def by_mean(measure: object) -> float:
        assert callable(measure)
        ahead, behind = (measure(q._replace(mean=q.mean + step)) for step in (h, -h))
        return float((ahead - behind) / (2 * h))

    expected = {
        "minimax": by_mean(lambda moved: 2 * densities.jsd(p, moved)),
        "non_saturating": by_mean(lambda moved: densities.kl(moved, p) - 2 * densities.jsd(p, moved)),
    }
    for kind, slope in expected.items():
        loss_slope = generator_slope(densities.log_ratio(x, p, q), kind=kind) * steepness  # type: ignore[arg-type]
        reached = float(np.trapezoid(densities.density(x, q) * loss_slope, x))
        assert reached == pytest.approx(slope, abs=1e-6)
        assert abs(reached) > 0.05


# --- The map


@pytest.mark.parametrize("p", [pair[0] for pair in PAIRS])
@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_map_says_c_of_g_at_its_mean_and_spread(p: Bumps, share: float) -> None:
    drawn = densities.cost_map(p, share)
    assert drawn.cost.shape == (len(drawn.spreads), len(drawn.means))
    for row in range(0, len(drawn.spreads), 7):
        for column in range(1, len(drawn.means), 9):
            g = Bumps(float(drawn.means[column]), float(drawn.spreads[row]), share)
            assert drawn.cost[row, column] == pytest.approx(densities.value_of_best(p, g), abs=MAP_ACCURACY)


@pytest.mark.parametrize("p", [Bumps(1.13, 0.87), Bumps(-2.4, 0.55, 0.3)])
def test_a_g_of_the_datas_family_has_its_minimum_at_the_data(p: Bumps) -> None:
    lowest = densities.cost_map(p, p.share).lowest
    assert [lowest.mean, lowest.spread] == pytest.approx([p.mean, p.spread], abs=2e-3)
    assert lowest.cost == pytest.approx(PLAIN_VALUE, abs=1e-5)
    assert not lowest.twin


def test_a_g_that_cannot_reach_the_data_has_no_better_neighbour_at_its_minimum() -> None:
    p = Bumps(2.0, 0.6, 0.4)
    lowest = densities.cost_map(p, 0.0).lowest
    assert lowest.cost > PLAIN_VALUE + 0.2
    for mean, spread in ((0.05, 0.0), (-0.05, 0.0), (0.0, 0.05), (0.0, -0.05)):
        moved = Bumps(lowest.mean + mean, lowest.spread + spread)
        assert densities.value_of_best(p, moved) > lowest.cost


def test_symmetric_data_have_two_minima() -> None:
    lowest = densities.cost_map(Bumps(2.5, 0.4, 0.5), 0.1).lowest
    assert lowest.twin
    mirrored = Bumps(-lowest.mean, lowest.spread, 0.1)
    assert densities.value_of_best(Bumps(2.5, 0.4, 0.5), mirrored) == pytest.approx(lowest.cost, abs=ACCURACY)
