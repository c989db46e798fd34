"""Both players on held-out samples and as many fresh fakes.

Nothing here draws from the game's random numbers or changes a weight: a run that is looked at and
one that is not are the same run.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_core.data import DataSet
from gan_core.history import HISTOGRAMS, Array, Evaluation, as_block, histogram
from gan_core.measures.quality import right_class
from gan_core.measures.quality_curve import QualityCurve, is_due
from gan_core.measures.toy import measure_toy
from gan_core.networks import dead_share, draw_latents, without_class
from gan_core.settings import HELD_OUT_CONVOLVED
from gan_core.theory import value
from gan_core.theory.objectives import ORDER
from gan_core.training import Functions, GanTrainer, on_cpu, references_of

EVALUATION_SECONDS = 0.3
EVALUATION_SHARE = 0.06  # of the training time, at most, goes into evaluations
READ = 400
"""Digits of a conditional game that are read by the classifier; their share has an error of about 0.01."""
DEAD_UNIT_SAMPLE = 256
"""Images or latents on which a hidden unit may prove that it lives."""


class HeldOut(NamedTuple):
    """An evaluation, the two histograms of D's outputs behind it, and what only this data set has."""

    evaluation: Evaluation
    real_histogram: Array  # [HISTOGRAM_BINS], shares
    fake_histogram: Array
    more: dict[str, float]  # columns by name


def evaluations_block(rows: Sequence[HeldOut]) -> dict[str, Array]:
    """Evaluations of one game as columns; nothing at all without rows."""
    block = as_block([row.evaluation for row in rows])
    for name in HISTOGRAMS if rows else ():
        block[name] = np.stack([getattr(row, name) for row in rows])
    for name in dict.fromkeys(name for row in rows for name in row.more):
        block[name] = np.array([row.more.get(name, math.nan) for row in rows])
    return block


@torch.no_grad()
def evaluate(trainer: GanTrainer) -> HeldOut:
    """Measure the players as they are now, in eval mode, G itself and not its average."""
    settings, functions = trainer.settings, Functions.of(trainer.settings)
    most = None if settings.architecture == "perceptron" else HELD_OUT_CONVOLVED
    held_out, objective = trainer.held_out(most), trainer.objective
    # Fresh fakes each time, and yet the same ones whenever the same step is measured again.
    rng = torch.Generator().manual_seed(settings.seed * 1_000_003 + trainer.steps_done)
    z = draw_latents(len(held_out), settings, rng)
    fake = trainer.generator(z, functions.generator, "eval")
    real_logits = trainer.discriminator(held_out, functions.discriminator, "eval")
    fake_logits = trainer.discriminator(fake, functions.discriminator, "eval")
    own = trainer.trained_on(len(held_out))
    own_logits = trainer.discriminator(own, functions.discriminator, "eval")
    d_real, d_fake = objective.outputs(real_logits, fake_logits)
    trained_on, _ = objective.outputs(own_logits, fake_logits)
    real_term, fake_term = objective.terms(real_logits, fake_logits)
    real_low, real_high = _band(d_real)
    fake_low, fake_high = _band(d_fake)
    lines = references_of(settings)
    with torch.enable_grad():
        d_dead = dead_share(trainer.discriminator, held_out[:DEAD_UNIT_SAMPLE], functions.discriminator)
        g_dead = dead_share(trainer.generator, z[:DEAD_UNIT_SAMPLE], functions.generator)
    # Without a line, half way between the two means: a score has no value that says "real" by itself.
    line = lines.d_reference
    threshold = line if math.isfinite(line) else float(d_real.mean() + d_fake.mean()) / 2
    low, high = (0.0, 1.0) if objective.axis == "probability" else _range(d_real, d_fake)
    evaluation = Evaluation(
        step=trainer.steps_done, images=len(held_out),
        d_real=float(d_real.mean()), d_fake=float(d_fake.mean()),
        real_low=real_low, real_high=real_high, fake_low=fake_low, fake_high=fake_high,
        real_term=float(real_term), fake_term=float(fake_term),
        accuracy=value.accuracy(d_real.numpy(), d_fake.numpy(), threshold=threshold),
        overfit_gap=float(trained_on.mean() - d_real.mean()),
        d_dead=d_dead, g_dead=g_dead,
        spread=spread(_images(fake, trainer)) / _real_spread(trainer.data), axis_low=low, axis_high=high,
        objective=ORDER.index(settings.objective),
        **lines._asdict(),
    )  # fmt: skip
    more = {} if trainer.data.toy is None else measure_toy(trainer)
    if settings.conditional:
        more["right_class"] = _right_class(trainer, z[:READ], functions)
    real, generated = (histogram(outputs.numpy(), low, high) for outputs in (d_real, d_fake))
    return HeldOut(evaluation, real, generated, more)


def _right_class(trainer: GanTrainer, z: Tensor, functions: Functions) -> float:
    """The share of the averaged G's digits, which are those that are drawn, read as the class asked for."""
    images, asked = without_class(trainer.average(z, functions.generator, "eval"), conditional=True)
    assert asked is not None
    return right_class(images, asked)


def _images(samples: Tensor, trainer: GanTrainer) -> Tensor:
    return without_class(samples, conditional=trainer.settings.conditional)[0]


def spread(images: Tensor) -> float:
    """Root mean squared distance of two different images of a set [n, 784].

    Twice the summed variance of the pixels, by E|x|^2 - |E x|^2: ten times faster than `var`, and
    exact enough for images in [-1, 1].
    """
    count = len(images)
    squares = float(torch.linalg.vector_norm(images)) ** 2 / count
    variance = (squares - float(images.mean(0).square().sum())) * count / (count - 1)
    return math.sqrt(2 * max(variance, 0.0))


@functools.lru_cache(maxsize=32)
def _real_spread(data: DataSet) -> float:
    return spread(data.held_out)


def _range(real: Tensor, fake: Tensor) -> tuple[float, float]:
    """In which nearly all scores lie, with some room where they are all alike."""
    both = torch.cat((real, fake))
    low, high = torch.quantile(both, torch.tensor([0.005, 0.995])).tolist()
    room = max(0.05 * (high - low), 1e-3)
    return low - room, high + room


def _band(outputs: Tensor) -> tuple[float, float]:
    low, high = torch.quantile(outputs, torch.tensor([0.1, 0.9])).tolist()
    return low, high


class Pace:
    """When the next evaluation is due: every EVALUATION_SECONDS, or rarer where that costs too much.

    At the steps of `quality_curve` one is due whatever the clock says, see `is_due` there.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._curve = QualityCurve()
        self._last = -1e9
        self._cost = 0.0

    def due(self, at_least: float = EVALUATION_SECONDS) -> bool:
        """Whether `at_least` seconds have passed, and enough of them to pay for one more."""
        return self._clock() - self._last >= max(at_least, self._cost / EVALUATION_SHARE)

    def evaluate(self, trainer: GanTrainer, *, quality: bool = False) -> HeldOut:
        """`evaluate`, and its cost noted; with the columns of quality if they are wanted or due.

        What the quality costs is not noted: it is rare, and evaluations should not become rare after it.
        """
        started, trainer = self._clock(), on_cpu(trainer)
        held_out = evaluate(trainer)
        self._last = self._clock()
        self._cost = self._last - started
        if quality or is_due(trainer):
            held_out.more.update(self._curve.columns(trainer))
        return held_out
