"""Every version plays the recorded games: to the bit on the same arithmetic, to 1e-5 on any other."""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.record import EVALUATED_AT, FILE, GAMES, STEPS, arithmetic, play

COMPARED = {"saturating_loss": 100}
"""Steps that another processor's double precision repeats to 1e-5, where it is not all of them: this game
grows a difference of 1e-16 to 2.5e-3 within 200 steps."""


def differences(game: str, *, same_arithmetic: bool) -> list[str]:
    """What this version plays otherwise than the record says."""
    precision = "single" if same_arithmetic else "double"
    until = STEPS if same_arithmetic else COMPARED.get(game, STEPS)
    found = []
    with np.load(FILE, allow_pickle=False) as recorded:
        played, of_game = play(game, precision), f"{game}/{precision}/"
        names = [name.removeprefix(of_game) for name in recorded.files if name.startswith(of_game)]
        for name in names:  # a column that is newer than the record is not in it
            rows = until if name.startswith("steps.") else sum(step <= until for step in EVALUATED_AT)
            ours, theirs = played[name][:rows], recorded[of_game + name][:rows]
            if same_arithmetic:
                agree = np.array_equal(ours, theirs, equal_nan=True)
            else:
                agree = np.allclose(ours, theirs, rtol=0, atol=1e-5, equal_nan=True)
            if not agree:
                found.append(name)
    return found


@pytest.mark.parametrize("game", GAMES)
def test_the_recorded_games_are_played_again(game: str) -> None:
    with np.load(FILE, allow_pickle=False) as recorded:
        same = str(recorded["arithmetic"]) == arithmetic()
    assert differences(game, same_arithmetic=same) == []


def test_double_precision_meets_the_record_on_any_processor() -> None:
    assert differences("two_sided_smoothing", same_arithmetic=False) == []
