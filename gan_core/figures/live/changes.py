"""Marks on the axis of training steps: which setting was changed there, and to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gan_core.figures.series import steps_range
from gan_core.figures.style import REFERENCE
from gan_core.history import Change, History
from gan_core.typed import option_title

NEAR = 0.05
"""Changes within this share of the axis are one mark: a slider that is dragged makes many."""

NAMED = 2
"""So many settings of a mark are named; the others are counted."""


class ChangeMark(NamedTuple):
    """One or more changes, close together."""

    step: int  # the first that was played under what they led to
    text: str


def change_marks(history: History, titles: Mapping[str, str]) -> list[ChangeMark]:
    """The changes on the axis of steps, oldest first; `titles`: what a setting is called on the page."""
    end = steps_range(history)[1]
    groups: list[list[Change]] = []
    for change in history.changes.rows:
        if change.step > end:
            break
        if not groups or change.step - groups[-1][0].step > NEAR * end:
            groups.append([])
        groups[-1].append(change)
    return [ChangeMark(group[-1].step, text) for group in groups if (text := _text(group, titles))]


def _text(group: Sequence[Change], titles: Mapping[str, str]) -> str:
    """What the changes of a group led from and to, together; nothing if they led back."""
    ends: dict[str, Change] = {}
    for change in group:
        ends[change.field] = change._replace(old=ends.get(change.field, change).old)
    moved = [f"{titles.get(c.field, c.field)} {_shown(c.old)} → {_shown(c.new)}"
             for c in ends.values() if c.old != c.new]  # fmt: skip
    more = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
    first, last = group[0].step, group[-1].step
    when = f"at {last:,}" if first == last else f"at {first:,} to {last:,}"
    return f"{', '.join(moved[:NAMED])}{more} {when}" if moved else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}".replace("-", "−") if isinstance(value, int | float) else option_title(value)


def change_traces(marks: Sequence[ChangeMark], y: float) -> list[dict[str, Any]]:
    """Small triangles at height `y`, the edge of the chart; they say what changed under the pointer.

    Without marks there is no trace. The newest change stands in words under the diagnosis: in a chart, text
    of this length would lie over curves.
    """
    if not marks:
        return []
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.step for mark in marks],
        "y": [y] * len(marks),
        "marker": {"color": REFERENCE, "size": 8, "symbol": "triangle-up"},
        "cliponaxis": False,
        "hovertemplate": [f"{mark.text}<extra></extra>" for mark in marks],
    }
    return [trace]
