"""The saddle page: every control reaches the simulation, scenes set what they say, bad input is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from gan_core.parameters import saddle
from gan_core.parameters.knobs import on_grid
from gan_core.theory import dirac
from gan_core.theory.methods import METHODS, Setup, simulate
from gan_core.theory.two_player import DEMOS, quadratic_game
from tests.pages.opening import Open, run_of
from ui import saddle_words


def message(app: AppTest) -> dict[str, Any]:
    """What the plots were sent."""
    data = bytes(app.get("bidi_component")[-1].proto.bytes)
    length = int.from_bytes(data[:4], "little")
    found: dict[str, Any] = orjson.loads(data[4 : 4 + length])
    return found


def words(app: AppTest, chart: str) -> str:
    said = message(app)["figures"][chart]["words"]
    return f"{said['sentence']} {said['alt']}"


def test_the_page_opens_with_six_pictures_that_all_say_what_they_are(open_page: Open) -> None:
    app = open_page("saddle")
    figures = message(app)["figures"]
    assert list(figures) == ["surface", "field", "radius", "spectrum", "map", "players"]
    for figure in figures.values():
        assert all(text for name, text in figure["words"].items() if name != "more")
    assert not app.warning


@pytest.mark.parametrize(("number", "outcome"), [(0, "it diverges"), (1, "it cycles"), (2, "it converges")])
def test_a_scene_shows_what_its_name_says_and_plays(open_page: Open, number: int, outcome: str) -> None:
    app = open_page("saddle", game="Dirac-GAN, R1", steps="200", method="Adam", x0="-0.5")
    before = message(app)["play"]
    app.button(key=f"scene_{number}").click().run()
    assert not app.exception
    assert outcome in words(app, "spectrum")
    assert app.selectbox(key="game").value == "Bilinear"
    assert message(app)["play"] == before + 1


@pytest.mark.parametrize("title", saddle.GAMES)
def test_every_game_is_drawn(open_page: Open, title: str) -> None:
    app = open_page("saddle", game=title, rival="Extragradient")
    assert app.selectbox(key="game").value == title
    assert len(message(app)["figures"]) == 6


@pytest.mark.parametrize("title", saddle.METHOD_OF)
def test_every_method_is_played_alone_and_as_a_rival(open_page: Open, title: str) -> None:
    assert set(saddle.METHOD_OF.values()) == set(METHODS)
    app = open_page("saddle", method=title, rival=title, per="time in gradient calls")
    assert words(app, "radius").count(f"{title}: distance") >= 2


@pytest.mark.parametrize("name", ["b", "eta_x", "eta_y", "x0", "y0", "steps"])
def test_a_slider_changes_the_pictures_and_the_address_holds_it(open_page: Open, name: str) -> None:
    app = open_page("saddle")
    before = message(app)["frame"]
    knob = saddle.KNOBS[name]
    app.slider(key=name).set_value(on_grid(knob, 0.7 * knob.high)).run()
    assert message(app)["frame"] != before
    linked = open_page("saddle", **{name: str(on_grid(knob, 0.7 * knob.high))})
    assert message(linked)["versions"] == message(app)["versions"]


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [("Consensus", "gamma", 0.4), ("Symplectic adjustment", "gamma", 0.4), ("Negative momentum", "beta", 0.5),
     ("Lookahead", "cycle", 9), ("Lookahead", "pull", 0.9), ("Alternating", "inner", 4)],
)  # fmt: skip
def test_the_numbers_of_a_method_reach_it(open_page: Open, method: str, name: str, value: float) -> None:
    app = open_page("saddle", method=method)
    before = message(app)["versions"]
    app.slider(key=name).set_value(value).run()
    after = message(app)["versions"]
    changed = {chart for chart in after if after[chart] != before[chart]}
    assert changed >= {"field", "radius", "spectrum", "map"}


def test_the_order_of_play_tilts_what_is_kept(open_page: Open) -> None:
    app = open_page("saddle", method="Alternating")
    assert "− bxy" in words(app, "players")
    app.segmented_control(key="first").set_value("y first").run()
    assert "+ bxy" in words(app, "players")


@pytest.mark.parametrize(
    ("game", "nature"),
    [("Nash saddle", "strict Nash"), ("Local minimax, no Nash", "local minimax point"),
     ("Attracts, no solution", "not an equilibrium of any kind"), ("Bilinear", "not a strict one"),
     ("Dirac-GAN", "G matches the data")],
)  # fmt: skip
def test_what_the_origin_is_gets_a_sentence(open_page: Open, game: str, nature: str) -> None:
    assert nature in words(open_page("saddle", game=game), "surface")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"eta_x": "9"}, "eta_x = '9' does not fit: it must be a number from 0 to 2"),
        ({"eta_y": "-0.1"}, "eta_y = '-0.1' does not fit"),
        ({"b": "nan"}, "b = 'nan' does not fit: it must be a number from -3 to 3"),
        ({"steps": "12.5"}, "steps = '12.5' does not fit: it must be a whole number from 5 to 300"),
        ({"game": "Chess"}, "game = 'Chess' does not fit: it must be one of 'Bilinear', 'Quadratic'"),
        ({"speed": "3"}, "there is nothing named 'speed' on this page"),
    ],
)
def test_a_bad_address_gets_a_sentence(open_page: Open, bad: dict[str, str], sentence: str) -> None:
    app = open_page("saddle", **bad)
    assert sentence in " ".join(item.value for item in app.warning).replace("\\", "")  # Markdown's escapes
    assert len(message(app)["figures"]) == 6


def test_step_size_0_gets_a_sentence_that_moves_nothing(open_page: Open) -> None:
    app = open_page("saddle", eta_y="0")
    assert "With step size 0 y does not move." in words(app, "field")
    assert "it drifts" in words(app, "spectrum")
    assert "x and y do not move" in words(open_page("saddle", eta_x="0", eta_y="0"), "field")
    assert [item.value for item in app.caption] == [item.value for item in open_page("saddle").caption]


def test_the_equilibrium_as_a_start_gets_a_sentence(open_page: Open) -> None:
    app = open_page("saddle", x0="0", y0="0")
    assert "no player moves" in words(app, "field")
    assert "no player ever moves" in words(app, "spectrum")


@pytest.mark.parametrize("variant", dirac.STRENGTHS)
def test_each_dirac_gan_begins_at_its_own_strength(open_page: Open, variant: str) -> None:
    title = next(title for title, name in saddle.DIRAC_OF.items() if name == variant)
    app = open_page("saddle", game=title)
    assert app.slider(key=variant).value == dirac.STRENGTHS[variant]
    before = message(app)["versions"]
    app.slider(key=variant).set_value(1.5).run()
    assert message(app)["versions"]["field"] != before["field"]
    linked = open_page("saddle", game=title, **{variant: "1.5"})
    assert not linked.warning
    assert message(linked)["versions"] == message(app)["versions"]


def test_instance_noise_arrives_as_its_lesson_says(open_page: Open) -> None:
    app = open_page("saddle", game="Dirac-GAN, instance noise", steps="300")
    assert "it attracts" in words(app, "spectrum")
    ended = float(words(app, "radius").split("→ ")[1].split()[0])
    assert ended < 0.01


@pytest.mark.parametrize(
    ("settings", "said", "never"),
    [
        ({"game": "Dirac-GAN, non-saturating"}, "near a circle of radius √(2η) = 0.63", "diverges"),
        (
            {"game": "Dirac-GAN, non-saturating", "eta_y": "0.8"},
            "half axes √(2η) = 0.63 and 1.26",
            "diverges",
        ),
        ({"game": "Dirac-GAN, non-saturating", "method": "Alternating"}, "distance ≈ √(8/(ηn))", "cycles"),
        ({"game": "Dirac-GAN, WGAN"}, "Weight clipping keeps |ψ| ≤ 1", "diverges"),
        ({"game": "Dirac-GAN, WGAN-GP"}, "no prediction", "verges"),
        ({"method": "Alternating", "eta_x": "1", "eta_y": "1", "b": "2"}, "drifts", "cycles"),
        ({"b": "0"}, "no player ever moves", "cycles"),
    ],
)
def test_no_page_foretells_more_than_it_knows(
    open_page: Open, settings: dict[str, str], said: str, never: str
) -> None:
    app = open_page("saddle", **settings)
    assert said in words(app, "spectrum")
    assert never not in words(app, "spectrum")
    if "Dirac" in settings.get("game", ""):
        assert "Near (0, 0) only" in words(app, "map")


@pytest.mark.parametrize(
    ("game", "name", "said", "ends"),
    [("Local minimax, no Nash", "minimax", "With a faster y it converges", (True, False)),
     ("Attracts, no solution", "impostor", "With a faster y it diverges", (False, True))],
)  # fmt: skip
def test_what_a_faster_y_changes_is_said_and_true(
    open_page: Open, game: str, name: str, said: str, ends: tuple[bool, bool]
) -> None:
    app = open_page("saddle", game=game)
    assert f"{said}: try step sizes 0.04 and 0.2." in words(app, "spectrum")
    fast = open_page("saddle", game=game, eta_x="0.04", eta_y="0.2")
    assert "faster" not in words(fast, "spectrum")
    arrived = []
    for etas in (saddle_words.FASTER_Y, (0.2, 0.2)):
        record = simulate(quadratic_game(DEMOS[name]), Setup("simultaneous", *etas), (1.0, 0.5), 400)
        arrived.append(record.diverged_at is None and bool(record.radius[-1] < 1e-3))
    assert tuple(arrived) == ends


@pytest.mark.parametrize(("b", "said"), [("1", "turn behind x"), ("-1", "turn behind y")])
def test_who_follows_is_said_on_a_cycle_alone(open_page: Open, b: str, said: str) -> None:
    assert said in words(open_page("saddle", b=b, method="Alternating"), "players")
    for other in ({"method": "Simultaneous"}, {"method": "Adam"}, {"eta_x": "0", "eta_y": "0"},
                  {"game": "Dirac-GAN", "method": "Alternating"}):  # fmt: skip
        assert "turn behind" not in words(open_page("saddle", b=b, **other), "players")


def test_a_dirac_gan_names_its_players_everywhere(open_page: Open) -> None:
    app = open_page("saddle", game="Dirac-GAN", method="Alternating")
    assert app.slider(key="eta_x").label == "Step size of θ (G)"
    assert app.slider(key="y0").label == "Start ψ (D)"
    assert app.slider(key="inner").label == "ψ (D) steps per θ (G) step"
    assert "θ (G) lowers V" in words(app, "surface")
    assert app.segmented_control(key="first_gan").options == ["G first", "D first"]
    before = message(app)["versions"]["field"]
    app.segmented_control(key="first_gan").set_value("D first").run()
    assert message(app)["versions"]["field"] != before


def test_lookahead_on_alternating_steps_asks_who_moves_first(open_page: Open) -> None:
    app = open_page("saddle", method="Lookahead")
    assert not [control for control in app.segmented_control if control.key == "first"]
    app.segmented_control(key="base").set_value("alternating").run()
    before = message(app)["versions"]["field"]
    app.segmented_control(key="first").set_value("y first").run()
    assert message(app)["versions"]["field"] != before


@pytest.mark.parametrize(
    ("game", "said"), [("Quadratic", "Click to choose these values"),
                       ("Nash saddle", "Click to choose this step size"),
                       ("Dirac-GAN", "Click to choose this step size")],
)  # fmt: skip
def test_the_map_says_what_a_click_does(open_page: Open, game: str, said: str) -> None:
    assert said in words(open_page("saddle", game=game), "map")


def test_overflow_is_said_and_drawn(open_page: Open) -> None:
    app = open_page("saddle", eta_x="2", eta_y="2", b="3")
    assert all("diverged at step" in words(app, chart) for chart in ("radius", "surface", "players"))
    notes = message(app)["figures"]["radius"]["layout"]["annotations"]
    assert any("diverged at step" in note["text"] for note in notes)


def test_the_live_game_of_this_tab_is_shown_here(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    app.button(key="step").click().run()
    app.switch_page("../pages/saddle.py").run()
    assert not app.exception
    assert f"Your live game at step {run.step}" in words(app, "live")
    assert "players" not in message(app)["figures"]
    app.segmented_control(key="last").set_value("players").run()
    assert "live" not in message(app)["figures"]
    assert "distance" in words(app, "players")


def test_without_a_live_game_there_is_nothing_to_choose(open_page: Open) -> None:
    assert not [control for control in open_page("saddle").segmented_control if control.key == "last"]
