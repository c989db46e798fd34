"""Each player of the first method alone, over time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.figures.saddle.simulation import Simulation, ticks
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DISCRIMINATOR,
    GENERATOR,
    LINE,
    Figure,
    axis,
    key,
    layout,
    typed,
)
from gan_core.theory import rates
from gan_core.theory.two_player import Floats

FAR = 10.0
"""Limit of the axis of positions."""


class PlayersInfo(NamedTuple):
    """Both players of the first method over time."""

    simulation: Simulation
    time: Floats  # [n]
    path: Floats  # [n, 2]
    conserved: Floats | None  # [n]: the conserved quantity, if one is known


def players_info(simulation: Simulation) -> PlayersInfo:
    """Each player's position at every step."""
    record = simulation.trajectories[0].record
    time = record.calls if simulation.per_call else np.arange(len(record.path), dtype=float)
    q, kept = simulation.game.local, None
    if simulation.game.exact and q is not None and not (q.a or q.c):
        kept = rates.conserved(q.b, simulation.trajectories[0].setup, *record.path.T)
    return PlayersInfo(simulation, time, record.path, kept)


def _until_beyond(path: Floats) -> int:
    """The number of points to draw: up to the first beyond FAR. The lines of a diverging path after it would
    cover the whole chart."""
    beyond = np.abs(path).max(axis=1) > FAR
    return int(beyond.argmax()) + 1 if beyond.any() else len(path)


def players_figure(info: PlayersInfo) -> Figure:
    """Both players over time."""
    names, inks = info.simulation.players, (GENERATOR, DISCRIMINATOR)
    shown = _until_beyond(info.path)
    data = [
        {"type": "scatter", "mode": "lines", "x": typed(info.time[:shown]), "y": typed(info.path[:shown, i]),
         "line": {"color": inks[i], "width": 2},
         "hovertemplate": "%{x:,.0f}: %{y:.3f}<extra>" + names[i] + "</extra>"}
        for i in (0, 1)
    ]  # fmt: skip
    size = round_outward(0.0, float(np.clip(1.05 * np.abs(info.path).max(), 0.1, FAR)), parts=4)[1]
    unit = "gradient calls" if info.simulation.per_call else "steps"
    return {
        "data": data,
        "layout": layout(
            axis(unit, round_outward(0.0, max(float(ticks(info.simulation)), 1.0)), zeroline=False),
            axis("position of<br>each player", (-size, size), zeroline=True),
            [],
            above=[key(*((LINE, ink, name) for ink, name in zip(inks, names, strict=True)))],
            left=52,
            right=14,
        ),
    }
