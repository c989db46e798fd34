"""A whole lesson, given by keyboard alone, to a student who also plays with a copy, and to one on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.serving import PROJECT
from tests.browser.people import PATIENCE, press, step_of, violations, wait_for_panels, wait_for_step

LESSON = """# Three scenes

What a test needs, in about 1 minute.

## The game begins
Look at the digits and at D's outputs.

```toml
page = "live"
panels = ["digits", "outputs"]
control = "smoothing"
stop = 30
claim = "d_reference in 0.4 +- 0.001 at step 30"
[settings]
smoothing = 0.8
[question]
text = "Where is the equilibrium line?"
choices = ["0.5", "0.4"]
answer = 2
why = "Half the sum of the labels."
```

## The game goes on
Look at the losses.

```toml
page = "live"
panels = ["losses", "diagnosis"]
continue = true
stop = 60
claim = "d_loss > 0 at step 60"
```

## Another game
Both players learn.

```toml
page = "games"
panels = ["square", "time"]
hide = ["square", "time"]
claim = "p < 0.01 at step 15"
[settings]
game = "Prisoner's Dilemma"
p = 0.9
q = 0.8
rule = "Replicator"
span = 15
[question]
text = "Where will both players be?"
choices = ["Both cooperate", "Both defect"]
answer = 2
why = "Defect pays more."
```

## Check yourself
```toml
question = [
  { text = "One?", choices = ["yes", "no"], answer = 1, why = "So." },
  { text = "Two?", choices = ["yes", "no"], answer = 1, why = "So." },
  { text = "Three?", choices = ["yes", "no"], answer = 1, why = "So." },
]
```
"""
NAME = "98-of-a-class"


@pytest.fixture
def lesson() -> Iterator[None]:
    """A file beside the shipped lessons, as a teacher's own would be."""
    path = Path(PROJECT) / "lessons" / f"{NAME}.md"
    path.write_text(LESSON)
    yield
    path.unlink()


@pytest.fixture(autouse=True)
def _patient() -> None:
    expect.set_options(timeout=PATIENCE)


def bar_button(teacher: Page, key: str) -> Locator:
    return teacher.locator(f".st-key-{key} button").first


def begin(teacher: Page, address: str) -> str:
    """From the list of lessons to the first scene, which is shared; the short link of the class."""
    teacher.goto(f"{address}/lessons")
    press(teacher, bar_button(teacher, f"start_{NAME}"))
    expect(teacher.locator(".gan-board")).to_have_attribute("data-state", "paused")
    press(teacher, bar_button(teacher, "share_popover"))
    press(teacher, teacher.get_by_role("button", name="Share with a class"))
    link = teacher.locator(".gan-class.card > .link")
    expect(link).to_contain_text("/f/")
    address_of_class = link.inner_text()
    teacher.keyboard.press("Escape")
    return address_of_class


def is_answered(teacher: Page, votes: dict[Page, str]) -> None:
    """The question of the scene goes to the class, and the answer is shown to all."""
    expect(bar_button(teacher, "ask_class")).to_be_enabled()
    teacher.keyboard.press("v")
    for follower, choice in votes.items():
        follower.get_by_role("button", name=choice).click()
    expect(teacher.locator(".st-key-lesson_bar")).to_contain_text(f"{len(votes)} of 2 answered")
    teacher.keyboard.press("e")


def plays_a_copy(student: Page) -> None:
    """A copy under another smoothing, some steps on, and back to the class."""
    theirs = student.locator(".gan-board")
    student.get_by_role("button", name="Take a copy").click()
    expect(student).to_have_url(re.compile(r"/live\?run=.*follow="))
    expect(theirs).to_have_attribute("data-step", "30")
    expect(theirs).to_have_attribute("data-state", "paused")
    student.get_by_role("slider", name="Label smoothing").press("ArrowLeft")
    expect(student).to_have_url(re.compile(r"smoothing=0\.79"))
    student.keyboard.press("k")
    wait_for_step(student, 45)
    student.keyboard.press("k")
    expect(theirs).to_have_attribute("data-state", "paused")
    student.get_by_role("link", name="Back to the class").click()
    expect(student.locator(".gan-follow .mode")).to_contain_text("Following the teacher · step 30")


def test_a_whole_lesson_by_keyboard_with_a_class(
    teacher: Page, student: Page, phone: Page, address: str, lesson: None
) -> None:
    bar, board = teacher.locator(".st-key-lesson_bar"), teacher.locator(".gan-board")
    followers = (student, phone)
    link = begin(teacher, address)
    for follower in followers:
        follower.goto(link)
        expect(follower.locator(".gan-follow .gan-board")).to_have_attribute("data-state", "paused")

    # The panels of the scene fill the screen, and what would give the answer away is hidden from the class.
    teacher.keyboard.press("p")
    for page in (teacher, *followers):
        wait_for_panels(page, ["digits", "outputs"])
    verdict = student.locator('[data-panel="diagnosis"] .finding > .name')
    student.get_by_role("button", name="All panels").click()
    expect(student.locator('[data-panel="diagnosis"]')).to_be_visible()
    expect(verdict).to_be_hidden()
    assert violations(teacher) == []
    is_answered(teacher, {student: "0.4", phone: "0.5"})
    for page in (teacher, *followers):
        expect(page.locator(".question .number")).to_have_text(["1 (50 %)", "1 (50 %)"])
    expect(bar).to_contain_text("Half the sum of the labels.")
    expect(verdict).to_be_visible()
    student.get_by_role("button", name="Back to the teacher").click()
    wait_for_panels(student, ["digits", "outputs"])
    for follower in followers:
        assert violations(follower) == []

    # The game plays to the scene's step, where the claim is judged; the bars make way for it.
    teacher.keyboard.press("k")
    for page in (teacher, *followers):
        expect(page.locator(".gan-board")).to_have_attribute("data-step", "30")
    expect(bar).to_contain_text("Came true. The equilibrium line of D is 0.4 at step 30")
    expect(teacher.locator(".gan-class.strip .choices")).to_be_hidden()
    plays_a_copy(student)
    assert step_of(board) == 30
    expect(board).to_have_attribute("data-state", "paused")
    assert "smoothing=0.8&" in teacher.url

    # The next scene has panels of its own, and no question.
    teacher.keyboard.press("PageDown")
    expect(bar).to_contain_text("2 of 3")
    wait_for_panels(student, ["losses", "diagnosis"])
    for page in (teacher, *followers):
        expect(page.locator(".question").first).to_be_hidden()
    expect(verdict).to_be_visible()
    teacher.keyboard.press("k")
    expect(bar).to_contain_text("Came true. D's loss is")
    expect(student.locator(".gan-board")).to_have_attribute("data-step", "60")

    # The last one is on another page, whose charts are hidden until the answer is shown.
    teacher.keyboard.press("PageDown")
    expect(bar).to_contain_text("3 of 3")
    titles = [follower.locator('.gan-plots [data-panel="square"] h2') for follower in followers]
    for follower, title in zip(followers, titles, strict=True):
        wait_for_panels(follower, ["square", "time"])
        expect(title).to_be_hidden()
    is_answered(teacher, {student: "Both defect"})
    expect(bar).to_contain_text("Came true. The probability p")
    for follower, title in zip(followers, titles, strict=True):
        expect(title).to_be_visible()
        chart = follower.locator('[data-chart="square"]').bounding_box()
        assert chart is not None
        assert chart["height"] > 200

    # The questions at the end; then sharing stops, and everybody is told.
    teacher.keyboard.press("PageDown")
    expect(teacher.get_by_text("Check yourself")).to_be_visible()
    press(teacher, bar_button(teacher, "lesson_return"))
    wait_for_panels(teacher, ["square", "time"])
    teacher.keyboard.press("p")
    press(teacher, bar_button(teacher, "share_popover"))
    press(teacher, teacher.get_by_role("button", name="Stop sharing"))
    for follower in followers:
        expect(follower.get_by_text("No class has the code")).to_be_visible()
        expect(follower.locator(".gan-plots")).to_have_count(0)
