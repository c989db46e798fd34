"""A run inside its trainer process, by a clock of our own."""

from __future__ import annotations

from pathlib import Path

from gan_core.engine.run import REPORT_SECONDS, Run
from tests.game import new_trainer, tiny


def test_the_first_step_under_other_settings_is_reported_at_once(tmp_path: Path) -> None:
    now = 100.0
    run = Run("a", new_trainer(smoothing=0.9), tmp_path, None, clock=lambda: now)
    run.play()
    run.advance()
    run.report()
    run.advance()
    assert not run.due
    run.update(tiny(smoothing=0.7))
    run.advance()
    assert run.due
    report, arrays = run.report()
    assert report.settings.smoothing == 0.7
    assert arrays["steps.d_reference"].tolist() == [0.45, 0.35]
    run.advance()
    assert not run.due
    now += REPORT_SECONDS
    assert run.due
