"""Distance from the equilibrium over time, measured and predicted."""

from __future__ import annotations

from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.saddle.prediction import LOCAL_OUTCOMES, factor_text, prediction
from gan_core.figures.saddle.simulation import PATHS, Simulation, Trajectory, motion, stands, ticks, timeline
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DASHES,
    FONT,
    LINE,
    REFERENCE,
    Figure,
    axis,
    faded,
    key,
    layout,
    log_axis,
    typed,
)
from gan_core.theory.rates import Fate, Forecast
from gan_core.theory.two_player import Floats

FLOOR, CEILING = 1e-8, 1e5
"""Limits of the axis of distances."""

DASHED = {"color": REFERENCE, "width": 1.5, "dash": "dash"}

CLOSE = 0.1
"""Up to this distance the prediction is drawn for a game that is not quadratic."""

STEADY = (Fate.CONVERGES, Fate.STANDS, Fate.CYCLES, Fate.DIVERGES)
"""Outcomes whose distance changes by the same factor in every step."""


class Distance(NamedTuple):
    """The distance of one method from the equilibrium."""

    trajectory: Trajectory
    time: Floats  # [n]: steps or gradient calls
    radius: Floats  # [n]
    line: Floats  # [n]: the predicted distance, NaN without a prediction
    rate: float | None


class RadiusInfo(NamedTuple):
    """The distances, per step or per gradient call."""

    simulation: Simulation
    distances: tuple[Distance, ...]


def radius_info(simulation: Simulation) -> RadiusInfo:
    """Measured and predicted distance of each method over time."""
    found = []
    for trajectory in simulation.trajectories:
        record, expected = trajectory.record, prediction(simulation, trajectory)
        time = record.calls if simulation.per_call else np.arange(len(record.path), dtype=float)
        line = _line(record.radius, expected, simulation.game.exact)
        found.append(Distance(trajectory, time, record.radius, line, expected.rate if expected else None))
    return RadiusInfo(simulation, tuple(found))


def _line(radius: Floats, expected: Forecast | None, exact: bool) -> Floats:
    """The predicted distance: from the start, or in a game that is not exact where the path first is CLOSE.

    No line if such a game has modulus 1, where the linear part does not decide.
    """
    line = np.full(len(radius), np.nan)
    if expected is None or expected.fate not in STEADY:
        return line
    near = np.ones(len(radius), bool) if exact or expected.fate is Fate.STANDS else radius <= CLOSE
    if not near.any() or (LOCAL_OUTCOMES[expected.fate] == "undecided" and not exact):
        return line
    first = int(near.argmax())
    last = first + int(np.append(near[first:], False).argmin())
    steps = np.arange(last - first)
    line[first:last] = radius[first] * np.exp(steps * np.log(max(expected.rate, 1e-12)))
    return line


def _log_span(info: RadiusInfo) -> tuple[float, float]:
    """The axis range in half powers of ten, so that it stays while a slider moves a little."""
    values = np.concatenate([d.radius for d in info.distances])
    values = np.clip(values[values > 0], FLOOR, CEILING)
    if not len(values):
        return -1.0, 1.0
    low, high = np.log10(values.min()), np.log10(values.max())
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.1, 0.5)
    return floor(2 * (middle - half)) / 2, ceil(2 * (middle + half)) / 2


def radius_figure(info: RadiusInfo) -> Figure:
    """Distances on a log axis, where a steady rate is a straight line; the predicted ones are dashed."""
    data: list[dict[str, Any]] = []
    motions: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    keys = []
    unit = "gradient calls" if info.simulation.per_call else "steps"
    said = "predicted" if info.simulation.game.exact else "near (0, 0)"
    for place, found in enumerate(info.distances):
        trajectory, colour = found.trajectory, PATHS[place]
        band = {"color": faded(colour, 0.55), "width": 5}
        data.append(_curve(found.time, found.radius, band, trajectory.title))
        if np.isfinite(found.line).any():  # above the curve, so that both are visible where they agree
            data.append(_curve(found.time, found.line, DASHED, f"{said}: {factor_text(found.rate or 0.0)}"))
        spot = stands(trajectory.record, timeline(info.simulation, trajectory).strokes)
        now = np.arange(len(spot)) / max(timeline(info.simulation, trajectory).parts, 1)
        motions.append(
            motion(info.simulation, len(data), x=np.minimum(now, found.time[-1]), y=np.hypot(*spot.T))
        )
        data.append({"type": "scatter", "mode": "markers", "x": [], "y": [], "hoverinfo": "skip",
                     "marker": {"color": colour, "size": 9}, "cliponaxis": False})  # fmt: skip
        keys.append((LINE, colour, trajectory.title))
        if trajectory.record.diverged_at is not None:
            notes.append(_diverged(trajectory, len(notes)))
    if any(np.isfinite(found.line).any() for found in info.distances):
        keys.append((DASHES, REFERENCE, said))
    span = _log_span(info)
    return {
        "data": data,
        "layout": layout(
            axis(unit, round_outward(0.0, max(float(ticks(info.simulation)), 1.0)), zeroline=False),
            log_axis("distance from<br>(0, 0)", span),
            notes,
            above=[key(*keys)],
            left=58,
            right=14,
        ),
        "motion": motions,
    }  # fmt: skip


def _curve(x: Floats, y: Floats, line: dict[str, Any], name: str) -> dict[str, Any]:
    shown = np.where((y > FLOOR * 1e-4) & (y < CEILING * 1e4), y, np.nan)
    return {
        "type": "scatter", "mode": "lines", "x": typed(x), "y": typed(shown), "line": line,
        "hovertemplate": "%{x:,.0f}: %{y:.4g}<extra>" + name + "</extra>",
    }  # fmt: skip


def _diverged(trajectory: Trajectory, place: int) -> dict[str, Any]:
    text = f"{trajectory.title}: diverged at step {trajectory.record.diverged_at}"
    return {"xref": "paper", "x": 0.98, "xanchor": "right", "yref": "paper", "y": 0.04 + 0.1 * place,
            "yanchor": "bottom", "showarrow": False, "text": text, "font": {"size": FONT}}  # fmt: skip
