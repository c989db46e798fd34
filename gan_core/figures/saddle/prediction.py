"""The prediction for a simulation: the rate and outcome of its linear update, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.saddle.simulation import Simulation, Trajectory
from gan_core.figures.style import (
    FONT,
)
from gan_core.theory import rates
from gan_core.theory.rates import TIE, Fate, Forecast

OUTCOMES = {
    Fate.CONVERGES: "converges", Fate.RESTS: "comes to rest", Fate.STANDS: "stands still",
    Fate.CYCLES: "cycles", Fate.DRIFTS: "drifts", Fate.DIVERGES: "diverges",
}  # fmt: skip
"""The label of each outcome where the game is quadratic, so that the prediction is exact."""

LOCAL_OUTCOMES = dict.fromkeys(Fate, "undecided") | {
    Fate.CONVERGES: "attracts", Fate.STANDS: "stands still", Fate.DIVERGES: "repels",
}  # fmt: skip
"""The same for any other game, near its equilibrium. At modulus 1 the linear part does not decide."""


def prediction(simulation: Simulation, trajectory: Trajectory) -> Forecast | None:
    """The predicted rate and outcome from this start, or near the equilibrium if the game is not exact.

    None without a linear update. A path whose first step is zero stays where it is, with every method.
    """
    record, q = trajectory.record, simulation.game.local
    if len(record.moves) and np.array_equal(record.moves[0, :, 0], record.moves[0, :, 1]):
        return Forecast(1.0, Fate.STANDS)
    if q is None:
        return None
    start = record.path[0]
    return rates.forecast(q, trajectory.setup, (start[0], start[1]) if simulation.game.exact else None)


def factor_text(rate: float) -> str:
    """The rate in four digits, or in nine if four would show 1."""
    close = abs(rate - 1) > TIE and f"{rate:.4f}" == "1.0000"
    return f"× {rate:.{9 if close else 4}f} a step"


def prediction_text(simulation: Simulation, trajectory: Trajectory) -> str:
    """The prediction in one clause."""
    found = prediction(simulation, trajectory)
    if found is None:
        return "the update is not linear, so there is no prediction"
    if found.fate is Fate.STANDS:
        return "no player ever moves"
    if not simulation.game.exact:
        said = LOCAL_OUTCOMES[found.fate]
        return f"near (0, 0): {factor_text(found.rate)}, " + (
            "so it is undecided" if said == "undecided" else f"so it {said}"
        )
    ends = {
        Fate.RESTS: "an eigenvalue is 1, so it comes to rest, but not at (0, 0)",
        Fate.DRIFTS: "a double eigenvalue of modulus 1, so it drifts: each step adds about the same distance",
    }
    return ends.get(found.fate, f"{factor_text(found.rate)}, so it {OUTCOMES[found.fate]}")


def empty_note(text: str) -> list[dict[str, Any]]:
    """A note in the middle of a figure without data."""
    return [{"xref": "paper", "x": 0.5, "yref": "paper", "y": 0.5, "showarrow": False, "text": text,
             "font": {"size": FONT + 1}}]  # fmt: skip
