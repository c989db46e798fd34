"""The games that a run has left and can go back to."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from gan_core.history import HISTOGRAMS, Evaluation, Film, History, Keyframe, StepRecord
from gan_core.settings import Settings

log = logging.getLogger(__name__)

KEPT_GAMES = 3  # so many can be gone back to; each costs some megabytes on disk


class KeptGame(NamedTuple):
    """A game that was left for another one, and the folder in which the trainer process saves it."""

    settings: Settings
    history: History
    folder: Path
    played: bool  # whether it was playing when it was left
    born: int  # serial of the Create that it began with
    left: int  # serial of the Create that followed
    opened: str | None  # the saved run that it goes on from


def keep(kept: list[KeptGame], game: KeptGame) -> list[KeptGame]:
    """One more kept game; the oldest beyond KEPT_GAMES are deleted."""
    games = [*kept, game]
    for forgotten in games[:-KEPT_GAMES]:
        shutil.rmtree(forgotten.folder, ignore_errors=True)
    return games[-KEPT_GAMES:]


def game_of(serial: int, kept: list[KeptGame]) -> KeptGame | None:
    """The kept game that a report with this serial speaks of."""
    return next((game for game in kept if game.born <= serial < game.left), None)


def record(history: History, arrays: Mapping[str, NDArray[Any]], step: int) -> None:
    """What a report brings, into the history of its game."""
    if "steps.step" in arrays:
        history.steps.extend({n: arrays[f"steps.{n}"] for n in StepRecord._fields})
    if "evaluations.step" in arrays:
        names = (*Evaluation._fields, *HISTOGRAMS)
        history.evaluations.extend({n: arrays[f"evaluations.{n}"] for n in names})
    if "digits" in arrays:
        # Copies: the arrays are views into a whole message, which a film would keep in memory.
        shown = (arrays[name].copy() for name in ("digits", "verdicts", "real_verdicts"))
        history.film.append(Keyframe(step, *shown))


def shelve_film(history: History, path: Path) -> bool:
    """Put the film on disk and keep its last frame only; whether that was possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        history.film.write(path)
    except OSError as error:
        log.warning("%s: a film stays in memory: %s", path.parent.parent.name, error)
        return False
    last, history.film = history.film.frames[-1], Film()
    history.film.append(last)
    return True


def unshelve_film(history: History, path: Path) -> None:
    """Take the film back from disk, and what has been filmed since behind it."""
    try:
        film = Film.read(path)
        path.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        log.warning("%s: a film is lost: %s", path.parent.parent.name, error)
        return
    for frame in history.film.frames:
        film.append(frame)
    history.film = film
