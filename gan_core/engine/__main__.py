"""A trainer process: `python -m gan_core.engine FOLDER MARK NICENESS`, started by the web process.

Ctrl-C and SIGTERM reach every process of a terminal or a service. A trainer process ignores both, from
before its long imports on: it ends when its standard input does, so it never outlives the web process.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from gan_core import log

STARTING = 5  # niceness at most while PyTorch is imported: somebody waits for that


def main(folder: Path, mark: Path, niceness: int) -> None:
    """Serve until standard input ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log.configure()
    give_way(min(niceness, STARTING))
    from gan_core.engine import pipes  # PyTorch comes with it, which takes seconds

    give_way(niceness - STARTING)
    pipes.serve(folder, mark)
    logging.shutdown()
    os._exit(0)  # what PyTorch does at a usual exit takes a second or more, and the web process waits for it


def give_way(niceness: int) -> None:
    """Lower the priority of this process: the web process goes first."""
    if hasattr(os, "nice") and niceness > 0:
        os.nice(niceness)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
