"""Tables as readers and links write them: exact numbers, or a sentence."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gan_core.theory import payoffs
from gan_core.theory.equilibria import equilibria
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
        ("52.46337363", Fraction(5246337363, 10**8)),
        ("0.123456789012", Fraction(123456789012, 10**12)),
        ("0.5000000000000000", Fraction(1, 2)),
        ("142857/1000000", Fraction(142857, 10**6)),
        ("-1000000000/999999999", Fraction(-(10**9), 10**9 - 1)),
        ("1e3", Fraction(1000)),
        ("-2.5E-4", Fraction(-1, 4000)),
        ("½", Fraction(1, 2)),
        ("−⅔", Fraction(-2, 3)),
        ("1½", Fraction(3, 2)),
        ("-2¾", Fraction(-11, 4)),
        ("1⁄3", Fraction(1, 3)),
        ("999999999999", Fraction(10**12 - 1)),
        ("1e-12", Fraction(1, 10**12)),
        ("-0e99", Fraction(0)),
    ],
)
def test_a_number_is_read_exactly(text: str, value: Fraction) -> None:
    assert payoffs.exact(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1e",
        "e3",
        "inf",
        "nan",
        "1/",
        "1//2",
        "0x3",
        "1_0",
        "--1",
        "1/2/3",
        "1/½",
        "½½",
        "٣",
        "1.5/2",
    ],
)
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(TableError, match="is not a number such as"):
        payoffs.exact(text)


def test_dividing_by_zero_is_said() -> None:
    with pytest.raises(TableError, match="divides by 0"):
        payoffs.exact("3/0")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("52.4633736312345", "has more than 12 digits"),
        ("1234567890123", "has more than 12 digits"),
        ("1e12", r"is neither 0 nor between 10\^-12 and 10\^12"),
        ("9.9e-13", "is neither 0 nor between"),
        ("1e99999999", "is neither 0 nor between"),
        ("1/1000000001", "has a numerator or a denominator above 1,000,000,000"),
        ("1000000001/2", "has a numerator or a denominator above"),
        ("999999999⅓", "has a numerator or a denominator above"),
    ],
)
def test_a_number_beyond_a_limit_gets_the_limit_as_its_reason(text: str, limit: str) -> None:
    with pytest.raises(TableError, match=f"^‘{text}’ {limit}"):
        payoffs.exact(text)


@pytest.mark.parametrize(
    "text", ["9" * 5000, "1/" + "9" * 5000, "0." + "37" * 2500, "x" * 5000, "0" * 5000 + "/0"]
)
def test_a_long_text_is_cut_in_its_sentence(text: str) -> None:
    with pytest.raises(TableError) as caught:
        payoffs.exact(text)
    assert f"‘{text[:39]}…’" in str(caught.value)
    assert len(str(caught.value)) < 110


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("52.46337363", "52.46337363"),
        ("0.12345678", "0.12345678"),
        ("-0.015625", "-0.015625"),
        ("1/1024", "1/1024"),
        ("142857/1000000", "0.142857"),
        ("1e3", "1000"),
        ("1.5e-9", "1.5e-9"),
        ("½", "0.5"),
        ("⅓", "1/3"),
    ],
)
def test_a_payoff_is_written_as_a_reader_would(typed: str, written: str) -> None:
    assert payoffs.number_text(payoffs.exact(typed)) == written


def test_whatever_is_accepted_survives_the_link_exactly() -> None:
    rng = np.random.default_rng(8)
    texts = ["999999999999", "1e-12", "1.23456789012e-12", "999999999/1000000000", "1/536870912", "⅐", "-7⅞"]
    for _ in range(400):
        digits, power = int(rng.integers(1, 10**12)), int(rng.integers(-12, 1))
        texts.append(f"{digits}e{power}")
        texts.append("{}/{}".format(*rng.integers(1, 10**9, 2)))
    for text in texts:
        value = payoffs.exact(text)
        assert payoffs.exact(payoffs.number_text(value)) == value, text
        cell = game_of([[f"{text} -1/3"]], zero_sum=False)
        assert game_of_text(table_text(cell, zero_sum=False)) == cell


MANY_DIGITS = """
-3.7125520841,1/7     -9.5052083391,-4.125       -0.8461538462,0.333333333333  1.2e-3,2
52.46337363,-11.73    -8.1904761905,31.0952381   40.2000000001,-12.5           ½,-99.125
-20.7142857143,17.25  64.3333333333,2.071428571  -21.875,16.9999999999         64.25,2
-27.5,3.25            1.9999999999,-1e2          -40.125,⅔                     2½,7/11
"""


def test_a_pasted_game_of_many_digits_has_the_one_equilibrium_that_follows_by_hand() -> None:
    """Rows 1 and 4 are dominated by 2 and 3; then columns 3 and 4 by 1 and 2. In the 2 x 2 game that is left
    the best replies go in a circle, so each player makes the other indifferent: no other equilibrium."""
    game = game_of([line.split() for line in MANY_DIGITS.strip().splitlines()], zero_sum=False)
    a, b = game.row, game.column
    assert all(a[0][j] < a[1][j] and a[3][j] < a[2][j] for j in range(4))
    assert all(b[i][2] < b[i][0] and b[i][3] < b[i][1] for i in (1, 2))
    assert a[1][0] > a[2][0]
    assert a[1][1] < a[2][1]
    assert b[1][0] < b[1][1]
    assert b[2][0] > b[2][1]
    x2 = (b[2][0] - b[2][1]) / (b[2][0] - b[2][1] + b[1][1] - b[1][0])
    y1 = (a[2][1] - a[1][1]) / (a[2][1] - a[1][1] + a[1][0] - a[2][0])
    x, y = (Fraction(0), x2, 1 - x2, Fraction(0)), (y1, 1 - y1, Fraction(0), Fraction(0))
    of_rows = [sum(a[i][j] * y[j] for j in range(4)) for i in range(4)]
    of_columns = [sum(x[i] * b[i][j] for i in range(4)) for j in range(4)]
    assert [payoff == max(of_rows) for payoff in of_rows] == [False, True, True, False]
    assert [payoff == max(of_columns) for payoff in of_columns] == [True, True, False, False]
    for found in (equilibria(game), equilibria(game_of_text(table_text(game, zero_sum=False)))):
        assert [(one.row, one.column) for one in found.items] == [(x, y)]
        assert found.items[0].payoffs == (max(of_rows), max(of_columns))
        assert not found.degenerate


@pytest.mark.parametrize(
    ("cells", "zero_sum", "sentence"),
    [
        ([], False, "The table is empty"),
        ([[]], False, "The table is empty"),
        ([[None, ""], [" ", None]], True, "The table is empty: write payoffs"),
        ([["1, 2", "x, 3"]], False, "Row 1, column 2: ‘x’ is not a number"),
        ([["1, 2"], [None]], False, "Row 2, column 1: the cell is empty"),
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
