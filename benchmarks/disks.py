"""Disks that fail on purpose, for `benchmarks.faults`. Linux, and only as root."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

BLOCK = bytes(4096)
REFILL_SECONDS = 0.01


class RefusedError(RuntimeError):
    """This machine lets nobody mount anything; the message says why."""


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A folder that is a disk of its own, in memory. Raises RefusedError."""
    with tempfile.TemporaryDirectory(prefix="gan-faults-") as folder:
        _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        try:
            yield Path(folder)
        finally:
            _run("umount", "--lazy", folder)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No room on the disk of `folder`, until the end of the block, whatever others delete meanwhile."""
    ballast, done = folder / "ballast", Event()
    thread = Thread(target=_fill, args=(ballast, done))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        ballast.unlink()


def _fill(ballast: Path, done: Event) -> None:
    with ballast.open("wb", buffering=0) as file:
        while not done.is_set():
            try:
                file.write(BLOCK)
            except OSError:  # full
                done.wait(REFILL_SECONDS)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody can write below `folder`, until the end of the block.

    The folder is mounted onto itself: the disk as a whole cannot be made read-only while the server has a
    file of it open.
    """
    _run("mount", "--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*words: str) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise RefusedError(f"there is no {words[0]}") from error
    except subprocess.CalledProcessError as error:
        raise RefusedError(error.stderr.strip()) from error
