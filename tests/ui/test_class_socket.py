"""The sockets of a class, with a WebSocket before them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.ui.serving import served
from ui import class_socket
from ui.class_socket import (
    ENDED,
    NO_CLASS,
    NO_COOKIE,
    NONSENSE,
    NOT_YOURS,
    TOO_SLOW,
    ClassSocket,
)
from ui.classroom import Classes, Classroom
from ui.sockets import SOCKETS_EACH, TOO_MANY
from ui.visitors import COOKIE, owner_of_cookies

TEACHER, ADA, BOB = "t" * 32, "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def classes() -> Classes:
    return Classes()


@pytest.fixture(scope="module")
def server(classes: Classes) -> Iterator[str]:
    with served(Starlette(routes=ClassSocket(classes).routes("/gan"))) as address:
        yield address


@pytest.fixture
def room(classes: Classes) -> Iterator[Classroom]:
    owner = owner_of_cookies({COOKIE: TEACHER})
    assert owner is not None
    room = classes.open(owner)
    yield room
    classes.end(room)


class Page:
    """A page of the class: what it has been told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.state: dict[str, Any] = {}
        self.charts: bytes | None = None

    def receive(self) -> dict[str, Any]:
        """The next turn, not acknowledged yet."""
        while True:
            message = self.socket.recv(timeout=30)
            if isinstance(message, bytes):
                self.charts = zlib.decompress(message, -15)
                continue
            said: dict[str, Any] = orjson.loads(message)
            if "turn" in said:
                self.state |= said
                return said

    def ack(self) -> None:
        self.say(ack=self.state["turn"])

    def until(self, condition: Callable[[dict[str, Any]], Any]) -> None:
        """Take turns until the state fulfils the condition."""
        for _ in range(50):
            if self.state and condition(self.state):
                return
            self.receive()
            self.ack()
        raise AssertionError(f"not told: {self.state}")

    def say(self, **said: Any) -> None:
        self.socket.send(orjson.dumps(said).decode())

    def end(self) -> int:
        """The code with which the server ends it."""
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012
            while True:
                self.receive()
                self.ack()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@contextmanager
def page(server: str, code: str, who: str = ADA, query: str = "?follow=1") -> Iterator[Page]:
    headers = {"cookie": f"{COOKIE}={who}"} if who else {}
    uri = f"ws://{server}/gan/class/{code}{query}"
    with connect(uri, additional_headers=headers, compression=None) as socket:
        yield Page(socket)


def teacher(server: str, code: str) -> Any:
    return page(server, code, TEACHER, "")


def test_a_follower_is_told_what_changes_and_nothing_twice(server: str, room: Classroom) -> None:
    with page(server, room.code) as ada:
        first = ada.receive()
        assert first["place"] == {"watch": "", "page": "", "charts": None}
        assert first["question"] is None
        ada.ack()
        room.show_page("games")
        ada.until(lambda state: state["place"]["page"] == "games")
        room.set_stage({"present": True, "panels": ["square"], "solo": None, "black": False})
        said = ada.receive()
        assert said.keys() == {"turn", "stage"}
        assert said["stage"]["panels"] == ["square"]


def test_one_turn_is_under_way_and_the_next_says_the_newest(server: str, room: Classroom) -> None:
    with page(server, room.code) as ada:
        ada.until(lambda state: state["followers"] == 1)
        room.show_page("one")
        ada.receive()
        for name in ("two", "three", "four"):
            room.show_page(name)
        ada.ack()
        assert ada.receive()["place"]["page"] == "four"


def test_charts_come_before_the_turn_that_names_them(server: str, room: Classroom) -> None:
    serial = room.show_page("games")
    room.publish(serial, b"charts " * 1000)
    with page(server, room.code) as ada, page(server, room.code, BOB) as bob:
        for one in (ada, bob):
            one.until(lambda state: state["place"]["charts"] == zlib.crc32(b"charts " * 1000))
            assert one.charts == b"charts " * 1000
        room.publish(serial, b"others")
        ada.until(lambda state: state["place"]["charts"] == zlib.crc32(b"others"))
        assert ada.charts == b"others"


def test_what_the_teachers_page_says_reaches_the_followers(server: str, room: Classroom) -> None:
    with teacher(server, room.code) as desk, page(server, room.code) as ada:
        desk.until(lambda state: state["followers"] == 1)
        assert "place" not in desk.state
        desk.say(pointer={"panel": "digits", "x": 0.25, "y": 0.5})
        desk.say(seek={"step": 40, "game": 1})
        ada.until(lambda state: state["pointer"] and state["seek"])
        assert ada.state["pointer"] == {"panel": "digits", "x": 0.25, "y": 0.5}
        assert ada.state["seek"] == {"step": 40, "game": 1}
        room.hide(("diagnosis",))
        ada.until(lambda state: state["hidden"] == ["diagnosis"])
        desk.say(pointer=None)
        ada.until(lambda state: state["pointer"] is None)


def test_a_question_its_answers_and_the_tally(server: str, room: Classroom) -> None:
    with (
        teacher(server, room.code) as desk,
        page(server, room.code) as ada,
        page(server, room.code) as second_tab,
        page(server, room.code, BOB) as bob,
    ):
        desk.until(lambda state: state["followers"] == 2)
        room.ask("Which?", ["a", "b"], 1)
        for one in (ada, second_tab, bob):
            one.until(lambda state: state["question"])
            assert one.state["question"].keys() == {"serial", "text", "choices", "open", "mine"}
        ada.say(vote=0)
        second_tab.until(lambda state: state["question"]["mine"] == 0)
        second_tab.say(vote=1)
        ada.until(lambda state: state["question"]["mine"] == 1)
        bob.say(vote=0)
        desk.until(lambda state: state["question"] and state["question"]["answered"] == 2)
        assert "tally" not in desk.state["question"]
        desk.say(do="show_answer")
        for one in (desk, bob):
            one.until(lambda state: not state["question"]["open"])
            assert one.state["question"]["tally"] == [1, 1]
            assert one.state["question"]["answer"] == 1
        desk.say(do="close_question")
        bob.until(lambda state: state["question"] is None)


def test_the_end_cuts_everybody_off(classes: Classes, server: str, room: Classroom) -> None:
    with teacher(server, room.code) as desk, page(server, room.code) as ada:
        desk.until(lambda state: state["followers"] == 1)
        ada.until(lambda state: state["followers"] == 1)
        classes.end(room)
        assert ada.end() == desk.end() == ENDED
    with page(server, room.code) as late:
        assert late.end() == NO_CLASS


@pytest.mark.parametrize(
    ("who", "query", "code"),
    [("", "?follow=1", NO_COOKIE), (ADA, "", NOT_YOURS), (TEACHER, "?follow=1", None)],
)
def test_who_may_come_in(server: str, room: Classroom, who: str, query: str, code: int | None) -> None:
    with page(server, room.code, who, query) as one:
        if code is None:
            assert "place" in one.receive(), "the teacher's own browser may follow, too"
        else:
            assert one.end() == code


@pytest.mark.parametrize(
    "said",
    [
        "no json", "[]", "{}", '{"vote": "x"}', '{"vote": -1}', '{"stage": null}', '{"do": "show_answer"}',
        '{"ack": 1, "vote": 0}', '{"shout": 1}', '{"ack": "' + "1" * 700 + '"}',
    ],
)  # fmt: skip
def test_nonsense_and_what_is_the_teachers_alone_end_the_connection(
    server: str, room: Classroom, said: str
) -> None:
    with page(server, room.code) as ada:
        ada.receive()
        ada.socket.send(said)
        assert ada.end() == NONSENSE
    assert room.question is None


def test_who_talks_too_much_or_not_at_all_is_sent_away(
    server: str, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.ask("Which?", ["a", "b"], None)
    with page(server, room.code) as ada:
        ada.receive()
        with suppress(ConnectionClosed):  # at which of these the server has had enough depends on the machine
            for _ in range(200):
                ada.socket.send('{"vote": 1}')
        assert ada.end() == NONSENSE
    monkeypatch.setattr(class_socket, "ACK_SECONDS", 0.1)
    with page(server, room.code) as bob:
        bob.receive()
        with pytest.raises(ConnectionClosed) as closed:
            bob.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TOO_SLOW


def test_a_browser_has_a_few_sockets_and_the_others_do_not_notice(server: str, room: Classroom) -> None:
    with page(server, room.code, BOB) as bob:
        bob.until(lambda state: state["followers"] == 1)
        opened = [page(server, room.code) for _ in range(SOCKETS_EACH + 1)]
        ada = [one.__enter__() for one in opened]
        assert ada[-1].end() == TOO_MANY
        bob.until(lambda state: state["followers"] == 2)
        room.show_page("games")
        bob.until(lambda state: state["place"]["page"] == "games")
        for one in opened:
            one.__exit__(None, None, None)
        bob.until(lambda state: state["followers"] == 1)


def test_the_short_link_leads_to_the_page(server: str) -> None:
    connection = HTTPConnection(server, timeout=30)
    connection.request("GET", "/gan/f/AB%26x=1")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (307, "/gan/follow?follow=AB%26x%3D1")
