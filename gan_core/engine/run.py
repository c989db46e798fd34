"""One run inside a trainer process: its game, what it has to report, and when.

Arrays of a report: `steps.<column>` and `evaluations.<column>` hold what is new since the last report, and
so declare the columns of this kind of game; `film.<name>` are the picture of the present step (see
`gan_core.measures.pictures`); `real_digits` uint8 [16, 784] the real digits beside it, if there are any.
After a step in slow motion, `before.<name>`, `between.<name>` and `after.<name>` are its moments.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from gan_core import data
from gan_core.bundled import described
from gan_core.devices import device_for
from gan_core.engine import wire
from gan_core.engine.saving import Clock, Saver
from gan_core.history import Moment, StepRecord, as_block
from gan_core.measures import quality_curve
from gan_core.measures.held_out import EVALUATION_SECONDS, HeldOut, Pace, evaluations_block
from gan_core.measures.pictures import real_digits, shown_latents, take_pictures
from gan_core.measures.slice import Slices
from gan_core.settings import Settings
from gan_core.training import GanTrainer, Look, NotFiniteError, Who, unseen

REPORT_SECONDS = 0.2  # watched: five pictures a second
UNWATCHED_SECONDS = 2.0  # unwatched: enough to rewind later

Arrays = dict[str, NDArray[Any]]
log = logging.getLogger(__name__)


class ByHand(NamedTuple):
    """Steps that are still to be made by hand."""

    steps: int
    who: Who
    serial: int  # of the command that asked for them
    slowly: bool = False  # whether the last of them is wanted moment by moment


class Run:
    """A game that can be played, paused and stepped, and reports what it did.

    `fresh`: the game begins here, so its first step can be had from the settings alone.
    Whatever goes wrong in it stops this run with a sentence, and nothing else.
    """

    def __init__(
        self,
        name: str,
        trainer: GanTrainer,
        folder: Path,
        notice: str | None,
        clock: Clock = time.monotonic,
        *,
        fresh: bool = False,
    ) -> None:
        self.name = name
        self.state: wire.State = "paused"
        self.watched = True
        self.serial = 0
        self.used = 0.0  # processor time it has had, for a fair choice of who plays next
        self.saver = Saver(folder, clock)
        self._trainer: GanTrainer | None = trainer
        self._settings = trainer.settings
        self._fresh = fresh
        self._by_hand = ByHand(0, "both", 0)
        self._until: int | None = None  # the step after which it stands still
        self._script: list[wire.Scheduled] = []  # settings that come into force on the way there
        self._notice = notice
        self._clock = clock
        self._problem: str | None = None
        self._steps: list[StepRecord] = []
        self._evaluations: list[HeldOut] = []
        self._moments: Arrays = {}  # pictures of the last step, if it was made slowly
        self._speed = Speedometer(clock)
        self._cost = Cost()
        self._pace = Pace(clock)
        self._settings_since = trainer.steps_done + 1
        self._reported_at = -1e9
        self._latents = shown_latents(trainer.settings)
        self._slices = Slices()
        self._take_stock()

    @property
    def trainer(self) -> GanTrainer:
        """Its game; built anew where a game that nobody has moved in was put away."""
        if self._trainer is None:
            device = device_for(self._settings)
            self._trainer = GanTrainer(self._settings, data.load(self._settings), device)
        return self._trainer

    @property
    def steps_done(self) -> int:
        """Steps made in the game."""
        return 0 if self._trainer is None else self._trainer.steps_done

    @property
    def active(self) -> bool:
        """Whether it has steps to make."""
        return self.state == "playing" or self._by_hand.steps > 0

    def play(self, until: int | None = None, script: Sequence[wire.Scheduled] = ()) -> None:
        """Go on, until step `until` if one is given, unless the game has left the numbers.

        `script`: settings that come into force on the way.
        """
        self._until, self._script = until, list(script)
        if self.state == "paused" and not self._is_there:
            self.state = "playing"
            self._speed.restart()

    def pause(self) -> None:
        """Stand still, exactly here, and take stock."""
        if self.state == "playing":
            self.state = "paused"
            self._take_stock()

    def step_by_hand(self, count: int, who: Who, serial: int, *, slowly: bool = False) -> None:
        """Ask for `count` fully measured steps of a run that stands still; `advance` makes one at a time.

        `serial` is that of the command: it is answered with the last of these steps, `slowly` with the
        pictures of that step's moments, too.
        """
        if self.state == "paused":
            self._by_hand = ByHand(count, who, serial, slowly)
        else:
            self.serial = serial

    def advance(self) -> None:
        """One step, with whatever else is due after it."""
        started = time.thread_time()
        if self.state == "playing":
            self._advance_playing()
        else:
            self._advance_by_hand()
        self.used += time.thread_time() - started

    def update(self, settings: Settings) -> None:
        """Live settings for the next step, which is reported. Standing still, the lines move at once."""
        self._script = []
        self._adopt(settings)
        if self.state == "paused":
            self._evaluate()

    def _adopt(self, settings: Settings) -> None:
        """Live settings for the next step; a report of it is due then."""
        if settings != self.trainer.settings:
            self._settings_since = self.trainer.steps_done + 1
        self.trainer.adopt(settings)
        self._settings, self._reported_at = settings, -1e9

    def _follow_script(self) -> None:
        """Put the settings in force that are due for the next step."""
        while self._script and self._script[0].step <= self.trainer.steps_done + 1:
            self._adopt(self._script.pop(0).settings)

    def leave(self) -> bool:
        """Save it, to be continued elsewhere; whether that is possible now."""
        return self._is_new or (self.state != "stopped" and self._save())

    def rest(self) -> None:
        """Put the networks away if nobody has moved in the game: its settings are enough to build it."""
        if self._is_new and not self.active:
            self._trainer = None

    def retry_saving(self) -> bool:
        """Try again what the disk refused; whether there is news of it."""
        before = self.saver.trouble
        if before and self.saver.due:
            self._save()
        return self.saver.trouble != before

    def stop(self, problem: str) -> None:
        """Stand still for a reason, a sentence."""
        self.state, self._problem = "stopped", problem
        if self._by_hand.steps:
            self._end_by_hand()
        log.info("%s: %s", self.name, problem)

    @property
    def due(self) -> bool:
        """Whether it is time to report."""
        return self._clock() - self._reported_at >= self._report_seconds

    @property
    def _report_seconds(self) -> float:
        return REPORT_SECONDS if self.watched else UNWATCHED_SECONDS

    def report(self) -> tuple[wire.Report, Arrays]:
        """How things stand, and what is new since the last report."""
        now, wait = self._clock(), self._report_seconds
        late = now - self._reported_at - wait
        # A step too late is made up for: five pictures a second, not five and a bit less.
        self._reported_at = now - late if 0 <= late < wait else now
        arrays: Arrays = {f"steps.{name}": column for name, column in as_block(self._steps).items()}
        block = evaluations_block(self._evaluations)
        arrays |= {f"evaluations.{name}": column for name, column in block.items()}
        with self._own_trouble("drawing the samples"):
            pictures = take_pictures(self.trainer, self._latents, slices=self._slices)
            arrays |= {f"film.{name}": array for name, array in pictures.items()}
            if self.trainer.data.toy is None:
                arrays["real_digits"] = real_digits(self.trainer)
        arrays |= self._moments
        self._steps, self._evaluations, self._moments = [], [], {}
        return wire.Report(
            run=self.name, serial=self.serial, state=self.state, step=self.trainer.steps_done,
            settings=self.trainer.settings, settings_since=self._settings_since,
            device=self.trainer.device.type, steps_per_second=self._speed.rate,
            problem=self._problem, notice=self._notice,
            checkpoint_step=0 if self._is_new else self.saver.step,
            saving=self.saver.trouble, hold_seconds=self._cost.hold, step_seconds=self._cost.step,
        ), arrays  # fmt: skip

    @property
    def _is_there(self) -> bool:
        """Whether the step is made until which it should play."""
        return self._until is not None and self.steps_done >= self._until

    @property
    def _is_new(self) -> bool:
        """Whether the game stands at a first step that its settings alone can bring back."""
        return self._fresh and self.steps_done == 0

    def _advance_playing(self) -> None:
        self._follow_script()
        self._step("both", probe=None)
        if self._is_there:
            self._follow_script()
            self.pause()
            return
        now = self._clock()
        self._speed.count(now)
        wait = EVALUATION_SECONDS if self.watched else UNWATCHED_SECONDS
        if self._pace.due(wait) or quality_curve.is_due(self.trainer):
            self._evaluate()
        if self.saver.due:
            self._save()

    def _advance_by_hand(self) -> None:
        count, who = self._by_hand.steps, self._by_hand.who
        self._step(who, probe=True, look=self._look if count == 1 and self._by_hand.slowly else unseen)
        if self.state == "stopped":
            return
        if count > 1:
            self._by_hand = self._by_hand._replace(steps=count - 1)
            return
        self._take_stock()
        self._end_by_hand()

    def _end_by_hand(self) -> None:
        self.serial = max(self.serial, self._by_hand.serial)
        self._by_hand = ByHand(0, "both", 0)

    def _look(self, moment: Moment) -> None:
        """A picture in the middle of a step, of G itself: its average hardly moves in one step."""
        pictures = take_pictures(self.trainer, self._latents, averaged=False)
        self._moments |= {f"{moment}.{name}": array for name, array in pictures.items()}

    def _step(self, who: Who, *, probe: bool | None, look: Look = unseen) -> None:
        started = time.thread_time()
        with self._own_trouble("a training step"):
            trainer = self.trainer
            self._steps.append(trainer.step(trainer.settings, who=who, probe=probe, look=look))
        self._cost.note_step(time.thread_time() - started)

    def _take_stock(self) -> None:
        self._slices.expire()
        self._evaluate()
        self._save()

    def _evaluate(self) -> None:
        started, stands = time.thread_time(), self.state != "playing"
        with self._own_trouble("measuring on held-out data"):
            self._evaluations.append(self._pace.evaluate(self.trainer, quality=stands))
        self._cost.note_evaluation(time.thread_time() - started)

    def _save(self) -> bool:
        if self.state == "stopped" or self._is_new:
            return False
        with self._own_trouble("saving the run"):
            return self.saver.save(self.trainer)
        return False

    @contextmanager
    def _own_trouble(self, work: str) -> Iterator[None]:
        """Whatever is raised inside stops this run, with a sentence that says which work failed."""
        try:
            yield
        except NotFiniteError as error:
            changed = self.trainer.settings.difference(Settings())
            under = ", ".join(f"{name} = {value}" for name, value in changed.items())
            self.stop(f"Stopped: {error} (settings: {under or 'the default ones'}).")
        except Exception as error:  # the other runs of this process go on
            log.debug("%s: %s failed", self.name, work, exc_info=True)
            self.stop(f"Stopped: {work} failed ({described(error)}).")


class Cost:
    """Processor time of a run's usual pieces of work; a single slow one does not count."""

    def __init__(self) -> None:
        self._step: float | None = None
        self._evaluations = (0.0, 0.0)

    @property
    def step(self) -> float:
        """Of a step, in seconds, smoothed; 0 before the first one."""
        return self._step or 0.0

    @property
    def hold(self) -> float:
        """Of the longest: a step, or an evaluation."""
        return max(self.step, min(self._evaluations))

    def note_step(self, seconds: float) -> None:
        self._step = seconds if self._step is None else 0.8 * self._step + 0.2 * seconds

    def note_evaluation(self, seconds: float) -> None:
        self._evaluations = self._evaluations[1], seconds


class Speedometer:
    """Steps per second over about the last second of play."""

    def __init__(self, clock: Callable[[], float]) -> None:
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
