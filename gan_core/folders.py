"""Files and folders that are written whole or not at all, and read with care.

A process can be killed at any moment, so nothing is written where it will be read: a file is written beside
its place and renamed, and so is a folder. A folder cannot take the name of an old one that is not empty, so
the old one goes aside first (NAME.old). Killed between the renames, NAME is missing and NAME.old is whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan_core.history.files import PART, replaced

OLD = ".old"
CHECKPOINT = re.compile(r"\d{1,15}")  # a checkpoint's folder is named after its step
JSON_BYTES = 1_000_000  # settings and states have a thousandth of it


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file. Raises OSError, or ValueError if it is larger than `limit` bytes."""
    if not path.is_file():  # a pipe would be waited for without end
        raise FileNotFoundError(f"there is no file {path.name}")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"it is larger than {limit / 1e6:,.0f} MB")
    return content


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises OSError, or ValueError where it is too large or something else."""
    try:
        values = json.loads(read_bytes(path, JSON_BYTES))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    return values


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    with replaced(path) as part:
        part.write_text(text)


@contextmanager
def writing_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; at the end of the block it takes the place of `folder`.

    An old `folder` is deleted after the new one stands. The names beside it, NAME.part and NAME.old, must be
    ours to delete.
    """
    part = folder.with_name(folder.name + PART)
    aside = folder.with_name(folder.name + OLD)
    shutil.rmtree(part, ignore_errors=True)
    if aside.exists() and not folder.exists():
        os.replace(aside, folder)  # the last replacement was interrupted
    part.mkdir(parents=True)
    try:
        yield part
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(folder, aside)
        os.replace(part, folder)
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # on a full disk the room is needed


def standing(folder: Path) -> Path:
    """Where `folder` is to be read: itself, or what an interrupted replacement has left of it."""
    aside = folder.with_name(folder.name + OLD)
    return aside if aside.is_dir() and not folder.exists() else folder


def newest_first(folder: Path) -> list[Path]:
    """The whole checkpoints in a folder, the latest step first."""
    plain = {path.with_suffix("") if path.suffix == OLD else path for path in _folders(folder)}
    whole = sorted((path for path in plain if path.suffix != PART), reverse=True)
    return [standing(path) for path in whole]


def newest(folder: Path) -> Path | None:
    """The checkpoint of the latest step, if there is one."""
    return next(iter(newest_first(folder)), None)


def keep_newest(folder: Path, count: int) -> None:
    """Delete all but the `count` latest checkpoints, and what interrupted writes have left."""
    kept = set(newest_first(folder)[:count])
    for path in _folders(folder):
        if path not in kept and CHECKPOINT.fullmatch(path.name.removesuffix(OLD).removesuffix(PART)):
            shutil.rmtree(path, ignore_errors=True)


def checkpoint_steps(folder: Path) -> list[tuple[int, Path]]:
    """The whole checkpoints in a folder with their steps, the latest first."""
    return [(int(path.stem), path) for path in newest_first(folder) if path.stem.isdecimal()]


def copy_of(source: Path, target: Path) -> None:
    """`target` becomes the same checkpoint, whole or not at all; files are shared where the disk can.

    Files of a checkpoint are never written into, only deleted. Raises OSError.
    """
    with writing_folder(target) as part:
        shutil.copytree(source, part, copy_function=_link_or_copy, dirs_exist_ok=True)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if path.is_dir() and not path.is_symlink()]
