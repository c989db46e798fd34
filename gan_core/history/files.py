"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"
"""Ends the name of a file that is not yet whole."""


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Where to write what shall stand at `path`: renamed to it in the end, deleted after an error."""
    part = path.with_name(path.name + PART)
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
