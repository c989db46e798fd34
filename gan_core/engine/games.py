"""The games that a run has left and can go back to."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from numpy.typing import NDArray

from gan_core.history import Film, History, Keyframe, Moment
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
    """What a report brings, into the history of its game.

    `steps.NAME` and `evaluations.NAME` are new rows of columns, `film.NAME` the arrays of a picture.
    """
    for log_name, rows in (("steps", history.steps), ("evaluations", history.evaluations)):
        block = _named(log_name, arrays)
        if "step" in block:
            rows.extend(block)
    picture = _named("film", arrays)
    if picture:
        history.film.append(Keyframe(step, picture))


def moments_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    """The pictures of a step made in slow motion, by their moment; nothing after any other step."""
    found = {moment: _named(moment, arrays) for moment in get_args(Moment)}
    return {m: {n: array.copy() for n, array in picture.items()} for m, picture in found.items() if picture}


def _named(part: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays of one part of a report, by their names in it."""
    start = f"{part}."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


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
