"""The map of step sizes and couplings: what must happen, said in advance."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.figures.saddle.foretold import NEARBY, WORDS, silence
from gan_core.figures.saddle.simulation import Simulation
from gan_core.figures.style import FONT, REFERENCE, VALUE, Figure, axis, faded, key, layout, typed
from gan_core.theory import rates
from gan_core.theory.methods import Setup
from gan_core.theory.rates import Fate
from gan_core.theory.two_player import Floats, Quadratic

MAP_POINTS = 60
ROOM = 0.03  # of the map: a smaller kind of ground gets no word
WORD = (8, 18)  # cells upward and across that the longest word takes on a small screen
DOT = (0.06, 0.04)  # half the height and width of the dot, of the map's


class Ground(NamedTuple):
    """How one kind of ground looks: its colour, and that of the word on it (None: the theme's)."""

    ink: str
    word: str | None


GROUNDS = {
    Fate.CONVERGES: Ground(faded(REFERENCE, 0.12), None),
    Fate.RESTS: Ground(faded(REFERENCE, 0.3), None),
    Fate.STANDS: Ground(faded(REFERENCE, 0.0), None),
    Fate.CYCLES: Ground("#F0E442", "black"),
    Fate.DRIFTS: Ground("#B5AC5A", "black"),
    Fate.DIVERGES: Ground("#5A5A5A", "white"),
}


class MapInfo(NamedTuple):
    """For every step size and coupling, what must happen; `here` is the present choice."""

    title: str
    mover: str  # the player whose step size is the axis
    eta: Floats  # [n]: that step size, the other one in the same proportion
    coupling: Floats  # [n]: |b|
    fate: NDArray[np.int64] | None  # [n (coupling), n (eta)]: from almost every start
    here: tuple[float, float] | None
    exact: bool  # False: near the equilibrium alone


def _centres(end: float) -> Floats:
    """The centres of MAP_POINTS cells from 0 to `end`: not their edges, where nobody moves."""
    return np.asarray((np.arange(MAP_POINTS) + 0.5) * (end / MAP_POINTS), float)


@lru_cache(maxsize=64)
def _fates(a: float, c: float, setup: Setup, eta_end: float, b_end: float) -> NDArray[np.int64] | None:
    """`setup` holds the step sizes' proportion."""
    eta, b = _centres(eta_end)[None, :], _centres(b_end)[:, None]
    grown = setup._replace(eta_x=setup.eta_x * eta, eta_y=setup.eta_y * eta)
    return rates.fates(Quadratic(a, b, c), grown)  # type: ignore[arg-type]


def proportion(eta_x: float, eta_y: float) -> tuple[float, float]:
    """Both step sizes for each unit of the map's axis: x's own, or y's where x stands still."""
    if eta_x:
        return 1.0, eta_y / eta_x
    return (0.0, 1.0) if eta_y else (1.0, 1.0)


def map_info(simulation: Simulation, eta_end: float, b_end: float) -> MapInfo:
    """The first method's fate on a grid, the game's own pulls and the step sizes' proportion kept.

    `b_end`: the largest coupling shown, unless the game's own is larger.
    """
    trajectory, q = simulation.trajectories[0], simulation.game.local
    x, y = proportion(trajectory.setup.eta_x, trajectory.setup.eta_y)
    b_end = max(b_end, 1.2 * abs(q.b)) if q else b_end
    found = here = None
    if q is not None:
        found = _fates(q.a, q.c, trajectory.setup._replace(eta_x=x, eta_y=y), eta_end, b_end)
        if found is not None and not simulation.game.exact:  # modulus 1 is told as one kind of ground
            found = np.where(np.isin(found, (Fate.RESTS, Fate.DRIFTS)), Fate.CYCLES, found)
        here = (float(trajectory.setup.eta_x if x else trajectory.setup.eta_y), abs(q.b))
    mover, at = simulation.players[0 if x else 1], (_centres(eta_end), _centres(b_end))
    return MapInfo(trajectory.title, mover, *at, found, here, simulation.game.exact)


def map_figure(info: MapInfo) -> Figure:
    """Kinds of ground, and where we stand on it."""
    data: list[dict[str, Any]] = []
    if info.fate is not None:
        bands = [[(kind + side) / len(Fate), GROUNDS[kind].ink] for kind in Fate for side in (0, 1)]
        data.append({"type": "heatmap", "x": typed(info.eta), "y": typed(info.coupling),
                     "z": typed(info.fate), "zmin": -0.5, "zmax": len(Fate) - 0.5, "colorscale": bands,
                     "showscale": False,
                     "hovertemplate": "step size %{x:.2f}, coupling %{y:.2f}<extra></extra>"})  # fmt: skip
        data += _names(info, info.fate)
    if info.here is not None:
        data.append({"type": "scatter", "mode": "markers", "x": [info.here[0]], "y": [info.here[1]],
                     "marker": {"color": VALUE, "size": 12, "line": {"color": "white", "width": 2}},
                     "cliponaxis": False, "hovertemplate": "here<extra></extra>"})  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            axis(f"step size η of {info.mover} (no unit)", (0.0, _end(info.eta)), zeroline=False),
            axis("coupling |b|<br>(no unit)", (0.0, _end(info.coupling)), zeroline=False),
            silence("Nothing can be foretold here") if info.fate is None else [],
            above=[key(("●", VALUE, "here"))],
            left=52,
            right=14,
        ),
    }


def _end(centres: Floats) -> float:
    """The outer edge of the last cell."""
    return float(centres[-1] + centres[0])


def _names(info: MapInfo, fate: NDArray[np.int64]) -> list[dict[str, Any]]:
    """The word of each kind of ground, where it has room on it; traces, which move faster than notes."""
    traces = []
    for kind, word in (WORDS if info.exact else NEARBY).items():
        own = fate == kind
        places = [_place_for(own, info)] if own.sum() >= ROOM * own.size else []
        colour = GROUNDS[kind].word
        traces.append({
            "type": "scatter", "mode": "text", "x": [x for x, _ in places], "y": [y for _, y in places],
            "text": [f"<b>{word}</b>"] * len(places), "hoverinfo": "skip",
            "textfont": {"size": FONT + 1} | ({"color": colour} if colour else {}),
        })  # fmt: skip
    return traces


def _place_for(own: NDArray[np.bool_], info: MapInfo) -> tuple[float, float]:
    """The middle of the word-sized box that lies on `own` ground most; of equals, the most central one.

    The dot of "here" counts as foreign ground.
    """
    free = own.copy()
    if info.here is not None:
        near = np.abs(info.coupling - info.here[1])[:, None] < DOT[0] * _end(info.coupling)
        free[near & (np.abs(info.eta - info.here[0])[None, :] < DOT[1] * _end(info.eta))] = False
    high, wide = WORD
    below = np.pad(free.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))  # free cells below, left of a corner
    cells = below[high:, wide:] - below[:-high, wide:] - below[high:, :-wide] + below[:-high, :-wide]
    best = np.argwhere(cells == cells.max())
    corner = np.array(WORD) / 2
    middle = np.argwhere(own).mean(axis=0) + 0.5
    row, column = (best + corner)[np.abs(best + corner - middle).sum(axis=1).argmin()]
    side = _end(info.eta) / len(info.eta), _end(info.coupling) / len(info.coupling)
    return float(column * side[0]), float(row * side[1])
