"""Pictures for rewinding: at most so many, evenly spread over the run, in memory and on disk."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gan_core.history.files import replaced

FILM_CAPACITY = 160
"""Keyframes of a run at most: 8 MB of grey values, and finer than a scrubber can be pushed."""

FRAME_BYTES = 200_000
"""Of all arrays of a keyframe, at most: three times what the largest of ours has."""

SPACING = "spacing.json"
ROWS = "rows."
"""Before the name of an array that not every frame has: the rows of those that have it."""
_FRAME_FILE = re.compile(r"\d{12}\.npz")
_ARRAY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DAMAGES = (
    KeyError, ValueError, TypeError, OverflowError, RecursionError, OSError, EOFError, BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Keyframe:
    """What rewinding shows besides the curves: arrays by name, see `gan_core.measures.pictures`."""

    step: int
    arrays: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array of that name. Raises KeyError."""
        return self.arrays[name]

    def copy(self) -> Keyframe:
        """The same in memory of its own: arrays of a report are views that keep the whole report alive."""
        return Keyframe(self.step, {name: array.copy() for name, array in self.arrays.items()})

    @property
    def bytes(self) -> int:
        """Of all its arrays."""
        return sum(array.nbytes for array in self.arrays.values())


class Film:
    """At most `capacity` keyframes; when full, every second one goes."""

    def __init__(self, capacity: int = FILM_CAPACITY) -> None:
        self.capacity = capacity
        self.frames: list[Keyframe] = []
        self._spacing = 0.0  # steps between two frames, once it had to be halved
        self._written: tuple[Path, dict[int, Keyframe]] | None = None  # by `sync`: folder, and frames by step

    def copy(self) -> Film:
        """Another film with the same frames; none of them is ever written into."""
        copied = Film(self.capacity)
        copied.frames, copied._spacing = list(self.frames), self._spacing
        return copied

    def append(self, frame: Keyframe) -> None:
        """Add the newest frame; the last one gives way if it came too soon after its neighbour."""
        frames = self.frames
        while frames and frames[-1].step >= frame.step:
            frames.pop()
        if len(frames) >= 2 and frames[-1].step - frames[-2].step < self._spacing:
            frames.pop()
        frames.append(frame.copy())
        if len(frames) > self.capacity:
            self.frames = frames[::2]
            self._spacing = (self.frames[-1].step - self.frames[0].step) / max(len(self.frames) - 1, 1)

    def at(self, step: float) -> Keyframe:
        """The keyframe nearest to `step`. Raises IndexError on an empty film."""
        if not self.frames:
            raise IndexError("nothing has been filmed yet")
        return min(reversed(self.frames), key=lambda frame: abs(frame.step - step))

    def write(self, path: Path) -> None:
        """Write the frames as plain arrays, never pickle; without frames, no file."""
        if self.frames:
            with replaced(path) as part, part.open("wb") as file:
                np.savez_compressed(
                    file, allow_pickle=False, spacing=self._spacing, **_columns(self.frames)
                )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote; without a file, no frames. Raises ValueError without the folder's path."""
        film = cls()
        if not path.exists():
            return film
        with _reading(path), np.load(path, allow_pickle=False) as arrays:
            film._spacing = _spacing(float(arrays["spacing"]))
            film.frames = _keyframes({name: arrays[name] for name in arrays.files if name != "spacing"})
        return film

    def sync(self, folder: Path) -> None:
        """Make `folder` hold this film, a file for each keyframe; what is there already is not written again.

        Killed in between, it leaves whole frames only. Raises OSError; call it again when there is room.
        """
        frames = list(self.frames)  # more may come meanwhile
        folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in folder.iterdir()}
        there = self._written[1] if self._written is not None and self._written[0] == folder else {}
        with replaced(folder / SPACING) as part:
            part.write_text(json.dumps({"spacing": self._spacing}))
        for frame in frames:
            if there.get(frame.step) is not frame or _frame_name(frame.step) not in present:
                _write_frame(frame, folder)
        self._written = folder, {frame.step: frame for frame in frames}
        held = {_frame_name(frame.step) for frame in frames}
        for name in present - held:
            if _FRAME_FILE.fullmatch(name):
                (folder / name).unlink(missing_ok=True)

    @classmethod
    def read_folder(cls, folder: Path) -> Self:
        """Read what `sync` wrote; other files are ignored. Raises ValueError without the folder's path."""
        film, frames = cls(), []
        with _reading(folder / SPACING) as path:
            spacing = _spacing(json.loads(path.read_text())["spacing"])
        for path in sorted(path for path in folder.iterdir() if _FRAME_FILE.fullmatch(path.name)):
            with _reading(path), np.load(path, allow_pickle=False) as arrays:
                (frame,) = _keyframes({name: arrays[name][None] for name in arrays.files})
                if _frame_name(frame.step) != path.name:
                    raise ValueError(f"step {frame.step} in {path.name}")
                frames.append(frame)
        with _reading(folder):
            _refuse_two_games(frames)
        for frame in frames:
            film.append(frame)
        film._spacing = max(film._spacing, spacing)
        film._written = folder, {frame.step: frame for frame in film.frames}
        return film


def _frame_name(step: int) -> str:
    return f"{step:012d}.npz"


def _write_frame(frame: Keyframe, folder: Path) -> None:
    with replaced(folder / _frame_name(frame.step)) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, step=frame.step, **frame.arrays)


def _spacing(number: float) -> float:
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"spacing {number}")
    return float(number)


@contextmanager
def _reading(path: Path) -> Iterator[Path]:
    """Whatever goes wrong with this file, as a sentence without the path of its folder."""
    try:
        yield path
    except _DAMAGES as error:
        raise ValueError(f"{path.name} is damaged or not the film of a run.") from error


def _refuse_two_games(frames: list[Keyframe]) -> None:
    """Raises ValueError unless each frame's arrays are those of the fullest one, or some of them.

    A measure may be younger than a game, and the first picture of a game may lack what later ones hold.
    """
    fullest = max(frames, key=lambda frame: len(frame.arrays), default=None)
    if fullest is None:
        return
    known = _shapes(fullest).items()
    if any(not _shapes(frame).items() <= known for frame in frames):
        raise ValueError("pictures of two games")


def _shapes(frame: Keyframe) -> dict[str, tuple[Any, ...]]:
    return {name: (array.dtype, array.shape) for name, array in frame.arrays.items()}


def _columns(frames: list[Keyframe]) -> dict[str, Any]:
    """`step`, and one column an array; with its rows where only some frames have it."""
    columns: dict[str, Any] = {"step": [frame.step for frame in frames]}
    for name in dict.fromkeys(name for frame in frames for name in frame.arrays):
        rows = [row for row, frame in enumerate(frames) if name in frame.arrays]
        columns[name] = [frames[row][name] for row in rows]
        if len(rows) < len(frames):
            columns[ROWS + name] = rows
    return columns


def _keyframes(columns: dict[str, NDArray[Any]]) -> list[Keyframe]:
    """Frames from `_columns`. Raises ValueError where they are not of one game."""
    steps = columns.pop("step")
    rows = {
        name: columns.pop(ROWS + name, np.arange(len(steps)))
        for name in [name for name in columns if not name.startswith(ROWS)]
    }
    sound = all(name in rows and _is_sound(name, column, rows[name]) for name, column in columns.items())
    whole = all(_ascend(held) and (held < len(steps)).all() for held in rows.values())
    if not (columns and sound and whole and _ascend(steps)):
        raise ValueError(f"steps {steps}, arrays {[(n, c.dtype, c.shape) for n, c in columns.items()]}")
    places = {name: dict(zip(held.tolist(), columns[name], strict=True)) for name, held in rows.items()}
    frames = [
        Keyframe(int(step), {name: held[row] for name, held in places.items() if row in held}).copy()
        for row, step in enumerate(steps)
    ]
    _refuse_two_games(frames)
    if not all(frame.arrays and _are_digits_whole(frame) for frame in frames):
        raise ValueError("a picture without its arrays")
    if any(frame.bytes > FRAME_BYTES for frame in frames):
        raise ValueError("a picture is too large")
    return frames


def _ascend(numbers: NDArray[Any]) -> bool:
    """Whether these are rising whole numbers, none below 0."""
    return numbers.dtype.kind in "iu" and bool((numbers >= 0).all() and (np.diff(numbers) > 0).all())


def _is_sound(name: str, column: NDArray[Any], rows: NDArray[Any]) -> bool:
    """Whether this is an array that a page can draw, for each of these rows."""
    kind = column.dtype.kind == "f" or column.dtype == np.uint8
    return bool(_ARRAY.fullmatch(name)) and kind and 2 <= column.ndim <= 4 and len(column) == len(rows)


def _are_digits_whole(frame: Keyframe) -> bool:
    """Whether digits, if there are any, are grey values, and D's verdicts are on these digits."""
    if "digits" not in frame.arrays:
        return True
    digits, verdicts, real = (frame[name] for name in ("digits", "verdicts", "real_verdicts"))
    grey = digits.dtype == np.uint8 and digits.ndim == 2 and digits.shape[:1] == verdicts.shape
    return grey and verdicts.dtype.kind == real.dtype.kind == "f" and real.ndim == 1
