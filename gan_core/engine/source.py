"""Where a run's game comes from: its settings, a saved folder, or its own checkpoints."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gan_core import checkpoint, data
from gan_core.checkpoint import CheckpointError
from gan_core.devices import device_for
from gan_core.engine import wire
from gan_core.engine.run import Run
from gan_core.engine.saving import checkpoints, path_of
from gan_core.folders import copy_of
from gan_core.settings import Settings
from gan_core.training import GanTrainer

log = logging.getLogger(__name__)


class Source(NamedTuple):
    """A trainer, and whether its game begins here: at a first step that its settings can bring back."""

    trainer: GanTrainer
    fresh: bool


def build(
    command: wire.Create, settings: Settings, folder: Path, mark: Callable[[str, int], None]
) -> Source:
    """The game that `command` asks for, under `settings`; `folder` is the run's, `mark` notes what is read.

    Raises CheckpointError or DataError.
    """
    own = folder / wire.CHECKPOINTS
    source = _resumed(own, command.before, mark) if command.resume else None
    if source is None and command.opened is not None:
        source = _opened(Path(command.opened), own, mark)
    if source is None:
        _delete(checkpoints(own))  # of another game: they must not be gone back to
        source = Source(GanTrainer(settings, data.load(settings), device_for(settings)), fresh=True)
    if settings.same_structure(source.trainer.settings):
        source.trainer.adopt(settings)
    return source


def keep(before: Run | None, target: Path, folder: Path) -> bool:
    """Save the game that a run leaves in `target`; whether it is there.

    `before` is None where its trainer process has died, or has saved and forgotten it: its newest
    checkpoint is the game then.
    """
    try:
        own = checkpoints(folder / wire.CHECKPOINTS)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():  # a trainer process saved it and died before it could tell
            return True
        if before is None or before.saver.has(before.trainer.steps_done):
            if not own:
                return False
            copy_of(own[0], target)
        elif before.trainer.steps_done > 0:
            checkpoint.save(before.trainer, target)
    except OSError as error:
        log.warning("%s: the game that was left cannot be kept: %s", folder.name, error)
    return target.is_dir()


def _resumed(own: Path, before: int | None, mark: Callable[[str, int], None]) -> Source | None:
    """The newest checkpoint that can be read, of a step below `before`; None if there never was one.

    Newer ones that cannot be read, or are too late, are deleted. Raises CheckpointError if none can be read.
    """
    problem: CheckpointError | None = None
    found = checkpoints(own)
    for position, path in enumerate(found):
        if before is not None and int(path.stem) >= before:
            continue
        mark("open", int(path.stem))
        try:
            trainer = checkpoint.load(path, device_for)
        except CheckpointError as error:
            log.warning("%s: %s", own.parent.name, error)
            problem = error
            continue
        _delete(found[:position])
        return Source(trainer, fresh=False)
    if problem is not None:
        raise problem
    return None


def _opened(path: Path, own: Path, mark: Callable[[str, int], None]) -> Source:
    """The game saved in `path`; a game that was kept becomes this run's own checkpoint."""
    is_kept = path.parent == own.parent / wire.KEPT
    mark("open", 0)
    became = next(iter(checkpoints(own)), None)
    if is_kept and not path.is_dir() and became is not None:
        return Source(checkpoint.load(became, device_for), fresh=False)
    trainer = checkpoint.load(path, device_for)
    _delete(checkpoints(own))
    if is_kept:
        with contextlib.suppress(OSError):  # where it stays in place, nothing is lost
            own.mkdir(parents=True, exist_ok=True)
            os.replace(path, path_of(own, trainer.steps_done))
    return Source(trainer, fresh=False)


def _delete(paths: list[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
