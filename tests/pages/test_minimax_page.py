"""The minimax page: every control moves what it should, links open as they were sent."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from gan_core.figures.minimax.objectives import equilibrium_of
from gan_core.figures.minimax.value import Labels, numbers_of
from gan_core.figures.style import number
from gan_core.parameters.value import LOSSES
from gan_core.settings import field, limits
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES
from tests.pages.opening import Open

PANELS = {
    "Two densities": ["densities", "outputs", "map", "ladder"],
    "BCE cost": ["terms", "batch", "float"],
    "G's loss": ["losses", "slopes", "pull"],
    "Losses": ["loss_parts", "loss_rise", "best_d", "loss_push"],
    "Smoothing": ["optimum", "pull_back", "fade"],
    "Activations": ["functions", "derivatives", "surviving"],
}
CONTROLS: dict[str, tuple[str, float, list[str]]] = {
    "data_mean": ("Two densities", 2.0, ["densities", "outputs", "map", "ladder"]),
    "data_spread": ("Two densities", 0.5, ["densities", "outputs", "map", "ladder"]),
    "data_share": ("Two densities", 0.4, ["densities", "outputs", "map", "ladder"]),
    "g_mean": ("Two densities", 0.5, ["densities", "outputs", "map", "ladder"]),
    "g_spread": ("Two densities", 0.5, ["densities", "outputs", "map", "ladder"]),
    "g_share": ("Two densities", 0.3, ["densities", "outputs", "map", "ladder"]),
    "smoothing": ("Two densities", 0.8, ["outputs", "ladder"]),
    "fake_label": ("Two densities", 0.2, ["outputs", "ladder"]),
    "d_slope": ("Two densities", -2.0, ["outputs", "ladder"]),
    "d_midpoint": ("Two densities", 2.0, ["outputs", "ladder"]),
    "label": ("BCE cost", 0.0, ["terms"]),
    "verdict": ("BCE cost", 0.7, ["terms"]),
    "d_of_fake": ("G's loss", 0.4, ["losses", "slopes"]),
    "leaky_slope": ("Activations", 0.5, ["functions", "derivatives", "surviving"]),
    "layers": ("Activations", 7, ["surviving"]),
    "gain": ("Activations", 1.4, ["surviving"]),
    "spread": ("Activations", 2.0, ["surviving"]),
}


def charts(app: AppTest) -> dict[str, Any]:
    """The figures on the page, by name."""
    message = app.get("bidi_component")[-1].proto.bytes  # the first one keeps the browser's history
    size = int.from_bytes(message[:4], "little")
    figures: dict[str, Any] = orjson.loads(message[4 : 4 + size])["figures"]
    return figures


def page_text(app: AppTest) -> str:
    return " ".join(item.proto.body for item in app.get("html"))


@pytest.mark.parametrize(("panel", "names"), PANELS.items())
def test_every_panel_opens_by_its_link_with_words_on_every_chart(
    open_page: Open, panel: str, names: list[str]
) -> None:
    app = open_page("minimax", panel=panel)
    assert not app.warning
    figures = charts(app)
    assert list(figures) == names
    for figure in figures.values():
        assert all(figure["words"][part] for part in ("title", "sentence", "formula", "source", "alt"))


@pytest.mark.parametrize(("name", "panel", "value", "moved"), [(n, *rest) for n, rest in CONTROLS.items()])
def test_a_control_moves_its_charts_and_no_others(
    open_page: Open, name: str, panel: str, value: float, moved: list[str]
) -> None:
    app = open_page("minimax", panel=panel)
    before, others = charts(app), {item.key: item.value for item in app.slider if item.key != name}
    app.slider(key=name).set_value(value).run()
    assert not app.exception
    after = charts(app)
    assert [chart for chart in after if after[chart] != before[chart]] == moved
    assert {item.key: item.value for item in app.slider if item.key != name} == others


@pytest.mark.parametrize("name", CONTROLS)
def test_a_link_sets_the_control(open_page: Open, name: str) -> None:
    panel, value, _ = CONTROLS[name]
    app = open_page("minimax", panel=panel, **{name: str(value)})
    assert app.slider(key=name).value == value
    assert not app.warning


def test_the_numbers_are_those_of_the_sliders(open_page: Open) -> None:
    app = open_page("minimax", g_mean="0.25", g_spread="1.5", smoothing="0.8", d_slope="0.7")
    n = numbers_of(Bumps(1.0, 1.0), Bumps(0.25, 1.5), Labels(0.8, 0.0), 0.7, 0.5)
    for value in (n.own, n.best, n.jsd, n.kl_pq, n.kl_qp, n.tv, n.equilibrium):
        assert f">{number(value, 2 if value == n.equilibrium else 3)}" in page_text(app)


def test_settings_of_the_game_keep_their_names_ranges_and_words(open_page: Open) -> None:
    app = open_page("minimax")
    for name in ("smoothing", "fake_label"):
        slider = app.slider(key=name)
        assert (slider.min, slider.max) == limits(name)
        assert (slider.label, slider.help) == (field(name).title, field(name).description)


def test_the_scenes_show_what_they_say(open_page: Open) -> None:
    app = open_page("minimax", panel="Activations", data_mean="2")
    wrong, alike, smoothed = (str(button.key) for button in app.button if "scene_" in str(button.key))

    def best() -> Any:
        return next(trace for trace in charts(app)["outputs"]["data"] if trace.get("name") == "D*")["y"]

    def line() -> float:
        return float(charts(app)["outputs"]["data"][0]["y"][0])

    app.button(key=wrong).click().run()
    assert (app.segmented_control(key="panel").value, line()) == ("Two densities", 0.5)
    seen = best()
    app.button(key=alike).click().run()
    assert (line(), best() == seen) == (0.5, False)
    assert ">−1.386 nats" in page_text(app)
    assert ">0.000 nats" in page_text(app)
    app.button(key=smoothed).click().run()
    assert line() == 0.35
    app.button(key=wrong).click().run()
    assert (line(), best() == seen) == (0.5, True)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("g_mean", "nine", "a number from -4 to 4"),
        ("g_spread", "0", "a number from 0.2 to 3"),
        ("d_slope", "nan", "a number from -10 to 10"),
        ("layers", "2.5", "a whole number from 1 to 50"),
        ("panel", "Nowhere", "one of 'Two densities', 'BCE cost'"),
        ("activation", "swish", "one of 'leaky ReLU', 'ReLU'"),
        ("colour", "red", "nothing named 'colour'"),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_default(open_page: Open, name: str, text: str, said: str) -> None:
    app = open_page("minimax", **{name: text})
    (warning,) = app.warning
    assert said in warning.value
    assert list(charts(app)) == PANELS["Two densities"]


def test_the_table_of_conventions_follows_the_factor(open_page: Open) -> None:
    app = open_page("minimax", panel="Smoothing", smoothing="0.8")
    text = page_text(app)
    assert "“smoothing 0.20” means" in text
    for output in ("0.400", "0.450", "0.500", "0.444"):  # 0.8/2, 0.9/2, 1/2, 0.8/1.8
        assert f"<td>{output}</td>" in text


def test_the_table_by_value_names_where_float32_ends(open_page: Open) -> None:
    app = open_page("minimax", panel="BCE cost")
    assert '<td class="marked">∞</td>' in page_text(app)
    assert any("infinite from 16.64" in item.value for item in app.caption)


def test_running_again_unchanged_changes_nothing(open_page: Open) -> None:
    app = open_page("minimax", g_mean="0.5")
    before, address = charts(app), dict(app.query_params)
    app.run()
    assert (charts(app), dict(app.query_params)) == (before, address)


def test_without_smoothing_the_conventions_are_compared_at_a_tenth(open_page: Open) -> None:
    app = open_page("minimax", panel="Smoothing")
    text = page_text(app)
    assert "“smoothing 0.10” means" in text
    assert all(f">{output}<" in text for output in ("0.450", "0.475", "0.500", "0.474"))
    assert any("for comparison" in item.value for item in app.caption)


@pytest.mark.parametrize("title", LOSSES)
def test_a_link_opens_any_loss(open_page: Open, title: str) -> None:
    app = open_page("minimax", panel="Losses", loss=title)
    assert not app.warning
    assert not app.exception
    assert app.selectbox(key="loss").value == title
    game = OBJECTIVES[LOSSES[title]]
    curve = next(trace for trace in charts(app)["loss_parts"]["data"] if trace["name"] == "real")
    assert len(charts(app)) == 4
    assert curve["line"]["width"] == 3
    assert equilibrium_of(game)[1] in page_text(app)


def test_another_loss_moves_all_four_charts_and_the_densities_two(open_page: Open) -> None:
    app = open_page("minimax", panel="Losses")
    assert app.selectbox(key="loss").value == "LSGAN"
    before = charts(app)
    app.slider(key="g_mean").set_value(0.5).run()
    moved = charts(app)
    assert [name for name in moved if moved[name] != before[name]] == ["best_d", "loss_push"]
    app.selectbox(key="loss").set_value("hinge").run()
    assert not app.exception
    after = charts(app)
    assert all(after[name] != moved[name] for name in after)
    assert ">Total variation<" in page_text(app)
