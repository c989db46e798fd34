"""The minimax value over training, and the tug of war over it."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import NamedTuple

import numpy as np

from gan_core.figures.live.changes import ChangeMark, change_traces
from gan_core.figures.live.objective import PLAIN
from gan_core.figures.series import (
    Curve,
    Point,
    Reference,
    curve,
    excursions,
    following_range,
    in_view,
    reference,
    robust_range,
    steps_range,
)
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    FILLED,
    GENERATOR,
    LINE,
    REAL,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    edge_label,
    excursion_trace,
    faded,
    key,
    layout,
    line_trace,
    now_trace,
    press_play,
    reference_trace,
    steps_axis,
)
from gan_core.history import History
from gan_core.theory.objectives import Objective

VALUE_SLACK = 0.5
"""Nats around the bulk of V that are always worth showing: V hardly leaves -2 to 0 in a sound game."""

RECENT = 8
"""Points, the latest of each curve, that are always in the picture."""

HOME = (-1.5, -0.5)
"""Nats, always in the picture: where V and its terms lie at equilibrium under cross-entropy."""

PULL_SLACK = 0.05
"""Nats; pulls lie between 0.02 and 0.4, and smaller ones should look small."""


class ValueInfo(NamedTuple):
    """V = a mean on real samples + a mean on generated ones, which D without smoothing maximises.

    Under cross-entropy E log D(x) + E log(1 - D(G(z))), in nats (Goodfellow et al. 2014, equation 1); else
    see `theory.objectives`.
    """

    batch: Curve  # V on the training batch
    held_out: Curve  # V on held-out digits
    real: Curve  # its two terms there
    fake: Curve
    reference: Reference  # V at the equilibrium of the labels then in force
    steps: tuple[float, float]  # range of the axis
    values: tuple[float, float]  # follows the recent values and the reference
    excursions: list[Point]  # where V leaves it
    objective: Objective


class TugInfo(NamedTuple):
    """By how much each player's own move changed V on the batch it was made on, in nats."""

    d_pull: Curve  # D wants it above 0
    g_pull: Curve  # G wants it below
    steps: tuple[float, float]
    values: tuple[float, float]
    unit: str


def value_info(
    history: History, upto: float, *, d_reference: float | None = None, objective: Objective = PLAIN
) -> ValueInfo:
    """V up to the whole of `history`, with the row shown at step `upto`.

    Curves are thinned by merging (mean), see `style.thin`; rows that were not measured (NaN) or are
    infinite are left out. `d_reference`: the equilibrium output to draw before anything is recorded.
    """
    steps, evaluations = history.steps, history.evaluations
    expected = None if d_reference is None else float(objective.surface(d_reference, d_reference))
    real, fake = evaluations.columns["real_term"], evaluations.columns["fake_term"]
    curves = (
        curve(steps, steps.columns["real_term"] + steps.columns["fake_term"], upto),
        curve(evaluations, real + fake, upto),
        curve(evaluations, real, upto),
        curve(evaluations, fake, upto),
    )
    line = reference(history, "value_reference", upto, expected)
    home = HOME if objective.unit == "nats" else (-1.0, 0.0)
    keep = [*home, *line.value]
    values, recent = (np.concatenate([d.value[since:] for d in curves]) for since in (0, -RECENT))
    span = following_range(values, recent, keep, VALUE_SLACK)
    axis_of_steps = steps_range(history)
    left = excursions(curves[:2], span, axis_of_steps[1])
    return ValueInfo(*curves, line, axis_of_steps, span, left, objective)


def value_figure(info: ValueInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """V on the batch faint, on held-out digits strong, and its two terms, against the equilibrium.

    Where V leaves the picture, a triangle at its edge says how far it went.
    """
    unit = info.objective.unit
    hover, fell = f"%{{y:.3f}} {unit}".rstrip(), f"V fell to %{{text}} {unit}".rstrip()
    faint = faded(VALUE, 0.45)
    traces = [
        line_trace(info.batch, "V on the batch", faint, hover, width=1),
        reference_trace(info.reference, "V " + hover),
        line_trace(info.real, "real term", REAL, hover, width=1.5),
        line_trace(info.fake, "generated term", FAKE, hover, width=1.5, dash="5px,2px"),
        line_trace(info.held_out, "V", VALUE, hover, width=2.5),
        excursion_trace(info.excursions, info.values[0], "down", VALUE, fell),
        *change_traces(marks, info.values[0]),
    ]
    strong = ((info.real, REAL), (info.fake, FAKE), (info.held_out, VALUE))
    traces.append(now_trace([(in_view(drawn.now, info.values), colour) for drawn, colour in strong], hover))
    empty = not len(info.batch.step) and not len(info.held_out.step)
    notes = edge_label(info.reference.now, 3) + press_play(empty)
    title = f"V ({unit})" if unit else "V"
    y = axis(title, info.values, zeroline=False, tickformat=_tick_format(info.values))
    terms = f"{key((LINE, REAL, 'real'))} +  {key((DASHES, FAKE, 'generated'))}"
    others = key((LINE, faint, "batch"), (DASHES, REFERENCE, "equilibrium"))
    above = f"{key((LINE, VALUE, 'V'))} =  {terms}   {others}"
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=[above])}


def tug_info(history: History, upto: float, *, objective: Objective = PLAIN) -> TugInfo:
    """Both players' pulls on V, thinned by merging (mean); steps without a measurement are left out."""
    log = history.steps
    d_pull, g_pull = (curve(log, log.columns[name], upto) for name in ("d_pull", "g_pull"))
    span = robust_range(np.concatenate([d_pull.value, g_pull.value]), [0.0], PULL_SLACK)
    return TugInfo(d_pull, g_pull, steps_range(history), span, objective.unit)


def tug_figure(info: TugInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """D's pull filled upwards from zero, G's downwards."""
    hover = f"V %{{y:+.4f}} {info.unit}".rstrip()
    players = ((info.d_pull, "D's step", DISCRIMINATOR), (info.g_pull, "G's step", GENERATOR))
    traces = [
        line_trace(drawn, name, colour, hover, width=1) | {"fill": "tozeroy", "fillcolor": faded(colour, 0.5)}
        for drawn, name, colour in players
    ]
    traces += change_traces(marks, info.values[0])
    dots = [(in_view(drawn.now, info.values), colour) for drawn, _, colour in players]
    traces.append(now_trace(dots, hover))
    y = axis(
        f"ΔV ({info.unit})" if info.unit else "ΔV", info.values, zeroline=True, zerolinecolor=REFERENCE,
        tickformat=_tick_format(info.values), tickvals=_marks_beside_zero(info.values),
    )  # fmt: skip
    empty = not len(info.d_pull.step) and not len(info.g_pull.step)
    notes = [note | {"y": 0.55} for note in press_play(empty)]  # over the line of zero
    above = key(*((FILLED, colour, name) for _, name, colour in players))
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=[above], right=14)}


def _tick_format(span: tuple[float, float]) -> str:
    """Thousands as k: written out, they would run into the title of the axis."""
    return "~s" if max(map(abs, span)) >= 1000 else "~g"


def _marks_beside_zero(span: tuple[float, float]) -> list[float]:
    """Zero and one round number on either side that has room for it: Plotly may choose zero alone."""
    largest = max(map(abs, span))
    power = 10.0 ** floor(log10(largest))
    mark = max(nice * power for nice in (1, 2, 5) if nice * power <= largest * (1 + 1e-9))
    return [place for place in (-mark, 0.0, mark) if span[0] * (1 + 1e-9) <= place <= span[1] * (1 + 1e-9)]
