"""What is measured: of one step, and of one evaluation. Histograms of D's outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Moment = Literal["before", "between", "after"]
"""Of a training step: before the first player moves, between the turns of both, and at its end."""

HISTOGRAM_BINS = 40
"""D's outputs are counted in this many equal bins, over [0, 1] where they are probabilities."""


class StepRecord(NamedTuple):
    """One training step, measured before the update. Nats for losses and values."""

    step: int
    d_loss: float  # summed over real and generated, with the labels in force
    g_loss: float
    real_term: float  # E log D(x) on the batch, eval mode; NaN where not measured
    fake_term: float  # E log(1 - D(G(z)))
    d_real: float  # mean D on the batch's real images, as trained on
    d_fake: float
    d_grad_norm: float  # Euclidean norm of D's gradient
    g_grad_norm: float
    d_pull: float  # what D's own turn added to V on this batch; NaN where not measured
    g_pull: float  # what G's own step added to V (it wants less)
    d_reference: float  # equilibrium output under the labels in force
    value_reference: float  # V there
    real_loss: float = math.nan  # the parts of d_loss: on real images, and on generated ones
    fake_loss: float = math.nan
    d_loss_reference: float = math.nan  # the losses at equilibrium, under the labels in force
    real_loss_reference: float = math.nan
    fake_loss_reference: float = math.nan
    g_loss_reference: float = math.nan  # and under the loss of G in force
    objective: float = math.nan  # its number, see theory.objectives.ORDER


class Evaluation(NamedTuple):
    """The players on all held-out digits and as many fresh fakes, in eval mode."""

    step: int
    images: int  # of each kind
    d_real: float  # mean of D
    d_fake: float
    real_low: float  # 10 % and 90 % quantiles of D
    real_high: float
    fake_low: float
    fake_high: float
    real_term: float
    fake_term: float
    accuracy: float  # balanced, at the equilibrium output
    overfit_gap: float  # mean D on training digits minus mean D on held-out ones
    d_dead: float  # share of hidden units that pass (almost) no gradient
    g_dead: float
    spread: float  # RMS distance of two fakes over that of two real digits
    d_reference: float
    value_reference: float
    d_loss_reference: float = math.nan  # of the training losses, as in a StepRecord
    real_loss_reference: float = math.nan
    fake_loss_reference: float = math.nan
    g_loss_reference: float = math.nan
    axis_low: float = math.nan  # range of the histograms: 0 and 1, unless D gives scores without a limit
    axis_high: float = math.nan
    objective: float = math.nan  # its number, see theory.objectives.ORDER

    @property
    def value(self) -> float:
        """V, in nats."""
        return self.real_term + self.fake_term


class Line(NamedTuple):
    """Where a reference lies over the training: it holds from its step to the next."""

    step: Array  # [n]
    value: Array  # [n]

    def at(self, step: float) -> float | None:
        """In force at `step`; before the first row, what that one says; None without rows."""
        row = int(np.searchsorted(self.step, step, side="right")) - 1
        return float(self.value[max(row, 0)]) if len(self.value) else None


CLASS_SHARES = tuple(f"share_of_{digit}" for digit in range(10))
"""Columns of games of digits: shares of G's digits that are read as 0 to 9."""

HISTOGRAMS = ("real_histogram", "fake_histogram")  # shares of outputs in each bin, [HISTOGRAM_BINS]
STEP_WIDTHS = dict.fromkeys(StepRecord._fields, 0)
EVALUATION_WIDTHS = dict.fromkeys(Evaluation._fields, 0) | dict.fromkeys(HISTOGRAMS, HISTOGRAM_BINS)


def as_block(records: Sequence[NamedTuple]) -> dict[str, Array]:
    """Records as columns, ready for `Log.extend` or the wire; nothing at all without records."""
    if not records:
        return {}
    table = np.array(records, float)
    return {name: table[:, i] for i, name in enumerate(records[0]._fields)}


def histogram(outputs: NDArray[np.floating], low: float = 0.0, high: float = 1.0) -> Array:
    """Share of D's outputs in each of HISTOGRAM_BINS equal bins over [low, high]; sums to 1.

    What lies beyond is counted in the bin at that end.
    """
    counts, _ = np.histogram(np.clip(outputs, low, high), bins=HISTOGRAM_BINS, range=(low, high))
    return counts / max(len(outputs), 1)
