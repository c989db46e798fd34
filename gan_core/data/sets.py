"""A data set: what a game is about."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from gan_core.theory.toys import Toy


@dataclass(frozen=True, eq=False)
class DataSet:
    """Samples, split for good. Tensors are shared by all runs of a process: read them only."""

    name: str  # as in Settings.data
    train: Tensor  # float32 [n, features]; digits are grey values in [-1, 1]
    held_out: Tensor  # float32 [m, features]; none of them in `train`
    toy: Toy | None = None  # the density they were drawn from, where it is known
    train_classes: Tensor | None = None  # int64 [n], which digit each one is
    held_out_classes: Tensor | None = None  # int64 [m]
