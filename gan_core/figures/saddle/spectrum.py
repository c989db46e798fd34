"""Eigenvalues of the update in the complex plane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.figures.saddle.prediction import empty_note
from gan_core.figures.saddle.simulation import PATHS, Simulation
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DASHES,
    REFERENCE,
    Figure,
    axis,
    faded,
    key,
    layout,
    typed,
)
from gan_core.theory import rates
from gan_core.theory.two_player import Complexes

REACH = 1.25
"""The smallest half width of the plane that is shown; larger where an eigenvalue needs it."""

DASHED = {"color": REFERENCE, "width": 1.5, "dash": "dash"}
SYMBOLS = ("x", "diamond")


class SpectrumInfo(NamedTuple):
    """Eigenvalues at the present step sizes, and on the way there from step size 0."""

    titles: tuple[str, ...]
    now: tuple[Complexes | None, ...]  # [m] each
    ways: tuple[Complexes | None, ...]  # [m, n] each


def spectrum_info(simulation: Simulation) -> SpectrumInfo:
    """Eigenvalues of each method's update at the equilibrium."""
    share = np.linspace(0.0, 1.0, 41)
    now, ways = [], []
    for trajectory in simulation.trajectories:
        q, setup = simulation.game.local, trajectory.setup
        grown = setup._replace(eta_x=share * setup.eta_x, eta_y=share * setup.eta_y)
        now.append(None if q is None else rates.multipliers(q, setup))
        ways.append(None if q is None else rates.multipliers(q, grown))
    return SpectrumInfo(tuple(p.title for p in simulation.trajectories), tuple(now), tuple(ways))


def spectrum_figure(info: SpectrumInfo) -> Figure:
    """The complex plane: inside the unit circle a distance shrinks, on it it stays, outside it grows."""
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = {
        "type": "scatter", "mode": "lines", "x": typed(np.cos(turn)), "y": typed(np.sin(turn)),
        "line": DASHED, "hoverinfo": "skip",
    }  # fmt: skip
    data, keys, farthest = [circle], [(DASHES, REFERENCE, "modulus 1")], 0.0
    for place, (title, now, way) in enumerate(zip(info.titles, info.now, info.ways, strict=True)):
        if now is None or way is None:
            continue
        thin = {"color": faded(PATHS[place], 0.4), "width": 1}
        for branch in way:
            data.append({"type": "scatter", "mode": "lines", "x": typed(branch.real), "y": typed(branch.imag),
                         "line": thin, "hoverinfo": "skip"})  # fmt: skip
        finite = now[np.isfinite(now)]
        hover = f"%{{x:.3f}} + %{{y:.3f}} i<br>%{{text}}<extra>{title}</extra>"
        farthest = max(farthest, min(12.0, 1.15 * float(np.abs(finite).max(initial=0.0))))
        data.append({"type": "scatter", "mode": "markers", "x": typed(finite.real), "y": typed(finite.imag),
                     "marker": {"symbol": SYMBOLS[place], "size": 9, "color": PATHS[place]},
                     "text": [f"modulus {abs(mu):.4f}" for mu in finite],
                     "hovertemplate": hover})  # fmt: skip
        keys.append(("✕◆"[place], PATHS[place], title))
    reach = round_outward(0.0, farthest, parts=4)[1] if farthest > REACH else REACH
    empty = all(now is None for now in info.now)
    return {
        "data": data,
        "layout": layout(
            axis("real part", (-reach, reach)),
            axis("imaginary part", (-reach, reach), scaleanchor="x", scaleratio=1),
            empty_note("The update is not linear: no eigenvalues") if empty else [],
            above=[key(*keys)],
            right=14,
        ),
    }
