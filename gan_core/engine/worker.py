"""A trainer process: many runs, one step each in turn, commands read between steps.

Started by the client as `python -m gan_core.engine.worker FOLDER`; commands come in on standard
input, reports go out on standard output. It ends when its input does, so it never outlives the web
process. FOLDER holds the runs' checkpoints.
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from gan_core import checkpoint, data
from gan_core.bundled import DataError
from gan_core.engine import wire
from gan_core.engine.run import Run
from gan_core.settings import Settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

LOADING_REPORT_SECONDS = 0.3


class Loading:
    """A run that waits for the full data set."""

    def __init__(self, command: wire.Create, download: data.Download) -> None:
        self.command = command
        self.download = download
        self.play_when_ready = False

    def hear(self, command: wire.Command) -> None:
        """New settings, or whether to play: for when the digits are there."""
        changes: dict[str, Any] = {"serial": command.serial}
        match command:
            case wire.Play() | wire.Pause():
                self.play_when_ready = isinstance(command, wire.Play)
            case wire.Update(settings=settings):
                changes["settings"] = settings
        self.command = self.command.model_copy(update=changes)

    def report(self) -> wire.Report:
        return wire.Report(
            run=self.command.run, serial=self.command.serial, state="loading", step=0,
            settings=self.command.settings, steps_per_second=0.0, progress=self.download.progress,
        )  # fmt: skip


class Worker:
    """The runs of this process and the loop that turns over them."""

    def __init__(self, folder: Path, inbox: queue.SimpleQueue[wire.Command | None], outbox: BinaryIO) -> None:
        self.folder = folder
        self.inbox = inbox
        self.outbox = outbox
        self.runs: dict[str, Run] = {}
        self.loading: dict[str, Loading] = {}
        self.download: data.Download | None = None

    def serve(self) -> None:
        """Until the other side is gone."""
        while self._carry_out_commands():
            for run in [run for run in self.runs.values() if run.state == "playing"]:
                run.advance()
                if run.due or run.state != "playing":
                    self._send(run)
            for loading in list(self.loading.values()):
                self._look_after(loading)

    def _carry_out_commands(self) -> bool:
        """Everything in the inbox; with nothing to play, wait for more. False at its end."""
        playing = any(run.state == "playing" for run in self.runs.values())
        try:
            if not playing:
                patience = LOADING_REPORT_SECONDS if self.loading else None
                self._carry_out(self.inbox.get(timeout=patience))
            while True:
                self._carry_out(self.inbox.get_nowait())
        except queue.Empty:
            return True
        except EOFError:
            return False

    def _carry_out(self, command: wire.Command | None) -> None:
        match command:
            case None:
                raise EOFError
            case wire.Create():
                self._create(command)
            case wire.Close(run=name):
                self.runs.pop(name, None)
                self.loading.pop(name, None)
                shutil.rmtree(self.folder / name, ignore_errors=True)
                for kept in self.folder.glob(f"{name}{wire.KEPT}*"):
                    shutil.rmtree(kept, ignore_errors=True)
            case _ if command.run in self.loading:
                self.loading[command.run].hear(command)
                self._tell(self.loading[command.run].report())
            case _ if command.run in self.runs:
                self._steer(self.runs[command.run], command)

    def _steer(self, run: Run, command: wire.Command) -> None:
        match command:
            case wire.Play():
                run.play()
            case wire.Pause():
                run.pause()
            case wire.Step(count=count, who=who):
                run.step_by_hand(count, who)
            case wire.Update(settings=settings):
                run.update(settings)
            case wire.Watch(on=on):
                run.watched = on
        run.serial = command.serial
        if isinstance(command, wire.Update) and run.state == "playing":
            return  # the answer comes with the first step under these settings
        self._send(run)

    def _create(self, command: wire.Create) -> None:
        before = self.runs.pop(command.run, None)
        if before is not None and command.keep:
            checkpoint.save(before.trainer, Path(command.keep))
        self.loading.pop(command.run, None)
        if command.settings.data == "mnist_60k" and not data.full_set_is_here():
            if self.download is None or self.download.state == "failed":
                self.download = data.Download().start()
            self.loading[command.run] = Loading(command, self.download)
        else:
            self._start(command, command.settings, None)

    def _look_after(self, loading: Loading) -> None:
        state, command = loading.download.state, loading.command
        if state == "running":
            self._tell(loading.report())
            return
        del self.loading[command.run]
        settings, notice = command.settings, None
        if state == "failed":
            settings, notice = settings.replace(data="mnist_10k"), loading.download.error
        self._start(command, settings, notice)
        if loading.play_when_ready and command.run in self.runs:
            self.runs[command.run].play()

    def _start(self, command: wire.Create, settings: Settings, notice: str | None) -> None:
        try:
            trainer = self._trainer(command, settings)
        except (DataError, checkpoint.CheckpointError) as error:
            self._tell(
                wire.Report(
                    run=command.run, serial=command.serial, state="stopped", step=0, settings=settings,
                    steps_per_second=0.0, problem=str(error),
                )
            )  # fmt: skip
            return
        run = Run(command.run, trainer, self.folder / command.run, notice)
        run.serial = command.serial
        self.runs[command.run] = run
        self._send(run)

    def _trainer(self, command: wire.Create, settings: Settings) -> GanTrainer:
        own = self.folder / command.run
        source = Path(command.opened) if command.opened else None
        if command.resume:
            source = checkpoint.newest(own)
        if source is None:
            checkpoint.keep_newest(own, 0)
            return GanTrainer(settings, data.load(settings.data))
        trainer = checkpoint.load(source)
        if source.parent == self.folder:  # a game gone back to is kept no longer
            shutil.rmtree(source, ignore_errors=True)
        if not command.resume:
            checkpoint.keep_newest(own, 0)  # of another game: nothing to go back to
        if settings.same_structure(trainer.settings):
            trainer.adopt(settings)
        return trainer

    def _send(self, run: Run) -> None:
        report, arrays = run.report()
        wire.send(self.outbox, wire.pack_report(report, arrays))

    def _tell(self, report: wire.Report) -> None:
        wire.send(self.outbox, wire.pack_report(report, {}))


def read_commands(source: BinaryIO, inbox: queue.SimpleQueue[wire.Command | None]) -> None:
    """Fill the inbox; None marks the end of the input."""
    try:
        while True:
            inbox.put(wire.read_command(wire.receive(source)))
    except EOFError:
        inbox.put(None)


def main(folder: Path) -> None:
    """Serve until standard input ends."""
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Unbuffered: a buffer's lock, held by the reading thread, would abort the exit.
    source = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    # Whatever a library prints must not get between two reports.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(5)  # the page goes first
    inbox: queue.SimpleQueue[wire.Command | None] = queue.SimpleQueue()
    threading.Thread(target=read_commands, args=(source, inbox), daemon=True).start()
    try:
        with arithmetic_of_a_trainer():
            Worker(folder, inbox, outbox).serve()
    except BrokenPipeError:
        return  # the web process is gone, and nobody is left to train for


if __name__ == "__main__":
    main(Path(sys.argv[1]))
