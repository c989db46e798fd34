"""What the app's WebSockets have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocketDisconnect

TOO_MANY = 4429
SOCKETS_EACH = 6  # of one browser, in one class or before one run of somebody else

Code = int | None
"""With which code a connection is to be closed; None: the browser has gone."""


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
