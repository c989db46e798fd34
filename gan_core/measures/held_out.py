"""Both players on all held-out digits and as many fresh fakes.

Nothing here draws from the game's random numbers or changes a weight: a run that is looked at and
one that is not are the same run.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gan_core import losses
from gan_core.data import Digits
from gan_core.history import Array, Evaluation, histogram
from gan_core.networks import dead_share, draw_latents
from gan_core.theory import value
from gan_core.training import Functions, GanTrainer, references_of

EVALUATION_SECONDS = 0.3
EVALUATION_SHARE = 0.06  # of the training time, at most, goes into evaluations
DEAD_UNIT_SAMPLE = 256
"""Images or latents on which a hidden unit may prove that it lives."""


class HeldOut(NamedTuple):
    """An evaluation and the two histograms of D's outputs behind it."""

    evaluation: Evaluation
    real_histogram: Array  # [HISTOGRAM_BINS], shares
    fake_histogram: Array


@torch.no_grad()
def evaluate(trainer: GanTrainer) -> HeldOut:
    """Measure the players as they are now, in eval mode, G itself and not its average."""
    settings, functions = trainer.settings, Functions.of(trainer.settings)
    held_out = trainer.digits.held_out
    # Fresh fakes each time, and yet the same ones whenever the same step is measured again.
    rng = torch.Generator().manual_seed(settings.seed * 1_000_003 + trainer.steps_done)
    z = draw_latents(len(held_out), settings, rng)
    fake = trainer.generator(z, functions.generator, "eval")
    real_logits = trainer.discriminator(held_out, functions.discriminator, "eval")
    fake_logits = trainer.discriminator(fake, functions.discriminator, "eval")
    trained_on = trainer.discriminator(trainer.digits.train[: len(held_out)], functions.discriminator, "eval")
    d_real, d_fake = real_logits.sigmoid(), fake_logits.sigmoid()
    real_low, real_high = _band(d_real)
    fake_low, fake_high = _band(d_fake)
    lines = references_of(settings)
    with torch.enable_grad():
        d_dead = dead_share(trainer.discriminator, held_out[:DEAD_UNIT_SAMPLE], functions.discriminator)
        g_dead = dead_share(trainer.generator, z[:DEAD_UNIT_SAMPLE], functions.generator)
    evaluation = Evaluation(
        step=trainer.steps_done, images=len(held_out),
        d_real=float(d_real.mean()), d_fake=float(d_fake.mean()),
        real_low=real_low, real_high=real_high, fake_low=fake_low, fake_high=fake_high,
        real_term=float(losses.real_term(real_logits)), fake_term=float(losses.fake_term(fake_logits)),
        accuracy=value.accuracy(d_real.numpy(), d_fake.numpy(), threshold=lines.d_reference),
        overfit_gap=float(trained_on.sigmoid().mean() - d_real.mean()),
        d_dead=d_dead, g_dead=g_dead,
        spread=spread(fake) / _real_spread(trainer.digits),
        **lines._asdict(),
    )  # fmt: skip
    return HeldOut(evaluation, histogram(d_real.numpy()), histogram(d_fake.numpy()))


def spread(images: Tensor) -> float:
    """Root mean squared distance of two different images of a set [n, 784].

    Twice the summed variance of the pixels, by E|x|^2 - |E x|^2: ten times faster than `var`, and
    exact enough for images in [-1, 1].
    """
    count = len(images)
    squares = float(torch.linalg.vector_norm(images)) ** 2 / count
    variance = (squares - float(images.mean(0).square().sum())) * count / (count - 1)
    return math.sqrt(2 * max(variance, 0.0))


@functools.cache
def _real_spread(digits: Digits) -> float:
    return spread(digits.held_out)


def _band(outputs: Tensor) -> tuple[float, float]:
    low, high = torch.quantile(outputs, torch.tensor([0.1, 0.9])).tolist()
    return low, high


class Pace:
    """When the next evaluation is due: every EVALUATION_SECONDS, or rarer where that costs too much."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = -1e9
        self._cost = 0.0

    def due(self, at_least: float = EVALUATION_SECONDS) -> bool:
        """Whether `at_least` seconds have passed, and enough of them to pay for one more."""
        return self._clock() - self._last >= max(at_least, self._cost / EVALUATION_SHARE)

    def evaluate(self, trainer: GanTrainer) -> HeldOut:
        """`evaluate`, and its cost noted."""
        started = self._clock()
        held_out = evaluate(trainer)
        self._last = self._clock()
        self._cost = self._last - started
        return held_out
