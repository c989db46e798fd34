"""What is lost when something fails: `python -m benchmarks.faults [--only NAME ...] [--seconds N]`.

- worker: the trainer process is killed (-9) while a run plays;
- web: the server is killed (-9), started again, and the same tab is opened again;
- disk_full, read_only: the disk refuses to save for a while; then the server is killed;
- folder_gone: the run's folder is deleted; once it is saved again, the server is killed;
- heaviest: three default runs beside the heaviest one that the settings allow; see `benchmarks.heaviest`.

Each kill comes just before the run would be saved again: that costs most. The server is the real one, on data
of its own; the tab is a real client with cookie, page and stream. Prints one JSON object; the exit code is 1
if anything failed. Linux only. Disks need root, and are skipped with a reason where nothing can be mounted.

- `lost_seconds`: steps shown last before the kill, less steps shown first after it, over the steps per second
  before;
- `lost_by_clock`: how long before the last frame the step had been shown from which the run goes on;
- `lost_pictures`: of steps before that one: records may be older than the checkpoint that a run goes on from.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from benchmarks import heaviest
from benchmarks.disks import RefusedError, filled, read_only, small_disk
from benchmarks.serving import Server, free_port, is_alive, serve, trainers_of
from benchmarks.witness import Shown, Witness, opened_tab, until
from gan_core import library
from gan_core.engine.saving import CHECKPOINT_SECONDS, checkpoints

PLAYED = 15.0  # seconds before something fails
LIMIT = 300.0  # seconds for one scenario
DISK = "40m"  # a run of the default settings takes up to 20 MB
TROUBLE = 10.0  # seconds for which a disk refuses
SAVED_AGAIN = 5.0  # seconds within which a run must be saved after its folder was deleted
JUST_BEFORE = 0.1  # seconds before the next checkpoint

Found = dict[str, Any]
log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where the server runs: the same before and after it was killed."""

    port: int
    data: Path

    @property
    def runs(self) -> Path:
        return self.data / "runs"

    @contextmanager
    def serving(self) -> Iterator[Server]:
        with serve(port=self.port, GAN_DATA_DIR=str(self.data), GAN_WORKERS="1") as server:
            yield server

    def checkpoint(self, tab: Witness) -> int:
        """The step that the trainer process has saved last; -1 for none."""
        found = checkpoints(self.runs / tab.run / library.CHECKPOINTS)
        return int(found[0].name) if found else -1

    def saved(self, tab: Witness) -> int:
        """The step that the run would go on from after a restart; -1 if it could not be opened."""
        try:
            return library.read(self.runs / tab.run).meta.step
        except library.LibraryError:
            return -1


Happening = Callable[[Place, Witness], Awaitable[Found]]

# Scenarios


async def worker(seconds: float) -> Found:
    """Kill the trainer process."""
    with temporary_place() as place, place.serving() as server:
        async with opened_tab(server.address) as tab:
            await tab.plays(seconds)
            await before_next_checkpoint(place, tab)
            speed, before = tab.speed, tab.last
            moment = time.monotonic()
            kill(trainers_of(server))
            await tab.says("died", 60)
            notices = {one.message for one in tab.since(before.at) if one.message}
            await until(lambda: is_back(tab, before.at), 60, "the run plays again")
            again = time.monotonic() - moment
            await tab.goes_on(20, 60)
            notices |= {one.message for one in tab.since(before.at) if one.message}
            first = next(one for one in tab.since(before.at) if one.step < before.step)
            return {
                **lost(tab, before, first, speed),
                "seconds_until_it_plays": round(again, 1), "steps_per_second": round(speed),
                "notices": sorted(notices), "errors": tab.errors,
            }  # fmt: skip


def is_back(tab: Witness, moment: float) -> bool:
    """Whether the run has gone back to a checkpoint since, and plays."""
    states = [one.state for one in tab.since(moment)]
    return "loading" in states and states[-1] == "playing"


async def web(seconds: float) -> Found:
    """Kill the server."""
    with temporary_place() as place:
        return await killed(place, seconds)


async def disk_full(seconds: float) -> Found:
    """No room on the disk for a while."""

    async def fill(place: Place, tab: Witness) -> Found:
        with filled(place.data):
            found = await refused(tab)
        return found | await accepted(place, tab)

    with small_disk(DISK) as folder:
        return await killed(Place(free_port(), folder), seconds, fill)


async def read_only_disk(seconds: float) -> Found:
    """The disk is read-only for a while."""

    async def lock(place: Place, tab: Witness) -> Found:
        with read_only(place.runs / tab.run):
            found = await refused(tab)
        return found | await accepted(place, tab)

    with small_disk(DISK) as folder:
        return await killed(Place(free_port(), folder), seconds, lock)


async def folder_gone(seconds: float) -> Found:
    """The run's folder is deleted."""

    async def delete(place: Place, tab: Witness) -> Found:
        folder = place.runs / tab.run
        while folder.exists():  # a file may be written at that moment
            shutil.rmtree(folder, ignore_errors=True)
        took = await until(lambda: place.saved(tab) > 0, 30, "the run is saved again")
        in_time, said = took <= SAVED_AGAIN, tab.last.message
        return {"seconds_until_saved": round(took, 1), "in_time": in_time, "message": said}

    with temporary_place() as place:
        return await killed(place, seconds, delete)


# Their parts


async def refused(tab: Witness) -> Found:
    """The disk refuses: the page says so, and training goes on."""
    said = await tab.says("cannot be saved", 20)
    step, message = tab.last.step, tab.last.message
    await asyncio.sleep(TROUBLE)
    went_on = tab.last.step - step
    return {"seconds_until_said": round(said, 1), "message": message, "steps_meanwhile": went_on}


async def accepted(place: Place, tab: Witness) -> Found:
    """The disk takes it again: the message goes, and saving goes on."""
    step = tab.last.step
    quiet = await tab.is_quiet(30)
    saved = await until(lambda: place.saved(tab) >= step, 30, "the run is saved again")
    return {"seconds_until_quiet": round(quiet, 1), "seconds_until_saved": round(quiet + saved, 1)}


async def killed(place: Place, seconds: float, happens: Happening | None = None) -> Found:
    """A run plays, something `happens`, the server is killed and started again, and so is the tab."""
    with place.serving() as server:
        async with opened_tab(server.address) as tab:
            await tab.plays(seconds)
            found = await happens(place, tab) if happens else {}
            await between_two_saves(place, tab)
            trainers, speed, before = trainers_of(server), tab.speed, tab.last
            errors = list(tab.errors)
            kill([server.process.pid])
        ended = await until(lambda: not any(map(is_alive, trainers)), 20, "the trainer processes end")
    return {
        **found, "trainers_ended_after": round(ended, 1), "steps_per_second": round(speed),
        **await opened_again(place, tab, speed), "errors_before": errors, "step_before": before.step,
    }  # fmt: skip


async def opened_again(place: Place, before: Witness, speed: float) -> Found:
    """The server is started again, and the tab opened again: what it finds."""
    started = time.monotonic()
    with place.serving() as server:
        up = time.monotonic() - started
        async with opened_tab(server.address, before) as tab:
            await until(lambda: bool(tab.shown), 60, "a frame after the restart")
            first = tab.shown[0]
            same, kept = tab.run == before.run, set(first.filmed)
            await until(lambda: tab.last.state == "playing" and tab.last.step > first.step, 60, "it plays on")
            plays = time.monotonic() - started
            return {
                **lost(before, before.last, first, speed),
                "seconds_until_served": round(up, 1), "seconds_until_it_plays": round(plays, 1),
                "same_run": same, "step_after": first.step, "pictures": len(first.filmed),
                "lost_pictures": len({step for step in before.last.filmed if step <= first.step} - kept),
                "history_from": history_from(tab), "errors": tab.errors,
            }  # fmt: skip


def lost(tab: Witness, last: Shown, first: Shown, speed: float) -> Found:
    """What lies between the frame shown `last` before a kill and the `first` one after it."""
    reached = next((one.at for one in tab.shown if one.step >= first.step), last.at)
    steps = max(0, last.step - first.step)  # the trainer process may have saved a step not shown yet
    return {"lost_seconds": round(steps / speed, 2), "lost_by_clock": round(last.at - reached, 2)}


def history_from(tab: Witness) -> float | None:
    """The first step in the chart of V, as the board is sent it."""
    for trace in tab.charts["value"]["data"]:
        packed = trace["x"] if isinstance(trace.get("x"), dict) else {"dtype": "f4", "bdata": ""}
        x = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
        if len(x):
            return float(x[0])
    return None


async def before_next_checkpoint(place: Place, tab: Witness) -> None:
    """Until just before the next checkpoint: when a trainer process is killed, most is lost then."""
    step = place.checkpoint(tab)
    await until(lambda: place.checkpoint(tab) > step, 30, "a checkpoint is written")
    await asyncio.sleep(CHECKPOINT_SECONDS - JUST_BEFORE)


async def between_two_saves(place: Place, tab: Witness) -> None:
    """Until there is a checkpoint of which the web process has not saved the records yet: when the web
    process is killed, most is lost then.
    """
    step = place.checkpoint(tab)
    await until(lambda: place.saved(tab) >= step, 30, "the run is saved while it plays")
    step = place.checkpoint(tab)
    await until(lambda: place.checkpoint(tab) > step, 30, "a checkpoint is written")


@contextmanager
def temporary_place() -> Iterator[Place]:
    """A free port and an empty folder, deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="gan-faults-", ignore_cleanup_errors=True) as folder:
        yield Place(free_port(), Path(folder))


def kill(pids: list[int]) -> None:
    """End these processes with SIGKILL."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


SCENARIOS: dict[str, Callable[[float], Awaitable[Found]]] = {
    "worker": worker, "web": web, "disk_full": disk_full, "read_only": read_only_disk,
    "folder_gone": folder_gone, "heaviest": lambda _: asyncio.to_thread(heaviest.measure),
}  # fmt: skip


async def measure(name: str, seconds: float) -> Found:
    """One scenario, or why there is no figure."""
    try:
        async with asyncio.timeout(LIMIT):
            return await SCENARIOS[name](seconds)
    except RefusedError as error:
        return {"skipped": str(error)}
    except Exception as error:  # the other scenarios are measured all the same
        log.debug("%s failed", name, exc_info=True)
        cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        return {"failed": f"{type(cause).__name__}: {cause}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--seconds", type=float, default=PLAYED, help="of play before something fails")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that disks and processes are seen to
    found = {name: asyncio.run(measure(name, options.seconds)) for name in options.only}
    print(orjson.dumps({**found, "machine_load": round(os.getloadavg()[0], 1)}).decode())
    sys.exit(any("failed" in one for one in found.values()))


if __name__ == "__main__":
    main()
