"""The toy page: its scenes, its data, links to it from anywhere, and data of one's own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.drawn import decode_points
from gan_core.presets import preset_settings
from gan_core.presets_toy import TOY_PRESETS
from tests.pages.opening import Open, run_of
from ui.controls import control_key
from ui.frames import picture_of


def test_the_page_begins_with_the_ring_and_draws_it(open_page: Open) -> None:
    app = open_page("toy")
    run = run_of(app, "toy")
    assert run.settings == preset_settings("ring")
    app.button(key="step").click().run()
    with run.lock:
        header = picture_of(run, None).header
    assert (header["kind"], run.step) == ("plane", 1)
    assert {"samples", "distances"} <= set(header["figures"])
    assert "modes hit: " in header["alts"]["samples"]


@pytest.mark.parametrize(
    ("opened", "data", "shown"), [("live", "moons", "toy"), ("toy", "mnist_10k", "live")]
)
def test_a_link_to_the_data_of_the_other_page_leads_there(
    open_page: Open, opened: str, data: str, shown: str
) -> None:
    app = open_page(opened, data=data, seed="5")
    run = run_of(app, shown)
    assert (run.settings.data, run.settings.seed) == (data, 5)


def test_both_pages_keep_their_own_run(open_page: Open) -> None:
    app = open_page("live")
    digits = run_of(app, "live")
    app.switch_page("../pages/toy.py").run()
    toy = run_of(app, "toy")
    app.switch_page("../pages/live.py").run()
    assert run_of(app, "live") is digits
    assert digits.name != toy.name
    assert digits.settings.data == "mnist_10k"


def test_only_data_of_the_page_are_offered(open_page: Open) -> None:
    app = open_page("toy")
    run = run_of(app, "toy")
    offered = next(box.options for box in app.selectbox if box.key == control_key(run, "data"))
    assert "two moons" in offered
    assert not any("MNIST" in name for name in offered)


def test_a_scene_brings_its_data_along_and_keeps_the_seed(open_page: Open) -> None:
    app = open_page("toy", seed="9")
    run = run_of(app, "toy")
    names = list(TOY_PRESETS)
    for _ in range(names.index("two_islands")):
        app.button(key="next_preset").click().run()
    assert not app.exception
    assert run.settings == preset_settings("two_islands", seed=9)


def _send(app: AppTest, text: str) -> None:
    box = next(area for area in app.text_area if area.label == "Or points, one a line")
    box.set_value(text)
    next(button for button in app.button if button.label == "Play with these points").click().run()


def test_typed_points_become_the_data_of_a_new_game(open_page: Open) -> None:
    app = open_page("toy")
    run = run_of(app, "toy")
    _send(app, "x,y\n-3,0\n0,0\n1.5,2.25\n")
    assert not app.exception
    assert run.settings.data == "points"
    assert decode_points(run.settings.drawn)[1:] == [(2048, 2048), (3072, 3584)]


def test_points_that_cannot_be_read_are_refused_with_their_line(open_page: Open) -> None:
    app = open_page("toy")
    run = run_of(app, "toy")
    _send(app, "1,1\n2,b\n0,0\n")
    assert run.settings == preset_settings("ring")
    assert any("line 2" in item.value for item in app.warning)


def test_what_was_drawn_does_not_go_along_to_other_data(open_page: Open) -> None:
    app = open_page("toy", data="points", drawn="AAAAgAgA____")
    run = run_of(app, "toy")
    assert run.settings.drawn == "AAAAgAgA____"
    box = next(box for box in app.selectbox if box.key == control_key(run, "data"))
    box.set_value("sketch_1d")
    next(button for button in app.button if button.label == "Start a new game").click().run()
    assert not app.error
    assert (run.settings.data, run.settings.drawn) == ("sketch_1d", "")
