"""What the app's WebSockets have in common."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from starlette.websockets import WebSocketDisconnect

HEARTBEAT_SECONDS = 5.0  # after so long without news, twice at most: a browser tells silence from a cut
TOO_MANY = 4429
SOCKETS_EACH = 6  # of one browser, in one class or before one run of somebody else

Code = int | None
"""With which code a connection is to be closed; None: the browser has gone."""


class Listener:
    """One open connection, which waits for news."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.wake.set()
        self.silent = False  # nothing has been sent since the last beat

    def beat(self) -> None:
        """Some seconds have passed: if nothing was sent in them, a heartbeat is due."""
        if self.silent:
            self.wake.set()
        self.silent = True


L = TypeVar("L", bound=Listener)


class Audience(Generic[L]):
    """All open connections to one thing, which tells of its news from any thread. Lives in the event loop.

    `calls`: what the thing calls at each change.
    """

    def __init__(self, calls: set[Callable[[], None]]) -> None:
        self.members: set[L] = set()
        self._calls = calls
        self._loop = asyncio.get_running_loop()
        self._beating = asyncio.create_task(self._beat())
        calls.add(self._hear)

    def close(self) -> None:
        self._beating.cancel()
        self._calls.discard(self._hear)

    async def _beat(self) -> None:
        """One clock for all: a timer for each of them and every message costs more than the sending."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for member in self.members:
                member.beat()

    def _hear(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server is going down
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for member in self.members:
            member.wake.set()


async def until_one_ends(*talks: Coroutine[Any, Any, Code]) -> Code:
    """Run all of them until the first ends; its code, or None if the browser has gone meanwhile."""
    tasks = [asyncio.create_task(talk) for talk in talks]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    except (WebSocketDisconnect, RuntimeError):
        return None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Rate:
    """How many messages a browser may send: so many a second in the mean, and `burst` at once."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._left, self._at = burst, time.monotonic()

    def take(self) -> bool:
        """Count one message; whether it is within the rate."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
