"""The two players: shapes, first weights, modes, activations and dead units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_core.networks import (
    NORM_MOMENTUM,
    Discriminator,
    Generator,
    Mode,
    Perceptron,
    activation_function,
    dead_share,
    draw_latents,
)
from tests.game import clones, forward, same, tiny

LEAKY = activation_function("leaky_relu", 0.2)


def seeded(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def players(seed: int = 5, **changes: Any) -> tuple[Generator, Discriminator]:
    settings, rng = tiny(**changes), seeded(seed)
    return Generator(settings, rng), Discriminator(settings, rng)


def inputs(count: int, width: int = 784) -> Tensor:
    return torch.empty(count, width).uniform_(-1, 1, generator=seeded(8))


# --- Shapes and first weights


def sizes_of(network: Perceptron) -> list[tuple[int, ...]]:
    weights = [(name, tensor) for name, tensor in network.named_parameters() if name.startswith("linears")]
    return [tuple(tensor.shape) for name, tensor in weights if name.endswith("weight")]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_have_the_widths_asked_for(layers: int) -> None:
    g, d = players(
        generator_layers=layers, discriminator_layers=layers, generator_width=40, discriminator_width=48
    )
    assert sizes_of(g) == [(40, 8), *[(40, 40)] * (layers - 1), (784, 40)]
    assert sizes_of(d) == [(48, 784), *[(48, 48)] * (layers - 1), (1, 48)]
    images = g(inputs(6, 8), LEAKY, "learn")
    assert images.shape == (6, 784)
    assert d(images, LEAKY, "learn").shape == (6,)


def test_first_weights_fill_the_range_of_one_over_root_fan_in() -> None:
    g, d = players(discriminator_width=256)
    for name, fan_in in (("linears.0", 784), ("linears.1", 256)):
        bound = fan_in**-0.5
        weight, bias = d.get_parameter(f"{name}.weight"), d.get_parameter(f"{name}.bias")
        assert 0.99 * bound < float(weight.detach().abs().max()) <= bound
        assert float(weight.detach().std()) == pytest.approx(bound / math.sqrt(3), rel=0.02)
        assert 0.9 * bound < float(bias.detach().abs().max()) <= bound
    assert float(g.get_parameter("linears.0.weight").detach().abs().max()) <= 8**-0.5


def test_first_weights_come_from_the_generator_given_and_from_nowhere_else() -> None:
    before = torch.get_rng_state()
    one, other, third = players(5)[0], players(5)[0], players(6)[0]
    assert same(clones(one), clones(other))
    assert not same(clones(one), clones(third))
    assert torch.equal(torch.get_rng_state(), before)


# --- Outputs


@pytest.mark.parametrize("batch_norm", [False, True])
def test_forward_is_the_plain_formula(batch_norm: bool) -> None:
    g, d = players(generator_batch_norm=batch_norm, discriminator_batch_norm=batch_norm)
    for network in (g, d):
        for name, tensor in network.state_dict().items():
            if name.startswith("norms") and tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5, generator=seeded())
    z = inputs(6, 8)
    images = g(z, activation_function("leaky_relu", 0.3), "eval").detach()
    plain = np.tanh(forward(clones(g), z.double().numpy(), slope=0.3))
    np.testing.assert_allclose(images.numpy(), plain, atol=1e-5)
    logits = d(images, activation_function("leaky_relu", 0.3), "eval").detach()
    plain = forward(clones(d), images.double().numpy(), slope=0.3)[:, 0]
    np.testing.assert_allclose(logits.numpy(), plain, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leaky_relu", lambda x: x if x > 0 else 0.3 * x),
        ("relu", lambda x: max(x, 0.0)),
        ("elu", lambda x: x if x > 0 else math.expm1(x)),
        ("gelu", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
        ("tanh", math.tanh),
        ("sigmoid", lambda x: 1 / (1 + math.exp(-x))),
    ],
)
def test_an_activation_is_the_function_it_is_named_after(name: str, expected: Any) -> None:
    at = torch.tensor([-2.5, -0.3, 0.0, 0.4, 1.9], dtype=torch.float64)
    outputs = activation_function(name, 0.3)(at)
    np.testing.assert_allclose(outputs.numpy(), [expected(x) for x in at.tolist()], rtol=1e-12, atol=1e-15)


def test_layers_are_what_goes_into_the_activations() -> None:
    _, d = players()
    x = inputs(4)
    first, second, last = d.layers(x, LEAKY, "eval")
    torch.testing.assert_close(
        first, x @ d.get_parameter("linears.0.weight").T + d.get_parameter("linears.0.bias")
    )
    torch.testing.assert_close(
        second, LEAKY(first) @ d.get_parameter("linears.1.weight").T + d.get_parameter("linears.1.bias")
    )
    torch.testing.assert_close(last.squeeze(1), d(x, LEAKY, "eval"))


# --- Dropout


def test_dropout_is_off_in_eval() -> None:
    (_, dropping), (_, plain) = players(discriminator_dropout=0.5), players()
    x = inputs(9)
    torch.testing.assert_close(dropping(x, LEAKY, "eval"), plain(x, LEAKY, "eval"), rtol=0, atol=0)
    assert not torch.equal(dropping(x, LEAKY, "learn"), plain(x, LEAKY, "learn"))
    assert plain.same_in_eval
    assert not dropping.same_in_eval
    g, _ = players(generator_dropout=0.5, generator_batch_norm=False)
    z = inputs(9, 8)
    assert torch.equal(g(z, LEAKY, "eval"), g(z, LEAKY, "eval"))
    assert not torch.equal(g(z, LEAKY, "learn"), g(z, LEAKY, "learn"))
    assert not g.same_in_eval


@pytest.mark.parametrize("mode", ["learn", "oppose"])
def test_dropout_silences_its_share_and_keeps_the_mean(mode: Mode) -> None:
    _, d = players(discriminator_dropout=0.3, discriminator_layers=1, discriminator_width=1024)
    with torch.no_grad():  # every hidden unit answers 1, and the verdict is their mean
        for parameter in d.parameters():
            parameter.zero_()
        d.get_parameter("linears.0.bias").fill_(1.0)
        d.get_parameter("linears.1.weight").fill_(1 / 1024)
    verdicts = d(inputs(100), LEAKY, mode).detach()
    # Mean of 1024 values that are 1 / 0.7 with probability 0.7: 1, standard deviation 0.0205.
    assert float(verdicts.mean()) == pytest.approx(1.0, abs=0.01)
    assert float(verdicts.std()) == pytest.approx(math.sqrt(0.3 / 0.7 / 1024), rel=0.3)


def test_dropout_masks_come_from_the_game_s_own_random_numbers() -> None:
    before = torch.get_rng_state()
    (_, one), (_, other) = players(discriminator_dropout=0.5), players(discriminator_dropout=0.5)
    assert torch.equal(one(inputs(9), LEAKY, "learn"), other(inputs(9), LEAKY, "learn"))
    assert torch.equal(torch.get_rng_state(), before)


# --- Batch norm


def test_learning_normalises_over_the_batch_and_lets_the_running_statistics_follow() -> None:
    g, _ = players()
    z = inputs(16, 8)
    before = clones(g)
    first = g.layers(z, LEAKY, "learn")[0].detach()
    torch.testing.assert_close(first.mean(0), torch.zeros(32), rtol=0, atol=1e-5)
    torch.testing.assert_close(first.var(0, correction=0), torch.ones(32), rtol=1e-2, atol=0)
    raw = z @ before["linears.0.weight"].T + before["linears.0.bias"]
    after = clones(g)
    torch.testing.assert_close(after["norms.0.running_mean"], NORM_MOMENTUM * raw.mean(0))
    torch.testing.assert_close(
        after["norms.0.running_var"], (1 - NORM_MOMENTUM) + NORM_MOMENTUM * raw.var(0, correction=1)
    )


def test_opposing_gives_the_same_outputs_and_changes_nothing() -> None:
    g, d = players(discriminator_batch_norm=True)
    z, x = inputs(16, 8), inputs(16)
    before = clones(g), clones(d)
    opposed = g(z, LEAKY, "oppose"), d(x, LEAKY, "oppose")
    assert same(before[0], clones(g))
    assert same(before[1], clones(d))
    learnt = g(z, LEAKY, "learn"), d(x, LEAKY, "learn")
    assert torch.equal(opposed[0], learnt[0])
    assert torch.equal(opposed[1], learnt[1])
    assert not same(before[0], clones(g))
    assert not same(before[1], clones(d))


def test_eval_looks_at_one_image_at_a_time_and_learning_at_the_batch() -> None:
    _, d = players(discriminator_batch_norm=True)
    x = inputs(16)
    torch.testing.assert_close(d(x, LEAKY, "eval")[:5], d(x[:5], LEAKY, "eval"))
    assert not torch.allclose(d(x, LEAKY, "learn")[:5], d(x[:5], LEAKY, "learn"), atol=1e-3)


# --- Latents and dead units


@pytest.mark.parametrize(
    ("distribution", "deviation", "largest"), [("normal", 1.0, 6.0), ("uniform", 1 / math.sqrt(3), 1.0)]
)
def test_latents_follow_their_distribution(distribution: str, deviation: float, largest: float) -> None:
    z = draw_latents(5000, tiny(latent_distribution=distribution, latent_dim=12), seeded())
    assert z.shape == (5000, 12)
    assert float(z.mean()) == pytest.approx(0.0, abs=0.02)
    assert float(z.std()) == pytest.approx(deviation, rel=0.02)
    assert 0.99 * min(largest, 3.0) < float(z.abs().max()) <= largest


def with_biases(network: Perceptron, bias: float, units: int = 32) -> Perceptron:
    """The first `units` of every hidden layer get this bias."""
    with torch.no_grad():
        for i in range(len(network.linears) - 1):
            network.get_parameter(f"linears.{i}.bias")[:units] = bias
    return network


@pytest.mark.parametrize(
    ("activation", "bias", "units", "expected"),
    [
        ("relu", -1000.0, 32, 1.0),
        ("relu", -1000.0, 8, 0.25),
        ("relu", 1000.0, 32, 0.0),
        ("leaky_relu", -1000.0, 32, 0.0),
        ("elu", -1000.0, 32, 1.0),
        ("sigmoid", 1000.0, 32, 1.0),
        ("sigmoid", -1000.0, 16, 0.5),
        ("sigmoid", 0.0, 32, 0.0),
        ("tanh", 1000.0, 32, 1.0),
    ],
)
def test_dead_share_counts_units_that_pass_no_gradient(
    activation: str, bias: float, units: int, expected: float
) -> None:
    _, d = players(discriminator_layers=1)
    with_biases(d, 1000.0 if activation == "relu" else 0.0)
    with_biases(d, bias, units)
    assert dead_share(d, inputs(40), activation_function(activation, 0.2)) == expected


@pytest.mark.parametrize("mode", ["learn", "oppose", "eval"])
def test_batch_norm_by_hand_is_batch_norm(mode: Mode) -> None:
    one, other = (
        Discriminator(tiny(discriminator_batch_norm=True), torch.Generator().manual_seed(3)).double()
        for _ in range(2)
    )
    other.norms_by_hand = True
    x = torch.randn(16, 784, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    for _ in range(2):
        said = [network(x, torch.tanh, mode) for network in (one, other)]
        torch.testing.assert_close(said[1], said[0], rtol=0, atol=1e-12)
    for mine, theirs in zip(other.state_dict().values(), one.state_dict().values(), strict=True):
        if mine.is_floating_point():
            torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)
