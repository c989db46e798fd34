"""What a trainer process is doing now, in memory shared with the web process.

The web process reads it when the trainer process has died: it names the run that was worked on, and where.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import NamedTuple, Self

SIZE = 256  # bytes


class Place(NamedTuple):
    """A piece of work: of which run, what kind of work, and at which step."""

    run: str
    work: str  # one word
    step: int


class Mark:
    """A file of SIZE bytes, mapped into the memory of both processes; it costs no system call to write."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SIZE)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new mark at `path`. Raises OSError."""
        # Real bytes: on a full disk, a hole in the file would end the process that writes into it.
        path.write_bytes(bytes(SIZE))
        return cls(path)

    def set(self, run: str, work: str, step: int) -> None:
        """From now on, until `clear`, this is being done."""
        self._memory[:] = f"{run} {work} {step}".encode()[:SIZE].ljust(SIZE, b"\0")

    def clear(self) -> None:
        """Nothing is being done."""
        self._memory[:1] = b"\0"

    def read(self) -> Place | None:
        """What is being done, or None."""
        words = self._memory[:].split(b"\0", 1)[0].decode(errors="replace").split(" ")
        if len(words) != 3 or not words[2].lstrip("-").isdecimal():
            return None
        return Place(words[0], words[1], int(words[2]))
