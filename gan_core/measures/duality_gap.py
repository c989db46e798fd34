"""How much each player alone could still gain: the two halves of the duality gap.

    max over D' of V(G, D') - V(G, D)    what D could gain, G standing still
    V(G, D) - min over G' of V(G', D)    what G could gain, D standing still

Both are 0 at an equilibrium, and their sum is the duality gap (Grnarova et al. 2019). The two are never added
here, and only the first is a distance to be quoted.

Warning: D has learned nothing about samples that no G has made, so the second half follows D's extrapolation.
On a one-dimensional toy 300 steps of G drove all its samples out of the range of the data and V below -6, at
points where the first half was nearly closed. Hence at most MOST_G_STEPS steps of G. Its half
says how far this D can be exploited, not how good G is: on the default digits V is still falling after them.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core.measures.best_answer import Schedule, measured, train_d
from gan_core.measures.fresh_discriminator import SCHEDULES
from gan_core.measures.frozen import Frozen, Progress, unheard
from gan_core.methods import Player
from gan_core.networks import Mode, Network, new_discriminator
from gan_core.settings import sample_of
from gan_core.theory.objectives import OBJECTIVES as IN_THEORY
from gan_core.training import GanTrainer

MOST_G_STEPS = 30
G_BATCH = 256
G_RATES = {"digits": 1e-3, "line": 2e-3, "plane": 2e-3}
"""Of Adam, by the kind of a sample."""


class DualityGap(NamedTuple):
    """V of the objective, no label smoothed, on held-out samples and on generated ones of their own."""

    value_here: float
    max_value: float  # of the better D of the next two, by the validation part
    value_from_present: float  # of a D trained on from the present one
    value_from_new: float  # of a D trained from nothing
    gain_of_d: float  # max_value - value_here; below 0 by chance only
    min_value: float  # of the G that did best on latents of its own
    gain_of_g: float  # value_here - min_value; below 0 by chance only
    g_best_step: int
    g_curve: NDArray[np.float64]  # [steps + 1], V after each step of G, on the latents that choose
    seconds: float


def duality_gap(
    trainer: GanTrainer,
    *,
    schedule: Schedule | None = None,
    g_steps: int = MOST_G_STEPS,
    seed: int = 1,
    progress: Progress = unheard,
) -> DualityGap:
    """Train a copy of each player alone against the other one, which stands still.

    D is trained twice, on from the present weights and from nothing, since neither start is always the better
    one. On a one-dimensional toy the present D finds less; on the default digits after 2,000
    steps it finds more, V = -0.13 against -0.22. D's training, validation and test parts are
    those of `best_answer`. G takes `g_steps` steps of Adam down V itself, not its own loss, in eval mode.
    4.8 s of processor time there.
    Raises ValueError for a WGAN, whose V has no maximum over the weights of D, and for too many steps of G.
    """
    settings = trainer.settings
    if IN_THEORY[settings.objective].family == "wasserstein":
        raise ValueError("V of a WGAN has no maximum: a D with larger weights always has a higher one")
    if not 1 <= g_steps <= MOST_G_STEPS:
        raise ValueError(f"g_steps = {g_steps}: it must be 1 to {MOST_G_STEPS}")
    started, kind = time.perf_counter(), sample_of(settings.data)
    frozen, schedule = Frozen(trainer), schedule or SCHEDULES[kind]
    test_fake = frozen.test_fake()
    here = measured(frozen, frozen.d, frozen.value, frozen.held_out, test_fake)

    copy = new_discriminator(settings, torch.Generator())
    copy.load_state_dict(frozen.d.state_dict())
    starts: list[tuple[Network, Mode]] = [(copy, "eval"), (frozen.fresh_d(seed), "learn")]
    found = []
    for index, (d, mode) in enumerate(starts):

        def tell(share: float, index: int = index) -> None:
            progress(0.47 * (index + share))

        answer = train_d(frozen, d, frozen.value, schedule, seed=seed, mode=mode, progress=tell)
        height = measured(frozen, answer.d, frozen.value, frozen.held_out, test_fake)
        found.append((float(answer.curve[:, 1].max()), height))
    _, highest = max(found)
    descent = _descend(frozen, g_steps, G_RATES[kind])
    progress(1.0)
    return DualityGap(
        value_here=here, max_value=highest, value_from_present=found[0][1], value_from_new=found[1][1],
        gain_of_d=highest - here, min_value=descent.value, gain_of_g=here - descent.value,
        g_best_step=int(descent.curve.argmin()), g_curve=descent.curve, seconds=time.perf_counter() - started,
    )  # fmt: skip


class _Descent(NamedTuple):
    """What G found."""

    curve: NDArray[np.float64]  # [steps + 1], V on latents of its own, that choose the step
    value: float  # V of the chosen step on held-out samples and the test latents


def _descend(frozen: Frozen, steps: int, rate: float) -> _Descent:
    """Let a copy of G go down V. Raises ArithmeticError if V is no number any more."""
    rng = frozen.rng(5)
    choosing, test = (frozen.latents(len(frozen.held_out), generator) for generator in (rng, frozen.rng(1)))
    weights = {name: w.detach().clone().requires_grad_() for name, w in frozen.g.named_parameters()}
    player = Player(weights.values(), torch.optim.Adam(weights.values(), fused=True))
    with torch.no_grad():
        real_scores = frozen.scores(frozen.held_out)
        train_scores = frozen.scores(frozen.train[:G_BATCH])
    curve, lowest, chosen = [], np.inf, np.nan
    for step in range(steps + 1):
        with torch.no_grad():
            values = [
                float(frozen.value(real_scores, frozen.scores(frozen.generated(z, weights))))
                for z in (choosing, test)
            ]
        if not np.isfinite(values[0]):
            raise ArithmeticError(f"V is not finite after {step} steps of G")
        curve.append(values[0])
        if values[0] < lowest:
            lowest, chosen = values
        if step < steps:
            fake = frozen.generated(frozen.latents(G_BATCH, rng), weights)
            v = frozen.value(train_scores, frozen.scores(fake))
            player.move(torch.autograd.grad(v, player.weights), rate)
    return _Descent(np.array(curve), float(chosen))
