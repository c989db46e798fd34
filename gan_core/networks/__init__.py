"""The two players of a game, by the architecture that its settings name."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gan_core.networks.base import (
    NORM_MOMENTUM,
    ActivationFunction,
    Mode,
    Network,
    ScoringNetwork,
    activation_function,
    dead_share,
    draw_latents,
    with_class,
    without_class,
)
from gan_core.networks.dcgan import ConvolutionalDiscriminator, ConvolutionalGenerator
from gan_core.networks.perceptron import Discriminator, Generator, Perceptron
from gan_core.networks.spectral import power_iteration
from gan_core.networks.style import StyleGenerator
from gan_core.settings import Architecture, Settings

__all__ = [
    "NORM_MOMENTUM", "ActivationFunction", "Discriminator", "Generator", "Mode", "Network", "Perceptron",
    "ScoringNetwork", "StyleGenerator", "activation_function", "dead_share", "draw_latents",
    "new_discriminator", "new_generator", "power_iteration", "with_class", "without_class",
]  # fmt: skip


Makers = tuple[
    Callable[[Settings, torch.Generator], Network], Callable[[Settings, torch.Generator], ScoringNetwork]
]

_PLAYERS: dict[Architecture, Makers] = {
    "perceptron": (Generator, Discriminator),
    "dcgan": (ConvolutionalGenerator, ConvolutionalDiscriminator),
    "style": (StyleGenerator, ConvolutionalDiscriminator),
}


def new_generator(settings: Settings, rng: torch.Generator) -> Network:
    """G, with first weights from `rng`: noise vectors [n, latent_dim] to samples [n, features]."""
    return _PLAYERS[settings.architecture][0](settings, rng)


def new_discriminator(settings: Settings, rng: torch.Generator) -> ScoringNetwork:
    """D, with first weights from `rng`: samples [n, features] to scores [n]."""
    return _PLAYERS[settings.architecture][1](settings, rng)
