"""Gradient play of two players in a finite game, held inside both simplices.

Each player moves along the derivative of its own payoff by its strategy, projected onto the directions
that do not leave the simplex at once: x' = the nearest such direction to A y. An action of probability 0
is *held* there while it pays less than the mean of the actions that are free; it is freed when it pays
more. While the same actions are held the flow is linear, w' = M w, and is followed by exp(M t). A step in
which an action reaches 0 or is freed is cut there, so that no step leaves the simplices.

Source: projected dynamical systems, Nagurney & Zhang 1996, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gan_core.theory.flows import FLOW_STEP, payoffs_of_all, players
from gan_core.theory.games import ROUNDING, Marks
from gan_core.theory.payoffs import Floats, Game

POWERS = np.arange(17)  # of exp(M h): the entries of M h are at most FLOW_STEP * 2
BLOCK = 16  # steps that are taken at once while no action comes near 0
CUTS = np.linspace(0.0, 1.0, 33)[1:]
MOST_CUTS = 200  # in one step: what is left of it is then taken at once, so that every step ends
DEPTH = 5  # a step is cut in 32 this many times: the place of an event is known to 3e-8 of it


class Face(NamedTuple):
    """What is constant while the same actions are held."""

    terms: Floats  # [17, m + n, m + n]: (M h)^k / k!
    jumps: Floats  # [BLOCK + 1, m + n, m + n]: exp(M h k)
    leaving: Floats  # takes w to -w for free actions, to the gain over the free ones' mean for held ones
    near: Floats  # [m + n]: what `leaving` may not exceed at the ends of a step that is not looked into
    held: Marks  # [m + n]


def gradient_play(
    game: Game, x: Floats, y: Floats, steps: int, h: float = FLOW_STEP
) -> tuple[Floats, Floats, float | None]:
    """Both players' paths, [steps + 1, m] and [steps + 1, n], and when a wall first changed their way."""
    both, ones, m = payoffs_of_all(game), players(game), len(x)
    faces: dict[bytes, Face] = {}

    def face_at(w: Floats) -> Face:
        free = _free(both, w, m)
        key = free.tobytes()
        if key not in faces:
            faces[key] = _face(both, ones, free, h)
        return faces[key]

    w = np.concatenate([x, y])
    path, wall, k, face = np.empty((steps + 1, len(w))), None, 0, face_at(w)
    path[0] = w
    while k < steps:
        if wall is None and _pushes_out(face, w):
            wall = k * h
        block = face.jumps @ w
        near = (block @ face.leaving.T > face.near).any(axis=1)
        count = int(near.argmax()) - 1 if near.any() else BLOCK
        if count > 0:
            count = min(count, steps - k)
            path[k + 1 : k + 1 + count] = block[1 : 1 + count]
        else:
            count = 1
            path[k + 1], face, met = _cut_step(w, face, face_at, ones)
            wall = (k + 1) * h if wall is None and met else wall
        k += count
        w = path[k]
    np.maximum(path, 0.0, out=path)
    return path[:, :m], path[:, m:], wall


def _free(both: Floats, w: Floats, m: int) -> Marks:
    """The actions that are played, and those of probability 0 that pay more than the free ones' mean."""
    paid, free = both @ w, w > 0.0
    for part in (slice(0, m), slice(m, None)):
        mine, played = paid[part], free[part]
        for i in sorted(np.flatnonzero(~played).tolist(), key=lambda i: -mine[i]):
            played[i] = mine[i] > mine[played].mean() + ROUNDING
    return free


def _face(both: Floats, ones: Floats, free: Marks, h: float) -> Face:
    means = ones * free
    gain = both - (means / means.sum(axis=1, keepdims=True)) @ both
    motion = h * gain * free[:, None]
    terms = [np.eye(len(free))]
    for k in POWERS[1:]:
        terms.append(motion @ terms[-1] / k)
    jumps, jump = [terms[0]], sum(terms)
    for _ in range(BLOCK):
        jumps.append(jump @ jumps[-1])
    # Payoffs are at most 2, so a probability bends at most 4 and dips at most h^2 / 2 below its ends.
    near = np.where(free, -h * h / 2, ROUNDING)
    return Face(np.array(terms), np.array(jumps), np.where(free[:, None], -terms[0], gain), near, ~free)


def _pushes_out(face: Face, w: Floats) -> bool:
    """Whether an action is held that would fall below 0 otherwise."""
    return bool(face.held.any()) and bool((face.leaving @ w)[face.held].min() < -ROUNDING)


def _cut_step(
    w: Floats, face: Face, face_at: Callable[[Floats], Face], ones: Floats
) -> tuple[Floats, Face, bool]:
    """One step in which the held actions may change: its end, its last face, whether a wall was met."""
    left, met, cuts = 1.0, False, 0  # left: in steps
    while left > ROUNDING:
        terms = face.terms @ w
        share, is_cut = _first_cut(face, terms, left) if cuts < MOST_CUTS else (left, True)
        cuts += 1
        w = share**POWERS @ terms
        met = met or bool((w < -ROUNDING).any())
        w = np.maximum(w, 0.0)
        w /= ones @ w
        if is_cut:
            face = face_at(w)
        left -= share
    return w, face, met


def _first_cut(face: Face, terms: Floats, left: float) -> tuple[float, bool]:
    """How much of a step passes until the face has been left, and whether it is within `left`."""
    low, width = 0.0, left
    for _ in range(DEPTH):
        shares = low + width * CUTS
        beyond = (shares[:, None] ** POWERS @ terms @ face.leaving.T > ROUNDING).any(axis=1)
        if not beyond.any():
            return low + width, low > 0.0
        first = int(beyond.argmax())
        low, width = (float(shares[first - 1]) if first else low), width * float(CUTS[0])
    return low + width, True
