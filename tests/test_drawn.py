"""Drawn data as text: there and back, and every way in which a text is none."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.drawn import (
    ALPHABET,
    BINS,
    MOST_POINTS,
    STEPS,
    check,
    decode_points,
    decode_sketch,
    encode_points,
    encode_sketch,
)  # fmt: skip
from gan_core.settings import SettingsError, make_settings


def test_points_come_back_as_they_were() -> None:
    rng = np.random.default_rng(3)
    places = [(int(x), int(y)) for x, y in rng.integers(STEPS, size=(MOST_POINTS, 2))]
    places[:4] = [(0, 0), (STEPS - 1, 0), (0, STEPS - 1), (STEPS - 1, STEPS - 1)]
    text = encode_points(places)
    assert len(text) == 4 * MOST_POINTS
    assert decode_points(text) == places


def test_across_comes_before_up_and_high_bits_before_low_ones() -> None:
    assert encode_points([(1, 64)]) == "ABBA"
    assert decode_points("ABBA" * 3) == [(1, 64)] * 3


def test_a_sketch_comes_back_as_it_was() -> None:
    heights = [height % 64 for height in range(5, 5 + BINS)]
    assert decode_sketch(encode_sketch(heights)) == heights
    assert encode_sketch([0, 25, 26, 52, 62, 63]) == "AZa0-_"
    assert len(set(ALPHABET)) == 64


@pytest.mark.parametrize(
    ("data", "text", "words"),
    [
        ("points", "AAAA" * 2, "3 to 1,500 points of four letters each, not 8 letters"),
        ("points", "AAAA" * (MOST_POINTS + 1), "not 6004 letters"),
        ("points", "AAAA" * 3 + "A", "not 13 letters"),
        ("points", "AAA+" * 3, r"letters, digits, - and _ only, not '\+'"),
        ("sketch_1d", "A" * BINS, "not all of them A"),
        ("sketch_1d", "B" * (BINS - 1), "64 letters"),
        ("sketch_1d", "B" * 63 + "é", "not 'é'"),
    ],
)
def test_a_text_that_is_no_drawing_is_refused_with_a_sentence(data: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(data, text)


def test_settings_refuse_a_drawing_that_does_not_fit_their_data() -> None:
    with pytest.raises(SettingsError, match="drawn does not fit: drawn points are 3 to 1,500 points"):
        make_settings({"data": "points", "drawn": "AAAA"})
    assert make_settings({"data": "ring", "drawn": "AAAA"}).drawn == "AAAA"  # the ring does not read it
