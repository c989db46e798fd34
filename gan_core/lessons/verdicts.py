"""Whether a claim came true, and by which number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from gan_core.history import Array, History
from gan_core.lessons.pages import values_of
from gan_core.lessons.quantities import COLUMNS, NATS, QUANTITIES
from gan_core.lessons.records import Claim, Scene
from gan_core.settings import Settings
from gan_core.theory.cross_entropy import slope_kept

FEWEST = 4
"""Records that a deviation needs."""

MOST_DIGITS = 10
ALMOST_ZERO = 1e-9

STATISTICS: dict[str, tuple[str, Callable[[Array], float]]] = {
    "mean": ("the mean of {}", lambda numbers: float(numbers.mean())),
    "lowest": ("the lowest of {}", lambda numbers: float(numbers.min())),
    "highest": ("the highest of {}", lambda numbers: float(numbers.max())),
    "deviation": ("the standard deviation of {}", lambda numbers: float(numbers.std())),
}


class Verdict(NamedTuple):
    """`number` is NaN, or "", where nothing could be measured; the claim has then not come true."""

    came_true: bool
    number: float | str
    sentence: str


def judge(claim: Claim, history: History, settings: Settings) -> Verdict:
    """A claim about a live game. `settings`: those in force in the end."""
    assert claim.steps is not None
    first, last = claim.steps
    step, numbers = _series(claim.name, history, settings)
    rows = (step >= first) & (step <= last) & np.isfinite(numbers)
    words = COLUMNS[claim.name]
    if claim.statistic:
        form, measure = STATISTICS[claim.statistic]
        words, where = form.format(words), f"over steps {first:,} to {last:,}"
        enough = rows.sum() >= (FEWEST if claim.statistic == "deviation" else 1)
        number = measure(numbers[rows]) if enough else math.nan
    else:
        where, found = f"at step {last:,}", numbers[rows]
        number = float(found[-1]) if len(found) else math.nan
    return _verdict(claim, number, words, where, "nats" if claim.name in NATS else "")


def judge_theory(claim: Claim, page: str, parameters: Mapping[str, str]) -> Verdict:
    """A claim about a theory page at the address `parameters`."""
    quantity = QUANTITIES[page][claim.name]
    where = f"at step {claim.steps[1]:,}" if claim.steps else ""
    try:
        number = quantity.of(values_of(page, parameters), claim.steps[1] if claim.steps else None)
    except ValueError as reason:
        return Verdict(False, math.nan, f"It cannot be judged: {reason}.")
    return _verdict(claim, number, quantity.words, where, quantity.unit)


def judge_scene(scene: Scene) -> list[Verdict]:
    """All claims of a scene on a theory page, as the scene sets that page."""
    return [judge_theory(claim, scene.page, scene.parameters) for claim in scene.claims]


def _verdict(claim: Claim, number: float | str, words: str, where: str, unit: str) -> Verdict:
    subject = f"{words[0].upper()}{words[1:]}"
    place = f" {where}" if where else ""
    if isinstance(number, str):
        came = number == claim.word
        other = "" if came else f", not ‘{claim.word}’"
        return Verdict(came, number, f"{subject} is ‘{number}’{place}{other}.")
    if math.isnan(number):
        return Verdict(False, number, f"{subject} was not measured{place}.")
    digits = _digits(claim)
    came, said = _compared(claim, number, digits)
    measure = f" {unit}" if unit else ""
    return Verdict(came, number, f"{subject} is {spoken(number, digits)}{measure}{place}: {said}.")


def _compared(claim: Claim, number: float, digits: int) -> tuple[bool, str]:
    low, high = spoken(claim.low, digits), spoken(claim.high, digits)
    match claim.relation:
        case ">":
            came = number > claim.low
            return came, f"above {low}" if came else f"not above {low}"
        case "<":
            came = number < claim.high
            return came, f"below {high}" if came else f"not below {high}"
        case _:
            came = claim.low <= number <= claim.high
            if low == high:
                return came, f"exactly {low}" if came else f"not {low}"
            return came, f"{'' if came else 'not '}between {low} and {high}"


def _digits(claim: Claim) -> int:
    """Four, or as many as tell the ends of the claim's interval apart."""
    apart = (n for n in range(4, MOST_DIGITS) if spoken(claim.low, n) != spoken(claim.high, n))
    return next(apart, 4 if claim.low == claim.high else MOST_DIGITS)


def spoken(number: float, digits: int) -> str:
    """So many digits, with a minus sign; what is left of rounding is said to be almost 0."""
    if 0 < abs(number) < ALMOST_ZERO:
        return "almost 0"
    return f"{number:.{digits}g}".replace("-", "−")


def _series(name: str, history: History, settings: Settings) -> tuple[Array, Array]:
    """The steps at which `name` was recorded, and what it was; [n] each."""
    held_out = history.evaluations.columns
    if name in held_out:
        return held_out["step"], held_out[name]
    if name == "value":
        return held_out["step"], held_out["real_term"] + held_out["fake_term"]
    if name == "separation":
        return held_out["step"], held_out["d_real"] - held_out["d_fake"]
    if name == "slope_kept":
        return held_out["step"], _slopes_kept(held_out, history, settings)
    steps = history.steps.columns  # a column of toys is missing where the data are others
    return steps["step"], steps.get(name, np.full(len(steps["step"]), np.nan))


def _slopes_kept(held_out: Mapping[str, Array], history: History, settings: Settings) -> Array:
    """Under the loss that G had at each step."""

    def loss_at(step: float) -> Any:
        return history.changes.value_at("objective", settings.objective, step)

    pairs = zip(held_out["step"], held_out["d_fake"], strict=True)
    return np.array([slope_kept(float(output), kind=loss_at(step)) for step, output in pairs])
