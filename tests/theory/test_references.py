"""Every reference of a record against closed forms, most of them away from D = 1/2."""

from __future__ import annotations

import math

import pytest

from gan_core.theory import value
from gan_core.theory.objectives import references

ROWS = [  # labels, then D's loss on real, on generated, and the non-saturating G's; six digits
    (0.7, 0.0, 0.864110, 0.430783, 1.049822),
    (0.8, 0.0, 0.835198, 0.510826, 0.916291),
    (0.9, 0.0, 0.778441, 0.597837, 0.798508),
    (1.0, 0.0, 0.693147, 0.693147, 0.693147),
    (0.9, 0.1, 0.693147, 0.693147, 0.693147),
]


@pytest.mark.parametrize(("real_label", "fake_label", "real", "fake", "g"), ROWS)
def test_the_losses_at_equilibrium_are_those_of_the_table(
    real_label: float, fake_label: float, real: float, fake: float, g: float
) -> None:
    found = references(real_label=real_label, fake_label=fake_label, objective="non_saturating")
    assert found[3:] == pytest.approx((real, fake, g), abs=6e-7)


@pytest.mark.parametrize("labels", [(0.7, 0.1), (0.95, 0.3), (0.5, 0.0)])
def test_the_losses_at_equilibrium_in_closed_form(labels: tuple[float, float]) -> None:
    alpha, beta = labels
    d = (alpha + beta) / 2
    found = references(real_label=alpha, fake_label=beta, objective="minimax")
    assert found.real_loss_reference == pytest.approx(-alpha * math.log(d) - (1 - alpha) * math.log(1 - d))
    assert found.fake_loss_reference == pytest.approx(-beta * math.log(d) - (1 - beta) * math.log(1 - d))
    assert found.g_loss_reference == pytest.approx(math.log(1 - d))
    objective = value.objective_at_equilibrium(real_label=alpha, fake_label=beta)
    assert found.d_loss_reference == pytest.approx(-objective)
