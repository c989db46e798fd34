"""Number formats of the Games page: payoffs, regrets and probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gan_core.theory.payoffs import number_text

SHORT = 99
"""Fractions with a larger denominator, or payoffs with ten times that above it, are written as decimals."""

ROOM = 7
"""Letters of an exact decimal; longer ones are rounded."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def amount(value: float) -> str:
    """A payoff or a regret in three significant digits, at most four before the point.

    Only 0 reads 0: regrets that are rounding alone are 0 already (`theory.games.ROUNDING`).
    """
    value += 0.0  # no minus before a 0
    mantissa, exponent = f"{value:.2e}".split("e")
    power = int(exponent)
    if power >= 4:
        unit, name = (1e6, "M") if power >= 6 else (1e3, "k")
        text = f"{float(f'{value:.2e}') / unit:g}{name}"
    elif power < -5:
        text = f"{float(mantissa):g}·10{exponent.replace('-0', '-').translate(_RAISED)}"
    elif value == round(value):
        text = f"{value:.0f}"
    else:
        text = f"{value:.{max(0, 2 - power)}f}"
        while text[-1] == "0" and len(text) - text.find(".") > 3:
            text = text[:-1]
    return text.replace("-", "−")


def chances(values: Sequence[float]) -> list[str]:
    """Probabilities that stand together, all with equally many decimals: two where that is exact."""
    exact = all(abs(round(value, 2) - value) < 5e-4 for value in values)
    return [f"{value:.{2 if exact else 3}f}" for value in values]


def payoff_text(value: Fraction, room: int) -> str:
    """A payoff as the reader wrote it where that takes at most `room` letters, else rounded."""
    exact = number_text(value).replace("-", "−")
    return exact if len(exact) <= room else amount(float(value))


def share_text(value: Fraction) -> str:
    """A probability or payoff of an equilibrium: a fraction while it can be read, then a decimal."""
    if value.denominator <= SHORT and abs(value.numerator) <= 10 * SHORT:
        return str(value).replace("-", "−")
    exact = number_text(value).replace("-", "−")
    return amount(float(value)) if "/" in exact or len(exact) > ROOM else exact
