"""Steps per second of our loop beside public recipes on their own networks, and of the toy loop.

`python -m benchmarks.recipes [PAIRS]`: one thread, processor time, pairs in turn, ratios of medians as JSON.
A step of the WGAN-GP game is five moves of D and one of G, on both sides. The toy loop is the first scene of
the toy page in a real trainer process, while a page draws it five times a second.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.bench import speed_of, watched_speed
from benchmarks.notebook_loop import dcgan_loop, notebook_loop
from benchmarks.public_recipes import OURS, OURS_WGAN_GP, Digits, gan_script, wgan_gp_script
from gan_core import data
from gan_core.bundled import BUNDLED
from gan_core.engine.client import Engine
from gan_core.presets import FIRST, preset_settings
from gan_core.settings import Settings, make_settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

PAIRS = 7
SECONDS = 1.5  # of each half of a pair
DRAWN = 5  # times a second
TOY_SECONDS = 4.0


def measure(pairs: int = PAIRS) -> dict[str, Any]:
    """Each recipe's ratio with the figures behind it, then the toy loop's steps per second."""
    course, convolved = preset_settings("course_recipe"), preset_settings("dcgan")
    with np.load(BUNDLED) as arrays:
        images: Digits = arrays["images"][:8000]
    found: dict[str, Any] = {}
    for name, settings, theirs in (
        ("gan.py", make_settings(OURS), gan_script(images)),
        ("wgan_gp.py", make_settings(OURS_WGAN_GP), wgan_gp_script(images)),
        ("course notebook", course, notebook_loop(course, images)),
        ("DCGAN notebook", convolved, dcgan_loop(convolved, images)),
        ("DCGAN notebook, digits in memory", convolved, dcgan_loop(convolved, images, loads=False)),
    ):
        found[name] = beside(settings, theirs, pairs)
        print(name, found[name], file=sys.stderr, flush=True)
    found["toy"] = toy(pairs)
    return found


def beside(settings: Settings, theirs: Iterator[Any], pairs: int) -> dict[str, float]:
    """Median steps per second of processor time of our loop and of theirs, and the ratio of the medians.

    `lowest` and `highest` are of single pairs.
    """
    with arithmetic_of_a_trainer():
        trainer = GanTrainer(settings, data.load(settings))
        pair: tuple[Callable[[], Any], ...] = (lambda: trainer.step(settings), lambda: next(theirs))
        for step in pair:
            speed_of(step, SECONDS / 2, time.process_time)
        speeds = [[speed_of(step, SECONDS, time.process_time) for step in pair] for _ in range(pairs)]
    ours, peers = (statistics.median(column) for column in zip(*speeds, strict=True))
    ratios = [one / other for one, other in speeds]
    return {
        "ours": round(ours, 1), "theirs": round(peers, 1), "ratio": round(ours / peers, 2),
        "lowest": round(min(ratios), 2), "highest": round(max(ratios), 2),
    }  # fmt: skip


def toy(pairs: int) -> dict[str, Any]:
    """Steps per second of the toy page's first scene, drawn DRAWN times a second and not drawn."""
    from ui.stream import Published

    newest: Published | None = None

    def frame() -> None:
        nonlocal newest
        newest = Published(run, newest)

    settings = preset_settings(FIRST["toy"])
    engine = Engine(workers=1)
    try:
        run = engine.create(settings)
        run.play()
        if not run.wait_until(lambda: run.step > 0, 60.0):
            raise TimeoutError("the trainer process did not start within a minute")
        time.sleep(2.0)
        both = [
            (watched_speed(run, frame, DRAWN, TOY_SECONDS), watched_speed(run, None, DRAWN, TOY_SECONDS))
            for _ in range(pairs)
        ]
    finally:
        engine.stop()
    return {
        "drawn": [round(one) for one, _ in both], "not drawn": [round(other) for _, other in both],
        "median drawn": round(statistics.median(one for one, _ in both)),
    }  # fmt: skip


if __name__ == "__main__":
    torch.manual_seed(0)
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS)))
