"""The sockets of classes: `/class/{code}`, on which followers are told what their teacher shows.

The server sends `{"turn": n, ...}` with what has changed since the turn before: `place`, `stage`, `pointer`,
`seek`, `motion`, `hidden` (panels), `question`, `followers`. The browser answers `{"ack": n}`. One turn is
under way for a browser, and the next one says the newest. The charts of a theory page come as a binary
message before their turn: compressed with deflate, once for all. `{"beat": true}` fills a silence.

A follower may say `{"vote": k}`. A page of the teacher (known by the cookie; a follower's page says
`?follow=1`) may say `{"stage": ...}`, `{"pointer": ...}`, `{"seek": ...}`, `{"motion": ...}`,
`{"do": "show_answer"}` and `{"do": "close_question"}`. Whoever says anything else, or too much, is sent away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.classroom import MOST_FOLLOWERS, Charts, Classes, Classroom
from ui.sockets import SOCKETS_EACH, TOO_MANY, Audience, Code, Listener, Rate, until_one_ends
from ui.visitors import owner_of_cookies

NONSENSE, NO_COOKIE, NOT_YOURS, NO_CLASS, TOO_SLOW, ENDED, FULL = 4400, 4401, 4403, 4404, 4408, 4410, 4413
ACK_SECONDS = 30.0
GAP_SECONDS = 0.08  # between two turns: a pointer moves 12 times a second
CHARTS_GAP_SECONDS = 0.3  # between two sets of charts: a slider that is dragged makes more than a Wi-Fi takes
LONGEST_MESSAGE = 600  # characters a browser may send
RATE, BURST = 40.0, 80.0  # messages a second: a pointer, acknowledgements, and some room
LOOK_SECONDS = 20.0

log = logging.getLogger(__name__)


class Member(Listener):
    """One open page of a class: a follower's or the teacher's."""

    def __init__(self, socket: WebSocket, hall: Hall, browser: str, *, teaches: bool) -> None:
        super().__init__()
        self.browser = browser
        self.teaches = teaches
        self._socket = socket
        self._hall = hall
        self._rate = Rate(RATE, BURST)
        self._acked = asyncio.Event()
        self._turn = 0
        self._sent: dict[str, Any] = {}
        self._charts: int | None = None  # version of the charts it has

    async def show(self) -> Code:
        """Say what changes until the class ends; returns the code to close with."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            if not self._hall.room.is_open:
                return ENDED
            gap = await self._tell()
            if gap is None:
                return TOO_SLOW
            await asyncio.sleep(gap)

    async def _tell(self) -> float | None:
        """Send what is new; the seconds until the next turn, or None where this one was not answered."""
        state = self._hall.state_for(self)
        news = {name: value for name, value in state.items() if self._sent.get(name, self) != value}
        charts = self._hall.room.charts if not self.teaches else None
        new_charts = charts is not None and charts.version != self._charts
        if not news and not new_charts:
            if self.silent:
                await self._socket.send_text('{"beat":true}')
            return GAP_SECONDS
        self.silent, self._sent = False, state
        self._turn += 1
        self._acked.clear()
        try:
            async with asyncio.timeout(ACK_SECONDS):
                if charts is not None and new_charts:
                    self._charts = charts.version
                    await self._socket.send_bytes(await self._hall.packed(charts))
                await self._socket.send_text(orjson.dumps({"turn": self._turn, **news}).decode())
                await self._acked.wait()
        except TimeoutError:
            return None
        return CHARTS_GAP_SECONDS if new_charts else GAP_SECONDS

    async def listen(self) -> Code:
        """Take what the page says until it talks nonsense; returns the code to close with."""
        while True:
            text = await self._socket.receive_text()
            try:
                said = orjson.loads(text) if len(text) <= LONGEST_MESSAGE and self._rate.take() else None
                self._hear(said)
            except (TypeError, ValueError, KeyError, AttributeError):
                return NONSENSE

    def _hear(self, said: Any) -> None:
        room = self._hall.room
        ((what, value),) = said.items()
        match what:
            case "ack":
                if value == self._turn:
                    self._acked.set()
            case "vote" if not self.teaches:
                room.vote(self.browser, value)
            case "stage" if self.teaches:
                room.set_stage(value)
            case "pointer" if self.teaches:
                room.set_pointer(value)
            case "seek" if self.teaches:
                room.set_seek(value)
            case "motion" if self.teaches:
                room.set_motion(value)
            case "do" if self.teaches and value == "show_answer":
                room.show_answer()
            case "do" if self.teaches and value == "close_question":
                room.close_question()
            case _:
                raise ValueError(what)


class Hall(Audience[Member]):
    """A class and its open pages. Lives in the event loop, as long as there is one."""

    def __init__(self, room: Classroom) -> None:
        super().__init__(room.listeners)
        self.room = room
        self._packing = asyncio.Lock()
        self._packed: tuple[int, bytes] | None = None

    def refusal(self, browser: str, *, teaches: bool) -> Code:
        """Why one more page of that browser cannot come in; None if it can."""
        if sum(member.browser == browser for member in self.members) >= SOCKETS_EACH:
            return TOO_MANY
        if not teaches and sum(not member.teaches for member in self.members) >= MOST_FOLLOWERS:
            return FULL
        return None

    def count(self) -> None:
        """Tell the class who is here."""
        followers = {member.browser for member in self.members if not member.teaches}
        teachers = sum(member.teaches for member in self.members)
        self.room.count(followers=len(followers), teachers=teachers)

    def state_for(self, member: Member) -> dict[str, Any]:
        """All that a page of the class should know now, besides charts."""
        room = self.room
        with room.lock:
            state: dict[str, Any] = {"followers": room.followers, "question": self._question_for(member)}
            if not member.teaches:
                place = room.place
                watch = place.run.name if place is not None and place.run is not None else ""
                page = place.page if place is not None else ""
                charts = room.charts.version if room.charts is not None else None
                state |= {
                    "place": {"watch": watch, "page": page, "charts": charts},
                    "stage": room.stage, "pointer": room.pointer, "seek": room.seek, "motion": room.motion,
                    "hidden": room.hidden,
                }  # fmt: skip
            return state

    def _question_for(self, member: Member) -> dict[str, Any] | None:
        room, question = self.room, self.room.question
        if question is None:
            return None
        said: dict[str, Any] = {
            "serial": question.serial, "text": question.text, "choices": question.choices,
            "open": question.is_open,
        }  # fmt: skip
        if not member.teaches:
            said["mine"] = room.vote_of(member.browser)
        if member.teaches or not question.is_open:
            said["answered"] = room.answered
        if not question.is_open:
            said |= {"answer": question.answer, "tally": room.tally}
        return said

    async def packed(self, charts: Charts) -> bytes:
        """The charts, compressed by whoever needs them first."""
        async with self._packing:
            if self._packed is None or self._packed[0] != charts.version:
                self._packed = charts.version, await asyncio.to_thread(_deflated, charts.message)
            return self._packed[1]


def _deflated(message: bytes) -> bytes:
    return zlib.compress(message, level=4, wbits=-15)


class ClassSocket:
    """The routes of all classes."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._halls: dict[str, Hall] = {}

    def routes(self, base: str) -> list[BaseRoute]:
        """For `st.App`, under the server's base path."""

        def to_page(request: Request) -> Response:
            """The short link of a class: to the page that follows it."""
            return RedirectResponse(f"{base}/follow?{urlencode({'follow': request.path_params['code']})}")

        return [
            WebSocketRoute(f"{base}/class/{{code}}", self.attend),
            Route(f"{base}/f/{{code}}", to_page),
        ]

    async def look_after(self, clock: Callable[[], float] = time.monotonic) -> None:
        """End abandoned classes, for as long as the server runs."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._classes.end_abandoned(clock())

    async def attend(self, socket: WebSocket) -> None:
        """One page of a class, from the first message to the last."""
        await socket.accept()
        code = await self._attend(socket)
        log.debug("socket of class %s closed with %s", socket.path_params["code"], code)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it has gone by itself
            await socket.close(code or 1000)

    async def _attend(self, socket: WebSocket) -> Code:
        room, browser = self._classes.find(socket.path_params["code"]), owner_of_cookies(socket.cookies)
        teaches = "follow" not in socket.query_params
        if room is None:
            return NO_CLASS
        if browser is None:
            return NO_COOKIE
        if teaches and browser != room.owner:
            return NOT_YOURS
        hall = self._halls.get(room.code)
        if hall is None or hall.room is not room:
            hall = self._halls[room.code] = Hall(room)
        try:
            refused = hall.refusal(browser, teaches=teaches)
            return refused or await self._serve(Member(socket, hall, browser, teaches=teaches), hall)
        finally:
            if not hall.members and self._halls.get(room.code) is hall:
                hall.close()
                del self._halls[room.code]

    @staticmethod
    async def _serve(member: Member, hall: Hall) -> Code:
        hall.members.add(member)
        hall.count()
        try:
            return await until_one_ends(member.show(), member.listen())
        finally:
            hall.members.discard(member)
            hall.count()
