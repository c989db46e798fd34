"""Runs on disk, without torch: the web process writes and reads them.

    meta.json                          our mark, the format, and whose run it is; written last
    settings.json                      every setting
    history.parquet, evaluations.parquet, changes.json, results.json
    film/                              a file for each keyframe
    checkpoints/<step, 12 digits>/     written by the trainer process (gan_core.checkpoint)

A folder without a readable meta.json is no run. Folders from before there was a meta.json (format 1) hold one
checkpoint at the top; `open_folder` reads them, too.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import platformdirs

from gan_core.folders import newest_first, read_json, write_text
from gan_core.history import History
from gan_core.run_folder import LibraryError as LibraryError
from gan_core.run_folder import Meta as Meta
from gan_core.run_folder import meta_if_ours, no_run, read_meta, refuse_foreign, write_meta
from gan_core.settings import Settings, SettingsError, read_settings

CHECKPOINTS, FILM, TRASH = "checkpoints", "film", ".trash"
TRASH_SECONDS = 7 * 24 * 3600.0
DEFAULT_MB = 2000
RECORD_BYTES = 200_000_000  # of one file of records or pictures; an unattended hour has a tenth of it

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SavedRun(NamedTuple):
    """A run as it can be gone on with."""

    meta: Meta
    settings: Settings
    history: History  # up to the step of the checkpoint
    checkpoint: Path | None  # None: there is none yet, and the game begins at step 0


# Where runs are


def data_root() -> Path:
    """The folder of everything that is kept for this user."""
    told = os.environ.get("GAN_DATA_DIR")
    return Path(told) if told else platformdirs.user_data_path("gan-equilibrium-explorer", appauthor=False)


def runs_root() -> Path:
    """The folder of all runs."""
    return data_root() / "runs"


def folder_of(root: Path, name: str) -> Path:
    """Where the run of that name is, or would be. Raises LibraryError: a name may come from an address."""
    if not _NAME.fullmatch(name):
        raise LibraryError(f"{name[:40]!r} is not a name of a run: use at most 64 letters, digits, - or _.")
    return root / name


def list_runs(root: Path) -> list[Meta]:
    """The runs below `root`, the last saved one first; whatever else is there is passed over."""
    found = []
    for folder in root.glob("*"):
        if _NAME.fullmatch(folder.name) and not folder.is_symlink():
            meta = meta_if_ours(folder)
            found += [meta] if meta else []
    return sorted(found, key=lambda meta: meta.saved, reverse=True)


def run_folders(root: Path) -> list[Path]:
    """Folders below `root` that hold a run of any format, whole or damaged, the last written one first."""
    found = {path.parent for name in ("meta.json", "settings.json") for path in root.glob(f"*/{name}")}
    plain = [path for path in found if not path.is_symlink() and not path.name.startswith(".")]
    return sorted(plain, key=lambda path: path.stat().st_mtime, reverse=True)


# Write and read


def save(folder: Path, meta: Meta, settings: Settings, history: History) -> None:
    """Everything the web process knows of a run. Raises OSError; call it again when there is room.

    Each file is whole or not at all. Killed between two files, the run opens with what both tell. Call it
    with an empty history before the trainer process hears of another game, so that its first checkpoints
    never meet the records of the game before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = meta_if_ours(folder)
    if before is not None and before.game != meta.game:
        (folder / "meta.json").unlink()  # the records of two games must not be read as one
    write_text(folder / "settings.json", settings.model_dump_json(indent=1))
    history.write_records(folder)
    history.film.sync(folder / FILM)
    title = meta.title or (before.title if before is not None else "")  # `rename` alone takes it away
    write_meta(folder, meta.model_copy(update={"title": title, "saved": time.time()}))


def read(folder: Path) -> SavedRun:
    """A run of this format. Raises LibraryError.

    Records and checkpoints are written by two processes, and either can be newer. The run goes on from the
    newest checkpoint that the records reach to; what was recorded after it is forgotten.
    """
    return _read(folder, read_meta(folder))


def open_folder(folder: Path) -> SavedRun:
    """A run of any format up to this one. Raises LibraryError."""
    if (folder / "meta.json").exists() or not (folder / "settings.json").exists():
        return read(folder)
    written = (folder / "settings.json").stat().st_mtime
    return _read(folder, Meta(format=1, name=folder.name, title=folder.name, created=written, saved=written))


def _read(folder: Path, meta: Meta) -> SavedRun:
    try:
        for file in folder.glob("*"):
            if file.is_file() and file.stat().st_size > RECORD_BYTES:
                raise no_run(folder, f"its {file.name} is too large ({file.stat().st_size / 1e6:,.0f} MB)")
        settings, history = read_settings(folder / "settings.json"), History.read(folder)
    except OSError as error:
        raise no_run(folder, f"it cannot be read ({error.strerror})") from error
    except LibraryError:
        raise
    except (SettingsError, ValueError) as error:
        raise LibraryError(str(error)) from error
    recorded = history.steps.columns["step"]
    last = int(recorded[-1]) if len(recorded) else 0
    checkpoint = _fitting(_checkpoints(folder), last)
    if checkpoint is None and last > 0:
        raise no_run(folder, "it holds no checkpoint")
    step = checkpoint[0] if checkpoint else 0
    history.lone = meta.lone if meta.format > 1 else (1, step)  # format 1 does not tell
    history.forget_after(step)
    path = checkpoint[1] if checkpoint else None
    return SavedRun(meta.model_copy(update={"step": step}), settings, history, path)


def _checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Steps and folders, newest first. A run kept by the command line holds its checkpoint at the top."""
    named = [path for path in newest_first(folder / CHECKPOINTS) if re.fullmatch(r"\d{12}", path.stem)]
    found = [(int(path.stem), path) for path in named]
    if (folder / "state.json").exists():
        try:
            found.append((_whole_number(read_json(folder / "state.json")["steps_done"]), folder))
        except (OSError, ValueError, KeyError) as error:
            raise no_run(folder, "its state.json is damaged") from error
    return sorted(found, key=lambda item: item[0], reverse=True)


def _fitting(checkpoints: list[tuple[int, Path]], last: int) -> tuple[int, Path] | None:
    """The newest one the records reach to. Where all are newer, the oldest leaves the smallest gap, unless
    nothing is recorded: then they are of the game before.
    """
    reached = [item for item in checkpoints if item[0] <= last]
    if reached:
        return reached[0]
    return checkpoints[-1] if checkpoints and last > 0 else None


def _whole_number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10**12:
        raise ValueError(f"{value!r:.40} is no step")
    return value


# Names, trash, and size


def rename(folder: Path, title: str) -> Meta:
    """Give a run a title, or take it away; returns what is known of it now. Raises LibraryError, OSError."""
    meta = Meta.model_validate(read_meta(folder).model_dump() | {"title": title})
    write_meta(folder, meta)
    return meta


def delete(folder: Path) -> None:
    """Move a run into the trash beside it, where `undelete` finds it. Raises LibraryError, OSError."""
    refuse_foreign(folder)
    trash = folder.parent / TRASH
    trash.mkdir(exist_ok=True)
    if trash.is_symlink():
        raise LibraryError(f"{TRASH} beside {folder.name} is a link, so nothing is moved there.")
    os.replace(folder, trash / f"{folder.name}.{time.time_ns()}")


def undelete(root: Path, name: str) -> Meta:
    """Bring back the run of that name that was deleted last. Raises LibraryError, OSError."""
    folder = folder_of(root, name)
    deleted = [path for _, path in _trash(root) if path.stem == name]
    if not deleted:
        raise LibraryError(f"There is no deleted run called {name}.")
    if folder.exists():
        raise LibraryError(f"There is a run called {name} again: delete or move it first.")
    os.replace(deleted[-1], folder)
    return read_meta(folder)


def bound(root: Path, limit: int | None = None, held: Collection[str] = ()) -> list[str]:
    """Delete until all runs below `root` have at most `limit` bytes; names of what is gone for good.

    First what has been in the trash for a week, then the rest of the trash, then runs without a title that
    are not `held`; the oldest first.
    """
    limit = limit_bytes() if limit is None else limit
    now, trash, runs = time.time(), _trash(root), list_runs(root)
    size = {path: _size(path) for path in [p for _, p in trash] + [root / meta.name for meta in runs]}
    late = {path for since, path in trash if now - since > TRASH_SECONDS}
    unnamed = [root / meta.name for meta in reversed(runs) if not meta.title and meta.name not in held]
    total, gone = sum(size.values()), []
    for path in [path for _, path in trash] + unnamed:
        if (path in late or total > limit) and _remove(path):
            total -= size[path]
            gone.append(path.name)
    return gone


def limit_bytes() -> int:
    """How much all runs may have: GAN_LIBRARY_MB, or the default. Raises LibraryError."""
    told = os.environ.get("GAN_LIBRARY_MB", str(DEFAULT_MB))
    if not re.fullmatch(r"\d{1,9}", told, re.ASCII):
        raise LibraryError(f"GAN_LIBRARY_MB = {told[:40]!r} does not fit: it must be a whole number of MB.")
    return int(told) * 1_000_000


def _trash(root: Path) -> list[tuple[float, Path]]:
    """When each deleted run was deleted, and where it is; the oldest first."""
    entries = [] if (root / TRASH).is_symlink() else list((root / TRASH).glob("*"))
    timed = [path for path in entries if re.fullmatch(r"\.\d{1,20}", path.suffix, re.ASCII)]
    return sorted((int(path.suffix[1:]) / 1e9, path) for path in timed)


def _remove(folder: Path) -> bool:
    """Delete a run for good, if it is ours alone; whether it is gone."""
    try:
        refuse_foreign(folder)
    except LibraryError:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
