"""D's mean answers on held-out real and generated images over the training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.live.changes import ChangeMark, change_traces
from gan_core.figures.live.objective import PLAIN
from gan_core.figures.live.outputs import outputs_axis, outputs_range
from gan_core.figures.series import Curve, Reference, curve, in_view, measured_rows, reference, steps_range
from gan_core.figures.style import (
    DASHES,
    FAKE,
    LINE,
    REAL,
    Figure,
    edge_label,
    faded,
    key,
    layout,
    line_trace,
    now_trace,
    press_play,
    reference_trace,
    steps_axis,
    typed,
)
from gan_core.history import Array, History
from gan_core.theory.objectives import Objective


class Band(NamedTuple):
    """A mean over training steps with its 10 and 90 % quantiles, thinned alike."""

    mean: Curve
    low: Array  # [n]
    high: Array  # [n]


class MeansInfo(NamedTuple):
    """D's answers on held-out images: mean and where the middle 80 % lie."""

    real: Band
    fake: Band
    reference: Reference
    steps: tuple[float, float]
    outputs: tuple[float, float]
    objective: Objective


def means_info(
    history: History, upto: float, *, d_reference: float | None = None, objective: Objective = PLAIN
) -> MeansInfo:
    """Means and quantiles on held-out images, thinned by merging (mean)."""
    line = reference(history, "d_reference", upto, d_reference)
    real, fake = _band(history, "real", upto), _band(history, "fake", upto)
    span = outputs_range(history, d_reference, objective)
    return MeansInfo(real, fake, line, steps_range(history), span, objective)


def _band(history: History, kind: str, upto: float) -> Band:
    log = history.evaluations
    names = (f"d_{kind}", f"{kind}_low", f"{kind}_high")
    table = np.column_stack([log.columns[name] for name in names])
    table[~measured_rows(table)] = np.nan
    mean, low, high = (curve(log, column, upto) for column in table.T)
    return Band(mean, low.value, high.value)


def _area(band: Band, name: str, colour: str) -> dict[str, Any]:
    """The band as one closed shape: out along the low edge, back along the high one."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": typed(np.append(band.mean.step, band.mean.step[::-1])),
        "y": typed(np.append(band.low, band.high[::-1])),
        "fill": "toself",
        "fillcolor": faded(colour, 0.2),
        "line": {"width": 0},
        "name": name,
        "hoverinfo": "skip",
    }


def means_figure(info: MeansInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """Means as lines, the middle 80 % of the images as bands, against the equilibrium output."""
    hover = "mean output %{y:.3f}"
    kinds = ((info.real, "real", REAL, "solid"), (info.fake, "generated", FAKE, "5px,2px"))
    traces = [_area(band, name, colour) for band, name, colour, _ in kinds]
    traces += [line_trace(band.mean, name, colour, hover, dash=dash) for band, name, colour, dash in kinds]
    traces.append(reference_trace(info.reference, "output %{y:.3f}"))
    traces += change_traces(marks, info.outputs[0])
    dots = [(in_view(band.mean.now, info.outputs), colour) for band, _, colour, _ in kinds]
    traces.append(now_trace(dots, hover))
    y = outputs_axis(info.objective, info.outputs, upright=True)
    notes = edge_label(info.reference.now) + press_play(not len(info.real.mean.step))
    above = [key((LINE, REAL, "real"), (DASHES, FAKE, "generated")), "means; bands: 10% to 90%"]
    return {
        "data": traces,
        "layout": layout(steps_axis(info.steps), y, notes, above=above, left=58, right=40),
    }
