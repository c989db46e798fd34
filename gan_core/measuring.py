"""A measure of the lab on a saved run, without a page: the command `measure`.

A run's folder holds its newest checkpoints only. An earlier step is had again by repeating the game from the
nearest checkpoint before it, or from the first step, under the settings that its log of changes tells: games
are deterministic to the bit. Steps of one player alone are in no log, so they cannot be repeated.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from gan_core import checkpoint, library
from gan_core.bundled import DataError
from gan_core.checkpoint import CheckpointError
from gan_core.devices import device_for
from gan_core.folders import checkpoint_steps
from gan_core.history import CHANGES_KEPT, History
from gan_core.library import LibraryError, SavedRun
from gan_core.measures import lab
from gan_core.settings import Settings, SettingsError, field_names, is_live
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer, on_cpu
from gan_core.unattended import CannotTrainError, data_for

PROGRESS_SECONDS = 0.5
SAME = 0.01
"""How far D's loss may be from the recorded one: further off, another machine played another game."""


READING = (LibraryError, SettingsError, CheckpointError, DataError, CannotTrainError, NotFiniteError)
"""What goes wrong with a run itself; each says so in a sentence."""


class CannotMeasureError(RuntimeError):
    """No such run or step, or a measure that does not fit; one sentence."""


class _Start(NamedTuple):
    """Where a step is repeated from."""

    step: int
    folder: Path | None  # None: at the first step


def measure(run: Path, what: str, step: int | None = None) -> dict[str, Any]:
    """The measure called `what` of the run in that folder, ready for JSON. Progress goes to standard error.

    `step`: of the run; by default that of its newest checkpoint. Raises CannotMeasureError.
    """
    if what not in lab.LAB:
        raise CannotMeasureError(f"There is no measure called {what!r:.40}, only {', '.join(lab.LAB)}.")
    with arithmetic_of_a_trainer():
        try:
            trainer = on_cpu(trainer_at(run, step))
            found = lab.measure(trainer, what, Teller(what))
        except READING as error:
            raise CannotMeasureError(lab.sentence(error)) from error
        except (ValueError, ArithmeticError) as error:
            raise CannotMeasureError(f"{what} cannot be measured here: {lab.sentence(error)}") from error
    return {"what": what, "run": run.name, "step": trainer.steps_done} | found


class Teller:
    """A `Progress` on one line of standard error, twice a second."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._told = time.monotonic()

    def __call__(self, share: float) -> None:
        """How much is done."""
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            print(f"{self._what}: {share:4.0%}", file=sys.stderr, flush=True)


def trainer_at(run: Path, step: int | None) -> GanTrainer:
    """The game of a saved run at `step`. Raises CannotMeasureError, and what reading it raises."""
    run = run.resolve()
    if not run.is_dir():
        raise CannotMeasureError(f"There is no folder {run}.")
    saved = library.open_folder(run)
    if step is None:
        return _load(_Start(saved.meta.step, saved.checkpoint), saved.settings)
    starts = _starts(run, saved)
    if step > starts[0].step:
        raise CannotMeasureError(
            f"{run.name} has no step {step:,}: its newest checkpoint stands at step {starts[0].step:,}."
        )
    start = next(found for found in starts if found.step <= step)
    if start.step == step:
        return _load(start, saved.settings)
    history = History.read(run)  # whole: of what `open_folder` gives, changes after the checkpoint are gone
    history.lone = saved.history.lone
    _refuse_gaps(run, history, start.step, step)
    return _repeated(run, saved, history, start, step)


def _starts(run: Path, saved: SavedRun) -> list[_Start]:
    """The latest first; the last one is the beginning of the game."""
    found = dict(checkpoint_steps(run / library.CHECKPOINTS))
    if saved.checkpoint is not None:
        found.setdefault(saved.meta.step, saved.checkpoint)
    return [_Start(at, found[at]) for at in sorted(found, reverse=True) if at > 0] + [_Start(0, None)]


def _refuse_gaps(run: Path, history: History, start: int, step: int) -> None:
    """Raises CannotMeasureError unless the log tells all that happened from `start` to `step`."""
    lone, rows = history.lone, history.changes.rows
    alone = lone is not None and start < lone[1] and step >= lone[0]
    if alone or (len(rows) >= CHANGES_KEPT and start + 1 < rows[0].step):
        why = "one player alone was moved" if alone else "the settings were changed too often"
        raise CannotMeasureError(
            f"Step {step:,} of {run.name} cannot be had again: {why} between step {start:,} and there."
        )


def _load(start: _Start, settings: Settings) -> GanTrainer:
    """The game there; `settings`: those it begins with where there is no checkpoint."""
    if start.folder is not None:
        return checkpoint.load(start.folder, device_for)
    return GanTrainer(settings, data_for(settings), device_for(settings))


def _repeated(run: Path, saved: SavedRun, history: History, start: _Start, step: int) -> GanTrainer:
    settings = _settings_at(history, saved.settings, start.step + 1)
    trainer = _load(start, settings)
    changes = {row.step for row in history.changes.rows}
    tell, loss = Teller(f"repeating steps {start.step + 1:,} to {step:,}"), math.nan
    for at in range(start.step + 1, step + 1):
        if at in changes:
            settings = _settings_at(history, saved.settings, at)
        loss = trainer.step(settings).d_loss
        tell((at - start.step) / (step - start.step))
    columns = history.steps.columns
    recorded = columns["d_loss"][columns["step"] == step]
    if len(recorded) and not math.isclose(loss, float(recorded[0]), rel_tol=SAME, abs_tol=SAME):
        raise CannotMeasureError(
            f"Step {step:,} of {run.name} cannot be had again: there D's loss is {loss:.4f} in the repeated "
            f"game and {float(recorded[0]):.4f} in the record, which comes from another machine or version."
        )
    return trainer


def _settings_at(history: History, now: Settings, step: int) -> Settings:
    """What was in force when `step` was played."""
    live = [name for name in field_names() if is_live(name)]
    return now.replace(**{name: history.changes.value_at(name, getattr(now, name), step) for name in live})
