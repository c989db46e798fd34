"""Train one D against a G that stands still, on training samples, and stop it before it overfits.

Samples are divided for good. Fit part: seven eighths of the training set, with new generated samples at every
step. Validation part: the last eighth and as many generated samples; it chooses the weights that are kept.
Test part: all held-out samples and as many generated ones; nothing is chosen by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Frozen, Progress, unheard
from gan_core.methods import Player
from gan_core.networks import Mode, Network, power_iteration

Value = Callable[[Tensor, Tensor], Tensor]
"""What D maximises: from raw scores of real and of generated samples, [n] each, to a scalar."""

VALIDATION_SHARE = 8
"""One of so many training samples is for validation."""
LOOKS = 20
"""Times that V is measured on the validation part."""


class Schedule(NamedTuple):
    """How long, how fast and on how many samples a D is trained."""

    steps: int
    rate: float  # of Adam at the first step; it falls on a straight line to 0
    batch: int  # real samples of a step, and as many generated ones


class Answer(NamedTuple):
    """The D that is kept, and how it came about."""

    d: Network
    curve: NDArray[np.float64]  # [LOOKS + 1, 2]: step, and V on the validation part
    best_step: int  # whose weights are kept
    value_fit: float  # V of the kept weights on training samples: not those of validation


class Parts(NamedTuple):
    """Real samples of each part, [n, features]."""

    fit: Tensor
    validation: Tensor


def divided(frozen: Frozen) -> Parts:
    """The training samples, divided the same way whenever the same step is measured again."""
    order = torch.randperm(len(frozen.train), generator=frozen.rng(0))
    count = max(1, len(order) // VALIDATION_SHARE)
    return Parts(frozen.train[order[count:]], frozen.train[order[:count]])


def train_d(
    frozen: Frozen, d: Network, value: Value, schedule: Schedule,
    *, seed: int, mode: Mode = "learn", progress: Progress = unheard,
) -> Answer:  # fmt: skip
    """Let `d` climb `value` by Adam (Kingma and Ba 2015), and leave it at its best on the validation part.

    `d` itself is changed; start and end of training are among the weights that are chosen from. `mode`: of d
    while it learns. Real and generated samples pass through it as one batch: in two, batch norm would tell
    them apart by their statistics, which it does not have in eval mode.
    Raises ArithmeticError if V is no number any more, and whatever `progress` raises.
    """
    parts, rng = divided(frozen), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        validation_fake = frozen.generated(frozen.latents(len(parts.validation), rng))
    player = Player(d.parameters(), torch.optim.Adam(d.parameters(), fused=True))
    looks = {round(schedule.steps * k / LOOKS) for k in range(1, LOOKS + 1)}
    curve = [(0, measured(frozen, d, value, parts.validation, validation_fake))]
    best_step, best = 0, _copy(d)
    for step in range(1, schedule.steps + 1):
        real = parts.fit[torch.randint(len(parts.fit), (schedule.batch,), generator=rng)]
        with torch.no_grad():
            fake = frozen.generated(frozen.latents(schedule.batch, rng))
        scores = d(torch.cat((real, fake)), frozen.functions.discriminator, mode)
        gradient = torch.autograd.grad(-value(*scores.chunk(2)), player.weights)
        player.move(gradient, schedule.rate * (1.0 - (step - 1) / schedule.steps))
        power_iteration(d)
        if step in looks:
            found = measured(frozen, d, value, parts.validation, validation_fake)
            if not np.isfinite(found):
                raise ArithmeticError(f"V of the new D is not finite after {step} steps")
            if found > max(height for _, height in curve):
                best_step, best = step, _copy(d)
            curve.append((step, found))
            progress(step / schedule.steps)
    d.load_state_dict(best)
    rows = parts.fit[: len(frozen.held_out)]
    with torch.no_grad():
        fit_fake = frozen.generated(frozen.latents(len(rows), rng))
    return Answer(d, np.array(curve, float), best_step, measured(frozen, d, value, rows, fit_fake))


@torch.no_grad()
def measured(frozen: Frozen, d: Network, value: Value, real: Tensor, fake: Tensor) -> float:
    """`value` of `d` in eval mode on these samples."""
    return float(value(frozen.scores_of(d, real), frozen.scores_of(d, fake)))


def _copy(d: Network) -> dict[str, Any]:
    return {name: tensor.clone() for name, tensor in d.state_dict().items()}
