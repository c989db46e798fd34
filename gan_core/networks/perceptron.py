"""Fully connected players: generator to samples, discriminator to scores."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from gan_core.networks.base import (
    CLASS_UNITS,
    ActivationFunction,
    Mode,
    Network,
    ScoringNetwork,
    embedding,
    linear,
    with_class,
)
from gan_core.networks.minibatch import KERNELS, MinibatchDiscrimination
from gan_core.networks.spectral import applied, keep_norm_one
from gan_core.settings import Settings, data_dimensions, hidden_sizes, sample_of


class Perceptron(Network):
    """Linear layers, each hidden one followed by batch norm (if asked), activation and dropout.

    `sizes`: units of input, hidden layers, output. `more`: numbers that the last layer gets beside the last
    hidden one.
    """

    def __init__(
        self, sizes: list[int], *, dropout: float, rng: torch.Generator,
        batch_norm: bool, virtual: bool = False, more: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(dropout=dropout, rng=rng)
        widths = [*pairwise(sizes[:-1]), (sizes[-2] + more, sizes[-1])]
        self.linears = nn.ModuleList(linear(n_in, n_out, rng) for n_in, n_out in widths)
        self.minibatch: MinibatchDiscrimination | None = None
        if batch_norm or virtual:
            norms = (nn.BatchNorm1d(n, track_running_stats=not virtual) for n in sizes[1:-1])
            self.norms = nn.ModuleList(norms)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """What each hidden layer hands to its activation, [n, units] each, and last the output."""
        return self.passed(x, activation, mode)[0]

    def passed(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> tuple[list[Tensor], Tensor]:
        """`layers`, and the last hidden layer after its activation, [n, units]."""
        seen, features = [], x
        hidden = len(self.linears) - 1
        for i, layer in enumerate(self.linears):
            if i == hidden and self.minibatch is not None:
                x = torch.cat((x, self.minibatch(x)), 1)
            x = applied(layer, x)
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
            virtual=settings.virtual_batch_norm,
            dropout=settings.generator_dropout,
            rng=rng,
        )
        self.is_bounded = sample_of(settings.data) == "digits"
        if settings.conditional:
            self.classes = embedding(CLASS_UNITS, rng, spread=1.0)
        self.draw_reference(settings)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        seen = super().layers(self.told(self.with_reference(x)), activation, mode)
        return [self.without_reference(x) for x in seen]

    def forward(self, z: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        output = self.layers(z, activation, mode)[-1]
        return with_class(torch.tanh(output) if self.is_bounded else output, self.without_class(z)[1])


class Discriminator(Perceptron, ScoringNetwork):
    """Samples [n, features] to scores [n]; where D is a probability, the score is its logit."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        sizes = hidden_sizes(settings.discriminator_hidden)
        super().__init__(
            [data_dimensions(settings.data), *sizes, 1],
            batch_norm=settings.discriminator_batch_norm,
            dropout=settings.discriminator_dropout,
            rng=rng,
            more=KERNELS if settings.minibatch_discrimination else 0,
        )
        if settings.minibatch_discrimination:
            self.minibatch = MinibatchDiscrimination(sizes[-1], settings.batch_size, rng)
        if settings.spectral_norm:
            for layer in self.linears:
                keep_norm_one(cast(nn.Linear, layer), rng)
        if settings.conditional:
            self.classes = embedding(sizes[-1], rng, spread=sizes[-1] ** -0.5)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        return super().layers(self.without_class(x)[0], activation, mode)

    def scored(
        self, samples: Tensor, activation: ActivationFunction, mode: Mode
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        seen, features = self.passed(self.without_class(samples)[0], activation, mode)
        return self.projected(seen[-1].squeeze(1), features, samples), features
