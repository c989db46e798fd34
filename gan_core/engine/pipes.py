"""Standard input and output of a trainer process: commands come in, reports go out."""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from gan_core.engine import wire
from gan_core.engine.mark import Mark
from gan_core.engine.worker import Worker
from gan_core.training import arithmetic_of_a_trainer


def read_commands(stream: BinaryIO, inbox: queue.SimpleQueue[wire.Command | None]) -> None:
    """Fill the inbox; None marks the end of the input."""
    try:
        while True:
            inbox.put(wire.read_command(wire.receive(stream)))
    except EOFError:
        return
    finally:  # also where a command cannot be read: the web process starts another trainer process
        inbox.put(None)


def serve(folder: Path, mark: Path) -> None:
    """Serve the web process on standard input and output until the input ends."""
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Unbuffered: a buffer's lock, held by the reading thread, would abort the exit.
    stream = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    # stdout carries the reports, so stray prints go to stderr.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    inbox: queue.SimpleQueue[wire.Command | None] = queue.SimpleQueue()
    threading.Thread(target=read_commands, args=(stream, inbox), daemon=True).start()
    try:
        with arithmetic_of_a_trainer():
            Worker(folder, inbox, outbox, Mark(mark) if mark.exists() else None).serve()
    except BrokenPipeError:
        return  # the web process is gone, and nobody is left to train for
