"""The convergence map: what the linear update does for every step size and coupling."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.figures.saddle.prediction import LOCAL_OUTCOMES, OUTCOMES, empty_note
from gan_core.figures.saddle.simulation import Simulation
from gan_core.figures.style import FONT, REFERENCE, VALUE, Figure, axis, faded, key, layout, typed
from gan_core.theory import rates
from gan_core.theory.methods import Setup
from gan_core.theory.rates import Fate
from gan_core.theory.two_player import Floats, Quadratic

MAP_POINTS = 60
MIN_SHARE = 0.03  # of the map: a smaller region gets no label
LABEL = (8, 18)  # height and width of the longest label on a small screen, in cells
DOT = (0.06, 0.04)  # half the height and width of the dot, as shares of the map


class Look(NamedTuple):
    """Colours of a region of one outcome, and of the label on it (None: the theme's)."""

    region: str
    label: str | None


LOOKS = {
    Fate.CONVERGES: Look(faded(REFERENCE, 0.12), None),
    Fate.RESTS: Look(faded(REFERENCE, 0.3), None),
    Fate.STANDS: Look(faded(REFERENCE, 0.0), None),
    Fate.CYCLES: Look("#F0E442", "black"),
    Fate.DRIFTS: Look("#B5AC5A", "black"),
    Fate.DIVERGES: Look("#5A5A5A", "white"),
}


class MapInfo(NamedTuple):
    """The predicted outcome for every step size and coupling; `here` is the present choice."""

    title: str
    mover: str  # the player whose step size is on the x axis
    eta: Floats  # [n]: that step size; the other one keeps its ratio to it
    coupling: Floats  # [n]: |b|
    outcome: NDArray[np.int64] | None  # [n (coupling), n (eta)]: values of Fate, for almost every start
    here: tuple[float, float] | None
    exact: bool  # False: holds only near the equilibrium


def _centres(end: float) -> Floats:
    """The centres of MAP_POINTS cells from 0 to `end`. The edge at 0 is left out: no player moves there."""
    return np.asarray((np.arange(MAP_POINTS) + 0.5) * (end / MAP_POINTS), float)


@lru_cache(maxsize=64)
def _outcomes(a: float, c: float, setup: Setup, eta_end: float, b_end: float) -> NDArray[np.int64] | None:
    """`setup` holds the ratio of the step sizes."""
    eta, b = _centres(eta_end)[None, :], _centres(b_end)[:, None]
    grown = setup._replace(eta_x=setup.eta_x * eta, eta_y=setup.eta_y * eta)
    return rates.fates(Quadratic(a, b, c), grown)  # type: ignore[arg-type]


def step_size_ratio(eta_x: float, eta_y: float) -> tuple[float, float]:
    """Both step sizes at 1 on the map's axis, which is x's step size, or y's where x stands still."""
    if eta_x:
        return 1.0, eta_y / eta_x
    return (0.0, 1.0) if eta_y else (1.0, 1.0)


def map_info(simulation: Simulation, eta_end: float, b_end: float) -> MapInfo:
    """The outcome of the first method on a grid; the curvatures a, c and the ratio of step sizes stay.

    `b_end`: the largest coupling shown, unless the game's own is larger.
    """
    trajectory, q = simulation.trajectories[0], simulation.game.local
    x, y = step_size_ratio(trajectory.setup.eta_x, trajectory.setup.eta_y)
    b_end = max(b_end, 1.2 * abs(q.b)) if q else b_end
    found = here = None
    if q is not None:
        found = _outcomes(q.a, q.c, trajectory.setup._replace(eta_x=x, eta_y=y), eta_end, b_end)
        if found is not None and not simulation.game.exact:  # modulus 1: the linear update does not decide
            found = np.where(np.isin(found, (Fate.RESTS, Fate.DRIFTS)), Fate.CYCLES, found)
        here = (float(trajectory.setup.eta_x if x else trajectory.setup.eta_y), abs(q.b))
    mover, at = simulation.players[0 if x else 1], (_centres(eta_end), _centres(b_end))
    return MapInfo(trajectory.title, mover, *at, found, here, simulation.game.exact)


def map_figure(info: MapInfo) -> Figure:
    """A region for each outcome, and a dot at the present choice."""
    data: list[dict[str, Any]] = []
    if info.outcome is not None:
        bands = [[(kind + side) / len(Fate), LOOKS[kind].region] for kind in Fate for side in (0, 1)]
        data.append({"type": "heatmap", "x": typed(info.eta), "y": typed(info.coupling),
                     "z": typed(info.outcome), "zmin": -0.5, "zmax": len(Fate) - 0.5, "colorscale": bands,
                     "showscale": False,
                     "hovertemplate": "step size %{x:.2f}, coupling %{y:.2f}<extra></extra>"})  # fmt: skip
        data += _labels(info, info.outcome)
    if info.here is not None:
        data.append({"type": "scatter", "mode": "markers", "x": [info.here[0]], "y": [info.here[1]],
                     "marker": {"color": VALUE, "size": 12, "line": {"color": "white", "width": 2}},
                     "cliponaxis": False, "hovertemplate": "here<extra></extra>"})  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            axis(f"step size η of {info.mover} (no unit)", (0.0, _end(info.eta)), zeroline=False),
            axis("coupling |b|<br>(no unit)", (0.0, _end(info.coupling)), zeroline=False),
            empty_note("The update is not linear: no prediction") if info.outcome is None else [],
            above=[key(("●", VALUE, "here"))],
            left=52,
            right=14,
        ),
    }


def _end(centres: Floats) -> float:
    """The outer edge of the last cell."""
    return float(centres[-1] + centres[0])


def _labels(info: MapInfo, outcome: NDArray[np.int64]) -> list[dict[str, Any]]:
    """The label of each region that has room for it. Traces, because annotations are slower to move."""
    traces = []
    for kind, word in (OUTCOMES if info.exact else LOCAL_OUTCOMES).items():
        own = outcome == kind
        places = [_label_place(own, info)] if own.sum() >= MIN_SHARE * own.size else []
        colour = LOOKS[kind].label
        traces.append({
            "type": "scatter", "mode": "text", "x": [x for x, _ in places], "y": [y for _, y in places],
            "text": [f"<b>{word}</b>"] * len(places), "hoverinfo": "skip",
            "textfont": {"size": FONT + 1} | ({"color": colour} if colour else {}),
        })  # fmt: skip
    return traces


def _label_place(own: NDArray[np.bool_], info: MapInfo) -> tuple[float, float]:
    """The middle of the label-sized box that covers most cells of `own`; of equals, the most central one.

    Cells under the dot "here" do not count.
    """
    free = own.copy()
    if info.here is not None:
        near = np.abs(info.coupling - info.here[1])[:, None] < DOT[0] * _end(info.coupling)
        free[near & (np.abs(info.eta - info.here[0])[None, :] < DOT[1] * _end(info.eta))] = False
    high, wide = LABEL
    below = np.pad(free.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))  # free cells below, left of a corner
    cells = below[high:, wide:] - below[:-high, wide:] - below[high:, :-wide] + below[:-high, :-wide]
    best = np.argwhere(cells == cells.max())
    corner = np.array(LABEL) / 2
    middle = np.argwhere(own).mean(axis=0) + 0.5
    row, column = (best + corner)[np.abs(best + corner - middle).sum(axis=1).argmin()]
    side = _end(info.eta) / len(info.eta), _end(info.coupling) / len(info.coupling)
    return float(column * side[0]), float(row * side[1])
