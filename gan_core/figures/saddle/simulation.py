"""A simulation of one or two methods on the same game, and its animation: where the players stand at
every position that `ui.plots` plays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.style import VALUE, typed
from gan_core.theory.methods import Record, Setup
from gan_core.theory.two_player import Floats, Game

PATHS = (VALUE, "#56B4E9")
"""The first method's colour and the second's; the second is dashed, too."""

SPAN = 2.0
"""Both axes of the surface, and the field upward, go from -SPAN to SPAN."""

WIDE = 2 * SPAN
"""The field is as wide as its panel allows, both axes at one scale: about from -WIDE to WIDE."""

SECONDS = 12.0  # a motion lasts about this long, but shows at least SLOWEST steps a second
SLOWEST = 6.0


class Trajectory(NamedTuple):
    """A method and its simulated path."""

    title: str
    setup: Setup
    record: Record


class Simulation(NamedTuple):
    """A game, and the trajectories of one or two methods on it."""

    game: Game
    x_name: str  # title of the axis: name, comma, meaning
    y_name: str
    height: str  # the name of the value
    trajectories: tuple[Trajectory, ...]
    per_call: bool  # compared per gradient call instead of per step
    variant: str | None = None  # which Dirac-GAN of `theory.dirac.VARIANTS`, if one

    @property
    def players(self) -> tuple[str, str]:
        """Names of both players: the axis titles up to the comma."""
        return self.x_name.split(",")[0], self.y_name.split(",")[0]


class Timeline(NamedTuple):
    """Strokes made at every position of the animation; a stroke is one move of one player."""

    parts: int  # positions a step (or a gradient call)
    strokes: Floats  # [positions]: strokes made so far, a whole number


def ticks(simulation: Simulation) -> int:
    """Steps (or gradient calls) in the animation."""
    ends = (
        p.record.calls[-1] if simulation.per_call else len(p.record.path) - 1 for p in simulation.trajectories
    )
    return int(np.ceil(max(ends)))


def parts(simulation: Simulation) -> int:
    """Positions for each tick: the largest number of strokes in a step of any method."""
    return max(len(p.record.movers) for p in simulation.trajectories)


def timeline(simulation: Simulation, trajectory: Trajectory) -> Timeline:
    """Position p is the time p / parts. At the end of a step all its strokes are made."""
    per_tick, record = parts(simulation), trajectory.record
    cost = record.calls[1] if simulation.per_call and len(record.calls) > 1 else 1.0
    done = np.arange(ticks(simulation) * per_tick + 1) / per_tick / cost * len(record.movers)
    return Timeline(per_tick, np.minimum(np.floor(done + 1e-9), record.moves.shape[0] * len(record.movers)))


def stands(record: Record, strokes: Floats) -> Floats:
    """The point (x, y) after each number of strokes; [positions, 2]."""
    ends = np.concatenate([record.path[:1], record.moves[:, :, 1].reshape(-1, 2)])
    return np.asarray(ends[strokes.astype(int)])


def trails(record: Record, strokes: Floats, who: str) -> Floats:
    """Lines of the strokes of `who` in the present step; [positions, 3 n, 2], NaN where not yet made."""
    mine = [i for i, mover in enumerate(record.movers) if mover == who]
    shown = np.full((len(strokes), 3 * len(mine), 2), np.nan)
    width = len(record.movers)
    step = np.maximum(np.ceil(strokes / width) - 1, 0).astype(int)
    for slot, stroke in enumerate(mine):
        made = strokes - step * width > stroke
        shown[made, 3 * slot : 3 * slot + 2] = record.moves[step[made], stroke]
    return shown


def motion(simulation: Simulation, trace: int, **values: Floats) -> dict[str, Any]:
    """The animation of one trace, see `ui.plots`; the moves have the names of the first method's."""
    x, y = simulation.players
    names = {"x": f"{x} moves", "y": f"{y} moves", "both": "both look ahead"}
    movers = simulation.trajectories[0].record.movers
    if simulation.trajectories[0].setup.method == "lookahead":
        names["both"] = "both go back"
    moves = [names[who] for who in movers] if len(movers) == parts(simulation) else []
    return {
        "trace": trace,
        "speed": max(SLOWEST, ticks(simulation) / SECONDS),
        "parts": parts(simulation),
        "moves": moves,
    } | {name: typed(value) for name, value in values.items()}
