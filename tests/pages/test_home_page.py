from __future__ import annotations

from streamlit.testing.v1 import AppTest

from gan_core.engine.client import shared_engine
from gan_core.presets import PRESETS, preset_settings
from tests.pages.opening import Open, run_of


def test_home_says_what_it_is_and_where_to_start(open_page: Open) -> None:
    app = open_page("home")
    assert app.title[0].value == "GAN Equilibrium Explorer"
    words = " ".join(item.value for item in [*app.markdown, *app.caption])
    assert "generative adversarial network" in words
    assert "one value" in words
    assert "10,000 of MNIST" in words
    assert "CC BY-SA 3.0" in words


def test_home_says_on_which_device_games_train(open_page: Open) -> None:
    run_of(open_page("live"))  # by now a trainer process has told
    machine = shared_engine().machine
    assert machine is not None
    (facts,) = [item.value for item in open_page("home").caption if "of MNIST" in item.value]
    assert machine.sentence in facts
    assert ("train on the GPU (" in facts) == machine.gpu


def links(app: AppTest) -> list[str]:
    return [link.proto.label.strip("*") for link in app.get("page_link")]


def test_home_leads_to_every_page_in_the_order_of_a_lesson_and_says_what_to_expect(open_page: Open) -> None:
    app = open_page("home")
    lesson = ["1. Games", "2. Minimax value", "3. Saddle dynamics", "4. Live GAN", "5. Toy data", "6. Lab"]
    assert links(app)[:8] == ["Start the live game", "All lessons, with what each shows", *lesson]
    words = [item.value for item in app.markdown]
    for title in links(app)[8:]:
        (expect,) = [preset.expect for preset in PRESETS.values() if preset.title == title]
        assert expect in words


def test_a_scene_followed_from_home_is_played_on_the_live_page(open_page: Open) -> None:
    app = open_page("live", preset="no_smoothing", seed="5")
    assert app.menu_button(key="preset").label == PRESETS["no_smoothing"].title
    assert run_of(app).settings == preset_settings("no_smoothing", seed=5)
