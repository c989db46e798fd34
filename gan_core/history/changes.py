"""The log of changes: which setting was changed to what, and at which step it first acted."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from collections.abc import Mapping
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from gan_core.history.files import replaced
from gan_core.renamed import RENAMED

Value = bool | int | float | str

CHANGES_KEPT = 1000
"""The newest changes that are kept: a slider dragged for minutes makes hundreds."""

LATEST_STEP = 10**12

_WORD = re.compile(r"\w{1,40}", re.ASCII)


class Change(NamedTuple):
    """One setting, changed."""

    step: int  # the first that was played under `new`
    field: str
    old: Value
    new: Value


class Changes:
    """The changes of one run, oldest first, at most CHANGES_KEPT."""

    def __init__(self) -> None:
        self.rows: list[Change] = []
        self._settings: dict[str, Value] | None = None  # in force after the last of them

    def note(self, settings: Mapping[str, Any], step: int) -> bool:
        """What is in force from `step` on; whether it is anything new. The first call only takes it down."""
        before, self._settings = self._settings, dict(settings)
        if before is None:
            return False
        changed = [name for name, value in settings.items() if name in before and before[name] != value]
        for name in changed:
            self._add(Change(step, name, before[name], settings[name]))
        return bool(changed)

    def _add(self, change: Change) -> None:
        """Append; two changes of one setting at one step are one, or none if they lead back."""
        rows = [row for row in self.rows if (row.step, row.field) != (change.step, change.field)]
        earlier = [row.old for row in self.rows if (row.step, row.field) == (change.step, change.field)]
        whole = change._replace(old=earlier[0]) if earlier else change
        if whole.old != whole.new:
            rows.append(whole)
        self.rows = rows[-CHANGES_KEPT:]

    def forget_after(self, step: int) -> None:
        """Drop what first acted after `step`: `note` finds it again if it still holds."""
        while self.rows and self.rows[-1].step > step:
            change = self.rows.pop()
            if self._settings is not None:
                self._settings[change.field] = change.old

    def value_at(self, field: str, now: Any, step: float) -> Any:
        """What `field` was when `step` was played; `now`: what it is in the end."""
        later = islice(self.rows, bisect_left(self.rows, step + 1e-9, key=lambda row: row.step), None)
        return next((row.old for row in later if row.field == field), now)

    def write(self, path: Path) -> None:
        """As JSON: a list of {step, field, old, new}."""
        with replaced(path) as part:
            part.write_text(json.dumps([row._asdict() for row in self.rows]))

    @classmethod
    def read(cls, path: Path) -> Changes:
        """Read what `write` wrote; no file, no changes. Raises ValueError without the folder's path."""
        changes = cls()
        if not path.exists():
            return changes
        try:
            rows = [Change(**row) for row in json.loads(path.read_text())]
            if not all(map(_is_sound, rows)) or any(b.step < a.step for a, b in pairwise(rows)):
                raise ValueError("no changes in order")
        except (ValueError, TypeError, OverflowError, RecursionError, OSError) as error:
            raise ValueError(f"{path.name} is damaged or not the log of changes of a run.") from error
        rows = [row._replace(field=RENAMED.get(row.field, row.field)) for row in rows]
        changes.rows = rows[-CHANGES_KEPT:]
        return changes


def _is_sound(change: Change) -> bool:
    """Whether a change from a file is one; its words come on the page."""
    named = type(change.step) is int and 0 <= change.step < LATEST_STEP and _is_word(change.field)
    return named and all(_is_word(value) or _is_number(value) for value in (change.old, change.new))


def _is_word(value: object) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float) and math.isfinite(value)
