"""Whether an hour costs more than a minute: `python -m benchmarks.hour [--minutes N]`.

The web process's side is given an hour of reports, 200 steps a second, as fast as it takes them; then
a real trainer process trains for N minutes. Prints one JSON object: memory in MB and the time to
build a frame, minute by minute.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gan_core.engine import wire
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import HISTOGRAM_BINS, HISTOGRAMS, Evaluation, StepRecord
from gan_core.settings import Settings
from ui.stream import Published

STEPS_PER_SECOND, REPORTS_PER_SECOND = 200, 5
MARKS = (1, 5, 10, 20, 30, 45, 60)  # minutes


def report_of(run: RunHandle, step: int, rng: np.random.Generator) -> tuple[wire.Report, dict[str, Any]]:
    """What a trainer process sends every fifth of a second, with numbers of the right shape."""
    count = STEPS_PER_SECOND // REPORTS_PER_SECOND
    arrays: dict[str, Any] = {f"steps.{n}": rng.uniform(0.3, 0.6, count) for n in StepRecord._fields}
    arrays["steps.step"] = np.arange(step - count, step) + 1.0
    if step // count % 3 == 0:
        arrays |= {f"evaluations.{n}": rng.uniform(0.3, 0.6, 1) for n in Evaluation._fields}
        arrays |= {f"evaluations.{n}": rng.dirichlet(np.ones(HISTOGRAM_BINS), 1) for n in HISTOGRAMS}
        arrays["evaluations.step"] = np.array([float(step)])
        arrays["evaluations.images"] = np.array([2000.0])
        for term in ("evaluations.real_term", "evaluations.fake_term"):
            arrays[term] = -arrays[term]
    arrays |= {
        "digits": rng.integers(0, 255, (64, 784), np.uint8), "verdicts": rng.uniform(size=64),
        "real_digits": np.zeros((16, 784), np.uint8), "real_verdicts": rng.uniform(size=16),
    }  # fmt: skip
    report = wire.Report(
        run=run.name, serial=10**6, state="playing", step=step, settings=run.settings,
        steps_per_second=STEPS_PER_SECOND,
    )  # fmt: skip
    return report, arrays


def hour_of_reports(run: RunHandle) -> list[dict[str, float]]:
    """Memory and frame time of the web side as an hour's reports come in."""
    rng, rows = np.random.default_rng(0), []
    for minute in range(1, MARKS[-1] + 1):
        for i in range(60 * REPORTS_PER_SECOND):
            step = ((minute - 1) * 60 * REPORTS_PER_SECOND + i + 1) * STEPS_PER_SECOND // REPORTS_PER_SECOND
            run.take(*report_of(run, step, rng))
        if minute in MARKS:
            rows.append({"minute": minute, "frame_ms": frame_ms(run), "memory_mb": memory_mb("self")})
    return rows


def frame_ms(run: RunHandle, repeats: int = 30) -> float:
    """Median time to build one frame, in ms."""
    times = []
    newest = Published(run, None)
    for _ in range(repeats):
        started = time.perf_counter()
        newest = Published(run, newest)
        times.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(times), 2)


def memory_mb(pid: int | str) -> float:
    """Resident memory (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


def real_minutes(run: RunHandle, minutes: int) -> list[dict[str, float]]:
    """Memory of both processes and frame time while a real run is watched."""
    run.play()
    rows = []
    for minute in range(1, minutes + 1):
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            Published(run, None)
            time.sleep(0.25)
        rows.append({
            "minute": minute, "step": run.step, "frame_ms": frame_ms(run),
            "trainer_mb": memory_mb(run.worker.process.pid), "web_mb": memory_mb("self"),
        })  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10)
    options = parser.parse_args()
    engine = Engine(workers=1)
    try:
        run = engine.create(Settings())
        if not run.wait_until(lambda: run.state == "paused", 60.0):
            raise TimeoutError("the trainer process did not start within a minute")
        real = real_minutes(run, options.minutes)
        print(orjson.dumps({"reports": hour_of_reports(engine.create(Settings())), "real": real}).decode())
    finally:
        engine.stop()


if __name__ == "__main__":
    main()
