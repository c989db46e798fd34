"""The players of a game at one moment, as functions of their weights: what every measure of the lab rests on.

A measure never touches the trainer: it gets copies of both networks, and random numbers of its own. So a run
that is measured and one that is not are the same run, bit for bit.

Both players are in eval mode: no dropout, and batch norm with the running statistics of that moment. In any
other mode D's answer to one sample would depend on its batch, and V would be no function of the weights.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from gan_core import losses
from gan_core.methods import Role
from gan_core.networks import (
    ActivationFunction,
    Network,
    ScoringNetwork,
    draw_latents,
    new_discriminator,
    new_generator,
)
from gan_core.training import Functions, GanTrainer

Weights = dict[str, Tensor]
"""Parameters of one player by name; buffers stay those of the copy."""

Progress = Callable[[float], None]
"""Hears which share of a measure is done, 0 to 1. Whatever it raises ends the measure."""


def unheard(share: float) -> None:
    """The usual Progress: nobody listens."""


class Frozen:
    """Copies of G, or of its average, and of D, with the objective and the activations in force."""

    def __init__(self, trainer: GanTrainer, *, averaged: bool = False, dtype: torch.dtype = torch.float32):
        self.settings, self.objective = trainer.settings, trainer.objective
        self.functions = Functions.of(self.settings)
        self.dtype = dtype
        self.g = new_generator(self.settings, torch.Generator()).to(dtype)
        self.g.load_state_dict((trainer.average if averaged else trainer.generator).state_dict())
        self.d = new_discriminator(self.settings, torch.Generator()).to(dtype)
        self.d.load_state_dict(trainer.discriminator.state_dict())
        self._past = {role: [mean.to(dtype) for mean in kept.tensors] for role, kept in trainer.past.items()}
        self.train = trainer.trained_on(len(trainer.data.train)).to(dtype)  # [n, features]
        self.held_out = trainer.held_out().to(dtype)  # [m, features]
        self._seed = self.settings.seed * 1_000_003 + trainer.steps_done

    def rng(self, purpose: int) -> torch.Generator:
        """Random numbers for one purpose: the same whenever the same step is measured again."""
        return torch.Generator().manual_seed(self._seed + 7_368_787 * (purpose + 1))

    def latents(self, count: int, rng: torch.Generator) -> Tensor:
        """Noise vectors z, [count, latent_dim]."""
        return draw_latents(count, self.settings, rng).to(self.dtype)

    def generated(self, z: Tensor, weights: Weights | None = None) -> Tensor:
        """G(z), [n, features]; of another G where `weights` are given."""
        made: Tensor = functional_call(self.g, weights or {}, (z, self.functions.generator, "eval"))
        return made

    @torch.no_grad()
    def test_fake(self) -> Tensor:
        """As many generated samples as there are held-out ones, the same at each measure of a step."""
        return self.generated(self.latents(len(self.held_out), self.rng(1)))

    def scores(self, samples: Tensor, weights: Weights | None = None) -> Tensor:
        """D's raw scores of samples, [n]; of another D where `weights` are given."""
        return self.scores_of(self.d, samples, weights)

    def scores_of(self, d: Network, samples: Tensor, weights: Weights | None = None) -> Tensor:
        """The same for any D of this architecture."""
        scores: Tensor = functional_call(d, weights or {}, (samples, self.functions.discriminator, "eval"))
        return scores

    def value(self, real_scores: Tensor, fake_scores: Tensor) -> Tensor:
        """V of the objective, a scalar: no label smoothed, no penalty."""
        real_term, fake_term = self.objective.terms(real_scores, fake_scores)
        return real_term + fake_term

    def fresh_d(self, seed: int) -> Network:
        """A new D of the same architecture, with first weights and dropout masks from `seed`."""
        return new_discriminator(self.settings, torch.Generator().manual_seed(seed)).to(self.dtype)

    def g_loss(self, real: Tensor, fake: Tensor, d_weights: Weights | None = None) -> Tensor:
        """What G minimises on these samples, a scalar; historical averaging apart (`held_back`)."""
        seen = self.scores(real, d_weights) if self.objective.relative else None
        loss, share = self.objective.of_g(self.scores(fake, d_weights), seen), self.settings.feature_matching
        if not share:
            return loss
        features = (self._features(samples, d_weights) for samples in (real, fake))
        return (1.0 - share) * loss + share * losses.feature_matching(*features)

    def _features(self, samples: Tensor, weights: Weights | None) -> Tensor:
        """D's last hidden layer, [n, units]."""
        named = {f"d.{name}": weight for name, weight in (weights or {}).items()}
        seen: Tensor = functional_call(_Features(self.d), named, (samples, self.functions.discriminator))
        return seen

    def held_back(self, role: Role, weights: Weights) -> Tensor:
        """The penalty of historical averaging on these weights of a player, a scalar; 0 where it is off."""
        means = self._past.get(role)
        if means is None:
            return torch.zeros((), dtype=self.dtype)
        return losses.historical_averaging(
            weights.values(), means, weight=self.settings.historical_averaging
        )

    def d_loss(self, real: Tensor, fake: Tensor, d_weights: Weights | None = None) -> Tensor:
        """What D minimises on these samples, a scalar: labels smoothed as set, R1, R2 and WGAN-GP included.

        Penalties that training applies at every n-th move count here with their weight in the mean.
        Historical averaging stands apart (`held_back`).
        """
        s = self.settings
        real = real.clone().requires_grad_() if s.r1_gamma else real
        fake = fake.clone().requires_grad_() if s.r2_gamma and not fake.requires_grad else fake
        real_scores, fake_scores = self.scores(real, d_weights), self.scores(fake, d_weights)
        loss = self.objective.of_d(
            real_scores, fake_scores, real_label=s.smoothing, fake_label=s.fake_label
        ).total
        for gamma, scores, samples in ((s.r1_gamma, real_scores, real), (s.r2_gamma, fake_scores, fake)):
            if gamma:
                loss = loss + losses.gradient_penalty(losses.slopes_of(scores, samples), gamma=gamma)
        if s.objective == "wgan_gp" and s.gp_lambda:
            loss = loss + self.lipschitz_penalty(real, fake, d_weights)
        return loss

    def lipschitz_penalty(self, real: Tensor, fake: Tensor, d_weights: Weights | None = None) -> Tensor:
        """That of WGAN-GP, at points between real and generated samples that are always the same ones."""
        share = torch.rand(len(real), 1, generator=self.rng(99)).to(self.dtype)
        between = losses.points_between(real, fake, share, conditional=self.settings.conditional)
        slopes = losses.slopes_of(self.scores(between, d_weights), between)
        return losses.lipschitz_penalty(slopes, weight=self.settings.gp_lambda)


class _Features(nn.Module):
    """D up to its last hidden layer, in eval mode."""

    def __init__(self, d: ScoringNetwork) -> None:
        super().__init__()
        self.d = d

    def forward(self, samples: Tensor, activation: ActivationFunction) -> Tensor:
        return self.d.scored(samples, activation, "eval")[1]
