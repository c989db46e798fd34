"""What was foretold and what came: distances with their rate, eigenvalues, the map of step sizes."""

from __future__ import annotations

from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.saddle.simulation import PATHS, Simulation, Trajectory, motion, stands, ticks, timeline
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FONT,
    GENERATOR,
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
from gan_core.theory import rates
from gan_core.theory.rates import TIE, Fate, Forecast
from gan_core.theory.two_player import Complexes, Floats

FLOOR, CEILING = 1e-8, 1e5
"""The radius axis never shows more than this."""

FAR = 10.0
"""The players' axis never shows more than this."""

REACH = 1.25
"""The complex plane is shown this far from 0, or as far as the eigenvalues need."""

DASHED = {"color": REFERENCE, "width": 1.5, "dash": "dash"}
SYMBOLS = ("x", "diamond")
WORDS = {
    Fate.CONVERGES: "converges", Fate.RESTS: "comes to rest", Fate.STANDS: "stands still",
    Fate.CYCLES: "cycles", Fate.DRIFTS: "drifts", Fate.DIVERGES: "diverges",
}  # fmt: skip
"""What becomes of a game that is quadratic everywhere."""

NEARBY = dict.fromkeys(Fate, "undecided") | {
    Fate.CONVERGES: "attracts", Fate.STANDS: "stands still", Fate.DIVERGES: "repels",
}  # fmt: skip
"""What the linear part of any other game says of its equilibrium: at modulus 1, nothing."""

CLOSE = 0.1
"""Up to this distance a game that is not quadratic is drawn as foretold."""

STRAIGHT = (Fate.CONVERGES, Fate.STANDS, Fate.CYCLES, Fate.DIVERGES)
"""Fates whose distance keeps to a steady rate."""


def outlook(simulation: Simulation, trajectory: Trajectory) -> Forecast | None:
    """What must become of this start; where the game is not exact, of starts near the equilibrium.

    None where no step is linear. Whoever does not move at first never does: every method is at rest
    wherever a step leads nowhere.
    """
    record, q = trajectory.record, simulation.game.local
    if len(record.moves) and np.array_equal(record.moves[0, :, 0], record.moves[0, :, 1]):
        return Forecast(1.0, Fate.STANDS)
    if q is None:
        return None
    start = record.path[0]
    return rates.forecast(q, trajectory.setup, (start[0], start[1]) if simulation.game.exact else None)


def factor_text(rate: float) -> str:
    """As many digits as tell it from 1, at most nine."""
    close = abs(rate - 1) > TIE and f"{rate:.4f}" == "1.0000"
    return f"× {rate:.{9 if close else 4}f} a step"


def foretold(simulation: Simulation, trajectory: Trajectory) -> str:
    """What must happen, in one clause."""
    found = outlook(simulation, trajectory)
    if found is None:
        return "no linear update, nothing foretold"
    if found.fate is Fate.STANDS:
        return "nobody ever moves"
    if not simulation.game.exact:
        said = NEARBY[found.fate]
        return f"near (0, 0) {factor_text(found.rate)}, " + (
            "which leaves it undecided" if said == "undecided" else f"it {said}"
        )
    ends = {
        Fate.RESTS: "an eigenvalue is 1, it comes to rest beside (0, 0)",
        Fate.DRIFTS: "modulus 1 twice over, so it drifts: each step adds about as much",
    }
    return ends.get(found.fate, f"{factor_text(found.rate)}, so it {WORDS[found.fate]}")


# ---------------------------------------------------------------- the radius


class Distance(NamedTuple):
    """One method's distance from the equilibrium."""

    trajectory: Trajectory
    time: Floats  # [n]: steps or gradient calls
    radius: Floats  # [n]
    line: Floats  # [n]: as foretold, NaN where nothing is
    rate: float | None


class RadiusInfo(NamedTuple):
    """The distances, per step or per gradient call."""

    simulation: Simulation
    distances: tuple[Distance, ...]


def radius_info(simulation: Simulation) -> RadiusInfo:
    """Each method's distance over time, with what its multipliers foretell."""
    found = []
    for trajectory in simulation.trajectories:
        record, expected = trajectory.record, outlook(simulation, trajectory)
        time = record.calls if simulation.per_call else np.arange(len(record.path), dtype=float)
        line = _line(record.radius, expected, simulation.game.exact)
        found.append(Distance(trajectory, time, record.radius, line, expected.rate if expected else None))
    return RadiusInfo(simulation, tuple(found))


def _line(radius: Floats, expected: Forecast | None, exact: bool) -> Floats:
    """The rate as a line from the start; if not exact, through the first stretch of the path that is close.

    At modulus 1 the linear part says nothing of a game that is not exact: no line.
    """
    line = np.full(len(radius), np.nan)
    if expected is None or expected.fate not in STRAIGHT:
        return line
    near = np.ones(len(radius), bool) if exact or expected.fate is Fate.STANDS else radius <= CLOSE
    if not near.any() or (NEARBY[expected.fate] == "undecided" and not exact):
        return line
    first = int(near.argmax())
    last = first + int(np.append(near[first:], False).argmin())
    steps = np.arange(last - first)
    line[first:last] = radius[first] * np.exp(steps * np.log(max(expected.rate, 1e-12)))
    return line


def _log_span(info: RadiusInfo) -> tuple[float, float]:
    """Halves of powers of ten that hold every distance: the axis stays while a slider moves a little."""
    values = np.concatenate([d.radius for d in info.distances])
    values = np.clip(values[values > 0], FLOOR, CEILING)
    if not len(values):
        return -1.0, 1.0
    low, high = np.log10(values.min()), np.log10(values.max())
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.1, 0.5)
    return floor(2 * (middle - half)) / 2, ceil(2 * (middle + half)) / 2


def radius_figure(info: RadiusInfo) -> Figure:
    """The distance on a log axis: a steady rate is a straight line, and dashed where it is known."""
    data: list[dict[str, Any]] = []
    motions: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    keys = []
    unit = "gradient calls" if info.simulation.per_call else "steps"
    said = "foretold" if info.simulation.game.exact else "near (0, 0)"
    for place, found in enumerate(info.distances):
        trajectory, colour = found.trajectory, PATHS[place]
        band = {"color": faded(colour, 0.55), "width": 5}
        data.append(_curve(found.time, found.radius, band, trajectory.title))
        if np.isfinite(found.line).any():  # over the curve: both are seen where they are one
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
            log_axis("distance from<br>equilibrium", span),
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


# ---------------------------------------------------------------- eigenvalues of the update


class SpectrumInfo(NamedTuple):
    """The multipliers now, and on the way from step size 0 to now."""

    titles: tuple[str, ...]
    now: tuple[Complexes | None, ...]  # [m] each
    ways: tuple[Complexes | None, ...]  # [m, n] each


def spectrum_info(simulation: Simulation) -> SpectrumInfo:
    """The eigenvalues of each method's update at the equilibrium."""
    share = np.linspace(0.0, 1.0, 41)
    now, ways = [], []
    for trajectory in simulation.trajectories:
        q, setup = simulation.game.local, trajectory.setup
        grown = setup._replace(eta_x=share * setup.eta_x, eta_y=share * setup.eta_y)
        now.append(None if q is None else rates.multipliers(q, setup))
        ways.append(None if q is None else rates.multipliers(q, grown))
    return SpectrumInfo(tuple(p.title for p in simulation.trajectories), tuple(now), tuple(ways))


def spectrum_figure(info: SpectrumInfo) -> Figure:
    """The complex plane: inside the unit circle a motion dies out, on it it circles, outside it grows."""
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
            silence("No linear update, no eigenvalues") if empty else [],
            above=[key(*keys)],
            right=14,
        ),
    }


def silence(text: str) -> list[dict[str, Any]]:
    """Words in the middle of a picture that has nothing to show."""
    return [{"xref": "paper", "x": 0.5, "yref": "paper", "y": 0.5, "showarrow": False, "text": text,
             "font": {"size": FONT + 1}}]  # fmt: skip


# ---------------------------------------------------------------- each player alone


class PlayersInfo(NamedTuple):
    """The first method's players over time."""

    simulation: Simulation
    time: Floats  # [n]
    path: Floats  # [n, 2]
    conserved: Floats | None  # [n]: what the method keeps, where something is known to be kept


def players_info(simulation: Simulation) -> PlayersInfo:
    """Where each player stands, step by step."""
    record = simulation.trajectories[0].record
    time = record.calls if simulation.per_call else np.arange(len(record.path), dtype=float)
    q, kept = simulation.game.local, None
    if simulation.game.exact and q is not None and not (q.a or q.c):
        kept = rates.conserved(q.b, simulation.trajectories[0].setup, *record.path.T)
    return PlayersInfo(simulation, time, record.path, kept)


def _until_beyond(path: Floats) -> int:
    """How many points to draw: up to the first that leaves the picture. Those after it, each across the
    whole picture, would fill it."""
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
            axis("where each<br>player stands", (-size, size), zeroline=True),
            [],
            above=[key(*((LINE, ink, name) for ink, name in zip(inks, names, strict=True)))],
            left=52,
            right=14,
        ),
    }
