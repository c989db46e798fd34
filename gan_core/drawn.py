"""Data drawn by hand, as the text that a link, a folder and a command line carry.

Points in a plane: four characters each, twelve bits across and twelve bits up. A density over a line: one
character a bin, its height from 0 to 63.
"""

from __future__ import annotations

import string
from collections.abc import Iterable

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
"""The 64 characters of base64 that an address takes as they are."""
MOST_POINTS = 1_500
FEWEST_POINTS = 3
LONGEST = 4 * MOST_POINTS  # characters
BINS = 64  # of a sketch
STEPS = 4096  # places across, and up
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def encode_points(points: Iterable[tuple[int, int]]) -> str:
    """Places [0, STEPS) across and up, as text."""
    numbers = [across * STEPS + up for across, up in points]
    return "".join(ALPHABET[(number >> shift) & 63] for number in numbers for shift in (18, 12, 6, 0))


def decode_points(text: str) -> list[tuple[int, int]]:
    """Places across and up. Raises ValueError, one sentence."""
    digits = _digits(text)
    if len(digits) % 4 or not FEWEST_POINTS <= len(digits) // 4 <= MOST_POINTS:
        raise ValueError(
            f"drawn points are {FEWEST_POINTS} to {MOST_POINTS:,} points of four letters each, "
            f"not {len(digits)} letters"
        )
    numbers = [
        (a << 18) | (b << 12) | (c << 6) | d
        for a, b, c, d in zip(*(digits[start::4] for start in range(4)), strict=True)
    ]
    return [divmod(number, STEPS) for number in numbers]


def encode_sketch(heights: Iterable[int]) -> str:
    """Heights of BINS bins, 0 to 63, as text."""
    return "".join(ALPHABET[height] for height in heights)


def decode_sketch(text: str) -> list[int]:
    """Heights of BINS bins, not all 0. Raises ValueError, one sentence."""
    heights = _digits(text)
    if len(heights) != BINS or not any(heights):
        raise ValueError(f"a drawn density is {BINS} letters, one a bin, and not all of them A")
    return heights


def _digits(text: str) -> list[int]:
    unknown = sorted({letter for letter in text if letter not in _VALUE})
    if unknown:
        raise ValueError(f"drawn data have letters, digits, - and _ only, not {unknown[0]!r}")
    return [_VALUE[letter] for letter in text]


def check(data: str, drawn: str) -> None:
    """Raises ValueError, one sentence, where `drawn` does not fit that data set; others do not read it."""
    if drawn and data == "points":
        decode_points(drawn)
    if drawn and data == "sketch_1d":
        decode_sketch(drawn)
