"""V on the plane of both players' last moves: is the game at a maximum for D and a minimum for G?

What is in the picture, and what it says; `slice_drawing` draws it, `gan_core.measures.slice` measures it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from gan_core.figures.series import round_outward
from gan_core.figures.style import number
from gan_core.history import Array, Keyframe
from gan_core.theory.objectives import Objective

REACH = 2.5
"""Of the plane, in last moves, on both axes: that of `gan_core.measures.slice`."""
HERE = 0.5
"""Moves: an extremum that is no farther away is called here."""
FLAT = 2e-5
"""Of V, over half a move to either side: a straight line in float32 may bend so much."""
LEVELS = 7
"""Contour lines, about."""
DEEP = 3.0
"""Times the distance from the lowest quarter of the heights to the highest: chasms are drawn no deeper below
the present."""
ARRAYS = {"slice", "slice_path", "slice_moves", "slice_step"}
EMPTY = np.zeros(0)


class Cut(NamedTuple):
    """V on one line through the present game: along one player's last move."""

    curvature: float  # V a squared move; 0 where V is straight as far as float32 tells
    best: float  # moves: where V is highest for D, lowest for G, on this line within the plane
    height: float  # V there
    is_here: bool  # whether the present is that place: within HERE, curved as it has to be


class SliceInfo(NamedTuple):
    """The plane [n, n], rows D and columns G; without one, arrays of no size and cuts of None."""

    at: Array  # [n], moves
    height: Array  # [n, n], V
    path: Array  # [m, 2], (G, D) in moves, oldest first, the last is (0, 0); since it is in the plane
    path_height: Array  # [m], V of the plane there
    d: Cut | None
    g: Cut | None
    step: int  # at which the plane was taken: that of the picture, or a little before
    steps: tuple[int, int]  # of G's and of D's last move
    lengths: tuple[float, float]  # of these moves over those of the weights
    span: tuple[float, float]  # of heights drawn
    unit: str
    played: bool  # whether there is any picture


def slice_info(frame: Keyframe | None, objective: Objective) -> SliceInfo:
    """Of a keyframe; None before there is any. One of an earlier version or before a move has no plane."""
    if frame is None or not frame.arrays.keys() >= ARRAYS:
        return SliceInfo(EMPTY, np.zeros((0, 0)), np.zeros((0, 2)), EMPTY, None, None, 0, (0, 0), (0.0, 0.0),
                         (-1.0, 0.0), objective.unit, frame is not None)  # fmt: skip
    height, path, moves = (frame[name].astype(float) for name in ("slice", "slice_path", "slice_moves"))
    at = np.linspace(-REACH, REACH, len(height))
    middle = len(at) // 2
    outside = np.flatnonzero(~(np.abs(path) <= REACH).all(axis=1))  # a missing place is outside, too
    path = path[outside[-1] + 1 :] if len(outside) else path
    d, g = _cut(at, height[:, middle], "highest"), _cut(at, height[middle], "lowest")
    return SliceInfo(
        at, height, path, _heights_at(at, height, path), d, g, int(frame["slice_step"][0]),
        (int(moves[0, 0]), int(moves[1, 0])), (float(moves[0, 1]), float(moves[1, 1])), _span(height),
        objective.unit, True,
    )  # fmt: skip


def _cut(at: Array, line: Array, wanted: Literal["highest", "lowest"]) -> Cut:
    """V on a line through its middle, [n]."""
    middle, far = len(at) // 2, max(1, round(HERE / (at[1] - at[0])))
    bend = line[middle + far] - 2 * line[middle] + line[middle - far]
    curvature = float(bend / (at[middle + far] - at[middle]) ** 2) if abs(bend) > FLAT else 0.0
    sign = 1 if wanted == "highest" else -1
    best = int(np.argmax(sign * line))
    is_here = bool(abs(at[best]) <= HERE + 1e-9) and sign * curvature < 0
    return Cut(curvature, float(at[best]), float(line[best]), is_here)


def _heights_at(at: Array, height: Array, places: Array) -> Array:
    """The plane between its points, bilinear, at places (G, D) [m, 2] inside it."""
    if not len(places):
        return EMPTY
    share = (places - at[0]) / (at[1] - at[0])
    low = np.clip(np.floor(share).astype(int), 0, len(at) - 2)
    (x, y), (column, row) = (share - low).T, low.T
    below = height[row, column] * (1 - x) + height[row, column + 1] * x
    above = height[row + 1, column] * (1 - x) + height[row + 1, column + 1] * x
    heights: Array = below * (1 - y) + above * y
    return heights


def _span(height: Array) -> tuple[float, float]:
    """Round heights around all of the plane, but for chasms, which would leave the rest flat."""
    finite = height[np.isfinite(height)]
    if not len(finite):
        return -1.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    present = float(height[len(height) // 2, len(height) // 2])
    if np.isfinite(present):
        low = max(low, present - DEEP * (high - min(present, float(np.percentile(finite, 25)))))
    return round_outward(low, max(high, low + 1e-4), parts=LEVELS)


def height_now(info: SliceInfo) -> float:
    """V of the present game."""
    middle = len(info.at) // 2
    return float(info.height[middle, middle])


def slice_said(info: SliceInfo) -> str:
    """Whether the game is at a maximum along D and a minimum along G, with both curvatures; one sentence."""
    if info.d is None or info.g is None:
        return "No plane in this picture: both players must move first, and have small networks."
    a_maximum, a_minimum = ("a" if cut.is_here else "no" for cut in (info.d, info.g))
    d, g = signed(info.d.curvature), signed(info.g.curvature)
    return f"Along D {a_maximum} maximum (curvature {d}), along G {a_minimum} minimum ({g})."


def slice_alt(info: SliceInfo) -> str:
    """The panel in words, for those who do not see it."""
    if info.d is None or info.g is None:
        return slice_said(info)
    parts = [
        f"along {player} V is {word} {_place(cut.best)}, {number(cut.height, 3)}"
        for player, word, cut in (("D", "highest", info.d), ("G", "lowest", info.g))
    ]
    here = f"V is {number(height_now(info), 3)} {info.unit}".rstrip()
    return f"{here} here; {'; '.join(parts)}. {slice_said(info)} {moves_said(info)}"


def moves_said(info: SliceInfo) -> str:
    """When the plane was taken, and how long the moves are that its axes count in; nothing without one."""
    if not len(info.at):
        return ""
    (g_steps, d_steps), (g, d) = info.steps, info.lengths
    moves = f"One move: {g_steps} steps and {g:.1%} of the weights of G, {d_steps} and {d:.1%} of D."
    return f"At step {info.step:,}. {moves}"


def _place(at: float) -> str:
    if at == 0:
        return "here"
    edge = ", at the edge" if abs(at) >= REACH else ""
    return f"{abs(at):g} moves {'ahead' if at > 0 else 'back'}{edge}"


def signed(value: float) -> str:
    """A number with its sign, two digits that count; 0 without."""
    if value == 0:
        return "0"
    return f"{value:+.2g}".replace("-", "−")
