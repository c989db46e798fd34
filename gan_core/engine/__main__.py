"""The processes that the web process starts: `python -m gan_core.engine train FOLDER MARK NICENESS`, or
`... lab NICENESS`.

Ctrl-C and SIGTERM reach every process of a terminal or a service. These two ignore both, from before their
long imports on: they end when their standard input does, so they never outlive the web process.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_core import log

STARTING = 5  # niceness at most while PyTorch is imported


def train(folder: str, mark: str, niceness: str) -> None:
    """A trainer process."""
    with _imports(int(niceness)):
        from gan_core.engine import pipes
    pipes.serve(Path(folder), Path(mark))


def lab(niceness: str) -> None:
    """The lab process."""
    with _imports(int(niceness)):
        from gan_core.engine import lab_process
    lab_process.serve()


@contextmanager
def _imports(niceness: int) -> Iterator[None]:
    """Of PyTorch, which takes seconds: somebody waits for that, so the priority falls to its own after it."""
    give_way(min(niceness, STARTING))
    yield
    give_way(niceness - STARTING)


def main(kind: str, *arguments: str) -> None:
    """Serve until standard input ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log.configure()
    if kind == "lab":
        lab(*arguments)
    else:
        train(*arguments)
    logging.shutdown()
    os._exit(0)  # what PyTorch does at a usual exit takes a second or more, and the web process waits for it


def give_way(niceness: int) -> None:
    """Lower the priority of this process: the web process goes first."""
    if hasattr(os, "nice") and niceness > 0:
        os.nice(niceness)


if __name__ == "__main__":
    main(*sys.argv[1:])
