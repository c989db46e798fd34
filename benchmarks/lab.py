"""What measures of the lab cost: their own time, and how much slower a run plays beside a lab at work.

`python -m benchmarks.lab times` prints seconds of processor time of each measure, for the default networks
and for DCGAN, one thread. `python -m benchmarks.lab beside` lets a watched run play in turns alone and beside
a lab that measures without a pause, and prints the median of the ratios of neighbouring turns.
"""

from __future__ import annotations

import argparse
import statistics
import time

from gan_core import data
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.measures.lab import LAB, measure
from gan_core.presets import preset_settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

STEPS = {"balanced": 500, "dcgan": 200}
TURN_SECONDS, TURNS = 5.0, 12
WITHOUT_PATH: dict[str, bool | str] = {"directions": "update", "path": False}


def times(repeats: int = 3) -> None:
    """The least of several tries: others work on the machine, too."""
    with arithmetic_of_a_trainer():
        for scene, steps in STEPS.items():
            settings = preset_settings(scene)
            trainer = GanTrainer(settings, data.load(settings))
            for _ in range(steps):
                trainer.step(settings)
            asked: list[tuple[str, dict[str, bool | str]]] = [(name, {}) for name in LAB]
            asked.append(("surface", WITHOUT_PATH))
            for name, options in asked:
                found = []
                for _ in range(repeats if scene == "balanced" else 1):
                    started = time.process_time()
                    try:
                        measure(trainer, name, options=options)
                    except ValueError as error:
                        print(f"{scene:10} {name:22} {error}", flush=True)
                        break
                    found.append(time.process_time() - started)
                if found:
                    print(f"{scene:10} {name:22} {min(found):6.2f} s {options or ''}", flush=True)


def beside() -> None:
    """Steps of a watched run in turns of TURN_SECONDS, every second one with the lab at work."""
    engine = Engine(workers=1)
    try:
        run = engine.create(preset_settings("balanced"))
        run.wait_until(lambda: run.state == "paused", 60.0)
        run.play()
        run.wait_until(lambda: (run.checkpoint_step or 0) > 0, 60.0)
        speeds = [_turn(engine, run, at_work=bool(turn % 2), turn=turn) for turn in range(TURNS)]
        ratios = [busy / alone for alone, busy in zip(speeds[::2], speeds[1::2], strict=True)]
        print("steps/s", " ".join(f"{speed:.0f}" for speed in speeds))
        print("busy / alone", " ".join(f"{ratio:.2f}" for ratio in ratios))
        print(f"median {statistics.median(ratios):.3f}")
    finally:
        engine.stop()


def _turn(engine: Engine, run: RunHandle, *, at_work: bool, turn: int) -> float:
    """Steps per second of one turn."""
    started, first, asked = time.monotonic(), run.step, 0
    while (passed := time.monotonic() - started) < TURN_SECONDS:
        run.look()
        if at_work and not engine.lab.active(run):
            asked += 1
            engine.lab.ask(run, "spectrum", {"vectors": 20, "batch": 256 + 64 * turn + asked})
        run.wait_until(lambda: False, 0.1)
    for job in engine.lab.active(run):
        engine.lab.cancel(job)
    return (run.step - first) / passed


def main() -> None:
    """Print figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab", description=__doc__)
    parser.add_argument("what", choices=("times", "beside"))
    if parser.parse_args().what == "times":
        times()
    else:
        beside()


if __name__ == "__main__":
    main()
