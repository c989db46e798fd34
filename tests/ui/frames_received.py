"""The browser's side of the stream, in Python: messages taken apart and pictures put together."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection


def decode(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and payload of `ui.stream.encode_frame`."""
    length = int.from_bytes(message[:4], "little")
    return orjson.loads(message[4 : 4 + length]), message[4 + length :]


def patched(old: Any, patch: list[Any] | None) -> Any:
    """What `ui/static/frames.js` makes of a patch."""
    if patch is None:
        return old
    kind, first, *rest = patch
    if kind == 0:
        return first
    if kind == 1:
        return old[:first] + rest[0]
    if isinstance(old, list):
        copy: Any = list(old)
        for index, inner in first.items():
            copy[int(index)] = patched(old[int(index)], inner)
        return copy
    copy = {key: value for key, value in old.items() if key not in rest[0]}
    return copy | {key: patched(old.get(key), inner) for key, inner in first.items()}


class Frame(NamedTuple):
    """A picture and the status it came with."""

    status: dict[str, Any]
    header: dict[str, Any]
    pixels: NDArray[np.uint8]
    size: int  # bytes of the message


class Board:
    """A board at the other end of a WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.real: bytes | None = None
        self.frame: Frame | None = None

    def receive(self) -> Frame:
        """The next frame; heartbeats and real digits are taken on the way. Not acknowledged yet.

        Raises websockets.ConnectionClosed when the server ends it.
        """
        while True:
            message = self.socket.recv(timeout=60)
            if isinstance(message, str):
                continue
            status, body = decode(message)
            part, pixels = decode(zlib.decompress(body, -15)) if body else ({}, b"")
            if status["body"] == "real":
                self.real = pixels
                continue
            before = self.frame
            grey = np.frombuffer(pixels, np.uint8)
            if status["body"] == "full":
                header = part
            else:
                assert before is not None
                header = patched(before.header, part["patch"]) if body else before.header
                grey = grey + before.pixels if body else before.pixels
            self.frame = Frame(status, header, grey, len(message))
            return self.frame

    def ack(self) -> None:
        assert self.frame is not None
        self.socket.send(orjson.dumps({"ack": self.frame.status["frame"]}).decode())

    def next(self) -> Frame:
        """The next frame, acknowledged."""
        frame = self.receive()
        self.ack()
        return frame

    def seek(self, step: float | None) -> None:
        self.socket.send(orjson.dumps({"seek": step}).decode())
