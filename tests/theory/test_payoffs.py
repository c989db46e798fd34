"""Tables as readers and links write them: exact numbers, or a sentence."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gan_core.theory import payoffs
from gan_core.theory.payoffs import PRESETS, Game, TableError, game_of, game_of_text, table_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", Fraction(3)),
        ("-1.5", Fraction(-3, 2)),
        ("−2", Fraction(-2)),
        (".25", Fraction(1, 4)),
        ("1/3", Fraction(1, 3)),
        (" +7. ", Fraction(7)),
    ],
)
def test_a_number_is_read_exactly(text: str, value: Fraction) -> None:
    assert payoffs.exact(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "1e9", "inf", "nan", "1/", "1//2", "0x3", "12345678", "--1", "1/2/3"]
)
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(TableError, match="is not a number such as"):
        payoffs.exact(text)


def test_dividing_by_zero_is_said() -> None:
    with pytest.raises(TableError, match="divides by 0"):
        payoffs.exact("3/0")


@pytest.mark.parametrize(
    ("cells", "zero_sum", "sentence"),
    [
        ([], False, "The table is empty"),
        ([[]], False, "The table is empty"),
        ([[None, ""], [" ", None]], True, "The table is empty: write payoffs"),
        ([["1, 2", "x, 3"]], False, "Row 1, column 2: ‘x’ is not a number"),
        ([["1, 2"], [None]], False, "Row 2, column 1: is empty"),
        ([["1, 2", "3"]], False, "Row 1, column 2: ‘3’ is not two payoffs"),
        ([["1", "3, 4"]], True, "Row 1, column 2: ‘3, 4’ holds two payoffs"),
        ([["1 2 3"]], True, "Row 1, column 1: ‘1 2 3’ is not one payoff"),
        ([["1"], ["1", "2"]], True, "do not have equally many"),
        ([["1"] * 6], True, "larger than 5 × 5"),
    ],
)
def test_a_bad_table_gets_a_sentence(cells: list[list[str | None]], zero_sum: bool, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        game_of(cells, zero_sum=zero_sum)


def test_cells_may_be_parted_by_commas_semicolons_or_spaces() -> None:
    game = game_of([["3, 5", "1;2"], ["-1 4", "1/2 ,0"]], zero_sum=False)
    assert game == Game(
        ((Fraction(3), Fraction(1)), (Fraction(-1), Fraction(1, 2))),
        ((Fraction(5), Fraction(2)), (Fraction(4), Fraction(0))),
    )
    np.testing.assert_array_equal(game.a, [[3, 1], [-1, 0.5]])
    np.testing.assert_array_equal(game.b, [[5, 2], [4, 0]])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_its_own_link(name: str) -> None:
    preset = PRESETS[name]
    single = payoffs.is_zero_sum_text(preset.table)
    assert table_text(preset.game, zero_sum=single) == preset.table
    assert preset.game.is_zero_sum == single
    assert preset.game.shape == (len(preset.row_actions), len(preset.column_actions))


def test_a_link_keeps_every_payoff_of_a_larger_table() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        m, n = rng.integers(1, 6, 2)
        table = [
            [(Fraction(int(a), int(b)), Fraction(int(c), 4)) for a, b, c in rng.integers(1, 99, (n, 3))]
            for _ in range(m)
        ]
        row, column = (tuple(tuple(pair[who] for pair in line) for line in table) for who in (0, 1))
        game = Game(row, column)
        assert game_of_text(table_text(game, zero_sum=False)) == game
        fair = payoffs.made_zero_sum(game)
        assert game_of_text(table_text(fair, zero_sum=True)) == fair


def test_resizing_cuts_at_the_end_and_fills_with_nothing() -> None:
    game = game_of_text("1,2_3,4~5,6_7,8")
    assert payoffs.resized(game, 1, 1) == game_of_text("1,2")
    assert payoffs.resized(game, 2, 3) == game_of_text("1,2_3,4_0,0~5,6_7,8_0,0")


def test_zero_sum_keeps_the_row_players_payoffs() -> None:
    game = payoffs.made_zero_sum(game_of_text("1,2_3,4~5,6_-7,8"))
    np.testing.assert_array_equal(game.a, [[1, 3], [5, -7]])
    np.testing.assert_array_equal(game.b, -game.a)
    assert game.is_zero_sum
    assert not game_of_text("1,-1_0,1~0,0_0,0").is_zero_sum


def test_actions_keep_the_presets_names_in_its_shape_and_have_short_ones_in_any_other() -> None:
    known = PRESETS["prisoners"]
    assert payoffs.action_names(known, game_of_text("1_2~3_4")) == (("cooperate", "defect"),) * 2
    rows, columns = payoffs.action_names(known, game_of_text("1_2_3~4_5_6"))
    assert rows == ("r1", "r2")
    assert columns == ("c1", "c2", "c3")


def test_differences_of_payoffs_keep_their_digits() -> None:
    game = game_of_text("999999,0_999999.000001,7~999999,-3_999999,0")
    assert game.spans == (1e-6, 10.0)
    assert game.above[0].tolist() == [[0.0, 1e-6], [0.0, 0.0]]


def test_the_gan_game_is_xy() -> None:
    """V(p, q) = (2p - 1)(2q - 1), D (the column player) gets V and G gets -V."""
    game = PRESETS["gan"].game
    for p, q in ((0.9, 0.2), (0.35, 0.85), (1.0, 1.0)):
        v = np.array([p, 1 - p]) @ game.b @ np.array([q, 1 - q])
        assert v == pytest.approx((2 * p - 1) * (2 * q - 1))
        assert np.array([p, 1 - p]) @ game.a @ np.array([q, 1 - q]) == pytest.approx(-v)
