"""The saddle page as a person uses it, and with it what the shared plots promise."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.turning import turn

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
PLOTS = "document.querySelector('.gan-plots')"


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def open_saddle(page: Page, address: str, query: str = "") -> Locator:
    """The plots of a freshly opened page, all of them drawn."""
    page.goto(f"{address}/saddle{query}")
    wait_until_drawn(page)
    return page.locator(".gan-plots")


def wait_until_drawn(page: Page, other_than: str = "") -> str:
    """The frame that all charts show, once it is the newest and not `other_than`."""
    page.wait_for_function(
        f"""old => {{ const d = {PLOTS}?.dataset;
            return d && d.drawn && d.drawn === d.frame && d.drawn !== old; }}""",
        arg=other_than,
    )
    return str(page.evaluate(f"{PLOTS}.dataset.drawn"))


def press_slider(page: Page, name: str, key: str = "ArrowRight") -> None:
    """Move a slider by a key, and wait for what follows."""
    before = wait_until_drawn(page)
    page.get_by_role("slider", name=name).press(key)
    wait_until_drawn(page, other_than=before)


def position(page: Page) -> int:
    return int(page.evaluate(f"{PLOTS}.dataset.position"))


def chart(name: str) -> str:
    return f"document.querySelector('[data-chart={name}]')"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?game=Quadratic&method=Lookahead&base=alternating&rival=Consensus",
        "?method=Lookahead&base=alternating",
        "?method=Alternating&rival=Adam",
        "?game=Dirac-GAN,+R1&method=Alternating&rival=Consensus",
        "?game=Dirac-GAN,+non-saturating&x0=1&y0=1&steps=300",
        "?game=Local+minimax,+no+Nash&steps=300",
        "?eta_x=0&eta_y=0",
    ],
)
def test_everything_is_in_sight_on_a_small_projector(page: Page, address: str, query: str) -> None:
    open_saddle(page, address, query)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 720
    expect(page.locator(".gan-plots .plot")).to_have_count(6)
    boxes = page.locator(".gan-plots .plot, .gan-plots .motion, .gan-plots .sentence").all()
    for box in (item.bounding_box() for item in boxes):
        assert box is not None
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.gan-plots .sentence')]
            .filter(node => node.scrollHeight > node.clientHeight + 1).map(node => node.textContent)"""
    )
    assert cut == []


def test_a_slider_at_0_moves_no_chart(page: Page, address: str) -> None:
    open_saddle(page, address, "?eta_x=0.01")
    before = page.locator('[data-chart="surface"]').bounding_box()
    press_slider(page, "Step size of x", "ArrowLeft")
    expect(page.locator('[data-panel="field"] .sentence')).to_contain_text("x does not move")
    assert page.locator('[data-chart="surface"]').bounding_box() == before


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=str)
def test_a_circle_in_the_field_is_a_circle(page: Page, address: str, size: tuple[int, int]) -> None:
    """As many pixels for a unit across as upward, and no empty flanks: the axis across is longer."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_saddle(page, address)
    (across, reach), (upward, span) = page.evaluate(
        f"""["xaxis", "yaxis"].map((name) => {{
            const {{ _length, range }} = {chart("field")}._fullLayout[name];
            return [_length / (range[1] - range[0]), range.map(Number)]; }})"""
    )
    assert across == pytest.approx(upward, rel=1e-3)
    assert span == pytest.approx([-2, 2])
    assert 3.0 < reach[1] < 4.4
    assert reach[0] == pytest.approx(-reach[1])


@pytest.mark.parametrize("name", ["field", "players"])  # axes tied to one another, and free ones
def test_a_zoom_survives_a_slider_and_the_chart_is_not_rebuilt(page: Page, address: str, name: str) -> None:
    open_saddle(page, address)
    span = f"{chart(name)}._fullLayout.xaxis.range.map(Number)"
    whole = page.evaluate(span)
    zoomed = zoom_in(page, name)
    page.evaluate(f"{chart(name)}.tagged = true")
    press_slider(page, "Coupling b")
    assert page.evaluate(span) == pytest.approx(zoomed)
    assert page.evaluate(f"{chart(name)}.tagged") is True
    assert "x0" not in page.url  # a drag is not a click
    assert after_reset(page, name, zoomed) == pytest.approx(whole)


@pytest.mark.parametrize("name", ["field", "players"])
def test_a_zoom_is_undone_although_nothing_was_drawn_in_between(page: Page, address: str, name: str) -> None:
    open_saddle(page, address)
    whole = page.evaluate(f"{chart(name)}._fullLayout.xaxis.range.map(Number)")
    zoomed = zoom_in(page, name)
    assert zoomed[1] - zoomed[0] < 0.9 * (whole[1] - whole[0])
    assert after_reset(page, name, zoomed) == pytest.approx(whole)


def zoom_in(page: Page, name: str) -> list[float]:
    """Drags a window over the chart; what its x axis then shows."""
    span = f"{chart(name)}._fullLayout.xaxis.range.map(Number)"
    low, high = page.evaluate(span)
    box = page.locator(f'[data-chart="{name}"] .nsewdrag').first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"], steps=6)
    page.mouse.up()
    page.wait_for_function(f"{span}[1] - {span}[0] < {0.9 * (high - low)}")
    return [float(end) for end in page.evaluate(span)]


def after_reset(page: Page, name: str, zoomed: list[float]) -> list[float]:
    """Presses the button; what the x axis shows once it no longer shows `zoomed`."""
    page.locator(f'[data-chart="{name}"]').hover()
    page.locator(f'[data-chart="{name}"] .modebar-btn[data-title="Reset the view"]').click()
    span = f"{chart(name)}._fullLayout.xaxis.range.map(Number)"
    page.wait_for_function(f"zoomed => String({span}) !== String(zoomed)", arg=zoomed)
    return [float(end) for end in page.evaluate(span)]


def test_a_turned_surface_stays_turned(page: Page, address: str) -> None:
    open_saddle(page, address)
    camera = f"{chart('surface')}._fullLayout.scene._scene.getCamera().eye"
    before = page.evaluate(camera)
    box = page.locator('[data-chart="surface"]').bounding_box()
    assert box is not None
    start = box["x"] + 150, box["y"] + 80
    turn(page, start, (80, 30), f"Math.abs({camera}.x - {before['x']}) > 0.1")
    press_slider(page, "Coupling b")
    press_slider(page, "Step size of y")
    turned = page.evaluate(camera)
    assert abs(turned["x"] - before["x"]) > 0.1
    press_slider(page, "Coupling b", "ArrowLeft")
    assert page.evaluate(camera) == pytest.approx(turned, abs=1e-6)


def test_only_charts_whose_figure_changed_are_drawn_again(page: Page, address: str) -> None:
    open_saddle(page, address)
    drawn = {name: f"{chart(name)}.dataset.drawn" for name in ("map", "spectrum", "field")}
    before = {name: page.evaluate(script) for name, script in drawn.items()}
    page.get_by_role("button", name="Start and length").click()
    press_slider(page, "Start x", "ArrowLeft")
    changed = {name for name, script in drawn.items() if page.evaluate(script) != before[name]}
    assert changed == {"field"}


def test_a_click_in_the_field_moves_the_start(page: Page, address: str) -> None:
    open_saddle(page, address)
    before = wait_until_drawn(page)
    box = page.locator('[data-chart="field"] .nsewdrag').first.bounding_box()
    assert box is not None
    unit = box["height"] / 4  # pixels: the field is 4 high, and of one scale
    page.mouse.click(box["x"] + box["width"] / 2 - 3 * unit, box["y"] + 0.2 * box["height"])  # (-3, 1.2)
    expect(page).to_have_url(re.compile(r"x0=-(3|2\.95|3\.05)\b"))
    expect(page).to_have_url(re.compile("y0=1.2"))
    wait_until_drawn(page, other_than=before)


def test_a_click_on_the_map_goes_there(page: Page, address: str) -> None:
    open_saddle(page, address, "?method=Extragradient")
    box = page.locator('[data-chart="map"] .nsewdrag').first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])  # eta 1.5, b 2.25
    expect(page).to_have_url(re.compile("eta_x=1.5"))
    expect(page).to_have_url(re.compile("b=2.25"))
    expect(page.locator('[data-panel="spectrum"] .sentence')).to_contain_text("it diverges")


def test_a_click_on_the_map_keeps_the_proportion_of_the_steps(page: Page, address: str) -> None:
    open_saddle(page, address, "?game=Dirac-GAN&eta_x=0.1&eta_y=0.2")
    box = page.locator('[data-chart="map"] .nsewdrag').first.bounding_box()
    assert box is not None
    page.mouse.click(
        box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"]
    )  # eta 1.5: y's would be 3
    expect(page).to_have_url(re.compile(r"eta_x=1(\.0)?\b"))
    expect(page).to_have_url(re.compile(r"eta_y=2"))


def test_playing_stepping_and_slow_motion_ask_the_server_for_nothing(page: Page, address: str) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    plots = open_saddle(page, address, "?method=Alternating")
    page.wait_for_timeout(500)
    sent.clear()
    plots.get_by_role("button", name="Step").click()  # from the end: begins anew
    assert position(page) == 2
    expect(plots.locator(".where")).to_have_text("step 1 of 60")
    plots.get_by_role("button", name="Slow motion").click()
    plots.get_by_role("button", name="Step").click()
    assert position(page) == 3
    expect(plots.locator(".where")).to_have_text("step 2 of 60 · x moves")
    plots.get_by_role("button", name="Step").click()
    expect(plots.locator(".where")).to_have_text("step 2 of 60 · y moves")
    plots.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"Number({PLOTS}.dataset.position) > 5")
    plots.get_by_role("button", name="Pause").click()
    stood = position(page)
    expect(plots).to_have_attribute("data-motion", "still")
    assert position(page) == stood
    assert sent == []


def test_in_slow_motion_the_mover_wears_its_colour(page: Page, address: str) -> None:
    plots = open_saddle(page, address, "?method=Alternating")
    plots.get_by_role("button", name="Step").click()
    plots.get_by_role("button", name="Slow motion").click()
    plots.get_by_role("button", name="Step").click()
    ends = f"""['#E69F00', '#0072B2'].map(colour => Array.from(
        {chart("field")}._fullData.find(trace => trace.line?.color === colour)?.x ?? []
    ).filter(Number.isFinite).length)"""
    page.wait_for_function(f"({ends}).join() === '2,0'")  # x has moved, y has not
    plots.get_by_role("button", name="Step").click()
    page.wait_for_function(f"({ends}).join() === '2,2'")
    expect(plots.locator(".where")).to_have_text("step 2 of 60 · y moves")


def test_a_scene_plays_itself_to_its_end(page: Page, address: str) -> None:
    plots = open_saddle(page, address, "?game=Quadratic")
    page.get_by_role("button", name="Alternating steps cycle").click()
    expect(plots).to_have_attribute("data-motion", "playing")
    expect(page.locator('[data-panel="spectrum"] .sentence')).to_contain_text("it cycles")
    expect(plots).to_have_attribute("data-motion", "still")
    expect(plots.locator(".where")).to_have_text("step 60 of 60")
    assert "game=" not in page.url


def test_a_bad_address_gets_a_sentence(page: Page, address: str) -> None:
    open_saddle(page, address, "?eta_x=77&colour=red")
    expect(page.get_by_text("eta_x = '77' does not fit: it must be a number from 0 to 2")).to_be_visible()
    expect(page.get_by_text("nothing named 'colour'")).to_be_visible()


def test_the_saddle_page_is_accessible_and_logs_no_error(page: Page, address: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    plots = open_saddle(page, address)
    for node in plots.locator(".plot").all():
        assert node.get_attribute("role") == "img"
        assert re.search(r"\d", node.get_attribute("aria-label") or "")
    found = Axe().run(page)
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert errors == []
