"""What all pages have in common: titles, Back, and that they fit into windows of any size."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
NAME = "GAN Equilibrium Explorer"


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def turn_to(page: Page, title: str) -> None:
    """Another page, by the menu."""
    page.get_by_role("link", name=title).first.click()
    expect(page).to_have_title(f"{title} · {NAME}")


def entries(page: Page) -> int:
    return int(page.evaluate("history.length"))


def test_a_page_is_one_entry_of_the_history_and_has_its_own_title(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page).to_have_title(NAME)
    opened = entries(page)
    turn_to(page, "Games")
    turn_to(page, "Live GAN")
    expect(page).to_have_url(re.compile(r"/live\?run="))
    slider = page.get_by_role("slider", name="Label smoothing")
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"/live\?run=.*smoothing=0\.89"))
    turn_to(page, "Saddle dynamics")
    page.get_by_role("button", name="Extragradient converges").click()
    expect(page).to_have_url(re.compile(r"method=Extragradient&eta_x=0\.3&eta_y=0\.3"))
    turn_to(page, "Live GAN")
    expect(page).to_have_url(re.compile(r"/live\?run=.*smoothing=0\.89"))
    assert entries(page) == opened + 4
    back = {
        f"Saddle dynamics · {NAME}": r"/saddle\?method=Extragradient&", f"Live GAN · {NAME}": r"/live\?run=",
        f"Games · {NAME}": "/games$", NAME: "/$",
    }  # fmt: skip
    for title, where in back.items():
        page.go_back()
        expect(page).to_have_title(title)
        expect(page).to_have_url(re.compile(where))
    page.go_forward()
    expect(page).to_have_title(f"Games · {NAME}")
    expect(page.locator('[data-chart="square"] .main-svg').first).to_be_visible()
    expect(page.get_by_text("Left out of the address")).to_have_count(0)


def test_opening_the_live_page_is_one_entry_of_the_history(page: Page, address: str) -> None:
    page = page.context.new_page()  # without the history of the tests before
    page.goto(f"{address}/live?seed=3")
    expect(page).to_have_url(re.compile("run="))
    assert entries(page) == 2  # the first is the browser's blank page
    page.reload()
    page.locator(".st-key-step").get_by_role("button", name="Step").click()
    expect(page.locator(".gan-board")).to_have_attribute("data-step", "1")
    assert entries(page) == 2


BOXES = """() => ["discriminator", "board", "generator"].map((key) => {
    const box = document.querySelector(`.st-key-${key}`).getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
})"""
CUT = """() => Array.from(document.querySelectorAll('.stSelectbox input'))
    .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.value)"""
COLUMNS = "getComputedStyle(document.querySelector('.gan-board .grid')).gridTemplateColumns.split(' ').length"


def overlap(one: list[float], other: list[float]) -> bool:
    shared = [min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
    return min(shared) > 1


def test_the_live_page_fits_into_narrow_windows(page: Page, address: str) -> None:
    page.goto(f"{address}/live")
    expect(page.locator(".gan-board")).to_have_attribute("data-state", "paused")
    for width, height, columns in ((1024, 768, 2), (800, 600, 1), (640, 360, 2), (390, 844, 1)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"{COLUMNS} === {columns}")
        page.get_by_text("Averaging of G").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
        left, board, right = page.evaluate(BOXES)
        assert not overlap(left, board), width
        assert not overlap(board, right), width
        assert not overlap(left, right), width
        if width > 640:
            assert left[2] <= board[0] < board[2] <= right[0], width
        else:
            assert board[3] <= left[1] < left[3] <= right[1], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == [], width


def test_the_home_page_is_accessible(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(address)
    expect(page.get_by_text("runs are playing now")).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_function("document.getAnimations().length === 0")  # else colours are on their way
    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
