"""A copy of a run at one of its steps: where it can begin, and what is to be repeated from there.

Games are deterministic to the bit: from a checkpoint, or from the first step, the same settings at the same
steps make the same records. Steps of one player alone are not in the log of changes, so they cannot be
repeated.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gan_core.engine import wire
from gan_core.engine.record import RunRecord
from gan_core.folders import checkpoint_steps
from gan_core.history import CHANGES_KEPT, History
from gan_core.settings import Settings, field_names, is_live


class Start(NamedTuple):
    """Where a copy begins, and what it is to repeat."""

    step: int
    checkpoint: Path | None  # None: at the first step, under `settings`
    settings: Settings  # in force for the step after `step`
    history: History
    script: tuple[wire.Scheduled, ...]  # of the steps to be repeated, and of the one after them
    until: int | None  # the last step to be repeated; None: it is there already
    notice: str | None  # why it does not stand at the step that was asked for


def start_of(run: RunRecord, step: int, checkpoints: Path) -> Start:
    """The best start for a copy of `run` at `step`. Hold `run.acting` and `run.lock`.

    `checkpoints`: the folder of the run's own checkpoints.
    """
    target = min(max(step, 0), run.step)
    saved = [found for found in checkpoint_steps(checkpoints) if found[0] <= run.step]
    before = next((found for found in saved if found[0] <= target), (0, None))
    if _can_repeat(run.history, before[0], target):
        return _start(run, *before, until=target)
    # What can be had instead: the checkpoint nearest to that step.
    place, path = min(saved, key=lambda found: abs(found[0] - target), default=(0, None))
    return _start(run, place, path, until=place, asked=target)


def _can_repeat(history: History, start: int, target: int) -> bool:
    """Whether the log tells all that happened in the steps after `start` up to `target`."""
    lone, rows = history.lone, history.changes.rows
    alone = lone is not None and start < lone[1] and target >= lone[0]
    forgotten = len(rows) >= CHANGES_KEPT and start + 1 < rows[0].step
    return start == target or not (alone or forgotten)


def _start(
    run: RunRecord, step: int, checkpoint: Path | None, *, until: int, asked: int | None = None
) -> Start:
    steps = {row.step for row in run.history.changes.rows if step + 1 < row.step <= until + 1}
    repeats = until > step
    script = [wire.Scheduled(step=at, settings=_settings_at(run, at)) for at in sorted({step + 1, *steps})]
    notice = None
    if asked is not None and asked != step:
        notice = (
            f"This copy stands at step {step:,}, not at {asked:,}: the steps between cannot be repeated, "
            "since one player alone was moved by hand, or the settings were changed too often."
        )
    return Start(
        step, checkpoint, _settings_at(run, step + 1), run.history.until(step),
        tuple(script) if repeats else (), until if repeats else None, notice,
    )  # fmt: skip


def _settings_at(run: RunRecord, step: int) -> Settings:
    """What was in force when `step` was played."""
    changes, now = run.history.changes, run.settings
    live = [name for name in field_names() if is_live(name)]
    return now.replace(**{name: changes.value_at(name, getattr(now, name), step) for name in live})
