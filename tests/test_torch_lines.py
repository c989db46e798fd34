"""The lines of PyTorch that the page shows are run beside the trainer: they play the same game."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_core import data
from gan_core.networks import Network
from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Settings
from gan_core.torch_lines import torch_lines, update_rules
from gan_core.training import Batches, Functions, GanTrainer
from tests.game import TINY, play
from tests.golden.record import default_dtype
from ui.optimises import notes

STEPS = 6

OTHERS: dict[str, dict[str, Any]] = {
    "sgd with momentum": {"optimizer": "sgd", "sgd_momentum": 0.9, "generator_lr": 0.02},
    "simultaneous": {"rule": "simultaneous", "objective": "minimax"},
    "simultaneous, D twice": {"rule": "simultaneous", "discriminator_steps": 2, "r1_interval": 3},
    "simultaneous, G three times": {"rule": "simultaneous", "generator_steps": 3, "r2_gamma": 1.0},
    "alternating, G twice": {"generator_steps": 2, "discriminator_steps": 2, "instance_noise": 0.1},
    "alternating, G first": {"first": "generator", "r2_gamma": 1.0},
    "alternating, G first and twice": {
        "first": "generator", "generator_steps": 2, "discriminator_steps": 3, "objective": "relativistic",
    },
    "extragradient": {"rule": "extragradient", "adam_beta1": 0.5},
    "extragradient, sgd": {"rule": "extragradient", "optimizer": "sgd", "generator_lr": 0.02},
    "extragradient, clipped": {"rule": "extragradient", "objective": "wgan_clip", "instance_noise": 0.1},
    "extragradient, wgan_gp": {"rule": "extragradient", "objective": "wgan_gp", "discriminator_steps": 3},
    "optimistic": {"rule": "optimistic", "adam_beta1": 0.5},
    "optimistic, relativistic": {"rule": "optimistic", "objective": "relativistic", "instance_noise": 0.1},
    "optimistic, momentum": {"rule": "optimistic", "optimizer": "sgd", "sgd_momentum": 0.9},
    "consensus": {"rule": "consensus", "consensus_gamma": 0.3, "first": "generator"},
    "consensus, R2 and noise": {"rule": "consensus", "r2_gamma": 0.4, "instance_noise": 0.1},
    "consensus, wgan_gp": {
        "rule": "consensus", "objective": "wgan_gp", "discriminator_activation": "tanh", "r1_gamma": 0.0,
    },
    "lookahead": {"rule": "lookahead", "lookahead_k": 3, "lookahead_alpha": 0.3},
    "lookahead, G first": {
        "rule": "lookahead", "lookahead_k": 2, "first": "generator", "discriminator_steps": 4,
    },
    "noise": {"instance_noise": 0.3, "discriminator_steps": 2, "latent_distribution": "uniform"},
    "no average, penalty always": {"ema_decay": 0.0, "r1_interval": 1, "fake_label": 0.2},
    "R1 and R2": {"r1_gamma": 3.0, "r2_gamma": 1.5, "r1_interval": 2},
    "lsgan and R2": {"objective": "lsgan", "smoothing": 0.8, "fake_label": 0.1, "r2_gamma": 0.5},
    "hinge, no penalty": {"objective": "hinge", "r1_gamma": 0.0},
    "wgan_clip, D twice": {"objective": "wgan_clip", "clip": 0.03, "discriminator_steps": 2, "r1_gamma": 0.0},
    "wgan_gp, D twice": {"objective": "wgan_gp", "gp_lambda": 7.0, "discriminator_steps": 2, "r1_gamma": 0.0},
    "wgan_gp, noise": {"objective": "wgan_gp", "instance_noise": 0.2, "r1_interval": 3},
    "wgan_gp, no penalty": {"objective": "wgan_gp", "gp_lambda": 0.0},
    "relativistic, smoothed": {"objective": "relativistic", "smoothing": 0.8},
    "relativistic, noise": {
        "objective": "relativistic", "instance_noise": 0.2, "rule": "simultaneous",
        "discriminator_batch_norm": True,
    },
    "conditional, noise": {"conditional": True, "instance_noise": 0.2, "latent_distribution": "uniform"},
    "conditional wgan_gp": {"conditional": True, "objective": "wgan_gp"},
    "spectral norm": {"spectral_norm": True, "discriminator_steps": 2},
    "spectral norm, optimistic": {"spectral_norm": True, "rule": "optimistic", "objective": "wgan_clip"},
    "spectral norm, extragradient": {"spectral_norm": True, "rule": "extragradient"},
    "minibatch discrimination": {"minibatch_discrimination": True},
    "feature matching": {"feature_matching": 0.3, "instance_noise": 0.1, "generator_steps": 2},
    "feature matching alone, consensus": {
        "feature_matching": 1.0, "rule": "consensus", "r1_gamma": 0.0, "discriminator_activation": "tanh",
    },
    # Without batch norm: the biases before it have gradients of rounding error alone, see SMOOTH.
    **{
        f"historical averaging, {rule}": {
            "historical_averaging": 0.2, "rule": rule, "generator_batch_norm": False,
        } for rule in ("simultaneous", "alternating", "lookahead", "consensus")
    },
    "mixed batches": {
        "discriminator_batch_norm": True, "discriminator_batches": "mixed", "generator_steps": 2,
    },
    "mixed batches, feature matching": {
        "discriminator_batch_norm": True, "discriminator_batches": "mixed", "feature_matching": 0.4,
        "r2_gamma": 1.0, "instance_noise": 0.1,
    },
    "mixed batches, relativistic": {
        "discriminator_batch_norm": True, "discriminator_batches": "mixed", "objective": "relativistic",
    },
    "virtual batch norm": {"virtual_batch_norm": True, "conditional": True},
    "wgan_gp on points": {"objective": "wgan_gp", "data": "ring", "generator_batch_norm": False},
    "relativistic on a line": {"objective": "relativistic", "data": "two_gaussians_1d"},
}  # fmt: skip
MASKS = {"generator_dropout": 0.0, "discriminator_dropout": 0.0}
"""Off: a network draws its masks for both kinds of samples at once, a reader's one after the other."""
SMOOTH = {"optimizer": "sgd", "generator_lr": 0.01, "discriminator_lr": 0.01}
"""Some weights of a convolution have gradients of rounding error alone, and Adam without momentum makes each
of them a whole step: in convolutional games SGD compares the two."""


def game(name: str) -> Settings:
    settings = preset_settings(name, **TINY, **MASKS)
    return settings if settings.architecture == "perceptron" else settings.replace(**SMOOTH)


GAMES = [game(name) for name in PRESETS] + [
    Settings(**{**TINY, **changes}) for changes in OTHERS.values()
]


class Trained(nn.Module):
    """A network of the trainer as a reader of the lines has it: it trains whenever it is called."""

    def __init__(self, network: Network, function: Any) -> None:
        super().__init__()
        self.network = network
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x, self.function, "learn")  # type: ignore[no-any-return]

    def features(self, x: Tensor) -> Tensor:
        """The last hidden layer of a discriminator."""
        return self.network.scored(x, self.function, "learn")[1]  # type: ignore[no-any-return, operator]


def endless(batches: Batches) -> Iterator[Tensor]:
    while True:
        yield batches.next()


def play_lines(trainer: GanTrainer) -> dict[str, Any]:
    """The lines of the trainer's settings, run on copies of its networks with its random numbers."""
    settings, functions = trainer.settings, Functions.of(trainer.settings)
    rng = torch.Generator()
    rng.set_state(trainer.rng.get_state())
    classes = trainer.data.train_classes if settings.conditional else None
    batches = Batches(trainer.data.train, classes, settings.batch_size, rng)
    d, g = copy.deepcopy(trainer.discriminator), copy.deepcopy(trainer.generator)
    d._rng = g._rng = rng  # dropout and the noise of a style-based G draw from it, too
    names: dict[str, Any] = {
        "D": Trained(d, functions.discriminator), "G": Trained(g, functions.generator),
        "batches": endless(batches), "rng": rng, "steps": STEPS,
    }  # fmt: skip
    exec(torch_lines(settings), names)  # noqa: S102
    return names


@pytest.mark.parametrize("settings", GAMES, ids=[*PRESETS, *OTHERS])
def test_the_lines_play_the_trainers_game(settings: Settings) -> None:
    with default_dtype(torch.float64):
        told = data.load(settings)
        told = replace(told, train=told.train.double(), held_out=told.held_out.double())
        trainer = GanTrainer(settings, told)
        played = play_lines(trainer)
        play(trainer, STEPS)
    pairs = [(trainer.discriminator, "D"), (trainer.generator, "G")]
    for ours, name in [*pairs, (trainer.average, "average")] if settings.ema_decay else pairs:
        for kept, line in zip(ours.parameters(), played[name].parameters(), strict=True):
            torch.testing.assert_close(line, kept, rtol=0, atol=1e-6)
    assert torch.equal(played["rng"].get_state(), trainer.rng.get_state())


def test_the_formulas_carry_the_settings_in_force() -> None:
    d, g = update_rules(Settings(smoothing=0.7, fake_label=0.1, r1_gamma=2.0, discriminator_lr=0.004))
    terms = [
        r" - 0.7\,\mathbb{E}\log D(x)", r"0.3\,\mathbb{E}\log(1 - D(x))", r"0.1\,\mathbb{E}\log D(G(z))",
        r"0.9\,\mathbb{E}\log(1 - D(G(z)))", r"\tfrac{2}{2}",
    ]  # fmt: skip
    assert [term for term in [*terms, "0.004"] if term not in d] == []
    assert r"L_G &= -\mathbb{E}\log D(G(z))" in g


def test_the_formulas_leave_out_what_is_off() -> None:
    d, g = update_rules(Settings(smoothing=1.0, r1_gamma=0.0, objective="minimax", optimizer="sgd"))
    assert r"L_D &=  - \mathbb{E}\log D(x) - \mathbb{E}\log(1 - D(G(z))) \\" in d
    assert r"L_G &= \mathbb{E}\log(1 - D(G(z))) \\" in g
    assert "SGD" in d


@pytest.mark.parametrize(
    ("objective", "for_d", "for_g"),
    [
        ("lsgan", r"\tfrac12\,\mathbb{E}(D(x) - 0.8)^2 + \tfrac12\,\mathbb{E}\,D(G(z))^2 \\",
         r"\tfrac12\,\mathbb{E}(D(G(z)) - 1)^2 \\"),
        ("hinge", r"\mathbb{E}\max(0, 1 - D(x)) + \mathbb{E}\max(0, 1 + D(G(z))) \\",
         r"-\mathbb{E}\,D(G(z)) \\"),
        ("wgan_clip", r"\mathbb{E}\,D(G(z)) - \mathbb{E}\,D(x) \\", r"-\mathbb{E}\,D(G(z)) \\"),
        ("wgan_clip", r"\text{clip}(\theta_D,\; -0.03,\; 0.03)", ""),
        ("wgan_gp", r"\mathbb{E}\,D(x) + 7\,\mathbb{E}(\|\nabla_x\,D(\hat x)\| - 1)^2 \\",
         r"-\mathbb{E}\,D(G(z)) \\"),
        ("relativistic", r" - 0.8\,\mathbb{E}\log \tilde D(x) - 0.2\,\mathbb{E}\log(1 - \tilde D(x))",
         r"-\mathbb{E}\log \tilde D(G(z)) - \mathbb{E}\log(1 - \tilde D(x)) \\"),
    ],
)  # fmt: skip
def test_every_objective_has_its_formulas(objective: Any, for_d: str, for_g: str) -> None:
    d, g = update_rules(
        Settings(objective=objective, smoothing=0.8, r1_gamma=0.0, clip=0.03, gp_lambda=7.0)
    )
    assert for_d in d
    assert for_g in g
    assert ("clip" in d) == (objective == "wgan_clip")
    assert "clip" not in g


def test_the_penalties_are_on_scores_or_logits_of_both_kinds() -> None:
    penalties: dict[str, Any] = {"r1_gamma": 2.0, "r2_gamma": 3.0}
    d, _ = update_rules(Settings(**penalties))
    assert r"+ \tfrac{2}{2}\,\mathbb{E}\|\nabla_x\,\ell(x)\|^2" in d
    assert r"+ \tfrac{3}{2}\,\mathbb{E}\|\nabla_x\,\ell(G(z))\|^2" in d
    d, _ = update_rules(Settings(objective="hinge", **penalties))
    assert r"\nabla_x\,D(G(z))" in d


def test_the_formulas_hold_what_the_techniques_change() -> None:
    d, g = update_rules(Settings(feature_matching=0.25, historical_averaging=0.1))
    assert r"0.1\,\|\theta_D - \bar\theta_D\|^2" in d
    assert r"0.75\,(-\mathbb{E}\log D(G(z))) + 0.25\,\|\mathbb{E} f(G(z)) - \mathbb{E} f(x)\|^2" in g
    assert r"0.1\,\|\theta_G - \bar\theta_G\|^2" in g
    _, alone = update_rules(Settings(feature_matching=1.0))
    assert r"\log D(G(z))" not in alone


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("alternating", r"0.001\;\text{Adam}(\nabla_{\theta_D} L_D)"),
        ("lookahead", r"0.001\;\text{Adam}(\nabla_{\theta_D} L_D)"),
        ("extragradient", r"0.001\;\text{Adam}(\nabla_{\theta_D} L_D(\tilde\theta))"),
        ("optimistic", r"0.001\;(2 u_t - u_{t-1}),\quad u_t = \text{Adam}(\nabla_{\theta_D} L_D)"),
        ("consensus", r"\text{Adam}(\nabla_{\theta_D} (L_D + \tfrac{0.4}{2}\|v\|^2))"),
    ],
)
def test_the_formula_of_the_move_is_that_of_the_rule(rule: Any, said: str) -> None:
    for_d, for_g = update_rules(Settings(rule=rule, consensus_gamma=0.4))
    assert said in for_d
    assert said.replace("_D", "_G") in for_g


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "sigmoid of its logit"),
        ({"objective": "lsgan"}, "there is no sigmoid"),
        ({"objective": "wgan_gp", "data": "ring"}, "random point on the line"),
        ({"objective": "wgan_clip"}, "clip puts each weight"),
        ({"objective": "relativistic"}, "mean of ℓ over the other kind"),
        ({"r1_gamma": 0.0, "r2_gamma": 1.0}, "The R2 penalty is used every 4 D steps"),
        ({"r2_gamma": 1.0}, "The R1 and R2 penalties are used every 4 D steps"),
        ({"instance_noise": 0.2, "data": "ring"}, "Every point that D sees"),
        ({}, "then G makes its step against the new D. A step costs 1 gradient call."),
        ({"first": "generator", "generator_steps": 2}, "G makes 2 steps in a row. G makes its step first"),
        ({"rule": "extragradient"}, "can stay one such step away from the equilibrium line."),
        ({"rule": "extragradient", "optimizer": "sgd"}, "on the same batch. A step costs 2 gradient calls."),
        ({"rule": "consensus"}, "A step costs 3 gradient calls."),
        ({"rule": "lookahead", "lookahead_k": 7}, "After every 7 steps both return"),
        ({"discriminator_batch_norm": True}, "it is not the V that D raises"),
        ({"discriminator_batch_norm": True, "discriminator_batches": "mixed"}, "here of both kinds"),
        ({"spectral_norm": True}, "their largest singular value"),
        ({"minibatch_discrimination": True}, "the other images of its batch"),
        ({"virtual_batch_norm": True}, "one fixed reference batch"),
        ({"feature_matching": 0.5}, "G's loss without this term"),
        ({"historical_averaging": 0.5}, "weights over all steps since"),
        ({"rule": "optimistic", "first": "generator"}, "twice the present step minus the last one"),
    ],
)
def test_the_notes_say_what_the_formulas_leave_out(changes: dict[str, Any], said: str) -> None:
    assert said in " ".join(notes(Settings(**changes)))
