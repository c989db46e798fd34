"""A run folder of an earlier version opens in this one. The fixtures are never written anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_core import checkpoint
from gan_core.history import History
from tests.game import play

FORMAT_1 = Path(__file__).parent / "fixtures" / "run_of_format_1"
"""As `python -m gan_core train --steps 300 --seed 4` wrote it, with networks of width 32 and 16 latents."""


def test_the_records_of_format_1_are_read() -> None:
    history = History.read(FORMAT_1)
    steps, evaluations = history.steps.columns, history.evaluations.columns
    np.testing.assert_array_equal(steps["step"], np.arange(1, 301))
    assert steps["d_loss"][[0, -1]].tolist() == [1.3915579319000244, 1.284469485282898]
    assert np.isnan(steps["real_loss"]).all()  # not measured then
    assert np.isnan(evaluations["g_loss_reference"]).all()
    assert history.reference("d_loss_reference").at(300) is None
    assert evaluations["step"][0] == 0
    assert evaluations["step"][-1] == 300
    assert evaluations["real_histogram"].sum(1) == pytest.approx(np.ones(len(evaluations["step"])))
    assert history.film.frames[-1].step == 300
    assert history.film.frames[-1]["digits"].shape == (64, 784)


def test_the_game_of_format_1_goes_on() -> None:
    trainer = checkpoint.load(FORMAT_1)
    assert (trainer.steps_done, trainer.settings.seed, trainer.settings.generator_hidden) == (300, 4, "32-32")
    assert [record.step for record in play(trainer, 2)] == [301, 302]
