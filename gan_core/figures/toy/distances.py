"""How far the samples are from the known density, over steps, against what perfect samples would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gan_core.figures.live.changes import ChangeMark, change_traces
from gan_core.figures.series import Curve, Reference, curve, in_view, round_outward, steps_range
from gan_core.figures.style import (
    DASHES,
    GENERATOR,
    LINE,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    key,
    layout,
    line_trace,
    now_trace,
    number,
    press_play,
    reference_trace,
    steps_axis,
)
from gan_core.history import Array, History
from gan_core.theory.objectives import Objective


class Distance(NamedTuple):
    """One distance, and its mean for samples of the data themselves: its noise floor."""

    drawn: Curve
    floor: Reference


class DistancesInfo(NamedTuple):
    """JSD in nats, TV between 0 and 1; and, at the step shown, what the others are."""

    jsd: Distance
    tv: Distance
    best_value: float | None  # V of the best D: -log 4 + 2 JSD, in nats
    kl_forward: float | None  # KL(p_data, p_G), in nats
    kl_backward: float | None
    steps: tuple[float, float]
    values: tuple[float, float]


def distances_info(history: History, upto: float) -> DistancesInfo:
    """The distances of the whole of `history`, with the row shown at step `upto`."""
    log = history.evaluations
    columns = log.columns
    nothing = np.full(len(log), np.nan)

    def column(name: str) -> Array:
        return columns.get(name, nothing)

    def distance(name: str) -> Distance:
        drawn, floors = curve(log, column(name), upto), curve(log, column(f"{name}_floor"), upto)
        now = floors.now.value if floors.now is not None else None
        held = [] if now is None else [now, now]
        ends = np.array([0.0, steps_range(history)[1]])[: len(held)]
        return Distance(drawn, Reference(ends, np.array(held), now))

    def last(name: str) -> float | None:
        now = curve(log, column(name), upto).now
        return None if now is None else now.value

    jsd, tv = distance("jsd"), distance("tv")
    highest = max(np.concatenate([jsd.drawn.value, tv.drawn.value]), default=1.0)
    values = round_outward(0.0, max(float(highest), 0.1))
    best, forward, backward = (last(name) for name in ("best_value", "kl_forward", "kl_backward"))
    return DistancesInfo(jsd, tv, best, forward, backward, steps_range(history), values)


def distances_figure(
    info: DistancesInfo, objective: Objective, marks: Sequence[ChangeMark] = ()
) -> Figure:
    """Both distances, each with its floor dashed; in the key what the step shown adds.

    The largest V follows from the JSD under cross-entropy alone.
    """
    best = info.best_value if objective.family == "cross_entropy" else None
    hover = "%{y:.3f}"
    drawn = ((info.jsd, "JSD (nats)", VALUE), (info.tv, "TV", GENERATOR))
    traces = [line_trace(distance.drawn, name, colour, hover) for distance, name, colour in drawn]
    traces += [
        reference_trace(distance.floor, f"floor of {name}: {hover}", width=1.2) for distance, name, _ in drawn
    ]
    traces += change_traces(marks, info.values[0])
    dots = [(in_view(distance.drawn.now, info.values), colour) for distance, _, colour in drawn]
    traces.append(now_trace(dots, hover))
    now = [key((LINE, colour, f"{name} {_said(distance)}")) for distance, name, colour in drawn]
    more = [
        f"{name} {number(value, 2)}"
        for name, value in (
            ("max V", best), ("KL(data, G)", info.kl_forward), ("KL(G, data)", info.kl_backward),
        )
        if value is not None
    ]  # fmt: skip
    above = [*now, key((DASHES, REFERENCE, "noise floor")), ",  ".join(more)]
    frame = layout(
        steps_axis(info.steps), axis("distance", info.values, zeroline=False),
        press_play(not len(info.jsd.drawn.step)), above=above, right=14,
    )  # fmt: skip
    return {"data": traces, "layout": frame}


def _said(distance: Distance) -> str:
    """The number now, with its floor."""
    now, floor = distance.drawn.now, distance.floor.now
    if now is None or floor is None:
        return ""
    return f"{number(now.value, 3)} (floor {number(floor, 3)})"
