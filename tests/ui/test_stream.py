"""The stream, with the real engine behind it and a WebSocket before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import orjson
import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import History
from tests.game import tiny
from tests.ui.frames_received import Board, Frame
from tests.ui.serving import served
from ui import sockets, stream
from ui.frames import Picture, picture_of
from ui.stream import NONSENSE, NOT_SHARED, NOT_THERE, TOO_SLOW, Channel, Stream
from ui.visitors import COOKIE, owner_of_cookies

ADA, BOB = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[str]:
    with served(Starlette(routes=Stream(lambda: engine).routes("/gan"))) as address:
        yield address


@pytest.fixture
def run(engine: Engine) -> Iterator[RunHandle]:
    """Ada's, standing still with its first pictures."""
    run = engine.create(tiny(), owner_of_cookies({COOKIE: ADA}))
    assert run.wait_until(lambda: run.state == "paused", 60)
    yield run
    engine.close(run)


@contextmanager
def board_of(server: str, run: RunHandle | str, who: str = ADA, query: str = "") -> Iterator[Board]:
    name = run if isinstance(run, str) else run.name
    headers = {"cookie": f"{COOKIE}={who}"} if who else {}
    uri = f"ws://{server}/gan/stream/{name}{query}"
    with connect(uri, additional_headers=headers, compression=None) as socket:
        yield Board(socket)


def code_of(server: str, run: RunHandle | str, **how: Any) -> int:
    """With which code the server closes the connection."""
    with board_of(server, run, **how) as board:
        return end_of(board)


def end_of(board: Board) -> int:
    """The code with which the server ends the connection, sooner or later."""
    with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012
        while True:
            board.next()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def same_as_run(frame: Frame, run: RunHandle, seek: float | None = None) -> None:
    """The frame shows what the run's records say now, or said at `seek`."""
    with run.lock:
        picture = picture_of(run, seek)
    assert frame.header == orjson.loads(orjson.dumps(picture.header, option=orjson.OPT_SERIALIZE_NUMPY))
    np.testing.assert_array_equal(frame.pixels.reshape(64, 784), picture.pixels)
    assert frame.status["step"] == picture.step


def until(board: Board, condition: Callable[[Frame], bool]) -> Frame:
    for _ in range(200):
        if condition(frame := board.next()):
            return frame
    raise AssertionError("the frame that was waited for did not come in 200")


def test_frames_are_whole_at_first_and_patches_then(server: str, run: RunHandle) -> None:
    with board_of(server, run) as board:
        first = board.next()
        assert first.status["body"] == "full"
        assert board.real == run.real_digits.tobytes()
        same_as_run(first, run)
        for step in (1, 2):
            run.step_by_hand(1, "both")
            frame = until(board, lambda frame, step=step: frame.status["step"] == step)  # type: ignore[misc]
            assert frame.status["body"] == "patch"
            same_as_run(frame, run)


def test_nothing_is_sent_before_the_answer_and_then_the_newest(server: str, run: RunHandle) -> None:
    with board_of(server, run) as board:
        board.receive()
        for _ in range(3):
            run.step_by_hand(1, "both")
        board.ack()
        frame = board.next()  # of the three, the last one
        assert (frame.status["step"], frame.status["frame"]) == (3, run.version)
        same_as_run(frame, run)


def test_two_viewers_get_the_same_bytes_built_once(
    server: str, run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []

    def counted(run: RunHandle, seek: float | None) -> Picture:
        built.append(run.version)
        return picture_of(run, seek)

    monkeypatch.setattr(stream, "picture_of", counted)
    with board_of(server, run) as one, board_of(server, run) as other:
        assert one.next() is not other.next()
        run.step_by_hand(1, "both")
        mine = until(one, lambda frame: frame.status["frame"] == run.version)
        theirs = until(other, lambda frame: frame.status["frame"] == run.version)
        assert mine.header == theirs.header
    assert len(built) == len(set(built))


def test_a_viewer_rewinds_alone_and_returns(server: str, run: RunHandle) -> None:
    with board_of(server, run) as board, board_of(server, run, query="?") as other:
        board.next()
        for _ in range(3):
            run.step_by_hand(1, "both")
        until(board, lambda frame: frame.status["step"] == 3)
        board.seek(1.2)
        back = board.next()
        assert (back.status["step"], back.status["last_step"], back.status["live"]) == (1, 3, False)
        same_as_run(back, run, 1.2)
        assert until(other, lambda frame: frame.status["step"] == 3).status["live"] is True
        board.seek(None)
        same_as_run(board.next(), run)


def test_a_new_game_has_no_earlier_step_to_show(run: RunHandle) -> None:
    async def rewound() -> object:
        channel = Channel(run)
        run.history = History()  # as a reset leaves it, until the new game's first report
        found = await channel.rewound(0)
        channel.close()
        return found

    with ThreadPoolExecutor(1) as thread:  # this one may have a browser's event loop
        assert thread.submit(asyncio.run, rewound()).result(60) is None


def test_while_rewound_training_costs_no_picture(server: str, run: RunHandle) -> None:
    run.step_by_hand(2, "both")
    with board_of(server, run) as board:
        board.next()
        board.seek(0)
        assert board.next().status["body"] == "full"
        run.say("a notice")
        frame = board.next()
        assert (frame.status["body"], frame.status["step"]) == ("none", 0)
        assert frame.status["message"] == "a notice"
        assert frame.size < 2000


def test_what_its_page_does_is_seen_in_the_present(server: str, run: RunHandle) -> None:
    run.shared = True
    run.step_by_hand(2, "both")
    with board_of(server, run) as board, board_of(server, run, who=BOB) as watching:
        for one in (board, watching):
            one.next()
            one.seek(0)
            assert one.next().status["live"] is False
        run.step_by_hand(1, "both")
        assert until(board, lambda frame: frame.status["live"]).status["step"] == 3
        frame = until(watching, lambda frame: frame.status["last_step"] == 3)
        assert frame.status["live"] is False, "whoever only watches stays where they are"


def test_another_game_is_a_whole_picture_in_the_present(server: str, run: RunHandle) -> None:
    run.step_by_hand(2, "both")
    with board_of(server, run) as board:
        board.next()
        board.seek(0)
        board.next()
        run.reset(tiny(seed=5))
        frame = until(board, lambda frame: frame.status["frame"] == run.version)
        assert frame.status["game"] == run.game
        assert frame.status["live"] is True
        same_as_run(frame, run)


@pytest.mark.parametrize(
    ("who", "shared", "code"),
    [(ADA, False, None), (BOB, False, NOT_SHARED), ("", False, NOT_SHARED), (BOB, True, None)],
)
def test_who_may_watch(server: str, run: RunHandle, who: str, shared: bool, code: int | None) -> None:
    run.shared = shared
    if code is not None:
        assert code_of(server, run, who=who) == code
        return
    with board_of(server, run, who=who) as board:
        assert board.next().status["step"] == 0


def test_where_there_is_no_cookie_the_ticket_of_the_tab_counts(engine: Engine, server: str) -> None:
    run = engine.create(tiny())
    assert run.wait_until(lambda: run.state == "paused", 60)
    with board_of(server, run, who="", query=f"?ticket={run.ticket}") as board:
        assert board.next().status["step"] == 0
    for query in ("", "?ticket=", "?ticket=x", f"?ticket={run.ticket}x"):
        assert code_of(server, run, who=BOB, query=query) == NOT_SHARED
    engine.close(run)


def test_a_run_that_is_not_there_and_one_that_goes(engine: Engine, server: str) -> None:
    assert code_of(server, "nowhere") == NOT_THERE
    run = engine.create(tiny(), owner_of_cookies({COOKIE: ADA}))
    with board_of(server, run) as board:
        board.next()
        engine.close(run)
        assert end_of(board) == NOT_THERE


def test_who_is_no_longer_shown_the_run_is_cut_off_at_once(server: str, run: RunHandle) -> None:
    run.shared = True
    with board_of(server, run, who=BOB) as board:
        board.next()
        run.shared = False
        run.say("no longer shared")
        assert end_of(board) == NOT_SHARED


def test_a_viewer_who_never_answers_is_sent_away(
    server: str, run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "ACK_SECONDS", 0.1)
    with board_of(server, run) as board:
        board.receive()
        with pytest.raises(ConnectionClosed) as closed:
            board.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TOO_SLOW


def test_silence_is_filled_with_heartbeats(
    server: str, run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 0.05)
    with board_of(server, run) as board:
        board.next()
        assert orjson.loads(board.socket.recv(timeout=30)) == {"beat": True}
        run.step_by_hand(1, "both")
        board.next()
        board.seek(0)
        until(board, lambda frame: not frame.status["live"])
        assert orjson.loads(board.socket.recv(timeout=30)) == {"beat": True}, "rewound, too"


@pytest.mark.parametrize(
    "said", ["no json", "[]", "{}", '{"seek": "x"}', '{"seek": [1]}', "7", '{"ack": 1}' + " " * 300]
)
def test_nonsense_ends_the_connection(server: str, run: RunHandle, said: str) -> None:
    with board_of(server, run) as board:
        board.receive()
        board.socket.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            board.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == NONSENSE


def test_frames_of_a_run_in_full_swing_are_small(server: str, run: RunHandle) -> None:
    with board_of(server, run) as board:
        board.next()
        run.play()
        sizes = [board.next().size for _ in range(25)]
        run.pause()
    assert float(np.mean(sizes)) < 35_000  # early frames are the largest; benchmarks/README.md has the mean


def test_when_the_last_viewer_goes_nothing_is_left(server: str, run: RunHandle) -> None:
    with board_of(server, run) as board:
        board.next()
        assert len(run.listeners) == 1
    deadline = time.monotonic() + 30
    while run.listeners and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not run.listeners


def test_a_run_that_stands_still_before_a_board_is_not_told_that_nobody_looks(
    server: str, run: RunHandle
) -> None:
    """The trainer would answer, the board would fetch the answer as news, and so on every three seconds."""
    later = time.monotonic() + 60
    run.watch(True)
    version = run.version
    run.unwatch_if_unseen(later)  # nobody looks
    assert run.wait_until(lambda: run.version > version, 10)
    with board_of(server, run) as board:
        run.watch(True)
        until(board, lambda frame: frame.status["frame"] == run.version)
        version = run.version
        run.unwatch_if_unseen(later)
        assert run.wait(run._serial)
        assert run.version == version
