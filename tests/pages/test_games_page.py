"""The Games page: its scenes, its table, its sliders, its address."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from gan_core.theory.learning import RULES
from gan_core.theory.payoffs import PRESETS, game_of_text
from tests.pages.opening import Open
from ui.games_words import WORDS
from ui.payoff_table import SIZES

FIVE = "~".join("_".join(f"{(3 * i + 2 * j) % 7},{(i * j) % 5}" for j in range(5)) for i in range(5))


def header_of(app: AppTest) -> dict[str, Any]:
    """What the browser is sent: see `ui.board.encode_frame`."""
    message = app.get("bidi_component")[-1].proto.bytes
    return dict(orjson.loads(message[4 : 4 + int.from_bytes(message[:4], "little")]))


def figures_of(app: AppTest) -> dict[str, Any]:
    assert not app.exception, [item.value for item in app.exception]
    return dict(header_of(app)["figures"])


def findings(app: AppTest) -> str:
    """The line over the charts."""
    return " ".join(item.value for item in app.markdown)


def table_in_address(app: AppTest) -> str:
    text = app.query_params["table"]
    return text[0] if isinstance(text, list) else str(text)


def test_every_scene_sets_the_page_and_plays(open_page: Open) -> None:
    app = open_page("games")
    seen: list[tuple[str, str]] = []
    for button in [str(b.key) for b in app.button if str(b.key).startswith("scene")]:
        app.button(key=button).click().run()
        header = header_of(app)
        assert header["play"] == len(seen) + 1
        assert all("motion" in figures_of(app)[name] for name in ("square", "time"))
        seen.append((str(app.selectbox(key="game").value), str(app.selectbox(key="rule").value)))
    assert seen == [
        ("Prisoner's Dilemma", "Replicator"),
        ("Matching Pennies", "Replicator"),
        ("The GAN as a 2x2 game", "Gradient play"),
    ]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("rule", RULES.values())
def test_every_game_and_rule_draws(open_page: Open, name: str, rule: str) -> None:
    app = open_page("games")
    app.selectbox(key="game").set_value(PRESETS[name].title)
    app.selectbox(key="rule").set_value(rule).run()
    drawn = figures_of(app)
    game = PRESETS[name].game
    assert ("value" in drawn, "payoffs" in drawn) == (game.is_zero_sum, not game.is_zero_sum)
    assert ("square" in drawn, "simplex" in drawn) == (game.shape == (2, 2), game.shape != (2, 2))
    assert set(drawn) <= set(WORDS)
    for figure in drawn.values():
        assert figure["words"]["sentence"]
        assert figure["words"]["alt"].endswith(figure["words"]["sentence"])
    assert PRESETS[name].lesson in findings(app)


def test_dragging_one_strategy_changes_its_own_regret_and_the_others_replies(open_page: Open) -> None:
    app = open_page("games")
    app.selectbox(key="game").set_value("Stag Hunt").run()
    app.slider(key="q").set_value(0.3).run()
    before = figures_of(app)["replies"]
    app.slider(key="p").set_value(0.0).run()
    after = figures_of(app)["replies"]
    assert before["data"][0]["y"] == after["data"][0]["y"]  # q stayed, so Row's actions pay what they did
    assert "Row could gain 0.88 alone with ‘hare’" in before["words"]["sentence"]  # 0.8 * (2.3 - 1.2)
    assert "Row cannot do better alone" in after["words"]["sentence"]


def test_an_equilibrium_is_said_to_be_one(open_page: Open) -> None:
    app = open_page("games")
    app.slider(key="p").set_value(0.0)
    app.slider(key="q").set_value(0.0).run()
    assert "No player can do better alone" in figures_of(app)["replies"]["words"]["sentence"]


def test_a_table_in_the_address_is_played(open_page: Open) -> None:
    app = open_page("games", table="2_-1~-3_1.5")
    assert "(3/5 cooperate + 2/5 defect; 1/3 cooperate + 2/3 defect) pays 0, 0" in findings(app)
    assert app.toggle(key="zero_sum").value is True
    assert table_in_address(app) == "2_-1~-3_1.5"
    assert not app.warning


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"table": "1,2_3,4~5,6_x"}, "Row 2, column 2: ‘x’ is not two payoffs"),
        ({"table": ""}, "The table is empty"),
        ({"table": "1_2~3"}, "do not have equally many cells"),
        ({"p": "7"}, "p = '7' does not fit: it must be a number from 0 to 1"),
        ({"span": "many"}, "span = 'many' does not fit"),
        ({"rule": "luck"}, "it must be one of 'Replicator'"),
        ({"game": "Chess"}, "game = 'Chess' does not fit"),
        ({"colour": "red"}, "nothing named 'colour'"),
    ],
)
def test_a_bad_address_gets_a_sentence_and_the_page_stands(
    open_page: Open, parameters: dict[str, str], sentence: str
) -> None:
    app = open_page("games", **parameters)
    assert sentence in app.warning[0].value
    assert "square" in figures_of(app)


def test_all_zeros_get_a_sentence(open_page: Open) -> None:
    app = open_page("games", table="0_0~0_0")
    assert "\n**All payoffs are 0, so any two strategies are an equilibrium.**" in findings(app)
    assert "square" in figures_of(app)


def test_a_degenerate_game_is_said_to_be_one(open_page: Open) -> None:
    app = open_page("games", table="1,1_1,0~0,0_0,0~1,1_0,0")
    assert "Degenerate (equal payoffs): infinitely many equilibria" in findings(app)


def test_the_largest_table_is_played_with_weights(open_page: Open) -> None:
    app = open_page("games", table=FIVE)
    assert app.selectbox(key="size").value == "5 × 5"
    for key in ("r1", "r2", "r3", "r4", "r5"):
        app.slider(key=key).set_value(0.0)
    app.run()
    assert "All weights of Row are 0" in " ".join(item.value for item in app.caption)
    assert figures_of(app)["table"]["span"] == [1, 2]


def test_size_and_zero_sum_change_the_table_and_a_preset_brings_its_own(open_page: Open) -> None:
    app = open_page("games")
    app.selectbox(key="size").set_value("2 × 3").run()
    assert table_in_address(app) == "3,3_0,5_0,0~5,0_1,1_0,0"
    app.toggle(key="zero_sum").set_value(True).run()
    assert table_in_address(app) == "3_0_0~5_1_0"
    assert "value" in figures_of(app)
    app.toggle(key="zero_sum").set_value(False).run()
    assert table_in_address(app) == "3,-3_0,0_0,0~5,-5_1,-1_0,0"
    app.selectbox(key="game").set_value("Stag Hunt").run()
    assert "table" not in app.query_params
    assert PRESETS["stag"].lesson in findings(app)


@pytest.mark.parametrize("size", ["1 × 1", "1 × 5", "5 × 1", "4 × 2"])
def test_every_shape_draws(open_page: Open, size: str) -> None:
    app = open_page("games")
    app.selectbox(key="size").set_value(size).run()
    assert game_of_text(table_in_address(app)).shape == SIZES[size]
    assert "simplex" in figures_of(app)


def test_weights_have_the_probabilities_that_come_of_them_beside(open_page: Open) -> None:
    app = open_page("games", game="Rock-Paper-Scissors", r1="1", r2="0.6", r3="0", c1="1", c2="1", c3="1")
    assert [app.slider(key=key).label for key in ("r1", "r3", "c1")] == [
        "rock 0.625",
        "scissors 0.000",
        "rock 0.333",
    ]
    app.slider(key="r1").set_value(0.2).run()
    assert [app.slider(key=key).label for key in ("r1", "r2")] == ["rock 0.25", "paper 0.75"]


def test_a_table_of_ones_own_is_said_to_be_one_and_can_be_left(open_page: Open) -> None:
    app = open_page("games", game="Stag Hunt", table="4,4_0,3~3,0_2,5")
    assert "**Your own table**, made from Stag Hunt" in findings(app)
    assert PRESETS["stag"].lesson not in findings(app)
    app.button(key="restore").click().run()
    assert "own table" not in findings(app)
    assert "table" not in app.query_params
    assert PRESETS["stag"].lesson in findings(app)


def test_a_small_payoff_makes_no_equilibrium(open_page: Open) -> None:
    app = open_page("games", table="0.0001,0.0001_0,0~0,0_0.0001,0.0001", p="0.9", q="0.1")
    said = figures_of(app)["replies"]["words"]["sentence"]
    gain = "could gain 0.000072 alone with"
    assert said == f"Row {gain} ‘defect’; Column {gain} ‘cooperate’."


@pytest.mark.parametrize("name", PRESETS)
def test_a_cell_is_an_equilibrium_and_never_stable(open_page: Open, name: str) -> None:
    """ "Stable" is the other pages' word, for what a motion comes back to."""
    app = open_page("games", game=PRESETS[name].title)
    texts = [findings(app), *(str(part) for words in WORDS.values() for part in words)]
    texts += [figure["words"]["sentence"] for figure in figures_of(app).values()]
    texts += [note["text"] for figure in figures_of(app).values() for note in figure["layout"]["annotations"]]
    assert not [text for text in texts if "stable" in text.lower()]
