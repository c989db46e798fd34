"""The lab in a class: measures of a run that plays, on the teacher's screen and on a student's."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PATIENCE, violations, wait_for_panels
from tests.browser.test_follow_in_browser import share, stop_sharing


@pytest.fixture(autouse=True)
def _patient() -> None:
    expect.set_options(timeout=PATIENCE)


def title(page: Page, chart: str) -> str:
    return f'.gan-plots [data-panel="{chart}"] h2'


def test_a_run_is_measured_while_it_plays_and_a_student_sees_it(
    teacher: Page, student: Page, address: str
) -> None:
    problems: list[str] = []
    teacher.on("pageerror", lambda error: problems.append(str(error)))
    teacher.goto(f"{address}/lab?view=Overfitting")
    expect(teacher.locator(title(teacher, "heart"))).to_have_text("Does D overfit?")
    student.goto(share(teacher))
    expect(student.locator(title(student, "answers"))).to_have_text("D's outputs now")
    teacher.keyboard.press("Escape")

    teacher.locator(".st-key-play button").click()
    expect(teacher.locator(".st-key-play")).to_contain_text("Pause")
    ask = teacher.locator(".st-key-ask_overfitting button").first
    expect(ask).to_be_enabled()
    expect(teacher.locator(".st-key-lab_earlier input")).to_be_enabled()  # there is a checkpoint
    ask.click()
    measured = re.compile(r"D's outputs now, step [\d,]+")
    for person in (teacher, student):
        expect(person.locator(title(person, "answers"))).to_have_text(measured)
        expect(person.locator(title(person, "nearest"))).to_contain_text("step")
    expect(teacher.locator(".st-key-play")).to_contain_text("Pause")  # it has played on
    assert violations(teacher) == []

    teacher.locator(".st-key-play button").click()
    expect(teacher.locator(".st-key-play")).to_contain_text("Play")
    teacher.reload()  # results are records of the run, which the address names
    expect(teacher.locator(title(teacher, "answers"))).to_have_text(measured)
    teacher.keyboard.press("p")
    wait_for_panels(teacher, ["heart", "answers", "nearest"])
    teacher.keyboard.press("p")
    stop_sharing(teacher)
    assert problems == []


def test_a_link_measures_the_saddle_and_a_measure_can_be_cancelled(teacher: Page, address: str) -> None:
    teacher.goto(f"{address}/live?seed=5")
    expect(teacher.locator(".gan-board")).to_have_attribute("data-state", "paused")
    teacher.keyboard.press("k")
    expect(teacher.locator(".gan-board")).to_have_attribute("data-state", "playing")
    teacher.keyboard.press("k")
    expect(teacher.locator(".gan-board")).to_have_attribute("data-state", "paused")
    teacher.get_by_role("link", name="Lab", exact=True).click()
    expect(teacher).to_have_url(re.compile(r"/lab\?.*run="))
    teacher.goto(f"{teacher.url}&view=Saddle&what=surface&directions=random")
    surface = '.gan-plots [data-panel="surface"]'
    expect(teacher.locator(f"{surface} .sentence")).to_contain_text("in this plane")
    assert teacher.evaluate(f"document.querySelector('{surface} .plot').data.length") >= 4
    teacher.locator(".st-key-ask_duality_gap button").first.click()
    teacher.locator(".st-key-cancel_duality_gap button").click()
    expect(teacher.locator(".st-key-cancel_duality_gap")).to_have_count(0)
    expect(teacher.locator(title(teacher, "gap"))).to_have_text("Duality gap, its two halves")
