"""A trainer process that dies where a test says so: `python -m tests.engine.deadly train FOLDER MARK
NICENESS`.

DEADLY is a JSON object: seed and step, for a process that dies in a game of this seed after this step; or
folder, for one that dies when it opens a saved run in a folder of this name.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from gan_core import checkpoint
from gan_core.engine import __main__ as process
from gan_core.engine.run import Run
from gan_core.training import GanTrainer

DEADLY = json.loads(os.environ["DEADLY"])
advance, load = Run.advance, checkpoint.load


def advance_or_die(run: Run) -> None:
    if run.trainer.settings.seed == DEADLY.get("seed") and run.steps_done == DEADLY["step"]:
        os._exit(7)
    advance(run)


def load_or_die(folder: Path, *more: Any) -> GanTrainer:
    if DEADLY.get("folder") in folder.parts:
        os._exit(8)
    return load(folder, *more)


if __name__ == "__main__":
    Run.advance = advance_or_die  # type: ignore[method-assign, assignment]
    checkpoint.load = load_or_die  # type: ignore[assignment]
    process.main(*sys.argv[1:])
