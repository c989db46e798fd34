"""Clients for `benchmarks.load` and `benchmarks.faults`.

A client is what a browser tab is to the server: a cookie, Streamlit's own WebSocket for the page, and the
stream of the run's frames, each of which is acknowledged. It draws nothing and unpacks nothing.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import orjson
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

AT_ONCE = 20  # clients that begin at the same time; the others wait for their turn
PATIENCE = 180.0  # seconds for all clients to begin
STAND_PATIENCE = 0.3  # seconds before the page is run anew, as in ui/static/board.js

Tell = Callable[[dict[str, Any], bytes], None]  # the status and the body of a frame; see `ui.stream`


@dataclass
class Seen:
    """The frames one viewer was sent: when, in which state the run was, and how many bytes."""

    frames: list[tuple[float, str, int]] = field(default_factory=list)

    def gaps(self, start: float, end: float, state: str) -> list[float]:
        """Seconds between frames while the run was in `state`; the wait that `end` cuts off is the last."""
        inside = [frame for frame in self.frames if start <= frame[0] <= end]
        pairs = pairwise([*inside, (end, state, 0)])
        return [after[0] - before[0] for before, after in pairs if before[1] == after[1] == state]

    def sizes(self, start: float, end: float) -> list[int]:
        return [size for at, _, size in self.frames if start <= at <= end]


@dataclass
class World:
    """The server, and what has gone wrong with it so far."""

    address: str
    errors: list[str] = field(default_factory=list)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def uri(self, path: str) -> str:
        return f"{self.address.replace('http', 'ws', 1)}/{path}"

    async def cookie(self) -> str:
        """What the server gives a new browser with its first page."""
        return await asyncio.to_thread(_cookie_of_page, f"{self.address}/live")

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """Note what ends a client before it is cancelled."""
        try:
            yield
        except ConnectionClosed as error:
            self.errors.append(f"{name}: closed with {error.rcvd.code if error.rcvd else 'no code'}")
        except (OSError, WebSocketException, TimeoutError) as error:
            self.errors.append(f"{name}: {type(error).__name__} {error}")


def _cookie_of_page(page: str) -> str:
    request = urllib.request.Request(page, headers={"accept": "text/html"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return str(answer.headers["set-cookie"]).split(";")[0]


class Tab:
    """A tab with the page `live`: Streamlit's WebSocket, used as Streamlit's own page uses it."""

    def __init__(self, socket: ClientConnection, world: World, query: str = "") -> None:
        self.board: dict[str, Any] = {}  # what the page tells the board
        self.play = ""  # the name of the button
        self.share = ""  # of the button that opens a class
        self.code = ""  # of the class
        self._socket = socket
        self._world = world
        self._finished = asyncio.Event()
        self._query, self._asked_for = query, ""
        self._timer: asyncio.TimerHandle | None = None
        self._rerun: asyncio.Task[None] | None = None

    async def run_page(self, pressed: str = "") -> None:
        """Run the page's script, for a button that was `pressed` if one is named."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_name = "live"
        message.rerun_script.context_info.url = f"{self._world.address}/live"
        if pressed:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = pressed, True
        self._finished.clear()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            await self._finished.wait()

    async def listen(self) -> None:
        """Take what the script writes."""
        while True:
            message = ForwardMsg.FromString(await self._socket.recv(decode=False))
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.HasField("new_element"):
                self._take(message.delta.new_element)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "page_not_found":
                self._world.errors.append("page: not found")
            elif kind == "script_finished":
                self._finished.set()

    def _take(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.component_name in ("gan_board", "gan_class"):
            data = element.bidi_component
            said = orjson.loads(data.json if data.WhichOneof("data") == "json" else data.mixed.json)
            if data.component_name == "gan_board":
                self.board = said
            else:
                self.code = said["code"]
        elif kind == "button" and element.button.id.endswith("-play"):
            self.play = element.button.id
        elif kind == "button" and element.button.id.endswith("-share_start"):
            self.share = element.button.id
        elif kind == "exception":
            self._world.errors.append(f"page: {element.exception.type} {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self._world.errors.append(f"page: {element.alert.body}")

    def compare(self, status: dict[str, Any]) -> None:
        """Run the page anew when the run no longer stands as the page says."""
        if status["stand"] == self.board["stand"]:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._asked_for = None, ""
        elif self._timer is None:
            stand = status["stand"]
            self._timer = asyncio.get_running_loop().call_later(STAND_PATIENCE, self._run_anew, stand)

    def _run_anew(self, stand: str) -> None:
        self._timer = None
        if stand in (self.board["stand"], self._asked_for):
            return
        self._asked_for = stand
        self._rerun = asyncio.create_task(self._run_noted())

    async def _run_noted(self) -> None:
        with self._world.noting("page"):
            await self.run_page()


async def watch(socket: ClientConnection, seen: Seen, tell: Tell, pause: float = 0.0) -> None:
    """Take frames and acknowledge each, after `pause` seconds."""
    while True:
        message = await socket.recv()
        if isinstance(message, str):  # a heartbeat
            continue
        body_at = 4 + int.from_bytes(message[:4], "little")
        status = orjson.loads(message[4:body_at])
        if status["body"] == "real":
            continue
        seen.frames.append((time.monotonic(), status["state"], len(message)))
        tell(status, message[body_at:])
        await asyncio.sleep(pause)
        await socket.send(orjson.dumps({"ack": status["frame"]}).decode())


def nothing(status: dict[str, Any], body: bytes) -> None:
    """For a viewer without a page."""


class Owner:
    """A tab with a run of its own, which plays.

    With the `cookie` and the `run` of a tab that was there before, it is the same tab, opened again.
    `shares`: it opens a class that follows the run.
    """

    def __init__(self, world: World, cookie: str = "", run: str = "", *, shares: bool = False) -> None:
        self.code = ""  # of the class
        self._shares = shares
        self.seen = Seen()
        self.begun = asyncio.Event()
        self.cookie, self.run, self.stream = cookie, run, ""
        self._world = world

    async def live(self) -> None:
        """Open the page and the stream, press Play in a new run, and look on until cancelled."""
        world, known = self._world, self.run
        with world.noting("owner"):
            async with world.turns:
                self.cookie = self.cookie or await world.cookie()
            async with opened(world.uri("_stcore/stream"), self.cookie, "streamlit") as page:
                tab = Tab(page, world, f"run={known}" if known else "")
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(tab))
                    async with world.turns:
                        await tab.run_page()
                    self.run = tab.board["watch"]
                    self.stream = world.uri(f"stream/{self.run}")
                    tasks.create_task(self._watch(tab))
                    if not known:
                        await tab.run_page(tab.play)
                    if self._shares:
                        await tab.run_page(tab.share)
                        await tab.run_page()  # the press begins the page anew
                        self.code = tab.code

    async def _listen(self, tab: Tab) -> None:
        with self._world.noting("page"):
            await tab.listen()

    async def _watch(self, tab: Tab) -> None:
        with self._world.noting("stream"):
            async with opened(self.stream, self.cookie) as socket:
                await watch(socket, self.seen, partial(self._take, tab))

    def _take(self, tab: Tab, status: dict[str, Any], body: bytes) -> None:
        tab.compare(status)
        if status["state"] in ("playing", "queued"):  # the trainer process is there, and Play has reached it
            self.begun.set()


@asynccontextmanager
async def opened(uri: str, cookie: str, protocol: str = "") -> AsyncIterator[ClientConnection]:
    """A WebSocket of a browser with that cookie. Ends at once, without a farewell that is waited for."""
    protocols = [Subprotocol(protocol)] if protocol else None
    async with connect(
        uri, additional_headers={"cookie": cookie}, subprotocols=protocols, compression=None,
        open_timeout=60, close_timeout=1, max_size=None,
    ) as socket:  # fmt: skip
        yield socket


class Viewer:
    """A stream of somebody's run, without a page."""

    def __init__(self, owner: Owner, world: World, *, pause: float = 0.0, reads: bool = True) -> None:
        self.seen = Seen()
        self.begun = asyncio.Event()
        self._owner, self._world = owner, world
        self._pause, self._reads = pause, reads

    async def live(self) -> None:
        """Watch until cancelled."""
        name = "viewer" if self._reads else "viewer that does not read"
        with self._world.noting(name):
            async with AsyncExitStack() as stack:
                async with self._world.turns:
                    socket = await stack.enter_async_context(opened(self._owner.stream, self._owner.cookie))
                self.begun.set()
                if self._reads:
                    await watch(socket, self.seen, nothing, self._pause)
                socket.transport.pause_reading()
                stack.callback(socket.transport.abort)
                await asyncio.Event().wait()
