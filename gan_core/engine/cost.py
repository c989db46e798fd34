"""How long a run holds up its neighbours, estimated from its settings alone.

Trainer processes play one piece of work at a time: a step or an evaluation. The longest piece decides
whether a run may share a process with others. The estimate counts multiply-adds; the constants were
measured on one thread of an AMD EPYC (55 billion multiply-adds a second in large layers).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from gan_core.rules import WITH_COUNTS, gradient_calls
from gan_core.settings import Settings, data_dimensions, hidden_sizes

Lane = Literal["shared", "heavy"]
"""Where a run plays: beside many others, or in the process for runs that would hold them up."""

HEAVY = 16.0
"""Default steps that one piece of work may last beside neighbours: about 0.1 s."""
HEAVY_SECONDS = 0.1
"""The same limit for what is measured, in seconds of processor time."""
BACK = 0.7
"""A heavy run comes back below this share of the limit only, so that it does not move to and fro."""

HELD_OUT = 2_000  # real images, and as many generated ones, in each evaluation
PER_MOVE = 9e7  # multiply-adds that take as long as what a move costs whatever its size
PER_PARAMETER = 170  # what an optimiser does for one parameter, in multiply-adds
PER_EVALUATION = 6e8


def step_cost(settings: Settings) -> float:
    """The time of one training step, with a step of the default settings as the unit."""
    return _step(settings) / _step(Settings())


def longest_hold(settings: Settings) -> float:
    """The time of the longest piece of work of a playing run, in default steps."""
    d, g = _discriminator(settings), _generator(settings)
    evaluation = HELD_OUT * (g + 3 * d) + PER_EVALUATION
    return max(step_cost(settings), evaluation / _step(Settings()))


def lane_of(settings: Settings, now: Lane = "shared") -> Lane:
    """Where a run of these settings plays; `now`: where it plays at present."""
    limit = HEAVY if now == "shared" else BACK * HEAVY
    return "heavy" if longest_hold(settings) > limit else "shared"


def parameter_counts(settings: Settings) -> tuple[int, int]:
    """Weights of the discriminator and of the generator, biases left out."""
    return _discriminator(settings), _generator(settings)


def _step(settings: Settings) -> float:
    """Multiply-adds of one step, with everything else converted into them."""
    d, g, batch = _discriminator(settings), _generator(settings), settings.batch_size
    penalty = 4 / settings.r1_interval if settings.r1_gamma else 0.0
    # A forward and a backward pass cost three forward ones, for real and generated images each.
    move_of_d = batch * ((6 + penalty) * d + g) + PER_PARAMETER * d
    move_of_g = batch * 2 * (g + d) + PER_PARAMETER * 2 * g  # its average is a second update
    if settings.rule in WITH_COUNTS:
        n_d, n_g = settings.discriminator_steps, settings.generator_steps
        return n_d * move_of_d + n_g * move_of_g + PER_MOVE * (n_d + n_g)
    return gradient_calls(settings) * (move_of_d + move_of_g + PER_MOVE * 2)


def _discriminator(settings: Settings) -> int:
    return _products([data_dimensions(settings.data), *hidden_sizes(settings.discriminator_hidden), 1])


def _generator(settings: Settings) -> int:
    hidden = hidden_sizes(settings.generator_hidden)
    return _products([settings.latent_dim, *hidden, data_dimensions(settings.data)])


def _products(sizes: list[int]) -> int:
    return sum(n_in * n_out for n_in, n_out in pairwise(sizes))
