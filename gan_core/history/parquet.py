"""A log as a Parquet file. Files of strangers are read, too: nothing in them is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_core.history.files import replaced
from gan_core.history.log import Log
from gan_core.history.records import Array

STRIDE, UNMERGED = b"records_per_row", b"single_rows"
"""Metadata of the file: records in each row, and how many rows at the end hold one record only."""

MOST_COLUMNS = 40
"""Columns that not every run has, at most."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def write_log(log: Log, path: Path) -> None:
    """Write the rows as they are shown; whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({n: pa.array(list(c) if c.ndim == 2 else c) for n, c in log.columns.items()})
    notes = {STRIDE: str(log.stride), UNMERGED: str(log.unmerged)}
    with replaced(path) as part:
        pq.write_table(table.replace_schema_metadata(notes), part)


def read_log(path: Path, widths: Mapping[str, int], capacity: int, tail: int = 0) -> Log:
    """Read what `write_log` wrote, thinned to `capacity`.

    `widths`: the columns that every run has; one that is missing was not measured. Others are read where they
    are numbers, at most MOST_COLUMNS of them. Raises ValueError, a sentence without the folder's path.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            notes = file.schema_arrow.metadata or {}
            widths = _with_others(widths, file.schema_arrow)
            table = file.read(columns=[name for name in file.schema_arrow.names if name in widths])
        stride, unmerged = int(notes[STRIDE]), int(notes.get(UNMERGED, 0))
        if stride < 1 or not 0 <= unmerged <= len(table):
            raise ValueError(f"records_per_row {stride}, single_rows {unmerged}")
        columns = {name: _column(table, name, width) for name, width in widths.items()}
        newest = _newest_of_each_step(columns["step"])
        log = Log(widths, capacity, tail)
        unmerged = int(newest[len(newest) - unmerged :].sum())
        log.load({name: column[newest] for name, column in columns.items()}, stride, unmerged)
    except (KeyError, ValueError, TypeError, OSError, pa.ArrowException) as error:
        raise ValueError(f"{path.name} is missing, damaged or not the history of a run.") from error
    return log


def _with_others(widths: Mapping[str, int], schema: Any) -> dict[str, int]:
    """`widths` and those of the other columns of numbers in the file, one number a row."""
    import pyarrow as pa

    numbers = [
        field.name for field in schema
        if pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
    ]  # fmt: skip
    others = [name for name in numbers if name not in widths and _NAME.fullmatch(name)]
    return {**widths, **dict.fromkeys(others[:MOST_COLUMNS], 0)}


def _column(table: Any, name: str, width: int) -> Array:
    """[rows] or [rows, width]; NaN where nothing stands. Raises ValueError where these are no numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in table.column_names or pa.types.is_null(table[name].type):
        return np.full((len(table), width) if width else len(table), np.nan)
    column = table[name].combine_chunks()
    if not width:
        return _numbers(column)
    if not _is_list(column.type):
        raise ValueError(f"{name} is {column.type}")
    rows = np.full((len(table), width), np.nan)
    known = column.drop_null()
    if any(length != width for length in pc.list_value_length(known).to_pylist()):
        raise ValueError(f"{name} is not {width} wide")
    is_known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    rows[is_known] = _numbers(known.flatten()).reshape(-1, width)
    return rows


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_kind(kind) for is_kind in kinds)


def _numbers(column: Any) -> Array:
    """Numbers as float64, null as NaN. Raises ValueError on times, texts and whatever else is no number."""
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise ValueError(f"{column.type} is no number")
    return np.asarray(column.to_numpy(zero_copy_only=False), float)


def _newest_of_each_step(step: Array) -> Any:
    """Which rows to keep: early versions wrote several of one step. Raises ValueError on what is no step."""
    if not (np.isfinite(step).all() and (step >= 0).all() and (step % 1 == 0).all()):
        raise ValueError("a step is no whole number from 0")
    if (np.diff(step) < 0).any():
        raise ValueError("steps go back")
    return np.append(np.diff(step) > 0, np.ones(min(len(step), 1), bool))
