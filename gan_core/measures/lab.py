"""The measures of the lab by name: what the command line and a lab process call, with results ready for JSON.

A measure is one entry here: a function of a trainer and a `Progress` that returns a NamedTuple or a mapping.
It draws nothing from the trainer's random numbers and changes no weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gan_core.measures.directions import Directions, filter_normalised_random, last_adam_update
from gan_core.measures.duality_gap import duality_gap
from gan_core.measures.fresh_discriminator import fresh_discriminator
from gan_core.measures.frozen import Progress, unheard
from gan_core.measures.overfitting import overfitting
from gan_core.measures.quality import quality_of
from gan_core.measures.spectrum import spectrum
from gan_core.measures.surface import Surface, surface
from gan_core.training import GanTrainer

Result = Mapping[str, Any] | tuple[Any, ...]  # by field: a mapping, or a NamedTuple
Measure = Callable[[GanTrainer, Progress], Result]


def default_directions(trainer: GanTrainer) -> Directions:
    """The last update of both players, or random ones where an optimiser remembers none."""
    try:
        return last_adam_update(trainer)
    except ValueError:
        return filter_normalised_random(trainer.settings.seed)(trainer)


def _surface(trainer: GanTrainer, progress: Progress) -> Surface:
    return surface(trainer, default_directions(trainer), progress=progress)


def _quality(trainer: GanTrainer, progress: Progress) -> dict[str, float]:
    found = quality_of(trainer)
    progress(1.0)
    return found


LAB: dict[str, Measure] = {
    "fresh_discriminator": lambda trainer, progress: fresh_discriminator(trainer, progress=progress),
    "surface": _surface,
    "spectrum": lambda trainer, progress: spectrum(trainer, progress=progress),
    "duality_gap": lambda trainer, progress: duality_gap(trainer, progress=progress),
    "overfitting": lambda trainer, progress: overfitting(trainer, progress=progress),
    "quality": _quality,
}


def measure(trainer: GanTrainer, name: str, progress: Progress = unheard) -> dict[str, Any]:
    """The result of that measure by field, ready for JSON. Raises KeyError, and what the measure raises.

    ValueError: it does not fit this game. ArithmeticError: it met numbers that are not finite.
    """
    found = LAB[name](trainer, progress)
    fields = found if isinstance(found, Mapping) else found._asdict()  # type: ignore[attr-defined]
    return {field: plain(value) for field, value in fields.items()}


def plain(value: Any) -> Any:
    """Arrays as lists, complex numbers as [real, imaginary]; anything else as it is."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
