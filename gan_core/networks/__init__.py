"""The two players of a game, by the architecture that its settings name."""

from __future__ import annotations

import torch

from gan_core.networks.base import (
    NORM_MOMENTUM,
    ActivationFunction,
    Mode,
    Network,
    activation_function,
    dead_share,
    draw_latents,
    with_class,
    without_class,
)
from gan_core.networks.dcgan import ConvolutionalDiscriminator, ConvolutionalGenerator
from gan_core.networks.perceptron import Discriminator, Generator, Perceptron
from gan_core.networks.style import StyleGenerator
from gan_core.settings import Settings

__all__ = [
    "NORM_MOMENTUM", "ActivationFunction", "Discriminator", "Generator", "Mode", "Network", "Perceptron",
    "StyleGenerator", "activation_function", "dead_share", "draw_latents", "new_discriminator",
    "new_generator", "with_class", "without_class",
]  # fmt: skip


def new_generator(settings: Settings, rng: torch.Generator) -> Network:
    """G, with first weights from `rng`: noise vectors [n, latent_dim] to samples [n, features]."""
    if settings.architecture == "perceptron":
        return Generator(settings, rng)
    return StyleGenerator(settings, rng) if settings.architecture == "style" else (
        ConvolutionalGenerator(settings, rng)
    )


def new_discriminator(settings: Settings, rng: torch.Generator) -> Network:
    """D, with first weights from `rng`: samples [n, features] to scores [n]."""
    if settings.architecture == "perceptron":
        return Discriminator(settings, rng)
    return ConvolutionalDiscriminator(settings, rng)
