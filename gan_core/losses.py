"""Losses and the value, on logits: pure, keyword-only, finite at any logit a float can hold.

log sigmoid(l) = -softplus(-l) and log(1 - sigmoid(l)) = -softplus(l); no epsilon anywhere.
Labels mean what they mean in `theory.value`, and the optimum of `discriminator_loss` is its D*.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor
from torch.nn.functional import softplus


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


def discriminator_loss(
    real_logits: Tensor, fake_logits: Tensor, *, real_label: float, fake_label: float
) -> DiscriminatorLoss:
    """Mean cross-entropy on real and on generated images.

    Source: Goodfellow et al. 2014, eq. 1; labels, Salimans et al. 2016, section 3.4.
    """
    return DiscriminatorLoss(
        cross_entropy(real_logits, label=real_label).mean(),
        cross_entropy(fake_logits, label=fake_label).mean(),
    )


def generator_loss(fake_logits: Tensor, *, kind: Literal["non_saturating", "minimax"]) -> Tensor:
    """What G minimises: -E log D(G(z)) (flipped labels), or E log(1 - D(G(z))); a scalar, in nats.

    Source: Goodfellow et al. 2014, section 3. Only the second is the plain zero-sum game.
    """
    if kind == "non_saturating":
        return softplus(-fake_logits).mean()
    return -softplus(fake_logits).mean()


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
