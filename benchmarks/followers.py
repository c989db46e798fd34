"""A class for `benchmarks.load`: followers, the teacher's pointer, and one browser that misbehaves.

Started as a program it is that browser: ADDRESS STREAM CODE SOCKETS.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from benchmarks.clients import Owner, Seen, World, nothing, opened, watch


class Follower:
    """A student's page: the stream of the teacher's run, and the class."""

    def __init__(self, owner: Owner, world: World) -> None:
        self.seen = Seen()
        self.begun = asyncio.Event()
        self.turns: list[float] = []  # seconds from what the teacher's page says until the follower hears it
        self._owner, self._world = owner, world

    async def live(self) -> None:
        """Follow until cancelled."""
        world = self._world
        with world.noting("follower"):
            async with world.turns:
                cookie = await world.cookie()
            uri = world.uri(f"class/{self._owner.code}?follow=1")
            async with (
                opened(self._owner.stream, cookie) as stream,
                opened(uri, cookie) as room,
                asyncio.TaskGroup() as tasks,
            ):
                tasks.create_task(watch(stream, self.seen, nothing))
                tasks.create_task(self._listen(room))

    async def _listen(self, room: ClientConnection) -> None:
        while True:
            message = orjson.loads(await room.recv())
            if "turn" not in message:
                continue
            self.begun.set()
            if message.get("pointer"):
                self.turns.append(time.time() % 10 - 10 * message["pointer"]["x"])
            await room.send(orjson.dumps({"ack": message["turn"]}).decode())


class Pointing:
    """The teacher's page: a pointer that moves ten times a second, and says when."""

    def __init__(self, owner: Owner, world: World) -> None:
        self.begun = asyncio.Event()
        self._owner, self._world = owner, world

    async def live(self) -> None:
        """Point until cancelled."""
        uri = self._world.uri(f"class/{self._owner.code}")
        with self._world.noting("teacher"):
            async with opened(uri, self._owner.cookie) as room, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._acknowledge(room))
                self.begun.set()
                while True:
                    place = {"panel": "digits", "x": time.time() % 10 / 10, "y": 0.5}
                    await room.send(orjson.dumps({"pointer": place}).decode())
                    await asyncio.sleep(0.1)

    @staticmethod
    async def _acknowledge(room: ClientConnection) -> None:
        while True:
            message = orjson.loads(await room.recv())
            if "turn" in message:
                await room.send(orjson.dumps({"ack": message["turn"]}).decode())


@contextlib.asynccontextmanager
async def bad_one(world: World, owner: Owner, count: int) -> AsyncIterator[None]:
    """One browser that misbehaves, in a process of its own, until the end of the block."""
    words = [world.address, owner.stream, owner.code, str(count)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.followers", *words)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def misbehave(world: World, stream: str, code: str, count: int) -> None:
    """One browser with so many sockets, of the class and of its run, until cancelled.

    A third reads nothing, a third talks rubbish, a third asks for one earlier step after another. What is
    closed is opened again.
    """
    cookie = await world.cookie()

    async def one(number: int) -> None:
        uri = world.uri(f"class/{code}?follow=1") if number % 2 else stream
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with opened(uri, cookie) as socket:
                    await _annoy(socket, number % 3)
            await asyncio.sleep(0.5)  # as soon as the page's own script would try again

    await asyncio.gather(*(one(number) for number in range(count)))


async def _annoy(socket: ClientConnection, how: int) -> None:
    if how == 0:
        socket.transport.pause_reading()
        await asyncio.sleep(60)
    while True:
        for step in range(0, 1000, 7):
            said = '{"ack": 1}', orjson.dumps({"seek": step}).decode()
            for word in ("rubbish",) if how == 1 else said:
                await socket.send(word)
            await asyncio.sleep(0.06)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for word in ("address", "stream", "code"):
        parser.add_argument(word)
    parser.add_argument("sockets", type=int)
    asked = parser.parse_args()
    asyncio.run(misbehave(World(asked.address), asked.stream, asked.code, asked.sockets))
