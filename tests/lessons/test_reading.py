"""A lesson's file is read as it is written, and every mistake is one sentence with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_core.lessons.reading import find_lessons, parse, read_lesson
from gan_core.lessons.records import LessonError
from gan_core.presets import preset_settings
from tests.lessons.lesson_text import CHECK, GOES_ON, HEAD, LIVE, SADDLE, WHOLE


def test_a_lesson_is_read_as_it_is_written() -> None:
    lesson = parse(WHOLE, "07-small.md")
    assert (lesson.name, lesson.title, lesson.minutes) == ("07-small", "A small lesson", 5)
    game, later, saddle = lesson.scenes
    assert (game.title, game.text) == ("The game", "Look at $D$.")
    assert (game.page, game.panels, game.control, game.stop) == (
        "live",
        ("digits", "outputs"),
        "smoothing",
        40,
    )
    assert game.settings == preset_settings("balanced", smoothing=0.8)
    assert game.question is not None
    assert game.question.choices[game.question.answer - 1] == "0.4"
    assert game.hidden == ("diagnosis",)
    assert later.goes_on
    assert later.settings == preset_settings("balanced", smoothing=0.9)
    assert saddle.hidden == ()
    assert [claim.text for claim in saddle.claims] == ["distance > 3 at step 60", "outcome is diverges"]
    assert [question.answer for question in lesson.questions] == [1, 2, 2]


def test_a_scene_that_goes_on_keeps_what_it_does_not_change() -> None:
    begun = LIVE.replace("smoothing = 0.8", "smoothing = 0.8\ngenerator_lr = 0.002")
    _, later = parse(HEAD + begun + GOES_ON + CHECK, "a.md").scenes
    assert later.settings == preset_settings("balanced", smoothing=0.9, generator_lr=0.002)


ONE_MORE = """
[[question]]
text = "Two?"
choices = ["yes", "no"]
answer = 2
why = "So it is."
"""

# name: (what stands there, what is written instead, the line of the mistake, a part of the sentence)
WRONG = {
    "no title": ("# A small lesson", "A small lesson", 1, "begins with its title"),
    "two titles": ("## The game", "# The game", 5, "one heading"),
    "no minutes": ("about 5 minutes", "a while", 2, "about 10 minutes"),
    "no TOML": ("stop = 40", "stop 40", 12, "not TOML"),
    "a block of another kind": ("```toml\npage", "```python\npage", 8, "```toml"),
    "no page": ('page = "live"\npanels', "panels", 9, "page is missing"),
    "another page": ('page = "live"\npanels', 'page = "zoo"\npanels', 9, "it must be one of 'live'"),
    "another key": ("stop = 40", "stop = 40\nstopp = 3", 13, "a scene has no 'stopp'"),
    "another panel": ('"outputs"]', '"output"]', 10, "no panel 'output'"),
    "panels as a text": ('["digits", "outputs"]', '"digits"', 10, "panels must be a list"),
    "another control": ('control = "smoothing"', 'control = "smoothness"', 11, "no such control"),
    "no stop": ("stop = 40\n", "", 9, "needs stop"),
    "a stop that is no step": ("stop = 40", 'stop = "40"', 12, "a whole number of steps"),
    "a stop before that of the game": ("stop = 60", "stop = 40", 32, "from 41 to"),
    "a stop elsewhere": ('page = "saddle"', 'page = "saddle"\nstop = 4', 43, "stop is for the live page"),
    "a setting out of range": ("smoothing = 0.8", "smoothing = 8", 17, "must be from 0.5 to 1"),
    "another setting": ("smoothing = 0.8", "smoothness = 0.8", 17, "no setting named 'smoothness'"),
    "another preset": ('preset = "balanced"', 'preset = "calm"', 16, "no preset named 'calm'"),
    "a list as a setting": ("smoothing = 0.8", "smoothing = [0.8]", 17, "one number"),
    "a structural setting later": ("smoothing = 0.9", "batch_size = 32", 35, "needs a new game"),
    "a claim that is none": ("d_reference in", "d_reference near", 33, "is not NAME in A +- B"),
    "a claim about nothing": ("d_reference in", "d_line in", 33, "nothing named 'd_line'"),
    "a claim past the stop": ("0.001 at step 60", "0.001 at step 61", 33, "played to step 60"),
    "a claim before the stop": ("0.001 at step 60", "0.001 at step 59", 33, "game stands still"),
    "a claim about one step as a mean": ("mean d_loss", "d_loss", 13, "over steps M to N"),
    "an answer too large": ("answer = 2\nwhy = \"Half", "answer = 3\nwhy = \"Half", 22, "from 1 to 2"),
    "no answer": ("answer = 2\nwhy = \"Half", "why = \"Half", 19, "from 1 to 2"),
    "one choice": ('choices = ["0.5", "0.4"]', 'choices = ["0.5"]', 21, "a list of 2 to 5"),
    "equal choices": ('choices = ["0.5", "0.4"]', 'choices = ["0.5", "0.5"]', 21, "the same"),
    "a long text": ("Look at $D$.", "Look. " * 60, 5, "room for 320"),
    "an open block": ("why = \"So it is.\"\n```\n", "why = \"So it is.\"\n", 48, "no end"),
    "two questions at the end": (ONE_MORE, "", 47, "3 questions"),
    "no questions": ("## Check yourself", "## The end", 47, "ends with '## Check yourself'"),
    "continue elsewhere": ('page = "saddle"', 'page = "saddle"\ncontinue = true', 43, "the scene before"),
    "hide without a question": ('["field"]', '["field"]\nhide = ["field"]', 44, "with a question"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_a_sentence_with_its_line(what: str) -> None:
    good, bad, line, said = WRONG[what]
    assert good in WHOLE
    with pytest.raises(LessonError, match=rf"^a\.md, line {line}: [^\n]*\.$") as caught:
        parse(WHOLE.replace(good, bad, 1), "a.md")
    assert said in str(caught.value)


def test_a_theory_scene_is_read_as_its_address_is() -> None:
    with pytest.raises(
        LessonError, match=r"line \d+: eta_x = '5' does not fit: it must be a number from 0 to 2\."
    ):
        parse(
            HEAD
            + SADDLE.replace('panels = ["field"]', "[settings]\neta_x = 5").replace("claim", "#")
            + CHECK,
            "a.md",
        )
    with pytest.raises(LessonError, match="there is nothing named 'eta' on the page 'saddle'"):
        parse(HEAD + SADDLE.replace('panels = ["field"]', "settings = { eta = 0.1 }") + CHECK, "a.md")


def test_what_is_typed_is_never_executed() -> None:
    with pytest.raises(LessonError, match="is not NAME in A"):
        parse(WHOLE.replace("distance > 3 at step 60", "__import__('os').getcwd() > 3"), "a.md")


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "01-a.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LessonError, match=r"01-a\.md cannot be read"):
        read_lesson(tmp_path / "01-a.md")
    with pytest.raises(LessonError, match=r"gone\.md cannot be read"):
        read_lesson(tmp_path / "gone.md")


def test_lessons_are_found_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10-b.md", "02-a.md", "README.md", "03-c.txt"):
        (tmp_path / name).write_text("")
    assert [path.name for path in find_lessons(tmp_path)] == ["02-a.md", "10-b.md"]
