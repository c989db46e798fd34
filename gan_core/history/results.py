"""What the lab has measured of a run: results by step, measure and options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gan_core.history.files import replaced

RESULTS_KEPT = 60
"""Of each measure, the newest asked for: a surface that follows a run makes six a minute."""

PICTURES_KEPT = 8
"""Of each measure that makes pictures: 20 kB each, and quickly made again."""
PICTURES = ("walk", "choose_digit", "mixing", "feature_maps")

LARGEST = 50_000_000  # bytes of the file

Option = bool | int | float | str


class Result(NamedTuple):
    """One measure of the game at one step."""

    step: int
    what: str  # the measure's name
    options: dict[str, Option]
    found: dict[str, Any]  # by field, as JSON has it: null where a number is not finite


class Results:
    """The results of one run, in the order in which they were measured."""

    def __init__(self) -> None:
        self.rows: list[Result] = []
        self.version = 0  # grows with each new row

    def add(self, result: Result) -> None:
        """Append, in the place of an equal question; the oldest of that measure goes beyond what is kept."""
        kept = PICTURES_KEPT if result.what in PICTURES else RESULTS_KEPT
        rows = [row for row in self.rows if row[:3] != result[:3]]
        same = [row for row in rows if row.what == result.what]
        dropped = same[: max(0, len(same) + 1 - kept)]
        self.rows = [row for row in rows if not any(row is old for old in dropped)] + [result]
        self.version += 1

    def at(self, step: int, what: str, options: Mapping[str, Option]) -> Result | None:
        """The answer to exactly that question, if it has been asked before."""
        asked = (step, what, dict(options))
        return next((row for row in self.rows if row[:3] == asked), None)

    def of(self, what: str) -> list[Result]:
        """All results of one measure, by step."""
        return sorted((row for row in self.rows if row.what == what), key=lambda row: row.step)

    def forget_after(self, step: int) -> None:
        """Drop what was measured after `step`: another future begins there."""
        self.rows = [row for row in self.rows if row.step <= step]

    def copy(self) -> Results:
        """The same rows in a list of its own."""
        copy = Results()
        copy.rows = list(self.rows)
        return copy

    def write(self, path: Path) -> None:
        """As JSON: a list of {step, what, options, found}. Raises OSError."""
        with replaced(path) as part:
            part.write_text(json.dumps([row._asdict() for row in self.rows], allow_nan=False))

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read what `write` wrote; no file, no results. Raises ValueError without the folder's path."""
        results = cls()
        if not path.exists():
            return results
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError("it is too large")
            rows = [Result(**row) for row in json.loads(path.read_text())]
            if not all(map(_is_sound, rows)):
                raise ValueError("no results")
        except (ValueError, TypeError, RecursionError, OSError) as error:
            raise ValueError(f"{path.name} is damaged or does not hold results of the lab.") from error
        results.rows = rows
        return results


def _is_sound(row: Result) -> bool:
    named = type(row.step) is int and row.step >= 0 and isinstance(row.what, str)
    options = isinstance(row.options, dict) and all(isinstance(v, Option) for v in row.options.values())
    return named and options and isinstance(row.found, dict)
