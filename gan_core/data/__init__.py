"""Data sets: digits from the repository or from the full MNIST, and points of a known density."""

from __future__ import annotations

from gan_core.data.digits import (
    Download,
    Resource,
    State,
    bundled_classes,
    bundled_digits,
    full_digits,
    full_set_is_here,
    load_digits,
)
from gan_core.data.points import load_points
from gan_core.data.sets import DataSet
from gan_core.settings import Settings, sample_of

__all__ = [
    "DataSet", "Download", "Resource", "State", "bundled_classes", "bundled_digits", "full_digits",
    "full_set_is_here", "load", "load_digits", "load_points",
]  # fmt: skip


def load(settings: Settings) -> DataSet:
    """What a game under `settings` is about. Raises DataError."""
    if sample_of(settings.data) == "digits":
        return load_digits(settings.data)
    return load_points(settings.data, settings.drawn)
