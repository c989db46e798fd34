"""The minimax page as a person uses it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong

DRAWN = """() => { const plots = document.querySelector('.gan-plots');
    return plots?.dataset.drawn && plots.dataset.drawn === plots.dataset.frame; }"""
CHANGED = "before => document.querySelector('.gan-plots').dataset.drawn !== before"
EQUILIBRIUM = """() => Array.from(document.querySelector('[data-chart="outputs"]')._fullData
    .find(trace => trace.line?.dash === 'dash').y, Number)[0]"""
G_NOW = """() => { const now = document.querySelector('[data-chart="map"]')._fullData
    .find(trace => trace.name === 'G now'); return [Number(now.x[0]), Number(now.y[0])]; }"""
OVERFLOW = """() => [...document.querySelectorAll('.gan-plots .panel')]
    .filter(panel => panel.getBoundingClientRect().bottom > innerHeight + 1
        || panel.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def open_value(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/value{query}")
    page.wait_for_function(DRAWN)


def drawn(page: Page) -> str:
    return str(page.locator(".gan-plots").get_attribute("data-drawn"))


def wait_for_change(page: Page, before: str) -> None:
    page.wait_for_function(CHANGED, arg=before)
    page.wait_for_function(DRAWN)


def test_a_key_on_the_smoothing_moves_the_line_and_the_address(page: Page, address: str) -> None:
    open_value(page, address)
    assert page.evaluate(EQUILIBRIUM) == 0.5
    before = drawn(page)
    page.get_by_role("slider", name="Label smoothing").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_change(page, before)
    assert page.evaluate(EQUILIBRIUM) == pytest.approx(0.495)
    page.wait_for_url("**/value?smoothing=0.99")
    page.reload()
    page.wait_for_function(DRAWN)
    assert page.evaluate(EQUILIBRIUM) == pytest.approx(0.495)


def test_a_click_on_the_map_puts_g_there(page: Page, address: str) -> None:
    open_value(page, address)
    before = drawn(page)
    box = page.locator('[data-chart="map"] .nsewdrag').first.bounding_box()
    assert box
    # The axes run from -4 to 4 and from 0 to 3.1: to mean 2 and spread 1.55.
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_for_change(page, before)
    mean, spread = page.evaluate(G_NOW)
    assert [mean, spread] == pytest.approx([2.0, 1.55], abs=0.06)
    page.wait_for_url("**g_mean=*")


def test_a_scene_is_whole_even_where_its_controls_were_out_of_sight(page: Page, address: str) -> None:
    open_value(page, address, "?panel=Activations&data_mean=2&smoothing=0.6")
    page.get_by_role("button", name="Smoothing moves the equilibrium").click()
    page.wait_for_function(f"() => document.querySelector('[data-chart=\"outputs\"]') && ({DRAWN})()")
    assert page.evaluate(EQUILIBRIUM) == pytest.approx(0.35)
    page.wait_for_function("() => location.search.includes('smoothing=0.7')")
    query = page.evaluate("location.search")
    assert "g_mean=0.5" in query
    assert "data_mean" not in query


@pytest.mark.parametrize("panel", ["Two densities", "BCE cost", "G's loss", "Smoothing", "Activations"])
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_every_panel_fits_a_projector(page: Page, address: str, panel: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_value(page, address, f"?panel={panel}")
    assert page.evaluate(OVERFLOW) == 0
    expect(page.locator(".gan-plots .panel").first).to_be_visible()


def test_a_bad_link_gets_a_sentence(page: Page, address: str) -> None:
    open_value(page, address, "?g_spread=0&colour=red")
    expect(page.get_by_text("it must be a number from 0.2 to 3")).to_be_visible()
    expect(page.get_by_text("nothing named 'colour'")).to_be_visible()


def test_the_page_logs_no_error_and_is_accessible(page: Page, address: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_value(page, address)
    found = Axe().run(page)
    serious = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert errors == []
