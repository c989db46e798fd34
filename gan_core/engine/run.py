"""One run inside a trainer process: its game, what it has to report, and when.

Arrays of a report: `steps.<column>` and `evaluations.<column>` hold what is new since the last
report; `digits` uint8 [64, 784] and `verdicts` [64] the generator's images of fixed latents and D on
them; `real_digits` uint8 [16, 784] and `real_verdicts` [16] the real ones beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_core import checkpoint
from gan_core.engine import wire
from gan_core.history import HISTOGRAMS, StepRecord, as_block
from gan_core.measures.held_out import HeldOut, Pace
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.settings import Settings
from gan_core.training import GanTrainer, NotFiniteError, Who

REPORT_SECONDS = 0.2  # watched: five pictures a second
UNWATCHED_SECONDS = 2.0  # unwatched: enough to rewind later
CHECKPOINT_SECONDS = 10.0

Arrays = dict[str, NDArray[Any]]
Clock = Callable[[], float]


class Run:
    """A game that can be played, paused and stepped, and reports what it did."""

    def __init__(
        self, name: str, trainer: GanTrainer, folder: Path, notice: str | None, clock: Clock = time.monotonic
    ) -> None:
        self.name = name
        self.trainer = trainer
        self.state: wire.State = "paused"
        self.watched = True
        self.serial = 0
        self._folder = folder
        self._notice = notice
        self._clock = clock
        self._problem: str | None = None
        self._checkpoint_step: int | None = None
        self._steps: list[StepRecord] = []
        self._evaluations: list[HeldOut] = []
        self._speed = Speedometer(clock)
        self._pace = Pace(clock)
        self._settings_since = trainer.steps_done + 1
        self._reported_at = self._saved_at = -1e9
        self._latents = shown_latents(trainer.settings)
        self._evaluate()
        self._save()

    def play(self) -> None:
        """Go on, unless the game has left the numbers."""
        if self.state == "paused":
            self.state = "playing"
            self._speed.restart()

    def pause(self) -> None:
        """Stand still, exactly here, and take stock."""
        if self.state == "playing":
            self.state = "paused"
            self._take_stock()

    def advance(self) -> None:
        """One step of a playing run, with whatever else is due after it."""
        self._step("both", probe=None)
        now = self._clock()
        self._speed.count(now)
        if self._pace.due() if self.watched else self._pace.due(UNWATCHED_SECONDS):
            self._evaluate()
        if now - self._saved_at >= CHECKPOINT_SECONDS:
            self._save()

    def step_by_hand(self, count: int, who: Who) -> None:
        """`count` fully measured steps of a run that stands still."""
        for _ in range(count):
            if self.state != "paused":
                return
            self._step(who, probe=True)
        self._take_stock()

    def update(self, settings: Settings) -> None:
        """Live settings for the next step, which is reported. Standing still, the lines move at once."""
        if settings != self.trainer.settings:
            self._settings_since = self.trainer.steps_done + 1
        self.trainer.adopt(settings)
        if self.state == "paused":
            self._evaluate()
        else:
            self._reported_at = -1e9

    @property
    def due(self) -> bool:
        """Whether it is time to report."""
        wait = REPORT_SECONDS if self.watched else UNWATCHED_SECONDS
        return self._clock() - self._reported_at >= wait

    def report(self) -> tuple[wire.Report, Arrays]:
        """How things stand, and what is new since the last report."""
        self._reported_at = self._clock()
        arrays = {f"steps.{name}": column for name, column in as_block(self._steps).items()}
        if self._evaluations:
            block = as_block([held_out.evaluation for held_out in self._evaluations])
            for name in HISTOGRAMS:
                block[name] = np.stack([getattr(held_out, name) for held_out in self._evaluations])
            arrays |= {f"evaluations.{name}": column for name, column in block.items()}
        arrays |= take_pictures(self.trainer, self._latents)._asdict()
        self._steps, self._evaluations = [], []
        return wire.Report(
            run=self.name, serial=self.serial, state=self.state, step=self.trainer.steps_done,
            settings=self.trainer.settings, settings_since=self._settings_since,
            steps_per_second=self._speed.rate, problem=self._problem, notice=self._notice,
            checkpoint_step=self._checkpoint_step,
        ), arrays  # fmt: skip

    def _step(self, who: Who, *, probe: bool | None) -> None:
        try:
            self._steps.append(self.trainer.step(self.trainer.settings, who=who, probe=probe))
        except NotFiniteError as error:
            self.state = "stopped"
            changed = self.trainer.settings.difference(Settings())
            under = ", ".join(f"{name} = {value}" for name, value in changed.items())
            self._problem = f"Stopped: {error}, under {under or 'the default settings'}."

    def _take_stock(self) -> None:
        self._evaluate()
        self._save()

    def _evaluate(self) -> None:
        self._evaluations.append(self._pace.evaluate(self.trainer))

    def _save(self) -> None:
        if self.state == "stopped" or not checkpoint.is_sound(self.trainer):
            return
        step = self.trainer.steps_done
        if step != self._checkpoint_step:
            checkpoint.save(self.trainer, self._folder / f"{step:012d}")
            checkpoint.keep_newest(self._folder, 2)
            self._checkpoint_step = step
        self._saved_at = self._clock()


class Speedometer:
    """Steps per second over about the last second of play."""

    def __init__(self, clock: Clock) -> None:
        self.rate = 0.0
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        self._since, self._count = self._clock(), 0

    def count(self, now: float) -> None:
        """One more step, done at `now`."""
        self._count += 1
        if now - self._since >= 1.0:
            self.rate = self._count / (now - self._since)
            self._since, self._count = now, 0
