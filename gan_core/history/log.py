"""Records as columns, thinned so that an hour costs no more than a minute.

A `Log` shows at most `capacity` rows, in three parts:

    merged    each row stands for `stride` records
    rest      at most one row, for the records that do not fill a merged row yet
    tail      the newest records, each a row of its own

Records leave the tail at its old end, `stride` at a time, as one merged row. When the merged rows
are too many, they are merged in pairs, and the stride doubles. Measured columns take the mean of
what they merge, ignoring what was not measured (NaN); steps and references take the last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

import numpy as np
from numpy.typing import NDArray

from gan_core.history.records import Array
from gan_core.theory.references import References

KEEPS_LAST = frozenset({"step", "images", "objective", "quality_samples", *References._fields})

TAIL = 32
"""The newest records, at least so many, that stay unmerged if the log has a tail as long as that."""


class Log:
    """Columns of at most `capacity` rows; `columns[name]` is [rows] or [rows, width].

    `tail`: so many of the rows, at most, are for unmerged records.
    """

    def __init__(self, widths: Mapping[str, int], capacity: int, tail: int = 0) -> None:
        if capacity < 2 or capacity % 2 or tail % 2 or not 0 <= tail < capacity:
            raise ValueError(
                f"capacity = {capacity}, tail = {tail} does not fit: both must be even, "
                "the capacity at least 2, and the tail shorter"
            )
        self.widths = dict(widths)
        self.capacity = capacity
        self.tail = tail
        self.stride = 1
        self.version = 0  # grows whenever the columns change
        self.columns: dict[str, Array] = {name: self._empty(name) for name in widths}
        self._merged: dict[str, Array] = dict(self.columns)
        self._single: dict[str, Array] = dict(self.columns)  # of the rest and the tail
        self._since = np.inf

    def _empty(self, name: str) -> Array:
        width = self.widths[name]
        return np.empty((0, width) if width else (0,))

    def __len__(self) -> int:
        return len(self.columns["step"])

    @property
    def unmerged(self) -> int:
        """How many of the newest rows stand for one record each."""
        single = self._single["step"]
        wanted = int((single >= self._since).sum())
        return min(len(single), self.tail, max(wanted, TAIL))

    def extend(self, block: Mapping[str, NDArray[np.floating]]) -> None:
        """Append records: for each column an array [n] or [n, width], oldest first.

        There is one row a step: a record of the same step, or an earlier one, replaces what was there. A
        column that is new was not measured before; one that is missing was not measured now.
        """
        self._declare({name: np.shape(column)[1:] for name, column in block.items()})
        step = np.asarray(block["step"], float)
        newest = np.append(step[1:] != step[:-1], np.ones(min(len(step), 1), bool))
        if len(step) and len(self) and self.columns["step"][-1] >= step[0]:
            self._drop(lambda steps: steps < step[0])
        for name, width in self.widths.items():
            missing = (len(newest), width) if width else len(newest)
            found = np.asarray(block[name], float) if name in block else np.full(missing, np.nan)
            self._single[name] = np.concatenate([self._single[name], found[newest]])
        self._settle()

    def _declare(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Make room for columns that no row has yet."""
        for name, shape in shapes.items():
            if name in self.widths:
                continue
            self.widths[name] = shape[0] if shape else 0
            for store in (self.columns, self._merged, self._single):
                store[name] = np.full((len(store["step"]), *shape), np.nan)

    def copy(self) -> Log:
        """Another log with the same rows; none of the arrays is ever written into."""
        copied = copy(self)
        copied.widths = dict(self.widths)
        copied.columns, copied._merged, copied._single = (
            dict(self.columns), dict(self._merged), dict(self._single),
        )  # fmt: skip
        return copied

    def keep_since(self, step: float) -> None:
        """Leave the records from `step` on unmerged, as many as the tail has room for."""
        self._since = step

    def _settle(self) -> None:
        """Merge what the tail has no room for, then put the parts together."""
        room = self.capacity - self.tail
        while (whole := (len(self._single["step"]) - self.unmerged) // self.stride * self.stride) > 0:
            taken = min(whole, (room - len(self._merged["step"])) * self.stride)
            for name, single in self._single.items():
                added = merge(name, single[:taken], self.stride)
                self._merged[name] = np.concatenate([self._merged[name], added])
                self._single[name] = single[taken:]
            self._halve()
        rest = len(self._single["step"]) - self.unmerged
        for name, single in self._single.items():
            parts = self._merged[name], merge(name, single[:rest], rest), single[rest:]
            self.columns[name] = np.concatenate(parts)
        self.version += 1

    def _halve(self) -> None:
        """Merge the merged rows in pairs until there is room; an odd last one stays as it is."""
        while len(self._merged["step"]) >= self.capacity - self.tail:
            even = len(self._merged["step"]) // 2 * 2
            for name, column in self._merged.items():
                self._merged[name] = np.concatenate([merge(name, column[:even], 2), column[even:]])
            self.stride *= 2

    def load(self, columns: Mapping[str, Array], stride: int, unmerged: int) -> None:
        """Take over the rows of another log, of which the last `unmerged` are single; thin them to fit."""
        rows = len(columns["step"])
        for name in self.widths:
            self._merged[name], self._single[name] = np.split(columns[name], [rows - unmerged])
        self.stride = stride
        self._halve()
        self._settle()

    def forget_after(self, step: float) -> None:
        """Drop every row that speaks of a later step (a run that went back to a checkpoint)."""
        self._drop(lambda steps: steps <= step)
        self._settle()

    def _drop(self, stays: Callable[[Array], NDArray[np.bool_]]) -> None:
        for store in (self._merged, self._single):
            keep = stays(store["step"])
            for name in self.widths:
                store[name] = store[name][keep]

    def until(self, step: float) -> dict[str, Array]:
        """The columns up to and including `step`."""
        count = int(np.searchsorted(self.columns["step"], step, side="right"))
        return {name: column[:count] for name, column in self.columns.items()}


def merge(name: str, column: Array, group: int) -> Array:
    """Merge each `group` neighbouring rows: the last of a step or reference, else the mean."""
    if group <= 1 or len(column) == 0:
        return column
    grouped = column.reshape(-1, group, *column.shape[1:])
    if name in KEEPS_LAST:
        return grouped[:, -1]
    known = ~np.isnan(grouped)
    count = known.sum(axis=1)
    total = np.where(known, grouped, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
