"""What a link says and a page cannot use: one sentence of ours, and the address lets go of it."""

from __future__ import annotations

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.typed import a_number, a_whole_number, one_of
from tests.pages.opening import Open, run_of
from ui.address import EVERYWHERE, NAMES, complaints_of

PAGE_OF = {"games": "games", "value": "minimax", "saddle": "saddle"}  # address: file
A_SLIDER = {"games": "p", "value": "g_mean", "saddle": "b"}


def said(app: AppTest) -> str:
    """All warnings, without Markdown's escapes."""
    return " ".join(item.value for item in app.warning).replace("\\", "")


@pytest.mark.parametrize("text", ["1_0e-2", "+-5", "nan", "-inf", "0x1", "1e400", "", "٠.٥", "½", "9" * 5000])
def test_a_number_of_another_spelling_gets_the_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it must be a number from 0 to 1\.$"):
        a_number(0, 1)(text)


@pytest.mark.parametrize(("text", "value"), [("1e-3", 0.001), ("+5", 5), (".5", 0.5), ("5.", 5), (" 2 ", 2)])
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert a_number(0, 5)(text) == value


@pytest.mark.parametrize("text", ["+-5", "--5", "1_0", "5.5", "1e1", "", "٥", "9" * 5000])
def test_a_whole_number_of_another_spelling_gets_the_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it must be a whole number from 5 to 100\.$"):
        a_whole_number(5, 100)(text)


def test_a_decimal_comma_is_told_to_be_a_point() -> None:
    with pytest.raises(
        ValueError, match=r"^it must be a number from 0 to 1, with a point as .* mark: 0\.9\.$"
    ):
        a_number(0, 1)("0,9")


def test_options_with_commas_can_be_told_apart() -> None:
    with pytest.raises(ValueError, match=r"^it must be one of 'R1', 'Dirac-GAN, R1'\.$"):
        one_of(["R1", "Dirac-GAN, R1"])("R2")


def test_names_and_values_are_cut_where_they_are_quoted() -> None:
    found = complaints_of("games", {"p": a_number(0, 1)}, {"p": "7" * 5000, "q" * 5000: "1"})
    assert list(found.values()) == [
        f"Left out of the address: p = '{'7' * 39}…' does not fit: it must be a number from 0 to 1.",
        f"Left out of the address: there is nothing named '{'q' * 39}…' on this page.",
    ]


@pytest.mark.parametrize(("place", "name"), A_SLIDER.items())
def test_what_is_left_out_leaves_the_address_and_the_sliders_alone(
    open_page: Open, place: str, name: str
) -> None:
    plain = open_page(PAGE_OF[place]).slider(key=name).value
    app = open_page(PAGE_OF[place], colour="red", **{name: "2_0e-2"})
    assert "nothing named 'colour'" in said(app)
    assert f"{name} = '2_0e-2' does not fit" in said(app)
    assert dict(app.query_params) == {}
    assert app.slider(key=name).value == plain
    assert not app.run().warning


@pytest.mark.parametrize("place", PAGE_OF)
def test_what_fits_stays_beside_what_is_left_out(open_page: Open, place: str) -> None:
    name = A_SLIDER[place]
    app = open_page(PAGE_OF[place], colour="red", **{name: ".25"})
    assert app.slider(key=name).value == 0.25
    assert list(app.query_params) == [name]


def test_a_table_that_is_no_game_leaves_the_address(open_page: Open) -> None:
    app = open_page("games", table="1_x~2_3")
    assert "‘x’ is not a number such as" in said(app)
    assert "table" not in app.query_params


@pytest.mark.parametrize("place", PAGE_OF)
def test_a_page_passes_over_what_belongs_to_another(open_page: Open, place: str) -> None:
    own, others = NAMES[place], set().union(*NAMES.values())
    app = open_page(PAGE_OF[place], **dict.fromkeys([*others - own, *EVERYWHERE], "?"))
    assert not app.warning


def test_the_live_page_passes_over_what_belongs_to_another(open_page: Open) -> None:
    others = set().union(*NAMES.values()) - NAMES["live"]
    everywhere = {"present": "1", "lesson": "01-what-is-a-game", "scene": "1", "follow": "?"}
    assert everywhere.keys() == set(EVERYWHERE)
    app = open_page("live", smoothing="0.8", **dict.fromkeys(others, "?"), **everywhere)
    assert not app.warning
    assert {name: app.query_params[name] for name in EVERYWHERE} == everywhere
    assert run_of(app).settings == Settings(smoothing=0.8)


def test_the_live_page_keeps_its_game_where_the_address_speaks_of_another_page(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8")
    run = run_of(app)
    app.button(key="step").click().run()
    app.switch_page("../pages/games.py").run()
    app.query_params.clear()
    app.query_params["table"] = "1_2~3_4"
    app.switch_page("../pages/live.py").run()
    assert (run_of(app), run.settings, run.step) == (run, Settings(smoothing=0.8), 1)


def test_what_the_live_page_leaves_out_leaves_the_address(open_page: Open) -> None:
    app = open_page("live", smoothing="0,8", colour="red", r1_gamma="2")
    assert (
        "smoothing = '0,8' does not fit: it must be from 0.5 to 1, with a point as the decimal mark: 0.8"
        in said(app)
    )
    (bar,) = [item.proto for item in app.get("bidi_component") if "query" in item.proto.json]
    assert orjson.loads(bar.json)["query"] == f"run={run_of(app).name}&r1_gamma=2.0"


def test_a_preset_is_taken_by_the_title_that_is_shown(open_page: Open) -> None:
    app = open_page("live", preset="Collapse at once", seed="4")
    assert not app.warning
    assert run_of(app).settings == preset_settings("collapse", seed=4)
