"""The processes of the engine, from the web process's side: the pipe to each and the thread that listens."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan_core.engine import wire
from gan_core.engine.mark import Mark, Place

PROJECT = Path(__file__).resolve().parents[2]
MODULE = "gan_core.engine"
MARKS = ".at-work-"

log = logging.getLogger(__name__)
_numbers = itertools.count()


class Child:
    """A process of ours, `python -m gan_core.engine ARGUMENTS`, and the thread that listens to it.

    `on_message`: called with each message of the process, `on_death` once, with the child. Raises OSError if
    the process cannot be started.
    """

    def __init__(
        self, arguments: Sequence[str], on_message: Callable[[bytes], None], on_death: Callable[[Any], None]
    ) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", MODULE, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            start_new_session=True,  # signals for the web process's group are not for this one
        )  # fmt: skip
        self._on_message, self._on_death = on_message, on_death
        self._sending = threading.Lock()
        log.info("%s: started, %s", self, " ".join(arguments))
        threading.Thread(target=self._listen, name=f"{arguments[0]}-listener", daemon=True).start()

    def __repr__(self) -> str:
        return f"process {self.process.pid}"

    def send_message(self, message: bytes) -> None:
        """Nothing is sent to a process that has just died: `on_death` sees to what it had to do."""
        assert self.process.stdin is not None
        try:
            with self._sending:
                wire.send(self.process.stdin, message)
        except (BrokenPipeError, ValueError):
            return

    def hang_up(self) -> None:
        """Close the process's input: it ends after the step under way."""
        assert self.process.stdin is not None
        with self._sending, contextlib.suppress(BrokenPipeError):  # commands it died without reading
            self.process.stdin.close()

    def end(self, deadline: float) -> None:
        """Wait for its end until `deadline` (monotonic clock), then kill it."""
        try:
            self.process.wait(timeout=max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                self._on_message(wire.receive(self.process.stdout))
        except EOFError:
            return
        finally:  # whatever ended the listening: nobody would hear of this process again
            self._on_death(self)


class WorkerProcess(Child):
    """A trainer process. Raises OSError if it cannot be started."""

    def __init__(
        self, folder: Path, niceness: int, on_report: Callable[..., None], on_death: Callable[..., None]
    ) -> None:
        self._mark_path = folder / f"{MARKS}{next(_numbers)}"
        self._mark = self._create_mark()
        self.machine: wire.Machine | None = None  # until it has told
        self._on_report = on_report
        super().__init__(
            ("train", str(folder), str(self._mark_path), str(niceness)),
            self._hear, on_death,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"worker {self.process.pid}"

    def send(self, command: wire.Command) -> None:
        """Send a command, if the process is alive."""
        self.send_message(wire.pack_command(command))

    def _hear(self, message: bytes) -> None:
        machine = wire.read_machine(message)
        if machine is None:
            self._on_report(*wire.read_report(message))
        else:
            self.machine = machine

    @property
    def at_work(self) -> Place | None:
        """What it is doing, or was doing when it died; None: nothing, or nobody knows."""
        return self._mark.read() if self._mark else None

    def forget(self) -> None:
        """Delete what the process had on disk for itself."""
        with contextlib.suppress(OSError):
            self._mark_path.unlink(missing_ok=True)

    def _create_mark(self) -> Mark | None:
        try:
            self._mark_path.parent.mkdir(parents=True, exist_ok=True)
            return Mark.create(self._mark_path)
        except OSError as error:
            log.warning("nobody will know which run a process died of: %s", error)
            return None
