"""How far samples are from a known density, each number beside what perfect samples would give.

The window is cut into cells; one more cell is everything outside. The probability p of each cell is exact,
its share q of the samples is counted. A perfect G does not reach 0: its samples are finitely many. So each
distance has a floor, its mean for samples of the data themselves.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.theory.toys import Toy
from gan_core.theory.value import PLAIN_VALUE

Floats = NDArray[np.float64]

LINE_CELLS, PLANE_CELLS = 60, 24  # along each axis
FLOOR_DRAWS = 20  # sets of perfect samples that a floor is the mean of
HIT_SHARE = 0.25
"""A mode is hit if it has this part of the samples that it should have: less is a few strays on their way."""


class Distances(NamedTuple):
    """In nats, TV between 0 and 1."""

    jsd: float
    tv: float
    kl_forward: float  # KL(p, q): infinite where the samples miss a cell, so each cell gets half a sample
    kl_backward: float  # KL(q, p)
    best_value: float  # V of the best D for these cells: -log 4 + 2 JSD
    jsd_floor: float
    tv_floor: float


def distances(samples: Floats, toy: Toy) -> Distances:
    """Of samples [n, d] to the density of `toy`."""
    p, counts = shares(toy), _counts(samples, toy)
    jsd, tv, forward, backward = _all(p, counts)
    floor = floors(toy, len(samples))
    return Distances(jsd, tv, forward, backward, PLAIN_VALUE + 2 * jsd, floor[0], floor[1])


@lru_cache(maxsize=64)
def shares(toy: Toy) -> Floats:
    """The exact probability of each cell, row by row, and last of what lies outside; [cells + 1]."""
    inside = toy.cells(edges(toy)).ravel()
    return np.append(inside, max(0.0, 1.0 - float(inside.sum())))


def edges(toy: Toy) -> Floats:
    """Of the cells, along each axis."""
    count = LINE_CELLS if toy.dimensions == 1 else PLANE_CELLS
    return np.linspace(*toy.window, count + 1)


@lru_cache(maxsize=64)
def floors(toy: Toy, count: int) -> tuple[float, float]:
    """Mean JSD and TV of `count` samples of the data themselves."""
    rng, p = np.random.default_rng(0), shares(toy)
    found = [_all(p, rng.multinomial(count, p / p.sum()))[:2] for _ in range(FLOOR_DRAWS)]
    jsd, tv = np.mean(found, axis=0)
    return float(jsd), float(tv)


def modes_hit(samples: Floats, toy: Toy) -> list[bool]:
    """For each mode, whether enough of the samples [n, d] lie within its radius."""
    hit = []
    for mode in toy.modes:
        inside = np.square(samples - np.array(mode.centre)).sum(axis=1) <= mode.radius**2
        hit.append(bool(inside.mean() >= HIT_SHARE * mode.share))
    return hit


def _counts(samples: Floats, toy: Toy) -> NDArray[np.int64]:
    """Samples in each cell, and last outside; [cells + 1]. What is not a number lies outside."""
    grid = edges(toy)
    width, cells = grid[1] - grid[0], len(grid) - 1
    inside = np.all(np.isfinite(samples) & (samples >= grid[0]) & (samples < grid[-1]), axis=1)
    places = np.minimum(((samples[inside] - grid[0]) / width).astype(np.int64), cells - 1)
    index = places[:, 0] if toy.dimensions == 1 else places[:, 1] * cells + places[:, 0]
    counts = np.bincount(index, minlength=cells**toy.dimensions)
    return np.append(counts, len(samples) - len(index))


def _all(p: Floats, counts: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """JSD, TV, KL(p, q) and KL(q, p) of exact shares p and counts, [cells]."""
    q = counts / counts.sum()
    middle = 0.5 * (p + q)
    jsd = 0.5 * (_kl(p, middle) + _kl(q, middle))
    smoothed = (counts + 0.5) / (counts + 0.5).sum()
    floor = np.maximum(p, 1e-12)  # a cell that has no data at all: KL(q, p) is large, not infinite
    return jsd, 0.5 * float(np.abs(p - q).sum()), _kl(p, smoothed), _kl(q, floor / floor.sum())


def _kl(p: Floats, q: Floats) -> float:
    seen = p > 0
    return float((p[seen] * np.log(p[seen] / q[seen])).sum())
