"""What the web process has been told of one run."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gan_core.engine import games, memory, wire
from gan_core.engine.cost import HEAVY_SECONDS, Lane, Pace, lane_of
from gan_core.engine.games import KeptGame
from gan_core.engine.line import Line
from gan_core.engine.process import WorkerProcess
from gan_core.history import History
from gan_core.settings import Settings

FINISHING = "Finishing the step under way …"


class Host(Protocol):
    """What a run needs to know of the engine it lives in."""

    folder: Path
    pace: Pace

    def give_out_places(self) -> None: ...

    def place_of(self, run: RunRecord) -> int | None: ...

    def worker_for(self, run: RunRecord) -> WorkerProcess: ...

    def lane_of(self, worker: WorkerProcess) -> Lane: ...

    def has_neighbours(self, run: RunRecord) -> bool: ...

    def save(self, run: Any, *, empty: bool = False) -> None: ...


class RunRecord:
    """What the web process knows of one run, from the reports of its trainer process.

    Fields are read and written under `lock`. Who acts on a run holds `acting`, which is taken before `lock`:
    a page's second click may run beside its first one, and must wait until that one has been done.
    """

    def __init__(
        self, host: Host, name: str, worker: WorkerProcess, settings: Settings, owner: str | None = None
    ) -> None:
        self.name = name
        self.owner = owner  # whose pages may act on it; None: the page that holds it
        self.ticket = secrets.token_urlsafe(18)  # what such a page shows to watch, where there is no owner
        self.created = time.time()  # seconds since 1970
        self.shared = False  # whether everybody who knows its name may watch
        self.listeners: set[Callable[[], None]] = set()  # called at each new version, under `lock`: be quick
        self.lock = threading.RLock()
        self.acting = threading.RLock()
        self.settings = settings
        self.state: wire.State = "loading"
        self.step = 0
        self.steps_per_second = 0.0
        self.device = "cpu"  # that it is trained on, as PyTorch calls it
        self.problem: str | None = None
        self.notice: str | None = None
        self.unsaved: str | None = None  # why this side cannot save it, a sentence
        self.pending: str | None = None  # what a click still waits for, a sentence
        self.progress: float | None = None
        self.checkpoint_step: int | None = None
        self.history = History()
        self.kept: list[KeptGame] = []  # the games before this one, the last one last
        self.moments: dict[str, dict[str, NDArray[Any]]] = {}  # of the present step, made in slow motion
        self.real_digits: NDArray[np.uint8] = np.zeros((0, 784), np.uint8)
        self.acts = 0  # grows with everything an owner does that is seen in the present
        self.version = 0  # grows with everything that could change a picture
        self.game = 0  # another number after every reset, undo, opening, restoring or death
        self.wants_to_play = False
        self.stop_at: int | None = None  # the step at which it is to stand still again
        self.script: tuple[wire.Scheduled, ...] = ()  # settings that come into force on the way there
        self.has_place = False
        self.closed = False  # the engine has forgotten it
        self.playing_since = 0.0
        self.looked_at = time.monotonic()
        self.abandoned_at: float | None = None
        self.plays_when_held = False  # it played when the server went down
        self._pages = 1  # that hold it
        self._host = host
        self._line = Line(name, worker, lambda: host.worker_for(self))
        self._opened: str | None = None  # the saved run that the present game goes on from
        self._saving: str | None = None  # the notice that it cannot be saved
        self._heavy_by_measure = False  # its steps took longer than its settings promise
        self._moved_at = -1e9
        self._died_at: int | None = None  # the step at which its trainer process died, until it is back
        self._deaths: Counter[tuple[str, int]] = Counter()  # of trainer processes, by place in this game
        self._shelved: list[tuple[History, Path]] = []  # films that lie on disk, not in `history`
        self._watched = True
        self._changed = threading.Condition(self.lock)

    def wait(self, serial: int, seconds: float = 3.0) -> bool:
        """Until the trainer has carried out that command; whether it did in time; else `pending` is set."""
        with self._changed:
            done = self._changed.wait_for(lambda: self._line.answered >= serial, seconds)
            if not done and self.state != "stopped":
                self.pending = FINISHING
                self._note()
            return done

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Until something reported makes `condition` true; whether it did in time."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def wait_until_still(self, seconds: float) -> bool:
        """Until the trainer has stopped; whether it did in time."""
        return self.wait_until(lambda: self.state != "playing", seconds)

    @property
    def worker(self) -> WorkerProcess:
        """The trainer process that has its game, or had it last."""
        return self._line.worker

    @property
    def lane(self) -> Lane:
        """Where it should play: beside others, or where its long steps hold nobody up."""
        return "heavy" if self._heavy_by_measure else lane_of(self.settings, self._host.lane_of(self.worker))

    @property
    def is_parked(self) -> bool:
        """Whether its game is on disk only."""
        return self._line.parked

    @property
    def shown_state(self) -> wire.State:
        """The state a person is told: a run that waits for a place is queued."""
        waits = self.wants_to_play and not self.has_place
        return "queued" if waits and self.state == "paused" else self.state

    @property
    def is_busy(self) -> bool:
        """Whether more is to come. A click counts at once: what the trainer has said last may be older."""
        return self.wants_to_play or self.pending is not None or self.state == "loading"

    @property
    def queue_place(self) -> int | None:
        """1 for the next to play, or None if this run does not wait."""
        return self._host.place_of(self)

    @property
    def memory(self) -> int:
        """Bytes that it takes in both processes, estimated."""
        held = 0 if self._line.parked else memory.trainer_bytes(self.settings, self.step)
        histories = (self.history, *(game.history for game in self.kept))
        return held + sum(memory.history_bytes(history.film) for history in histories)

    def take(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        """A report has come."""
        with self.lock:
            if report.serial < self._line.born:
                self._take_late(report, arrays)
            else:
                self._take_state(report)
                if report.state != "loading":
                    self.history.note(report.settings.model_dump(), report.settings_since)
                before = self.history.film.frames[-1].step if self.history.film.frames else -1
                games.record(self.history, arrays, report.step)
                self.moments = games.moments_of(arrays) or (self.moments if report.step == before else {})
                if "real_digits" in arrays:
                    self.real_digits = arrays["real_digits"].copy()
            moving = self.lane != self._host.lane_of(self.worker) or self.wants_to_play
            self._line.settle(report.serial, parked=report.parked, resume=self._resuming(), come_back=moving)
            self._note()

    def _take_state(self, report: wire.Report) -> None:
        self._line.answered = max(self._line.answered, report.serial)
        if self._line.answered >= self._line.serial:
            self.pending = None
        self.state, self.step = report.state, report.step
        self.steps_per_second, self.device = report.steps_per_second, report.device
        self.problem, self.progress = report.problem, report.progress
        self.checkpoint_step = report.checkpoint_step
        self._take_notices(report)
        self.kept = [game for game in self.kept if str(game.folder) != report.not_kept]
        if not report.settings.same_structure(self.settings):
            self.settings = report.settings  # the full set could not be had, or the old game went on
        if report.hold_seconds > HEAVY_SECONDS and self._host.has_neighbours(self):
            self._heavy_by_measure = True
        if report.state == "playing" and report.step_seconds > 0.0 and report.device == "cpu":
            self._host.pace.note(report.settings, report.step_seconds)
        if self.script and report.state != "loading":
            self.settings = report.settings
        if self.has_place and report.state == "paused" and self._is_there:
            self._end_playing()
        if report.state == "stopped":
            self._end_playing()
            self._line.unconfirmed = None
        elif self._line.unconfirmed is not None and report.state != "loading":
            self._line.unconfirmed = None
            self.history.forget_after(report.step)  # what came after its checkpoint never was

    def _end_playing(self) -> None:
        """It is to stand still: nothing is left of where it was to stop, and under which settings."""
        self.wants_to_play, self.stop_at, self.script = False, None, ()

    @property
    def _is_there(self) -> bool:
        """Whether the step is made until which it should play."""
        return self.stop_at is not None and self.step >= self.stop_at

    def _take_notices(self, report: wire.Report) -> None:
        if self._died_at is not None and report.state != "loading":
            self.notice = (
                f"The trainer process crashed at step {self._died_at:,}. The run continued from its "
                f"checkpoint at step {report.step:,}."
            )
            self._died_at = None
        if self._saving is not None and report.saving is None and self.notice == self._saving:
            self.notice = None
        self._saving = report.saving
        self.notice = report.notice or report.saving or self.notice

    def _take_late(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        """The last words of a game that has been left: its steps belong to it."""
        game = games.game_of(report.serial, self.kept)
        if game is not None:
            games.record(game.history, arrays, report.step)

    @property
    def pace(self) -> Pace:
        """How fast this machine plays."""
        return self._host.pace

    @property
    def _is_settled(self) -> bool:
        """Whether a trainer process has its game, and has told of it."""
        told = self._line.unconfirmed is None and not self._line.is_away
        return told and self.state in ("paused", "playing")

    @property
    def films_are_away(self) -> bool:
        """Whether its pictures lie on disk only, until somebody looks."""
        return bool(self._shelved)

    def _shelve_films(self) -> None:
        """Films are the larger part of a run's memory; nobody looks at them now."""
        shelf = self._host.folder / self.name / wire.FILMS
        for number, history in enumerate((self.history, *(game.history for game in self.kept))):
            path = shelf / f"{number}.npz"
            if len(history.film.frames) > 1 and games.shelve_film(history, path):
                self._shelved.append((history, path))

    def _unshelve_films(self) -> None:
        for history, path in self._shelved:
            games.unshelve_film(history, path)
        self._shelved.clear()

    def _resuming(self, before: int | None = None) -> dict[str, Any]:
        """The fields of a Create that goes on with the present game from its newest checkpoint."""
        return {
            "settings": self.settings, "resume": True, "before": before, "opened": self._opened,
            "play": self.wants_to_play and self.has_place, "until": self.stop_at, "script": self.script,
        }  # fmt: skip

    def _send(self, command: type[Any], **fields: Any) -> int:
        self._unshelve_films()
        return self._line.send(command, self._resuming(), **fields)

    @property
    def _serial(self) -> int:
        """The serial of the last command."""
        return self._line.serial

    def _note(self) -> None:
        self.version += 1
        self._changed.notify_all()
        for listener in tuple(self.listeners):
            listener()
