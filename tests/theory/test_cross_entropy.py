"""The NumPy losses are no second truth: they are those the networks train with, and float32's limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_core import losses
from gan_core.theory import cross_entropy as ce
from gan_core.theory.smoothing import conventions
from gan_core.theory.value import Floats, equilibrium_output

LOGITS = np.array([-80.0, -33.0, -19.0, -7.3, -1.1, -0.2, 0.0, 0.4, 2.5, 9.7, 19.0, 34.0, 80.0])
KINDS: tuple[ce.Kind, ...] = ("non_saturating", "minimax")
# torch rounds exp(-l) off once l > 20: that is 2e-15 at 34, and nothing else separates the two.
assert_agree = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


def torch_gradient(loss: Callable[[Tensor], Tensor], logits: Tensor) -> Floats:
    at = logits.clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(at).sum(), at)
    return np.asarray(slope.numpy())


@pytest.mark.parametrize("label", [1.0, 0.9, 0.3, 0.0])
def test_the_cross_entropy_is_the_one_d_trains_with(label: float) -> None:
    logits = torch.from_numpy(LOGITS)
    theirs = losses.cross_entropy(logits, label=label)
    assert_agree(ce.cross_entropy(LOGITS, label=label), theirs.numpy())
    slope = torch_gradient(lambda x: losses.cross_entropy(x, label=label), logits)
    assert_agree(ce.cross_entropy_slope(LOGITS, label=label), slope)


@pytest.mark.parametrize("kind", KINDS)
def test_both_losses_of_g_are_those_it_trains_with(kind: ce.Kind) -> None:
    logits = torch.from_numpy(LOGITS)
    theirs = [float(losses.OBJECTIVES[kind].of_g(logit)) for logit in logits]
    assert_agree(ce.generator_loss(LOGITS, kind=kind), theirs)
    slope = torch_gradient(lambda x: losses.OBJECTIVES[kind].of_g(x) * len(x), logits)
    assert_agree(ce.generator_slope(LOGITS, kind=kind), slope)


def test_values_at_eighty_have_all_their_digits() -> None:
    tiny = math.exp(-80)
    assert float(ce.sigmoid(np.array([-80.0]))[0]) == pytest.approx(tiny, rel=1e-12)
    assert float(ce.cross_entropy(np.array([80.0]), label=0.9)[0]) == pytest.approx(8.0, rel=1e-12)
    assert float(ce.generator_loss(np.array([-80.0]), kind="non_saturating")[0]) == pytest.approx(80.0)
    assert float(ce.generator_loss(np.array([-80.0]), kind="minimax")[0]) == pytest.approx(-tiny, rel=1e-12)
    slope = ce.generator_slope(np.array([80.0]), kind="non_saturating")
    assert float(slope[0]) == pytest.approx(-tiny, rel=1e-12)


def test_the_slopes_differ_by_the_advantage_99_at_one_per_cent() -> None:
    for output in (0.01, 0.3, 0.9):
        at = np.array([ce.logit(output)])
        flipped, minimax = (float(ce.generator_slope(at, kind=kind)[0]) for kind in KINDS)
        assert flipped / minimax == pytest.approx(ce.advantage(output), rel=1e-12)
        assert [flipped, minimax] == pytest.approx([output - 1, -output])
    assert ce.advantage(0.01) == pytest.approx(99.0, rel=1e-12)


def test_a_smoothed_label_turns_the_slope_at_its_own_logit() -> None:
    turn = ce.logit(0.9)
    slopes = ce.cross_entropy_slope(np.array([turn - 0.1, turn, turn + 0.1]), label=0.9)
    assert slopes[0] < 0 < slopes[2]
    assert slopes[1] == pytest.approx(0.0, abs=1e-15)
    assert ce.logit(1.0) == math.inf


# --- Float32


def test_the_float_type_is_kept() -> None:
    logits = LOGITS.astype(np.float32)
    for function in (ce.softplus, ce.sigmoid):
        assert function(logits).dtype == np.float32
    for way in (ce.cross_entropy, ce.cross_entropy_slope, ce.from_probabilities):
        assert way(logits, label=0.9).dtype == np.float32


@pytest.mark.parametrize("label", [0.0, 0.4, 1.0])
def test_in_the_middle_both_ways_agree(label: float) -> None:
    middle = np.linspace(-5, 5, 41)
    np.testing.assert_allclose(
        ce.from_probabilities(middle, label=label), ce.cross_entropy(middle, label=label), rtol=1e-9
    )


def test_the_naive_way_is_infinite_where_float32_ends() -> None:
    # A generated image: 1 + exp(-l) is 1 once exp(-l) < 2^-24. A real one: exp(-l) passes the largest float.
    fake, real = ce.breaks(label=0.0, side=1), ce.breaks(label=1.0, side=-1)
    assert fake.infinite == pytest.approx(24 * math.log(2), abs=0.011)
    assert real.infinite == pytest.approx(-math.log(np.finfo(np.float32).max), abs=0.011)
    assert fake.off is not None
    assert 13 < fake.off < 16
    for label, side in ((0.0, -1), (1.0, 1)):
        assert ce.breaks(label=label, side=side) == ce.Break(None, None)  # type: ignore[arg-type]


def test_a_smoothed_label_breaks_on_both_sides() -> None:
    for side in (-1, 1):
        assert ce.breaks(label=0.9, side=side).infinite is not None


def test_from_logits_float32_is_right_to_its_last_digits() -> None:
    logits = np.linspace(-120, 120, 2401)
    for label in (0.0, 0.9, 1.0):
        # The rounding of the logit itself counts, too: one part in 2^24 of it.
        exact = ce.cross_entropy(logits.astype(np.float32).astype(np.float64), label=label)
        reached = ce.cross_entropy(logits.astype(np.float32), label=label).astype(np.float64)
        np.testing.assert_allclose(reached, exact, rtol=2e-7, atol=2e-5)


# --- The four readings of a smoothing


def best_answer(real_label: float, fake_label: float, weight: float) -> float:
    """The d that maximises the objective at p = q, by halving the interval of its slope's sign."""
    low, high = 1e-9, 1 - 1e-9
    for _ in range(80):
        d = (low + high) / 2
        up = weight * real_label + fake_label
        down = weight * (1 - real_label) + 1 - fake_label
        low, high = (d, high) if up / d > down / (1 - d) else (low, d)
    return low


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_every_convention_has_its_equilibrium_where_its_objective_is_highest(smoothing: float) -> None:
    readings = {item.name: item for item in conventions(smoothing)}
    for name, item in readings.items():
        weight = 1 - smoothing if name == "weight on log D" else 1.0
        assert item.output == pytest.approx(best_answer(item.real_label, item.fake_label, weight), rel=1e-9)
        assert item.value == pytest.approx(math.log(item.output) + math.log(1 - item.output), rel=1e-12)


def test_the_same_tenth_means_four_equilibria() -> None:
    one_sided, half_way, two_classes, weighted = conventions(0.1)
    outputs = [item.output for item in (one_sided, half_way, two_classes, weighted)]
    assert outputs == pytest.approx([0.45, 0.475, 0.5, 0.9 / 1.9], abs=1e-12)
    assert one_sided.output == equilibrium_output(real_label=0.9, fake_label=0.0)
    assert [two_classes.real_label, two_classes.fake_label] == pytest.approx([0.95, 0.05])
    assert one_sided.value == pytest.approx(-1.396345, abs=6e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_the_slope_that_is_passed_on_is_the_mean_slope_of_the_loss(kind: ce.Kind) -> None:
    logits = np.random.default_rng(3).normal(-2.0, 3.0, 500)
    mean = float(-ce.generator_slope(logits, kind=kind).mean())
    output = float(ce.sigmoid(logits).mean())
    assert ce.slope_kept(output, kind=kind) == pytest.approx(mean, rel=1e-12)
