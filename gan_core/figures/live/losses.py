"""The losses of both players over training, against their values at equilibrium; and their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isnan
from typing import Any, NamedTuple

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
    round_outward,
    steps_range,
)
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    FONT,
    GENERATOR,
    LINE,
    REAL,
    REFERENCE,
    Figure,
    axis,
    excursion_trace,
    key,
    layout,
    line_trace,
    log_axis,
    now_trace,
    number,
    press_play,
    reference_trace,
    steps_axis,
)
from gan_core.history import History
from gan_core.theory.objectives import Objective
from gan_core.theory.references import References

SLACK = 0.5
"""Nats around the bulk of the losses that are always worth showing."""

RECENT = 8
"""Points, the latest of each curve, that are always in the picture."""

POINTS = 200
"""Points on a curve: a loss on single batches is noisy, and more of them would be a band of ink."""

APART = 0.13
"""Share of the picture's height that two numbers beside it need."""


class Loss(NamedTuple):
    """One loss, and where it lies at the equilibrium of the labels and of the loss of G then in force."""

    drawn: Curve
    line: Reference


class LossesInfo(NamedTuple):
    """What each player minimises on the training batch, in nats, without penalties."""

    d: Loss  # the sum of the next two
    real: Loss
    fake: Loss
    g: Loss
    steps: tuple[float, float]  # range of the axis
    values: tuple[float, float]  # follows the recent losses and the references
    above: list[Point]  # where a loss leaves the picture at its top
    below: list[Point]  # and at its bottom
    unit: str


class GradientsInfo(NamedTuple):
    """Euclidean length of each player's gradient on its batch, D's with its penalty."""

    d: Curve
    g: Curve
    steps: tuple[float, float]
    powers: tuple[float, float]  # range of the axis, as powers of ten


def losses_info(
    history: History, upto: float, *, expected: References | None = None, objective: Objective = PLAIN
) -> LossesInfo:
    """The losses of the whole of `history`, with the row shown at step `upto`.

    Curves are thinned by merging (mean). `expected`: the references to draw before anything is recorded.
    """
    log = history.steps
    is_new = not len(history.evaluations) and not len(log)

    def loss(name: str) -> Loss:
        column = f"{name}_reference"
        at_first = getattr(expected, column) if is_new and expected else None
        at_first = None if at_first is None or isnan(at_first) else at_first
        drawn = curve(log, log.columns[name], upto, limit=POINTS)
        return Loss(drawn, reference(history, column, upto, at_first))

    d, real, fake, g = losses = [loss(name) for name in ("d_loss", "real_loss", "fake_loss", "g_loss")]
    curves, keep = [drawn for drawn, _ in losses], np.concatenate([line.value for _, line in losses])
    values, recent = (np.concatenate([drawn.value[since:] for drawn in curves]) for since in (0, -RECENT))
    low, _ = following_range(values, recent, [*keep, 0.0], SLACK)
    _, high = _upside_down(following_range(-values, -recent, [*-keep, 0.0], SLACK))
    span, axis_of_steps = round_outward(low, high), steps_range(history)
    turned = [drawn._replace(value=-drawn.value) for drawn in curves]
    above = excursions(turned, _upside_down(span), axis_of_steps[1])
    return LossesInfo(
        d, real, fake, g, axis_of_steps, span,
        [point._replace(value=-point.value) for point in above],
        excursions(curves, span, axis_of_steps[1]), objective.unit,
    )  # fmt: skip


def _upside_down(span: tuple[float, float]) -> tuple[float, float]:
    return -span[1], -span[0]


def losses_figure(info: LossesInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """D's loss strong, its two parts in the colours of the images, G's loss; each with its own dashed line.

    Where a loss leaves the picture, a triangle at its edge says how far it went.
    """
    hover, left = (f"{number} {info.unit}".rstrip() for number in ("%{y:.3f}", "%{text}"))
    traces = [
        line_trace(info.real.drawn, "D's loss, real", REAL, hover, width=1.2),
        line_trace(info.fake.drawn, "D's loss, generated", FAKE, hover, width=1.2, dash="5px,2px"),
        line_trace(info.g.drawn, "G's loss", GENERATOR, hover),
        line_trace(info.d.drawn, "D's loss", DISCRIMINATOR, hover),
        reference_trace(info.real.line, f"of D's loss, real: {hover}", width=1.2),
        reference_trace(info.fake.line, f"of D's loss, generated: {hover}", width=1.2),
        reference_trace(info.g.line, f"of G's loss: {hover}", width=1.2),
        reference_trace(info.d.line, f"of D's loss: {hover}", width=1.2),
        excursion_trace(info.above, info.values[1], "up", REFERENCE, f"a loss of {left}"),
        excursion_trace(info.below, info.values[0], "down", REFERENCE, f"a loss of {left}"),
        *change_traces(marks, info.values[0]),
    ]
    ends = ((info.real, REAL), (info.fake, FAKE), (info.g, GENERATOR), (info.d, DISCRIMINATOR))
    dots = [(in_view(loss.drawn.now, info.values), colour) for loss, colour in ends]
    traces.append(now_trace(dots, hover))
    notes = _numbers_at_the_edge(info) + press_play(not len(info.d.drawn.step))
    y = axis(f"loss ({info.unit})" if info.unit else "loss", info.values, zeroline=False, tickformat="~g")
    parts = f"{key((LINE, REAL, 'real'))} +  {key((DASHES, FAKE, 'generated'))}"
    others = key((LINE, GENERATOR, "G"), (DASHES, REFERENCE, "equilibrium"))
    above = f"{key((LINE, DISCRIMINATOR, 'D'))} =  {parts}   {others}"
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=[above], right=58)}


def _numbers_at_the_edge(info: LossesInfo) -> list[dict[str, Any]]:
    """The present references in the right margin, each behind the stroke of its curve.

    Equal ones are one. They stand at their own heights, or as near as the numbers beside them allow.
    """
    signs: dict[str, str] = {}
    height: dict[str, float] = {}
    for (_, line), sign, colour in (
        (info.d, LINE, DISCRIMINATOR), (info.real, LINE, REAL),
        (info.fake, DASHES, FAKE), (info.g, LINE, GENERATOR),
    ):  # fmt: skip
        if line.now is not None:
            text = number(line.now, 3)
            signs[text] = signs.get(text, "") + f'<span style="color:{colour}"><b>{sign}</b></span>'
            height[text] = line.now
    texts = sorted(height, key=lambda text: height[text])
    places = apart([height[text] for text in texts], APART * (info.values[1] - info.values[0]))
    side = {"xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 3, "yref": "y", "showarrow": False}
    return [
        side | {"text": f"{signs[text]} {text}", "y": place, "font": {"size": FONT}}
        for text, place in zip(texts, places, strict=True)
    ]


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Places at least `gap` apart, in the order of `heights` (rising), as near to them as that allows.

    Those that are too close are pooled: each pool stands evenly around the mean of its own heights.
    """
    pools: list[list[float]] = []
    for height in heights:
        pools.append([height])
        while len(pools) > 1 and _bottom(pools[-1], gap) - _top(pools[-2], gap) < gap:
            pools[-2:] = [pools[-2] + pools[-1]]
    return [_bottom(pool, gap) + gap * i for pool in pools for i in range(len(pool))]


def _bottom(pool: Sequence[float], gap: float) -> float:
    return sum(pool) / len(pool) - gap * (len(pool) - 1) / 2


def _top(pool: Sequence[float], gap: float) -> float:
    return sum(pool) / len(pool) + gap * (len(pool) - 1) / 2


def gradients_info(history: History, upto: float) -> GradientsInfo:
    """Both gradients' lengths, thinned by merging (mean)."""
    log = history.steps
    d, g = (curve(log, log.columns[name], upto, limit=POINTS) for name in ("d_grad_norm", "g_grad_norm"))
    lengths = np.concatenate([d.value, g.value])
    powers = np.log10(lengths[lengths > 0])
    low, high = (float(powers.min()), float(powers.max())) if len(powers) else (-1.0, 0.0)
    return GradientsInfo(d, g, steps_range(history), _with_two_powers(low, high))


def _with_two_powers(low: float, high: float) -> tuple[float, float]:
    """The range widened to whole tenths, and until two whole numbers lie in it: the marks of its axis."""
    low, high = floor(10 * low) / 10, ceil(10 * high) / 10
    while floor(high) - ceil(low) < 1:
        down, up = low - (ceil(low) - 1), floor(high) + 1 - high
        low, high = (low - down, high) if down <= up else (low, high + up)
    return low, high


def gradients_figure(info: GradientsInfo, marks: Sequence[ChangeMark] = ()) -> Figure:
    """Both lengths on a scale of powers of ten, on which a gradient that vanishes falls and falls."""
    hover = "gradient norm %{y:.3g}"
    players = ((info.d, "D", DISCRIMINATOR), (info.g, "G", GENERATOR))
    traces = [line_trace(drawn, name, colour, hover, width=1.5) for drawn, name, colour in players]
    traces += change_traces(marks, 10.0 ** info.powers[0])
    traces.append(now_trace([(_drawable(drawn.now), colour) for drawn, _, colour in players], hover))
    above = "gradient norm:   " + key(*((LINE, colour, name) for _, name, colour in players))
    notes = [note | {"y": 0.1} for note in press_play(not len(info.d.step))]
    y = log_axis("norm", info.powers, few=True)
    return {"data": traces, "layout": layout(steps_axis(info.steps), y, notes, above=[above], right=14)}


def _drawable(point: Point | None) -> Point | None:
    """`point`, unless its value has no logarithm."""
    return point if point is not None and point.value > 0 else None
