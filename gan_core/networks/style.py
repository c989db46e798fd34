"""A style-based generator in miniature, for digits of 28 x 28.

Two linear layers map the noise vector z to w. A learned constant picture grows through three convolutions; w
scales their input channels (the styles), and noise is added after each. The weights are demodulated outside
of the convolution, so that one shared convolution serves the whole batch. Learning rates are equalised:
weights are N(0, 1) and scaled in the forward pass. Sources: Karras et al. 2019 (mapping, constant, noise,
style mixing) and 2020 (modulation and demodulation, eq. 1 to 3).
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.networks.base import ActivationFunction, Mode, Network, doubled_and_convolved
from gan_core.settings import Settings

SIDE = 7
CHANNELS = ((32, 32), (32, 16), (16, 16))  # into and out of each convolution
LAYERS = len(CHANNELS) + 1  # with a style: the convolutions and the last one, which makes grey values
GROWS_BEFORE = 1  # the convolution that the picture is doubled before
PARTS = 4  # grey values that the last convolution makes of each place
UNITS = 64  # of w
MAPPING_RATE = 0.1  # the mapping learns so much slower
GAIN = math.sqrt(2.0)  # keeps the spread of what a leaky ReLU lets through
MIXED = 0.3  # share of the samples in training whose styles come from two noise vectors


class StyleGenerator(Network):
    """z [n, latent_dim] to digits [n, 784] in [-1, 1].

    In training the styles of some samples come from two noise vectors, and each place gets new noise; in
    `eval` neither. `styles` and `made_of` show mixing and truncation.
    """

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        super().__init__(dropout=0.0, rng=rng)

        def normal(*shape: int) -> nn.Parameter:
            weights = torch.empty(shape).normal_(generator=rng)
            if len(shape) == 4:
                weights = weights.contiguous(memory_format=torch.channels_last)
            return nn.Parameter(weights)

        sizes = (settings.latent_dim, UNITS, UNITS)
        self.mapping = nn.ParameterList(normal(n_out, n_in) for n_in, n_out in pairwise(sizes))
        for weights in self.mapping:
            weights.data.div_(MAPPING_RATE)  # the forward pass takes it back: Adam's steps count less
        self.mapping_bias = nn.ParameterList(nn.Parameter(torch.zeros(UNITS)) for _ in sizes[1:])
        self.constant = normal(1, CHANNELS[0][0], SIDE, SIDE)
        self.convolutions = nn.ParameterList(normal(n_out, n_in, 3, 3) for n_in, n_out in CHANNELS)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(n_out)) for _, n_out in CHANNELS)
        self.affine = nn.ParameterList(normal(n_in, UNITS) for n_in, _ in (*CHANNELS, (CHANNELS[-1][1], 0)))
        self.affine_bias = nn.ParameterList(
            nn.Parameter(torch.ones(n_in)) for n_in, _ in (*CHANNELS, (CHANNELS[-1][1], 0))
        )
        self.noise = nn.Parameter(torch.zeros(len(CHANNELS)))  # how strong it is after each convolution
        self.to_grey = normal(PARTS, CHANNELS[-1][1], 3, 3)
        self.to_grey_bias = nn.Parameter(torch.zeros(PARTS))

    @property
    def same_in_eval(self) -> bool:
        """Training mixes styles and adds noise."""
        return False

    def styles(self, z: Tensor, activation: ActivationFunction) -> Tensor:
        """w of each noise vector, [n, UNITS]."""
        w = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for weights, bias in zip(self.mapping, self.mapping_bias, strict=True):
            scale = MAPPING_RATE / math.sqrt(weights.shape[1])
            w = GAIN * activation(F.linear(w, weights * scale, bias * MAPPING_RATE))
        return w

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """[n, 32, 7, 7], [n, 16, 14, 14] twice, and the digits before tanh, [n, 1, 28, 28]."""
        w = self.styles(x, activation)
        if mode == "eval":
            return self._pictures([w] * LAYERS, activation, None)
        return self._pictures(self._mixed(w), activation, self._rng)

    def forward(self, z: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        return torch.tanh(self.layers(z, activation, mode)[-1]).flatten(1)

    def made_of(
        self, per_layer: list[Tensor], activation: ActivationFunction, noise: torch.Generator | None = None
    ) -> Tensor:
        """Digits [n, 784] of the styles [n, UNITS] of each of the LAYERS; None: without noise."""
        return torch.tanh(self._pictures(per_layer, activation, noise)[-1]).flatten(1)

    def _mixed(self, w: Tensor) -> list[Tensor]:
        """The styles of each layer: for some samples another sample's from a random layer on."""
        mixed = torch.rand(len(w), 1, generator=self._rng) < MIXED
        crossing = torch.randint(1, LAYERS, (len(w), 1), generator=self._rng)
        mixed, crossing = mixed.to(w.device), crossing.to(w.device)
        other = w.roll(1, 0)
        return [torch.where(mixed & (crossing <= layer), other, w) for layer in range(LAYERS)]

    def _pictures(
        self, per_layer: list[Tensor], activation: ActivationFunction, noise: torch.Generator | None
    ) -> list[Tensor]:
        x = self.constant.expand(len(per_layer[0]), -1, -1, -1)
        seen = []
        for i, weights in enumerate(self.convolutions):
            style = self._style(per_layer[i], i)
            kernel = weights / math.sqrt(weights[0].numel())
            x = x * style[:, :, None, None]
            grows = i == GROWS_BEFORE
            x = doubled_and_convolved(x, kernel, None) if grows else F.conv2d(x, kernel, padding=1)
            # Each output channel back to unit spread, for the styles of its own sample.
            strength = torch.rsqrt(style.square() @ kernel.square().sum((2, 3)).T + 1e-8)
            x = x * strength[:, :, None, None]
            if noise is not None:
                grain = torch.empty(len(x), 1, *x.shape[2:]).normal_(generator=noise)
                x = x + self.noise[i] * grain.to(x.device)
            x = x + self.biases[i][:, None, None]
            seen.append(x)
            x = GAIN * activation(x)
        style = self._style(per_layer[-1], len(CHANNELS))
        kernel = self.to_grey / math.sqrt(self.to_grey[0].numel())
        x = F.conv2d(x * style[:, :, None, None], kernel, self.to_grey_bias, padding=1)
        return [*seen, F.pixel_shuffle(x, 2)]

    def _style(self, w: Tensor, layer: int) -> Tensor:
        weights = self.affine[layer]
        return F.linear(w, weights / math.sqrt(weights.shape[1]), self.affine_bias[layer])
