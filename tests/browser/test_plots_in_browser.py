"""Charts of the theory pages and of the board: what they show while numbers move."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
SURFACE = """document.querySelector('.gan-plots [data-chart="surface"]')"""


@pytest.mark.parametrize(
    ("page_name", "scene"), [("games", "The GAN as a game"), ("saddle", "Extragradient converges")]
)
def test_a_new_surface_is_drawn_while_the_motion_of_its_scene_plays(
    page: Page, address: str, page_name: str, scene: str
) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(f"{address}/{page_name}")
    plots = page.locator(".gan-plots")
    expect(plots).to_have_attribute("data-motion", "still")
    page.wait_for_function(f"{SURFACE}?.dataset.drawn")
    before = page.evaluate(f"{SURFACE}.dataset.drawn")
    page.get_by_role("button", name=scene).click()
    page.wait_for_function(f"old => {SURFACE}.dataset.drawn !== old", arg=before)
    assert plots.get_attribute("data-motion") == "playing"


# What is seen of a chart: its drawing with the label of each trace, and of a 3-D one every pixel.
SEEN = """(name) => {
    const node = document.querySelector(`[data-chart="${name}"]`);
    const { glplot } = node._fullLayout.scene?._scene ?? {};
    glplot?.redraw(); // its pixels are there until the task ends
    const named = node._fullData.flatMap(({ type, hoverinfo }, curveNumber) =>
        ['scatter', 'bar'].includes(type) && hoverinfo !== 'skip' ? [{ curveNumber, pointNumber: 0 }] : []);
    if (!glplot) Plotly.Fx.hover(node, named, Object.keys(node._fullLayout._plots));
    return [...node.querySelectorAll('.main-svg')].map(svg => inOrder(svg.cloneNode(true)).innerHTML).join('')
        .replace(/\\d+\\.\\d{3,}/g, number => Number(number).toFixed(2)) // px
        + (glplot ? node.querySelector('canvas').toDataURL() : '');

    function inOrder(svg) { // of ticks Plotly does not keep the order, and of empty words it leaves a group
        for (const nothing of svg.querySelectorAll('.textpoint:empty')) nothing.remove();
        for (const layer of svg.querySelectorAll('.xaxislayer-above, .yaxislayer-above, .gridlayer > *')) {
            layer.replaceChildren(...[...layer.children].sort((a, b) => a.outerHTML < b.outerHTML ? -1 : 1));
        }
        return svg;
    }
}"""
COUNTED = """() => {
    const { react } = Plotly;
    window.drawnWhole = [];
    Plotly.react = (node, ...rest) => {
        window.drawnWhole.push(node.dataset.chart);
        return react(node, ...rest);
    };
}"""
DRAWN_WHOLE = """async (name) => {
    const node = document.querySelector(`[data-chart="${name}"]`);
    await Plotly.react(node, node.data.map(trace => ({ ...trace })), structuredClone(node.layout));
}"""
SETTLED = """(before) => {
    const { frame, drawn } = document.querySelector('.gan-plots')?.dataset ?? {};
    return frame && frame !== before && drawn === frame;
}"""


@pytest.mark.parametrize(
    ("address_of_page", "slider", "moved"),
    [
        ("saddle", "Step size of x", {"surface", "field", "spectrum", "map"}),
        ("saddle?b=1.3", "Coupling b", {"surface", "field", "spectrum", "map"}),
        ("saddle?game=Dirac-GAN,+R1&method=Alternating&rival=Adam", "Step size of ψ", {"field", "players"}),
        ("games", "p: Row plays", {"table", "replies", "payoffs", "square", "surface", "time"}),
        (
            "games?game=Matching+Pennies",
            "q: Column plays",
            {"table", "replies", "value", "square", "surface"},
        ),
        ("games?game=Matching+Pennies", "Time, or rounds", {"square", "surface", "time"}),
        ("games?game=Rock-Paper-Scissors", "paper", {"table", "replies", "value", "simplex"}),
        (
            "saddle?game=Dirac-GAN,+instance+noise&method=Alternating",
            "Noise σ",
            {"surface", "field", "radius", "spectrum", "map", "players"},
        ),
        ("value", "Mean of p_G", {"densities", "outputs", "map", "ladder"}),
        ("value", "Spread of p_data", {"densities", "outputs", "map", "ladder"}),
    ],
)
def test_numbers_that_move_are_drawn_as_plotly_would_draw_them(
    page: Page, address: str, address_of_page: str, slider: str, moved: set[str]
) -> None:
    """`moved`: charts of which a key on the slider changes nothing but numbers."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/{address_of_page}")
    page.wait_for_function(SETTLED)
    page.evaluate(COUNTED)
    before = {name: page.evaluate(SEEN, name) for name in moved}
    frame = page.locator(".gan-plots").get_attribute("data-frame")
    page.get_by_role("slider", name=slider).first.press("ArrowRight")
    page.wait_for_function(SETTLED, arg=frame)
    assert not moved & set(page.evaluate("window.drawnWhole"))
    for name in sorted(moved):
        seen = page.evaluate(SEEN, name)
        assert seen != before[name], f"{name} has not changed"
        page.evaluate(DRAWN_WHOLE, name)
        assert page.evaluate(SEEN, name) == seen, name


def test_the_board_draws_numbers_that_move_as_plotly_would_draw_them(page: Page, address: str) -> None:
    page.set_default_timeout(PATIENCE)
    board = "document.querySelector('.gan-board')?.dataset"
    page.goto(f"{address}/live")
    page.wait_for_function(f"{board}?.state === 'paused' && Number({board}.drawn) > 0")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function(f"Number({board}.step) > 200")
    page.keyboard.press("k")
    page.wait_for_function(f"{board}.state === 'paused' && {board}.drawn === {board}.frame")
    page.evaluate(COUNTED)
    step = int(page.evaluate(f"{board}.step"))
    page.keyboard.press("s")
    page.wait_for_function(f"Number({board}.step) > {step} && {board}.drawn === {board}.frame")
    names = page.evaluate(
        "[...document.querySelectorAll('.gan-board [data-chart]')]"
        ".filter(n => n.clientWidth).map(n => n.dataset.chart)"  # the losses stand behind the value
    )
    whole = page.evaluate("window.drawnWhole")
    assert set(names) - set(whole)
    for name in names:
        seen = page.evaluate(SEEN, name)
        page.evaluate(DRAWN_WHOLE, name)
        assert page.evaluate(SEEN, name) == seen, name


def test_a_slider_asks_the_server_for_nothing_but_the_run_and_fades_nothing(page: Page, address: str) -> None:
    """The run and its answer come through the socket; a fade would have every chart painted anew, twice."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/games")
    page.wait_for_function(SETTLED)
    page.evaluate("""() => {
        window.stale = 0;
        window.faded = [];
        const watched = { subtree: true, attributes: true, attributeFilter: ['data-stale'] };
        new MutationObserver(() => { window.stale += 1; }).observe(document.body, watched);
        addEventListener('transitionrun', ({ target, propertyName }) => {
            if (target.dataset?.testid === 'stElementContainer') window.faded.push(propertyName);
        });
    }""")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slider = page.get_by_role("slider", name="p: Row plays")
    for _ in range(3):
        frame = page.locator(".gan-plots").get_attribute("data-frame")
        slider.press("ArrowRight")
        page.wait_for_function(SETTLED, arg=frame)
    assert page.evaluate("window.stale") > 0, "Streamlit marks nothing as stale any more"
    assert page.evaluate("window.faded") == []
    assert [url for url in asked if not url.startswith("data:")] == []


def test_an_axis_follows_its_numbers_after_it_has_moved(page: Page, address: str) -> None:
    """Moved by us, it is not taken for one the viewer has zoomed."""
    page.set_default_timeout(PATIENCE)
    place = f"{address}/saddle?game=Dirac-GAN,+instance+noise&method=Alternating&steps=120"
    axis = """document.querySelector('[data-chart="radius"]')._fullLayout.yaxis"""
    shown = f"() => ({{ range: {axis}.range, marks: {axis}.tickvals }})"
    page.goto(place)
    page.wait_for_function(SETTLED)
    first = page.evaluate(shown)["range"]
    slider = page.get_by_role("slider", name="Noise σ")
    seen = [first]
    while len({str(span) for span in seen}) < 3:  # moved twice
        frame = page.locator(".gan-plots").get_attribute("data-frame")
        slider.press("ArrowRight")
        page.wait_for_function(SETTLED, arg=frame)
        seen.append(page.evaluate(shown)["range"])
        assert len(seen) < 40, seen
    moved = page.evaluate(shown)
    page.goto(f"{place}&instance_noise={slider.input_value()}")
    page.wait_for_function(SETTLED)
    assert page.evaluate(shown) == moved


def test_what_lies_under_the_pointer_of_a_surface_is_found_only_where_there_is_one(
    page: Page, address: str
) -> None:
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/games")
    page.wait_for_function(SETTLED)
    page.evaluate(f"""() => {{
        const {{ gl }} = {SURFACE}._fullLayout.scene._scene.glplot;
        const drawn = () => gl.getParameter(gl.FRAMEBUFFER_BINDING) === null;
        window.aside = 0; // drawn, but not to be seen
        for (const name of ['drawArrays', 'drawElements']) {{
            const draw = gl[name];
            gl[name] = (...rest) => {{ window.aside += Number(!drawn()); draw.apply(gl, rest); }};
        }}
    }}""")

    def move_the_slider() -> None:
        frame = page.locator(".gan-plots").get_attribute("data-frame")
        page.get_by_role("slider", name="p: Row plays").press("ArrowLeft")
        page.wait_for_function(SETTLED, arg=frame)

    move_the_slider()
    assert page.evaluate("window.aside") == 0
    box = page.locator('[data-chart="surface"]').bounding_box()
    assert box is not None
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"]
    label = page.locator('[data-chart="surface"] .hovertext')
    page.mouse.move(x, y)
    page.wait_for_function("window.aside > 0")
    page.mouse.move(x + 2, y)
    expect(label).to_contain_text("q 0.")
    page.mouse.move(1, 1)
    page.evaluate("window.aside = 0")
    move_the_slider()
    assert page.evaluate("window.aside") == 0
    assert errors == []
