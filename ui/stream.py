"""The stream: `/stream/{watch}`, a WebSocket on which a board is sent the frames of a run.

A message is `encode_frame(status, body)`: the status in JSON, then a body compressed with deflate, which
holds `encode_frame(part, pixels)`. `status["body"]` says what it is:

- "full": the whole header of a picture and the grey values of its digits;
- "patch": what changed since the frame `status["base"]` (see `ui.patches`), and the digits' differences;
- "none": no body; what is on the screen stays right (a rewound picture while training goes on);
- "real": no picture, but the real digits beside it. Sent once a game, before its first picture.

The browser answers `{"ack": frame}`, or asks for `{"seek": step, "game": game}`, or `{"seek": null}` for the
present. One frame is under way for a viewer; the next is sent when it is acknowledged, and is the newest by
then. A frame is built and compressed once for all viewers, when the first of them is ready for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Any

import orjson
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import FILM_CAPACITY
from ui.frames import Picture, picture_of, status_of
from ui.patches import patch_of
from ui.sockets import SOCKETS_EACH, TOO_MANY, Audience, Listener, Rate, until_one_ends
from ui.visitors import owner_of_cookies

NOT_THERE, NOT_SHARED, TOO_SLOW, NONSENSE = 4404, 4403, 4408, 4400
ACK_SECONDS = 30.0  # a viewer that has not answered a frame for so long is gone
LONGEST_MESSAGE = 200  # characters a browser may send
RATE, BURST = 40.0, 80.0  # messages a second: five frames acknowledged, eight steps asked for, and some room
REWOUND_KEPT = FILM_CAPACITY  # pictures of earlier steps, compressed, for all viewers: each is built once
REWIND_GAP_SECONDS = 0.1  # between two earlier steps for one viewer

log = logging.getLogger(__name__)


def encode_frame(header: dict[str, Any], payload: bytes) -> bytes:
    """One message: uint32 little-endian length of the header, the header as JSON, the payload.

    NaN and infinity in the header become null, which Plotly draws as a gap.
    """
    text = orjson.dumps(header, option=orjson.OPT_SERIALIZE_NUMPY)
    return len(text).to_bytes(4, "little") + text + payload


def packed(header: dict[str, Any], pixels: bytes) -> bytes:
    """The body of a message, compressed: one deflate stream of two parts.

    For pixels, runs of one value are all there is to find: looking for longer repetitions takes twice the
    time, and the result is larger.
    """
    words = zlib.compressobj(level=4, wbits=-15)
    grey = zlib.compressobj(level=4, wbits=-15, strategy=zlib.Z_RLE)
    head = words.compress(encode_frame(header, b"")) + words.flush(zlib.Z_FULL_FLUSH)
    return head + grey.compress(pixels) + grey.flush()


class Published:
    """The newest picture of a run, ready to be sent. Built in a thread, under the run's lock."""

    def __init__(self, run: RunHandle, before: Published | None) -> None:
        with run.lock:
            run.look()
            self.version, self.game = run.version, run.game
            picture = picture_of(run, None)
            self._status = status_of(run, picture.step, rewound=False)
            self.real_digits = run.real_digits
        self._header = orjson.loads(orjson.dumps(picture.header, option=orjson.OPT_SERIALIZE_NUMPY))
        self._pixels = picture.pixels
        self._full: bytes | None = None
        self.base: int | None = None
        self.patch = b""  # the message for a viewer that has acknowledged the frame `base`
        if before is not None and before.game == self.game and before._pixels.shape == self._pixels.shape:
            patch = patch_of(before._header, self._header)
            self.base, differences = before.version, self._pixels - before._pixels
            body = packed({"patch": patch}, differences.tobytes())
            self.patch = encode_frame({**self._status, "body": "patch", "base": self.base}, body)

    def full(self) -> bytes:
        """The message for a viewer that has not the frame before."""
        if self._full is None:
            body = packed(self._header, self._pixels.tobytes())
            self._full = encode_frame({**self._status, "body": "full"}, body)
        return self._full

    @cached_property
    def real(self) -> bytes:
        """The message with the real digits of the game."""
        body = packed({}, self.real_digits.tobytes())
        return encode_frame({"body": "real", "game": self.game}, body)


class Channel(Audience["Viewer"]):
    """A run and all who watch it. Lives in the event loop."""

    def __init__(self, run: RunHandle) -> None:
        super().__init__(run.listeners)
        self.run = run
        self._newest: Published | None = None
        self._rewound: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._building = asyncio.Lock()

    async def newest(self) -> Published:
        """The picture of the run's present version, built by whoever asks first."""
        async with self._building:
            if self._newest is None or self._newest.version != self.run.version:
                self._newest = await asyncio.to_thread(Published, self.run, self._newest)
            return self._newest

    async def rewound(self, seek: float) -> tuple[dict[str, Any], bytes] | None:
        """Status and body of the filmed step nearest to `seek`; the body is kept for the next who asks.

        None where nothing is filmed: a new game may begin at any moment.
        """
        async with self._building:
            return await asyncio.to_thread(self._rewound_to, seek)

    def _rewound_to(self, seek: float) -> tuple[dict[str, Any], bytes] | None:
        run = self.run
        picture: Picture | None = None
        with run.lock:
            run.look()
            if not run.history.film.frames:
                return None
            step = run.history.film.at(seek).step
            key = (run.game, step)
            if key not in self._rewound:
                picture = picture_of(run, step)
            status = status_of(run, step, rewound=True)
        if picture is not None:
            self._rewound[key] = packed(picture.header, picture.pixels.tobytes())
            while len(self._rewound) > REWOUND_KEPT:
                self._rewound.popitem(last=False)
        self._rewound.move_to_end(key)
        return status, self._rewound[key]


class Viewer(Listener):
    """One board that watches: what it has been sent, and what it wants to see."""

    def __init__(self, socket: WebSocket, channel: Channel, *, acts: bool) -> None:
        super().__init__()
        self.browser = owner_of_cookies(socket.cookies)
        self._socket = socket
        self._channel = channel
        self._acts = acts  # its page may act on the run
        self._acted = channel.run.acts
        self._acked = asyncio.Event()
        self._rate = Rate(RATE, BURST)
        self._seek: float | None = None
        self._live: int | None = None  # version of the live picture on its screen
        self._rewound: tuple[int, int] | None = None  # game and step of the rewound one
        self._told: int | None = None  # version that the rewound one's status is of
        self._has_real: tuple[int, int] | None = None  # game, and number of real digits it has been sent

    async def show(self, refusal: Callable[[], int | None]) -> int:
        """Send frames until `refusal` names a reason to close the connection; returns that code."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            if (code := refusal()) is not None:
                return code
            messages = await self._messages()
            if not messages:
                if self.silent:
                    await self._socket.send_text('{"beat":true}')
                continue
            self.silent = False
            self._acked.clear()
            for message in messages:
                await self._socket.send_bytes(message)
            try:
                async with asyncio.timeout(ACK_SECONDS):
                    await self._acked.wait()
            except TimeoutError:
                return TOO_SLOW
            if self._rewound is not None:
                await asyncio.sleep(REWIND_GAP_SECONDS)

    async def listen(self) -> int:
        """Take answers and wishes until the browser talks nonsense; returns the code to close with.

        Raises WebSocketDisconnect when it goes.
        """
        while True:
            text = await self._socket.receive_text()
            try:
                said = orjson.loads(text) if len(text) <= LONGEST_MESSAGE and self._rate.take() else None
                self._hear(said)
            except (TypeError, ValueError, KeyError):
                return NONSENSE

    def _hear(self, said: Any) -> None:
        if "ack" in said:
            self._acked.set()
            return
        seek, game = said["seek"], said.get("game", self._channel.run.game)
        if game == self._channel.run.game:  # a step of another game is nobody's wish
            self._seek = None if seek is None else float(seek)
        self.wake.set()

    async def _messages(self) -> list[bytes]:
        """What brings its screen up to date; nothing where it is."""
        run = self._channel.run
        if self._acts and self._acted != run.acts:
            self._seek = None  # what its page has just done is seen in the present
        self._acted = run.acts
        if self._seek is not None and self._rewound is not None and self._rewound[0] != run.game:
            self._seek = None
        rewound = None if self._seek is None else await self._channel.rewound(self._seek)
        if rewound is None:
            self._seek = None
            return await self._live_messages()
        status, body = rewound
        shown = (status["game"], status["step"])
        stays, told = shown == self._rewound, self._told
        self._live, self._rewound, self._told = None, shown, status["frame"]
        if stays and told == self._told:
            return []
        if stays:
            return [encode_frame({**status, "body": "none"}, b"")]
        return [encode_frame({**status, "body": "full"}, body)]

    async def _live_messages(self) -> list[bytes]:
        newest = await self._channel.newest()
        if self._live == newest.version:
            return []
        messages = []
        real = (newest.game, len(newest.real_digits))
        if self._has_real != real:
            self._has_real = real
            messages.append(newest.real)
        if newest.base is not None and self._live == newest.base:
            messages.append(newest.patch)
        else:
            messages.append(await asyncio.to_thread(newest.full))
        self._live, self._rewound = newest.version, None
        return messages


class Stream:
    """The route and the channels of all runs that are watched."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self._channels: dict[str, Channel] = {}

    def routes(self, base: str) -> list[BaseRoute]:
        """For `st.App`, under the server's base path."""
        return [WebSocketRoute(f"{base}/stream/{{watch}}", self.watch)]

    async def watch(self, socket: WebSocket) -> None:
        """One viewer, from the first message to the last."""
        await socket.accept()
        name = socket.path_params["watch"]
        run = await asyncio.to_thread(self._engine().find, name)  # it may come from disk
        acts = run is not None and may_act(run, socket)

        def refusal() -> int | None:
            if run is None or run.closed:
                return NOT_THERE
            return None if acts or run.shared else NOT_SHARED

        code = refusal()
        if code is None and run is not None:
            code = await self._serve(socket, run, refusal, acts=acts)
        log.debug("stream of %s closed with %s", name, code)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it has gone by itself
            await socket.close(code or 1000)

    async def _serve(
        self, socket: WebSocket, run: RunHandle, refusal: Callable[[], int | None], *, acts: bool
    ) -> int | None:
        channel = self._channels.get(run.name)
        if channel is None or channel.run is not run:
            channel = self._channels[run.name] = Channel(run)
        viewer = Viewer(socket, channel, acts=acts)
        if not acts and sum(other.browser == viewer.browser for other in channel.members) >= SOCKETS_EACH:
            return TOO_MANY
        channel.members.add(viewer)
        log.debug("stream of %s opened: %d watch", run.name, len(channel.members))
        try:
            return await until_one_ends(viewer.show(refusal), viewer.listen())
        finally:
            channel.members.discard(viewer)
            if not channel.members and self._channels.get(run.name) is channel:
                channel.close()
                del self._channels[run.name]


def may_act(run: RunHandle, socket: WebSocket) -> bool:
    """Whether the browser at the other end owns the run: by its cookie, or by its page's ticket."""
    if run.owner is not None:
        return run.owner == owner_of_cookies(socket.cookies)
    return secrets.compare_digest(run.ticket, socket.query_params.get("ticket", ""))
