"""Convolutional, style-based and class-conditional players: shapes, formulas, classes, modes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from gan_core import data
from gan_core.measures.held_out import evaluate
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.networks import (
    Network,
    StyleGenerator,
    activation_function,
    draw_latents,
    new_discriminator,
    new_generator,
    without_class,
)
from gan_core.networks.base import doubled_and_convolved
from gan_core.settings import Settings, SettingsError, make_settings
from gan_core.training import GanTrainer
from tests.game import TINY, clones, new_trainer, play, same

LEAKY = activation_function("leaky_relu", 0.2)
CONVOLVED: dict[str, Any] = {**TINY, "architecture": "dcgan"}
PLAYERS: dict[str, dict[str, Any]] = {
    "dcgan": CONVOLVED,
    "style": {**TINY, "architecture": "style"},
    "conditional": {**TINY, "conditional": True},
    "conditional dcgan": {**CONVOLVED, "conditional": True},
}


def players(**changes: Any) -> tuple[Settings, Network, Network]:
    settings, rng = make_settings(changes), torch.Generator().manual_seed(3)
    return settings, new_generator(settings, rng), new_discriminator(settings, rng)


def latents(settings: Settings, count: int = 6) -> Tensor:
    return draw_latents(count, settings, torch.Generator().manual_seed(4))


@pytest.mark.parametrize("name", PLAYERS)
def test_g_makes_what_d_looks_at(name: str) -> None:
    settings, g, d = players(**PLAYERS[name])
    z = latents(settings)
    made = g(z, LEAKY, "eval")
    images, classes = without_class(made, conditional=settings.conditional)
    assert images.shape == (6, 784)
    assert float(images.detach().abs().max()) < 1.0
    assert d(made, LEAKY, "eval").shape == (6,)
    assert classes is None or torch.equal(classes.to(z.dtype), z[:, -1])


def test_the_convolutional_g_is_the_one_its_docstring_says() -> None:
    settings, g, _ = players(**CONVOLVED, generator_batch_norm=False)
    z, w = latents(settings), dict(g.named_parameters())
    x = F.linear(z, w["start.weight"], w["start.bias"]).reshape(-1, 32, 7, 7)
    x = LEAKY(x).repeat_interleave(2, 2).repeat_interleave(2, 3)
    x = LEAKY(F.conv2d(x, w["convolutions.0.weight"].contiguous(), w["convolutions.0.bias"], padding=1))
    x = F.conv2d(x, w["convolutions.1.weight"].contiguous(), w["convolutions.1.bias"], padding=1)
    grown = torch.empty(len(z), 28, 28)
    for part in range(4):  # each place of 14 x 14 becomes a square of two by two
        grown[:, part // 2 :: 2, part % 2 :: 2] = x[:, part]
    torch.testing.assert_close(g(z, LEAKY, "eval"), torch.tanh(grown).flatten(1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 5, 7, 7), (1, 2, 3, 4)])
def test_a_transposed_convolution_is_the_convolution_of_doubled_pictures(shape: tuple[int, ...]) -> None:
    rng = torch.Generator().manual_seed(0)
    x, kernel, bias = (
        torch.randn(size, generator=rng, dtype=torch.float64, requires_grad=True)
        for size in (shape, (3, shape[1], 3, 3), (3,))
    )
    doubled = F.conv2d(x.repeat_interleave(2, 2).repeat_interleave(2, 3), kernel, bias, padding=1)
    made = doubled_and_convolved(x, kernel, bias)
    torch.testing.assert_close(made, doubled)
    weights = torch.randn(made.shape, generator=rng, dtype=torch.float64)
    inputs = (x, kernel, bias)
    for one, other in zip(*(torch.autograd.grad(y, inputs, weights) for y in (made, doubled)), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("name", ["conditional", "conditional dcgan"])
def test_a_class_adds_its_projection_of_the_last_hidden_layer(name: str) -> None:
    _, _, d = players(**PLAYERS[name])
    images = torch.empty(5, 784).uniform_(-1, 1, generator=torch.Generator().manual_seed(1))
    scores = [d(torch.cat((images, torch.full((5, 1), float(c))), 1), LEAKY, "eval") for c in (2, 7)]
    before = d.layers(torch.cat((images, torch.zeros(5, 1)), 1), LEAKY, "eval")[-2]
    embedding = d.get_parameter("classes")
    torch.testing.assert_close(scores[0] - scores[1], LEAKY(before) @ (embedding[2] - embedding[7]))


@pytest.mark.parametrize("name", ["conditional", "conditional dcgan"])
def test_the_class_of_a_noise_vector_changes_what_g_makes_of_it(name: str) -> None:
    settings, g, _ = players(**PLAYERS[name])
    z = latents(settings, 1).repeat(2, 1)
    z[:, -1] = torch.tensor([1.0, 8.0])
    one, other = g(z, LEAKY, "eval")[:, :784]
    assert float((one - other).detach().abs().max()) > 0.01


@pytest.mark.parametrize("name", ["conditional", "conditional dcgan"])
def test_a_real_batch_brings_the_class_of_each_digit(name: str) -> None:
    trainer = new_trainer(**PLAYERS[name])
    batch = trainer.batches.next()
    digits, classes = trainer.data.train, trainer.data.train_classes
    assert classes is not None
    for sample in batch:
        (row,) = (digits == sample[:784]).all(1).nonzero().squeeze(1).tolist()
        assert sample[784] == classes[row]


@pytest.mark.parametrize(
    "changes",
    [{"instance_noise": 0.5}, {"objective": "wgan_gp"}, {"r1_interval": 1, "r2_gamma": 1.0}],
    ids=lambda changes: next(iter(changes)),
)
def test_noise_and_penalties_leave_the_class_what_it_is(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer(conditional=True, **changes)
    seen: list[Tensor] = []
    forward = trainer.discriminator.forward

    def watched(samples: Tensor, *how: Any) -> Tensor:
        seen.append(samples[:, -1].detach().clone())
        scores: Tensor = forward(samples, *how)
        return scores

    monkeypatch.setattr(trainer.discriminator, "forward", watched)
    play(trainer, 2)
    whole = torch.cat(seen)
    assert len(whole) > 0
    assert torch.equal(whole, whole.round().clamp(0, 9))


def test_a_sheet_of_a_conditional_game_has_a_column_for_each_class() -> None:
    trainer = new_trainer(conditional=True)
    z = shown_latents(trainer.settings)
    assert z.shape == (80, trainer.settings.latent_dim + 1)
    assert z[:, -1].tolist() == list(range(10)) * 8
    assert torch.equal(z[0:10, :-1], z[0:1, :-1].expand(10, -1)), "a row has one noise vector"
    assert take_pictures(trainer, z)["digits"].shape == (80, 784)


@pytest.mark.parametrize("name", PLAYERS)
def test_a_game_that_is_measured_and_drawn_is_the_same_game(name: str) -> None:
    one, other = new_trainer(**PLAYERS[name]), new_trainer(**PLAYERS[name])
    for _ in range(3):
        play(one, 1)
        evaluate(one)
        take_pictures(one, shown_latents(one.settings))
        play(other, 1)
    assert same(clones(one.generator), clones(other.generator))
    assert same(clones(one.discriminator), clones(other.discriminator))


# The style-based G


def style() -> tuple[Settings, StyleGenerator]:
    settings, g, _ = players(**PLAYERS["style"])
    assert isinstance(g, StyleGenerator)
    return settings, g


def test_one_style_in_all_layers_is_what_g_makes() -> None:
    settings, g = style()
    z = latents(settings)
    w = g.styles(z, LEAKY)
    torch.testing.assert_close(g.made_of([w] * 4, LEAKY), g(z, LEAKY, "eval"))
    crossed = g.made_of([w, w, w.roll(1, 0), w.roll(1, 0)], LEAKY)
    assert float((crossed - g(z, LEAKY, "eval")).detach().abs().max()) > 0.01


def test_demodulation_takes_the_length_of_a_style_back() -> None:
    settings, g = style()
    with torch.no_grad():
        for bias in (*g.biases, g.to_grey_bias):
            bias.zero_()
        g.affine_bias[0].zero_()
    w = g.styles(latents(settings), LEAKY)
    first = [torch.full_like(w, 0.0) + w, 3 * w]
    made = [g._pictures([style, w, w, w], LEAKY, None)[0] for style in first]
    torch.testing.assert_close(made[0], made[1], rtol=1e-4, atol=1e-5)


def test_a_convolution_is_that_of_the_modulated_and_demodulated_weights() -> None:
    settings, g = style()
    w = g.styles(latents(settings, 1), LEAKY)
    made = g._pictures([w] * 4, LEAKY, None)[0]
    s = w[0] @ (g.affine[0] / 8.0).T + g.affine_bias[0]  # UNITS is 64
    weights = g.convolutions[0] / (32 * 9) ** 0.5 * s[None, :, None, None]
    weights = weights * (weights.square().sum((1, 2, 3), keepdim=True) + 1e-8).rsqrt()
    torch.testing.assert_close(made, F.conv2d(g.constant, weights, padding=1), rtol=1e-4, atol=1e-5)


def test_noise_and_mixing_are_there_in_training_only() -> None:
    settings, g = style()
    with torch.no_grad():
        g.noise.fill_(0.5)
    z = latents(settings)
    assert torch.equal(g(z, LEAKY, "eval"), g(z, LEAKY, "eval"))
    assert not torch.equal(g(z, LEAKY, "learn"), g(z, LEAKY, "learn"))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"data": "ring", "architecture": "dcgan"}, "architecture = dcgan is for digits, not for ring."),
        ({"data": "ring", "conditional": True}, "conditional = true is for digits, not for ring."),
        ({"architecture": "style", "conditional": True},
         "conditional = true is for perceptron and dcgan, not for style."),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings(changes)
    assert str(caught.value) == complaint


def test_d_learns_which_class_a_digit_is_of() -> None:
    """A D without classes would take the same half of pairs with a wrong class for the more real ones."""
    settings = make_settings({"conditional": True, "smoothing": 1.0, "seed": 1})
    trainer = GanTrainer(settings, data.load(settings))
    play(trainer, 200)
    pairs = trainer.held_out(1000)
    wrong = pairs.clone()
    wrong[:, -1] = (wrong[:, -1] + 3) % 10
    with torch.no_grad():
        right, mistaken = (trainer.discriminator(x, LEAKY, "eval") for x in (pairs, wrong))
    assert float((right > mistaken).float().mean()) > 0.6  # measured: 0.69; chance has a spread of 0.016
