"""Convolutional players for digits of 28 x 28, small enough for one core of a CPU.

G grows 7 x 7 to 14 x 14, and its last convolution makes four grey values of each place: the sub-pixel
convolution of Shi et al. 2016, four times cheaper than a convolution at 28 x 28. D halves twice. After
Radford et al. 2016, with fewer channels and without batch norm in D.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.networks.base import (
    CLASS_UNITS,
    ActivationFunction,
    Mode,
    Network,
    ScoringNetwork,
    convolution,
    doubled_and_convolved,
    embedding,
    linear,
    with_class,
)
from gan_core.networks.minibatch import KERNELS, MinibatchDiscrimination
from gan_core.networks.spectral import applied, keep_norm_one
from gan_core.settings import Settings

SIDE = 7  # of G's first picture and of D's last one
G_CHANNELS = (32, 16)
D_CHANNELS = (16, 32)
D_UNITS = 64
PARTS = 4  # grey values that G's last convolution makes of each place


class ConvolutionalGenerator(Network):
    """z [n, latent_dim] to digits [n, 784] in [-1, 1]."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        super().__init__(dropout=settings.generator_dropout, rng=rng)
        first, second = G_CHANNELS
        told = CLASS_UNITS if settings.conditional else 0
        self.start = linear(settings.latent_dim + told, first * SIDE**2, rng)
        self.convolutions = nn.ModuleList(
            (convolution(first, second, 3, rng, padding=1), convolution(second, PARTS, 3, rng, padding=1))
        )
        virtual = settings.virtual_batch_norm
        if settings.generator_batch_norm or virtual:
            norms = (nn.BatchNorm2d(channels, track_running_stats=not virtual) for channels in G_CHANNELS)
            self.norms = nn.ModuleList(norms)
        if settings.conditional:
            self.classes = embedding(CLASS_UNITS, rng, spread=1.0)
        self.draw_reference(settings)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """[n, 32, 7, 7], [n, 16, 14, 14] and the digits before tanh, [n, 1, 28, 28]."""
        x = self.start(self.told(self.with_reference(x))).view(-1, G_CHANNELS[0], SIDE, SIDE)
        x = x.contiguous(memory_format=torch.channels_last)
        seen = [self.normalised(x, 0, mode)]
        x, grow = self.activated(seen[0], activation, mode), cast(nn.Conv2d, self.convolutions[0])
        seen.append(self.normalised(doubled_and_convolved(x, grow.weight, grow.bias), 1, mode))
        x = self.convolutions[1](self.activated(seen[1], activation, mode))
        return [self.without_reference(x) for x in (*seen, F.pixel_shuffle(x, 2))]

    def forward(self, z: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        images = torch.tanh(self.layers(z, activation, mode)[-1]).flatten(1)
        return with_class(images, self.without_class(z)[1])


class ConvolutionalDiscriminator(ScoringNetwork):
    """Digits [n, 784] to scores [n]."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        super().__init__(dropout=settings.discriminator_dropout, rng=rng)
        first, second = D_CHANNELS
        self.convolutions = nn.ModuleList(
            convolution(n_in, n_out, 4, rng, stride=2, padding=1)
            for n_in, n_out in ((1, first), (first, second))
        )
        more = KERNELS if settings.minibatch_discrimination else 0
        self.linears = nn.ModuleList((linear(second * SIDE**2, D_UNITS, rng), linear(D_UNITS + more, 1, rng)))
        self.minibatch: MinibatchDiscrimination | None = None
        if settings.minibatch_discrimination:
            self.minibatch = MinibatchDiscrimination(D_UNITS, settings.batch_size, rng)
        if settings.spectral_norm:
            for layer in (*self.convolutions, *self.linears):
                keep_norm_one(cast(nn.Linear | nn.Conv2d, layer), rng)
        if settings.discriminator_batch_norm:
            pictures = [nn.BatchNorm2d(channels) for channels in D_CHANNELS]
            self.norms = nn.ModuleList([*pictures, nn.BatchNorm1d(D_UNITS)])
        if settings.conditional:
            self.classes = embedding(D_UNITS, rng, spread=D_UNITS**-0.5)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """[n, 16, 14, 14], [n, 32, 7, 7], [n, 64] and the scores without a class, [n, 1]."""
        return self._passed(x, activation, mode)[0]

    def scored(
        self, samples: Tensor, activation: ActivationFunction, mode: Mode
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        seen, features = self._passed(samples, activation, mode)
        return self.projected(seen[-1].squeeze(1), features, samples), features

    def _passed(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> tuple[list[Tensor], Tensor]:
        x = self.without_class(x)[0].reshape(-1, 1, 4 * SIDE, 4 * SIDE)
        seen = []
        for i, layer in enumerate((*self.convolutions, self.linears[0])):
            x = x if i < len(self.convolutions) else x.flatten(1)
            seen.append(self.normalised(applied(layer, x), i, mode))
            x = self.activated(seen[-1], activation, mode)
        told = x if self.minibatch is None else torch.cat((x, self.minibatch(x)), 1)
        return [*seen, applied(self.linears[1], told)], x
