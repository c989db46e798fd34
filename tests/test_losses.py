"""Losses against plain formulas, at the limits, and against the very lines the figures draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import losses
from gan_core.data import DataSet
from gan_core.figures.live import heatmap_info, histogram_info, means_info, saddle_info, value_info
from gan_core.history import HISTOGRAMS, History, as_block
from gan_core.measures.held_out import evaluate
from gan_core.networks import Discriminator
from gan_core.theory import value
from gan_core.theory.value import optimal_discriminator
from tests.game import new_trainer, sigmoid, tiny

REAL = torch.tensor([-3.1, -0.4, 0.2, 1.7, 4.9], dtype=torch.float64)
FAKE = torch.tensor([-5.3, -1.1, 0.6], dtype=torch.float64)
KINDS: tuple[Literal["non_saturating", "minimax"], ...] = ("non_saturating", "minimax")
discriminator_loss = losses.OBJECTIVES["non_saturating"].of_d
LABELS = [(a, b) for a in (0.7, 0.8, 0.9, 1.0) for b in (0.0, 0.1)]


def gradient(loss: Callable[[Tensor], Tensor], logits: Tensor) -> Tensor:
    logits = logits.clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(logits), logits)
    return slope


# --- Plain formulas


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
def test_discriminator_loss_is_both_mean_cross_entropies_summed(alpha: float, beta: float) -> None:
    real, fake = REAL.sigmoid(), FAKE.sigmoid()
    plain = -(alpha * real.log() + (1 - alpha) * (1 - real).log()).mean()
    plain -= (beta * fake.log() + (1 - beta) * (1 - fake).log()).mean()
    loss = discriminator_loss(REAL, FAKE, real_label=alpha, fake_label=beta).total
    assert float(loss) == pytest.approx(float(plain), rel=1e-12)
    swapped = discriminator_loss(FAKE, REAL, real_label=alpha, fake_label=beta).total
    assert abs(float(swapped) - float(plain)) > 0.1


def test_generator_losses_and_terms_are_their_plain_formulas() -> None:
    fake = FAKE.sigmoid()
    non_saturating = float(losses.OBJECTIVES["non_saturating"].of_g(FAKE))
    minimax = float(losses.OBJECTIVES["minimax"].of_g(FAKE))
    assert non_saturating == pytest.approx(float(-fake.log().mean()), rel=1e-12)
    assert minimax == pytest.approx(float((1 - fake).log().mean()), rel=1e-12)
    assert float(losses.fake_term(FAKE)) == pytest.approx(minimax, rel=1e-12)
    assert float(losses.real_term(REAL)) == pytest.approx(float(REAL.sigmoid().log().mean()), rel=1e-12)


def test_minimax_and_non_saturating_differ_and_agree_in_slope_only_where_d_is_one_half() -> None:
    zero = torch.zeros(1, dtype=torch.float64)
    slopes = [gradient(losses.OBJECTIVES[kind].of_g, zero) for kind in KINDS]
    assert [float(slope) for slope in slopes] == pytest.approx([-0.5, -0.5])
    for logit in (-2.0, 1.5):
        at = torch.tensor([logit], dtype=torch.float64)
        flipped, minimax = (losses.OBJECTIVES[kind].of_g(at) for kind in KINDS)
        assert float(flipped - minimax) == pytest.approx(-math.log(sigmoid(logit) * (1 - sigmoid(logit))))


def test_without_smoothing_the_loss_is_minus_v() -> None:
    v = losses.real_term(REAL) + losses.fake_term(FAKE)
    loss = discriminator_loss(REAL, FAKE, real_label=1.0, fake_label=0.0).total
    assert float(loss) == pytest.approx(-float(v), rel=1e-12)


# --- Limits


@pytest.mark.parametrize(
    ("logit", "label", "expected"),
    [(80.0, 0.9, 8.0), (-80.0, 0.9, 72.0), (80.0, 0.1, 72.0), (-80.0, 0.1, 8.0), (80.0, 0.0, 80.0)],
)
def test_cross_entropy_is_right_where_a_sigmoid_has_long_saturated(
    logit: float, label: float, expected: float
) -> None:
    # -label log D - (1 - label) log(1 - D), with log D = -80 or 0 to within e^-80
    value_ = float(losses.cross_entropy(torch.tensor(logit, dtype=torch.float32), label=label))
    assert value_ == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("real", "fake"), [(80.0, -80.0), (-80.0, 80.0)])
def test_terms_and_losses_stay_right_at_eighty(real: float, fake: float) -> None:
    real_logits, fake_logits = torch.full((4,), real), torch.full((3,), fake)
    wrong = 80.0 if real < 0 else 0.0
    assert float(losses.real_term(real_logits)) == pytest.approx(-wrong, abs=1e-6)
    assert float(losses.fake_term(fake_logits)) == pytest.approx(-wrong, abs=1e-6)
    assert float(losses.OBJECTIVES["minimax"].of_g(fake_logits)) == pytest.approx(-wrong, abs=1e-6)
    flipped = float(losses.OBJECTIVES["non_saturating"].of_g(fake_logits))
    assert flipped == pytest.approx(80 - wrong, abs=1e-6)


def test_nothing_overflows_before_the_float_does() -> None:
    huge = torch.tensor([3e38, -3e38])
    assert losses.cross_entropy(huge, label=0.9).isfinite().all()
    assert losses.OBJECTIVES["minimax"].of_g(huge[:1]).isfinite()


# --- Gradients


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
def test_discriminator_gradient_is_output_minus_label(alpha: float, beta: float) -> None:
    labels = {"real_label": alpha, "fake_label": beta}
    real = gradient(lambda x: discriminator_loss(x, FAKE, **labels).total, REAL)
    fake = gradient(lambda x: discriminator_loss(REAL, x, **labels).total, FAKE)
    torch.testing.assert_close(real, (REAL.sigmoid() - alpha) / len(REAL))
    torch.testing.assert_close(fake, (FAKE.sigmoid() - beta) / len(FAKE))


def test_smoothing_pulls_an_over_confident_discriminator_back() -> None:
    limit = math.log(0.9 / 0.1)
    slopes = gradient(
        lambda x: discriminator_loss(x, FAKE, real_label=0.9, fake_label=0.0).total,
        torch.tensor([limit - 0.1, limit, limit + 0.1], dtype=torch.float64),
    )
    assert slopes.sign().tolist()[0] == -1
    assert float(slopes[1]) == pytest.approx(0.0, abs=1e-12)
    assert slopes.sign().tolist()[2] == 1


def test_generator_gradients_are_minus_d_and_minus_its_complement() -> None:
    minimax = gradient(lambda x: losses.OBJECTIVES["minimax"].of_g(x), FAKE) * len(FAKE)
    flipped = gradient(lambda x: losses.OBJECTIVES["non_saturating"].of_g(x), FAKE) * len(FAKE)
    torch.testing.assert_close(minimax, -FAKE.sigmoid())
    torch.testing.assert_close(flipped, -(1 - FAKE.sigmoid()))
    torch.testing.assert_close(flipped / minimax, (-FAKE).exp())


def test_at_one_per_cent_the_flipped_labels_pull_99_times_harder() -> None:
    at = torch.tensor([math.log(0.01 / 0.99)], dtype=torch.float64)
    minimax = gradient(lambda x: losses.OBJECTIVES["minimax"].of_g(x), at)
    flipped = gradient(lambda x: losses.OBJECTIVES["non_saturating"].of_g(x), at)
    assert float(flipped / minimax) == pytest.approx(99.0, rel=1e-12)


def test_gradients_at_eighty_are_the_limits_of_the_closed_forms() -> None:
    far = torch.tensor([80.0, -80.0])
    d = gradient(lambda x: losses.cross_entropy(x, label=0.9).sum(), far)
    torch.testing.assert_close(d, torch.tensor([0.1, -0.9]))
    flipped = gradient(lambda x: losses.OBJECTIVES["non_saturating"].of_g(x), far) * 2
    torch.testing.assert_close(flipped, torch.tensor([0.0, -1.0]))


# --- The penalty


def test_gradient_penalty_of_a_linear_discriminator_is_half_gamma_slope_squared() -> None:
    rng = torch.Generator().manual_seed(4)
    d = Discriminator(tiny(discriminator_layers=1), rng)
    slope = torch.zeros(784)
    slope[:3] = torch.tensor([0.3, -1.2, 0.4])  # 0.09 + 1.44 + 0.16 = 1.69
    with torch.no_grad():  # one hidden unit, far in its linear part, carries the slope
        for parameter in d.parameters():
            parameter.zero_()
        d.get_parameter("linears.0.weight")[5] = slope / 2
        d.get_parameter("linears.0.bias")[5] = 50.0
        d.get_parameter("linears.1.weight")[0, 5] = 2.0
    images = torch.empty(9, 784).uniform_(-1, 1, generator=rng).requires_grad_()
    logits = d(images, torch.relu, "learn")
    (slopes,) = torch.autograd.grad(logits.sum(), images)
    assert float(losses.gradient_penalty(slopes, gamma=7.0)) == pytest.approx(7.0 / 2 * 1.69, rel=1e-5)


def test_gradient_penalty_is_the_mean_of_squares_not_the_square_of_the_mean() -> None:
    slopes = torch.tensor([[3.0, 4.0], [0.0, -1.0]])  # squared lengths 25 and 1
    assert float(losses.gradient_penalty(slopes, gamma=4.0)) == pytest.approx(4.0 / 2 * (25 + 1) / 2)


# --- One definition feeds the loss and the line

P_COUNTS = np.array([1, 2, 3, 4, 6, 4])  # of 20 real images at each of six points
Q_COUNTS = np.array([5, 1, 4, 2, 3, 5])  # of 20 generated ones


class Optimum(NamedTuple):
    """The best logits [points] of a free discriminator against known densities."""

    logits: Tensor
    real: Tensor  # those logits, once for each real image
    fake: Tensor


def best_discriminator(p_counts: NDArray[Any], q_counts: NDArray[Any], alpha: float, beta: float) -> Optimum:
    """Minimise the loss the trainer minimises over one free logit a point, by Newton's method."""
    at_real = torch.arange(len(p_counts)).repeat_interleave(torch.as_tensor(p_counts))
    at_fake = torch.arange(len(q_counts)).repeat_interleave(torch.as_tensor(q_counts))

    def loss(logits: Tensor) -> Tensor:
        real, fake = logits[at_real], logits[at_fake]
        return discriminator_loss(real, fake, real_label=alpha, fake_label=beta).total

    logits = torch.zeros(len(p_counts), dtype=torch.float64)
    for _ in range(30):
        logits = logits.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(logits), logits, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), logits)  # no point's loss depends on another's
        logits = (logits - slope / curvature).detach()
    assert float(gradient(loss, logits).abs().max()) < 1e-12
    return Optimum(logits, logits[at_real], logits[at_fake])


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
def test_best_answer_to_the_actual_loss_is_the_optimal_discriminator(alpha: float, beta: float) -> None:
    best = best_discriminator(P_COUNTS, Q_COUNTS, alpha, beta).logits.sigmoid().numpy()
    expected = optimal_discriminator(P_COUNTS / 20, Q_COUNTS / 20, real_label=alpha, fake_label=beta)
    np.testing.assert_allclose(best, expected, rtol=1e-9)
    assert np.ptp(expected) > 0.25


@pytest.mark.parametrize(("alpha", "beta"), LABELS)
def test_best_answer_at_equal_densities_is_the_line_that_is_recorded_and_drawn(
    alpha: float, beta: float, digits: DataSet
) -> None:
    best = best_discriminator(P_COUNTS, P_COUNTS, alpha, beta)
    outputs = best.logits.sigmoid().numpy()
    height = float(losses.real_term(best.real) + losses.fake_term(best.fake))

    trainer = new_trainer(digits, smoothing=alpha, fake_label=beta)
    record, history = trainer.step(trainer.settings), History()
    history.steps.extend(as_block([record]))
    held_out = evaluate(trainer)
    history.evaluations.extend(
        as_block([held_out.evaluation]) | {name: getattr(held_out, name)[None] for name in HISTOGRAMS}
    )
    for line in (
        record.d_reference, held_out.evaluation.d_reference, histogram_info(history, math.inf).reference,
        saddle_info(history, math.inf).equilibrium, heatmap_info(history, math.inf).reference.now,
        means_info(history, math.inf).reference.now,
    ):  # fmt: skip
        assert line is not None
        np.testing.assert_allclose(outputs, line, rtol=1e-9)
    for level in (record.value_reference, held_out.evaluation.value_reference):
        assert level == pytest.approx(height, rel=1e-9)
    drawn = value_info(history, math.inf).reference
    assert drawn.now == pytest.approx(height, rel=1e-9)
    np.testing.assert_allclose(drawn.value, height, rtol=1e-9)

    smallest = float(discriminator_loss(best.real, best.fake, real_label=alpha, fake_label=beta).total)
    assert value.objective_at_equilibrium(real_label=alpha, fake_label=beta) == pytest.approx(-smallest)
