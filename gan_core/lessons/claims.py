"""Reads claims such as `d_real in 0.45 +- 0.05 at step 600`; nothing that is written there is executed."""

from __future__ import annotations

import re
from typing import cast, get_args

from gan_core.lessons.quantities import COLUMNS, MEASURED_APART, QUANTITIES, Quantity
from gan_core.lessons.records import Claim, Relation, Statistic
from gan_core.presets import PLAYED
from gan_core.typed import listed, quoted

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_FORM = re.compile(
    rf"(?:(?P<statistic>mean|lowest|highest|deviation) )?(?P<name>[a-z_0-9]+) "
    rf"(?:in (?P<middle>{_NUMBER}) \+- (?P<width>{_NUMBER})|in (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})"
    rf"|(?P<sign>[<>]) (?P<bound>{_NUMBER})|is (?P<exactly>{_NUMBER})|is (?P<word>[a-z ]+?))"
    r"(?: at step (?P<at>[0-9]{1,9})| over steps (?P<first>[0-9]{1,9}) to (?P<last>[0-9]{1,9}))?"
)
FORMS = "NAME in A +- B, NAME in A to B, NAME > A, NAME < A or NAME is A, and then 'at step N'"


def read_claim(text: str, line: int, page: str, stop: int | None) -> Claim:
    """The claim of a scene on `page`, which stops at step `stop`. Raises ValueError, one clause."""
    plain = " ".join(text.replace("±", "+-").replace("−", "-").split())
    match = _FORM.fullmatch(plain)
    if match is None:
        raise ValueError(
            f"the claim {quoted(text)} is not {FORMS}, or 'mean NAME > A over steps M to N'; "
            "write 6000 for a step, not 6,000"
        )
    low, high, relation = _interval(match)
    if low > high:
        raise ValueError(f"the claim {quoted(text)} has an interval that ends before it begins")
    claim = Claim(
        plain, line, cast(Statistic, match["statistic"] or ""), match["name"], relation, low, high,
        match["word"] or "", _steps(match),
    )  # fmt: skip
    if page in PLAYED:
        assert stop is not None
        return _checked_live(claim, stop)
    _check_theory(claim, page)
    return claim


def _interval(match: re.Match[str]) -> tuple[float, float, Relation]:
    if match["middle"] is not None:
        middle, width = float(match["middle"]), float(match["width"])
        return middle - width, middle + width, "in"
    if match["exactly"] is not None:
        return float(match["exactly"]), float(match["exactly"]), "in"
    if match["low"] is not None:
        return float(match["low"]), float(match["high"]), "in"
    if match["sign"] is not None:
        return float(match["bound"]), float(match["bound"]), cast(Relation, match["sign"])
    return 0.0, 0.0, "is"


def _steps(match: re.Match[str]) -> tuple[int, int] | None:
    if match["at"] is not None:
        return int(match["at"]), int(match["at"])
    return None if match["first"] is None else (int(match["first"]), int(match["last"]))


def _checked_live(claim: Claim, stop: int) -> Claim:
    """The claim, about step `stop` where it names none."""
    if claim.name not in COLUMNS:
        raise ValueError(
            f"nothing named {quoted(claim.name)} is measured: it must be one of {listed(COLUMNS)}"
        )
    if claim.relation == "is":
        raise ValueError(f"{claim.name} is a number: compare it with >, < or in")
    first, last = claim.steps or (stop, stop)
    if not 1 <= first <= last <= stop:
        raise ValueError(
            f"the claim is about steps {first} to {last}, and the scene is played to step {stop}"
        )
    if bool(claim.statistic) != (first < last):
        words = ", ".join(get_args(Statistic)[1:])
        raise ValueError(f"'over steps M to N' belongs to one of {words}, and 'at step N' to none of them")
    if not claim.statistic and last != stop and claim.name not in MEASURED_APART:
        raise ValueError(
            f"{claim.name} is measured for certain only where the game stands still: "
            f"ask for step {stop}, where the scene stops, or for a mean over steps"
        )
    return claim._replace(steps=(first, last))


def _check_theory(claim: Claim, page: str) -> None:
    known = QUANTITIES[page]
    if claim.name not in known:
        raise ValueError(
            f"the page {quoted(page)} has no number named {quoted(claim.name)}: "
            f"it must be one of {listed(known)}"
        )
    quantity = known[claim.name]
    if claim.statistic or (claim.steps is not None and claim.steps[0] < claim.steps[1]):
        raise ValueError("'over steps M to N' is for the live page; elsewhere write 'at step N', or no step")
    if claim.steps is not None and not quantity.moves:
        raise ValueError(f"{claim.name} does not depend on a step: leave out 'at step'")
    _check_word(claim, quantity)


def _check_word(claim: Claim, quantity: Quantity) -> None:
    if quantity.choices and claim.word not in quantity.choices:
        raise ValueError(
            f"{claim.name} is a word: write '{claim.name} is' and one of {listed(quantity.choices)}"
        )
    if not quantity.choices and claim.relation == "is":
        raise ValueError(f"{claim.name} is a number: compare it with >, < or in")
