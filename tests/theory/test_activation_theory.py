"""The NumPy activations are those of the networks; what survives layers, against closed forms and a net."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch

from gan_core.networks import activation_function
from gan_core.settings import choices
from gan_core.theory import activations

X = np.array([-80.0, -9.0, -2.5, -0.3, -1e-3, 1e-3, 0.4, 1.9, 8.0, 80.0])


def below(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def test_there_are_as_many_as_in_the_live_game() -> None:
    assert choices("generator_activation") == activations.NAMES == choices("discriminator_activation")


@pytest.mark.parametrize("name", activations.NAMES)
@pytest.mark.parametrize("leaky_slope", [0.2, 0.35])
def test_an_activation_and_its_derivative_are_the_networks_own(name: str, leaky_slope: float) -> None:
    x = torch.from_numpy(X).requires_grad_()
    theirs = activation_function(name, leaky_slope)(x)
    (slope,) = torch.autograd.grad(theirs.sum(), x)
    agree = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-15)
    agree(activations.activation(name, X, leaky_slope), theirs.detach().numpy())
    agree(activations.derivative(name, X, leaky_slope), slope.numpy())


def test_an_unknown_activation_is_an_error() -> None:
    for function in (activations.activation, activations.derivative):
        with pytest.raises(ValueError, match="swish"):
            function("swish", X, 0.2)


@pytest.mark.parametrize("spread", [0.1, 0.7, 2.5])
def test_the_factor_of_a_layer_is_its_closed_form(spread: float) -> None:
    def factor(name: str, gain: float = 1.3) -> float:
        return activations.passed_on(name, 0.35, gain=gain, spread=spread)

    assert factor("relu") == pytest.approx(1.3 * math.sqrt(0.5), rel=1e-9)
    assert factor("leaky_relu") == pytest.approx(1.3 * math.sqrt((1 + 0.35**2) / 2), rel=1e-9)
    # E exp(2 s z) over z < 0 is exp(2 s^2) Phi(-2 s).
    elu = 0.5 + math.exp(2 * spread**2) * below(-2 * spread)
    assert factor("elu") == pytest.approx(1.3 * math.sqrt(elu), rel=1e-9)
    assert factor("tanh", gain=2.6) == pytest.approx(2 * factor("tanh"), rel=1e-12)


def test_small_inputs_see_the_slope_at_zero() -> None:
    for name, slope in (("sigmoid", 0.25), ("tanh", 1.0), ("gelu", 0.5)):
        assert activations.passed_on(name, 0.2, gain=1.0, spread=1e-3) == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("name", activations.NAMES)
def test_a_wide_random_layer_scales_a_gradient_by_that_factor(name: str) -> None:
    rng = np.random.default_rng(8)
    width, gain, spread = 1500, 1.4, 1.2
    weights = rng.normal(0.0, gain / math.sqrt(width), (width, width))
    inputs, gradient = rng.normal(0.0, spread, width), rng.normal(size=width)
    back = activations.derivative(name, inputs, 0.2) * (weights.T @ gradient)
    measured = float(np.linalg.norm(back) / np.linalg.norm(gradient))
    assert measured == pytest.approx(activations.passed_on(name, 0.2, gain=gain, spread=spread), rel=0.08)


def test_what_survives_is_a_power_of_the_factor() -> None:
    left = activations.surviving("tanh", 0.2, layers=7, gain=1.1, spread=0.8)
    factor = activations.passed_on("tanh", 0.2, gain=1.1, spread=0.8)
    assert left[0] == 1.0
    np.testing.assert_allclose(left[1:] / left[:-1], factor, rtol=1e-12)
    assert len(left) == 8
