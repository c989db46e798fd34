"""What was foretold and what came: distances with their rate, eigenvalues, the map of step sizes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.series import round_outward
from gan_core.figures.stage import PATHS, Played, Stage, motion, stands, ticks, timeline
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
from gan_core.theory.methods import Setup
from gan_core.theory.two_player import Complexes, Floats, Quadratic

FLOOR, CEILING = 1e-8, 1e5
"""The radius axis never shows more than this."""

DASHED = {"color": REFERENCE, "width": 1.5, "dash": "dash"}
SYMBOLS = ("x", "diamond")
WORDS = {-1: "converges", 0: "cycles", 1: "diverges"}


def rate_of(q: Quadratic | None, setup: Setup) -> float | None:
    """The closed-form factor a step, where there is one."""
    found = None if q is None else rates.rate(q, setup)
    return None if found is None else float(found)


def foretold(q: Quadratic | None, setup: Setup) -> str:
    """What must happen near the equilibrium, in one clause."""
    factor = rate_of(q, setup)
    if factor is None:
        return "not linear, nothing foretold"
    return f"× {factor:.4f} a step, so it {WORDS[int(rates.verdict(factor))]}"


# ---------------------------------------------------------------- the radius


class Distance(NamedTuple):
    """One method's distance from the equilibrium."""

    played: Played
    time: Floats  # [n]: steps or gradient calls
    radius: Floats  # [n]
    line: Floats | None  # [n]: the start times the closed-form rate to the power of the step
    rate: float | None


class RadiusInfo(NamedTuple):
    """The distances, per step or per gradient call."""

    stage: Stage
    distances: tuple[Distance, ...]


def radius_info(stage: Stage) -> RadiusInfo:
    """Each method's distance over time, with what its multipliers foretell."""
    found = []
    for played in stage.played:
        record, factor = played.record, rate_of(stage.game.local, played.setup)
        steps = np.arange(len(record.path), dtype=float)
        time = record.calls if stage.per_call else steps
        line = None if factor is None else record.radius[0] * np.exp(steps * np.log(max(factor, 1e-12)))
        found.append(Distance(played, time, record.radius, line, factor))
    return RadiusInfo(stage, tuple(found))


def _log_span(info: RadiusInfo) -> tuple[float, float]:
    """Powers of ten that hold every distance."""
    values = np.concatenate([d.radius for d in info.distances])
    values = np.clip(values[values > 0], FLOOR, CEILING)
    if not len(values):
        return -1.0, 1.0
    low, high = np.log10(values.min()), np.log10(values.max())
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.1, 0.5)
    return float(middle - half), float(middle + half)


def radius_figure(info: RadiusInfo) -> Figure:
    """The distance on a log axis: a steady rate is a straight line, and dashed where it is known."""
    data: list[dict[str, Any]] = []
    motions: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    keys = []
    unit = "gradient calls" if info.stage.per_call else "steps"
    for place, found in enumerate(info.distances):
        played, colour = found.played, PATHS[place]
        if found.line is not None:
            data.append(_curve(found.time, found.line, DASHED, f"foretold: {found.rate:.4f} a step"))
        data.append(_curve(found.time, found.radius, {"color": colour, "width": 2}, played.title))
        spot = stands(played.record, timeline(info.stage, played).strokes)
        now = np.arange(len(spot)) / max(timeline(info.stage, played).parts, 1)
        motions.append(motion(info.stage, len(data), x=np.minimum(now, found.time[-1]), y=np.hypot(*spot.T)))
        data.append({"type": "scatter", "mode": "markers", "x": [], "y": [], "hoverinfo": "skip",
                     "marker": {"color": colour, "size": 9}, "cliponaxis": False})  # fmt: skip
        keys.append((LINE, colour, played.title))
        if played.record.diverged_at is not None:
            notes.append(_diverged(played, len(notes)))
    span = _log_span(info)
    return {
        "data": data,
        "layout": layout(
            axis(unit, round_outward(0.0, max(float(ticks(info.stage)), 1.0)), zeroline=False),
            log_axis("distance from<br>equilibrium", span),
            notes,
            above=[key(*keys, (DASHES, REFERENCE, "foretold"))],
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


def _diverged(played: Played, place: int) -> dict[str, Any]:
    text = f"{played.title}: diverged at step {played.record.diverged_at}"
    return {"xref": "paper", "x": 0.98, "xanchor": "right", "yref": "paper", "y": 0.04 + 0.1 * place,
            "yanchor": "bottom", "showarrow": False, "text": text, "font": {"size": FONT}}  # fmt: skip


# ---------------------------------------------------------------- eigenvalues of the update


class SpectrumInfo(NamedTuple):
    """The multipliers now, and on the way from step size 0 to now."""

    titles: tuple[str, ...]
    now: tuple[Complexes | None, ...]  # [m] each
    ways: tuple[Complexes | None, ...]  # [m, n] each
    rates: tuple[float | None, ...]


def spectrum_info(stage: Stage) -> SpectrumInfo:
    """The eigenvalues of each method's update at the equilibrium."""
    share = np.linspace(0.0, 1.0, 41)
    now, ways = [], []
    for played in stage.played:
        q, setup = stage.game.local, played.setup
        grown = setup._replace(eta_x=share * setup.eta_x, eta_y=share * setup.eta_y)
        now.append(None if q is None else rates.multipliers(q, setup))
        ways.append(None if q is None else rates.multipliers(q, grown))
    factors = tuple(rate_of(stage.game.local, p.setup) for p in stage.played)
    return SpectrumInfo(tuple(p.title for p in stage.played), tuple(now), tuple(ways), factors)


def spectrum_figure(info: SpectrumInfo) -> Figure:
    """The complex plane: inside the unit circle a motion dies out, on it it circles, outside it grows."""
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = {
        "type": "scatter", "mode": "lines", "x": typed(np.cos(turn)), "y": typed(np.sin(turn)),
        "line": DASHED, "hoverinfo": "skip",
    }  # fmt: skip
    data, keys, reach = [circle], [(DASHES, REFERENCE, "modulus 1")], 1.25
    for place, (title, now, way) in enumerate(zip(info.titles, info.now, info.ways, strict=True)):
        if now is None or way is None:
            continue
        thin = {"color": faded(PATHS[place], 0.4), "width": 1}
        for branch in way:
            data.append({"type": "scatter", "mode": "lines", "x": typed(branch.real), "y": typed(branch.imag),
                         "line": thin, "hoverinfo": "skip"})  # fmt: skip
        finite = now[np.isfinite(now)]
        hover = f"%{{x:.3f}} + %{{y:.3f}} i<br>%{{text}}<extra>{title}</extra>"
        reach = max(reach, min(12.0, 1.15 * float(np.abs(finite).max(initial=0.0))))
        data.append({"type": "scatter", "mode": "markers", "x": typed(finite.real), "y": typed(finite.imag),
                     "marker": {"symbol": SYMBOLS[place], "size": 9, "color": PATHS[place]},
                     "text": [f"modulus {abs(mu):.4f}" for mu in finite],
                     "hovertemplate": hover})  # fmt: skip
        keys.append(("✕◆"[place], PATHS[place], title))
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

    stage: Stage
    time: Floats  # [n]
    path: Floats  # [n, 2]
    conserved: Floats | None  # [n]: what the method keeps, where something is known to be kept


def players_info(stage: Stage) -> PlayersInfo:
    """Where each player stands, step by step."""
    record = stage.played[0].record
    time = record.calls if stage.per_call else np.arange(len(record.path), dtype=float)
    q, kept = stage.game.local, None
    if stage.game.exact and q is not None and not (q.a or q.c):
        kept = rates.conserved(q.b, stage.played[0].setup, *record.path.T)
    return PlayersInfo(stage, time, record.path, kept)


def players_figure(info: PlayersInfo) -> Figure:
    """Both players over time."""
    names = [name.split(",")[0] for name in (info.stage.x_name, info.stage.y_name)]
    inks = (GENERATOR, DISCRIMINATOR)
    data = [
        {"type": "scatter", "mode": "lines", "x": typed(info.time), "y": typed(info.path[:, i]),
         "line": {"color": inks[i], "width": 2},
         "hovertemplate": "%{x:,.0f}: %{y:.3f}<extra>" + names[i] + "</extra>"}
        for i in (0, 1)
    ]  # fmt: skip
    size = float(np.clip(np.abs(info.path).max(), 0.1, 10.0))
    unit = "gradient calls" if info.stage.per_call else "steps"
    return {
        "data": data,
        "layout": layout(
            axis(unit, round_outward(0.0, max(float(ticks(info.stage)), 1.0)), zeroline=False),
            axis("where each<br>player stands", (-1.1 * size, 1.1 * size), zeroline=True),
            [],
            above=[key(*((LINE, ink, name) for ink, name in zip(inks, names, strict=True)))],
            left=52,
            right=14,
        ),
    }
