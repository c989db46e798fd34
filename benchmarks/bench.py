"""What `python -m gan_core bench` measures: ratios, from interleaved pairs, in under 50 seconds.

ratio_to_notebook: steps per second of our loop over those of `notebook_loop`, the course recipe's
networks, batch 64, both in this process on one thread. ratio_watched: steps per second of a default
run in a real trainer process while somebody looks at it four times a second (pictures built as for
the page) over the same run while nobody looks.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.notebook_loop import notebook_loop
from gan_core import data
from gan_core.bundled import BUNDLED
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.training import GanTrainer

PAIRS = 7
FEWEST_PAIRS = 3
LOOPS_END, WATCHING_END = 14.0, 32.0  # seconds from the start after which a busy machine gets no more pairs
LOOP_SECONDS = 0.8
WATCH_SECONDS = 1.6
FRAMES_PER_SECOND = 4


def bench() -> dict[str, Any]:
    """Both ratios with the figures behind them."""
    started = time.perf_counter()
    ours, notebook = loops(started + LOOPS_END)
    watched, unwatched = watching(started + WATCHING_END)
    return {
        "ratio_to_notebook": _median_ratio(ours, notebook),
        "ratio_watched": _median_ratio(watched, unwatched),
        "steps_per_second": statistics.median(ours),
        "notebook_steps_per_second": statistics.median(notebook),
        "watched_steps_per_second": statistics.median(watched),
        "unwatched_steps_per_second": statistics.median(unwatched),
        "pairs": [len(ours), len(watched)],
    }


def loops(until: float) -> tuple[list[float], list[float]]:
    """Steps per second of our loop and of the notebook's, pair by pair."""
    torch.set_num_threads(1)
    settings = preset_settings("course_recipe")
    trainer = GanTrainer(settings, data.load(settings))
    with np.load(BUNDLED) as arrays:
        images = arrays["images"][: len(trainer.data.train)]
    notebook = notebook_loop(settings, images)
    pair = (lambda: trainer.step(settings), lambda: next(notebook))
    for warm_up in pair:
        speed_of(warm_up, LOOP_SECONDS / 4)
    speeds = [
        (speed_of(pair[0], LOOP_SECONDS), speed_of(pair[1], LOOP_SECONDS)) for _ in _rounds("loops", until)
    ]
    return [a for a, _ in speeds], [b for _, b in speeds]


def watching(until: float) -> tuple[list[float], list[float]]:
    """Steps per second of an engine's run, watched and not, pair by pair."""
    from ui.stream import Published

    newest: Published | None = None

    def frame() -> None:
        nonlocal newest
        newest = Published(run, newest)

    engine = Engine(workers=1)
    try:
        run = engine.create(Settings())
        if not run.wait_until(lambda: run.state == "paused", 60.0):
            raise TimeoutError("the trainer process did not start within a minute")
        run.play()
        watched_speed(run, frame)
        pairs = [(watched_speed(run, frame), watched_speed(run, None)) for _ in _rounds("watching", until)]
    finally:
        engine.stop()
    return [a for a, _ in pairs], [b for _, b in pairs]


def watched_speed(
    run: RunHandle,
    frame: Callable[[], None] | None,
    often: int = FRAMES_PER_SECOND,
    seconds: float = WATCH_SECONDS,
) -> float:
    """Steps per second of `run` while `frame` is built `often` times a second, or never.

    The steps are counted from exact reports: a command is answered with the step it found.
    """
    _exact_step(run, watched=frame is not None)
    first, started = _exact_step(run, watched=frame is not None), time.perf_counter()
    while (now := time.perf_counter()) - started < seconds:
        if frame is None:
            time.sleep(started + seconds - now)
            continue
        run.look()
        frame()
        time.sleep(max(0.0, 1 / often - (time.perf_counter() - now)))
    last = _exact_step(run, watched=frame is not None)
    return (last - first) / (time.perf_counter() - started)


def _exact_step(run: RunHandle, *, watched: bool) -> int:
    run.watch(watched)
    return run.step


def speed_of(
    step: Callable[[], Any], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> float:  # fmt: skip
    """Calls of `step` per second, over `seconds`, both by this clock."""
    started, count = clock(), 0
    while clock() - started < seconds:
        step()
        count += 1
    return count / (clock() - started)


def _median_ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


def _rounds(what: str, until: float) -> Iterator[int]:
    """PAIRS rounds, or fewer once it is `until` by the performance counter."""
    for i in range(PAIRS):
        if i >= FEWEST_PAIRS and time.perf_counter() > until:
            break
        print(f"\r{what}: pair {i + 1} of {PAIRS} ", end="", file=sys.stderr, flush=True)
        yield i
    print(file=sys.stderr)
