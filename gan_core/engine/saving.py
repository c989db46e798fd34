"""The checkpoints of one run on disk: when they are written, and what happens where they cannot be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from gan_core import checkpoint
from gan_core.bundled import reason_of
from gan_core.folders import checkpoint_steps
from gan_core.training import GanTrainer

CHECKPOINT_SECONDS = 4.0
CHECKPOINT_SHARE = 0.02  # of the training time, at most, goes into checkpoints
KEPT_CHECKPOINTS = 3  # when its input ends, a process saves once more than the web side has records for

Clock = Callable[[], float]
log = logging.getLogger(__name__)


class Saver:
    """Writes the checkpoints of one game into `folder`, and knows which is the newest."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.step: int | None = None  # of the newest checkpoint on disk
        self.trouble: str | None = None  # why saving fails, a sentence; None while it works
        self._clock = clock
        self._tried_at = clock()
        self._cost = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time for the next checkpoint; a costly one is written more rarely."""
        wait = CHECKPOINT_SECONDS if self.trouble else max(CHECKPOINT_SECONDS, self._cost / CHECKPOINT_SHARE)
        return self._clock() - self._tried_at >= wait

    def has(self, step: int) -> bool:
        """Whether the checkpoint of this step is on disk; its folder may have been deleted by others."""
        return step == self.step and path_of(self.folder, step).is_dir()

    def save(self, trainer: GanTrainer) -> bool:
        """Write a checkpoint if there is none of this step; whether there is one now.

        What the disk refuses (full, read-only) is told in `trouble`; the next call tries again. A game whose
        weights are not finite is not saved.
        """
        self._tried_at, started = self._clock(), time.thread_time()
        step = trainer.steps_done
        if self.has(step):
            return True
        if not checkpoint.is_sound(trainer):
            return False
        path = path_of(self.folder, step)
        try:
            checkpoint.save(trainer, path)
        except OSError as error:
            self._complain(error)
            return False
        checkpoint.keep_newest(self.folder, KEPT_CHECKPOINTS)
        self._cost = time.thread_time() - started  # not the time that others took meanwhile
        self.step, self.trouble = step, None
        log.debug("%s: checkpoint at step %d in %.1f ms", self.folder.parent.name, step, 1000 * self._cost)
        return True

    def _complain(self, error: OSError) -> None:
        if self.trouble is None:
            log.warning("%s: saving fails: %s", self.folder.parent.name, error)
        self.trouble = (
            f"The run cannot be saved ({reason_of(error)}). Training continues, and saving is tried again "
            f"every {CHECKPOINT_SECONDS:.0f} seconds."
        )
        checkpoint.keep_newest(self.folder, 1)  # perhaps there is room next time


def path_of(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"{step:012d}"


def checkpoints(folder: Path) -> list[Path]:
    """The whole checkpoints of a run, newest first; whatever else lies in its folder is passed over."""
    return [path for _, path in checkpoint_steps(folder)]
