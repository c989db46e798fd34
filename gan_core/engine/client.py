"""The web process's side of training: trainer processes, their runs, and who may play.

The web process keeps each run's whole history and the newest pictures; a trainer process keeps the
game. If a trainer process dies, it is started again and its runs go on from their last checkpoints.
"""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from gan_core.engine import wire
from gan_core.engine.handle import RunHandle
from gan_core.engine.process import WorkerProcess
from gan_core.settings import Settings

PLAYING_PER_WORKER = 4
GRACE_SECONDS = 30.0  # a reload or a broken network gets its run back within this time
CLAIM_SECONDS = 2.0  # a reloaded page may be here before its old one is known to be gone
IDLE_SECONDS = 600.0  # nobody looked for so long: stand still
TURN_SECONDS = 180.0  # while others wait, a run plays so long at most
DEATHS_ALLOWED = 3  # of one trainer process within DEATHS_SECONDS
DEATHS_SECONDS = 60.0
TICK_SECONDS = 0.5
KEEPS_DYING = "Stopped: the trainer process keeps dying. Restart the app."


class Engine:
    """All trainer processes of this web process, and all runs."""

    def __init__(self, workers: int | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gan-equilibrium-"))
        self._lock = threading.RLock()
        self._runs: dict[str, RunHandle] = {}
        self._queue: list[RunHandle] = []
        self._deaths: list[float] = []
        self._lost: set[WorkerProcess] = set()  # dead, and not started again
        self._stopping = threading.Event()
        self.worker_count = workers or max((os.cpu_count() or 2) - 1, 1)
        self.playing_cap = PLAYING_PER_WORKER * self.worker_count
        self._workers = [self._start_worker() for _ in range(self.worker_count)]
        self._watchdog = threading.Thread(target=self._watch, name="engine-watchdog", daemon=True)
        self._watchdog.start()
        atexit.register(self.stop)

    # Runs

    def create(self, settings: Settings, owner: str | None = None) -> RunHandle:
        """A new run, standing still; its pictures come as soon as the trainer process is up.

        `owner`: whose run it is, for `claim`; None where it belongs to the page that made it.
        """
        with self._lock:
            load = dict.fromkeys(self._workers, 0)
            for run in self._runs.values():
                load[run.worker] += 1
            worker = min(self._workers, key=lambda worker: (worker in self._lost, load[worker]))
            run = RunHandle(self, secrets.token_urlsafe(9), worker, settings, owner)
            self._runs[run.name] = run
            lost = worker in self._lost
        run.begin()
        if lost:
            run.give_up(KEEPS_DYING)
        return run

    def find(self, name: str) -> RunHandle | None:
        """The run of that name, whoever holds it."""
        with self._lock:
            return self._runs.get(name)

    def claim(self, name: str, owner: str | None = None) -> RunHandle | None:
        """The run of that name for one more page of `owner`, or None if it is not theirs.

        A run without an owner belongs to whoever held it last, one page at a time: it is given out once it
        has been released. A page that is being reloaded waits a moment for that.
        """
        deadline = time.monotonic() + CLAIM_SECONDS
        while time.monotonic() < deadline:
            with self._lock:
                run = self._runs.get(name)
                if run is None or run.owner not in (None, owner):
                    return None
                if run.owner is not None or run.abandoned_at is not None:
                    run.hold()
                    return run
            self._stopping.wait(0.05)
        return None

    def close(self, run: RunHandle) -> None:
        """End a run and forget it."""
        with self._lock:
            self._runs.pop(run.name, None)
            if run in self._queue:
                self._queue.remove(run)
        run.close()
        self.give_out_places()

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

    def place_of(self, run: RunHandle) -> int | None:
        """1 for the next to play, None for a run that does not wait."""
        # Without the lock: a page asks while it holds its run, and whoever gives out places holds the
        # lock and wants the run.
        queue = list(self._queue)
        return queue.index(run) + 1 if run in queue else None

    # What happens by itself

    def stop(self) -> None:
        """End all trainer processes and delete their checkpoints."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        for worker in self._workers:
            worker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _watch(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            now = time.monotonic()
            for run in self.runs:
                run.unwatch_if_unseen(now)
                if self._close_if_abandoned(run, now):
                    continue
                if run.has_place and now - run.looked_at > IDLE_SECONDS:
                    run.wants_to_play = False
                    run.say("Paused: nobody looked for ten minutes.")
            self._end_long_turns(now)
            self.give_out_places()

    def _close_if_abandoned(self, run: RunHandle, now: float) -> bool:
        with self._lock:  # so that nobody claims it meanwhile
            if run.abandoned_at is None or now - run.abandoned_at <= GRACE_SECONDS:
                return False
            self.close(run)
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
                longest.say("Others were waiting, so your run waits for its next turn.")
                self._queue.append(longest)

    def _start_worker(self) -> WorkerProcess:
        return WorkerProcess(self.folder, self._on_report, self._on_death)

    def _on_report(self, report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
        run = self._runs.get(report.run)
        if run is not None:
            run.take(report, arrays)

    def _on_death(self, dead: WorkerProcess) -> None:
        if self._stopping.is_set():
            return
        dead.process.kill()  # dead by now, unless it spoke nonsense
        dead.process.wait()
        with self._lock:
            now = time.monotonic()
            self._deaths = [t for t in self._deaths if now - t < DEATHS_SECONDS] + [now]
            orphans = [run for run in self._runs.values() if run.worker is dead]
            if len(self._deaths) > DEATHS_ALLOWED:
                self._lost.add(dead)
                for run in orphans:
                    run.give_up(KEEPS_DYING)
                return
            heir = self._start_worker()
            self._workers[self._workers.index(dead)] = heir
            for run in orphans:
                run.worker = heir
                run.resume_after_death()


@functools.cache
def shared_engine() -> Engine:
    """The engine of this web process, started when first asked for."""
    return Engine()
