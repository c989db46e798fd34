"""Measures as jobs in the lab process, from the web process's side.

A job measures a copy of a checkpoint: the run, its trainer process and its pages go on as if nobody had
asked. What it finds becomes a record of the run (`History.results`), so a question is answered once.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import shutil
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gan_core.engine import lab_wire, wire
from gan_core.engine.fork import start_of
from gan_core.engine.handle import RunHandle
from gan_core.engine.process import Child
from gan_core.folders import copy_of
from gan_core.history import History, Result
from gan_core.history.results import Option

NICENESS = 15  # trainer processes have 5 and 10
FOLDER = ".lab"  # beside the runs; no name of a run begins so
MOST_WAITING = 12  # of one run
QUICK = ("walk", "choose_digit", "mixing", "feature_maps")  # pictures: hundredths of a second each
TRIES = 3  # to copy a checkpoint before it is replaced
MOST_TRIES = 2  # of a job that had not begun when its process died
JOBS_KEPT = 40  # of one run, finished ones included: what became of them
STOP_SECONDS = 2.0
NOT_STARTED = "The lab process cannot be started. Try again."
CRASHED = "The lab process crashed at this measure. The run itself is well. Try again."

State = Literal["waiting", "repeating", "measuring", "done", "failed", "cancelled"]
ACTIVE: tuple[State, ...] = ("waiting", "repeating", "measuring")

log = logging.getLogger(__name__)


@dataclass
class Job:
    """One question to the lab, and how far its answer is. Fields change under the lock of `Lab`."""

    serial: int
    run: RunHandle
    history: History  # of the game that is measured: the run may have left it by the end
    step: int
    what: str
    options: dict[str, Option]
    state: State = "waiting"
    share: float = 0.0  # of this state, 0 to 1
    problem: str | None = None  # why it failed, a sentence
    notice: str | None = None  # why it measures another step than was asked for
    tries: int = 0  # how often it was sent
    checkpoint: Path | None = None  # its own copy
    command: lab_wire.Measure | None = None  # what the process is told

    @property
    def is_active(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in ACTIVE


class Lab:
    """The lab process, started when it is needed, and its jobs. `root`: the folder of all runs.

    One job is at work at a time. Pictures come first, games that have been left last. Else runs take turns:
    many questions about one do not hold up the others.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / FOLDER
        shutil.rmtree(self._folder, ignore_errors=True)  # copies that a killed server has left
        self._lock = threading.RLock()
        self._serials = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._at_work: Job | None = None  # sent, and not ended yet
        self._turns: dict[str, int] = {}  # the last job of each run that was sent, by the run's name
        self._process: Child | None = None
        self._stopped = False

    def ask(
        self, run: RunHandle, what: str, options: Mapping[str, Option] | None = None, step: int | None = None
    ) -> Job:
        """Measure `run` at `step`, or at its newest checkpoint; a question asked before is answered at once.

        Raises ValueError, a sentence: too many questions wait. Raises OSError where the checkpoint cannot be
        copied.
        """
        asked = dict(options or {})
        for _ in range(TRIES - 1):
            with contextlib.suppress(FileNotFoundError):  # the trainer process has just put a newer one there
                return self._ask(run, what, asked, step)
        return self._ask(run, what, asked, step)

    def _ask(self, run: RunHandle, what: str, asked: dict[str, Option], step: int | None) -> Job:
        with run.acting, run.lock:
            wanted = (run.checkpoint_step or 0) if step is None else step
            start = start_of(run, wanted, self._root / run.name / wire.CHECKPOINTS)
            at = start.step if start.until is None else start.until
            job = Job(next(self._serials), run, run.history, at, what, asked, notice=start.notice)
            if run.history.results.at(at, what, asked) is not None:
                job.state = "done"
                return job
            same = self._same(job)
            if same is not None:
                return same
            if len(self.active(run)) >= MOST_WAITING:
                raise ValueError("The lab has many questions about this run already: wait for their answers.")
            if start.checkpoint is not None:
                job.checkpoint = self._folder / str(job.serial)
                copy_of(start.checkpoint, job.checkpoint)
            key = f"{run.name} {run.game} {at}"
        job.command = lab_wire.Measure(
            job=job.serial, key=key, what=what, options=asked, settings=start.settings, until=start.until,
            script=start.script, checkpoint=None if job.checkpoint is None else str(job.checkpoint),
        )  # fmt: skip
        with self._lock:
            self._jobs[job.serial] = job
            self._forget_old(run)
            self._send_next()
        log.info("%s: %s at step %d asked for", run.name, what, at)
        return job

    def cancel(self, job: Job) -> None:
        """Nobody waits for it any more; it ends at its next sign of life."""
        with self._lock:
            if job.is_active:
                if self._process is not None and job is self._at_work:
                    self._process.send_message(lab_wire.pack_command(lab_wire.Cancel(job=job.serial)))
                self._end(job, "cancelled")

    def forget(self, run: RunHandle) -> None:
        """The run is closed: nothing of it is measured any more."""
        with self._lock:
            for job in [job for job in self._jobs.values() if job.run is run]:
                self.cancel(job)
                del self._jobs[job.serial]
            self._turns.pop(run.name, None)

    def jobs(self, run: RunHandle) -> list[Job]:
        """Of the run's present game, the oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if job.run is run and job.history is run.history]

    def active(self, run: RunHandle) -> list[Job]:
        """Those whose answer is still to come."""
        return [job for job in self.jobs(run) if job.is_active]

    def ahead(self, job: Job) -> int:
        """How many measures come before it, if it waits."""
        with self._lock:
            waiting = self._waiting()
            return waiting.index(job) + (self._at_work is not None) if job in waiting else 0

    def stop(self) -> None:
        """End the process and forget its jobs."""
        with self._lock:
            self._stopped, process = True, self._process
        if process is not None:
            process.hang_up()
            process.end(time.monotonic() + STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _same(self, job: Job) -> Job | None:
        """A question that waits for the same answer."""
        asked = (job.step, job.what, job.options)
        return next((o for o in self.active(job.run) if (o.step, o.what, o.options) == asked), None)

    def _waiting(self) -> list[Job]:
        """Jobs that are not sent yet, in the order in which they will be."""
        asked = [job for job in self._jobs.values() if job.is_active and job is not self._at_work]
        number = Counter[str]()  # of the job among those of its run
        turns = {}
        for job in asked:
            is_left = job.history is not job.run.history
            turn = number[job.run.name], self._turns.get(job.run.name, 0), job.serial
            turns[job.serial] = is_left, job.what not in QUICK, *turn
            number[job.run.name] += 1
        return sorted(asked, key=lambda job: turns[job.serial])

    def _send_next(self) -> None:
        while self._at_work is None and not self._stopped and (waiting := self._waiting()):
            job = self._at_work = waiting[0]
            self._turns[job.run.name] = job.serial
            job.tries += 1
            try:
                if self._process is None:
                    self._process = Child(("lab", str(NICENESS)), self._hear, self._on_death)
            except OSError as error:
                log.error("the lab process cannot be started: %s", error)
                job.problem, self._at_work = NOT_STARTED, None
                self._end(job, "failed")
                continue
            assert job.command is not None
            self._process.send_message(lab_wire.pack_command(job.command))

    def _hear(self, message: bytes) -> None:
        (report,) = lab_wire.read_report(message)
        with self._lock:
            job = self._jobs.get(report.job)
            if job is None or not job.is_active:
                return
            if report.stage in ("repeating", "measuring"):
                job.state, job.share = report.stage, report.share
                return
        if report.found is not None:  # the run's lock is taken before ours
            job.run.take_result(job.history, Result(job.step, job.what, job.options, report.found))
        with self._lock:
            job.problem = report.problem
            if job.is_active:
                self._end(job, report.stage)

    def _on_death(self, dead: Child) -> None:
        """The job under way died with its process; the others go to a new one. At rest it just ended."""
        dead.kill()
        with self._lock:
            if self._process is dead:
                self._process = None
            if self._stopped:
                return
            job, self._at_work = self._at_work, None
            if job is not None and (job.state != "waiting" or job.tries >= MOST_TRIES):
                job.problem = CRASHED
                self._end(job, "failed")
            self._send_next()

    def _end(self, job: Job, state: State) -> None:
        if job.checkpoint is not None:
            shutil.rmtree(job.checkpoint, ignore_errors=True)
        job.state = state
        if job is self._at_work:
            self._at_work = None
            self._send_next()

    def _forget_old(self, run: RunHandle) -> None:
        ended = [job for job in self._jobs.values() if job.run is run and not job.is_active]
        for job in ended[: max(0, len(ended) - JOBS_KEPT)]:
            del self._jobs[job.serial]
