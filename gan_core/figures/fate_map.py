"""The map of step sizes and couplings: what must happen, said in advance."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.foretold import WORDS, rate_of, silence
from gan_core.figures.stage import Stage
from gan_core.figures.style import FONT, REFERENCE, VALUE, Figure, axis, faded, key, layout, typed
from gan_core.theory import rates
from gan_core.theory.methods import Setup
from gan_core.theory.two_player import Floats, Quadratic

MAP_POINTS = 60
INKS = {-1: faded(REFERENCE, 0.12), 0: "#F0E442", 1: "#5A5A5A"}
TYPE = {-1: None, 0: "black", 1: "white"}  # None: the theme's
ROOM = 0.03  # of the map: a smaller kind of ground gets no word


class MapInfo(NamedTuple):
    """For every step size and coupling, what must happen; `here` is the present choice."""

    title: str
    eta: Floats  # [n]: step size of x, that of y in the same proportion
    coupling: Floats  # [n]: |b|
    verdict: Floats | None  # [n (coupling), n (eta)]: -1, 0, 1
    here: tuple[float, float] | None
    rate: float | None


def _centres(end: float) -> Floats:
    """The centres of MAP_POINTS cells from 0 to `end`: not their edges, where step size 0 is a cycle."""
    return np.asarray((np.arange(MAP_POINTS) + 0.5) * (end / MAP_POINTS), float)


@lru_cache(maxsize=64)
def _verdicts(a: float, c: float, setup: Setup, eta_end: float, b_end: float) -> Floats | None:
    """`setup.eta_x` is 1 here, `setup.eta_y` the proportion."""
    eta, b = _centres(eta_end)[None, :], _centres(b_end)[:, None]
    grown = setup._replace(eta_x=eta, eta_y=setup.eta_y * eta)
    found = rates.rate(Quadratic(a, b, c), grown)  # type: ignore[arg-type]
    return None if found is None else rates.verdict(found)


def map_info(stage: Stage, eta_end: float, b_end: float) -> MapInfo:
    """The first method's fate on a grid, the game's own pulls and the step sizes' proportion kept.

    `b_end`: the largest coupling shown, unless the game's own is larger.
    """
    played, q = stage.played[0], stage.game.local
    b_end = max(b_end, 1.2 * abs(q.b)) if q else b_end
    setup = played.setup
    at = _centres(eta_end), _centres(b_end)
    if q is None or not setup.eta_x:
        return MapInfo(played.title, *at, None, None, None)
    scaled = setup._replace(eta_x=1.0, eta_y=setup.eta_y / setup.eta_x)
    found = _verdicts(q.a, q.c, scaled, eta_end, b_end)
    return MapInfo(played.title, *at, found, (setup.eta_x, abs(q.b)), rate_of(q, setup))


def map_figure(info: MapInfo) -> Figure:
    """Three kinds of ground, and where we stand on it."""
    data: list[dict[str, Any]] = []
    if info.verdict is not None:
        thirds = ((-1, 0.0), (-1, 1 / 3), (0, 1 / 3), (0, 2 / 3), (1, 2 / 3), (1, 1.0))
        scale = [[share, INKS[word]] for word, share in thirds]
        data.append({"type": "heatmap", "x": typed(info.eta), "y": typed(info.coupling),
                     "z": typed(info.verdict), "zmin": -1, "zmax": 1, "colorscale": scale, "showscale": False,
                     "hovertemplate": "step size %{x:.2f}, coupling %{y:.2f}<extra></extra>"})  # fmt: skip
    if info.here is not None:
        data.append({"type": "scatter", "mode": "markers", "x": [info.here[0]], "y": [info.here[1]],
                     "marker": {"color": VALUE, "size": 12, "line": {"color": "white", "width": 2}},
                     "cliponaxis": False, "hovertemplate": "here<extra></extra>"})  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            axis("step size η of x (no unit)", (0.0, _end(info.eta)), zeroline=False),
            axis("coupling |b|<br>(no unit)", (0.0, _end(info.coupling)), zeroline=False),
            silence("Nothing can be foretold here") if info.verdict is None else _names(info, info.verdict),
            above=[key(("●", VALUE, "here"))],
            left=52,
            right=14,
        ),
    }


def _end(centres: Floats) -> float:
    """The outer edge of the last cell."""
    return float(centres[-1] + centres[0])


def _names(info: MapInfo, verdict: Floats) -> list[dict[str, Any]]:
    """The word of each kind of ground, on the cell of it that is nearest to its middle."""
    notes = []
    for kind, word in WORDS.items():
        cells = np.argwhere(verdict == kind)
        if len(cells) < ROOM * verdict.size:
            continue
        row, column = cells[np.abs(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
        font = {"size": FONT + 1} | ({"color": TYPE[kind]} if TYPE[kind] else {})
        side = "left" if column < MAP_POINTS / 6 else "right" if column > 5 * MAP_POINTS / 6 else "center"
        x = {"left": 0.0, "right": _end(info.eta), "center": float(info.eta[column])}[side]
        notes.append({"x": x, "y": float(info.coupling[row]), "text": f"<b>{word}</b>", "xanchor": side,
                      "showarrow": False, "font": font})  # fmt: skip
    return notes
