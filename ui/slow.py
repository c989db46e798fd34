"""Slow motion: one training step, part by part, for the board."""

from __future__ import annotations

from typing import Any

from gan_core.engine.handle import RunHandle
from gan_core.history import Keyframe
from gan_core.settings import sample_of
from gan_core.substeps import substeps
from gan_core.theory.objectives import Objective
from ui.toy_frames import sample_figures


def slow_parts(run: RunHandle, objective: Objective, line: float | None) -> dict[str, Any]:
    """What a frame says of the present step, if it was made in slow motion; nothing else.

    `slow`: the parts; `moments`: of points, the charts of samples before, between and after the moves.
    Hold `run.lock`.
    """
    steps = run.history.steps.columns
    if not run.moments or not len(steps["step"]):
        return {}
    record = {name: float(column[-1]) for name, column in steps.items()}
    parts = [part._asdict() for part in substeps(run.settings, record)]
    if sample_of(run.settings.data) == "digits":
        return {"slow": parts}
    figures = {
        moment: sample_figures(run.settings, Keyframe(run.step, arrays), objective, line)[0]
        for moment, arrays in run.moments.items()
    }
    return {"slow": parts, "moments": figures}
