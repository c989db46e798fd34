"""The measures of the lab by name: what the command line and a lab process call, with results ready for JSON.

A measure is one entry here: a function of a trainer and a `Progress` that returns a NamedTuple or a mapping.
It draws nothing from the trainer's random numbers and changes no weight.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gan_core.history.packed import packed
from gan_core.measures.directions import Directions, filter_normalised_random, last_adam_update
from gan_core.measures.duality_gap import duality_gap
from gan_core.measures.feature_maps import feature_maps
from gan_core.measures.fresh_discriminator import fresh_discriminator
from gan_core.measures.frozen import Frozen, Progress, unheard
from gan_core.measures.mixing import mixing
from gan_core.measures.overfitting import overfitting
from gan_core.measures.path_angle import path_angle
from gan_core.measures.pixels import neighbours, parzen_pair
from gan_core.measures.quality import SAMPLES, quality_of
from gan_core.measures.spectrum import spectrum
from gan_core.measures.surface import surface
from gan_core.measures.trajectory import path_ahead, projected, trajectory
from gan_core.measures.walk import choose_digit, walk
from gan_core.training import GanTrainer

Result = Mapping[str, Any] | tuple[Any, ...]  # by field: a mapping, or a NamedTuple
Option = bool | int | float | str

PATH_STEPS, PATH_MOMENTS = 60, 13
"""How far the game is followed for its path on the surface, and how many points that has."""
NEIGHBOURS = 10
"""Generated digits that are shown beside their nearest training digits."""


def default_directions(trainer: GanTrainer) -> Directions:
    """The last update of both players, or random ones where an optimiser remembers none."""
    try:
        return last_adam_update(trainer)
    except ValueError:
        return filter_normalised_random(trainer.settings.seed)(trainer)


def surface_with_path(
    trainer: GanTrainer, progress: Progress, directions: str = "update", path: bool = True
) -> dict[str, Any]:
    """V on a plane, and the next PATH_STEPS steps of the game projected on it.

    `directions`: update, path (main ones of those steps) or random. Raises ValueError for another word, and
    for a path of players that do not move.
    """
    wanted = DIRECTIONS.get(directions)
    if wanted is None:
        raise ValueError(f"directions = {directions!r:.40}: it must be one of {', '.join(DIRECTIONS)}")
    half, moments = 0.0, []
    if path:
        half = 0.5
        moments = path_ahead(trainer, PATH_STEPS, PATH_MOMENTS, lambda done: progress(half * done))
    found, explained = wanted(trainer, moments)
    drawn = surface(trainer, found, progress=lambda done: progress(half + (1.0 - half) * done))._asdict()
    if moments:
        drawn |= {f"path_{name}": value for name, value in projected(moments, found)._asdict().items()}
    return drawn | explained


def _by_path(trainer: GanTrainer, moments: Sequence[GanTrainer]) -> tuple[Directions, dict[str, float]]:
    """Main directions of the path, which begins at the present weights."""
    found = trajectory(moments)
    ways = projected(moments, found.directions)
    reach = max(2.0 * max(map(abs, (*ways.g, *ways.d))), 1e-3)
    return found.directions._replace(reach=reach), {
        "explained_g": found.explained_g, "explained_d": found.explained_d,
        "explained_by_chance": found.explained_by_chance,
    }  # fmt: skip


DIRECTIONS: dict[str, Callable[[GanTrainer, Sequence[GanTrainer]], tuple[Directions, dict[str, float]]]] = {
    "update": lambda trainer, _: (default_directions(trainer), {}),
    "path": _by_path,
    "random": lambda trainer, _: (filter_normalised_random(trainer.settings.seed)(trainer), {}),
}


def quality_and_parzen(trainer: GanTrainer, progress: Progress) -> dict[str, float]:
    """Every measure of generated digits. Raises ValueError if the game is not played with digits."""
    found = quality_of(trainer)
    progress(0.7)
    found |= parzen_pair(Frozen(trainer), SAMPLES)._asdict()
    progress(1.0)
    return found


def overfitting_and_neighbours(trainer: GanTrainer, progress: Progress) -> dict[str, Any]:
    """D on its training samples; of digits also the nearest training digit of NEIGHBOURS generated ones."""
    found = overfitting(trainer)._asdict()
    progress(0.5)
    if trainer.data.toy is None:
        found |= neighbours(Frozen(trainer), NEIGHBOURS)._asdict()
    progress(1.0)
    return found


LAB: dict[str, Callable[..., Result]] = {
    "fresh_discriminator": fresh_discriminator,
    "surface": surface_with_path,
    "spectrum": spectrum,
    "duality_gap": duality_gap,
    "overfitting": overfitting_and_neighbours,
    "quality": quality_and_parzen,
    "path_angle": path_angle,
    "walk": walk,
    "choose_digit": choose_digit,
    "mixing": mixing,
    "feature_maps": feature_maps,
}
"""Called with a trainer, `progress` by name, and options of their own by name."""


def measure(
    trainer: GanTrainer, name: str, progress: Progress = unheard, options: Mapping[str, Option] | None = None
) -> dict[str, Any]:
    """The result of that measure by field, ready for JSON. Raises what the measure raises.

    ValueError: there is no such measure or option, or it does not fit this game. ArithmeticError: it met
    numbers that are not finite.
    """
    if name not in LAB:
        raise ValueError(f"there is no measure called {name!r:.40}, only {', '.join(LAB)}")
    known = inspect.signature(LAB[name]).parameters
    for option in options or {}:
        if option not in known or option in ("trainer", "progress"):
            raise ValueError(f"the measure {name} has no option {option!r:.40}")
    found = LAB[name](trainer, progress=progress, **(options or {}))
    fields = found if isinstance(found, Mapping) else found._asdict()  # type: ignore[attr-defined]
    return {field: plain(value) for field, value in fields.items()}


def sentence(error: Exception) -> str:
    """What an error says, with a full stop."""
    text = str(error)
    return text if text.endswith(".") else f"{text}."


def plain(value: Any) -> Any:
    """Arrays as lists, stacks of pictures packed, complex numbers as [real, imaginary]."""
    if isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.ndim >= 3:
        return packed(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
