"""Quality while training: FID and the classes that G covers, measured seldom, at fixed steps.

Fewer digits than in the lab (`quality.SAMPLES`), so the floor is higher: compare each number with the floor
of its own record. When it is measured follows from the step and the networks alone, never from the clock, so
that a run that is played again has its numbers at the same steps. The latents come from a generator of their
own: the game goes on bit for bit as without the measure.
"""

from __future__ import annotations

import functools
import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from gan_core.history import CLASS_SHARES
from gan_core.measures.classifier import Reading, load
from gan_core.measures.quality import Same, classes_hit, fid_floor, frechet, moments, moments_of, reading_of
from gan_core.networks import Network, draw_latents, without_class
from gan_core.settings import CLASSES, Settings, data_dimensions, hidden_sizes
from gan_core.training import Functions, GanTrainer

SAMPLES = 500
"""Digits of G, and as many of its average: 17 ms each on one core for the default networks."""

SHARE = 0.02  # of the training time
SECONDS = 0.034  # for G and its average
STEP_SECONDS, PER_WEIGHT = 2e-3, 1.25e-5 / 64 * 1e-3  # of a step: whatever its size, and a weight and sample
CONVOLVED_EVERY = 300
"""Steps between two measures of convolutional players: a step takes 18 ms and the measure 95 ms."""
EARLY = 3
"""So many times as often at first, while G changes fast; for so many of the later intervals."""
GRAIN = 25 * EARLY  # steps; a shorter interval is not needed


def quality_every(settings: Settings) -> int:
    """Steps between two measures after the first ones, so that they take SHARE of the training time.

    From the size of the networks: measured on one core, a step takes a constant and a part for each weight. A
    multiple of EARLY.
    """
    if settings.architecture != "perceptron":
        return CONVOLVED_EVERY
    pixels = data_dimensions(settings.data)
    g = [settings.latent_dim, *hidden_sizes(settings.generator_hidden), pixels]
    d = [pixels, *hidden_sizes(settings.discriminator_hidden), 1]
    weights = sum(n_in * n_out for layers in (g, d) for n_in, n_out in pairwise(layers))
    step = STEP_SECONDS + PER_WEIGHT * weights * settings.batch_size
    return GRAIN * math.ceil(SECONDS / (SHARE * step) / GRAIN)


def is_due(trainer: GanTrainer) -> bool:
    """Whether the quality is measured at the present step, whatever else is."""
    done, every = trainer.steps_done, quality_every(trainer.settings)
    apart = every // EARLY if done <= EARLY * every else every
    return trainer.data.toy is None and done > 0 and done % apart == 0


class QualityCurve:
    """The numbers of the present step, kept until the next one: a run that stands still is asked often."""

    def __init__(self) -> None:
        self._found: tuple[object, dict[str, float]] = None, {}

    def columns(self, trainer: GanTrainer) -> dict[str, float]:
        """As `quality_columns`; nothing before the first step, or for a game without digits."""
        if trainer.data.toy is not None or trainer.steps_done == 0:
            return {}
        settings = trainer.settings
        key = trainer.steps_done, settings.generator_activation, settings.leaky_slope
        if self._found[0] != key:
            self._found = key, quality_columns(trainer)
        return dict(self._found[1])


class _Seen(NamedTuple):
    """What the classifier makes of one generator's digits; NaN and none where they are no numbers."""

    fid: float
    classes: Tensor  # int64 [SAMPLES] or [0]
    readable: float


class Regions(NamedTuple):
    """Where the features of real digits lie, class by class."""

    centres: Tensor  # [CLASSES, FEATURES]
    radii: Tensor  # [CLASSES]; of 100 real digits of a class, 99 are nearer to its centre


@functools.lru_cache(maxsize=8)
def regions_of(real: Same) -> Regions:
    """Of real digits, by the class that they are read as."""
    reading = reading_of(real)
    groups = [reading.features[reading.classes == digit] for digit in range(CLASSES)]
    centres = torch.stack([group.mean(0) for group in groups])
    apart = [torch.linalg.vector_norm(group - centres[i], dim=1) for i, group in enumerate(groups)]
    return Regions(centres, torch.stack([torch.quantile(distances, 0.99) for distances in apart]))


def readable(reading: Reading, regions: Regions) -> float:
    """Share of digits in the region of the class that they are read as.

    The classifier reads noise as some class, too (500 of 500 images of uniform noise as 8), but its features
    are far away. Real digits: 0.99. A blank image counts as a 1: see `spread` beside it.
    """
    apart = torch.linalg.vector_norm(reading.features - regions.centres[reading.classes], dim=1)
    return float((apart <= regions.radii[reading.classes]).double().mean())


@torch.no_grad()
def quality_columns(trainer: GanTrainer) -> dict[str, float]:
    """Columns of an evaluation, of SAMPLES digits in eval mode.

    `fid`, `classes_hit`, `readable` and `share_of_0` to `share_of_9` of G; `fid_ema` and `classes_hit_ema` of
    its average, from the same latents, if it has one; `fid_floor` and `fid_floor_sd`: what as many real
    digits have, see `quality.Floor`; `quality_samples`: how many digits.
    """
    settings, functions, data = trainer.settings, Functions.of(trainer.settings), trainer.data
    rng = torch.Generator().manual_seed(settings.seed * 1_000_003 + trainer.steps_done + 900_007)
    z = draw_latents(SAMPLES, settings, rng)
    real = moments_of(Same(data.held_out))

    def seen(generator: Network) -> _Seen:
        made = generator(z, functions.generator, "eval")
        digits, _ = without_class(made, conditional=settings.conditional)
        if not bool(torch.isfinite(digits).all()):
            return _Seen(math.nan, torch.zeros(0, dtype=torch.int64), math.nan)
        reading = load().read(digits)
        near = readable(reading, regions_of(Same(data.held_out)))
        return _Seen(frechet(*moments(reading.features), *real), reading.classes, near)

    own, floor = seen(trainer.generator), fid_floor(Same(data.held_out), Same(data.train), SAMPLES)
    columns = {"fid": own.fid, "fid_floor": floor.mean, "fid_floor_sd": floor.sd}
    columns |= {"readable": own.readable, "classes_hit": _hit(own), "quality_samples": float(SAMPLES)}
    columns |= dict(zip(CLASS_SHARES, _shares(own), strict=True))
    if settings.ema_decay:
        averaged = seen(trainer.average)
        columns |= {"fid_ema": averaged.fid, "classes_hit_ema": _hit(averaged)}
    return columns


def _hit(seen: _Seen) -> float:
    return float(classes_hit(seen.classes)) if len(seen.classes) else math.nan


def _shares(seen: _Seen) -> list[float]:
    count = len(seen.classes)
    if not count:
        return [math.nan] * CLASSES
    found: list[float] = (torch.bincount(seen.classes, minlength=CLASSES).double() / count).tolist()
    return found
