"""One run, as the web process knows it."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gan_core.engine import games, memory, wire
from gan_core.engine.cost import HEAVY_SECONDS, Lane, lane_of
from gan_core.engine.games import KeptGame
from gan_core.engine.line import Line
from gan_core.engine.mark import Place
from gan_core.engine.process import WorkerProcess
from gan_core.history import History
from gan_core.library import SavedRun
from gan_core.settings import Settings

Who = Literal["both", "discriminator", "generator"]

WATCHED_SECONDS = 3.0  # nobody looked for so long: report rarely
MOVE_AGAIN_SECONDS = 10.0  # after a move that could not be made
SAME_PLACE = 2  # deaths of the trainer process at one place of a run, after which the run is stopped
FINISHING = "Finishing the step under way …"

log = logging.getLogger(__name__)


class Host(Protocol):
    """What a run needs to know of the engine it lives in."""

    folder: Path

    def give_out_places(self) -> None: ...

    def place_of(self, run: RunHandle) -> int | None: ...

    def worker_for(self, run: RunHandle) -> WorkerProcess: ...

    def lane_of(self, worker: WorkerProcess) -> Lane: ...

    def save(self, run: RunHandle, *, empty: bool = False) -> None: ...

    def has_neighbours(self, run: RunHandle) -> bool: ...


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
        self.created = time.time()  # seconds since 1970
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
        self.unsaved: str | None = None  # why this side cannot save it, a sentence
        self.pending: str | None = None  # what a click still waits for, a sentence
        self.progress: float | None = None
        self.checkpoint_step: int | None = None
        self.history = History()
        self.kept: list[KeptGame] = []  # the games before this one, the last one last
        self.real_digits: NDArray[np.uint8] = np.zeros((0, 784), np.uint8)
        self.acts = 0  # grows with everything an owner does that is seen in the present
        self.version = 0  # grows with everything that could change a picture
        self.game = 0  # another number after every reset, undo, opening, restoring or death
        self.wants_to_play = False
        self.has_place = False
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

    # What a page asks for

    def begin_again(self, saved: SavedRun) -> None:
        """Go on with a run as it was saved, standing still; returns at once."""
        with self.lock:
            self.history, self.settings = saved.history, saved.settings
            self.created, self.shared = saved.meta.created, saved.meta.shared
            self.step = self.checkpoint_step = saved.meta.step
            self.plays_when_held = saved.meta.wants_to_play
            self._pages, self.abandoned_at = 0, time.monotonic()
            self.game = self._line.create(**self._resuming())

    def begin(self) -> None:
        """Have the game built; returns at once."""
        with self.lock:
            self.game = self._line.create(settings=self.settings)

    def play(self) -> None:
        """Play now, or as soon as there is a place."""
        with self.acting:
            self.look()
            with self.lock:
                if self.state in ("paused", "loading", "playing"):
                    self.wants_to_play = True
                    self.acts += 1
                    self._note()
            self._host.give_out_places()

    def pause(self) -> None:
        """Stand still. Returns once the trainer has stopped: not a step more is made.

        A step that lasts longer than the wait is finished, counted and shown; `pending` says so until then.
        """
        with self.acting:
            with self.lock:
                self.wants_to_play = False
                self._note()
                if self._line.parked:
                    return  # it stands still, and saved
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
                self.settings, self._heavy_by_measure = settings, False
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
        """Back to the game before this one, playing if it did. Does nothing without one."""
        with self.acting:
            self.pause()
            with self.lock:
                if not self.kept:
                    return
                game = self.kept.pop()
                self._make_way(game.settings)
            self._create(game.settings, game.history, opened=str(game.folder))
            with self.lock:
                self._opened = game.opened
            if game.played:
                self.play()

    def restore(self) -> None:
        """Back to the last good checkpoint, under the present live settings, standing still."""
        with self.acting:
            with self.lock:
                self.wants_to_play, self.problem = False, None
                serial = self.game = self._line.create(**self._resuming())
            self.wait(serial, seconds=10.0)
            self._host.give_out_places()

    def look(self) -> None:
        """Somebody looks at this run now."""
        with self.lock:
            self.looked_at = time.monotonic()
            self._unshelve_films()
            if not self._watched:
                self._watched = True
                if not self._line.parked:
                    self._send(wire.Watch, on=True)

    def watch(self, on: bool) -> None:
        """Say whether somebody looks; returns once the trainer knows, with its step up to date."""
        with self.lock:
            self._watched = on
            serial = self._send(wire.Watch, on=on)
        self.wait(serial)

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

    def take_place(self) -> None:
        with self.lock:
            self.has_place = True
            self.playing_since = time.monotonic()
            self.notice = self._saving
            self._send(wire.Play)

    def leave_place(self) -> None:
        """Stand still without being asked to, or confirm that it does."""
        with self.lock:
            self.has_place = False
            if not self._line.parked:
                self._send(wire.Pause)

    def unwatch_if_unseen(self, now: float) -> None:
        with self.lock:
            if self._watched and now - self.looked_at > WATCHED_SECONDS:
                self._watched = False
                if not self._line.parked:
                    self._send(wire.Watch, on=False)

    def note_place(self) -> None:
        """Its place in the queue is another one."""
        with self.lock:
            self._note()

    def say_unsaved(self, problem: str | None) -> None:
        """Why this side cannot save the run, a sentence; None once it can."""
        with self.lock:
            if problem != self.unsaved:
                self.unsaved = problem
                self._note()

    def say(self, notice: str) -> None:
        with self.lock:
            self.notice = notice
            self._note()

    @property
    def memory(self) -> int:
        """Bytes that it takes in both processes, estimated."""
        held = 0 if self._line.parked else memory.trainer_bytes(self.settings, self.step)
        histories = (self.history, *(game.history for game in self.kept))
        return held + sum(memory.history_bytes(history.film) for history in histories)

    def park(self) -> int:
        """Put its game away, on disk, until somebody asks for something; the bytes that this frees.

        Only a run that stands still is put away, and only one whose steps are not in its settings alone.
        """
        with self.lock:
            if not self._is_settled or self.state != "paused" or self.wants_to_play or self.step == 0:
                return 0
            log.info("%s: parked at step %d", self.name, self.step)
            before = self.memory
            self._line.park()
            self._shelve_films()
            return before - self.memory + memory.trainer_bytes(self.settings, self.step)

    def find_lane(self, now: float) -> None:
        """Move to the process where it should play, if that is another one."""
        with self.lock:
            wrong = self._host.lane_of(self.worker) != self.lane
            if wrong and self._is_settled and now - self._moved_at > MOVE_AGAIN_SECONDS:
                self._moved_at = now
                log.info("%s: moves from %s to the %s lane", self.name, self.worker, self.lane)
                self._line.park()

    def resume_after_death(self, heir: WorkerProcess, at_work: Place | None) -> None:
        """Its trainer process died and a new one is there; `at_work`: what the dead one was doing."""
        with self.lock:
            if self.state == "stopped":
                self._line.abandon(heir)
                return
            self._died_at, before = self.step, None
            if at_work is not None and at_work.run == self.name:
                self._died_at = max(self.step, at_work.step)
                self._deaths[at_work.work, at_work.step] += 1
                if at_work.work == "open":
                    before = at_work.step  # the checkpoint that it died of
            self.notice = "The trainer process died. The run goes on from its newest checkpoint on disk …"
            self._watched = True
            self.state = "loading"
            self._line.follow(heir, self._resuming(before=before))
            self.game = self._line.born
            self._note()

    def is_deadly(self, at_work: Place | None) -> bool:
        """Whether the trainer process has died at this place of this run before, or of a folder it opened."""
        if at_work is None or at_work.run != self.name:
            return False
        if at_work.work == "open":  # of its own checkpoints there may be an older one
            return self._line.is_opening
        return self._deaths[at_work.work, at_work.step] + 1 >= SAME_PLACE

    def stop_deadly(self, heir: WorkerProcess, at_work: Place) -> None:
        """The trainer process died of this run, again and at the same place: it is not brought back."""
        with self.lock:
            self._deaths[at_work.work, at_work.step] += 1
            self._line.abandon(heir)
            if at_work.work == "open":
                self.give_up("Stopped: the trainer process died when it read this run. Open another one.")
            else:
                where = f"at step {at_work.step:,} of this run"
                self.give_up(f"Stopped: the trainer process died twice {where}. Change its settings.")

    def give_up(self, problem: str) -> None:
        with self.lock:
            log.warning("%s: %s", self.name, problem)
            self.state, self.problem, self.wants_to_play = "stopped", problem, False
            self.pending = None
            self._note()

    def close(self, *, keep: bool = False) -> None:
        """Forget its game; `keep`: its folder stays."""
        with self.lock:
            if self._line.parked and not keep:
                shutil.rmtree(self._host.folder / self.name, ignore_errors=True)
            elif not self._line.parked:
                self._line.close(keep=keep)
            self._note()  # whoever watches it is sent away

    def take(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        """A report has come."""
        with self.lock:
            if report.serial < self._line.born:
                self._take_late(report, arrays)
            else:
                self._take_state(report)
                if report.state != "loading":
                    self.history.note(report.settings.model_dump(), report.settings_since)
                games.record(self.history, arrays, report.step)
                if "real_digits" in arrays:
                    self.real_digits = arrays["real_digits"].copy()
            moving = self.lane != self._host.lane_of(self.worker) or self.wants_to_play
            self._line.settle(
                report.serial, parked=report.parked, resume=self._resuming(), come_back=moving
            )
            self._note()

    def _take_state(self, report: wire.Report) -> None:
        self._line.answered = max(self._line.answered, report.serial)
        if self._line.answered >= self._line.serial:
            self.pending = None
        self.state, self.step = report.state, report.step
        self.steps_per_second = report.steps_per_second
        self.problem, self.progress = report.problem, report.progress
        self.checkpoint_step = report.checkpoint_step
        self._take_notices(report)
        self.kept = [game for game in self.kept if str(game.folder) != report.not_kept]
        if not report.settings.same_structure(self.settings):
            self.settings = report.settings  # the full set could not be had, or the old game went on
        if report.hold_seconds > HEAVY_SECONDS and self._host.has_neighbours(self):
            self._heavy_by_measure = True
        if report.state == "stopped":
            self.wants_to_play = False
            self._line.unconfirmed = None
        elif self._line.unconfirmed is not None and report.state != "loading":
            self._line.unconfirmed = None
            self.history.forget_after(report.step)  # what came after its checkpoint never was

    def _take_notices(self, report: wire.Report) -> None:
        if self._died_at is not None and report.state != "loading":
            self.notice = (
                f"The trainer process died at step {self._died_at:,}; the run went on from its "
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
    def _is_settled(self) -> bool:
        """Whether a trainer process has its game, and has told of it."""
        told = self._line.unconfirmed is None and not self._line.is_away
        return told and self.state in ("paused", "playing")

    def _leave(self, settings: Settings, history: History, **fields: Any) -> None:
        """Another game; the present one is kept, to the step, if anybody has moved in it."""
        with self.acting:
            played = self.wants_to_play
            self.pause()
            with self.lock:
                if self.step > 0 or self.pending:
                    folder = self._host.folder / self.name / wire.KEPT / str(self._line.serial)
                    fields["keep"] = str(folder)
                    self.kept = games.keep(
                        self.kept,
                        KeptGame(
                            self.settings, self.history, folder, played, self._line.born, 0, self._opened
                        ),
                    )
                self._make_way(settings)
            self._create(settings, history, **fields)

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

    def _make_way(self, settings: Settings) -> None:
        """Leave the trainer process if the next game plays in another one."""
        if self._is_settled and lane_of(settings) != self._host.lane_of(self.worker):
            self._line.park()

    def _create(self, settings: Settings, history: History, **fields: Any) -> None:
        with self.lock:
            self._unshelve_films()
            self.settings, self.history = settings, history
            self.wants_to_play, self.notice, self.problem = False, None, None
            self._opened = fields.get("opened")
            self._heavy_by_measure = False
            self._deaths.clear()
            # On disk, too: a checkpoint of this game must not meet the records of the game before.
            self._host.save(self, empty=True)
            serial = self.game = self._line.create(settings=settings, **fields)
            if "keep" in fields:
                self.kept[-1] = self.kept[-1]._replace(left=serial)
        self.wait(serial, seconds=10.0)
        self._host.give_out_places()

    def _resuming(self, before: int | None = None) -> dict[str, Any]:
        """The fields of a Create that goes on with the present game from its newest checkpoint."""
        return {
            "settings": self.settings, "resume": True, "before": before, "opened": self._opened,
            "play": self.wants_to_play and self.has_place,
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
