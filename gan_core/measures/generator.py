"""What the pictures of a generator have in common: which G makes them, and what their options may be.

Their noise vectors come from an option, never from the step: so one picture is seen to change in training.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.pictures import as_grey
from gan_core.networks import Network, draw_latents, new_generator, with_class, without_class
from gan_core.settings import CLASSES, Settings, sample_of
from gan_core.training import Functions, GanTrainer

SIDE = 28  # of a digit
MOST_SEED = 2**31


class Maker:
    """A copy of a game's G, or of its average: of digits, in eval mode.

    Raises ValueError, a sentence, for a game on other data.
    """

    def __init__(self, trainer: GanTrainer, *, averaged: bool) -> None:
        self.settings: Settings = trainer.settings
        if sample_of(self.settings.data) != "digits":
            raise ValueError(f"G makes points here, no pictures: the data are {self.settings.data}")
        self.activation = Functions.of(self.settings).generator
        self.g: Network = new_generator(self.settings, torch.Generator())
        self.g.load_state_dict((trainer.average if averaged else trainer.generator).state_dict())
        self.g.requires_grad_(requires_grad=False)

    def noise(self, count: int, seed: int) -> Tensor:
        """Noise vectors without a class, [count, latent_dim]; always the same ones of that seed."""
        rng = torch.Generator().manual_seed(whole("seed", seed, MOST_SEED - 1))
        z = draw_latents(count, self.settings, rng)
        return without_class(z, conditional=self.settings.conditional)[0]

    def asked(self, noise: Tensor, digit: int) -> Tensor:
        """What G gets: the noise vectors, in a conditional game with this class."""
        whole("digit", digit, CLASSES - 1)
        classes = torch.full((len(noise),), digit) if self.settings.conditional else None
        return with_class(noise, classes)

    def images(self, z: Tensor) -> Tensor:
        """G(z) without its classes, [n, 784]."""
        made = self.g(z, self.activation, "eval")
        return without_class(made, conditional=self.settings.conditional)[0]


def pictures_of(images: Tensor, *places: int) -> NDArray[np.uint8]:
    """Images [n, 784] as grey values, [*places, 28, 28]."""
    return as_grey(images).reshape(*places, SIDE, SIDE)


def whole(option: str, value: object, most: int, least: int = 0) -> int:
    """That option's value. Raises ValueError unless it is a whole number from `least` to `most`."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{option} = {value!r:.40}: it must be a whole number from {least} to {most}")
    return value


def number(option: str, value: object, most: float) -> float:
    """That option's value. Raises ValueError unless it is a number from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{option} = {value!r:.40}: it must be a number from 0 to {most:g}")
    return float(value)
