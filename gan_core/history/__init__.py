"""What a run leaves behind: records as columns, pictures, and the log of changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

from gan_core.history.changes import CHANGES_KEPT, Change, Changes
from gan_core.history.film import FILM_CAPACITY, Film, Keyframe
from gan_core.history.log import Log
from gan_core.history.parquet import read_log, write_log
from gan_core.history.records import (
    CLASS_SHARES,
    EVALUATION_WIDTHS,
    HISTOGRAM_BINS,
    HISTOGRAMS,
    STEP_WIDTHS,
    Array,
    Evaluation,
    Line,
    Moment,
    StepRecord,
    as_block,
    histogram,
)
from gan_core.history.results import Result, Results

__all__ = [
    "CHANGES_KEPT", "CLASS_SHARES", "EVALUATION_WIDTHS", "FILM_CAPACITY", "HISTOGRAMS", "HISTOGRAM_BINS",
    "STEP_WIDTHS", "Array", "Change", "Changes", "Evaluation", "Film", "History", "Keyframe", "Line", "Log",
    "Moment", "Result", "Results", "StepRecord", "as_block", "histogram",
]  # fmt: skip

STEPS, EVALUATIONS, CHANGES = "history.parquet", "evaluations.parquet", "changes.json"
RESULTS = "results.json"
FILM, FILM_FOLDER = "film.npz", "film"


def tail_of(capacity: int) -> int:
    """Rows of a log, at most, that are for unmerged records: a quarter."""
    return capacity // 8 * 2


class History:
    """Everything recorded of one run, as the web side keeps it."""

    def __init__(self, step_capacity: int = 2048, evaluation_capacity: int = 512) -> None:
        self.steps = Log(STEP_WIDTHS, step_capacity, tail_of(step_capacity))
        self.evaluations = Log(EVALUATION_WIDTHS, evaluation_capacity, tail_of(evaluation_capacity))
        self.film = Film()
        self.changes = Changes()
        self.results = Results()  # of the lab
        self.lone: tuple[int, int] | None = None  # the first and the last step of one player alone
        self._lines: tuple[object, dict[str, Line]] = None, {}  # of a state of the logs: a frame asks often

    def note(self, settings: dict[str, Any], step: int) -> None:
        """Say what is in force from `step` on. A change is logged, and what follows it is not merged."""
        if self.changes.note(settings, step):
            self.steps.keep_since(step)
            self.evaluations.keep_since(step - 1)  # measured at once if the game stands still

    def snapshot(self) -> History:
        """The records as they are now, to be written while more come. The film is this one's."""
        copy = History()
        copy.steps, copy.evaluations = self.steps.copy(), self.evaluations.copy()
        copy.changes.rows = list(self.changes.rows)
        copy.results = self.results.copy()
        copy.film, copy.lone = self.film, self.lone
        return copy

    def until(self, step: int) -> History:
        """A copy of what was recorded up to `step`, with a film of its own."""
        copy = self.snapshot()
        copy.film = self.film.copy()
        copy.forget_after(step)
        return copy

    def note_lone(self, first: int, last: int) -> None:
        """In these steps one player alone moves, which no setting tells."""
        before = self.lone or (first, last)
        self.lone = (min(before[0], first), max(before[1], last))

    def write(self, folder: Path) -> None:
        """The records as `write_records` does, and the pictures into film.npz."""
        self.write_records(folder)
        self.film.write(folder / FILM)

    def write_records(self, folder: Path) -> None:
        """history.parquet, evaluations.parquet, changes.json and results.json, each whole or not at all."""
        write_log(self.steps, folder / STEPS)
        write_log(self.evaluations, folder / EVALUATIONS)
        self.changes.write(folder / CHANGES)
        self.write_results(folder)

    def write_results(self, folder: Path) -> None:
        """results.json alone, right after something was measured; no file where nothing was."""
        if self.results.rows:
            self.results.write(folder / RESULTS)
        else:
            (folder / RESULTS).unlink(missing_ok=True)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `write`, or `write_records` and `Film.sync`, left in `folder`, thinned to our capacity.

        Folders from before there were films, or changes, open without. Raises ValueError, one sentence
        that names the folder.
        """
        history = cls()
        steps, evaluations = history.steps, history.evaluations
        try:
            history.steps = read_log(folder / STEPS, steps.widths, steps.capacity, steps.tail)
            history.evaluations = read_log(
                folder / EVALUATIONS, evaluations.widths, evaluations.capacity, evaluations.tail
            )
            history.changes = Changes.read(folder / CHANGES)
            history.results = Results.read(folder / RESULTS)
            synced = folder / FILM_FOLDER
            history.film = Film.read_folder(synced) if synced.is_dir() else Film.read(folder / FILM)
        except ValueError as error:
            raise ValueError(f"{folder.name} holds no run that can be opened: {error}") from error
        return history

    def forget_after(self, step: int) -> None:
        """Drop whatever was recorded after `step`."""
        self.steps.forget_after(step)
        self.evaluations.forget_after(step)
        self.changes.forget_after(step)
        self.results.forget_after(step)
        if self.lone is not None:
            self.lone = None if self.lone[0] > step else (self.lone[0], min(self.lone[1], step))
        self.film.frames = [frame for frame in self.film.frames if frame.step <= step]

    def reference(self, name: str) -> Line:
        """Where `name` ("d_reference" or "value_reference") lies: figures and words have it from here.

        From both logs: a step says under which labels it was played, an evaluation under which labels
        the game stands *after* that step. The two differ once a slider was moved while it stood still.
        """
        logs = self.steps, self.evaluations
        state = [(log, log.version) for log in logs]
        if self._lines[0] != state:
            self._lines = state, {}
        lines = self._lines[1]
        if name not in lines:
            step, value = (np.concatenate([log.columns[column] for log in logs]) for column in ("step", name))
            order = np.argsort(step, kind="stable")  # at equal steps the evaluation comes last
            order = order[np.isfinite(value[order])]
            lines[name] = Line(step[order], value[order])
        return lines[name]
