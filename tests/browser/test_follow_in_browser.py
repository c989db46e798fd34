"""A class: the teacher's page, a student who follows and takes a copy, and one on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import DIGITS, PATIENCE, step_of, violations, wait_for_step

CHANGED = f"old => {DIGITS} !== old"


@pytest.fixture(autouse=True)
def _patient() -> None:
    expect.set_options(timeout=PATIENCE)


def share(teacher: Page) -> str:
    """Press Share; the short link of the class."""
    teacher.locator(".st-key-share_popover button").first.click()
    teacher.get_by_role("button", name="Share with a class").click()
    link = teacher.locator(".gan-class.card > .link")
    expect(link).to_contain_text("/f/")
    return link.inner_text()


def stop_sharing(teacher: Page) -> None:
    stop = teacher.get_by_role("button", name="Stop sharing")
    if not stop.is_visible():
        teacher.locator(".st-key-share_popover button").first.click()
    stop.click()
    expect(teacher.get_by_role("button", name="Share with a class")).to_be_visible()
    teacher.keyboard.press("Escape")


def open_live(page: Page, address: str) -> Locator:
    page.goto(f"{address}/live?seed=4")
    board = page.locator(".gan-board")
    expect(board).to_have_attribute("data-state", "paused")
    return board


def ask(teacher: Page) -> None:
    teacher.get_by_text("Ask the class", exact=True).click()
    teacher.get_by_role("textbox", name="Question").fill("Where does D go?")
    teacher.get_by_role("textbox", name="Answer A").fill("To 0.5")
    teacher.get_by_role("textbox", name="Answer B").fill("To 0.45")
    teacher.get_by_role("button", name="Ask", exact=True).click()
    expect(teacher.locator(".gan-class.strip .question h2")).to_have_text("Where does D go?")
    teacher.keyboard.press("Escape")


def test_a_student_follows_answers_freezes_takes_a_copy_and_comes_back(
    teacher: Page, student: Page, phone: Page, address: str
) -> None:
    board = open_live(teacher, address)
    link = share(teacher)
    for follower in (student, phone):
        follower.goto(link)
        expect(follower.locator(".gan-follow .mode")).to_contain_text("Following the teacher")
        expect(follower.locator(".gan-board")).to_have_attribute("data-state", "paused")
    expect(teacher.locator(".gan-class.card .count")).to_have_text("2 follow now")

    # They predict, and change their mind; what the page says of the run is hidden meanwhile.
    ask(teacher)
    verdict = '.gan-board [data-panel="diagnosis"] .finding > .name'
    for follower in (student, phone):
        follower.get_by_role("button", name="To 0.5").click()
        expect(follower.locator(verdict)).to_be_hidden()
    expect(teacher.locator(verdict)).to_be_hidden()
    expect(teacher.locator(".gan-class.strip .said")).to_have_text("2 of 2 have answered")
    student.get_by_role("button", name="To 0.45").click()
    expect(student.locator(".question .said")).to_contain_text("Your answer: B.")
    teacher.get_by_role("button", name="Show the answer").click()
    for one in (teacher, student, phone):
        expect(one.locator(".question .number")).to_have_text(["1 (50 %)", "1 (50 %)"])
        expect(one.locator(verdict)).to_be_visible()
    teacher.get_by_role("button", name="Remove the question").click()

    # They see the digits move, and the earlier step that the teacher goes back to.
    drawn = student.evaluate(DIGITS)
    teacher.get_by_role("button", name="Play").click()
    wait_for_step(student, 30)
    student.wait_for_function(CHANGED, arg=drawn)
    expect(phone.locator(".gan-board")).not_to_have_attribute("data-step", "0")
    teacher.get_by_label("Rewind to an earlier step").press("Home")
    theirs = student.locator(".gan-board")
    expect(theirs).to_have_attribute("data-step", "0")
    expect(theirs).to_have_attribute("data-live", "false")
    teacher.get_by_role("button", name="Live", exact=True).click()
    expect(theirs).to_have_attribute("data-live", "true")

    # On their own: the picture stands still, or shows another step; one press leads back.
    student.get_by_role("button", name="Freeze").click()
    stood = step_of(theirs)
    wait_for_step(teacher, stood + 30)
    assert step_of(theirs) == stood
    expect(student.locator(".gan-follow .mode")).to_contain_text("On my own")
    student.get_by_role("button", name="Back to the teacher").click()
    wait_for_step(student, stood + 30)
    student.get_by_label("Rewind to an earlier step").press("Home")
    expect(theirs).to_have_attribute("data-step", "0")
    expect(student.get_by_role("button", name="Back to the teacher")).to_be_visible()
    assert violations(student) == []
    student.get_by_role("button", name="Back to the teacher").click()
    expect(theirs).to_have_attribute("data-live", "true")

    # A copy of their own, at the step they see; the teacher's run plays on.
    teacher.keyboard.press("k")
    expect(board).to_have_attribute("data-state", "paused")
    last = step_of(board)
    expect(theirs).to_have_attribute("data-step", str(last))
    number = student.locator(".gan-board .finding > .number")
    said = number.inner_text()
    student.get_by_role("button", name="Take a copy").click()
    expect(student).to_have_url(re.compile(r"/live\?run=.*follow="))
    expect(theirs).to_have_attribute("data-step", str(last))
    expect(theirs).to_have_attribute("data-state", "paused")
    expect(number).to_have_text(said)
    student.get_by_role("slider", name="Label smoothing").press("ArrowLeft")
    expect(student).to_have_url(re.compile(r"smoothing=0\.89"))
    student.keyboard.press("s")
    expect(theirs).to_have_attribute("data-step", str(last + 1))
    student.get_by_role("link", name="Back to the class").click()
    expect(student.locator(".gan-follow .gan-board")).to_have_attribute("data-step", str(last))
    assert step_of(board) == last
    assert "smoothing" not in teacher.url

    stop_sharing(teacher)
    for follower in (student, phone):
        expect(follower.get_by_text("No class has the code")).to_be_visible()
        expect(follower.locator(".gan-board")).to_have_count(0)


def test_the_class_goes_along_to_other_pages_and_panels(teacher: Page, student: Page, address: str) -> None:
    teacher.goto(f"{address}/games")
    expect(teacher.locator('[data-chart="square"] .main-svg').first).to_be_visible()
    student.goto(share(teacher))
    teacher.keyboard.press("Escape")
    charts = student.locator(".gan-follow .gan-plots")
    expect(charts.locator('[data-chart="square"] .main-svg').first).to_be_visible()
    title = student.locator('.gan-plots [data-panel="table"] .sentence')
    before = title.inner_text()
    teacher.get_by_role("button", name="Matching pennies").first.click()
    expect(title).not_to_have_text(before)

    teacher.keyboard.press("p")
    expect(student.locator(".gan-plots.staged")).to_be_visible()
    student.get_by_role("button", name="All panels").click()
    expect(student.locator(".gan-plots.staged")).to_have_count(0)
    student.get_by_role("button", name="Back to the teacher").click()
    expect(student.locator(".gan-plots.staged")).to_be_visible()
    teacher.keyboard.press("p")
    expect(student.locator(".gan-plots.staged")).to_have_count(0)
    assert violations(student) == []

    teacher.get_by_role("link", name="Live GAN").first.click()
    expect(student.locator(".gan-follow .gan-board")).to_have_attribute("data-state", "paused")
    stop_sharing(teacher)
    expect(student.get_by_text("No class has the code")).to_be_visible()


def test_on_a_phone_the_panels_are_one_column_with_the_verdict_first(
    teacher: Page, phone: Page, address: str
) -> None:
    open_live(teacher, address)
    phone.goto(share(teacher))
    teacher.keyboard.press("Escape")
    expect(phone.locator('[data-chart="means"] .main-svg').first).to_be_visible()
    boxes = phone.evaluate(
        """() => Array.from(document.querySelectorAll('.gan-board .panel'), (panel) => {
            const { left, top, width } = panel.getBoundingClientRect();
            return { name: panel.dataset.panel, left, top, width };
        }).filter(({ width }) => width).sort((one, other) => one.top - other.top)"""
    )
    assert [box["name"] for box in boxes][:2] == ["diagnosis", "digits"]
    assert len({round(box["left"]) for box in boxes}) == 1
    assert all(box["width"] > 330 for box in boxes)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    size = "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
    assert phone.evaluate(size, ".gan-board .finding .name") >= 20
    assert phone.evaluate(size, ".gan-board .sentence") >= 14
    assert violations(phone) == []
    stop_sharing(teacher)


def test_a_code_that_is_none_gets_a_sentence_and_a_box(student: Page, address: str) -> None:
    student.goto(f"{address}/f/zzzzz")
    expect(student.get_by_text("No class has the code zzzzz now.")).to_be_visible()
    student.get_by_role("textbox", name="Code of the class").fill("YYYYY")
    student.get_by_role("button", name="Follow").click()
    expect(student.get_by_text("No class has the code YYYYY now.")).to_be_visible()
