"""What a sample is, and how large the networks may be: checked without the settings themselves."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from gan_core.settings.fields import Data

Sample = Literal["digits", "line", "plane"]

CLASSES = 10  # of digits

HELD_OUT = 2_000
"""Held-out digits. A game of perceptrons is evaluated on all of them."""
HELD_OUT_CONVOLVED = 400
"""Held-out digits that a convolutional game is evaluated on: all would cost it a quarter of a second."""

MOST_LAYERS, WIDEST = 6, 1024
MOST_HIDDEN_WEIGHTS = 3_000_000
"""Weights between the hidden layers of one player: more would take seconds a step."""


def sample_of(data: Data) -> Sample:
    """What one sample of a data set is: a digit, a point on a line, or a point in a plane."""
    if data.startswith("mnist"):
        return "digits"
    return "line" if data.endswith("_1d") else "plane"


def data_dimensions(data: Data) -> int:
    """Numbers that make one sample."""
    return {"digits": 784, "line": 1, "plane": 2}[sample_of(data)]


def hidden_sizes(text: str) -> list[int]:
    """Units of the hidden layers, from a text such as 128-256-512. Raises ValueError, one sentence."""
    if not re.fullmatch(r"\s*\d{1,5}(\s*[-, ]\s*\d{1,5})*\s*", text, re.ASCII):
        raise ValueError(f"it must be {HIDDEN_ALLOWED}")
    sizes = [int(number) for number in re.findall(r"\d+", text)]
    if len(sizes) > MOST_LAYERS or not all(1 <= size <= WIDEST for size in sizes):
        raise ValueError(f"it must be {HIDDEN_ALLOWED}")
    weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    if weights > MOST_HIDDEN_WEIGHTS:
        raise ValueError(
            f"it has {weights:,} weights between its hidden layers, and may have {MOST_HIDDEN_WEIGHTS:,}"
        )
    return sizes


HIDDEN_ALLOWED = f"1 to {MOST_LAYERS} widths from 1 to {WIDEST:,}, such as 128-256-512"
