"""What every figure shares."""

from __future__ import annotations

import re

import pytest

from gan_core.figures.style import log_axis, number


def read(text: str) -> float:
    """A mark of a logarithmic axis as a number."""
    found = re.fullmatch(r"(?:([\d.]+)·)?10<sup>(.+)</sup>", text)
    if not found:
        return float(text)
    return float(found[1] or 1) * 10.0 ** int(found[2].replace("−", "-"))


@pytest.mark.parametrize(
    ("span", "seen"),
    [
        ((-0.5, 0.7), [0.5, 1, 2, 5]),
        ((1.2, 2.3), [20, 50, 100]),
        ((-6.5, -4.9), [5e-7, 1e-6, 2e-6, 5e-6, 1e-5]),
        ((-12, 1), [1e-12, 1e-9, 1e-6, 1e-3, 1]),
        ((-4.2, 0.6), [1e-4, 1e-3, 1e-2, 0.1, 1]),
    ],
)
def test_marks_of_a_logarithmic_axis_say_what_they_are(span: tuple[float, float], seen: list[float]) -> None:
    drawn = log_axis("radius", span)
    assert (drawn["type"], drawn["range"]) == ("log", list(span))
    inside = [v for v in drawn["tickvals"] if 10 ** span[0] <= v <= 10 ** span[1]]
    assert inside == pytest.approx(seen, rel=1e-9)
    assert [read(text) for text in drawn["ticktext"]] == pytest.approx(drawn["tickvals"], rel=1e-9)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-0.0001, 3, "0.000"), (-0.0, 2, "0.00"), (-1.38629, 3, "−1.386"), (0.125, 2, "0.125")],
)
def test_a_number_has_the_decimals_it_needs_and_zero_no_sign(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text
