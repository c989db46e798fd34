"""A lesson, as it is read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from gan_core.settings import Settings

Relation = Literal["in", ">", "<", "is"]
Statistic = Literal["", "mean", "lowest", "highest", "deviation"]


class LessonError(ValueError):
    """A file that is no lesson; the message is one sentence with the file's name and the line."""


class Question(NamedTuple):
    """A question with its choices; `answer` is 1 for the first choice."""

    text: str
    choices: tuple[str, ...]
    answer: int
    why: str


class Claim(NamedTuple):
    """One measurable sentence, see lessons/README.md for the grammar."""

    text: str
    line: int  # of the file
    statistic: Statistic  # "": one record, or one number of a theory page
    name: str
    relation: Relation
    low: float  # the interval of "in"; of ">" and "<" the bound, twice
    high: float
    word: str  # of "is"
    steps: tuple[int, int] | None  # the first and the last; twice the same for "at step"; None without


class Scene(NamedTuple):
    """What a class sees at once: a page, set up, with what to look at and what to claim of it."""

    title: str
    text: str  # Markdown
    page: str  # its place in the address
    panels: tuple[str, ...]
    hidden: tuple[str, ...]  # panels that are shown with the answer
    control: str | None
    stop: int | None  # live: play to this step
    goes_on: bool  # live: changes the running game of the scene before
    claims: tuple[Claim, ...]
    parameters: Mapping[str, str]  # what the address says of the settings
    settings: Settings | None  # live: what the game is played under
    question: Question | None


class Lesson(NamedTuple):
    """A lesson; `name` is its file's name without the ending."""

    name: str
    title: str
    about: str  # Markdown
    minutes: int
    scenes: tuple[Scene, ...]
    questions: tuple[Question, ...]
