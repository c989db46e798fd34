"""The runs of an engine on disk: saved while they play, and found again after a restart.

The trainer process writes checkpoints into a run's folder; this side writes everything else, right after it
has heard of a new checkpoint. Killing any process at any moment therefore costs a run no more training than
lies between two checkpoints.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
from pathlib import Path
from typing import IO

from gan_core import library
from gan_core.bundled import reason_of
from gan_core.engine import wire
from gan_core.engine.handle import RunHandle
from gan_core.history import History
from gan_core.library import LibraryError, SavedRun
from gan_core.run_folder import Meta

log = logging.getLogger(__name__)


class Shelf:
    """The runs below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._saved: dict[str, Meta] = {}  # what was written last, by run
        self._results: dict[str, int] = {}  # how many results of the lab had come by then

    def save(self, run: RunHandle, *, empty: bool = False) -> None:
        """Write what the web process knows of a run, if anybody has moved in it and anything has changed.

        `empty`: another game is about to begin, so nothing is recorded yet. What the disk refuses is told to
        the run's owner, and the next call tries again.
        """
        with run.lock:
            if run.films_are_away:
                return  # it was saved before it was put away
            meta, before = self._meta_of(run, empty=empty), self._saved.get(run.name)
            measured = run.history.results.version
            is_known = meta == before and measured == self._results.get(run.name, 0)
            if is_known or (before is None and meta.step == 0):
                return
            settings, history = run.settings, History() if empty else run.history.snapshot()
        try:
            library.save(self.root / run.name, meta, settings, history)
        except OSError as error:
            if run.unsaved is None:
                log.warning("%s: saving fails: %s", run.name, error)
            run.say_unsaved(f"The run cannot be saved ({reason_of(error)}). Training continues.")
            return
        self._saved[run.name], self._results[run.name] = meta, measured
        run.say_unsaved(None)
        log.debug("%s: saved at step %d", run.name, meta.step)

    def find(self, name: str) -> SavedRun | None:
        """The run of that name as it was saved; None where there is none that can be opened."""
        try:
            saved = library.read(library.folder_of(self.root, name))
        except LibraryError as error:
            log.info("a run cannot be taken from disk: %s", error)  # most names come from old addresses
            return None
        self._saved[name] = saved.meta
        return saved

    def put_away(self, run: RunHandle) -> None:
        """Nobody holds the run any more: it stays as it was saved, without the games it had left."""
        self._saved.pop(run.name, None)
        self._results.pop(run.name, None)
        for folder in (wire.KEPT, wire.FILMS):
            shutil.rmtree(self.root / run.name / folder, ignore_errors=True)

    def has(self, run: RunHandle) -> bool:
        """Whether the run has been saved."""
        return run.name in self._saved

    def bound(self, held: list[str]) -> None:
        """Keep all runs together below the limit; see `library.bound`."""
        for name in library.bound(self.root, held=held):
            log.info("%s: deleted, since saved runs took too much room", name)

    @staticmethod
    def _meta_of(run: RunHandle, *, empty: bool) -> Meta:
        # Equal as long as nothing worth writing has changed: steps count when their checkpoint is there.
        step = 0 if empty else run.checkpoint_step or 0
        return Meta(
            name=run.name, created=run.created, owner=run.owner, step=step,
            wants_to_play=run.wants_to_play or run.plays_when_held, state=run.state, game=run.game,
            lone=None if empty else run.history.lone,
        )  # fmt: skip


def locked_root(root: Path) -> tuple[Path, IO[str] | None]:
    """`root`, or the first of root-2, root-3, ... that no other server holds; and the file that holds it.

    Two servers that wrote the same run would spoil it. The system frees the lock when the process ends.
    """
    for count in range(1, 100):
        folder = root if count == 1 else root.with_name(f"{root.name}-{count}")
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / ".lock").open("w")
        if _lock(held):
            return folder, held
        held.close()
    raise OSError(f"{root} and 98 folders like it are in use by other servers")


def _lock(file: IO[str]) -> bool:
    if sys.platform == "win32":
        import msvcrt

        with contextlib.suppress(OSError):
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            return True
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
