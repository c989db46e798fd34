"""What a link says and a page cannot use, as sentences.

A widget bound to the address takes its default, without a word, when the address holds a value that
does not fit. A page therefore asks here before it draws its widgets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

Read = Callable[[str], Any]
"""Reads one value of an address; raises ValueError, with the reason, when it does not fit."""

SHOWN = 4
"""Complaints that are written out."""

_STREAMLIT_S_OWN = ("embed", "embed_options")


def complaints_of(expected: Mapping[str, Read]) -> list[str]:
    """A sentence for every parameter of the address that is unknown or does not fit.

    Call it before the widgets: drawing them takes bad values out of the address.
    """
    found = []
    for name, text in st.query_params.to_dict().items():
        if name in _STREAMLIT_S_OWN:
            continue
        if name not in expected:
            found.append(f"Left out of the address: there is nothing named '{name}' on this page.")
            continue
        try:
            expected[name](text)
        except ValueError as reason:
            found.append(f"Left out of the address: {name} = '{text}' does not fit: {reason}")
    return found


def warn(sentences: Sequence[str]) -> None:
    """All of them in one box that leaves room for the page."""
    if sentences:
        more = len(sentences) - SHOWN
        shown = [*sentences[:SHOWN], *([f"and {more} more like it."] if more > 0 else [])]
        st.warning("\n".join(f"- {escaped(sentence)}" for sentence in shown))


def escaped(text: str) -> str:
    """Whatever an address says, as plain words in Markdown."""
    return re.sub(r"([\\`*_\[\]<>$~])", r"\\\1", text)


def a_number(low: float, high: float) -> Read:
    """Reads a finite number from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"it must be a number from {low:g} to {high:g}.")
        return value

    return read


def a_whole_number(low: int, high: int) -> Read:
    """Reads a whole number from `low` to `high`."""

    def read(text: str) -> int:
        value = int(text) if text.strip().lstrip("+-").isdecimal() else None
        if value is None or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}.")
        return value

    return read


def one_of(words: Sequence[str]) -> Read:
    """Reads one of `words`."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it must be one of {', '.join(words)}.")
        return text

    return read


def a_switch(text: str) -> bool:
    """Reads true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError("it must be true or false.")
    return text.lower() == "true"
