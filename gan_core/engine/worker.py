"""A trainer process: many runs, one step at a time, commands read between steps.

Commands come in on standard input, reports go out on standard output. Whoever has had least processor time
plays next, so a run with a long step gets fewer steps and its neighbours keep their speed.
"""

from __future__ import annotations

import logging
import queue
import shutil
import time
from pathlib import Path
from typing import Any, BinaryIO

from gan_core import data, devices
from gan_core.bundled import DataError, described
from gan_core.checkpoint import CheckpointError
from gan_core.engine import source, wire
from gan_core.engine.loading import LOADING_REPORT_SECONDS, Loading
from gan_core.engine.mark import Mark
from gan_core.engine.memory import give_back_memory
from gan_core.engine.run import Run
from gan_core.engine.saving import CHECKPOINT_SECONDS
from gan_core.settings import Settings
from gan_core.training import CPU

TRIM_SECONDS = 1.0  # after a run was put away

log = logging.getLogger(__name__)


class Worker:
    """The runs of this process and the loop that turns over them."""

    def __init__(
        self,
        folder: Path,
        inbox: queue.SimpleQueue[wire.Command | None],
        outbox: BinaryIO,
        mark: Mark | None = None,
    ) -> None:
        self.folder = folder
        self.inbox = inbox
        self.outbox = outbox
        self.runs: dict[str, Run] = {}
        self.loading: dict[str, Loading] = {}
        self.download: data.Download | None = None
        self._waiting: list[wire.Command] = []  # heard and not yet carried out
        self._mark = mark
        self._trim_at: float | None = None  # when memory is given back

    def serve(self) -> None:
        """Until the other side is gone; then the runs are saved."""
        self._tell_machine(devices.found())
        while self._hear():
            self._carry_out_waiting()
            self._advance()
            for loading in list(self.loading.values()):
                self._look_after(loading)
            for run in self.runs.values():
                if run.retry_saving():
                    self._send(run)
            if self._trim_at is not None and time.monotonic() >= self._trim_at:
                self._trim_at = None
                give_back_memory()
        for run in self.runs.values():
            run.leave()

    def _hear(self) -> bool:
        """Move the inbox into the list of what waits; with nothing to do, wait for more. False at its end."""
        idle = not self._waiting and not any(run.active for run in self.runs.values())
        try:
            if idle:
                self._note(self.inbox.get(timeout=self._patience()))
            while True:
                self._note(self.inbox.get_nowait())
        except queue.Empty:
            return True
        except EOFError:
            return False

    def _patience(self) -> float | None:
        """Seconds after which an idle process has something to do without being told."""
        if self.loading:
            return LOADING_REPORT_SECONDS
        if self._trim_at is not None:
            return TRIM_SECONDS
        return CHECKPOINT_SECONDS if any(run.saver.trouble for run in self.runs.values()) else None

    def _note(self, command: wire.Command | None) -> None:
        if command is None:
            raise EOFError
        self._waiting.append(command)

    def _carry_out_waiting(self) -> None:
        """All commands that take little time, and one game to be built: many new games hold nobody up."""
        while (command := self._next_command()) is not None:
            self._waiting.remove(command)
            self._carry_out(command)
            if isinstance(command, wire.Create):
                return

    def _next_command(self) -> wire.Command | None:
        """What is carried out next: the commands of a run in order, a Create after those of other runs."""
        # Steps by hand are made one by one; what is asked of their run meanwhile comes after them.
        blocked = {name for name, run in self.runs.items() if run.active and run.state != "playing"}
        first_create = None
        for command in self._waiting:
            if command.run in blocked:
                continue
            if not isinstance(command, wire.Create):
                return command
            blocked.add(command.run)
            first_create = first_create or command
        return first_create

    def _advance(self) -> None:
        """One step of the run that has had least time."""
        active = [run for run in self.runs.values() if run.active]
        if not active:
            return
        run = min(active, key=lambda run: run.used)
        self._begin(run.name, "step", run.steps_done + 1)
        run.advance()
        if run.due or not run.active:
            self._send(run)
        self._end()

    def _carry_out(self, command: wire.Command) -> None:
        """Whatever goes wrong stops the run that the command is for."""
        self._begin(command.run, command.kind, self._step_of(command.run))
        try:
            self._dispatch(command)
        except BrokenPipeError:  # the web process is gone
            raise
        except Exception as error:  # the other runs of this process go on
            log.debug("%s: %s failed", command.run, command.kind, exc_info=True)
            self._fail(command, f"Stopped: the command {command.kind!r} failed ({described(error)}).")
        self._end()

    def _dispatch(self, command: wire.Command) -> None:
        match command:
            case wire.Create():
                self._create(command)
            case wire.Close(run=name, keep=True):
                if name in self.runs:
                    self.runs[name].leave()
                self._forget(name)
            case wire.Close(run=name):
                self._forget(name)
                shutil.rmtree(self.folder / name, ignore_errors=True)
            case _ if command.run in self.loading:
                self.loading[command.run].hear(command)
                self._tell(self.loading[command.run].report())
            case wire.Park(run=name) if name in self.runs:
                self._park(self.runs[name], command.serial)
            case _ if command.run in self.runs:
                self._steer(self.runs[command.run], command)

    def _steer(self, run: Run, command: wire.Command) -> None:
        was_active = run.active
        match command:
            case wire.Play(until=until, script=script):
                run.play(until, script)
            case wire.Pause():
                run.pause()
            case wire.Step(count=count, who=who, slowly=slowly):
                run.step_by_hand(count, who, command.serial, slowly=slowly)
            case wire.Update(settings=settings):
                run.update(settings)
            case wire.Watch(on=on):
                run.watched = on
        if run.active and not was_active:
            self._join(run)
        if isinstance(command, wire.Step) and run.active:
            return  # the answer comes with the last of these steps
        run.serial = command.serial
        if isinstance(command, wire.Update) and run.state == "playing":
            return  # the answer comes with the first step under these settings
        self._send(run)
        run.rest()

    def _join(self, newcomer: Run) -> None:
        """It begins with as little time used as whoever has used least: neither behind nor ahead."""
        others = [run.used for run in self.runs.values() if run.active and run is not newcomer]
        newcomer.used = min(others, default=0.0)

    def _park(self, run: Run, serial: int) -> None:
        parked = run.leave()
        run.serial = serial
        self._send(run, parked=parked)
        if parked:
            self._forget(run.name)
            log.info("%s: put away at step %d", run.name, run.steps_done)
            self._trim_at = time.monotonic() + TRIM_SECONDS

    def _forget(self, name: str) -> None:
        self.runs.pop(name, None)
        self.loading.pop(name, None)

    def _create(self, command: wire.Create) -> None:
        not_kept = None
        if command.keep and not source.keep(
            self.runs.get(command.run), Path(command.keep), self.folder / command.run
        ):
            not_kept = command.keep
        self._forget(command.run)
        if command.settings.data == "mnist_60k" and not data.full_set_is_here():
            if self.download is None or self.download.state == "failed":
                self.download = data.Download().start()
            loading = self.loading[command.run] = Loading(command, self.download)
            self._tell(loading.report().model_copy(update={"not_kept": not_kept}))
        else:
            self._start(command, command.settings, None, not_kept)

    def _look_after(self, loading: Loading) -> None:
        state, command = loading.download.state, loading.command
        if state == "running":
            if loading.due:
                self._tell(loading.report())
            return
        del self.loading[command.run]
        settings, notice = command.settings, None
        if state == "failed":
            settings, notice = settings.replace(data="mnist_10k"), loading.download.error
        self._start(command.model_copy(update={"play": loading.play_when_ready}), settings, notice)
        self._end()

    def _start(
        self, command: wire.Create, settings: Settings, notice: str | None, not_kept: str | None = None
    ) -> None:
        folder = self.folder / command.run
        try:
            game = source.build(command, settings, folder, lambda *work: self._begin(command.run, *work))
        except (DataError, CheckpointError) as error:
            self._fail(command, str(error), not_kept)
            return
        except Exception as error:  # a folder that strangers brought, or no memory left
            log.debug("%s: no game could be built", command.run, exc_info=True)
            self._fail(command, f"Stopped: the game cannot be built ({described(error)}).", not_kept)
            return
        if settings.architecture != "perceptron" and (place := devices.tried()) != devices.found():
            notice = notice or place.sentence  # the GPU failed
            self._tell_machine(place)
        run = Run(command.run, game.trainer, folder / wire.CHECKPOINTS, notice, fresh=game.fresh)
        run.serial = command.serial
        self.runs[command.run] = run
        if command.play:
            run.play(command.until, command.script)
            self._join(run)
        self._send(run, not_kept=not_kept)
        run.rest()

    def _fail(self, command: wire.Command, problem: str, not_kept: str | None = None) -> None:
        """Stop the run with a sentence, or say that there is none."""
        run = self.runs.get(command.run)
        if run is not None:
            run.stop(problem)
            run.serial = command.serial
            self._send(run)
            return
        log.info("%s: %s", command.run, problem)
        settings = command.settings if isinstance(command, wire.Create | wire.Update) else Settings()
        self._tell(
            wire.Report(
                run=command.run, serial=command.serial, state="stopped", step=0, settings=settings,
                steps_per_second=0.0, problem=problem, not_kept=not_kept,
            )
        )  # fmt: skip

    def _step_of(self, name: str) -> int:
        return self.runs[name].steps_done if name in self.runs else 0

    def _begin(self, run: str, work: str, step: int) -> None:
        if self._mark is not None:
            self._mark.set(run, work, step)

    def _end(self) -> None:
        if self._mark is not None:
            self._mark.clear()

    def _send(self, run: Run, **fields: Any) -> None:
        report, arrays = run.report()
        wire.send(self.outbox, wire.pack_report(report.model_copy(update=fields), arrays))

    def _tell_machine(self, place: devices.Place) -> None:
        machine = wire.Machine(sentence=place.sentence, gpu=place.device != CPU)
        wire.send(self.outbox, wire.pack_machine(machine))

    def _tell(self, report: wire.Report) -> None:
        wire.send(self.outbox, wire.pack_report(report, {}))
