"""What a person types: numbers as people write them, how it is quoted in a sentence, how an option is shown.

Python's own readers take more than people write (1_000, nan, 0x1p-3), and their errors are no sentences.
A value of an address or of a lesson is read by a `Read`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Read = Callable[[str], Any]
"""Reads one value; raises ValueError, with the reason, when it does not fit."""

LONGEST = 40
"""Letters of a quoted text; the rest is cut off."""

OPTION_TITLES = {
    "leaky_relu": "leaky ReLU", "relu": "ReLU", "elu": "ELU", "gelu": "GELU", "adam": "Adam", "sgd": "SGD",
    "non_saturating": "non-saturating", "mnist_10k": "MNIST 10k", "mnist_60k": "MNIST 60k",
    "lsgan": "LSGAN", "wgan_clip": "WGAN, clipping", "wgan_gp": "WGAN-GP", "gaussian_1d": "1-D Gaussian",
    "two_gaussians_1d": "1-D two Gaussians", "uniform_1d": "1-D uniform", "sketch_1d": "1-D sketch",
    "moons": "two moons", "blobs": "far blobs", "points": "drawn points", "dcgan": "DCGAN",
    "style": "style-based", "discriminator": "D", "generator": "G",
}  # fmt: skip
"""Options that the page writes in another way than a link and the command line."""

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,30}(\.0*)?\s*")
_WITH_COMMA = re.compile(r"\s*([+-]?[0-9]*),([0-9]+)\s*")


def number_of(text: str) -> float | None:
    """The number in a text such as 5, +5, .5, 5. or 1e-3; None where it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def whole_number_of(text: str) -> int | None:
    """The whole number in a text such as 5, +5 or 5.0; None where it is none."""
    return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None


def typed_as(kind: Any, value: Any) -> Any:
    """`value`, or the number it is where `kind` is int or float and it is a text. Raises ValueError."""
    if kind not in (int, float) or not isinstance(value, str):
        return value
    number = whole_number_of(value) if kind is int else number_of(value)
    if number is None:
        raise ValueError(f"{quoted(value)} is not a number")
    return number


def comma_said(text: str) -> str:
    """What to add to a sentence about a number with a decimal comma; nothing about any other text."""
    match = _WITH_COMMA.fullmatch(text)
    return f", with a point as the decimal mark: {cut(f'{match[1]}.{match[2]}')}" if match else ""


def cut(text: str) -> str:
    """At most LONGEST letters of a text; three dots stand for the rest."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def quoted(value: object) -> str:
    """A value as a sentence quotes it."""
    return f"'{cut(value)}'" if isinstance(value, str) else cut(repr(value))


def listed(words: Iterable[str]) -> str:
    """Words that a reader can choose from, each quoted: some contain commas."""
    return ", ".join(f"'{word}'" for word in words)


def option_title(option: str) -> str:
    """An option of a setting as the page writes it."""
    return OPTION_TITLES.get(option, option.replace("_", " "))


def a_number(low: float, high: float) -> Read:
    """Reads a finite number from `low` to `high`."""

    def read(text: str) -> float:
        value = number_of(text)
        if value is None or not low <= value <= high:
            raise ValueError(f"it must be a number from {low:g} to {high:g}{comma_said(text)}.")
        return value

    return read


def a_whole_number(low: int, high: int) -> Read:
    """Reads a whole number from `low` to `high`."""

    def read(text: str) -> int:
        value = whole_number_of(text)
        if value is None or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}.")
        return value

    return read


def one_of(words: Sequence[str]) -> Read:
    """Reads one of `words`."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it must be one of {listed(words)}.")
        return text

    return read
