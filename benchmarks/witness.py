"""A tab that remembers what it was shown, and can be opened again, for `benchmarks.faults`."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson

from benchmarks.clients import Owner, Tab, World

EVERY = 0.02  # seconds between two looks at a condition
RECENT = 5.0  # seconds over which the speed of training is taken


class Shown(NamedTuple):
    """What a tab says after a frame."""

    at: float  # time.monotonic
    step: int  # the newest one, of which the frame tells
    state: str
    message: str
    filmed: list[int]  # steps that can be gone back to


class Witness(Owner):
    """A tab whose run plays, and everything that it says."""

    def __init__(self, world: World, cookie: str = "", run: str = "") -> None:
        super().__init__(world, cookie, run)
        self.shown: list[Shown] = []
        self.charts: dict[str, Any] = {}  # of the first whole frame
        self.errors = world.errors

    def _take(self, tab: Tab, status: dict[str, Any], body: bytes) -> None:
        self.shown.append(
            Shown(
                time.monotonic(), status["last_step"], status["state"], status["message"], status["keyframes"]
            )
        )
        if status["body"] == "full" and not self.charts:
            header = zlib.decompress(body, -15)
            self.charts = orjson.loads(header[4 : 4 + int.from_bytes(header[:4], "little")])["figures"]
        super()._take(tab, status, body)

    @property
    def last(self) -> Shown:
        """What it shows now."""
        return self.shown[-1]

    @property
    def speed(self) -> float:
        """Steps per second, lately."""
        recent = [one for one in self.shown if one.at >= self.last.at - RECENT and one.state == "playing"]
        return (recent[-1].step - recent[0].step) / (recent[-1].at - recent[0].at)

    def since(self, moment: float) -> list[Shown]:
        """What was shown after `moment`."""
        return [one for one in self.shown if one.at > moment]

    async def plays(self, seconds: float) -> None:
        """Until it has played that long."""
        await until(lambda: bool(self.shown) and self.last.state == "playing", 120, "the run plays")
        await asyncio.sleep(seconds)

    async def says(self, words: str, seconds: float) -> float:
        """Until the page says that; the seconds it took."""
        return await until(lambda: words in self.last.message, seconds, f"the page says {words!r}")

    async def is_quiet(self, seconds: float) -> float:
        """Until the page has nothing to say; the seconds it took."""
        return await until(lambda: not self.last.message, seconds, "the page's message goes")

    async def goes_on(self, steps: int, seconds: float) -> float:
        """Until it has made so many steps more; the seconds it took."""
        goal = self.last.step + steps
        return await until(lambda: self.last.step >= goal, seconds, f"{steps} steps more")


@asynccontextmanager
async def opened_tab(address: str, before: Witness | None = None) -> AsyncIterator[Witness]:
    """A new tab with a run that plays; or the tab `before` once more, with its cookie and its address."""
    world = World(address)
    witness = Witness(world, before.cookie, before.run) if before else Witness(world)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(witness.live())
        yield witness
        task.cancel()


async def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Until `condition`; the seconds it took. Raises TimeoutError, which says what did not happen."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(EVERY)
    return time.monotonic() - started
