"""The lab process: `python -m gan_core.engine lab NICENESS`, started by the web process.

It measures copies of games, one job after the other, so no trainer process and no run hears of it. It ends
when its input does, or after IDLE_SECONDS without a job.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

from gan_core import checkpoint, data
from gan_core.bundled import DataError, described
from gan_core.checkpoint import CheckpointError
from gan_core.devices import device_for
from gan_core.engine import lab_wire, wire
from gan_core.engine.lab_wire import Measure, Report
from gan_core.measures import lab
from gan_core.measures.frozen import Progress
from gan_core.settings import Settings
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer, on_cpu

IDLE_SECONDS = 60.0
REPORT_SECONDS = 0.2

log = logging.getLogger(__name__)


class CancelledError(Exception):
    """The job under way is not wanted any more."""


class Lab:
    """The jobs of this process."""

    def __init__(self, inbox: queue.SimpleQueue[Measure | None], cancelled: set[int], outbox: BinaryIO):
        self._inbox, self._cancelled, self._outbox = inbox, cancelled, outbox
        self._told = 0.0
        self._key: str | None = None  # of the moment that was read last
        self._trainer: GanTrainer | None = None

    def serve(self, idle: float = IDLE_SECONDS) -> None:
        """Until the input ends, or nobody has asked for anything for `idle` seconds."""
        while True:
            try:
                job = self._inbox.get(timeout=idle)
            except queue.Empty:
                return
            if job is None:
                return
            self._tell(self._outcome(job))

    def _outcome(self, job: Measure) -> Report:
        """Whatever goes wrong ends this job with a sentence, and no other one."""
        try:
            trainer = self._trainer_of(job)
            found = lab.measure(trainer, job.what, self._progress(job, "measuring"), job.options)
        except CancelledError:
            return Report(job=job.job, stage="cancelled")
        except (CheckpointError, DataError, NotFiniteError) as error:
            return Report(job=job.job, stage="failed", problem=str(error))
        except (ValueError, ArithmeticError) as error:
            return Report(job=job.job, stage="failed", problem=lab.sentence(error))
        except Exception as error:  # the next job may do better
            log.exception("%s failed", job.what)
            problem = f"This could not be measured ({described(error)})."
            return Report(job=job.job, stage="failed", problem=problem)
        return Report(job=job.job, stage="done", share=1.0, found=found)

    def _trainer_of(self, job: Measure) -> GanTrainer:
        """The game at that moment. A measure changes nothing of it, so the next one may have it, too."""
        if self._key != job.key or self._trainer is None:
            self._key = self._trainer = None
            path = Path(job.checkpoint) if job.checkpoint else None
            trainer = checkpoint.load(path, device_for) if path else new_game(job.settings)
            self._repeat(trainer, job)
            self._key, self._trainer = job.key, on_cpu(trainer)
        return self._trainer

    def _repeat(self, trainer: GanTrainer, job: Measure) -> None:
        if job.settings.same_structure(trainer.settings):
            trainer.adopt(job.settings)
        if job.until is None:
            return
        tell, script, first = self._progress(job, "repeating"), list(job.script), trainer.steps_done
        while trainer.steps_done < job.until:
            while script and script[0].step <= trainer.steps_done + 1:
                trainer.adopt(script.pop(0).settings)
            trainer.step(trainer.settings)
            tell((trainer.steps_done - first) / (job.until - first))

    def _progress(self, job: Measure, stage: lab_wire.Stage) -> Progress:
        self._told = 0.0

        def tell(share: float) -> None:
            if job.job in self._cancelled:
                raise CancelledError
            if time.monotonic() - self._told >= REPORT_SECONDS:
                self._told = time.monotonic()
                self._tell(Report(job=job.job, stage=stage, share=share))

        tell(0.0)
        return tell

    def _tell(self, report: Report) -> None:
        wire.send(self._outbox, lab_wire.pack_report(report))


def new_game(settings: Settings) -> GanTrainer:
    """The game before its first step."""
    return GanTrainer(settings, data.load(settings), device_for(settings))


def read_commands(stream: BinaryIO, inbox: queue.SimpleQueue[Measure | None], cancelled: set[int]) -> None:
    """Fill the inbox; the end of the input ends the process, whatever it measures."""
    try:
        while True:
            command = lab_wire.read_command(wire.receive(stream))
            if isinstance(command, Measure):
                inbox.put(command)
            else:
                cancelled.add(command.job)
    finally:
        os._exit(0)


def serve() -> None:
    """Serve the web process on standard input and output."""
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    stream = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # stdout carries reports: stray prints go to stderr
    inbox: queue.SimpleQueue[Measure | None] = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=read_commands, args=(stream, inbox, cancelled), daemon=True).start()
    with arithmetic_of_a_trainer():
        Lab(inbox, cancelled, outbox).serve()
