from __future__ import annotations

from tests.pages.opening import Open


def test_home_says_what_it_is_and_where_to_start(open_page: Open) -> None:
    app = open_page("home")
    assert app.title[0].value == "GAN Equilibrium Explorer"
    words = " ".join(item.value for item in [*app.markdown, *app.caption])
    assert "one value" in words
    assert "10,000 of MNIST" in words
    assert "CC BY-SA 3.0" in words


def test_a_scene_followed_from_home_is_played_on_the_live_page(open_page: Open) -> None:
    app = open_page("live", preset="no_smoothing", seed="5")
    assert app.selectbox(key="preset").value == "no_smoothing"
    assert app.slider(key="smoothing").value == 1.0
    assert app.number_input(key="seed").value == 5
