"""Fully connected players: generator to samples, discriminator to scores."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.networks.base import (
    CLASS_UNITS,
    ActivationFunction,
    Mode,
    Network,
    embedding,
    linear,
    with_class,
)
from gan_core.settings import Settings, data_dimensions, hidden_sizes, sample_of


class Perceptron(Network):
    """Linear layers, each hidden one followed by batch norm (if asked), activation and dropout.

    `sizes`: units of input, hidden layers, output.
    """

    def __init__(self, sizes: list[int], *, batch_norm: bool, dropout: float, rng: torch.Generator) -> None:
        super().__init__(dropout=dropout, rng=rng)
        self.linears = nn.ModuleList(linear(n_in, n_out, rng) for n_in, n_out in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm1d(n) for n in sizes[1:-1]) if batch_norm else None

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """What each hidden layer hands to its activation, [n, units] each, and last the output."""
        return self.passed(x, activation, mode)[0]

    def passed(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> tuple[list[Tensor], Tensor]:
        """`layers`, and what the last linear layer gets, [n, units]."""
        seen, features = [], x
        hidden = len(self.linears) - 1
        for i, layer in enumerate(self.linears):
            weights = cast(nn.Linear, layer)
            x = F.linear(x, weights.weight, weights.bias)
            if i < hidden:
                x = self.normalised(x, i, mode)
                seen.append(x)
                features = x = self.activated(x, activation, mode)
        return [*seen, x], features


class Generator(Perceptron):
    """z [n, latent_dim] to samples [n, features]: grey values in [-1, 1], or points anywhere."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        told = settings.latent_dim + (CLASS_UNITS if settings.conditional else 0)
        super().__init__(
            [told, *hidden_sizes(settings.generator_hidden), data_dimensions(settings.data)],
            batch_norm=settings.generator_batch_norm,
            dropout=settings.generator_dropout,
            rng=rng,
        )
        self.is_bounded = sample_of(settings.data) == "digits"
        if settings.conditional:
            self.classes = embedding(CLASS_UNITS, rng, spread=1.0)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        return super().layers(self.told(x), activation, mode)

    def forward(self, z: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        output = self.layers(z, activation, mode)[-1]
        return with_class(torch.tanh(output) if self.is_bounded else output, self.without_class(z)[1])


class Discriminator(Perceptron):
    """Samples [n, features] to scores [n]; where D is a probability, the score is its logit."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        sizes = hidden_sizes(settings.discriminator_hidden)
        super().__init__(
            [data_dimensions(settings.data), *sizes, 1],
            batch_norm=settings.discriminator_batch_norm,
            dropout=settings.discriminator_dropout,
            rng=rng,
        )
        if settings.conditional:
            self.classes = embedding(sizes[-1], rng, spread=sizes[-1] ** -0.5)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        return super().layers(self.without_class(x)[0], activation, mode)

    def forward(self, samples: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        seen, features = self.passed(self.without_class(samples)[0], activation, mode)
        return self.projected(seen[-1].squeeze(1), features, samples)
