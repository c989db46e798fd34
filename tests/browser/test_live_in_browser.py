"""The live page as a person uses it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, WebSocket, WebSocketRoute, expect

from benchmarks.serving import Server

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def open_live(page: Page, address: str, query: str = "") -> Locator:
    """The board of a freshly opened live page, with its first pictures."""
    page.goto(f"{address}/live{query}")
    board = page.locator(".gan-board")
    expect(board).to_have_attribute("data-state", "paused")
    expect(page.locator('[data-chart="means"] .main-svg').first).to_be_visible()
    return board


def step_of(board: Locator) -> int:
    return int(board.get_attribute("data-step") or -1)


def play(page: Page, board: Locator, until: int = 1) -> None:
    page.get_by_role("button", name="Play").click()
    wait_for_step(page, until)


def wait_for_step(page: Page, step: int) -> None:
    page.wait_for_function(
        "step => Number(document.querySelector('.gan-board')?.dataset.step) >= step", arg=step
    )


def wait_for_frames(page: Page, more: int) -> None:
    """Until every chart has drawn `more` newer frames."""
    drawn = page.evaluate("Number(document.querySelector('.gan-board').dataset.drawn)")
    page.wait_for_function(
        "frame => Number(document.querySelector('.gan-board').dataset.drawn) >= frame", arg=drawn + more
    )


# The drawn reference line of the means chart, from left to right.
REFERENCE = """() => Array.from(document.querySelector('[data-chart="means"]')._fullData
    .find(trace => trace.line?.shape === 'hv').y, Number)"""


def reference_of(page: Page) -> list[float]:
    return [float(value) for value in page.evaluate(REFERENCE)]


DIGITS_ARE = "picture => document.querySelector('[data-digits=generated]').toDataURL() === picture"


def digits_of(page: Page) -> str:
    return str(page.evaluate("document.querySelector('[data-digits=generated]').toDataURL()"))


def test_play_shows_digits_that_change_and_pause_is_exact(page: Page, address: str) -> None:
    board = open_live(page, address)
    first = digits_of(page)
    play(page, board, until=20)
    assert digits_of(page) != first
    page.keyboard.press("k")
    expect(board).to_have_attribute("data-state", "paused")
    stood = step_of(board)
    page.keyboard.press("s")
    expect(board).to_have_attribute("data-step", str(stood + 1))


def test_moving_the_smoothing_moves_the_line_from_there_on(page: Page, address: str) -> None:
    board = open_live(page, address, "?smoothing=0.9")
    play(page, board, until=10)
    slider = page.get_by_role("slider", name="Label smoothing")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowLeft")
    page.wait_for_function(f"Math.abs(({REFERENCE})().at(-1) - 0.4) < 1e-6")
    line = reference_of(page)
    assert line[0] == pytest.approx(0.45, abs=1e-6)
    assert line[-1] == pytest.approx(0.40, abs=1e-6)
    expect(page).to_have_url(re.compile(r"smoothing=0\.8"))


def test_a_zoom_survives_the_next_frames(page: Page, address: str) -> None:
    board = open_live(page, address)
    play(page, board, until=60)
    plot = page.locator('[data-chart="means"] .nsewdrag').first
    box = plot.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=6)
    page.mouse.up()
    span = "() => document.querySelector('[data-chart=\"means\"]')._fullLayout.xaxis.range.map(Number)"
    zoomed = page.evaluate(span)
    page.evaluate("document.querySelector('[data-chart=\"means\"]').tagged = true")
    wait_for_frames(page, 5)
    assert page.evaluate(span) == pytest.approx(zoomed)
    assert page.evaluate("document.querySelector('[data-chart=\"means\"]').tagged") is True

    # Another game has other steps: the zoom does not survive into it, however far it has played.
    in_another_game(page, lambda: page.get_by_role("button", name="Reset", exact=True).click())
    wait_for_frames(page, 2)
    assert page.evaluate(span)[0] == 0 != pytest.approx(zoomed[0])


def test_rewind_moves_everything_back_and_live_returns(page: Page, address: str) -> None:
    board = open_live(page, address)
    first = digits_of(page)
    play(page, board, until=60)
    page.keyboard.press("k")
    expect(board).to_have_attribute("data-state", "paused")
    last, newest = step_of(board), digits_of(page)
    page.get_by_label("Rewind to an earlier step").press("Home")
    expect(board).to_have_attribute("data-live", "false")
    expect(board).to_have_attribute("data-step", "0")
    page.wait_for_function(DIGITS_ARE, arg=first)
    page.get_by_role("button", name="Live", exact=True).click()
    expect(board).to_have_attribute("data-live", "true")
    expect(board).to_have_attribute("data-step", str(last))
    page.wait_for_function(DIGITS_ARE, arg=newest)


def test_reset_and_undo_go_back_and_forth_without_losing_a_step(page: Page, address: str) -> None:
    board = open_live(page, address)
    page.keyboard.press("s")
    expect(board).to_have_attribute("data-step", "1")
    for old in (1, 2, 3):
        in_another_game(page, lambda: page.get_by_role("button", name="Reset", exact=True).click())
        expect(board).to_have_attribute("data-step", "0")
        in_another_game(page, lambda: page.get_by_role("button", name="Undo", exact=True).click())
        expect(board).to_have_attribute("data-step", str(old))
        page.keyboard.press("s")
        expect(board).to_have_attribute("data-step", str(old + 1))


def in_another_game(page: Page, act: Callable[[], None]) -> None:
    """Does `act`, and waits until the board shows another game."""
    before = page.locator(".gan-board").get_attribute("data-game")
    act()
    page.wait_for_function("old => document.querySelector('.gan-board')?.dataset.game !== old", arg=before)


def test_an_edited_address_acts_on_the_run_and_says_what_does_not_fit(page: Page, address: str) -> None:
    board = open_live(page, address, "?smoothing=0.7")
    expect(page).to_have_url(re.compile("run="))
    page.keyboard.press("s")
    expect(board).to_have_attribute("data-step", "1")
    page.goto(page.url.replace("smoothing=0.7", "smoothing=0.6") + "&fake_label=9")
    expect(page.get_by_role("slider", name="Label smoothing")).to_have_value("0.6")
    expect(page.get_by_text("fake_label = '9' does not fit")).to_be_visible()
    expect(page.locator(".gan-board")).to_have_attribute("data-step", "1")


def test_a_visit_to_another_page_leaves_the_looks_of_the_board(page: Page, address: str) -> None:
    widths = "Array.from(document.querySelectorAll('.gan-board [data-box]'), box => box.offsetWidth)"
    open_live(page, address)
    before = page.evaluate(widths)
    page.get_by_role("link", name="Games").first.click()
    expect(page.locator('[data-chart="square"] .main-svg').first).to_be_visible()
    page.get_by_role("link", name="Live GAN").first.click()
    expect(page.locator('[data-chart="means"] .main-svg').first).to_be_visible()
    assert page.evaluate(widths) == before


def test_a_reload_keeps_the_run_playing(page: Page, address: str) -> None:
    board = open_live(page, address, "?seed=3")
    play(page, board, until=30)
    before, url = step_of(board), page.url
    page.reload()
    wait_for_step(page, before)
    expect(board).to_have_attribute("data-state", "playing")
    assert page.url == url


def test_a_second_tab_shows_the_same_run_and_somebody_else_plays_their_own(
    page: Page, address: str, browser: Browser
) -> None:
    board = open_live(page, address, "?seed=3")
    play(page, board, until=5)
    other = page.context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(page.url)
    theirs = other.locator(".gan-board")
    expect(theirs).to_have_attribute("data-state", "playing")
    other.get_by_role("slider", name="Label smoothing").press("ArrowLeft")
    expect(page.get_by_role("slider", name="Label smoothing")).to_have_value("0.89")
    other.keyboard.press("k")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(board).to_have_attribute("data-state", "paused")
    assert other.url == page.url

    stranger = browser.new_context().new_page()
    stranger.set_default_timeout(PATIENCE)
    stranger.goto(page.url)
    expect(stranger.locator(".gan-board")).to_have_attribute("data-step", "0")
    assert "seed=3" in stranger.url
    assert re.search(r"run=([^&]+)", stranger.url) != re.search(r"run=([^&]+)", page.url)
    expect(board).not_to_have_attribute("data-step", "0")
    stranger.context.close()


def test_a_cut_connection_is_said_and_mended(page: Page, address: str) -> None:
    sockets: list[WebSocketRoute] = []

    def relay(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("(?<!_stcore)/stream/"), relay)
    board = open_live(page, address)
    play(page, board, until=10)
    sockets[-1].close(code=4000)
    expect(page.get_by_role("alert").filter(has_text="Connection lost")).to_be_visible()
    shown = step_of(board)
    assert shown >= 10
    wait_for_step(page, shown + 10)
    expect(page.get_by_text("Connection lost")).to_be_hidden()
    assert len(sockets) == 2


def test_a_playing_page_asks_the_server_for_nothing(page: Page, address: str) -> None:
    """Frames come by the stream; the page's own connection is silent unless somebody acts."""
    sent: list[float] = []

    def count(socket: WebSocket) -> None:
        if "_stcore" in socket.url:
            socket.on("framesent", lambda _: sent.append(time.monotonic()))

    page.on("websocket", count)
    board = open_live(page, address)
    play(page, board, until=5)
    before = len(sent)
    wait_for_step(page, step_of(board) + 100)
    assert len(sent) - before <= 2, "a change of state may have been on its way"


def test_a_killed_trainer_process_is_replaced_and_the_run_goes_on(
    page: Page, address: str, server: Server
) -> None:
    board = open_live(page, address)
    play(page, board, until=10)
    found = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "gan_core.engine"],  # noqa: S607
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
    expect(page.get_by_role("status").filter(has_text="The trainer process crashed")).to_be_visible()
    expect(board).to_have_attribute("data-state", "playing")
    wait_for_step(page, step_of(board) + 5)


def test_closing_the_tab_ends_the_run(page: Page, address: str) -> None:
    board = open_live(page, address)
    play(page, board, until=3)
    page.close()
    watcher = board.page.context.new_page()
    watcher.set_default_timeout(PATIENCE)
    for _ in range(60):
        watcher.goto(address)
        facts = watcher.get_by_text("runs are playing now")
        expect(facts).to_be_visible()
        if " 0 of " in facts.inner_text():
            return
        watcher.wait_for_timeout(1000)
    raise AssertionError("a minute after the tab was closed its run still plays")


def test_a_bad_address_gets_a_sentence(page: Page, address: str) -> None:
    open_live(page, address, "?smoothing=2&colour=red")
    expect(page.get_by_text("smoothing = '2' does not fit: it must be from 0.5 to 1")).to_be_visible()
    expect(page.get_by_text("no setting named 'colour'")).to_be_visible()


def test_a_sentence_that_goes_leaves_the_board_as_it_is(page: Page, address: str) -> None:
    board = open_live(page, address, "?smoothing=7")
    expect(page.get_by_text("Left out of the address")).to_be_visible()
    board.evaluate("board => { board.viewed = true; }")
    page.get_by_role("slider", name="Label smoothing").press("ArrowLeft")
    expect(page.get_by_text("Left out of the address")).to_be_hidden()
    assert page.evaluate("document.querySelector('.gan-board').viewed === true")


def test_the_page_talks_to_no_other_host_and_logs_no_error(page: Page, address: str) -> None:
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if "://" in request.url else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    board = open_live(page, address)
    play(page, board, until=10)
    page.goto(address)
    expect(page.get_by_role("heading", name="GAN Equilibrium Explorer")).to_be_visible()
    own = address.removeprefix("http://")
    assert {host for host in hosts if host != own and not host.startswith("127.0.0.1")} == set()
    assert errors == []


def test_the_live_page_is_accessible(page: Page, address: str) -> None:
    open_live(page, address)
    found = Axe().run(page)
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    # Streamlit draws its own shortcut badges, too faint for the rule, on our buttons.
    own = [(rule, [html for html in nodes if "<kbd" not in html]) for rule, nodes in serious]
    assert [(rule, nodes) for rule, nodes in own if nodes] == []


def test_the_value_and_the_losses_share_a_place_and_each_line_moves_with_its_label(
    page: Page, address: str
) -> None:
    board = open_live(page, address, "?smoothing=0.9")
    play(page, board, until=10)
    board.get_by_role("button", name="Losses", exact=True).click()
    expect(page.locator('[data-panel="losses"] .main-svg').first).to_be_visible()
    expect(page.locator('[data-panel="value"]')).to_be_hidden()
    expect(board.get_by_role("button", name="Losses", exact=True)).to_be_focused()
    wait_for_frames(page, 2)  # also with the other panel out of sight
    line = """() => Array.from(document.querySelector('[data-chart="losses"]')._fullData
        .filter(trace => trace.line?.shape === 'hv').map(trace => trace.y.at(-1)))"""
    assert page.evaluate(line) == pytest.approx([0.7784, 0.5978, 0.7985, 1.3763], abs=1e-4)
    for _ in range(10):
        page.get_by_role("slider", name="Label smoothing").press("ArrowLeft")
    page.wait_for_function(f"Math.abs(({line})().at(0) - 0.8352) < 1e-3")
    board.get_by_role("button", name="V", exact=True).click()
    expect(page.locator('[data-chart="value"] .main-svg').first).to_be_visible()
    expect(page.locator('[data-panel="losses"]')).to_be_hidden()


def test_the_quality_is_in_the_place_of_the_value_and_comes_when_the_run_stands_still(
    page: Page, address: str
) -> None:
    board = open_live(page, address)
    board.get_by_role("button", name="FID", exact=True).click()
    expect(page.locator('[data-panel="quality"]')).to_be_visible()
    expect(page.locator('[data-panel="value"]')).to_be_hidden()
    play(page, board, until=10)
    page.get_by_role("button", name="Pause").click()
    fid = page.locator('[data-chart="fid"]')
    expect(fid).to_have_attribute("aria-label", re.compile(r"FID of 500 digits of G is [\d.]+; .* is 7\.\d"))
    expect(fid.locator(".main-svg").first).to_be_visible()
    board.get_by_role("button", name="FID, D", exact=True).click()
    expect(page.locator('[data-panel="quality"]')).to_be_hidden()
    way = page.locator('[data-chart="path"]')
    expect(way.locator(".main-svg").first).to_be_visible()
    expect(way).to_have_attribute("aria-label", re.compile(r"from its line and FID is [\d.]+\.$"))


def test_the_saddle_zooms_to_the_path_and_back_live_and_rewound(page: Page, address: str) -> None:
    board = open_live(page, address)
    span = "() => document.querySelector('[data-chart=\"saddle\"]')._fullLayout.xaxis.range.map(Number)"
    sentence = page.locator('[data-panel="saddle"] .sentence')
    whole = sentence.inner_text()
    play(page, board, until=40)
    page.get_by_role("button", name="Zoom to path").click()
    page.wait_for_function(f"({span})()[0] > 0.1")
    expect(sentence).to_have_text(re.compile(r"Only a part of the surface: a from 0\.\d+ to 0\.\d+, b from"))
    page.keyboard.press("k")
    expect(board).to_have_attribute("data-state", "paused")
    wait_for_frames(page, 0)
    near = page.evaluate(span)
    page.get_by_label("Rewind to an earlier step").press("Home")
    expect(board).to_have_attribute("data-step", "0")
    assert page.evaluate(span) == pytest.approx(near)
    page.get_by_role("button", name="Whole surface").click()
    page.wait_for_function(f"({span})()[0] === 0 && ({span})()[1] === 1")
    expect(sentence).to_have_text(whole)


def test_a_run_plays_to_a_step_and_the_button_follows(page: Page, address: str) -> None:
    board = open_live(page, address)
    page.get_by_role("button", name="To step").click()
    box = page.get_by_label("Stand still at step")
    box.fill("60")
    box.press("Enter")
    page.get_by_role("button", name="Play to this step").click()
    expect(board.locator(".where")).to_have_text(re.compile("playing to step 60"))
    expect(board).to_have_attribute("data-state", "paused")
    expect(board).to_have_attribute("data-step", "60")
    expect(page.locator(".st-key-play").get_by_role("button")).to_have_text(re.compile("Play"))


@pytest.mark.parametrize(
    ("width", "height", "least"), [(1280, 720, 13.0), (1920, 1080, 17.0), (1024, 768, 13.0)]
)
def test_buttons_and_sliders_grow_with_the_window_and_what_matters_stays_in_sight(
    page: Page, address: str, width: int, height: int, least: float
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_live(page, address)
    size = "part => parseFloat(getComputedStyle(document.querySelector(part)).fontSize)"
    assert min(page.evaluate(f"['.st-key-play p', '.stSlider p'].map({size})")) >= least
    main = page.locator('[data-testid="stMain"]')
    scrolls = main.evaluate("node => node.scrollHeight - node.clientHeight")
    assert (scrolls > 1) is (width == 1024)
    for _ in range(2):
        for part in (".st-key-play", ".gan-board .where", '[data-panel="diagnosis"] .name'):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        main.evaluate("node => node.scrollTo(0, node.scrollHeight)")


def test_the_form_of_a_new_game_says_what_it_costs_and_starts_it(page: Page, address: str) -> None:
    board = open_live(page, address)
    play(page, board)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="New game").click()
    form = page.locator(".st-key-new_game_form")
    said = form.get_by_text(re.compile("D has 117,121 parameters, G has 131,088"))
    expect(said).to_be_visible()
    form.get_by_role("combobox", name="Networks").click()
    page.get_by_role("option", name="DCGAN", exact=True).click()
    words = form.get_by_text(re.compile(r"D has [\d,]+ parameters, G has [\d,]+\. Alone on"))
    expect(words).not_to_contain_text("117,121")
    assert step_of(board) > 0, "nothing has begun"
    form.get_by_role("button", name="Start a new game").click()
    page.wait_for_function("Number(document.querySelector('.gan-board')?.dataset.step) === 0")
    page.wait_for_url("**architecture=dcgan**")
    expect(form).to_have_count(0)
