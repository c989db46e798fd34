"""Data sets of points, drawn from a known density once for all."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import torch

from gan_core.bundled import DataError
from gan_core.data.sets import DataSet
from gan_core.theory.toys import toy_named

TRAIN, HELD_OUT = 20_000, 4_000


@lru_cache(maxsize=16)
def load_points(name: str, drawn: str) -> DataSet:
    """TRAIN points to train and HELD_OUT others, the same at every call. Raises DataError."""
    try:
        toy = toy_named(name, drawn)
    except ValueError as error:
        raise DataError(f"The drawn data cannot be read: {error}.") from error
    seed = int.from_bytes(hashlib.sha256(f"{name} {drawn}".encode()).digest()[:8], "little")
    points = toy.sample(TRAIN + HELD_OUT, np.random.default_rng(seed))
    samples = torch.from_numpy(points).float()
    return DataSet(name, samples[:TRAIN], samples[TRAIN:], toy)
