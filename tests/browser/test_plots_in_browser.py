"""Charts of the theory pages and of the board: what they show while numbers move."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
SURFACE = """document.querySelector('.gan-plots [data-chart="surface"]')"""


@pytest.mark.parametrize(
    ("page_name", "scene"), [("games", "The GAN as a game"), ("saddle", "Look ahead and they arrive")]
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
    return [...node.querySelectorAll('.main-svg')].map(svg => svg.innerHTML).join('')
        + (glplot ? node.querySelector('canvas').toDataURL() : '');
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
        ("games?game=Rock-Paper-Scissors", "paper", {"table", "replies", "value", "simplex"}),
        ("value", "Mean of p_G", {"densities", "outputs"}),
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
        "[...document.querySelectorAll('.gan-board [data-chart]')].map(n => n.dataset.chart)"
    )
    whole = page.evaluate("window.drawnWhole")
    assert set(names) - set(whole)
    for name in names:
        seen = page.evaluate(SEEN, name)
        page.evaluate(DRAWN_WHOLE, name)
        assert page.evaluate(SEEN, name) == seen, name
