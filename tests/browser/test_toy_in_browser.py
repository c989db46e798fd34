"""The toy page as a person uses it: layers, distances, slow motion, data drawn by hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def test_samples_are_drawn_in_layers_and_a_step_is_told_part_by_part(page: Page, address: str) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/toy")
    board = page.locator(".gan-board")
    expect(board).to_have_attribute("data-kind", "plane")
    samples = page.locator('[data-panel="samples"]')
    expect(samples.locator(".main-svg").first).to_be_visible()
    grid = samples.get_by_role("button", name="G's grid")
    expect(grid).to_have_attribute("aria-pressed", "false")
    grid.click()
    expect(grid).to_have_attribute("aria-pressed", "true")
    page.locator('[data-panel="value"] [data-front="distances"]').click()
    expect(page.locator('[data-panel="distances"]')).to_be_visible()

    page.locator(".st-key-slowly").get_by_role("button", name="Slow").click()
    slow = page.locator(".slow")
    expect(slow).to_contain_text("1 of 7: Noise.")
    for _ in range(5):
        slow.get_by_role("button", name="Next part").click()
    expect(slow).to_contain_text("6 of 7: D moves.")
    expect(slow.locator("code")).to_have_text("optimizer_D.step()")
    slow.get_by_role("button", name="Close slow motion").click()
    expect(slow).to_be_hidden()
    assert problems == []


def test_points_drawn_by_hand_are_played_and_stand_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/toy")
    expect(page.locator(".gan-board")).to_have_attribute("data-state", "paused")
    page.get_by_text("New game").first.click()
    page.get_by_role("tab", name="Your data").click()
    box = page.locator(".gan-draw canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 120, steps=10)
    page.mouse.up()
    page.locator(".gan-draw .use").click()
    expect(page).to_have_url(re.compile(r"data=points&drawn=[A-Za-z0-9_-]{12,}"))
