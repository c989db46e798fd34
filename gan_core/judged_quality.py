"""What the quality of G's digits adds to a diagnosis: missing classes, one class only, FID against its floor.

The quality is measured seldom (`gan_core.measures.quality_curve`), so the newest numbers up to the step
count. A run without digits, or from before it was measured, has none: then nothing is added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from gan_core.history import CLASS_SHARES, Array, Results
from gan_core.theory.distances import HIT_SHARE

MOSTLY = 0.8  # share of one class from which G is called by it
READABLE = 0.5  # of the digits at least: the classifier reads noise as some class, too
FAR = 3.0  # standard deviations of one draw above the floor: by chance one in 700
BETTER_THAN_CHANCE = 55.0  # right in 100: what a fresh D must reach to be said to tell
NAMED = 4  # missing classes that are named; more are counted


class Judged(NamedTuple):
    """The newest measured quality of G."""

    step: float
    samples: int
    fid: float
    floor: float  # mean FID of as many real digits
    floor_sd: float  # of one draw
    readable: float  # share that looks like digits
    shares: tuple[float, ...]  # of each class


class Fresh(NamedTuple):
    """What a new discriminator says, trained from nothing against the G of a step."""

    step: float
    right_in_100: float  # on held-out and newly generated samples


def judged_quality(rows: Mapping[str, Array]) -> Judged | None:
    """From columns of evaluations, oldest first; None where it was never measured."""
    names = ("quality_samples", "fid", "fid_floor", "readable", *CLASS_SHARES)
    if any(name not in rows for name in names):
        return None
    known = np.flatnonzero(np.isfinite([rows[name] for name in names]).all(axis=0))
    if not len(known):
        return None
    last = {name: float(column[known[-1]]) for name, column in rows.items() if column.ndim == 1}
    return Judged(
        last["step"], round(last["quality_samples"]), last["fid"], last["fid_floor"],
        last.get("fid_floor_sd", math.nan), last["readable"], tuple(last[name] for name in CLASS_SHARES),
    )  # fmt: skip


def fresh_of(results: Results, upto: float) -> Fresh | None:
    """What the lab's new discriminator said last, up to a step; None where it was never asked."""
    known = [row for row in results.of("fresh_discriminator") if row.step <= upto]
    right = known[-1].found["right_in_100"] if known else None
    return None if right is None else Fresh(float(known[-1].step), float(right))


def missing_said(found: Judged | None) -> str:
    """The classes that G hardly makes; nothing where all are there, or where G makes no digits at all."""
    if found is None:
        return ""
    if found.readable < READABLE:
        return f"{found.readable:.0%} of {found.samples} generated images look like digits"
    missing = [digit for digit, share in enumerate(found.shares) if share < HIT_SHARE / len(CLASS_SHARES)]
    if not missing:
        return ""
    among = f"among {found.samples} generated digits"
    few = "no" if all(found.shares[digit] == 0 for digit in missing) else "almost no"
    if len(missing) > NAMED:
        made = [str(digit) for digit in range(len(CLASS_SHARES)) if digit not in missing]
        return f"only {_listed(made, 'and')} {among}"
    return f"{few} {_listed([str(digit) for digit in missing], 'or')} {among}"


def mostly(found: Judged | None) -> int | None:
    """The class that nearly all of G's digits are read as, if there is one and they look like digits."""
    if found is None or found.readable < READABLE or max(found.shares) < MOSTLY:
        return None
    return int(np.argmax(found.shares))


def is_far(found: Judged | None) -> bool:
    """Whether FID is above its floor by more than chance."""
    if found is None:
        return False
    spread = found.floor_sd if math.isfinite(found.floor_sd) else found.floor / 3
    return found.fid > found.floor + FAR * spread


def quality_said(found: Judged | None) -> str:
    """FID against its floor, one sentence; nothing where it was not measured."""
    if found is None:
        return ""
    numbers = f"FID is {found.fid:,.0f}; of as many real digits it is {found.floor:.0f}"
    return f"{numbers}: G's digits are {'still different' if is_far(found) else 'as near as real ones'}."


def fresh_said(fresh: Fresh | None) -> str:
    """What a new D says, one sentence; nothing where none was trained."""
    if fresh is None:
        return ""
    right = f"{fresh.right_in_100:.0f} of 100 samples (measured at step {fresh.step:,.0f})"
    if fresh.right_in_100 < BETTER_THAN_CHANCE:
        return f"A new D cannot tell either: it is right on {right}."
    return f"A new D still tells {right}."


def _listed(names: list[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
