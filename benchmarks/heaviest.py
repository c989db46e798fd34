"""Three default runs beside the heaviest one that the settings allow, for `benchmarks.faults`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.settings import Settings, make_settings

HEAVIEST = make_settings({
    "generator_layers": 3, "generator_width": 1024, "discriminator_layers": 3, "discriminator_width": 1024,
    "batch_size": 512, "discriminator_steps": 10, "r1_gamma": 5.0, "r1_interval": 1,
})  # fmt: skip
BESIDE_DEFAULT, BESIDE_HEAVIEST = 20.0, 30.0  # seconds measured
SETTLING = 3.0  # seconds after a run has begun
TRIES = 5
PATIENCE = 120.0
LOOK = 0.2  # seconds between two looks, as a page with a stream has them


def measure() -> dict[str, Any]:
    """Steps per second of the three, beside the one and beside the other, and how soon they answer."""
    engine = Engine(workers=1)
    try:
        three = [started(engine, Settings(seed=seed)) for seed in range(3)]
        fourth = started(engine, Settings(seed=3))
        look_on([*three, fourth], SETTLING)
        usual = speeds([*three, fourth], BESIDE_DEFAULT)
        engine.close(fourth)
        heavy = started(engine, HEAVIEST)
        look_on([*three, heavy], SETTLING)
        beside = speeds([*three, heavy], BESIDE_HEAVIEST)
        answers = slowest_answers(three, heavy)
    finally:
        engine.stop()
    return {
        "beside_default": [round(one, 1) for one in usual],
        "beside_heaviest": [round(one, 2) for one in beside],
        "ratio": round(sum(beside[:3]) / sum(usual[:3]), 2), "slowest_answer_seconds": answers,
    }  # fmt: skip


def started(engine: Engine, settings: Settings) -> RunHandle:
    """A run that plays, and has made a step."""
    run = engine.create(settings)
    run.play()
    if not run.wait_until(lambda: run.step > 0, PATIENCE):
        raise TimeoutError(f"not within {PATIENCE:.0f} s: a first step ({run.problem or run.state})")
    return run


def look_on(runs: Sequence[RunHandle], seconds: float) -> None:
    """Look at all runs for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for run in runs:
            run.look()
        time.sleep(LOOK)


def speeds(runs: Sequence[RunHandle], seconds: float) -> list[float]:
    """Steps per second of each, while all are looked at."""
    start, before = time.monotonic(), [run.step for run in runs]
    look_on(runs, seconds)
    took = time.monotonic() - start
    return [(run.step - step) / took for run, step in zip(runs, before, strict=True)]


def slowest_answers(three: Sequence[RunHandle], heavy: RunHandle) -> dict[str, float]:
    """The longest that a click on one of the three was waited for, while the others play."""
    run, slowest = three[0], dict.fromkeys(("slider", "pause", "step"), 0.0)
    for number in range(TRIES):
        run.play()
        run.wait_until(lambda: run.state == "playing", PATIENCE)
        smoothing = run.settings.replace(smoothing=0.8 + 0.01 * number)
        for name, click in (
            ("slider", lambda settings=smoothing: run.update(settings)),
            ("pause", run.pause),
            ("step", lambda: run.step_by_hand(1, "both")),
        ):
            look_on([*three, heavy], 0.5)
            slowest[name] = max(slowest[name], time_of(click))
    return {name: round(seconds, 3) for name, seconds in slowest.items()}


def time_of(click: Callable[[], Any]) -> float:
    """Seconds until `click` returns."""
    start = time.monotonic()
    click()
    return time.monotonic() - start
