"""A class before one server: `python -m benchmarks.load [--only players|viewers|slow] [--seconds N]`.

- players: 60 tabs with a run each, all of which press Play, for two minutes;
- viewers: 300 viewers of one run that plays, for a minute;
- slow: 1,000 viewers of one run, of which half acknowledge a frame after three seconds and half never read
  one, for a minute. Then they go, all at once. Measured are a normal viewer and the server's memory;
- followers: a class of 60 follows a run that plays, while the teacher points, for a minute; then for another
  minute one of them misbehaves with a hundred sockets.

The clients (`benchmarks.crowds`) are real WebSockets over loopback, in a process of their own. A server is
started anew for each scenario. Prints one JSON object. `cpu_cores` and `memory_mb` are of the server's
process alone, without the trainer processes beside it.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import orjson

from benchmarks.hour import memory_mb
from benchmarks.serving import PROJECT, Server, serve

OPEN_FILES = 8192
EVERY = 1.0  # seconds between two looks at the server's process
MARK = 10  # seconds between two marks of the curve of memory
MUCH_LONGER = 600.0  # seconds, beside what is measured, after which the clients are stopped
TICKS = os.sysconf("SC_CLK_TCK")


class Size(NamedTuple):
    """How many clients, and for how long."""

    clients: int
    seconds: float


SIZES = {
    "players": Size(60, 120.0), "viewers": Size(300, 60.0), "slow": Size(1000, 60.0),
    "followers": Size(60, 60.0),
}  # fmt: skip


class Sample(NamedTuple):
    """What the server's process has used by a time."""

    at: float
    cpu_seconds: float
    memory_mb: float


class Meter:
    """Looks at a process every second, from a thread."""

    def __init__(self, pid: int) -> None:
        self.samples: list[Sample] = []
        self._pid = pid
        self._stop = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(EVERY):
            fields = Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()
            cpu = (int(fields[11]) + int(fields[12])) / TICKS  # in user mode and in the kernel
            self.samples.append(Sample(time.monotonic(), cpu, memory_mb(self._pid)))

    def between(self, start: float, end: float) -> dict[str, Any]:
        """Cores used, and memory: at the beginning, every ten seconds, and how it grew in the last minute."""
        inside = [sample for sample in self.samples if start <= sample.at <= end]
        if len(inside) < 2:
            return {}
        first, last = inside[0], inside[-1]
        minute = next(sample for sample in inside if sample.at >= last.at - 60)
        marks = [sample.memory_mb for sample in inside[:: round(MARK / EVERY)]]
        return {
            "cpu_cores": round((last.cpu_seconds - first.cpu_seconds) / (last.at - first.at), 3),
            "memory_mb": [*marks, last.memory_mb],
            "memory_grew_mb": round(last.memory_mb - minute.memory_mb, 1),
        }


def run_clients(server: Server, scenario: str, size: Size) -> dict[str, Any]:
    """The clients, in a process of their own: what they print."""
    words = [scenario, server.address, str(size.clients), str(size.seconds)]
    clients = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.crowds", *words],
        cwd=PROJECT, check=True, stdout=subprocess.PIPE, timeout=size.seconds + MUCH_LONGER,
    )  # fmt: skip
    found: dict[str, Any] = orjson.loads(clients.stdout)
    return found


def measure(scenario: str, size: Size) -> dict[str, Any]:
    """One scenario: what its clients saw, and what the server used meanwhile."""
    with serve() as server, Meter(server.process.pid) as meter:
        found = run_clients(server, scenario, size)
    for seen in found["seen"].values():
        if "from" in seen:
            seen.update(meter.between(seen.pop("from"), seen.pop("to")))
    return {**size._asdict(), "machine_load": round(os.getloadavg()[0], 1), **found}


def allow_open_files() -> None:
    """A socket is an open file, for us and for the processes we start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(SIZES), help="one scenario; otherwise one after the other")
    parser.add_argument("--seconds", type=float, help="shorter, or longer, than is written above")
    parser.add_argument("--clients", type=int, help="fewer, or more, than is written above")
    options = parser.parse_args()
    allow_open_files()
    found = {}
    for scenario in [options.only] if options.only else SIZES:
        count, seconds = SIZES[scenario]
        size = Size(options.clients or count, options.seconds or seconds)
        found[scenario] = measure(scenario, size)
    print(orjson.dumps(found).decode())


if __name__ == "__main__":
    main()
