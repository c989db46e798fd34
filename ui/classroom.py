"""A class that follows its teacher: what the teacher shows now, who follows, and one question with answers.

A teacher (the owner of runs, known by a cookie) has at most one class. It begins when the teacher presses
Share and ends with Stop sharing, with the server, or when no page of the teacher has been open for
ABSENT_SECONDS. Its answers end with it. `ui/class_socket.py` tells followers what is here.
"""

from __future__ import annotations

import secrets
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gan_core.engine.handle import RunHandle
from ui.stage import (
    Motion,
    Point,
    Seek,
    Stage,
    checked_motion,
    checked_point,
    checked_seek,
    checked_stage,
)

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without 0 and O, 1, I and L
CODE_LENGTH = 5
MOST_FOLLOWERS = 500  # and answers to a question
MOST_CLASSES = 200
ABSENT_SECONDS = 900.0
LONGEST_QUESTION, LONGEST_CHOICE, MOST_CHOICES = 1000, 300, 8
LARGEST_CHARTS = 8_000_000  # bytes before they are compressed


@dataclass(frozen=True)
class Question:
    """What the teacher asks. While it is open, answers can be given and changed, and nobody sees them."""

    serial: int
    text: str
    choices: tuple[str, ...]
    answer: int | None  # index of the right choice; None: there is none
    is_open: bool = True


@dataclass(frozen=True)
class Place:
    """What the teacher shows: a run, or the charts of a theory page."""

    serial: int
    run: RunHandle | None = None
    page: str = ""


@dataclass(frozen=True)
class Charts:
    """The charts of a theory page, as `ui.plots` has written them for the teacher's page."""

    version: int
    message: bytes


class Classroom:
    """One class. Pages and sockets use it from their own threads; all fields change under `lock`."""

    def __init__(self, code: str, owner: str) -> None:
        self.code = code
        self.owner = owner
        self.lock = threading.RLock()
        self.listeners: set[Callable[[], None]] = set()  # called at each change, under `lock`: be quick
        self.is_open = True
        self.place: Place | None = None
        self.charts: Charts | None = None
        self.stage: Stage | None = None
        self.pointer: Point | None = None
        self.seek: Seek | None = None  # the earlier step that the teacher shows, and its game
        self.motion: Motion | None = None  # of the points in the charts
        self.hidden: tuple[str, ...] = ()  # panels that nobody sees until the answer is shown
        self.question: Question | None = None
        self.followers = 0  # browsers that follow now
        self._votes: dict[str, int] = {}  # by browser
        self._serial = 0
        self._left_at: float | None = time.monotonic()  # since when no page of the teacher is open

    # What the teacher shows

    def show_run(self, run: RunHandle) -> int:
        """Followers see this run from now on; returns the serial of the place."""
        return self._move(Place(self._next(), run=run))

    def show_page(self, page: str) -> int:
        """Followers see the charts of a theory page from now on; returns the serial for `publish`."""
        return self._move(Place(self._next(), page=page))

    def publish(self, serial: int, message: bytes) -> None:
        """New charts of the page that is shown; what another page sends is left out."""
        with self.lock:
            if self.place is None or self.place.serial != serial or len(message) > LARGEST_CHARTS:
                return
            version = zlib.crc32(message)
            if self.charts is None or self.charts.version != version:
                self.charts = Charts(version, message)
                self._note()

    def set_stage(self, stage: object) -> None:
        """Which panels the teacher shows. Raises ValueError for what is no stage."""
        self._set("stage", checked_stage(stage))

    def set_pointer(self, pointer: object) -> None:
        """Where the teacher points, or None. Raises ValueError for what is no point."""
        self._set("pointer", checked_point(pointer))

    def set_seek(self, seek: object) -> None:
        """To which step the teacher has rewound, or None for the present. Raises ValueError."""
        self._set("seek", checked_seek(seek))

    def set_motion(self, motion: object) -> None:
        """Where the points in the charts are, and whether they move on. Raises ValueError."""
        self._set("motion", checked_motion(motion))

    def hide(self, panels: Sequence[str]) -> None:
        """Panels that followers do not see: they would give the answer away."""
        self._set("hidden", tuple(panels))

    # The question

    def ask(self, text: str, choices: Sequence[str], answer: int | None) -> None:
        """Ask the class, in place of the question before.

        `answer`: the index of the right choice, if there is one. Raises ValueError, a sentence.
        """
        text, picked = text.strip(), tuple(choice.strip() for choice in choices)
        if not 0 < len(text) <= LONGEST_QUESTION:
            raise ValueError(f"A question has 1 to {LONGEST_QUESTION} characters.")
        if not 2 <= len(picked) <= MOST_CHOICES:
            raise ValueError(f"A question has 2 to {MOST_CHOICES} answers to choose from.")
        if not all(0 < len(choice) <= LONGEST_CHOICE for choice in picked):
            raise ValueError(f"An answer has 1 to {LONGEST_CHOICE} characters.")
        if answer is not None and not 0 <= answer < len(picked):
            raise ValueError("The right answer must be one of the answers to choose from.")
        with self.lock:
            self._votes = {}
            self.question = Question(self._next(), text, picked, answer)
            self._note()

    def show_answer(self) -> None:
        """No more answers; everybody sees how many chose what, and which choice is right."""
        with self.lock:
            if self.question is not None and self.question.is_open:
                self.question = replace(self.question, is_open=False)
                self._note()

    def close_question(self) -> None:
        """The question and its answers are gone."""
        with self.lock:
            if self.question is not None:
                self.question, self._votes = None, {}
                self._note()

    def vote(self, browser: str, choice: object) -> None:
        """The answer of a browser, in place of its answer before. Raises ValueError for what is no choice."""
        if type(choice) is not int or choice < 0:
            raise ValueError("no choice")
        with self.lock:
            question = self.question
            if question is None or not question.is_open or choice >= len(question.choices):
                return  # the question has just been closed or replaced
            if browser in self._votes or len(self._votes) < MOST_FOLLOWERS:
                self._votes[browser] = choice
                self._note()

    def vote_of(self, browser: str) -> int | None:
        """What a browser has answered."""
        return self._votes.get(browser)

    @property
    def answered(self) -> int:
        """How many browsers have answered."""
        return len(self._votes)

    @property
    def tally(self) -> list[int]:
        """How many chose each answer; empty without a question."""
        with self.lock:
            count = len(self.question.choices) if self.question is not None else 0
            votes = list(self._votes.values())
        return [votes.count(choice) for choice in range(count)]

    # Who is there

    def count(self, *, followers: int, teachers: int) -> None:
        """How many browsers follow now, and how many pages of the teacher are open."""
        with self.lock:
            if teachers:
                self._left_at = None
            elif self._left_at is None:
                self._left_at = time.monotonic()
            if followers != self.followers:
                self.followers = followers
                self._note()

    def is_abandoned(self, now: float) -> bool:
        """Whether no page of the teacher has been open for too long."""
        left = self._left_at
        return left is not None and now - left > ABSENT_SECONDS

    def close(self) -> None:
        """The end of the class: nobody may watch the run any more, and the answers are gone."""
        with self.lock:
            if not self.is_open:
                return
            self.is_open = False
            run = self.place.run if self.place is not None else None
            self.question, self._votes, self.charts, self.place = None, {}, None, None
            self._note()
        if run is not None:
            run.share(False)

    def _move(self, place: Place) -> int:
        """Followers go along: the new run is shared before they are told, and the old one is not after."""
        if place.run is not None:
            place.run.share(True)
        with self.lock:
            before = self.place.run if self.place is not None else None
            after = place.run if self.is_open else None  # closed meanwhile: nothing is shown
            self.place = place if self.is_open else None
            self.charts = self.pointer = self.seek = self.motion = None
            self._note()
        for run in {before, place.run} - {None, after}:
            if run is not None:
                run.share(False)
        return place.serial

    def _set(self, name: str, value: Any) -> None:
        with self.lock:
            if getattr(self, name) != value:
                setattr(self, name, value)
                self._note()

    def _next(self) -> int:
        with self.lock:
            self._serial += 1
            return self._serial

    def _note(self) -> None:
        for listener in tuple(self.listeners):
            listener()


class Classes:
    """All classes of this server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_code: dict[str, Classroom] = {}

    def open(self, owner: str) -> Classroom:
        """The class of that owner, begun now if there is none. Raises ValueError, a sentence."""
        with self._lock:
            for room in self._of_code.values():
                if room.owner == owner:
                    return room
            if len(self._of_code) >= MOST_CLASSES:
                raise ValueError(f"This server has {MOST_CLASSES} classes already. Try again later.")
            code = _new_code()
            while code in self._of_code:
                code = _new_code()
            room = self._of_code[code] = Classroom(code, owner)
            return room

    def find(self, code: str) -> Classroom | None:
        """The class with that code, as a person types it."""
        with self._lock:
            return self._of_code.get(code.strip().upper())

    def of_owner(self, owner: str | None) -> Classroom | None:
        """The class that this owner teaches."""
        with self._lock:
            rooms = [room for room in self._of_code.values() if room.owner == owner]
        return rooms[0] if rooms else None

    def end(self, room: Classroom) -> None:
        """Stop sharing: everybody is cut off at once."""
        with self._lock:
            self._of_code.pop(room.code, None)
        room.close()

    def end_abandoned(self, now: float) -> None:
        """End every class whose teacher has been away for too long."""
        for room in self._rooms():
            if room.is_abandoned(now):
                self.end(room)

    def end_all(self) -> None:
        """The server goes down."""
        for room in self._rooms():
            self.end(room)

    def _rooms(self) -> list[Classroom]:
        with self._lock:
            return list(self._of_code.values())


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


classes = Classes()
"""The classes of this process."""


def classroom_of_owner(owner: str | None) -> Classroom | None:
    """The class that this owner teaches, or None."""
    return classes.of_owner(owner)
