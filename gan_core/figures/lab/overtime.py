"""The whole run: what its own D answers, and what a new D finds, at their steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gan_core.figures.lab.notes import finite
from gan_core.figures.series import Curve, Reference, curve, reference, steps_range
from gan_core.figures.style import (
    DASHES,
    FAKE,
    LINE,
    REAL,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    edge_label,
    key,
    layout,
    line_trace,
    press_play,
    reference_trace,
    steps_axis,
)
from gan_core.history import History, Result

FRESH = "fresh_discriminator"


class OvertimeInfo(NamedTuple):
    """D's mean answers on held-out samples, and the results of new discriminators."""

    real: Curve
    fake: Curve
    reference: Reference
    steps: tuple[float, float]
    results: Sequence[Result]  # of new discriminators, by step
    shown: int | None  # the step whose results the other charts show


def overtime_info(history: History, shown: int | None) -> OvertimeInfo:
    """Everything on the axis of training steps; the curves as on the live page."""
    columns, upto = history.evaluations.columns, float("inf")
    real, fake = (curve(history.evaluations, columns[name], upto) for name in ("d_real", "d_fake"))
    line = reference(history, "d_reference", upto, None)
    return OvertimeInfo(real, fake, line, steps_range(history), history.results.of(FRESH), shown)


def overtime_figure(info: OvertimeInfo) -> Figure:
    """Shares from 0 to 1 over training steps."""
    steps = [row.step for row in info.results]
    right = [finite(row.found["right_in_100"]) / 100.0 for row in info.results]
    sizes = [14 if row.step == info.shown else 9 for row in info.results]
    judged = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": steps,
        "y": right,
        "line": {"color": VALUE, "width": 1, "dash": "dot"},
        "marker": {"color": VALUE, "size": sizes, "symbol": "star", "line": {"color": "white", "width": 0.5}},
        "cliponaxis": False,
        "hovertemplate": "step %{x:,.0f}<br>a new D is right in %{y:.0%}<extra></extra>",
    }
    data = [
        reference_trace(info.reference, "%{y:.3f}"),
        line_trace(info.real, "D on real samples", REAL, "mean output %{y:.3f}"),
        line_trace(info.fake, "D on generated samples", FAKE, "mean output %{y:.3f}", dash="dash"),
        judged,
    ]
    return {
        "data": data,
        "layout": layout(
            steps_axis(info.steps),
            axis("mean output; share right", _span(info), zeroline=False),
            edge_label(info.reference.now) + press_play(not len(info.real.step)),
            above=[
                key(
                    (LINE, REAL, "D on real"), (DASHES, FAKE, "on generated"), (DASHES, REFERENCE, "its line")
                ),
                key(("★", VALUE, "share that a new D tells right: 0.5 is guessing")),
            ],
        ),
    }


def _span(info: OvertimeInfo) -> tuple[float, float]:
    """0 to 1; wider for an objective whose D gives a score."""
    values = np.concatenate([info.real.value, info.fake.value])
    if not len(values) or (values.min() >= 0.0 and values.max() <= 1.0):
        return 0.0, 1.03
    low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    room = 0.05 * (high - low)
    return low - room, high + room
