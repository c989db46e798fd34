"""Which of a run's records belong together: V and D's answers under two objectives cannot be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_core.history import History, Log
from gan_core.theory.objectives import OBJECTIVES, ORDER, Objective

PLAIN = OBJECTIVES["non_saturating"]


def objective_at(history: History, upto: float, expected: str) -> Objective:
    """The objective in force at step `upto`. `expected`: where nothing is recorded of it."""
    number = history.reference("objective").at(upto)
    return OBJECTIVES[expected if number is None else ORDER[int(number)]]


def alike(history: History, objective: Objective) -> History:
    """The records under objectives of the same family; `history` itself where these are all.

    Records of earlier versions do not tell: they are of cross-entropy.
    """
    logs = history.steps, history.evaluations
    kept = [_of_family(log, objective) for log in logs]
    if all(rows.all() for rows in kept):
        return history
    seen = history.snapshot()
    for log, rows in zip((seen.steps, seen.evaluations), kept, strict=True):
        log.columns = {name: column[rows] for name, column in log.columns.items()}
    return seen


def _of_family(log: Log, objective: Objective) -> NDArray[np.bool_]:
    number = log.columns["objective"]
    family = [i for i, name in enumerate(ORDER) if OBJECTIVES[name].family == objective.family]
    unknown = np.isnan(number) & (objective.family == "cross_entropy")
    return np.asarray(np.isin(number, family) | unknown)
