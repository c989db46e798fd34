"""Losses and the value, on logits: pure, keyword-only, finite at any logit a float can hold.

log sigmoid(l) = -softplus(-l) and log(1 - sigmoid(l)) = -softplus(l); no epsilon anywhere.
Labels mean what they mean in `theory.value`. OBJECTIVES holds all that a game can be played for;
`theory.objectives` has the closed forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from gan_core.theory.objectives import OBJECTIVES as IN_THEORY
from gan_core.theory.objectives import Axis


def cross_entropy(logits: Tensor, *, label: float) -> Tensor:
    """-label log D - (1 - label) log(1 - D) for each logit, in nats; same shape."""
    return softplus(logits) - label * logits


class DiscriminatorLoss(NamedTuple):
    """What D minimises, in its two parts: scalars, in nats."""

    real: Tensor
    fake: Tensor

    @property
    def total(self) -> Tensor:
        """Summed, not averaged: 2 log 2 = 1.386 at the equilibrium of the game without smoothing."""
        return self.real + self.fake


def real_term(real_logits: Tensor) -> Tensor:
    """E log D(x), a scalar, in nats."""
    return -softplus(-real_logits).mean()


def fake_term(fake_logits: Tensor) -> Tensor:
    """E log(1 - D(G(z))), a scalar, in nats."""
    return -softplus(fake_logits).mean()


def gradient_penalty(slopes: Tensor, *, gamma: float) -> Tensor:
    """R1: gamma / 2 times the mean squared length of the slopes of D's logit at real images.

    `slopes`: [n, 784]. Source: Mescheder et al. 2018, eq. 9.
    """
    return 0.5 * gamma * slopes.square().sum(1).mean()


def lipschitz_penalty(slopes: Tensor, *, weight: float) -> Tensor:
    """weight times the mean squared distance of the slopes' lengths from 1.

    `slopes`: [n, features]. Source: Gulrajani et al. 2017, eq. 3.
    """
    excess: Tensor = torch.linalg.vector_norm(slopes, dim=1) - 1.0
    return weight * excess.square().mean()


def points_between(real: Tensor, fake: Tensor, share: Tensor, *, conditional: bool) -> Tensor:
    """Where WGAN-GP asks for slopes: `share` [n, 1] of each real sample, the rest of the generated one.

    [n, features], to be differentiated by. Of a pair of image and class the images are mixed: a mixture is
    still of one class, the real one's. Source: Gulrajani et al. 2017, algorithm 1.
    """
    between = torch.lerp(fake, real, share)
    if conditional:
        between = torch.cat((between[:, :-1], real[:, -1:]), 1)
    return between.requires_grad_()


def feature_matching(real: Tensor, fake: Tensor) -> Tensor:
    """The squared distance of the mean features, a scalar. [n, units] each: D's last hidden layer.

    Source: Salimans et al. 2016, section 3.1.
    """
    return (fake.mean(0) - real.mean(0)).square().sum()


def historical_averaging(weights: Iterable[Tensor], means: Iterable[Tensor], *, weight: float) -> Tensor:
    """weight times the squared distance of a player's weights from their own past mean, a scalar.

    Source: Salimans et al. 2016, section 3.3.
    """
    first, *rest = ((now - mean).square().sum() for now, mean in zip(weights, means, strict=True))
    return weight * sum(rest, first)


def slopes_of(scores: Tensor, samples: Tensor) -> Tensor:
    """The gradient of each score by its own sample, [n, features], to be differentiated once more."""
    (slopes,) = torch.autograd.grad(scores.sum(), samples, create_graph=True)
    return slopes


# Objectives


Scores = tuple[Tensor, Tensor]  # of real and of generated samples, [n] each


@dataclass(frozen=True)
class TorchObjective:
    """What a game is played for, on raw scores. Elementwise parts; their means are the losses."""

    name: str
    _real: Callable[[Tensor, float], Tensor]  # what a real sample costs D, at its label
    _fake: Callable[[Tensor, float], Tensor]
    _generator: Callable[[Tensor], Tensor]

    @property
    def axis(self) -> Axis:
        """What D is drawn on."""
        return IN_THEORY[self.name].axis

    @property
    def relative(self) -> bool:
        """Whether G's loss needs the real samples' scores, too."""
        return IN_THEORY[self.name].relative

    def of_d(
        self, real_logits: Tensor, fake_logits: Tensor, *, real_label: float, fake_label: float
    ) -> DiscriminatorLoss:
        """D's loss without penalties, in its two parts. Sources: `theory.objectives`."""
        real, fake = self._seen(real_logits, fake_logits)
        return DiscriminatorLoss(self._real(real, real_label).mean(), self._fake(fake, fake_label).mean())

    def of_g(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """G's loss, a scalar. `real_logits`: where `relative`; raises ValueError if they are missing."""
        if not self.relative:
            return self._generator(fake_logits).mean()
        if real_logits is None:
            raise ValueError(f"{self.name} compares generated with real samples: it needs both")
        real, fake = self._seen(real_logits, fake_logits)
        return self._generator(fake).mean() + self._fake(real, 0.0).mean()

    def terms(self, real_logits: Tensor, fake_logits: Tensor) -> Scores:
        """The two terms of V, scalars: what D maximises, no label smoothed."""
        real, fake = self._seen(real_logits, fake_logits)
        if self._real is _cross_entropy:
            return real_term(real), fake_term(fake)
        return -self._real(real, 1.0).mean(), -self._fake(fake, 0.0).mean()

    def outputs(self, real_logits: Tensor, fake_logits: Tensor) -> Scores:
        """What D answers to each sample, on its axis."""
        real, fake = self._seen(real_logits, fake_logits)
        return (real.sigmoid(), fake.sigmoid()) if self.axis == "probability" else (real, fake)

    def _seen(self, real_logits: Tensor, fake_logits: Tensor) -> Scores:
        """The scores that the loss is about: relative ones are compared with the mean of the other kind."""
        if not self.relative:
            return real_logits, fake_logits
        return real_logits - fake_logits.mean(), fake_logits - real_logits.mean()


def _cross_entropy(scores: Tensor, label: float) -> Tensor:
    return cross_entropy(scores, label=label)


def _squared(scores: Tensor, label: float) -> Tensor:
    return 0.5 * (scores - label).square()


def _raised(scores: Tensor) -> Tensor:
    return softplus(-scores)


def _higher(scores: Tensor, label: float = 1.0) -> Tensor:
    return -scores


def _lower(scores: Tensor, label: float = 0.0) -> Tensor:
    return scores


OBJECTIVES: dict[str, TorchObjective] = {
    objective.name: objective
    for objective in (
        TorchObjective("non_saturating", _cross_entropy, _cross_entropy, _raised),
        TorchObjective("minimax", _cross_entropy, _cross_entropy, lambda scores: -softplus(scores)),
        TorchObjective("lsgan", _squared, _squared, lambda scores: _squared(scores, 1.0)),
        TorchObjective("hinge", lambda s, label: relu(1.0 - s), lambda s, label: relu(1.0 + s), _higher),
        TorchObjective("wgan_clip", _higher, _lower, _higher),
        TorchObjective("wgan_gp", _higher, _lower, _higher),
        TorchObjective("relativistic", _cross_entropy, _cross_entropy, _raised),
    )
}
