"""What a run leaves behind: records as columns, thinned so that an hour costs no more than a minute.

A `Log` holds at most `capacity` rows. When it is full, neighbours are merged in pairs and from
then on each row stands for twice as many records (`Log.stride`). Measured columns take the mean of
what they merge, ignoring what was not measured (NaN); steps and references take the last.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HISTOGRAM_BINS = 40
"""D's outputs are counted in this many equal bins over [0, 1]."""


class StepRecord(NamedTuple):
    """One training step, measured before the update. Nats for losses and values."""

    step: int
    d_loss: float  # summed over real and generated, with the labels in force
    g_loss: float
    real_term: float  # E log D(x) on the batch, eval mode; NaN where not measured
    fake_term: float  # E log(1 - D(G(z)))
    d_real: float  # mean D on the batch's real images, as trained on
    d_fake: float
    d_grad_norm: float  # Euclidean norm of D's gradient
    g_grad_norm: float
    d_pull: float  # what D's own step added to V on this batch; NaN where not measured
    g_pull: float  # what G's own step added to V (it wants less)
    d_reference: float  # equilibrium output under the labels in force
    value_reference: float  # V there


class Evaluation(NamedTuple):
    """The players on all held-out digits and as many fresh fakes, in eval mode."""

    step: int
    images: int  # of each kind
    d_real: float  # mean of D
    d_fake: float
    real_low: float  # 10 % and 90 % quantiles of D
    real_high: float
    fake_low: float
    fake_high: float
    real_term: float
    fake_term: float
    accuracy: float  # balanced, at the equilibrium output
    overfit_gap: float  # mean D on training digits minus mean D on held-out ones
    d_dead: float  # share of hidden units that pass (almost) no gradient
    g_dead: float
    spread: float  # RMS distance of two fakes over that of two real digits
    d_reference: float
    value_reference: float

    @property
    def value(self) -> float:
        """V, in nats."""
        return self.real_term + self.fake_term


KEEPS_LAST = frozenset({"step", "images", "d_reference", "value_reference"})
HISTOGRAMS = ("real_histogram", "fake_histogram")  # shares of outputs in each bin, [HISTOGRAM_BINS]


class Log:
    """Columns of at most `capacity` merged rows; `columns[name]` is [rows] or [rows, width]."""

    def __init__(self, widths: Mapping[str, int], capacity: int) -> None:
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity = {capacity} does not fit: it must be even and at least 2")
        self.widths = dict(widths)
        self.capacity = capacity
        self.stride = 1
        self.columns: dict[str, Array] = {name: self._empty(name) for name in widths}
        self._waiting: dict[str, Array] = {name: self._empty(name) for name in widths}

    def _empty(self, name: str) -> Array:
        width = self.widths[name]
        return np.empty((0, width) if width else (0,))

    def __len__(self) -> int:
        return len(self.columns["step"])

    def extend(self, block: Mapping[str, NDArray[np.floating]]) -> None:
        """Append records: for each column an array [n] or [n, width], oldest first."""
        for name in self.widths:
            self._waiting[name] = np.concatenate([self._waiting[name], np.asarray(block[name], float)])
        self._settle()

    def _settle(self) -> None:
        while (whole := len(self._waiting["step"]) // self.stride * self.stride) > 0:
            room = (self.capacity - len(self)) * self.stride
            taken = min(whole, room)
            for name, waiting in self._waiting.items():
                merged = _merge(name, waiting[:taken], self.stride)
                self.columns[name] = np.concatenate([self.columns[name], merged])
                self._waiting[name] = waiting[taken:]
            if len(self) == self.capacity:
                self.columns = {name: _merge(name, column, 2) for name, column in self.columns.items()}
                self.stride *= 2

    def forget_after(self, step: int) -> None:
        """Drop every row that speaks of a later step (a run that went back to a checkpoint)."""
        for store in (self.columns, self._waiting):
            keep = store["step"] <= step
            for name in self.widths:
                store[name] = store[name][keep]

    def until(self, step: float) -> dict[str, Array]:
        """The columns up to and including `step`."""
        count = int(np.searchsorted(self.columns["step"], step, side="right"))
        return {name: column[:count] for name, column in self.columns.items()}

    def write_parquet(self, path: Path) -> None:
        """Write the columns; `records_per_row` in the file's metadata is the stride."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({n: pa.array(list(c) if c.ndim == 2 else c) for n, c in self.columns.items()})
        pq.write_table(table.replace_schema_metadata({"records_per_row": str(self.stride)}), path)

    @classmethod
    def read_parquet(cls, path: Path, widths: Mapping[str, int], capacity: int) -> Self:
        """Read what `write_parquet` wrote. Raises ValueError, a sentence without the folder's path."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path)
            log = cls(widths, capacity)
            log.stride = int((table.schema.metadata or {})[b"records_per_row"])
            for name, width in widths.items():
                column = np.array(table[name].to_pylist(), float)
                log.columns[name] = column.reshape((-1, width) if width else (-1,))
        except (KeyError, ValueError, OSError, pa.ArrowException) as error:
            raise ValueError(f"{path.name} is missing, damaged or not the history of a run.") from error
        while len(log) >= capacity:
            odd = len(log) % 2
            log.columns = {n: _merge(n, c[: len(c) - odd], 2) for n, c in log.columns.items()}
            log.stride *= 2
        return log


def _merge(name: str, column: Array, group: int) -> Array:
    """Merge each `group` neighbouring rows: the last of a step or reference, else the mean."""
    if group == 1 or len(column) == 0:
        return column
    grouped = column.reshape(-1, group, *column.shape[1:])
    if name in KEEPS_LAST:
        return grouped[:, -1]
    known = ~np.isnan(grouped)
    count = known.sum(axis=1)
    total = np.where(known, grouped, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


STEP_WIDTHS = dict.fromkeys(StepRecord._fields, 0)
EVALUATION_WIDTHS = dict.fromkeys(Evaluation._fields, 0) | dict.fromkeys(HISTOGRAMS, HISTOGRAM_BINS)


def as_block(records: Sequence[NamedTuple]) -> dict[str, Array]:
    """Records as columns, ready for `Log.extend` or the wire; nothing at all without records."""
    if not records:
        return {}
    table = np.array(records, float)
    return {name: table[:, i] for i, name in enumerate(records[0]._fields)}


def histogram(outputs: NDArray[np.floating]) -> Array:
    """Share of D's outputs in each of HISTOGRAM_BINS equal bins over [0, 1]; sums to 1."""
    counts, _ = np.histogram(outputs, bins=HISTOGRAM_BINS, range=(0.0, 1.0))
    return counts / max(len(outputs), 1)


FILM_CAPACITY = 160
"""Keyframes of a run at most: 8 MB of grey values, and finer than a scrubber can be pushed."""


@dataclass(frozen=True, eq=False)
class Keyframe:
    """What rewinding shows besides the curves."""

    step: int
    digits: NDArray[np.uint8]  # [64, 784], fixed latents
    verdicts: Array  # [64], D on those digits
    real_verdicts: Array  # [n], D on the real digits shown beside them


_KEYFRAME = tuple(field.name for field in fields(Keyframe))


class Film:
    """At most `capacity` keyframes; when full, every second one goes."""

    def __init__(self, capacity: int = FILM_CAPACITY) -> None:
        self.capacity = capacity
        self.frames: list[Keyframe] = []
        self._spacing = 0.0  # steps between two frames, once it had to be halved

    def append(self, frame: Keyframe) -> None:
        """Add the newest frame; the last one gives way if it came too soon after its neighbour."""
        frames = self.frames
        while frames and frames[-1].step >= frame.step:
            frames.pop()
        if len(frames) >= 2 and frames[-1].step - frames[-2].step < self._spacing:
            frames.pop()
        frames.append(frame)
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
            columns = {name: [getattr(frame, name) for frame in self.frames] for name in _KEYFRAME}
            with path.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, spacing=self._spacing, **columns)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote; without a file, no frames. Raises ValueError without the folder's path."""
        film = cls()
        if not path.exists():
            return film
        try:
            with np.load(path, allow_pickle=False) as arrays:
                columns = [arrays[name] for name in _KEYFRAME]
                film._spacing = float(arrays["spacing"])
            film.frames = _keyframes(*columns)
        except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile, zlib.error) as error:
            raise ValueError(f"{path.name} is damaged or not the film of a run.") from error
        return film


def _keyframes(
    steps: NDArray[np.integer], digits: NDArray[np.uint8], verdicts: Array, real_verdicts: Array
) -> list[Keyframe]:
    """Frames from their columns. Raises ValueError where these are no pictures of one game."""
    grey = digits.dtype == np.uint8 and digits.ndim == 3 and digits.shape[:2] == verdicts.shape
    if not grey or real_verdicts.ndim != 2:
        raise ValueError(f"digits {digits.shape}, verdicts {verdicts.shape}, {real_verdicts.shape}")
    rows = zip(steps, digits, verdicts, real_verdicts, strict=True)
    return [Keyframe(int(step), *shown) for step, *shown in rows]


class History:
    """Everything recorded of one run, as the web side keeps it."""

    def __init__(self, step_capacity: int = 2048, evaluation_capacity: int = 512) -> None:
        self.steps = Log(STEP_WIDTHS, step_capacity)
        self.evaluations = Log(EVALUATION_WIDTHS, evaluation_capacity)
        self.film = Film()

    def write(self, folder: Path) -> None:
        """The records into history.parquet and evaluations.parquet, the pictures into film.npz."""
        self.steps.write_parquet(folder / "history.parquet")
        self.evaluations.write_parquet(folder / "evaluations.parquet")
        self.film.write(folder / "film.npz")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `write` left in `folder`, thinned to this history's capacity; folders from before there
        were films open without one. Raises ValueError, one sentence that names the folder.
        """
        history = cls()
        steps, evaluations = history.steps, history.evaluations
        try:
            history.steps = Log.read_parquet(folder / "history.parquet", steps.widths, steps.capacity)
            history.evaluations = Log.read_parquet(
                folder / "evaluations.parquet", evaluations.widths, evaluations.capacity
            )
            history.film = Film.read(folder / "film.npz")
        except ValueError as error:
            raise ValueError(f"{folder.name} holds no run that can be opened: {error}") from error
        return history

    def forget_after(self, step: int) -> None:
        """Drop whatever was recorded after `step`."""
        self.steps.forget_after(step)
        self.evaluations.forget_after(step)
        self.film.frames = [frame for frame in self.film.frames if frame.step <= step]
