"""What tests with several people share: their pages, the keyboard, and what a page shows."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
MOST_TABS = 150
FOCUSED = "node => node === document.activeElement"
DIGITS = "document.querySelector('[data-digits=generated]').toDataURL()"
SHOWN = """() => [...document.querySelectorAll('.panel[data-panel]')]
    .filter(panel => panel.offsetWidth).map(panel => panel.dataset.panel)"""


def page_of(context: BrowserContext) -> Page:
    """The tab of a person."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def press(page: Page, button: Locator) -> None:
    """Enter on a button that Tab has reached, once the script of the page is at rest."""
    expect(button).to_be_enabled()
    expect(page.locator('[data-testid="stApp"]')).to_have_attribute("data-test-script-state", "notRunning")
    for _ in range(MOST_TABS):
        if button.evaluate(FOCUSED):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {button}")


def wait_for_panels(page: Page, panels: list[str]) -> None:
    """Until these panels are seen, in the order of the page, and no others."""
    page.wait_for_function(f"panels => JSON.stringify(({SHOWN})()) === JSON.stringify(panels)", arg=panels)


def step_of(board: Locator) -> int:
    """The step that a board shows."""
    return int(board.get_attribute("data-step") or -1)


def wait_for_step(page: Page, step: int) -> None:
    """Until the board shows this step or a later one."""
    page.wait_for_function(
        "step => Number(document.querySelector('.gan-board')?.dataset.step) >= step", arg=step
    )


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Serious and critical ones of axe's rules. The hints at keys are Streamlit's own."""
    page.wait_for_function("document.getAnimations().length === 0")  # else colours are on their way
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical") and any("<kbd" not in n["html"] for n in rule["nodes"])
    ]
