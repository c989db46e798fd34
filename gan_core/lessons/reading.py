"""Reads a lesson's file: Markdown headings and one fenced TOML block a scene.

Every mistake is one sentence with the name of the file and the line. Nothing in a file is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gan_core.lessons.blocks import (
    File,
    Section,
    Table,
    loaded,
    refuse_unknown,
    sections_of,
    tables_of,
    text_of,
)
from gan_core.lessons.claims import read_claim
from gan_core.lessons.pages import PANELS, complaint_about, controls_of, game_of
from gan_core.lessons.records import Claim, Lesson, LessonError, Question, Scene
from gan_core.parameters import value
from gan_core.presets import PLAYED
from gan_core.settings import Settings
from gan_core.typed import listed, quoted

CHECK = "Check yourself"
"""The heading of the questions at the end of a lesson."""

QUESTIONS = 3
MOST_BYTES = 200_000
MOST_STEPS = 100_000
LETTERS = {"text of the scene": 320, "question": 170, "choice": 60, "answer": 400}
"""What fits above a page that is shown on a projector; the questions at the end have more room."""

AT_THE_END = 3  # times as much

DIAGNOSIS = "diagnosis"
"""The live panel that is always hidden until the answer is shown: it tells what happens."""

CHOICES = (2, 5)
SCENE_KEYS = ("page", "panels", "hide", "control", "stop", "claim", "continue", "settings", "question")
QUESTION_KEYS = ("text", "choices", "answer", "why")

_MINUTES = re.compile(r"\b([0-9]{1,3}) minutes?\b")


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file. Raises LessonError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LessonError(f"{path.name} is too large for a lesson.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{path.name} cannot be read as a text file.") from error
    return parse(text, path.name)


def parse(text: str, name: str) -> Lesson:
    """The lesson in a text; `name` names it in sentences. Raises LessonError."""
    file = File(name)
    title, *parts = sections_of(file, text.splitlines())
    if not parts:
        raise file.wrong(title.line, "a lesson needs scenes: a heading '## …' and a TOML block for each")
    minutes = _MINUTES.search(title.text)
    if minutes is None:
        raise file.wrong(title.line + 1, "say how long the lesson takes, such as 'about 10 minutes'")
    if parts[-1].title != CHECK:
        raise file.wrong(parts[-1].line, f"a lesson ends with '## {CHECK}' and {QUESTIONS} questions")
    scenes: list[Scene] = []
    for section in parts[:-1]:
        scenes.append(_scene(file, section, scenes[-1] if scenes else None))
    if not scenes:
        raise file.wrong(parts[-1].line, "a lesson needs at least one scene before the questions")
    questions = _check_yourself(file, parts[-1])
    return Lesson(Path(name).stem, title.title, title.text, int(minutes[1]), tuple(scenes), questions)


def _scene(file: File, section: Section, before: Scene | None) -> Scene:
    data = loaded(file, section)
    tables = tables_of(section, data)
    own = tables[""][0]
    refuse_unknown(file, own, SCENE_KEYS, "a scene")
    _fits(file, section.line, section.text, "text of the scene")
    page = text_of(file, own, "page", required=True)
    if page not in PANELS:
        raise file.wrong(
            own.line_of("page"), f"page = {quoted(page)} does not fit: it must be one of {listed(PANELS)}"
        )
    goes_on = _goes_on(file, own, page, before)
    stop = _stop(file, own, page, before if goes_on else None)
    parameters = _parameters(file, own, tables.get("settings"), page, goes_on)
    settings: Settings | None = None
    if page in PLAYED:
        settings = game_of(page, parameters, before.settings if goes_on and before else None)
    control = text_of(file, own, "control")
    if control is not None and control not in controls_of(page):
        raise file.wrong(
            own.line_of("control"),
            f"control = {quoted(control)} does not fit: there is no such control on the page {quoted(page)}",
        )
    question = _asked(file, own, tables.get("question"))
    panels, hidden = (_panels(file, own, key, page, parameters) for key in ("panels", "hide"))
    if hidden and question is None:
        raise file.wrong(
            own.line_of("hide"), "hide is for a scene with a question: its answer shows the panels"
        )
    if page in PLAYED and question is not None:
        hidden = tuple(dict.fromkeys((*hidden, DIAGNOSIS)))
    return Scene(
        section.title, section.text, page, panels, hidden, control, stop, goes_on,
        _claims(file, own, page, stop), parameters, settings, question,
    )  # fmt: skip


def _goes_on(file: File, own: Table, page: str, before: Scene | None) -> bool:
    goes_on = own.values.get("continue", False)
    line = own.line_of("continue")
    if not isinstance(goes_on, bool):
        raise file.wrong(line, "continue must be true or false")
    if goes_on and (page not in PLAYED or before is None or before.page != page):
        raise file.wrong(
            line, "continue = true goes on with a live game: the scene before must be a live one"
        )
    return goes_on


def _stop(file: File, own: Table, page: str, running: Scene | None) -> int | None:
    """`running`: the scene whose game goes on."""
    stop = own.values.get("stop")
    line = own.line_of("stop")
    if page not in PLAYED:
        if stop is not None:
            raise file.wrong(line, "stop is for the live page")
        return None
    first = (running.stop or 0) + 1 if running else 1
    if not isinstance(stop, int) or isinstance(stop, bool) or not first <= stop <= MOST_STEPS:
        raise file.wrong(
            line, f"a live scene needs stop, a whole number of steps from {first} to {MOST_STEPS}"
        )
    return stop


def _parameters(
    file: File, own: Table, tables: list[Table] | None, page: str, goes_on: bool
) -> dict[str, str]:
    if "settings" in own.values and tables is None:
        raise file.wrong(own.line_of("settings"), "settings must be a table: [settings], then name = value")
    found = {}
    for table in tables or []:
        for name, entry in table.values.items():
            line = table.line_of(name)
            if not isinstance(entry, str | int | float | bool):
                raise file.wrong(line, f"{name} must be one number, one word in quotes, true or false")
            found[name] = str(entry)
            complaint = complaint_about(page, name, found[name], goes_on=goes_on)
            if complaint:
                raise file.wrong(line, complaint)
    return found


def _panels(file: File, own: Table, key: str, page: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The panels named under `key`."""
    line = own.line_of(key)
    panels = own.values.get(key, [])
    if not isinstance(panels, list):
        raise file.wrong(line, f'{key} must be a list, such as ["digits", "outputs"]')
    there: Iterable[str] = PANELS[page]
    if page == "value":  # of the tab that is open
        there = value.CHARTS[parameters.get("panel", value.PANELS[0])]
    for panel in panels:
        if panel not in there:
            raise file.wrong(
                line, f"there is no panel {quoted(panel)} here: it must be one of {listed(there)}"
            )
    return tuple(panels)


def _claims(file: File, own: Table, page: str, stop: int | None) -> tuple[Claim, ...]:
    line = own.line_of("claim")
    entry = own.values.get("claim", [])
    texts = entry if isinstance(entry, list) else [entry]
    claims = []
    for text in texts:
        if not isinstance(text, str):
            raise file.wrong(line, "a claim must be a text in quotes, or a list of them")
        try:
            claims.append(read_claim(text, line, page, stop))
        except ValueError as error:
            raise file.wrong(line, str(error)) from None
    return tuple(claims)


def _asked(file: File, own: Table, tables: list[Table] | None) -> Question | None:
    if "question" not in own.values:
        return None
    if not tables or len(tables) != 1:
        raise file.wrong(own.line_of("question"), "a scene asks one question: [question], then text = …")
    return _question(file, tables[0], 1)


def _check_yourself(file: File, section: Section) -> tuple[Question, ...]:
    data = loaded(file, section)
    tables = tables_of(section, data)
    refuse_unknown(file, tables[""][0], ("question",), f"‘{CHECK}’")
    asked = tables.get("question", [])
    if len(asked) != QUESTIONS:
        raise file.wrong(section.line, f"‘{CHECK}’ holds {QUESTIONS} questions, each under [[question]]")
    return tuple(_question(file, table, AT_THE_END) for table in asked)


def _question(file: File, table: Table, times: int) -> Question:
    refuse_unknown(file, table, QUESTION_KEYS, "a question")
    text, why = (text_of(file, table, name, required=True) or "" for name in ("text", "why"))
    _fits(file, table.line_of("text"), text, "question", times)
    _fits(file, table.line_of("why"), why, "answer", times)
    choices, answer = table.values.get("choices"), table.values.get("answer")
    line = table.line_of("choices")
    if not isinstance(choices, list) or not CHOICES[0] <= len(choices) <= CHOICES[1]:
        raise file.wrong(line, f"a question needs choices, a list of {CHOICES[0]} to {CHOICES[1]}")
    for choice in choices:
        if not isinstance(choice, str) or not choice.strip():
            raise file.wrong(line, "each choice must be a text in quotes")
        _fits(file, line, choice, "choice", times)
    if len(set(choices)) < len(choices):
        raise file.wrong(line, "two choices are the same")
    if not isinstance(answer, int) or isinstance(answer, bool) or not 1 <= answer <= len(choices):
        raise file.wrong(
            table.line_of("answer"),
            f"a question needs answer, a whole number from 1 to {len(choices)}: 1 is the first choice",
        )
    return Question(text, tuple(choices), answer, why)


def _fits(file: File, line: int, text: str, what: str, times: int = 1) -> None:
    room = times * LETTERS[what]
    if len(text) > room:
        raise file.wrong(line, f"the {what} has {len(text)} letters, and there is room for {room}")


def find_lessons(folder: Path) -> list[Path]:
    """The files of lessons in a folder, in the order of their names: NN-name.md."""
    return sorted(path for path in folder.glob("[0-9]*.md") if path.is_file())
