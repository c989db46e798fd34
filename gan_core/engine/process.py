"""A trainer process, from the web process's side: the pipe to it and the thread that listens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from gan_core.engine import wire

PROJECT = Path(__file__).resolve().parents[2]


class WorkerProcess:
    """A trainer process and the thread that listens to it."""

    def __init__(self, folder: Path, on_report: Callable[..., None], on_death: Callable[..., None]) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "gan_core.engine.worker", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        )  # fmt: skip
        self._on_report, self._on_death = on_report, on_death
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, name="trainer-listener", daemon=True).start()

    def send(self, command: wire.Command) -> None:
        """To a process that has just died nothing is sent: its listener sees to the runs."""
        assert self.process.stdin is not None
        try:
            with self._sending:
                wire.send(self.process.stdin, wire.pack_command(command))
        except (BrokenPipeError, ValueError):
            return

    def stop(self) -> None:
        """End the process; it ends by itself once its input does."""
        assert self.process.stdin is not None
        with self._sending, contextlib.suppress(BrokenPipeError):  # what it died without reading
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                self._on_report(*wire.read_report(wire.receive(self.process.stdout)))
        except EOFError:
            return
        finally:  # whatever ended the listening: nobody would hear of this process again
            self._on_death(self)
