"""Style mixing and truncation of a style-based generator.

Each layer has a style of its own, so that layers can take theirs from two noise vectors: the first ones from
A, the others from B (Karras et al. 2019, section 3.1). Truncation draws every style towards the mean style:
w' = mean + ψ (w − mean), for cleaner pictures of less variety (there, appendix B).
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Progress, unheard
from gan_core.measures.generator import Maker, number, pictures_of, whole
from gan_core.networks import StyleGenerator
from gan_core.networks.style import LAYERS
from gan_core.training import GanTrainer

COUNT = 7  # noise vectors: rows, and columns
MEAN_OF = 4_000  # styles that the mean style is taken of
MOST_PSI = 1.5
_SEED_OF_MEAN, _SEED_OF_NOISE = 2_147_483_000, 2_147_483_001


class Mixing(NamedTuple):
    """Mixtures of COUNT noise vectors: the first layers of a row, the others of a column."""

    pictures: NDArray[np.uint8]  # [COUNT, COUNT, 28, 28]; the diagonal mixes a noise vector with itself
    sources: NDArray[np.uint8]  # [COUNT, 28, 28]: the picture of each noise vector
    crossing: int  # layers that a row gives
    layers: int
    psi: float
    noise: bool
    noise_strength: NDArray[np.float64]  # [3], what G has learned to multiply the noise with
    noise_changes: float  # mean absolute change of a grey value by the noise, of 255
    averaged: bool
    seconds: float


@torch.no_grad()
def mixing(
    trainer: GanTrainer, *, progress: Progress = unheard, seed: int = 0, crossing: int = 2, psi: float = 1.0,
    noise: bool = False, averaged: bool = True,
) -> Mixing:  # fmt: skip
    """The grid of mixtures of the averaged G, or of G itself.

    `crossing`: layers of a picture that come from its row, 1 to 3 of 4. `psi`: 1 leaves the styles as they
    are, at 0 all are the mean style. `noise`: each place of the first three layers gets a random number,
    as in training. Raises ValueError, a sentence, for another G.
    """
    started = time.perf_counter()
    maker = Maker(trainer, averaged=averaged)
    g = maker.g
    if not isinstance(g, StyleGenerator):
        raise ValueError("styles can be mixed in a style-based G only: this G has none")
    whole("crossing", crossing, LAYERS - 1, least=1)
    psi = number("psi", psi, MOST_PSI)
    mean = g.styles(maker.noise(MEAN_OF, _SEED_OF_MEAN), maker.activation).mean(0)
    w = torch.lerp(mean, g.styles(maker.noise(COUNT, seed), maker.activation), psi)
    of_row, of_column = w.repeat_interleave(COUNT, 0), w.repeat(COUNT, 1)
    mixed = [of_row] * crossing + [of_column] * (LAYERS - crossing)
    quiet, grained = (_made(maker, g, mixed, grain) for grain in (False, True))
    progress(1.0)
    return Mixing(
        pictures=pictures_of(grained if noise else quiet, COUNT, COUNT),
        sources=pictures_of(_made(maker, g, [w] * LAYERS, False), COUNT),
        crossing=crossing, layers=LAYERS, psi=psi, noise=bool(noise),
        noise_strength=g.noise.double().numpy(),
        noise_changes=float((grained - quiet).abs().mean()) * 127.5, averaged=averaged,
        seconds=time.perf_counter() - started,
    )  # fmt: skip


def _made(maker: Maker, g: StyleGenerator, per_layer: list[Tensor], grain: bool) -> Tensor:
    rng = torch.Generator().manual_seed(_SEED_OF_NOISE) if grain else None
    return g.made_of(per_layer, maker.activation, rng)
