"""Numbers that a theory page lets a person choose, declared once: range, default, words, and reader."""

from __future__ import annotations

from typing import NamedTuple

from gan_core.settings import field, limits
from gan_core.typed import Read, a_number, a_whole_number


class Knob(NamedTuple):
    """A number and its slider; with a whole default it has whole numbers only."""

    label: str
    low: float
    high: float
    default: float
    step: float
    help: str


def knob_of_setting(name: str, default: float) -> Knob:
    """The range and the words of a setting of the live game."""
    span, info = limits(name), field(name)
    assert span is not None
    return Knob(str(info.title), *span, default, 0.01, str(info.description))


def reader(knob: Knob) -> Read:
    """The reader of its value in an address."""
    if isinstance(knob.default, int):
        return a_whole_number(int(knob.low), int(knob.high))
    return a_number(knob.low, knob.high)


def on_grid(knob: Knob, value: float) -> float:
    """The nearest value the slider can have."""
    return round(min(max(round(value / knob.step) * knob.step, knob.low), knob.high), 6)
