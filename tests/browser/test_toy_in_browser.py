"""The toy page as a person uses it: layers, distances, slow motion, data drawn by hand."""

from __future__ import annotations

import contextlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

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


SIZES: list[ViewportSize] = [{"width": 1280, "height": 720}, {"width": 1920, "height": 1080}]
DRAWN = """() => {
    const { frame, drawn } = document.querySelector('.gan-board').dataset;
    return frame !== undefined && drawn === frame;
}"""
TOLD = "document.querySelector('[data-panel=slice] .sentence').textContent.includes('curvature')"
CUT = """panels => panels.flatMap(name => {
    const panel = document.querySelector(`[data-panel="${name}"]`);
    const inside = (inner, outer) => inner.left >= outer.left - 2 && inner.right <= outer.right + 2
        && inner.top >= outer.top - 2 && inner.bottom <= outer.bottom + 2;
    const boxOf = (node) => node.getBoundingClientRect();
    const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && node.textContent.trim();
    return [
        ...[...panel.querySelectorAll('.plot text')].filter(seen)
            .filter(node => !inside(boxOf(node), boxOf(node.closest('.plot')))),
        ...[...panel.querySelectorAll('.sentence, header, .chips')].filter(seen)
            .filter(node => node.scrollWidth > node.clientWidth + 1
                || node.scrollHeight > node.clientHeight + 1),
    ].map(node => `${name}: ${node.textContent.trim().slice(0, 60)}`);
})"""
NEW = ["slice", "outputs"]
LEAST = """least => [...document.querySelectorAll('[data-panel=slice] .plot text')]
    .every(node => parseFloat(getComputedStyle(node).fontSize) >= least)"""


def nothing_is_cut(page: Page) -> None:
    """In the panels that are new, once the charts have followed the size of the window."""
    with contextlib.suppress(PlaywrightTimeout):
        page.wait_for_function(f"panels => ({CUT})(panels).length === 0", arg=NEW, timeout=10_000)
    assert page.evaluate(CUT, NEW) == []


def play_a_while(page: Page) -> None:
    """Some pictures, and then a game that stands still and is drawn."""
    expect(page.locator(".gan-board")).to_have_attribute("data-state", "paused")
    page.locator(".st-key-play").get_by_role("button", name="Play").click()
    page.wait_for_function(TOLD)
    page.locator(".st-key-play").get_by_role("button", name="Pause").click()
    expect(page.locator(".gan-board")).to_have_attribute("data-state", "paused")
    page.wait_for_function(DRAWN)


@pytest.mark.parametrize("scene", ["ring", "two_islands"])
def test_the_plane_of_the_last_moves_is_seen_from_above_and_as_a_surface(
    page: Page, address: str, scene: str
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/toy?preset={scene}")
    panel = page.locator('[data-panel="slice"]')
    expect(panel.locator(".sentence")).to_have_text(re.compile("No plane in this picture"))
    play_a_while(page)
    for size in SIZES:
        page.set_viewport_size(size)
        page.wait_for_function(DRAWN)
        expect(panel.locator(".contour").first).to_be_visible()
        chart = panel.locator("[data-chart=slice]")
        expect(chart).to_have_attribute("aria-label", re.compile("along D V is highest"))
        nothing_is_cut(page)
        page.locator('[data-time="steps"]').last.click()
        expect(page.locator('[data-box="means"]')).to_be_visible()
        expect(page.locator('[data-box="histogram"]')).to_be_hidden()
        page.wait_for_function(DRAWN)
        nothing_is_cut(page)
        page.locator('button[data-time="now"]').click()
        expect(page.locator('[data-box="histogram"]')).to_be_visible()
        expect(page.locator('[data-box="means"]')).to_be_hidden()
    panel.get_by_role("button", name="3-D").click()
    expect(panel.locator("canvas").first).to_be_visible()
    expect(panel.locator(".contour")).to_have_count(0)
    page.keyboard.press("s")  # one step more, on the surface
    expect(panel.locator("canvas").first).to_be_visible()
    panel.get_by_role("button", name="3-D").click()
    expect(panel.locator(".contour").first).to_be_visible()
    panel.get_by_role("button", name="About: V along the last moves").click()
    expect(panel.locator(".note")).to_contain_text("One move:")
    page.keyboard.press("Escape")
    found = Axe().run(page, context={"include": [[f'[data-panel="{name}"]'] for name in NEW]})
    assert [(item["id"], item["nodes"][0]["html"]) for item in found.response["violations"]] == []
    assert problems == []


def test_the_plane_of_the_last_moves_can_be_presented(page: Page, address: str) -> None:
    page.goto(f"{address}/_stcore/health")
    page.evaluate("sessionStorage.clear()")  # the panels chosen in another test
    page.goto(f"{address}/toy?preset=ring")
    play_a_while(page)
    page.keyboard.press("p")
    for key in "126":  # without the samples and V, but with the plane
        page.keyboard.press(key)
    for size in SIZES:
        page.set_viewport_size(size)
        expect(page.locator('[data-panel="slice"] .contour').first).to_be_visible()
        page.wait_for_function(LEAST, arg=22 * (size["width"] / 2560 + 0.25) - 0.1)
        page.wait_for_function(DRAWN)
        nothing_is_cut(page)
    page.keyboard.press("p")
