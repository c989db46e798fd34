"""Data sets of points whose density is known: on a line, or in a plane.

All in a plane are mixtures of round Gaussians (moons and spiral: many of them along a curve; drawn points: a
narrow one each), so that their density, and the probability of any cell, are exact. Those on a line are such
mixtures, too, or piecewise constant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import erf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.drawn import BINS, STEPS, decode_points, decode_sketch

Floats = NDArray[np.float64]

WINDOW = (-3.0, 3.0)  # of a picture, along each axis
LINE_WINDOW = (-5.0, 5.0)
REACH = 3.0  # standard deviations from its centre that a mode reaches


class Mode(NamedTuple):
    """One island of a density."""

    name: str
    centre: tuple[float, ...]
    radius: float
    share: float  # of the probability


@dataclass(frozen=True, eq=False)
class Mixture:
    """Round Gaussians of one width."""

    name: str
    window: tuple[float, float]
    centres: Floats  # [k, d]
    sigma: float
    names: tuple[str, ...] = ()  # of the islands; () where the density has none

    @property
    def dimensions(self) -> int:
        """Numbers of a point: 1 or 2."""
        return int(self.centres.shape[1])

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Its islands, one a Gaussian; none where they run into one another."""
        share, reach = 1.0 / len(self.centres), REACH * self.sigma
        named = zip(self.names, self.centres.tolist(), strict=False)
        return tuple(Mode(name, tuple(centre), reach, share) for name, centre in named)

    def density(self, x: Floats) -> Floats:
        """[n] at points [n, d]."""
        scale = (sqrt(2 * np.pi) * self.sigma) ** self.dimensions * len(self.centres)
        squares = sum((x[:, i, None] - self.centres[None, :, i]) ** 2 for i in range(self.dimensions))
        return np.asarray(np.exp(-0.5 * squares / self.sigma**2).sum(axis=1) / scale)

    def sample(self, count: int, rng: np.random.Generator) -> Floats:
        """[count, d], drawn from the density."""
        chosen = rng.integers(len(self.centres), size=count)
        return self.centres[chosen] + self.sigma * rng.standard_normal((count, self.dimensions))

    def cells(self, edges: Floats) -> Floats:
        """The probability of each cell between `edges` [m + 1]: [m], or [m, m] (up, across)."""
        from_centre = [edges[None] - self.centres[:, i, None] for i in range(self.dimensions)]
        inside = [np.diff(_normal(away / self.sigma), axis=1) for away in from_centre]  # [k, m] each
        if self.dimensions == 1:
            return np.asarray(inside[0].mean(axis=0))
        return np.asarray(inside[1].T @ inside[0] / len(self.centres))


@dataclass(frozen=True, eq=False)
class Steps:
    """Constant between edges, on a line."""

    name: str
    window: tuple[float, float]
    edges: Floats  # [m + 1]
    shares: Floats  # [m], sum to 1
    dimensions: int = 1
    modes: tuple[Mode, ...] = ()

    def density(self, x: Floats) -> Floats:
        """[n] at points [n, 1]."""
        heights = np.concatenate([[0.0], self.shares / np.diff(self.edges), [0.0]])
        return np.asarray(heights[np.searchsorted(self.edges, x[:, 0], side="right")])

    def sample(self, count: int, rng: np.random.Generator) -> Floats:
        """[count, 1], drawn from the density."""
        chosen = rng.choice(len(self.shares), size=count, p=self.shares)
        width = np.diff(self.edges)[chosen]
        return (self.edges[chosen] + width * rng.random(count))[:, None]

    def cells(self, edges: Floats) -> Floats:
        """The probability of each cell between `edges` [m + 1]: [m]."""
        return np.diff(np.interp(edges, self.edges, self._below))

    @cached_property
    def _below(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.shares)])


Toy = Mixture | Steps


def _normal(x: Floats) -> Floats:
    """The standard normal distribution function, elementwise."""
    return np.asarray(0.5 * (1.0 + _erf(x / sqrt(2.0))))


_erf = np.vectorize(erf, otypes=[np.float64])

AROUND = (
    "right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right",
)  # fmt: skip
_ROWS, _COLUMNS = ("bottom", "middle", "top"), ("left", "centre", "right")


def _ring() -> Mixture:
    turn = 2 * np.pi * np.arange(8) / 8
    return Mixture("ring", WINDOW, 2.0 * np.column_stack([np.cos(turn), np.sin(turn)]), 0.25, AROUND)


def _grid() -> Mixture:
    """Nine, not the 25 of papers: a class can name them."""
    at = (-2.0, 0.0, 2.0)
    names = tuple(f"{row} {column}" for row in _ROWS for column in _COLUMNS)
    return Mixture("grid", WINDOW, np.array([(x, y) for y in at for x in at]), 0.15, names)


def _line() -> Mixture:
    at = np.linspace(-2.4, 2.4, 5)
    names = ("far left", "left", "centre", "right", "far right")
    return Mixture("line", WINDOW, np.column_stack([at, 0.5 * at]), 0.15, names)


def _blobs() -> Mixture:
    """Three islands, about ten of their widths apart and more."""
    return Mixture("blobs", WINDOW, np.array([(-2.0, -1.5), (2.2, -0.8), (-0.4, 2.2)]), 0.2,
                   ("lower left", "right", "top"))  # fmt: skip


def _moons() -> Mixture:
    turn = np.linspace(0.0, np.pi, 100)
    upper = np.column_stack([np.cos(turn) - 0.5, np.sin(turn) - 0.25])
    lower = np.column_stack([0.5 - np.cos(turn), 0.25 - np.sin(turn)])
    return Mixture("moons", WINDOW, 1.6 * np.concatenate([upper, lower]), 0.12)


def _spiral() -> Mixture:
    """Points at equal distances along the arm, from the inside out."""
    turn = 3 * np.pi * np.sqrt(np.linspace(0.02, 1.0, 200))
    return Mixture("spiral", WINDOW, (2.5 / (3 * np.pi)) * turn[:, None]
                   * np.column_stack([np.cos(turn), np.sin(turn)]), 0.1)  # fmt: skip


def _points(drawn: str) -> Mixture:
    """A narrow Gaussian at each point that was drawn."""
    low, high = WINDOW
    if not drawn:
        return Mixture("points", WINDOW, _heart(), 0.1)
    places = np.array(decode_points(drawn), float)
    return Mixture("points", WINDOW, low + (high - low) * (places + 0.5) / STEPS, 0.1)


def _heart() -> Floats:
    """What stands there until somebody draws."""
    turn = 2 * np.pi * np.arange(80) / 80
    up = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.column_stack([2 * np.sin(turn) ** 3, up / 8])


def _gaussian_1d() -> Mixture:
    return Mixture("gaussian_1d", LINE_WINDOW, np.array([[2.0]]), 0.7)


def _two_gaussians_1d() -> Mixture:
    return Mixture("two_gaussians_1d", LINE_WINDOW, np.array([[-2.0], [2.0]]), 0.5, ("left", "right"))


def _uniform_1d() -> Steps:
    return Steps("uniform_1d", LINE_WINDOW, np.array([-2.0, 2.0]), np.array([1.0]))


def _sketch_1d(drawn: str) -> Steps:
    hills = np.abs(np.sin(2 * np.pi * (np.arange(BINS) + 0.5) / BINS)) * (np.arange(BINS) % (BINS // 2) > 8)
    heights = np.array(decode_sketch(drawn), float) if drawn else hills
    return Steps("sketch_1d", LINE_WINDOW, np.linspace(*LINE_WINDOW, BINS + 1), heights / heights.sum())


_FIXED: dict[str, Callable[[], Toy]] = {
    "gaussian_1d": _gaussian_1d, "two_gaussians_1d": _two_gaussians_1d, "uniform_1d": _uniform_1d,
    "ring": _ring, "grid": _grid, "line": _line, "blobs": _blobs, "moons": _moons, "spiral": _spiral,
}  # fmt: skip
_DRAWN: dict[str, Callable[[str], Toy]] = {"sketch_1d": _sketch_1d, "points": _points}
TOYS = (*_FIXED, *_DRAWN)
"""Names of the data sets with a known density, as in Settings.data."""


def toy_named(data: str, drawn: str = "") -> Toy:
    """The data set of that name, one object however often it is asked for, so that others can keep what they
    computed of it. Raises ValueError where `drawn` does not fit, KeyError for another name.
    """
    return _drawn(data, drawn) if data in _DRAWN else _fixed(data)


@lru_cache(maxsize=16)
def _drawn(data: str, drawn: str) -> Toy:
    return _DRAWN[data](drawn)


@lru_cache(maxsize=len(_FIXED))
def _fixed(data: str) -> Toy:
    return _FIXED[data]()
