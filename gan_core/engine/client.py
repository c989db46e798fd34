"""The web process's side of training: trainer processes, their runs, and who may play.

The web process keeps each run's whole history and the newest pictures; a trainer process keeps the
game. If a trainer process dies, it is started again and its runs go on from their last checkpoints.
"""

from __future__ import annotations

import atexit
import functools
import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from gan_core import device_choice
from gan_core.engine import cores, wire
from gan_core.engine.cost import Lane, Pace, lane_of
from gan_core.engine.fork import start_of
from gan_core.engine.handle import WATCHED_SECONDS, RunHandle
from gan_core.engine.lab import Lab
from gan_core.engine.memory import memory_budget
from gan_core.engine.pool import Pool
from gan_core.engine.process import WorkerProcess
from gan_core.engine.record import RunRecord
from gan_core.engine.shelf import Shelf, locked_root
from gan_core.folders import copy_of
from gan_core.library import Meta, SavedRun, limit_bytes, runs_root
from gan_core.settings import Settings

PLAYING_PER_WORKER = 4
GRACE_SECONDS = 30.0  # a reload or a broken network gets its run back within this time
CLAIM_SECONDS = 2.0  # a reloaded page may be here before its old one is known to be gone
IDLE_SECONDS = 600.0  # nobody looked for so long: stand still
TURN_SECONDS = 180.0  # while others wait, a run plays so long at most
TICK_SECONDS = 0.5
BOUND_SECONDS = 60.0  # between two looks at how much room saved runs take
SAVING_SECONDS = 2.0  # for all runs to stand still when the server goes down
KEEPS_DYING = "Stopped: the trainer process crashes again and again. Restart the app."

log = logging.getLogger(__name__)


class Engine:
    """All trainer processes of this web process, and all runs.

    `workers`: how many trainer processes for shared runs, instead of what GAN_WORKERS or the cores say.
    `folder`: where the runs are saved and found again; without one, in a temporary folder that `stop`
    deletes. Raises OSError where `folder` cannot be written to, and ValueError, one sentence, for a count or
    a memory budget that does not fit.
    """

    def __init__(self, workers: int | None = None, folder: Path | None = None) -> None:
        self.worker_count = cores.worker_count() if workers is None else cores.checked(workers, "workers")
        self.memory_budget = memory_budget()  # bytes
        self.playing_cap = PLAYING_PER_WORKER * self.worker_count
        self.pace = Pace()
        self.keeps_runs = folder is not None
        self._hold: IO[str] | None = None  # of the folder: other servers stay away from it
        if folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="gan-equilibrium-"))
        else:
            self.folder, self._hold = locked_root(folder)
        self.lab = Lab(self.folder)
        self._shelf = Shelf(self.folder)
        self._bounded_at = -1e9
        self._lock = threading.RLock()
        self._runs: dict[str, RunHandle] = {}
        self._queue: list[RunHandle] = []
        self._stopping = threading.Event()
        self._pool = Pool(self.folder, self.worker_count, self._on_report, self._on_death)
        self._watchdog = threading.Thread(target=self._watch, name="engine-watchdog", daemon=True)
        self._watchdog.start()
        atexit.register(self.stop)

    @property
    def machine(self) -> wire.Machine | None:
        """Where games are trained; None until a trainer process has told."""
        told = (process.machine for process in self._pool.processes)
        return next((machine for machine in told if machine is not None), None)

    # Runs

    def create(self, settings: Settings, owner: str | None = None) -> RunHandle:
        """A new run, standing still; its pictures come as soon as the trainer process is up.

        `owner`: whose run it is, for `claim`; None where it belongs to the page that made it.
        """
        with self._lock:
            return self._begin(secrets.token_urlsafe(9), settings, owner, None)

    def _begin(self, name: str, settings: Settings, owner: str | None, saved: SavedRun | None) -> RunHandle:
        """A new run; or a saved one, held by nobody yet."""
        worker = self._pool.choose(lane_of(settings), self._load())
        run = self._runs[name] = RunHandle(self, name, worker, settings, owner)
        log.info("%s: %s, in %s", name, "created" if saved is None else "taken from disk", worker)
        if saved is None:
            run.begin()
        else:
            run.begin_again(saved)
        if self._pool.is_lost(worker):
            run.give_up(KEEPS_DYING)
        return run

    def fork(self, run: RunHandle, step: int, owner: str | None) -> RunHandle:
        """A copy of `run` at `step`, with settings and history up to there; it plays on as `run` did.

        Standing still, and held by nobody yet: `claim` it. Where no checkpoint of that step is on disk, the
        copy first repeats the steps from the one before; where they cannot be repeated, its notice says at
        which step it stands instead. Raises OSError where the disk refuses the copy.
        """
        name = secrets.token_urlsafe(9)
        run.look()
        with run.acting, run.lock:
            start = start_of(run, step, self.folder / run.name / wire.CHECKPOINTS)
            if start.checkpoint is not None:
                copied = self.folder / name / wire.CHECKPOINTS / start.checkpoint.stem
                copy_of(start.checkpoint, copied)
        meta = Meta(name=name, owner=owner, step=start.step, lone=start.history.lone)
        with self._lock:
            copy = self._begin(
                name, start.settings, owner, SavedRun(meta, start.settings, start.history, start.checkpoint)
            )
        self._shelf.save(copy)
        if start.notice is not None:
            copy.say(start.notice)
        if start.until is not None:
            copy.play(start.until, start.script)
        return copy

    def find(self, name: str) -> RunHandle | None:
        """The run of that name, whoever holds it; one that was saved is taken from disk."""
        with self._lock:
            if name not in self._runs and not self._stopping.is_set():
                saved = self._shelf.find(name)
                if saved is not None:
                    self._begin(name, saved.settings, saved.meta.owner, saved)
            return self._runs.get(name)

    def claim(self, name: str, owner: str | None = None) -> RunHandle | None:
        """The run of that name for one more page of `owner`, or None if it is not theirs.

        A run without an owner belongs to whoever held it last, one page at a time: it is given out once it
        has been released. A page that is being reloaded waits a moment for that.
        """
        deadline = time.monotonic() + CLAIM_SECONDS
        while time.monotonic() < deadline:
            with self._lock:
                run = self.find(name)
                if run is None or run.owner not in (None, owner):
                    return None
                given = run.owner is not None or run.abandoned_at is not None
                if given:
                    run.hold()
            if given:
                if run.plays_when_held:
                    run.plays_when_held = False
                    run.play()
                return run
            self._stopping.wait(0.05)
        return None

    def close(self, run: RunHandle, *, keep: bool = False) -> None:
        """End a run and forget it; `keep`: as it was saved it stays on disk."""
        with self._lock:
            self._runs.pop(run.name, None)
            if run in self._queue:
                self._queue.remove(run)
        run.close(keep=keep)
        self.lab.forget(run)
        self._shelf.put_away(run)
        self.give_out_places()

    def save(self, run: RunHandle, *, empty: bool = False) -> None:
        """Write the run to disk, as far as this process knows it; see `Shelf.save`."""
        self._shelf.save(run, empty=empty)

    @property
    def runs(self) -> list[RunHandle]:
        """All runs, oldest first."""
        with self._lock:
            return list(self._runs.values())

    # Places to play

    @property
    def playing(self) -> int:
        """How many runs have a place."""
        return sum(run.has_place for run in self.runs)

    def give_out_places(self) -> None:
        """First come, first served: start runs that want to play while there are places."""
        with self._lock:
            before = {run: place for place, run in enumerate(self._queue)}
            for run in self._runs.values():
                if run.has_place and not run.wants_to_play:
                    run.leave_place()
                waits = run.wants_to_play and not run.has_place
                if waits and run not in self._queue:
                    self._queue.append(run)
            self._queue = [run for run in self._queue if run.wants_to_play and not run.has_place]
            playing = sum(run.has_place for run in self._runs.values())
            while self._queue and playing < self.playing_cap:
                self._queue.pop(0).take_place()
                playing += 1
            for place, run in enumerate(self._queue):
                if before.get(run) != place:
                    run.note_place()

    def place_of(self, run: RunRecord) -> int | None:
        """1 for the next to play, None for a run that does not wait."""
        # Without the lock: a page asks while it holds its run, and whoever gives out places holds the
        # lock and wants the run.
        return next((place for place, other in enumerate(list(self._queue), 1) if other is run), None)

    # Trainer processes

    @property
    def workers(self) -> list[WorkerProcess]:
        """The trainer processes that have been started."""
        return self._pool.processes

    def worker_for(self, run: RunRecord) -> WorkerProcess:
        """The trainer process that takes this run now. Called under the run's lock, without the engine's."""
        return self._pool.choose(run.lane, self._load())

    def lane_of(self, worker: WorkerProcess) -> Lane:
        """Which runs a trainer process takes."""
        return self._pool.lane_of(worker)

    def has_neighbours(self, run: RunRecord) -> bool:
        """Whether other runs play in its process."""
        others = (other for other in list(self._runs.values()) if other is not run)
        return any(other.has_place and other.worker is run.worker for other in others)

    def _load(self) -> Counter[WorkerProcess]:
        """How many runs each process has. Without the lock, as `place_of`."""
        return Counter(run.worker for run in list(self._runs.values()) if not run.is_parked)

    # What happens by itself

    def stop(self) -> None:
        """Save all runs, end all trainer processes, and delete the folder if it is a temporary one."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._watchdog.join(TICK_SECONDS)
        if self.keeps_runs:
            self._save_all()
        self.lab.stop()
        self._pool.stop()
        if not self.keeps_runs:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._hold is not None:
            self._hold.close()

    def _save_all(self) -> None:
        """Every run to the step at which it stands still now; its wish to play is saved with it."""
        runs = self.runs
        for run in runs:
            if run.has_place:
                run.leave_place()
        deadline = time.monotonic() + SAVING_SECONDS
        for run in runs:
            run.wait_until_still(max(0.0, deadline - time.monotonic()))
            self._shelf.save(run)
            self._shelf.put_away(run)

    def _watch(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self._look_after_runs(time.monotonic())
            except Exception:  # the next round may do better
                log.exception("the watchdog's round failed")

    def _look_after_runs(self, now: float) -> None:
        for run in self.runs:
            run.unwatch_if_unseen(now)
            if self._close_if_abandoned(run, now):
                continue
            self._shelf.save(run)
            if run.has_place and now - run.looked_at > IDLE_SECONDS:
                run.wants_to_play = False
                run.say("Paused: nobody watched this run for ten minutes.")
            run.find_lane(now)
        self._end_long_turns(now)
        self.give_out_places()
        self._park_over_budget(now)
        if now - self._bounded_at > BOUND_SECONDS:
            self._bounded_at = now
            self._shelf.bound(held=[run.name for run in self.runs])

    def _park_over_budget(self, now: float) -> None:
        """Over the memory budget, the runs that nobody has looked at for longest go to disk."""
        used = self.memory_used
        for run in sorted(self.runs, key=lambda run: run.looked_at):
            if used <= self.memory_budget or now - run.looked_at <= WATCHED_SECONDS:
                return
            used -= run.park()

    @property
    def memory_used(self) -> int:
        """Bytes that the runs take in all processes, estimated."""
        return sum(run.memory for run in self.runs)

    def _close_if_abandoned(self, run: RunHandle, now: float) -> bool:
        with self._lock:  # so that nobody claims it meanwhile
            if run.abandoned_at is None or now - run.abandoned_at <= GRACE_SECONDS:
                return False
            if not self.keeps_runs or (run.step == 0 and not self._shelf.has(run)):
                self.close(run)  # an address brings back a game that nobody has moved in
                return True
            if run.wants_to_play or run.state in ("playing", "loading"):
                run.wants_to_play = False  # and saves its last step
                return False
            self._shelf.save(run)
            self.close(run, keep=True)
            return True

    def _end_long_turns(self, now: float) -> None:
        """While others wait, whoever has played longest goes to the end of the queue."""
        with self._lock:
            playing = [run for run in self._runs.values() if run.has_place]
            if not self._queue or not playing:
                return
            longest = min(playing, key=lambda run: run.playing_since)
            if now - longest.playing_since > TURN_SECONDS:
                longest.leave_place()
                longest.say("Other runs were waiting, so your run waits for its next turn.")
                self._queue.append(longest)

    def _on_report(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        run = self._runs.get(report.run)
        if run is None:
            return
        try:
            run.take(report, arrays)
        except Exception:  # the trainer process and its other runs are well
            log.exception("%s: a report could not be taken", report.run)

    def _on_death(self, dead: WorkerProcess) -> None:
        if self._stopping.is_set():
            return
        dead.kill()  # dead by now, unless it spoke nonsense
        at_work = dead.at_work
        dead.forget()
        log.warning("%s: died (%s), at work on %s", dead, dead.process.returncode, at_work)
        with self._lock:
            heir = self._pool.replace(dead)
            for run in list(self._runs.values()):
                if run.worker is not dead or run.is_parked:
                    continue
                if heir is None:
                    run.give_up(KEEPS_DYING)
                elif at_work is not None and run.is_deadly(at_work):
                    run.stop_deadly(heir, at_work)
                    self._pool.forgive(heir)
                else:
                    run.resume_after_death(heir, at_work)


def check_environment() -> None:
    """Raises ValueError, one sentence, where one of the variables GAN_… does not fit."""
    cores.worker_count()
    device_choice.choice()
    memory_budget()
    limit_bytes()


@functools.cache
def shared_engine() -> Engine:
    """The engine of this web process, started when first asked for.

    Where the runs' folder cannot be used, a temporary one serves: `Engine.keeps_runs` is False then.
    """
    root = runs_root()
    try:
        return Engine(folder=root)
    except OSError as error:
        log.warning("runs are not kept, since %s cannot be used: %s", root, error)
        return Engine()
