"""Walks through a generator: between two noise vectors, and between two classes; and one digit as asked.

Normal noise vectors of many dimensions have nearly all the length √d. The middle of the straight line between
two of them has the length √(d/2), which G has hardly ever seen: so the walk follows the arc. Noise vectors of
a uniform distribution fill a cube, and every straight line between two of them stays inside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call

from gan_core.measures.classifier import load
from gan_core.measures.frozen import Progress, unheard
from gan_core.measures.generator import Maker, pictures_of, whole
from gan_core.networks import with_class, without_class
from gan_core.settings import CLASSES
from gan_core.training import GanTrainer

ROWS, COLUMNS = 5, 11  # pairs; positions along the way
DIGIT_ROWS, DIGIT_COLUMNS = 5, 10

Pictures = NDArray[np.uint8]


class Walk(NamedTuple):
    """Pictures along walks: a row for each pair, a column for each position."""

    pictures: Pictures  # [ROWS, COLUMNS, 28, 28]
    share: NDArray[np.float64]  # [COLUMNS], of the way, 0 to 1
    between: str  # noise, or classes
    path: str  # spherical, or linear
    distribution: str  # of the noise vectors
    digit: int | None  # the class of all pictures; in a walk between classes that of the first column
    other: int | None  # that of the last column
    read_as: NDArray[np.int64]  # [ROWS, COLUMNS]: the digit that the classifier reads
    averaged: bool
    seconds: float


@torch.no_grad()
def walk(
    trainer: GanTrainer, *, progress: Progress = unheard, between: str = "noise", seed: int = 0,
    digit: int = 0, other: int = 1, averaged: bool = True,
) -> Walk:  # fmt: skip
    """ROWS walks of the averaged G, or of G itself. `digit` and `other` matter in a conditional game alone.

    between    noise: each row goes from one noise vector to another one, all of the class `digit`
               classes: each row keeps its noise vector and goes from class `digit` to class `other`, in a
               straight line between the vectors that tell G the two classes
    """
    started = time.perf_counter()
    maker = Maker(trainer, averaged=averaged)
    share = np.linspace(0.0, 1.0, COLUMNS)
    is_arc = between == "noise" and maker.settings.latent_distribution == "normal"
    if between == "noise":
        images = _between_noise(maker, share.tolist(), seed, digit, spherical if is_arc else linear)
    elif between == "classes":
        images = _between_classes(maker, share.tolist(), seed, digit, other)
    else:
        raise ValueError(f"between = {between!r:.40}: it must be noise or classes")
    read_as = _read(images, ROWS, COLUMNS)
    progress(1.0)
    told = maker.settings.conditional
    return Walk(
        pictures=pictures_of(images, ROWS, COLUMNS), share=share, between=between,
        path="spherical" if is_arc else "linear", distribution=maker.settings.latent_distribution,
        digit=digit if told else None, other=(other if between == "classes" else digit) if told else None,
        read_as=read_as, averaged=averaged, seconds=time.perf_counter() - started,
    )  # fmt: skip


Way = Callable[[Tensor, Tensor, float], Tensor]
"""From the first noise vector of each row to the last one, [rows, latent_dim]: where that share leads to."""


def linear(first: Tensor, last: Tensor, share: float) -> Tensor:
    """Along the straight line."""
    return torch.lerp(first, last, share)


def spherical(first: Tensor, last: Tensor, share: float) -> Tensor:
    """The direction along the arc at a constant speed, the length along a line.

    Sources: Shoemake 1985; for noise vectors White 2016 (1609.04468).
    """
    lengths = [end.norm(dim=1, keepdim=True) for end in (first, last)]
    a, b = (end / length for end, length in zip((first, last), lengths, strict=True))
    angle = torch.acos((a * b).sum(1, keepdim=True).clamp(-1.0, 1.0))
    arc = (((1.0 - share) * angle).sin() * a + (share * angle).sin() * b) / angle.sin()
    straight = angle.sin().abs() < 1e-6  # one direction, or opposite ones: there is no single arc
    return torch.where(straight, torch.lerp(a, b, share), arc) * torch.lerp(lengths[0], lengths[1], share)


def _between_noise(maker: Maker, share: list[float], seed: int, digit: int, way: Way) -> Tensor:
    first, last = torch.split(maker.noise(2 * ROWS, seed), ROWS)
    noise = torch.stack([way(first, last, at) for at in share], 1).flatten(0, 1)  # row by row
    return maker.images(maker.asked(noise, digit))


def _between_classes(maker: Maker, share: list[float], seed: int, digit: int, other: int) -> Tensor:
    """G looks the class up in a table, so it gets a table of all positions instead of the ten classes."""
    whole("digit", digit, CLASSES - 1), whole("other", other, CLASSES - 1)
    table = maker.g.classes
    if table is None:
        raise ValueError("a walk between classes needs a class-conditional game: this G is told no class")
    ways = torch.stack([torch.lerp(table[digit], table[other], at) for at in share])
    noise = maker.noise(ROWS, seed).repeat_interleave(len(share), 0)
    z = with_class(noise, torch.arange(len(share)).repeat(ROWS))
    made = functional_call(maker.g, {"classes": ways}, (z, maker.activation, "eval"))
    return without_class(made, conditional=True)[0]


class ChosenDigit(NamedTuple):
    """Pictures of one class, and how the classifier reads them."""

    pictures: Pictures  # [DIGIT_ROWS, DIGIT_COLUMNS, 28, 28]
    digit: int
    read_as: NDArray[np.int64]  # [DIGIT_ROWS, DIGIT_COLUMNS]
    right: int  # pictures that are read as asked
    asked: int  # all of them
    classifier_accuracy: float  # the share of held-out digits that the classifier reads rightly
    averaged: bool
    seconds: float


@torch.no_grad()
def choose_digit(
    trainer: GanTrainer, *, progress: Progress = unheard, digit: int = 0, seed: int = 0, averaged: bool = True
) -> ChosenDigit:
    """Pictures of the class `digit`, each of its own noise vector; of a conditional game alone."""
    started = time.perf_counter()
    maker = Maker(trainer, averaged=averaged)
    if not maker.settings.conditional:
        raise ValueError("a digit can be asked for in a class-conditional game only: this G is told no class")
    asked = DIGIT_ROWS * DIGIT_COLUMNS
    images = maker.images(maker.asked(maker.noise(asked, seed), digit))
    read_as = _read(images, DIGIT_ROWS, DIGIT_COLUMNS)
    progress(1.0)
    return ChosenDigit(
        pictures_of(images, DIGIT_ROWS, DIGIT_COLUMNS), digit, read_as, int((read_as == digit).sum()), asked,
        load().held_out_accuracy, averaged, time.perf_counter() - started,
    )  # fmt: skip


def _read(images: Tensor, *places: int) -> NDArray[np.int64]:
    """The digit that the classifier reads in each image."""
    return load().read(images).classes.numpy().reshape(places)
