"""Points from a CSV: what is read, what is moved, and what is refused, by line."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.drawn import MOST_POINTS, STEPS, decode_points
from gan_core.settings import make_settings
from gan_core.theory.drawn_points import MARGIN, MOST_LETTERS, points_of_csv
from gan_core.theory.toys import WINDOW

LOW, HIGH = WINDOW
THREE = "-3,-3\n0.75,-1.5\n2.9,3"


def read(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The points that the text stands for, [n, 2]."""
    drawn, _ = points_of_csv(text)
    return LOW + (HIGH - LOW) * (np.array(decode_points(drawn)) + 0.5) / STEPS


@pytest.mark.parametrize(
    "text",
    [
        THREE, f"x,y\n{THREE}", f"\ufeff{THREE}\r\n", THREE.replace(",", ";"), THREE.replace(",", "\t"),
        THREE.replace(",", " , "), f"\n\n{THREE}\n\n", f'"length";"width"\n{THREE.replace(",", ";")}',
        THREE.replace("\n", "\r"), '"-3","-3.0"\n+.75,-15e-1\n2.9,3',
    ],
)  # fmt: skip
def test_the_same_points_are_read_however_they_are_written(text: str) -> None:
    wanted = np.array([(-3, -3), (0.75, -1.5), (2.9, 3)])
    np.testing.assert_allclose(read(text), wanted, atol=0.5 * (HIGH - LOW) / STEPS + 1e-12)
    assert points_of_csv(text)[1] == ""


def test_what_is_read_is_what_settings_take() -> None:
    drawn, _ = points_of_csv("\n".join(f"{x / 1000},{-x / 1000}" for x in range(MOST_POINTS)))
    assert make_settings({"data": "points", "drawn": drawn}).drawn == drawn


def test_points_outside_are_shifted_and_scaled_by_one_factor_and_it_is_said() -> None:
    points = np.array([(100.0, 7.0), (140.0, 27.0), (120.0, 9.0)])
    text = "\n".join(f"{x},{y}" for x, y in points)
    found = read(text)
    factor = MARGIN * (HIGH - LOW) / 40
    np.testing.assert_allclose(found[1] - found[0], (points[1] - points[0]) * factor, atol=2e-3)
    np.testing.assert_allclose((found.min(axis=0) + found.max(axis=0)) / 2, 0, atol=2e-3)
    assert points_of_csv(text)[1] == (
        "The points were shifted and scaled by 0.135: they lay from 100 to 140 across and from 7 to 27 up, "
        "and the window is from -3 to 3."
    )


def test_points_that_all_lie_far_away_at_one_place_are_only_shifted() -> None:
    assert np.abs(read("9,9\n9,9\n9,9")).max() < 1e-3
    assert points_of_csv("9,9\n9,9\n9,9")[1].startswith(
        "The points were shifted: they lay from 9 to 9 across"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file has 0 points: it must have at least 3. Each line has two numbers, with"),
        ("x,y\n1,2\n2,2", "the file has 2 points"),
        (
            "1,2\n2,2\n1,2,3",
            r"line 3 has 3 columns: each line .* Numbers have a decimal point",
        ),
        ("1,5,2,5\n", r"line 1 has 4 columns.*decimal point"),
        ("x;y\n1;2\n\n1,5;2", r"line 4 has '1,5': write '1\.5', with a decimal point\."),
        ("1\n2\n3", "line 1 has one column"),
        ("1,2\n2,two\n1,3", "line 2 has 'two', which is not a number: each line has two numbers"),
        ("1,2\n2,\n1,3", "line 2 has '', which is not a number"),
        ("1,2\n2,2\nnan,3", "line 3 has 'nan', which is not a number"),
        ("nan,2\n2,2\n1,3", "line 1 has 'nan', which is not a number"),
        ("1,2\n2,-inf\n1,3", "line 2 has '-inf', which is not a number"),
        ("1,2\n2,1e999\n1,3", "line 2 has '1e999': a number must lie between ±1,000,000,000"),
        ("1,2\n2,1_0\n1,3", "line 2 has '1_0', which is not a number"),
        ("x,y\na,b\n1,2", "line 2 has 'a', which is not a number"),
        ("x,y\n" + "1,1\n" * (MOST_POINTS + 1), "line 1502 is one point too many: a file may have 1,500"),
        ("1,1\n" * MOST_LETTERS, "the file has 800,000 letters: it may have 200,000"),
        ("1,2\n\0,\0\n1,2", "line 2 has "),
        ("1,2\n" + "9" * 500 + "x,3", "line 2 has '9{39}…', which"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        points_of_csv(text)
