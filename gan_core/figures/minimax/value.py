"""Two densities on a line, the outputs of D on them, and the value V that D and G can reach."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace, filled_trace, level_trace, point_trace, spoken
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    DOTS,
    FAKE,
    FILLED,
    FONT,
    GENERATOR,
    HATCHED,
    LINE,
    REAL,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    edge_label,
    faded,
    key,
    layout,
    number,
    typed,
)
from gan_core.theory import densities
from gan_core.theory.cross_entropy import sigmoid
from gan_core.theory.densities import Bumps, CostMap
from gan_core.theory.value import PLAIN_VALUE, Floats, equilibrium_output

SPAN = (-7.0, 7.0)
"""The part of the line that is drawn."""

X = np.linspace(*SPAN, 421)
X_TITLE = "x (units of the data)"
LEVELS = (-1.2, -1.0, -0.8, -0.6, -0.4, -0.2)
"""Heights of the lines on the map, in nats."""

DEEPEST = -2.5
"""In nats. A lower V is drawn here, with a note that it is below the chart."""


class Labels(NamedTuple):
    """The labels D learns with: of a real image (the smoothing factor) and of a generated one."""

    real_label: float = 1.0
    fake_label: float = 0.0


class Numbers(NamedTuple):
    """All numbers of a pair of densities and an own D; nats, but for `tv` and `equilibrium`."""

    own: float  # V of the own D
    best: float  # max_D V = C(G)
    smoothed: float  # V of the D that is best under the labels
    jsd: float
    kl_pq: float
    kl_qp: float
    tv: float
    equilibrium: float


class DensitiesInfo(NamedTuple):
    """Both densities over X, per unit of x."""

    p: Floats  # [n]
    q: Floats  # [n]


class OutputsInfo(NamedTuple):
    """Outputs over X of the best D under the labels and of the own D, and the equilibrium output."""

    best: Floats  # [n]
    own: Floats  # [n]
    equilibrium: float


class MapInfo(NamedTuple):
    """C(G) over (mean, spread) of G, and where G is."""

    map: CostMap
    now: Bumps
    cost: float


def numbers_of(p: Bumps, q: Bumps, labels: Labels, slope: float, midpoint: float) -> Numbers:
    """V, C(G) and the divergences, by quadrature (`theory.densities.ACCURACY`)."""
    return Numbers(
        densities.value_of(p, q, densities.logistic(slope, midpoint)),
        densities.value_of_best(p, q),
        densities.value_of_best(p, q, **labels._asdict()),
        densities.jsd(p, q),
        densities.kl(p, q),
        densities.kl(q, p),
        densities.total_variation(p, q),
        equilibrium_output(**labels._asdict()),
    )


def densities_info(p: Bumps, q: Bumps) -> DensitiesInfo:
    """Both densities over X."""
    return DensitiesInfo(densities.density(X, p), densities.density(X, q))


def densities_figure(info: DensitiesInfo) -> Figure:
    """Real filled, generated hatched."""
    hover = "x %{x:.2f}<br>density %{y:.3f} per unit"
    hatch = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": FAKE, "bgcolor": faded(FAKE, 0.1)}
    fake_line = {"line": {"color": FAKE, "width": 2, "dash": "5px,2px"}, "fillpattern": hatch}
    top = round_outward(0.0, max(float(info.p.max()), float(info.q.max()), 0.45))[1]
    figure = {
        "data": [
            filled_trace(X, info.p, "p_data", REAL, hover),
            filled_trace(X, info.q, "p_G", FAKE, hover, **fake_line),
        ],
        "layout": layout(
            axis(X_TITLE, SPAN, zeroline=False),
            axis("density (per unit of x)", (0.0, top), zeroline=False),
            [],
            above=[key((FILLED, REAL, "p_data (real)"), (HATCHED, FAKE, "p_G (generated)"))],
            right=40,
        ),
    }
    return spoken(figure, _densities_said(info))


def _densities_said(info: DensitiesInfo) -> str:
    return f"p_data is highest at x = {X[info.p.argmax()]:.2f}, p_G at x = {X[info.q.argmax()]:.2f}."


def outputs_info(p: Bumps, q: Bumps, labels: Labels, slope: float, midpoint: float) -> OutputsInfo:
    """D* under the labels (`theory.value.optimal_discriminator`) and sigmoid(slope (x - midpoint))."""
    return OutputsInfo(
        densities.best_output(X, p, q, **labels._asdict()),
        sigmoid(densities.logistic(slope, midpoint)(X)),
        equilibrium_output(**labels._asdict()),
    )


def outputs_figure(info: OutputsInfo) -> Figure:
    """D*, the own D, and the line at which D* lies wherever p_G = p_data."""
    hover = "x %{x:.2f}<br>output %{y:.3f}"
    line = f"equilibrium {number(info.equilibrium)}"
    signs = (LINE, DISCRIMINATOR, "D*"), (DOTS, DISCRIMINATOR, "your D"), (DASHES, REFERENCE, line)
    figure = {
        "data": [
            level_trace(SPAN, info.equilibrium, f"{line}<br>(real label + fake label)/2"),
            curve_trace(X, info.own, "your D", DISCRIMINATOR, hover, dash="2px,3px"),
            curve_trace(X, info.best, "D*", DISCRIMINATOR, hover, width=2.5),
        ],
        "layout": layout(
            axis(X_TITLE, SPAN, zeroline=False),
            axis("D's output<br>(probability of “real”)", (-0.02, 1.02), zeroline=False),
            edge_label(info.equilibrium),
            above=[key(*signs)],
            left=58,
            right=40,
        ),
    }
    return spoken(figure, f"D* runs from {info.best.min():.2f} to {info.best.max():.2f}; {line}.")


def map_info(p: Bumps, q: Bumps) -> MapInfo:
    """The map for G's present share, its minimum, and the present point."""
    return MapInfo(densities.cost_map(p, q.share), q, densities.value_of_best(p, q))


def map_figure(info: MapInfo) -> Figure:
    """The darker the colour, the lower C(G), which G minimises."""
    means, spreads, cost, lowest = info.map
    hover = "mean %{x:.2f}, spread %{y:.2f}<br>C %{z:.3f} nats<extra></extra>"
    shades = [[t, faded(VALUE, 0.85 * (1.0 - t) ** 1.5)] for t in np.linspace(0.0, 1.0, 9).tolist()]
    ground = {
        "type": "contour", "x": typed(means), "y": typed(spreads), "z": typed(cost),
        "zmin": PLAIN_VALUE, "zmax": 0.0, "colorscale": shades, "showscale": False, "hovertemplate": hover,
        "contours": {"start": LEVELS[0], "end": LEVELS[-1], "size": 0.2, "coloring": "heatmap"},
        "line": {"width": 0.7, "color": REFERENCE},
    }  # fmt: skip
    places = [lowest.mean, -lowest.mean] if lowest.twin else [lowest.mean]
    cross = {"symbol": "cross-thin", "size": 14, "color": REFERENCE,
             "line": {"color": REFERENCE, "width": 2.5}}  # fmt: skip
    at = "mean %{x:.2f}, spread %{y:.2f}<br>C "
    marks = [
        point_trace(places, [lowest.spread] * len(places), "minimum",
                    f"{at}{number(lowest.cost, 3)} nats", **cross),
        point_trace([info.now.mean], [info.now.spread], "G now", f"{at}{number(info.cost, 3)} nats",
                    color=GENERATOR, size=11, line={"color": "white", "width": 1.5}),
    ]  # fmt: skip
    signs = ("●", GENERATOR, "G now"), ("+", REFERENCE, "minimum")
    figure = {
        "data": [ground, _heights(info.map), *marks],
        "layout": layout(
            axis("mean of p_G (units of the data)", (float(means[0]), float(means[-1])), zeroline=False),
            axis("spread of p_G<br>(units of the data)", (0.0, 3.1), zeroline=False),
            [],
            above=[key(*signs)],
            left=52,
            right=30,
        ),
    }
    sentence = (
        f"C(G) is V with the best D against G. G wants it low: now {number(info.cost, 3)} nats, lowest "
        f"{number(lowest.cost, 3)}. Click to move G."
    )
    return spoken(figure, _map_said(info), sentence=sentence)


def _heights(drawn: CostMap) -> dict[str, Any]:
    """The heights of the lines, in nats: where a line leaves the chart on the right, or over the minimum.

    Plotly's own labels on the lines would double the time the whole page takes to draw.
    """
    middle = int(np.abs(drawn.means - drawn.lowest.mean).argmin())
    places: list[tuple[float, float, str, str]] = []
    for level in LEVELS[::-1]:
        text = f"{level:.1f}".replace("-", "−")
        edge = _crossing(drawn.spreads, drawn.cost[:, -1], level)
        over = _crossing(drawn.spreads, drawn.cost[:, middle], level)
        if edge is not None and all(abs(edge - at) > 0.25 for x, at, *_ in places if x == drawn.means[-1]):
            places.append((float(drawn.means[-1]), edge, text, "middle right"))
        elif edge is None and over is not None and over > drawn.lowest.spread:
            places.append((float(drawn.means[middle]), over, text, "middle center"))
    x, y, texts, sides = (list(column) for column in zip(*places, strict=True)) if places else ([],) * 4
    return {
        "type": "scatter", "mode": "text", "x": x, "y": y, "text": texts, "textposition": sides,
        "textfont": {"size": 10}, "cliponaxis": False, "hoverinfo": "skip",
    }  # fmt: skip


def _crossing(at: Floats, heights: Floats, level: float) -> float | None:
    """The last place where `heights` crosses `level`, if there is one."""
    above = np.flatnonzero((heights[1:] - level) * (heights[:-1] - level) <= 0)
    if not len(above):
        return None
    i = int(above[-1])
    part = (level - heights[i]) / (heights[i + 1] - heights[i])
    return float(at[i] + part * (at[i + 1] - at[i]))


def _map_said(info: MapInfo) -> str:
    lowest = info.map.lowest
    place = f"mean {lowest.mean:.2f} and spread {lowest.spread:.2f}"
    return f"C(G) is {info.cost:.3f} nats here, and at its lowest {lowest.cost:.3f}, at {place}."


def ladder_figure(info: Numbers) -> Figure:
    """V of the best D, of the best D under the labels, and of the own D."""
    places = ("best D", "D* under<br>your labels", "your D")
    heights = (info.best, info.smoothed, info.own)
    colours = (VALUE, REFERENCE, DISCRIMINATOR)
    span = (-0.5, len(places) - 0.35)
    data = [
        level_trace(span, PLAIN_VALUE, f"the lowest C(G): −log 4 = {number(PLAIN_VALUE, 3)} nats"),
        level_trace(span, info.best, f"max V = C(G) = {number(info.best, 3)} nats", color=VALUE, dash="dot"),
    ]
    for i, (place, height, colour) in enumerate(zip(places, heights, colours, strict=True)):
        foot = PLAIN_VALUE if i == 0 else info.best
        data.append(_rung(i, foot, place.replace("<br>", " "), height, colour))
    ticks = {"tickvals": [0, 1, 2], "ticktext": list(places)}
    figure = {
        "data": data,
        "layout": layout(
            axis("", span, zeroline=False, showgrid=False, **ticks),
            axis("V (nats)", (DEEPEST - 0.05, 0.1), zeroline=True),
            edge_label(PLAIN_VALUE, 3),
            above=[key((LINE, VALUE, "2 JSD"), (LINE, DISCRIMINATOR, "gap of your D"))],
            right=46,
        ),
    }
    sentence = (
        f"The best D reaches −log 4 + 2 JSD, with 2 JSD = {number(2 * info.jsd, 3)} nats. Your D is "
        f"{number(info.best - info.own, 3)} nats below it. Smoothed labels lower V, too."
    )
    said = f"V of your D is {info.own:.3f}, of the best D {info.best:.3f} nats."
    return spoken(figure, said, sentence=sentence)


def _rung(i: int, foot: float, name: str, height: float, colour: str) -> dict[str, Any]:
    """From a reference to a height, with a thick end and the number there."""
    sunk = height < DEEPEST
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "name": name,
        "x": [i, i],
        "y": [foot, max(height, DEEPEST)],
        "text": ["", ("below the chart: " if sunk else "  ") + f"<b>{number(height, 3)}</b>"],
        "textposition": "top left" if sunk else _beside(i, height),
        "textfont": {"size": FONT},
        "line": {"color": colour, "width": 4},
        "marker": {"symbol": ["line-ew", "circle"], "size": [1, 11], "color": colour, "opacity": 1.0},
        "cliponaxis": False,
        "hovertemplate": f"V {number(height, 3)} nats<extra>{name}</extra>",
    }


def _beside(i: int, height: float) -> str:
    """The place of a rung's number that avoids the dotted line, the key above and the names below."""
    above = height < DEEPEST + 0.3 or (i == 0 and height < -0.3)
    return "top right" if above else "bottom right"
