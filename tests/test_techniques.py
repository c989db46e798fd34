"""The improved techniques against their papers' formulas, written out once more."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_core import data, losses
from gan_core.networks import Mode, Network, new_discriminator, new_generator, power_iteration
from gan_core.networks.minibatch import KERNELS, WIDTH, MinibatchDiscrimination
from gan_core.networks.spectral import weight_of
from gan_core.settings import Settings, SettingsError, make_settings
from gan_core.training import Functions, GanTrainer
from tests.game import new_trainer, play, tiny

ARCHITECTURES = ("perceptron", "dcgan")
MODES: tuple[Mode, ...] = ("learn", "oppose", "eval")


def layers_of(network: Network) -> list[Any]:
    return [module for module in network.modules() if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)]


def largest_singular_values(network: Network) -> list[float]:
    """Of the weights that a pass uses, by NumPy."""
    matrices = [weight_of(layer).detach().flatten(1).numpy() for layer in layers_of(network)]
    return [float(np.linalg.svd(matrix, compute_uv=False)[0]) for matrix in matrices]


# Spectral norm


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, "style"])
def test_the_largest_singular_value_of_each_layer_is_one(architecture: str) -> None:
    trainer = new_trainer(spectral_norm=True, architecture=architecture)
    assert len(layers_of(trainer.discriminator)) == (3 if architecture == "perceptron" else 4)
    play(trainer, 6)
    assert all(0.999 < value < 1.1 for value in largest_singular_values(trainer.discriminator))
    for _ in range(400):
        power_iteration(trainer.discriminator)
    assert largest_singular_values(trainer.discriminator) == pytest.approx(
        [1.0] * len(layers_of(trainer.discriminator)), abs=2e-4
    )


def test_without_spectral_norm_the_weights_are_used_as_they_are() -> None:
    d = new_discriminator(tiny(), torch.Generator().manual_seed(1))
    assert all(weight_of(layer) is layer.weight for layer in layers_of(d))
    assert largest_singular_values(d)[0] != pytest.approx(1.0, abs=0.02)


def test_the_gradient_of_a_layer_with_spectral_norm_is_that_of_the_paper() -> None:
    """Miyato et al. 2018, eq. 12: of W / σ, with u and v held, (A - <A, W/σ> u v^T) / σ for A = dL/d(W/σ)."""
    d = new_discriminator(tiny(spectral_norm=True), torch.Generator().manual_seed(3)).double()
    layer = layers_of(d)[1]
    outer = torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(4)).double()
    (gradient,) = torch.autograd.grad((weight_of(layer) * outer).sum(), layer.weight)
    weight, left = layer.weight.detach(), layer.left / layer.left.norm()
    sigma = (left @ weight).norm()
    right = left @ weight / sigma
    expected = (outer - (outer * weight / sigma).sum() * torch.outer(left, right)) / sigma
    torch.testing.assert_close(gradient, expected, rtol=0, atol=1e-12)


def test_only_a_move_of_d_moves_the_vectors() -> None:
    trainer = new_trainer(spectral_norm=True)
    before = [layer.left.clone() for layer in layers_of(trainer.discriminator)]
    trainer.g_step(trainer.settings)
    assert all(torch.equal(a, b.left) for a, b in zip(before, layers_of(trainer.discriminator), strict=True))
    trainer.d_step(trainer.settings)
    assert not torch.equal(before[0], layers_of(trainer.discriminator)[0].left)


# Minibatch discrimination


def test_closeness_is_the_papers_formula() -> None:
    module = MinibatchDiscrimination(3, 4, torch.Generator().manual_seed(2))
    features = torch.tensor([[0.3, -0.2, 1.0], [0.1, 0.4, 0.9], [2.0, -1.0, 0.0], [0.3, -0.2, 1.0]])
    matrices = module.matrices.detach().double().numpy().reshape(3, KERNELS, WIDTH)
    m = np.einsum("na,abc->nbc", features.double().numpy(), matrices)
    found = module(features).detach()
    for i in range(4):
        for b in range(KERNELS):
            others = [math.exp(-np.abs(m[i, b] - m[j, b]).sum()) for j in range(4) if j != i]
            assert float(found[i, b]) == pytest.approx(sum(others) / 3, rel=1e-5)


def test_a_collapsed_batch_is_as_close_as_can_be_and_one_sample_alone_is_not() -> None:
    module = MinibatchDiscrimination(3, 8, torch.Generator().manual_seed(2))
    assert torch.equal(module(torch.ones(8, 3)), torch.ones(8, KERNELS))
    assert torch.equal(module(torch.ones(1, 3)), torch.zeros(1, KERNELS))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_d_sees_the_others_of_the_batch_and_nobody_beyond(architecture: str) -> None:
    settings = tiny(minibatch_discrimination=True, architecture=architecture)
    d = new_discriminator(settings, torch.Generator().manual_seed(5))
    assert d.rows_see_each_other
    assert d.same_in_eval
    images = torch.randn(32, 784, generator=torch.Generator().manual_seed(6))  # two batches
    function = Functions.of(settings).discriminator
    with torch.no_grad():
        scores = d(images, function, "eval")
        changed = images.clone()
        changed[0] += 1.0
        moved = (d(changed, function, "eval") - scores).abs()
        alone = d(images[:16], function, "learn")
    assert bool((moved[:16] > 0).all())
    assert torch.equal(moved[16:], torch.zeros(16))
    torch.testing.assert_close(alone, scores[:16])


def test_minibatch_discrimination_of_points_is_refused_in_words() -> None:
    said = r"^minibatch_discrimination = true is for digits, not for ring\.$"
    with pytest.raises(SettingsError, match=said):
        make_settings({"data": "ring", "minibatch_discrimination": True})


# Feature matching


def test_feature_matching_is_the_squared_distance_of_the_means() -> None:
    real, fake = torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([[0.0, 0.0], [1.0, 4.0]])
    assert float(losses.feature_matching(real, fake)) == pytest.approx(1.5**2 + 1.0**2)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_gradient_of_g_under_feature_matching_agrees_with_finite_differences(share: float) -> None:
    settings = tiny(
        feature_matching=share, generator_activation="tanh", discriminator_activation="tanh",
        generator_batch_norm=False, r1_gamma=0.0,
    )  # fmt: skip
    trainer = GanTrainer(settings, data.load(settings))
    play(trainer, 3)
    trainer.generator.double(), trainer.discriminator.double()
    functions, real, z = Functions.of(settings), trainer.batches.next().double(), trainer.latents().double()
    weights = trainer.players["generator"].weights

    def goal() -> Tensor:
        """Written out: what G minimises."""
        fake = trainer.generator(z, functions.generator, "oppose")
        scores, of_fake = trainer.discriminator.scored(fake, functions.discriminator, "oppose")
        _, of_real = trainer.discriminator.scored(real, functions.discriminator, "oppose")
        loss = -torch.log(torch.sigmoid(scores)).mean()
        return (1 - share) * loss + share * ((of_real.mean(0) - of_fake.mean(0)) ** 2).sum()

    pull = trainer.pull_of_g(trainer.generator(z, functions.generator, "oppose"), real, functions)
    at, h = (3, 5), 1e-5
    with torch.no_grad():
        weights[2][at] += h
        high = float(goal())
        weights[2][at] -= 2 * h
        low = float(goal())
        weights[2][at] += h
    assert float(pull.gradient[2][at]) == pytest.approx((high - low) / (2 * h), rel=1e-6)
    assert abs(float(pull.gradient[2][at])) > 1e-6
    assert pull.loss == pytest.approx(_loss_alone(trainer, z, functions), rel=1e-9)


def _loss_alone(trainer: GanTrainer, z: Tensor, functions: Functions) -> float:
    fake = trainer.generator(z, functions.generator, "oppose")
    scores = trainer.discriminator(fake, functions.discriminator, "oppose")
    return float(-torch.log(torch.sigmoid(scores)).mean().detach())


# Historical averaging


def test_the_means_are_those_of_the_recorded_weights() -> None:
    trainer = new_trainer(historical_averaging=0.1)
    seen: dict[str, list[Tensor]] = {"discriminator": [], "generator": []}
    for _ in range(7):
        for role, player in trainer.players.items():
            seen[role].append(player.copy()[0].double())
        play(trainer, 1)
    for role, past in trainer.past.items():
        expected = torch.stack(seen[role]).mean(0)
        assert past.done == 7
        torch.testing.assert_close(past.tensors[0].double(), expected, rtol=0, atol=1e-6)
        assert float((expected - seen[role][-1]).abs().max()) > 1e-3


@pytest.mark.parametrize("role", ["discriminator", "generator"])
def test_the_penalty_adds_twice_the_weighted_way_from_the_mean(role: Any) -> None:
    trainer = new_trainer(historical_averaging=0.25, r1_gamma=0.0, generator_batch_norm=False)
    play(trainer, 5)
    functions, real, z = Functions.of(trainer.settings), trainer.batches.next(), trainer.latents()

    def gradient() -> tuple[Tensor, ...]:
        fake = trainer.generator(z, functions.generator, "oppose")
        if role == "generator":
            return trainer.pull_of_g(fake, real, functions).gradient
        return trainer.pull_of_d(real, fake.detach(), functions, moves=True)[0].gradient

    with_penalty = gradient()
    trainer.adopt(trainer.settings.replace(historical_averaging=0.0))
    means = trainer.past[role].tensors
    for added, plain, now, mean in zip(
        with_penalty, gradient(), trainer.players[role].weights, means, strict=True
    ):
        torch.testing.assert_close(added - plain, 0.5 * (now.detach() - mean), rtol=1e-3, atol=1e-6)
    assert float((trainer.players[role].weights[0].detach() - means[0]).abs().max()) > 1e-3


def test_switched_off_and_on_the_means_begin_anew() -> None:
    trainer = new_trainer(historical_averaging=0.1)
    play(trainer, 3)
    off = trainer.settings.replace(historical_averaging=0.0)
    trainer.step(off)
    assert not trainer.past
    trainer.step(off.replace(historical_averaging=0.1))
    assert trainer.past["generator"].done == 1


# Separate and mixed batches


def test_in_separate_batches_a_shift_of_all_images_is_unseen_and_in_a_mixed_one_it_is_seen() -> None:
    """Batch norm takes away what a whole batch has in common: after the first layer nothing of it is left."""
    common: dict[str, Any] = {"discriminator_batch_norm": True, "r1_gamma": 0.0}
    found = {}
    for batches in ("separate", "mixed"):
        trainer = new_trainer(discriminator_batches=batches, **common)
        functions, real = Functions.of(trainer.settings), trainer.batches.next()
        _, said = trainer.pull_of_d(real, real + 0.7, functions, moves=True)
        found[batches] = float((said.real_logits - said.fake_logits).abs().max())
    assert found["separate"] < 1e-4
    assert found["mixed"] > 0.1


def test_a_mixed_batch_passes_as_one() -> None:
    trainer = new_trainer(discriminator_batch_norm=True, discriminator_batches="mixed")
    functions, real, fake = Functions.of(trainer.settings), trainer.batches.next(), torch.rand(16, 784)
    with torch.no_grad():
        both = trainer.discriminator(torch.cat((real, fake)), functions.discriminator, "oppose")
    _, said = trainer.pull_of_d(real, fake, functions, moves=True)  # with the R1 penalty
    torch.testing.assert_close(torch.cat((said.real_logits, said.fake_logits)), both)
    # G's pass has the same statistics: its loss is that of the generated half of the same batch.
    expected = float(-torch.log(torch.sigmoid(both[16:])).mean())
    assert trainer.pull_of_g(fake.requires_grad_() + 0 * _tied(trainer), real, functions).loss == (
        pytest.approx(expected, rel=1e-5)
    )


def _tied(trainer: GanTrainer) -> Tensor:
    """A number that depends on every weight of G."""
    return torch.stack([weight.sum() for weight in trainer.players["generator"].weights]).sum()


def test_without_batch_norm_the_kind_of_batches_changes_nothing() -> None:
    one, other = new_trainer(), new_trainer(discriminator_batches="mixed")
    assert [r.d_loss for r in play(one, 5)] == [r.d_loss for r in play(other, 5)]


# Virtual batch norm


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("conditional", [False, True])
def test_virtual_batch_norm_makes_one_sample_of_itself_alone(architecture: str, conditional: bool) -> None:
    settings = tiny(virtual_batch_norm=True, architecture=architecture, conditional=conditional)
    trainer = GanTrainer(settings, data.load(settings))
    g, function, z = trainer.generator, Functions.of(settings).generator, trainer.latents()
    assert not g.rows_see_each_other
    assert g.same_in_eval
    with torch.no_grad():
        made = [g(z, function, mode) for mode in MODES]
        alone = torch.cat([g(row[None], function, "learn") for row in z])
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2])
    torch.testing.assert_close(alone, made[0], rtol=0, atol=1e-5)
    assert len(made[0]) == 16


def test_virtual_batch_norm_is_the_papers_formula() -> None:
    """Each number with the mean and variance of the reference batch and itself, layer by layer, in NumPy."""
    settings = tiny(virtual_batch_norm=True)
    g = new_generator(settings, torch.Generator().manual_seed(7)).double()
    assert g.reference is not None
    reference = g.reference.numpy()
    z = np.random.default_rng(1).normal(size=(1, 8))
    held = {name: tensor.double().numpy() for name, tensor in g.state_dict().items()}
    rows, x = reference, z
    for i in range(2):
        rows, x = (a @ held[f"linears.{i}.weight"].T + held[f"linears.{i}.bias"] for a in (rows, x))
        both = np.concatenate((rows, x))
        x = (x - both.mean(0)) / np.sqrt(both.var(0) + 1e-5)
        rows = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-5)
        rows, x = (np.where(a > 0, a, 0.2 * a) for a in (rows, x))
    expected = np.tanh(x @ held["linears.2.weight"].T + held["linears.2.bias"])
    made = g(torch.from_numpy(z), Functions.of(settings).generator, "eval").detach().numpy()
    assert made == pytest.approx(expected, abs=1e-9)


def test_the_reference_batch_stays_and_the_average_has_it_too() -> None:
    trainer = new_trainer(virtual_batch_norm=True)
    before = trainer.generator.reference
    assert before is not None
    before = before.clone()
    play(trainer, 4)
    for network in (trainer.generator, trainer.average):
        assert network.reference is not None
        assert torch.equal(network.reference, before)


def test_virtual_batch_norm_of_styles_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="style has no batch norm"):
        make_settings({"architecture": "style", "virtual_batch_norm": True})


@pytest.mark.parametrize(
    "changes",
    [
        {"spectral_norm": True}, {"feature_matching": 0.5}, {"historical_averaging": 0.1},
        {"virtual_batch_norm": True}, {"discriminator_batch_norm": True, "discriminator_batches": "mixed"},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
@pytest.mark.parametrize("game", [{"data": "ring"}, {"architecture": "dcgan"}, {"conditional": True}])
def test_each_technique_is_played_on_points_and_by_convolutions(
    changes: dict[str, Any], game: dict[str, Any]
) -> None:  # fmt: skip
    settings = tiny(**changes, **game)
    one, other = (GanTrainer(kept, data.load(kept)) for kept in (settings, tiny(**game)))
    for trainer in (one, other):
        records = play(trainer, 3)
        assert all(math.isfinite(record.d_loss + record.g_loss) for record in records)
    ours, plain = (trainer.players["generator"].weights[0] for trainer in (one, other))
    assert not torch.equal(ours, plain)


def test_the_defaults_are_off() -> None:
    off = Settings()
    switches = (off.spectral_norm, off.minibatch_discrimination, off.virtual_batch_norm)
    assert switches == (False, False, False)
    assert (off.feature_matching, off.historical_averaging, off.discriminator_batches) == (0, 0, "separate")
