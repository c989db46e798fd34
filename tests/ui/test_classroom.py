"""A class: what is shown, who may watch, one vote a browser, and nothing without a bound."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from tests.game import tiny
from ui import classroom
from ui.classroom import ABSENT_SECONDS, CODE_LENGTH, LETTERS, MOST_FOLLOWERS, Classes, Classroom
from ui.stage import checked_point, checked_seek, checked_stage


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture
def run(engine: Engine) -> Iterator[RunHandle]:
    run = engine.create(tiny(), "teacher")
    yield run
    engine.close(run)


@pytest.fixture
def classes() -> Classes:
    return Classes()


@pytest.fixture
def room(classes: Classes) -> Classroom:
    return classes.open("teacher")


def test_a_class_is_found_by_its_code_as_people_type_it(classes: Classes, room: Classroom) -> None:
    assert len(room.code) == CODE_LENGTH
    assert set(room.code) <= set(LETTERS)
    assert classes.find(f" {room.code.lower()} ") is room
    assert classes.find("") is None
    assert classes.open("teacher") is room, "one class for each teacher"
    assert classes.of_owner("teacher") is room
    assert classes.of_owner("somebody") is classes.of_owner(None) is None


def test_codes_differ_and_classes_are_bounded(classes: Classes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "MOST_CLASSES", 3)
    monkeypatch.setattr(classroom, "LETTERS", "AB")
    monkeypatch.setattr(classroom, "CODE_LENGTH", 2)
    assert len({classes.open(owner).code for owner in "abc"}) == 3
    with pytest.raises(ValueError, match="3 classes already"):
        classes.open("d")
    assert classes.open("a") is classes.of_owner("a")


def test_the_run_that_is_shown_is_shared_and_no_other(
    engine: Engine, run: RunHandle, classes: Classes, room: Classroom
) -> None:
    other = engine.create(tiny(), "teacher")
    room.show_run(run)
    assert (run.shared, other.shared) == (True, False)
    room.show_run(other)
    assert (run.shared, other.shared) == (False, True)
    room.show_page("saddle")
    assert (run.shared, other.shared) == (False, False)
    room.show_run(run)
    version = run.version
    classes.end(room)
    assert (run.shared, room.is_open, room.place) == (False, False, None)
    assert run.version > version, "who watches is woken, and sent away"
    assert classes.find(room.code) is None
    room.show_run(run)  # a page that has not yet heard of the end
    assert run.shared is False
    engine.close(other)


def test_charts_come_from_the_page_that_is_shown(room: Classroom) -> None:
    first = room.show_page("games")
    room.publish(first, b"some charts")
    assert room.charts is not None
    version = room.charts.version
    second = room.show_page("saddle")
    assert room.charts is None
    room.publish(first, b"of a page in the background")
    assert room.charts is None
    room.publish(second, b"x" * (classroom.LARGEST_CHARTS + 1))
    assert room.charts is None
    room.publish(second, b"other charts")
    assert room.charts.version != version


def test_one_vote_a_browser_that_can_be_changed_until_the_answer_is_shown(room: Classroom) -> None:
    room.vote("ada", 0)
    assert (room.answered, room.tally) == (0, []), "nothing was asked"
    room.ask(" Where does D go? ", ["To 0.5", "To 0.45", "To 1"], 1)
    assert room.question is not None
    assert room.question.text == "Where does D go?"
    for browser, choice in (("ada", 0), ("bob", 2), ("ada", 1), ("eve", 3), ("eve", 99)):
        room.vote(browser, choice)
    assert (room.answered, room.tally, room.vote_of("ada"), room.vote_of("eve")) == (2, [0, 1, 1], 1, None)
    for nonsense in (-1, True, 1.0, "1", None, [0]):
        with pytest.raises(ValueError, match="no choice"):
            room.vote("ada", nonsense)
    room.show_answer()
    room.vote("ada", 2)
    room.vote("new", 2)
    assert (room.question.is_open, room.tally) == (False, [0, 1, 1])
    room.ask("Another?", ["yes", "no"], None)
    assert (room.answered, room.tally) == (0, [0, 0])
    room.close_question()
    assert room.question is None
    assert room.tally == []


def test_answers_are_bounded_and_gone_with_the_class(classes: Classes, room: Classroom) -> None:
    room.ask("Which?", ["a", "b"], None)
    for number in range(MOST_FOLLOWERS + 20):
        room.vote(f"browser {number}", 0)
    assert room.tally == [MOST_FOLLOWERS, 0]
    room.vote("browser 0", 1)
    assert room.tally == [MOST_FOLLOWERS - 1, 1], "who has answered may still change it"
    classes.end(room)
    assert (room.question, room.answered, room.vote_of("browser 0")) == (None, 0, None)


@pytest.mark.parametrize(
    ("text", "choices", "answer"),
    [
        ("", ["a", "b"], None), ("x" * 1001, ["a", "b"], None), ("Which?", ["a"], None),
        ("Which?", ["a"] * 9, None), ("Which?", ["a", " "], None), ("Which?", ["a", "b" * 301], None),
        ("Which?", ["a", "b"], 2), ("Which?", ["a", "b"], -1),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_says_why(
    room: Classroom, text: str, choices: list[str], answer: int | None
) -> None:
    with pytest.raises(ValueError, match=r"^(A question|An answer|The right answer) .*\.$"):
        room.ask(text, choices, answer)
    assert room.question is None


def test_listeners_hear_of_changes_and_of_nothing_else(room: Classroom) -> None:
    heard: list[int] = []
    room.listeners.add(lambda: heard.append(1))
    stage = {"present": True, "panels": ["digits"], "solo": None, "black": False}
    for _ in range(2):
        room.set_stage(stage)
        room.set_pointer({"panel": "digits", "x": 0.5, "y": 2})
        room.set_seek({"step": 5, "game": 1})
        room.count(followers=3, teachers=1)
    assert len(heard) == 4
    assert room.pointer == {"panel": "digits", "x": 0.5, "y": 1.0}
    room.show_page("games")
    assert room.pointer is None
    assert room.seek is None
    assert room.stage == stage


@pytest.mark.parametrize(
    "check_and_value",
    [
        (checked_stage, []), (checked_stage, {"panels": "all"}), (checked_stage, {"panels": ["x"] * 13}),
        (checked_stage, {"panels": ["x" * 41]}), (checked_stage, {"panels": [], "solo": 3}),
        (checked_point, "here"), (checked_point, {"panel": "digits"}),
        (checked_point, {"panel": 1, "x": 0, "y": 0}),
        (checked_point, {"panel": "digits", "x": float("nan"), "y": 0}), (checked_seek, 7),
        (checked_seek, {"step": 1}), (checked_seek, {"step": "1", "game": 1}),
    ],
)  # fmt: skip
def test_what_is_no_stage_point_or_step_is_refused(check_and_value: tuple[Any, Any]) -> None:
    check, value = check_and_value
    with pytest.raises(ValueError, match="no "):
        check(value)
    assert check(None) is None


def test_a_class_ends_when_its_teacher_has_been_away_for_too_long(classes: Classes, room: Classroom) -> None:
    room.count(followers=5, teachers=1)
    classes.end_abandoned(time.monotonic() + 10 * ABSENT_SECONDS)
    assert room.is_open
    room.count(followers=5, teachers=0)
    classes.end_abandoned(time.monotonic() + ABSENT_SECONDS / 2)
    assert room.is_open
    classes.end_abandoned(time.monotonic() + ABSENT_SECONDS + 1)
    assert not room.is_open
    assert classes.of_owner("teacher") is None


def test_the_end_of_the_server_ends_all_classes(classes: Classes) -> None:
    rooms = [classes.open(owner) for owner in ("one", "other")]
    classes.end_all()
    assert not any(room.is_open for room in rooms)
