"""A lesson given by keyboard alone, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.serving import PROJECT
from tests.browser import people

HIGHEST = 110  # px of the bar
LESSON = """# Two scenes

What a test needs, in about 1 minute.

## The game begins
Look at the losses.

```toml
page = "live"
panels = ["losses"]
control = "smoothing"
stop = 40
claim = "d_reference in 0.4 +- 0.001 at step 40"
[settings]
smoothing = 0.8
[question]
text = "Where is the line?"
choices = ["0.5", "0.4"]
answer = 2
why = "Half the sum of the labels."
```

## Rotation
Look at the distance.

```toml
page = "saddle"
panels = ["radius"]
claim = "outcome is diverges"
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


@pytest.fixture
def lesson() -> Iterator[str]:
    """A file beside the shipped lessons, as a teacher's own would be."""
    path = Path(PROJECT) / "lessons" / "99-of-a-test.md"
    path.write_text(LESSON)
    yield path.stem
    path.unlink()


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(people.PATIENCE)
    expect.set_options(timeout=people.PATIENCE)


def press(page: Page, key: str) -> None:
    """A button of the bar, by keyboard."""
    people.press(page, page.locator(f".st-key-{key} button").first)


def test_two_scenes_are_given_by_keyboard(page: Page, address: str, lesson: str) -> None:
    page.goto(f"{address}/live?lesson={lesson}&scene=1")
    bar = page.locator(".st-key-lesson_bar")
    board = page.locator('.gan-board[data-state="paused"]')
    expect(board).to_have_attribute("data-step", "0")
    expect(board).to_have_attribute("data-front", "losses")
    diagnosis = board.locator('[data-panel="diagnosis"] header')
    expect(diagnosis).to_be_hidden()
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] <= HIGHEST
    press(page, "play_scene")
    expect(board).to_have_attribute("data-step", "40")
    expect(bar).not_to_contain_text("Came true")
    press(page, "show_answer")
    expect(bar).to_contain_text("Half the sum of the labels.")
    expect(bar).to_contain_text("Came true. The equilibrium line of D is 0.4 at step 40")
    expect(diagnosis).to_be_visible()
    assert people.violations(page) == []
    press(page, "next_scene")
    expect(page.locator('[data-panel="radius"]')).to_be_visible()
    expect(bar).to_contain_text("Came true. The predicted outcome is ‘diverges’.")
    assert page.url.endswith(f"/saddle?lesson={lesson}&scene=2")
    outline = page.locator('[data-panel="radius"]').evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    page.get_by_role("link", name="Games").click()
    expect(bar).to_contain_text("you have left this scene")
    press(page, "last_scene")
    expect(board).to_have_attribute("data-step", "0")
    page.reload()
    expect(bar).to_contain_text("1 of 2")
