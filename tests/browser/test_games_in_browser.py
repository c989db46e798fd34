"""The Games page as a person uses it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote_plus

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.turning import turn

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong

DRAWN = """() => {
    const plots = document.querySelector('.gan-plots');
    return plots?.dataset.frame && plots.dataset.drawn === plots.dataset.frame;
}"""


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def open_games(page: Page, address: str, query: str = "") -> Locator:
    """The charts of a freshly opened page, all of them drawn."""
    page.goto(f"{address}/games{query}")
    expect(page.locator('.gan-plots [data-chart="time"] .main-svg').first).to_be_visible()
    page.wait_for_function(DRAWN)
    return page.locator(".gan-plots")


def press_slider(page: Page, name: str) -> None:
    """One key on a slider, and every chart drawn anew."""
    frame = page.locator(".gan-plots").get_attribute("data-frame")
    page.get_by_role("slider", name=name).press("ArrowLeft")
    page.wait_for_function("old => document.querySelector('.gan-plots').dataset.frame !== old", arg=frame)
    page.wait_for_function(DRAWN)


def sentence(page: Page, chart: str) -> Locator:
    return page.locator(f'.gan-plots [data-panel="{chart}"] .sentence')


def drawn(page: Page, chart: str, what: str) -> Any:
    return page.evaluate(f"document.querySelector('.gan-plots [data-chart=\"{chart}\"]').{what}")


def test_a_link_opens_its_game_its_table_and_its_strategies(page: Page, address: str) -> None:
    open_games(page, address, "?table=2_-1~-3_1.5&p=0.25&rule=Fictitious+play")
    expect(page.get_by_text("(3/5 cooperate + 2/5 defect; 1/3 cooperate + 2/3 defect)")).to_be_visible()
    expect(page.get_by_role("slider", name="p: Row plays")).to_have_value("0.25")
    expect(sentence(page, "square")).to_contain_text("Fictitious play at round 40: (")
    url = page.url
    page.reload()
    page.wait_for_function(DRAWN)
    assert page.url == url


def test_moving_one_strategy_shows_its_regret_and_writes_the_address(page: Page, address: str) -> None:
    open_games(page, address, "?game=Stag+Hunt&q=0.3")
    expect(sentence(page, "replies")).to_contain_text("Row could gain 0.88 alone")
    slider = page.get_by_role("slider", name="p: Row plays")
    slider.focus()
    slider.press("Home")
    expect(sentence(page, "replies")).to_contain_text("Row cannot do better alone")
    expect(page).to_have_url(re.compile(r"p=0(\.0+)?(&|$)"))


def test_a_scene_plays_the_orbit(page: Page, address: str) -> None:
    plots = open_games(page, address)
    page.get_by_role("button", name="Matching Pennies: the path cycles").click()
    expect(plots).to_have_attribute("data-motion", "playing")
    page.wait_for_function("Number(document.querySelector('.gan-plots').dataset.position) > 3")
    expect(sentence(page, "time")).to_contain_text("at time 60; ")
    expect(page).to_have_url(re.compile("game=Matching"))


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_square_is_a_square_that_fills_its_panel(
    page: Page, address: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_games(page, address, "?game=Matching+Pennies")
    box = page.locator('.gan-plots [data-chart="square"] .nsewdrag').first.bounding_box()
    panel = page.locator('.gan-plots [data-chart="square"]').bounding_box()
    assert box is not None
    assert panel is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
    assert box["height"] > 0.65 * panel["height"]
    key_box = page.locator('.gan-plots [data-chart="square"] .annotation').last.bounding_box()
    assert key_box is not None
    assert key_box["x"] > box["x"] + box["width"]


def test_a_click_in_the_square_chooses_the_start(page: Page, address: str) -> None:
    open_games(page, address, "?game=Matching+Pennies")
    box = page.locator('.gan-plots [data-chart="square"] .nsewdrag').first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    slider = page.get_by_role("slider", name="p: Row plays")
    expect(slider).to_have_value(re.compile(r"0\.2[4-6]"))
    q = page.get_by_role("slider", name="q: Column plays")
    expect(q).to_have_value(re.compile(r"0\.7[4-6]"))


def test_the_camera_is_kept_while_a_slider_moves(page: Page, address: str) -> None:
    open_games(page, address)
    camera = "_fullLayout.scene._scene.getCamera().eye.x"
    before = drawn(page, "surface", camera)
    box = page.locator('.gan-plots [data-chart="surface"] canvas').first.bounding_box()
    assert box is not None
    start = box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"]
    surface = "document.querySelector('.gan-plots [data-chart=\"surface\"]')"
    turn(page, start, (0.3 * box["width"], 0.0), f"Math.abs({surface}.{camera} - {before}) > 0.1")
    press_slider(page, "p: Row plays")  # on a busy machine the last bit of a turn shows with the next drawing
    turned = drawn(page, "surface", camera)
    assert abs(turned - before) > 0.1
    press_slider(page, "p: Row plays")
    assert drawn(page, "surface", camera) == pytest.approx(turned, abs=1e-6)


def test_a_payoff_that_is_no_number_gets_a_sentence_and_a_good_one_is_played(
    page: Page, address: str
) -> None:
    open_games(page, address)
    editor = page.get_by_test_id("stDataFrame").locator("canvas").first
    box = editor.bounding_box()
    assert box is not None

    def write(text: str) -> None:
        """Into the last cell."""
        page.mouse.dblclick(box["x"] + box["width"] - 30, box["y"] + box["height"] - 15)
        cell = page.locator("textarea.gdg-input")
        expect(cell).to_be_focused()
        page.keyboard.press("Control+A")
        # As fast as a hand: the editor takes in one key while it draws, and loses what comes between.
        page.keyboard.type(text, delay=60)
        expect(cell).to_have_value(text)
        page.keyboard.press("Enter", delay=60)

    write("one")
    expect(page.get_by_text("Row 2, column 2: ‘one’ is not two payoffs")).to_be_visible()
    write("4, 4")
    expect(page.get_by_text("(defect; defect) pays 4, 4")).to_be_visible()
    expect(page.get_by_text("is not two payoffs")).to_have_count(0)
    expect(page).to_have_url(re.compile("table="))


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_all_pictures_are_on_the_first_screen(page: Page, address: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_games(page, address)
    for chart in ("table", "replies", "payoffs", "square", "surface", "time"):
        box = page.locator(f'.gan-plots [data-chart="{chart}"]').bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width


FIVE = "~".join("_".join(f"{(3 * i + 2 * j) % 7},{(i * j) % 5}" for j in range(5)) for i in range(5))


def test_a_game_of_5_by_5_fits_on_the_first_screen_with_all_its_controls(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_games(page, address, f"?table={FIVE}")
    sliders = page.get_by_role("slider")
    expect(sliders).to_have_count(12)  # ten weights, the time span, the motion
    ends = [sliders.nth(i).bounding_box() for i in range(12)]
    for box in (*ends, page.locator(".gan-plots .motion .play").bounding_box()):
        assert box is not None
        assert box["y"] + box["height"] <= 720
    editor = page.get_by_test_id("stDataFrame")
    table, column = editor.locator("table[role=grid]"), editor.bounding_box()
    assert column is not None
    assert table.get_attribute("aria-colcount") == "6"  # the names of the rows and all five columns
    assert column["x"] + column["width"] < 320
    scroller = editor.locator(".dvn-scroller")
    assert scroller.evaluate("node => node.scrollWidth <= node.clientWidth + 1")  # nothing to scroll to


@pytest.mark.parametrize(
    "game", ["Prisoner's Dilemma", "Battle of the Sexes", "Rock-Paper-Scissors", "The GAN as a 2x2 game"]
)
def test_no_sentence_is_cut(page: Page, address: str, game: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_games(page, address, f"?game={quote_plus(game)}")
    cut = page.locator(".gan-plots .sentence").evaluate_all(
        "all => all.filter((node) => node.scrollHeight > node.clientHeight + 1).map((node) => node.innerText)"
    )
    assert cut == []


def test_nothing_covers_the_menu_while_the_table_is_pointed_at(page: Page, address: str) -> None:
    open_games(page, address)
    page.get_by_test_id("stDataFrame").hover()
    page.wait_for_timeout(500)  # Streamlit fades it in
    expect(page.get_by_test_id("stElementToolbar").first).to_be_hidden()


def test_a_bad_address_gets_a_sentence(page: Page, address: str) -> None:
    open_games(page, address, "?p=7&table=1,2_x")
    expect(page.get_by_text("p = '7' does not fit: it must be a number from 0 to 1")).to_be_visible()
    expect(page.get_by_text("Row 1, column 2: ‘x’ is not two payoffs")).to_be_visible()


def test_the_games_page_is_accessible_and_logs_no_error(page: Page, address: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_games(page, address)
    found = Axe().run(page)
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    # The editor's canvas table is Streamlit's own.
    assert [
        (rule, nodes)
        for rule, nodes in serious
        if not all("glide" in html or "gdg" in html for html in nodes)
    ] == []
    assert errors == []
