"""A run kept by `python -m gan_core train --out`, opened in a real trainer process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_core.engine.client import Engine
from gan_core.history import History
from gan_core.measures.held_out import Pace
from gan_core.settings import read_settings
from gan_core.unattended import train
from tests.game import tiny


def test_an_opened_run_can_be_looked_through_and_is_filmed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "due", lambda self: True)
    train(tiny(seed=3), steps=5, seconds=None, out=tmp_path / "kept")
    settings, history = read_settings(tmp_path / "kept" / "settings.json"), History.read(tmp_path / "kept")
    kept = history.film.frames[-1]
    engine = Engine(workers=1)
    try:
        run = engine.create(tiny())
        run.open(tmp_path / "kept", settings, history)
        assert [frame.step for frame in run.history.film.frames] == [0, 1, 2, 3, 4, 5]
        shown = run.history.film.frames[-1]  # by now the engine's own picture of that step
        np.testing.assert_array_equal(shown["digits"], kept["digits"])
        np.testing.assert_allclose(shown["verdicts"], kept["verdicts"], rtol=1e-6)
        run.step_by_hand(1, "both")
        assert [frame.step for frame in run.history.film.frames] == [0, 1, 2, 3, 4, 5, 6]
    finally:
        engine.stop()
