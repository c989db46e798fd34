"""Two players on a stage: the game, one or two methods that play it, and where everybody stands at
every position of the motion that `ui.plots` plays.
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


class Played(NamedTuple):
    """One method and what it did."""

    title: str
    setup: Setup
    record: Record


class Stage(NamedTuple):
    """The game and one or two methods that play it."""

    game: Game
    x_name: str  # with unit or meaning, as an axis says it
    y_name: str
    height: str  # the name of the value
    played: tuple[Played, ...]
    per_call: bool  # compared per gradient call instead of per step
    variant: str | None = None  # which Dirac-GAN of `theory.dirac.VARIANTS`, if one

    @property
    def players(self) -> tuple[str, str]:
        """What both are called: their axes' names before the comma."""
        return self.x_name.split(",")[0], self.y_name.split(",")[0]


class Timeline(NamedTuple):
    """Which strokes of its steps a method has made at every position of the motion."""

    parts: int  # positions a step (or a gradient call)
    strokes: Floats  # [positions]: strokes made so far, a whole number


def ticks(stage: Stage) -> int:
    """How many steps (or gradient calls) the motion has."""
    ends = (p.record.calls[-1] if stage.per_call else len(p.record.path) - 1 for p in stage.played)
    return int(np.ceil(max(ends)))


def parts(stage: Stage) -> int:
    """Positions a tick: as many as the method with the most strokes has in a step."""
    return max(len(p.record.movers) for p in stage.played)


def timeline(stage: Stage, played: Played) -> Timeline:
    """Position p is the time p / parts; after a step's share of it all strokes of the step are made."""
    per_tick, record = parts(stage), played.record
    cost = record.calls[1] if stage.per_call and len(record.calls) > 1 else 1.0
    done = np.arange(ticks(stage) * per_tick + 1) / per_tick / cost * len(record.movers)
    return Timeline(per_tick, np.minimum(np.floor(done + 1e-9), record.moves.shape[0] * len(record.movers)))


def stands(record: Record, strokes: Floats) -> Floats:
    """Where the players stand after so many strokes; [positions, 2]."""
    ends = np.concatenate([record.path[:1], record.moves[:, :, 1].reshape(-1, 2)])
    return np.asarray(ends[strokes.astype(int)])


def trails(record: Record, strokes: Floats, who: str) -> Floats:
    """The strokes of `who` in the present step, as lines; [positions, 3 n, 2], NaN where there is none."""
    mine = [i for i, mover in enumerate(record.movers) if mover == who]
    shown = np.full((len(strokes), 3 * len(mine), 2), np.nan)
    width = len(record.movers)
    step = np.maximum(np.ceil(strokes / width) - 1, 0).astype(int)
    for slot, stroke in enumerate(mine):
        made = strokes - step * width > stroke
        shown[made, 3 * slot : 3 * slot + 2] = record.moves[step[made], stroke]
    return shown


def motion(stage: Stage, trace: int, **values: Floats) -> dict[str, Any]:
    """One mover, see `ui.plots`; the names of the moves are those of the first method."""
    x, y = stage.players
    names = {"x": f"{x} moves", "y": f"{y} moves", "both": "both look ahead"}
    movers = stage.played[0].record.movers
    if stage.played[0].setup.method == "lookahead":
        names["both"] = "both are pulled back"
    moves = [names[who] for who in movers] if len(movers) == parts(stage) else []
    return {
        "trace": trace,
        "speed": max(SLOWEST, ticks(stage) / SECONDS),
        "parts": parts(stage),
        "moves": moves,
    } | {name: typed(value) for name, value in values.items()}
