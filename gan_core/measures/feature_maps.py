"""One digit as it grows through the hidden layers of G: the feature maps after each activation."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Progress, unheard
from gan_core.measures.generator import Maker, pictures_of
from gan_core.training import GanTrainer

Grey = NDArray[np.uint8]


class FeatureMaps(NamedTuple):
    """Layer by layer, from the noise vector to the picture. In a fully connected G a map is one number."""

    maps: list[Grey]  # of each hidden layer, [units, height, width]: 0 is its `low`, 255 its `high`
    low: list[float]  # the smallest number of each layer
    high: list[float]  # its largest one
    picture: Grey  # [28, 28]
    digit: int | None  # the class asked for
    architecture: str
    averaged: bool
    seconds: float


@torch.no_grad()
def feature_maps(
    trainer: GanTrainer, *, progress: Progress = unheard, seed: int = 0, digit: int = 0, averaged: bool = True
) -> FeatureMaps:
    """Of the noise vector of that seed; `digit` matters in a conditional game alone."""
    started = time.perf_counter()
    maker = Maker(trainer, averaged=averaged)
    z = maker.asked(maker.noise(1, seed), digit)
    layers = activated(maker, z)
    progress(1.0)
    return FeatureMaps(
        maps=[_grey(layer) for layer in layers], low=[float(layer.min()) for layer in layers],
        high=[float(layer.max()) for layer in layers],
        picture=pictures_of(maker.images(z)), digit=digit if maker.settings.conditional else None,
        architecture=maker.settings.architecture, averaged=averaged,
        seconds=time.perf_counter() - started,
    )  # fmt: skip


def _grey(layer: Tensor) -> Grey:
    """From the smallest number to the largest one; a layer that gives one number is black."""
    low, high = layer.min(), layer.max()
    return ((layer - low) / (high - low).clamp(min=1e-12) * 255).round().byte().numpy()


def activated(maker: Maker, z: Tensor) -> list[Tensor]:
    """What each hidden layer gives after its activation, [units, height, width]; for the first row of z."""
    seen = maker.g.layers(z, maker.activation, "eval")[:-1]
    return [maker.activation(layer[0]).reshape(-1, *(layer.shape[2:] or (1, 1))) for layer in seen]
