"""One run, as the web process handles it: the requests of its pages, and those of the engine."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from gan_core.engine import games, memory, wire
from gan_core.engine.cost import lane_of
from gan_core.engine.games import KeptGame
from gan_core.engine.mark import Place
from gan_core.engine.process import WorkerProcess
from gan_core.engine.record import RunRecord
from gan_core.history import History, Result
from gan_core.library import SavedRun
from gan_core.settings import Settings

Who = Literal["both", "discriminator", "generator"]

WATCHED_SECONDS = 3.0  # nobody looked for so long: report rarely
MOVE_AGAIN_SECONDS = 10.0  # after a move that could not be made
SAME_PLACE = 2  # deaths of the trainer process at one place of a run, after which the run is stopped

log = logging.getLogger(__name__)


class RunHandle(RunRecord):
    """One run: what is known of it, what a page may ask of it, and what the engine does with it."""

    # What a page asks for

    def begin_again(self, saved: SavedRun) -> None:
        """Go on with a run as it was saved, standing still; returns at once."""
        with self.lock:
            self.history, self.settings = saved.history, saved.settings
            self.created = saved.meta.created
            self.step = self.checkpoint_step = saved.meta.step
            self.plays_when_held = saved.meta.wants_to_play
            self._pages, self.abandoned_at = 0, time.monotonic()
            # Not a newer checkpoint: the records would have a hole before it.
            self.game = self._line.create(**self._resuming(before=saved.meta.step + 1))

    def begin(self) -> None:
        """Have the game built; returns at once."""
        with self.lock:
            self.game = self._line.create(settings=self.settings)

    def play(self, until: int | None = None, script: Sequence[wire.Scheduled] = ()) -> None:
        """Play now, or as soon as there is a place; with `until`, stand still once that step is made.

        Does nothing where that step is made already. `script`: settings that come into force on the way.
        """
        with self.acting:
            self.look()
            with self.lock:
                if until is not None and self.step >= until:
                    return
                if self.state in ("paused", "loading", "playing"):
                    self.wants_to_play, self.stop_at, self.script = True, until, tuple(script)
                    self.acts += 1
                    if self.has_place:
                        self._send(wire.Play, until=until, script=self.script)
                    self._note()
            self._host.give_out_places()

    def pause(self) -> None:
        """Stand still. Returns once the trainer has stopped: not a step more is made.

        A step that lasts longer than the wait is finished, counted and shown; `pending` says so until then.
        """
        with self.acting:
            with self.lock:
                self._end_playing()
                self._note()
                if self._line.parked:
                    return  # it stands still, and saved
                serial = self._send(wire.Pause)
            self.wait(serial)
            self._host.give_out_places()

    def step_by_hand(self, count: int, who: Who, *, slowly: bool = False) -> None:
        """`count` steps of a run that stands still; returns once they are made.

        `slowly`: the pictures of the last one's moments are in `moments` then.
        """
        with self.acting:
            with self.lock:
                self.acts += 1
                if who != "both":
                    self.history.note_lone(self.step + 1, self.step + count)
                serial = self._send(wire.Step, count=count, who=who, slowly=slowly)
            self.wait(serial)

    def update(self, settings: Settings) -> None:
        """Live settings for the next step; returns once it is made, or the lines of a still game have moved.

        Raises ValueError if they change the structure.
        """
        with self.acting:
            with self.lock:
                if not settings.same_structure(self.settings):
                    raise ValueError("these settings need a new run: they change its structure")
                self.settings, self._heavy_by_measure, self.script = settings, False, ()
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
                self._end_playing()
                self.problem = None
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

    def hold(self) -> None:
        """One more page has it."""
        with self.lock:
            self._pages += 1
            self.abandoned_at = None

    def share(self, on: bool) -> None:
        """Let everybody who knows its name watch, or its owner alone: then all others are cut off at once."""
        with self.lock:
            if self.shared != on:
                self.shared = on
                self._note()

    def release(self) -> None:
        """One of its pages is gone. After the last one the run lives on for GRACE_SECONDS."""
        with self.lock:
            self._pages -= 1
            if self._pages <= 0:
                self.abandoned_at = time.monotonic()

    # What the engine does with it

    def take_place(self) -> None:
        with self.lock:
            self.has_place = True
            self.playing_since = time.monotonic()
            self.notice = self._saving
            self._send(wire.Play, until=self.stop_at, script=self.script)

    def leave_place(self) -> None:
        """Stand still without being asked to, or confirm that it does."""
        with self.lock:
            self.has_place = False
            if not self._line.parked:
                self._send(wire.Pause)

    def unwatch_if_unseen(self, now: float) -> None:
        """Have the trainer report rarely. Not while a board listens: its answer would be the board's news."""
        with self.lock:
            if self._watched and not self.listeners and now - self.looked_at > WATCHED_SECONDS:
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

    def take_result(self, history: History, result: Result) -> None:
        """What the lab has measured of the game that `history` tells of, which may have been left since."""
        with self.lock:
            histories = (self.history, *(game.history for game in self.kept))
            if any(own is history for own in histories):
                history.results.add(result)
                self._note()

    def say(self, notice: str) -> None:
        with self.lock:
            self.notice = notice
            self._note()

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
            self.notice = "The trainer process crashed. The run continues from its newest checkpoint …"
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
                self.give_up("Stopped: the trainer process crashed when it opened this run. Open another.")
            else:
                where = f"at step {at_work.step:,} of this run"
                self.give_up(f"Stopped: the trainer process crashed twice {where}. Change its settings.")

    def give_up(self, problem: str) -> None:
        with self.lock:
            log.warning("%s: %s", self.name, problem)
            self._end_playing()
            self.state, self.problem, self.pending = "stopped", problem, None
            self._note()

    def close(self, *, keep: bool = False) -> None:
        """Forget its game; `keep`: its folder stays."""
        with self.lock:
            self.closed = True
            if self._line.parked and not keep:
                shutil.rmtree(self._host.folder / self.name, ignore_errors=True)
            elif not self._line.parked:
                self._line.close(keep=keep)
            self._note()  # whoever watches it is sent away

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

    def _make_way(self, settings: Settings) -> None:
        """Leave the trainer process if the next game plays in another one."""
        if self._is_settled and lane_of(settings) != self._host.lane_of(self.worker):
            self._line.park()

    def _create(self, settings: Settings, history: History, **fields: Any) -> None:
        with self.lock:
            self._unshelve_films()
            self.settings, self.history = settings, history
            self._end_playing()
            self.notice = self.problem = None
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
