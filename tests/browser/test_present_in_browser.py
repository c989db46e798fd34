"""Presentation mode: size of type, what is in sight, keys, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
SIZES: dict[float, ViewportSize] = {
    1.0: {"width": 1920, "height": 1080},
    0.75: {"width": 1280, "height": 720},
}
DRAWN = """() => {
    const { frame, drawn } = document.querySelector('.gan-board, .gan-plots')?.dataset ?? {};
    return frame !== undefined && drawn === frame;
}"""
SHOWN = """() => [...document.querySelectorAll('.panel[data-panel]')]
    .filter(panel => panel.offsetWidth).map(panel => panel.dataset.panel)"""


@pytest.fixture(autouse=True)
def _patient_and_without_choices(page: Page, address: str) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(f"{address}/_stcore/health")
    page.evaluate("sessionStorage.clear()")  # the panels chosen in another test


def open_page(page: Page, where: str) -> None:
    page.goto(where)
    page.wait_for_function(DRAWN)


def wait_until_shown(page: Page, panels: list[str]) -> None:
    page.wait_for_function(f"panels => JSON.stringify(({SHOWN})()) === JSON.stringify(panels)", arg=panels)
    page.wait_for_function(DRAWN)


# The smallest size of type in px of each kind, and what is cut off or out of the window.
MEASURED = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter(node =>
        node.checkVisibility({ visibilityProperty: true }) && node.textContent.trim());
    const sizeOf = (node) => parseFloat(getComputedStyle(node).fontSize);
    const least = (selector) => Math.min(...seen(selector).map(sizeOf));
    const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    const boxOf = (node) => node.getBoundingClientRect();
    const inside = (inner, outer) => inner.left >= outer.left - 2 && inner.right <= outer.right + 2
        && inner.top >= outer.top - 2 && inner.bottom <= outer.bottom + 2;
    const cut = [
        ...seen('.plot text').filter(node => !inside(boxOf(node), boxOf(node.closest('.plot')))),
        ...seen('.panel, .chips, .head, .where, .st-key-transport button').filter(node =>
            node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1
            || !inside(boxOf(node), screen)),
    ].map(node => node.textContent.trim().slice(0, 60));
    const boxes = seen('.panel, .st-key-transport, .st-key-scenes, .tools, .rewind').map(boxOf);
    const share = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    const anyShare = (all) => all.some((a, i) => all.slice(i + 1).some(b => share(a, b)));
    const overlaps = anyShare(boxes) || anyShare(seen('.st-key-transport button, .tools button').map(boxOf));
    return {
        chart: least('.plot text, .chip'), sentence: least('.panel .sentence, .panel .caption'),
        number: least('.where, [data-testid=stSliderThumbValue] p'), cut, overlaps,
        scrolls: document.scrollingElement.scrollHeight > innerHeight,
    };
}"""


@pytest.mark.parametrize("scale", SIZES)
def test_type_is_large_and_nothing_is_cut_on_live_and_on_a_theory_page(
    page: Page, address: str, scale: float
) -> None:
    page.set_viewport_size(SIZES[scale])
    for where in ("live?preset=course_recipe&present=1", "games?present=1"):
        open_page(page, f"{address}/{where}")
        if where.startswith("live"):
            page.keyboard.press("k")
            page.wait_for_function("Number(document.querySelector('.gan-board').dataset.step) > 60")
            page.keyboard.press("k")
            expect(page.locator(".gan-board")).to_have_attribute("data-state", "paused")
        page.wait_for_function(DRAWN)
        found: dict[str, Any] = page.evaluate(MEASURED)
        assert (found["cut"], found["overlaps"], found["scrolls"]) == ([], False, False), where
        page.keyboard.press("c")  # the sliders beside the panels
        expect(page.get_by_role("slider", name=re.compile("smoothing|p: ")).first).to_be_attached()
        with_sliders = page.evaluate(MEASURED)
        for measured in (found, with_sliders):
            assert measured["chart"] >= 22 * scale - 0.1, where
            assert measured["sentence"] >= 26 * scale, where
            assert measured["number"] >= 24 * scale, where
        page.keyboard.press("p")


STATE = """() => ({
    address: location.href, entries: history.length,
    scrolled: document.querySelector('[data-testid=stMain]').scrollTop,
    range: document.querySelector('[data-chart=radius]')._fullLayout.xaxis.range,
    places: [...document.querySelectorAll('.panel')].map(panel => panel.getBoundingClientRect().toJSON()),
})"""
ZOOM = "Plotly.relayout(document.querySelector('[data-chart=radius]'), {'xaxis.range': [10, 40]})"
SCROLL = "document.querySelector('[data-testid=stMain]').scrollTo(0, 90)"


def test_the_usual_page_comes_back_as_it_was(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    open_page(page, f"{address}/saddle")
    page.evaluate(ZOOM)
    page.evaluate(SCROLL)
    page.wait_for_function(DRAWN)
    before = page.evaluate(STATE)
    assert before["scrolled"] == 90
    page.keyboard.press("p")
    wait_until_shown(page, ["surface", "field", "radius", "spectrum"])
    expect(page).to_have_url(re.compile("present=1"))
    page.reload()  # the address keeps the mode
    wait_until_shown(page, ["surface", "field", "radius", "spectrum"])
    page.keyboard.press("Escape")
    page.wait_for_function(f"({SHOWN})().length === 6")
    page.wait_for_function(DRAWN)
    page.evaluate(ZOOM)
    page.evaluate(SCROLL)
    page.wait_for_function(f"before => JSON.stringify(({STATE})()) === JSON.stringify(before)", arg=before)
    for key in ("p", "1", "6", "p"):
        page.keyboard.press(key)
    page.wait_for_function(f"before => JSON.stringify(({STATE})()) === JSON.stringify(before)", arg=before)
    page.keyboard.press("p")
    wait_until_shown(page, ["field", "radius", "spectrum", "players"])  # this page's choice is remembered
    page.evaluate("document.querySelector('a[href$=\"/games\"]').click()")
    wait_until_shown(page, ["table", "replies", "payoffs", "square"])  # the mode goes along
    expect(page).to_have_url(re.compile(r"/games\?.*present=1"))


def test_one_panel_alone_and_the_pointer(page: Page, address: str) -> None:
    open_page(page, f"{address}/value")
    page.evaluate("""() => {
        window.heard = [];
        for (const kind of ['gan-stage', 'gan-pointer'])
            addEventListener(kind, ({ detail }) => window.heard.push([kind, detail]));
    }""")
    page.locator('[data-panel="map"]').hover()
    page.keyboard.press("f")
    wait_until_shown(page, ["map"])
    page.keyboard.down("q")
    page.mouse.move(640, 400)
    page.wait_for_function(  # the first report may still be of where the mouse was before
        "window.heard.some(([kind, at]) => kind === 'gan-pointer' && at?.panel === 'map' && at.x > 0.4)"
    )
    page.keyboard.up("q")
    assert page.evaluate("window.heard.at(-1)") == ["gan-pointer", None]
    point = page.evaluate("window.heard.findLast(([kind, at]) => kind === 'gan-pointer' && at)[1]")
    assert 0.4 < point["x"] < 0.6
    page.keyboard.press("Escape")
    wait_until_shown(page, ["densities", "outputs", "map", "ladder"])
    assert page.evaluate("window.heard[0]") == ["gan-stage", {
        "present": False, "panels": ["densities", "outputs", "map", "ladder"], "solo": "map", "black": False,
    }]  # fmt: skip
    page.locator('[data-panel="ladder"] h2').dblclick()
    wait_until_shown(page, ["ladder"])
    page.locator('[data-chart="ladder"]').dblclick()  # belongs to the chart
    page.keyboard.press("b")
    expect(page.get_by_label("Black screen")).to_be_visible()
    page.keyboard.press("p")  # any key only leads back
    expect(page.get_by_label("Black screen")).to_be_hidden()
    wait_until_shown(page, ["ladder"])
    page.keyboard.press("Escape")
    wait_until_shown(page, ["densities", "outputs", "map", "ladder"])


def test_the_keys_of_a_presenter_on_a_theory_page(page: Page, address: str) -> None:
    open_page(page, f"{address}/saddle?present=1")
    plots = page.locator(".gan-plots")
    page.keyboard.press("PageDown")
    expect(plots).to_have_attribute("data-motion", "playing")
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile("method=Alternating"))
    page.keyboard.press("PageUp")
    expect(page).not_to_have_url(re.compile("method="))
    expect(plots).to_have_attribute("data-motion", "still")
    last = int(plots.get_attribute("data-position") or 0)
    page.keyboard.press("ArrowLeft")
    expect(plots).to_have_attribute("data-position", str(last - 1))
    page.keyboard.press("Space")
    expect(plots).to_have_attribute("data-motion", "playing")
    page.keyboard.press("k")
    expect(plots).to_have_attribute("data-motion", "still")


def test_the_loop_of_a_game_by_keys_alone_and_none_while_typing(page: Page, address: str) -> None:
    open_page(page, f"{address}/live")
    board = page.locator(".gan-board")
    seed = page.get_by_label("Seed")
    seed.fill("")
    seed.press_sequentially("kp5s?")
    expect(seed).to_have_value("kp5s?")
    assert page.evaluate("document.documentElement.className") == ""
    seed.fill("0")
    seed.blur()
    expect(board).to_have_attribute("data-state", "paused")
    page.keyboard.press("p")
    wait_until_shown(page, ["digits", "value", "saddle", "outputs"])
    page.keyboard.press("d")
    expect(page.get_by_role("radio", name="only D")).to_be_checked()
    for step in ("1", "2"):
        page.keyboard.press("s")
        expect(board).to_have_attribute("data-step", step)  # once, not also by Streamlit's own key
    page.keyboard.press("ArrowLeft")
    expect(board).to_have_attribute("data-live", "false")
    page.keyboard.press("l")
    expect(board).to_have_attribute("data-live", "true")
    page.keyboard.press("Space")
    expect(board).to_have_attribute("data-state", "playing")
    page.keyboard.press("k")
    expect(board).to_have_attribute("data-state", "paused")
    game = board.get_attribute("data-game")
    page.keyboard.press("n")
    expect(board).not_to_have_attribute("data-game", game or "")
    expect(page.locator(".st-key-preset")).not_to_contain_text("Balanced")
    page.keyboard.press("u")
    expect(page.locator(".st-key-preset")).to_contain_text("Balanced")
    page.keyboard.press("r")
    expect(board).to_have_attribute("data-step", "0")


@pytest.mark.parametrize("where", ["live", "games"])
def test_presentation_mode_is_accessible(page: Page, address: str, where: str) -> None:
    page.emulate_media(color_scheme="light")
    open_page(page, f"{address}/{where}?present=1")
    for key in ("c", "?"):
        page.keyboard.press(key)
        page.wait_for_function("document.getAnimations().length === 0")  # else colours are on their way
        found = Axe().run(page).response["violations"]
        bad = [(rule["id"], [n["html"][:200] for n in rule["nodes"]]) for rule in found
               if rule["impact"] in ("serious", "critical")]  # fmt: skip
        assert bad == []
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(page).to_have_url(re.compile("present=1"))
