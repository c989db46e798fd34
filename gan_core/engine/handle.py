"""One run, as the web process knows it."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gan_core.engine import wire
from gan_core.engine.process import WorkerProcess
from gan_core.history import HISTOGRAMS, Evaluation, History, Keyframe, StepRecord
from gan_core.settings import Settings

Who = Literal["both", "discriminator", "generator"]

WATCHED_SECONDS = 3.0  # nobody looked for so long: report rarely
KEPT_GAMES = 3  # so many can be gone back to; each costs some megabytes on disk


class KeptGame(NamedTuple):
    """A game that was left for another one, and where the trainer process has put it."""

    settings: Settings
    history: History
    folder: Path


class Host(Protocol):
    """What a run needs to know of the engine it lives in."""

    folder: Path

    def give_out_places(self) -> None: ...

    def place_of(self, run: RunHandle) -> int | None: ...


class RunHandle:
    """One run as the web process knows it.

    Fields are read and written under `lock`. Who acts on a run holds `acting`, which is taken before `lock`:
    a page's second click may run beside its first one, and must wait until that one has been done.
    """

    def __init__(
        self, host: Host, name: str, worker: WorkerProcess, settings: Settings, owner: str | None = None
    ) -> None:
        self.name = name
        self.owner = owner  # whose pages may act on it; None: the page that holds it
        self.ticket = secrets.token_urlsafe(18)  # what such a page shows to watch, where there is no owner
        self.shared = False  # whether everybody who knows its name may watch
        self.listeners: set[Callable[[], None]] = set()  # called at each new version, under `lock`: be quick
        self.lock = threading.RLock()
        self.acting = threading.RLock()
        self.settings = settings
        self.state: wire.State = "loading"
        self.step = 0
        self.steps_per_second = 0.0
        self.problem: str | None = None
        self.notice: str | None = None
        self.progress: float | None = None
        self.checkpoint_step: int | None = None
        self.history = History()
        self.kept: list[KeptGame] = []  # the games before this one, the last one last
        self.real_digits: NDArray[np.uint8] = np.zeros((0, 784), np.uint8)
        self.acts = 0  # grows with everything an owner does that is seen in the present
        self.version = 0  # grows with everything that could change a picture
        self.wants_to_play = False
        self.playing_since = 0.0
        self.looked_at = time.monotonic()
        self.abandoned_at: float | None = None
        self._pages = 1  # that hold it
        self.worker = worker
        self._host = host
        self._serial = 0
        self._answered = 0
        self._born = 0  # serial of the last Create: what was sent before speaks of another game
        self._newborn = False  # nothing has been heard of the game since the last Create
        self.has_place = False
        self._changed = threading.Condition(self.lock)
        self._watched = True

    # What a page asks for

    def begin(self) -> None:
        """Have the game built; returns at once."""
        with self.lock:
            self._bear(settings=self.settings)

    def play(self) -> None:
        """Play now, or as soon as there is a place."""
        with self.acting:
            self.look()
            with self.lock:
                if self.state in ("paused", "loading"):
                    self.wants_to_play = True
                    self.acts += 1
                    self._note()
            self._host.give_out_places()

    def pause(self) -> None:
        """Stand still. Returns once the trainer has stopped: not a step more is made."""
        with self.acting:
            with self.lock:
                self.wants_to_play = False
                self._note()
                serial = self._send(wire.Pause)
            self.wait(serial)
            self._host.give_out_places()

    def step_by_hand(self, count: int, who: Who) -> None:
        """`count` steps of a run that stands still; returns once they are made."""
        with self.acting:
            with self.lock:
                self.acts += 1
                serial = self._send(wire.Step, count=count, who=who)
            self.wait(serial)

    def update(self, settings: Settings) -> None:
        """Live settings for the next step; returns once it is made, or the lines of a still game have moved.

        Raises ValueError if they change the structure.
        """
        with self.acting:
            with self.lock:
                if not settings.same_structure(self.settings):
                    raise ValueError("these settings need a new run: they change its structure")
                self.settings = settings
                self.acts += 1
                serial = self._send(wire.Update, settings=settings)
            self.wait(serial)

    def reset(self, settings: Settings) -> None:
        """A new game under `settings`, standing still, with an empty history."""
        self._leave(settings, History())

    def open(self, folder: Path, settings: Settings, history: History) -> None:
        """The run saved in `folder`, with what was recorded of it."""
        self._leave(settings, history, opened=str(folder))

    def undo_reset(self) -> None:
        """Back to the game before this one, as it stood when it was left. Does nothing without one."""
        with self.acting:
            with self.lock:
                if not self.kept:
                    return
                game = self.kept.pop()
            self._create(game.settings, game.history, opened=str(game.folder))

    def restore(self) -> None:
        """Back to the last good checkpoint, under the present live settings, standing still."""
        with self.acting:
            with self.lock:
                self.wants_to_play, self.problem = False, None
                serial = self._bear(settings=self.settings, resume=True)
            self.wait(serial, seconds=10.0)
            self._host.give_out_places()

    def look(self) -> None:
        """Somebody looks at this run now."""
        with self.lock:
            self.looked_at = time.monotonic()
            if not self._watched:
                self._watched = True
                self._send(wire.Watch, on=True)

    def watch(self, on: bool) -> None:
        """Say whether somebody looks; returns once the trainer knows, with its step up to date."""
        with self.lock:
            self._watched = on
            serial = self._send(wire.Watch, on=on)
        self.wait(serial)

    def wait(self, serial: int, seconds: float = 3.0) -> bool:
        """Until the trainer has carried out that command; whether it did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._answered >= serial, seconds)

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Until something reported makes `condition` true; whether it did in time."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def hold(self) -> None:
        """One more page has it."""
        with self.lock:
            self._pages += 1
            self.abandoned_at = None

    def release(self) -> None:
        """One of its pages is gone. After the last one the run lives on for GRACE_SECONDS."""
        with self.lock:
            self._pages -= 1
            if self._pages <= 0:
                self.abandoned_at = time.monotonic()

    # What the engine does with it

    @property
    def shown_state(self) -> wire.State:
        """The state a person is told: a run that waits for a place is queued."""
        waits = self.wants_to_play and not self.has_place
        return "queued" if waits and self.state == "paused" else self.state

    @property
    def is_busy(self) -> bool:
        """Whether more is to come. A click counts at once: what the trainer has said last may be older."""
        return self.wants_to_play or self.state == "loading"

    @property
    def game(self) -> int:
        """Which game of this run is being played: another number after every reset, undo or opening."""
        return self._born

    @property
    def queue_place(self) -> int | None:
        """1 for the next to play, or None if this run does not wait."""
        return self._host.place_of(self)

    def take_place(self) -> None:
        with self.lock:
            self.has_place = True
            self.playing_since = time.monotonic()
            self.notice = None
            self._send(wire.Play)

    def leave_place(self) -> None:
        """Stand still without being asked to, or confirm that it does."""
        with self.lock:
            self.has_place = False
            self._send(wire.Pause)

    def unwatch_if_unseen(self, now: float) -> None:
        with self.lock:
            if self._watched and now - self.looked_at > WATCHED_SECONDS:
                self._watched = False
                self._send(wire.Watch, on=False)

    def note_place(self) -> None:
        """Its place in the queue is another one."""
        with self.lock:
            self._note()

    def say(self, notice: str) -> None:
        with self.lock:
            self.notice = notice
            self._note()

    def resume_after_death(self) -> None:
        """Its trainer process died and a new one is there."""
        with self.lock:
            lost_at = self.step
            kept = self.checkpoint_step or 0
            self.history.forget_after(kept)
            self.notice = (
                f"The trainer process died at step {lost_at:,}; the run went on from its "
                f"checkpoint at step {kept:,}."
            )
            self._watched = True
            self.state = "loading"
            self._bear(settings=self.settings, resume=True)
            if self.wants_to_play and self.has_place:
                self._send(wire.Play)
            self._note()

    def give_up(self, problem: str) -> None:
        with self.lock:
            self.state, self.problem, self.wants_to_play = "stopped", problem, False
            self._note()

    def close(self) -> None:
        with self.lock:
            self._send(wire.Close)
            self._note()  # whoever watches it is sent away

    def take(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        """A report has come."""
        with self.lock:
            if report.serial < self._born:
                return  # the last words of the game before a reset
            self._answered = max(self._answered, report.serial)
            self.state, self.step = report.state, report.step
            self.steps_per_second = report.steps_per_second
            self.problem, self.progress = report.problem, report.progress
            self.notice = report.notice or self.notice
            self.checkpoint_step = report.checkpoint_step
            if not report.settings.same_structure(self.settings):
                self.settings = report.settings  # the full set could not be had, or the old game went on
            if report.state == "stopped":
                self.wants_to_play = False
            elif self._newborn and report.state != "loading":
                self._newborn = False
                self.history.forget_after(report.step)  # what came after its checkpoint never was
            if report.state != "loading":
                self.history.note(report.settings.model_dump(), report.settings_since)
            self._keep(arrays, report.step)
            self._note()

    def _keep(self, arrays: dict[str, NDArray[Any]], step: int) -> None:
        if "steps.step" in arrays:
            self.history.steps.extend({n: arrays[f"steps.{n}"] for n in StepRecord._fields})
        if "evaluations.step" in arrays:
            names = (*Evaluation._fields, *HISTOGRAMS)
            self.history.evaluations.extend({n: arrays[f"evaluations.{n}"] for n in names})
        if "digits" in arrays:
            self.real_digits = arrays["real_digits"]
            frame = Keyframe(step, arrays["digits"], arrays["verdicts"], arrays["real_verdicts"])
            self.history.film.append(frame)

    def _leave(self, settings: Settings, history: History, **fields: Any) -> None:
        """Another game; the present one is kept, to the step, if anybody has moved in it."""
        with self.acting:
            self.pause()
            with self.lock:
                if self.step > 0:
                    folder = self._host.folder / f"{self.name}{wire.KEPT}{self._serial}"
                    fields["keep"] = str(folder)
                    self.kept.append(KeptGame(self.settings, self.history, folder))
                    for forgotten in self.kept[:-KEPT_GAMES]:
                        shutil.rmtree(forgotten.folder, ignore_errors=True)
                    self.kept = self.kept[-KEPT_GAMES:]
            self._create(settings, history, **fields)

    def _create(self, settings: Settings, history: History, **fields: Any) -> None:
        with self.lock:
            self.settings, self.history = settings, history
            self.wants_to_play, self.notice, self.problem = False, None, None
            serial = self._bear(settings=settings, **fields)
        self.wait(serial, seconds=10.0)
        self._host.give_out_places()

    def _bear(self, **fields: Any) -> int:
        self._newborn = True
        self._born = self._send(wire.Create, **fields)
        return self._born

    def _send(self, command: type[Any], **fields: Any) -> int:
        self._serial += 1
        self.worker.send(command(run=self.name, serial=self._serial, **fields))
        return self._serial

    def _note(self) -> None:
        self.version += 1
        self._changed.notify_all()
        for listener in tuple(self.listeners):
            listener()
