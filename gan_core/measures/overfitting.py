"""Whether D knows its training samples by heart: its answers to them against those to held-out ones.

A D that has learned the density answers both alike. One that has learned the samples answers higher to those
it has seen, and then its numbers on training batches say little about G.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.fresh_discriminator import jsd_bound
from gan_core.measures.frozen import Frozen, Progress, unheard
from gan_core.theory.objectives import OBJECTIVES as IN_THEORY
from gan_core.training import GanTrainer

BINS = 25
CLIP = 0.01
"""Recalibrated outputs stay this far from 0 and 1: beyond, one sample of thousands would decide the bound."""


class Overfitting(NamedTuple):
    """Means of D's outputs on its axis; AUC: 1/2 for a D that cannot tell the two kinds of samples apart."""

    d_train: float
    d_held_out: float
    d_generated: float
    gap: float  # d_train - d_held_out
    auc_seen: float  # training above held-out samples: 1/2 without overfitting
    auc_seen_error: float  # its standard error where there is no overfitting
    auc_train: float  # training above generated samples
    auc_held_out: float  # held-out above generated samples
    jsd_bound_train: float  # nats; overstated as far as D overfits. NaN where D is no probability
    jsd_bound_held_out: float
    samples: int  # of each kind
    edges: NDArray[np.float64]  # [bins + 1], of the three histograms of D's outputs
    train_share: NDArray[np.float64]  # [bins], shares of the samples
    held_out_share: NDArray[np.float64]
    generated_share: NDArray[np.float64]
    seconds: float


@torch.no_grad()
def overfitting(trainer: GanTrainer, *, progress: Progress = unheard) -> Overfitting:
    """D on as many training samples as there are held-out ones, drawn at random, and as many generated ones.

    The bounds are (V + log 4) / 2 of a D whose label smoothing is taken out: (D - fake label) over
    (label smoothing - fake label).
    """
    started = time.perf_counter()
    frozen = Frozen(trainer)
    count = min(len(frozen.held_out), len(frozen.train))
    own = frozen.train[torch.randperm(len(frozen.train), generator=frozen.rng(6))[:count]]
    fake = frozen.scores(frozen.generated(frozen.latents(count, frozen.rng(1))))
    seen, unseen = frozen.scores(own), frozen.scores(frozen.held_out[:count])
    d_seen, d_fake = frozen.objective.outputs(seen, fake)
    d_unseen, _ = frozen.objective.outputs(unseen, fake)
    progress(1.0)
    return Overfitting(
        d_train=float(d_seen.mean()), d_held_out=float(d_unseen.mean()), d_generated=float(d_fake.mean()),
        gap=float(d_seen.mean() - d_unseen.mean()),
        auc_seen=auc(seen.numpy(), unseen.numpy()), auc_seen_error=math.sqrt((2 * count + 1) / 12.0) / count,
        auc_train=auc(seen.numpy(), fake.numpy()), auc_held_out=auc(unseen.numpy(), fake.numpy()),
        jsd_bound_train=_bound(frozen, seen, fake), jsd_bound_held_out=_bound(frozen, unseen, fake),
        samples=count, **_histograms(d_seen, d_unseen, d_fake), seconds=time.perf_counter() - started,
    )  # fmt: skip


def _histograms(train: Tensor, held_out: Tensor, generated: Tensor) -> dict[str, NDArray[np.float64]]:
    """Shares on common edges: 0 to 1 where D is a probability, else as far as the middle 99 % go."""
    both = torch.cat([train, held_out, generated])
    ends = torch.quantile(both, torch.tensor([0.005, 0.995]))
    is_probability = bool(both.min() >= 0.0) and bool(both.max() <= 1.0)
    low, high = (0.0, 1.0) if is_probability else (float(ends[0]), float(ends[1]) + 1e-6)
    edges = np.linspace(low, high, BINS + 1)
    named = {"train_share": train, "held_out_share": held_out, "generated_share": generated}
    return {"edges": edges} | {
        name: np.histogram(np.clip(d.numpy(), low, high), edges)[0] / len(d) for name, d in named.items()
    }


def auc(high: NDArray[np.floating], low: NDArray[np.floating]) -> float:
    """The probability that a score of `high` [n] lies above one of `low` [m]; ties count one half.

    The area under the curve of hits over false alarms, by ranks (Mann and Whitney 1947).
    """
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side="left") + np.searchsorted(ordered, high, side="right")
    return float(below.mean() / (2.0 * len(low)))


def _bound(frozen: Frozen, real: Tensor, fake: Tensor) -> float:
    s = frozen.settings
    if IN_THEORY[s.objective].family != "cross_entropy":
        return math.nan
    plain = [((t.double().sigmoid() - s.fake_label) / (s.smoothing - s.fake_label)).clamp(CLIP, 1.0 - CLIP)
             for t in (real, fake)]  # fmt: skip
    return jsd_bound(float(plain[0].log().mean() + (1.0 - plain[1]).log().mean()))
