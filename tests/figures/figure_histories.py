"""Histories whose pictures are known in closed form; nothing symmetric about them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gan_core.history import HISTOGRAM_BINS, Array, Evaluation, History, StepRecord, as_block
from gan_core.theory import value

NAN = math.nan
CHANGE = 400
"""The step from which the label of a real image is 0.9 instead of 0.7; fakes are labelled 0."""


def reference_at(step: float) -> tuple[float, float]:
    """Equilibrium output and the V there."""
    label = 0.7 if step < CHANGE else 0.9
    labels = {"real_label": label, "fake_label": 0.0}
    return value.equilibrium_output(**labels), value.value_at_equilibrium(**labels)


def step_record(step: int, **changes: Any) -> StepRecord:
    d, v = reference_at(step)
    return StepRecord(
        step=step, d_loss=1.3, g_loss=0.9, real_term=math.log(0.6), fake_term=math.log(0.9),
        d_real=0.6, d_fake=0.1, d_grad_norm=0.2, g_grad_norm=0.3, d_pull=0.02, g_pull=-0.05,
        d_reference=d, value_reference=v,
    )._replace(**changes)  # fmt: skip


def evaluation(step: int, a: float = 0.7, b: float = 0.2, **changes: Any) -> Evaluation:
    """A D that answers `a` on every real and `b` on every generated image."""
    d, v = reference_at(step)
    return Evaluation(
        step=step, images=400, d_real=a, d_fake=b, real_low=a - 0.1, real_high=a + 0.15, fake_low=b - 0.05,
        fake_high=b + 0.2, real_term=math.log(a), fake_term=math.log1p(-b), accuracy=0.9,
        overfit_gap=0.0, d_dead=0.0, g_dead=0.0, spread=0.8, d_reference=d, value_reference=v,
    )._replace(**changes)  # fmt: skip


def in_one_bin(output: float) -> Array:
    """The histogram [HISTOGRAM_BINS] of a D with one answer."""
    shares = np.zeros(HISTOGRAM_BINS)
    shares[int(output * HISTOGRAM_BINS)] = 1.0
    return shares


def history_of(
    steps: list[StepRecord] | None = None, evaluations: list[Evaluation] | None = None, capacity: int = 512
) -> History:
    """Records as the web side keeps them, each evaluation with the histograms of its means."""
    history = History(evaluation_capacity=capacity)
    if steps:
        history.steps.extend(as_block(steps))
    if evaluations:
        block = as_block(evaluations)
        block["real_histogram"] = np.array([in_one_bin(row.d_real) for row in evaluations])
        block["fake_histogram"] = np.array([in_one_bin(row.d_fake) for row in evaluations])
        history.evaluations.extend(block)
    return history


def straight_run(
    count: int = 17, every: int = 50, path: Callable[[float], tuple[float, float]] | None = None
) -> History:
    """Steps 1, 2, ...; evaluations at 0, every, ...; D's answers a, b on a straight line in time."""
    path = path or (lambda t: (0.5 + 0.4 * t, 0.35 - 0.3 * t))
    evaluations = [evaluation(every * i, *path(i / max(count - 1, 1))) for i in range(count)]
    return history_of([step_record(step) for step in range(1, every * (count - 1) + 1)], evaluations)
