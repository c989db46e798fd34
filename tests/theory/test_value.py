"""Equilibrium and value against closed forms and the published table, away from D = 1/2."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from gan_core.theory import value

Floats = value.Floats


class Row(NamedTuple):
    """One row of the table of equilibrium values, rounded to six digits."""

    real_label: float
    fake_label: float
    output: float
    real_loss: float
    fake_loss: float
    d_sum: float
    unsmoothed: float

    @property
    def labels(self) -> dict[str, float]:
        return {"real_label": self.real_label, "fake_label": self.fake_label}


TABLE = [
    Row(0.7, 0.0, 0.350, 0.864110, 0.430783, 1.294893, -1.480605),
    Row(0.8, 0.0, 0.400, 0.835198, 0.510826, 1.346023, -1.427116),
    Row(0.9, 0.0, 0.450, 0.778441, 0.597837, 1.376278, -1.396345),
    Row(1.0, 0.0, 0.500, 0.693147, 0.693147, 1.386294, -1.386294),
    Row(0.9, 0.1, 0.500, 0.693147, 0.693147, 1.386294, -1.386294),
]
SIX_DIGITS = 6e-7
LABELS = [{"real_label": a, "fake_label": b} for a in (0.7, 0.9, 1.0) for b in (0.0, 0.1)]
P, Q = np.array([0.05, 0.3, 0.6, 0.05]), np.array([0.4, 0.24, 0.16, 0.2])


@pytest.mark.parametrize("row", TABLE)
def test_equilibrium_is_that_of_the_table(row: Row) -> None:
    assert value.equilibrium_output(**row.labels) == pytest.approx(row.output, abs=1e-12)
    assert value.value_at_equilibrium(**row.labels) == pytest.approx(row.unsmoothed, abs=SIX_DIGITS)
    assert value.objective_at_equilibrium(**row.labels) == pytest.approx(-row.d_sum, abs=SIX_DIGITS)


@pytest.mark.parametrize("row", TABLE)
def test_objective_is_minus_both_cross_entropies(row: Row) -> None:
    d = value.equilibrium_output(**row.labels)
    real = -row.real_label * math.log(d) - (1 - row.real_label) * math.log(1 - d)
    fake = -row.fake_label * math.log(d) - (1 - row.fake_label) * math.log(1 - d)
    assert real == pytest.approx(row.real_loss, abs=SIX_DIGITS)
    assert fake == pytest.approx(row.fake_loss, abs=SIX_DIGITS)
    assert value.objective_at_equilibrium(**row.labels) == pytest.approx(-(real + fake), rel=1e-12)


def test_three_values_are_not_mixed() -> None:
    labels = {"real_label": 0.9, "fake_label": 0.0}
    unsmoothed, objective = value.value_at_equilibrium(**labels), value.objective_at_equilibrium(**labels)
    numbers = [value.PLAIN_VALUE, unsmoothed, objective]
    assert numbers == pytest.approx([-math.log(4), math.log(0.45 * 0.55), -1.376278], abs=SIX_DIGITS)
    assert min(abs(np.diff(sorted(numbers)))) > 0.009


@pytest.mark.parametrize("labels", LABELS)
def test_optimal_discriminator_has_no_better_neighbour(labels: dict[str, float]) -> None:
    alpha, beta = labels["real_label"], labels["fake_label"]
    best = value.optimal_discriminator(P, Q, **labels)

    def objective(d: Floats) -> Floats:
        pull_up, pull_down = alpha * P + beta * Q, (1 - alpha) * P + (1 - beta) * Q
        return np.asarray(pull_up * np.log(d) + pull_down * np.log(1 - d))

    for nudge in (-1e-3, 1e-3):
        assert (objective(best + nudge) < objective(best)).all()
    plain = P / (P + Q)
    np.testing.assert_allclose(best, beta + (alpha - beta) * plain, rtol=1e-12)


@pytest.mark.parametrize("labels", LABELS)
def test_optimal_discriminator_answers_a_label_where_only_one_kind_is(labels: dict[str, float]) -> None:
    best = value.optimal_discriminator([0.3, 0.0], [0.0, 0.7], **labels)
    np.testing.assert_allclose(best, [labels["real_label"], labels["fake_label"]], rtol=1e-12)


def test_optimal_discriminator_without_smoothing_reaches_goodfellows_bound() -> None:
    # Theorem 1: max_D V = -log 4 + 2 JSD(p || q).
    d = value.optimal_discriminator(P, Q, real_label=1.0, fake_label=0.0)
    reached = float(P @ np.log(d) + Q @ np.log(1 - d))
    middle = (P + Q) / 2
    divergence = float(P @ np.log(P / middle) + Q @ np.log(Q / middle)) / 2
    assert reached == pytest.approx(-math.log(4) + 2 * divergence, rel=1e-12)
    assert divergence > 0.05


def test_value_surface_knows_real_from_fake() -> None:
    assert float(value.value_surface(0.8, 0.3)) == pytest.approx(math.log(0.8) + math.log(0.7), rel=1e-12)
    assert float(value.value_surface(0.3, 0.8)) == pytest.approx(math.log(0.3) + math.log(0.2), rel=1e-12)
    assert float(value.value_surface(1.0, 1e-18)) == pytest.approx(-1e-18, rel=1e-9, abs=0)


def test_coordinates_lie_on_the_surface_at_the_height_of_v() -> None:
    rng = np.random.default_rng(3)
    real, fake = rng.uniform(0.4, 0.99, 50), rng.uniform(0.01, 0.5, 70)
    real_term, fake_term = np.log(real).mean(), np.log(1 - fake).mean()
    a, b = value.value_coordinates(real_term, fake_term)
    assert float(value.value_surface(a, b)) == pytest.approx(real_term + fake_term, rel=1e-12)
    # Geometric means of what D grants the right answer: below the plain means, strictly.
    assert float(a) == pytest.approx(float(np.prod(real) ** (1 / 50)), rel=1e-12)
    assert float(1 - b) == pytest.approx(float(np.prod(1 - fake) ** (1 / 70)), rel=1e-12)
    assert a < real.mean()
    assert b > fake.mean()


def test_coordinates_of_a_constant_discriminator_are_its_answers() -> None:
    a, b = value.value_coordinates(np.log([0.45, 0.9]), np.log1p([-0.45, -1e-9]))
    np.testing.assert_allclose(a, [0.45, 0.9], rtol=1e-12)
    np.testing.assert_allclose(b, [0.45, 1e-9], rtol=1e-9)


def test_accuracy_is_balanced_and_counts_a_tie_as_one_half() -> None:
    real, fake = [0.46, 0.44, 0.45], [0.44, 0.47, 0.10, 0.45]
    # real: 1, 0, 1/2 of three; fake: 1, 0, 1, 1/2 of four
    assert value.accuracy(real, fake, threshold=0.45) == pytest.approx((1.5 / 3 + 2.5 / 4) / 2)
    assert value.accuracy(real, fake, threshold=0.50) == pytest.approx((0.0 + 1.0) / 2)
    assert value.accuracy(fake, real, threshold=0.45) == pytest.approx((1.5 / 4 + 1.5 / 3) / 2)


def test_accuracy_of_a_discriminator_that_cannot_tell_is_one_half() -> None:
    assert value.accuracy(np.full(7, 0.45), np.full(5, 0.45), threshold=0.45) == 0.5
    assert value.accuracy(np.full(7, 0.45), np.full(5, 0.45), threshold=0.5) == 0.5


def test_bayes_threshold_is_the_equilibrium_output() -> None:
    # With known densities no threshold beats it: the best rule calls real whatever has p > q.
    labels = {"real_label": 0.8, "fake_label": 0.0}
    best = value.optimal_discriminator(P, Q, **labels)
    at_line = value.equilibrium_output(**labels)
    balanced = {t: (P[best > t].sum() + Q[best < t].sum()) / 2 for t in (at_line, 0.5)}
    assert balanced[at_line] == pytest.approx((np.maximum(P, Q).sum()) / 2)
    assert balanced[at_line] > balanced[0.5]
