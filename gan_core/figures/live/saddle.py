"""The path of the two players over the surface V(a, b) = log a + log(1 - b).

A point stands for what D does: a = exp(E log D(x)) on real images, b = 1 - exp(E log(1 - D(G(z)))) on
generated ones, so that the height of the surface there *is* V (see `theory.value.value_coordinates`).
D climbs, towards a = 1 and b = 0. G can move only b, and lowers V by raising it. A D that gives one
answer d to everything lies on the diagonal, at (d, d); by Jensen's inequality a D whose answers vary
lies above the place on the diagonal that its mean answers would give.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.live.closeup import Closeup, closeup, closeup_traces, lined
from gan_core.figures.live.objective import PLAIN
from gan_core.figures.series import measured_rows, reference, rows_until, thin
from gan_core.figures.style import (
    DISCRIMINATOR,
    DOTS,
    FONT,
    GENERATOR,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    faded,
    key,
    layout,
    number,
    press_play,
    typed,
)
from gan_core.history import Array, History
from gan_core.theory.objectives import Objective

LEVELS = (-0.25, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0)
"""Heights of the contour lines, in nats."""

LABELLED = (-0.25, -0.5, -1.0, -1.5, -3.0)
"""Those with a number: the others would collide at the right edge of a small chart."""

CONTOUR_POINTS = 41
ON_PAGE = {"name": "on page"}
"""Marks a note that the board draws on a patch of the page's own colour: what runs below it would
strike it through, or swallow its colour."""
HEIGHTS = "heights"
"""The trace that the close-up has its own lines and numbers for; the board leaves it out there."""
AXES: dict[str, tuple[str, str]] = {
    "cross_entropy": ("a = exp(E log D(x))", "b = 1 −<br>exp(E log(1 − D(G(z))))"),
    "relativistic": ("a = exp(E log D(x | generated))", "b = 1 −<br>exp(E log(1 − D(G(z) | real)))"),
    "least_squares": ("a = 1 − √E(1 − D(x))²", "b = √E D(G(z))²"),
    "hinge": ("a = E min(D(x), 1)", "b = E max(D(G(z)), −1)"),
    "wasserstein": ("a = E D(x)", "b = E D(G(z))"),
}
"""The coordinates, by the family of the objective (`theory.objectives`)."""
AGES = 4
"""The path is drawn in this many pieces, the older the fainter."""


class SaddlePoint(NamedTuple):
    """One evaluation as a point on the surface; `value` is its height, V."""

    step: float
    a: float
    b: float
    value: float


class SaddleInfo(NamedTuple):
    """The path on held-out samples. Height = `objective.surface(a, b)` in every point, merged ones too."""

    step: Array  # [n]
    a: Array  # [n]
    b: Array  # [n]
    value: Array  # [n], V
    start: SaddlePoint | None
    now: SaddlePoint | None
    equilibrium: float | None  # the saddle lies at (d, d); d under the labels in force at the step shown
    objective: Objective


def saddle_info(
    history: History, upto: float, *, d_reference: float | None = None, objective: Objective = PLAIN
) -> SaddleInfo:
    """The path over the surface; present point at the last evaluation up to step `upto`.

    Long paths are thinned by merging neighbours: the mean of each *term* of V, before it is turned
    into coordinates, so that a merged point still lies at its height. `d_reference`: the equilibrium
    output to draw before anything is recorded.
    """
    log = history.evaluations
    terms = np.column_stack([log.columns["real_term"], log.columns["fake_term"]])
    known = measured_rows(terms)
    step, terms = log.columns["step"][known], terms[known]
    shown = int(known[: rows_until(log, upto)].sum())
    merged_step, merged = thin(step, terms)
    a, b = objective.coordinates(merged[:, 0], merged[:, 1])
    return SaddleInfo(
        merged_step,
        a,
        b,
        merged.sum(axis=1),
        _point(step[:1], terms[:1], objective),
        _point(step[:shown], terms[:shown], objective),
        reference(history, "d_reference", upto, d_reference).now,
        objective,
    )


def _point(step: Array, terms: Array, objective: Objective) -> SaddlePoint | None:
    """The last of the rows `step` [n], `terms` [n, 2]."""
    if not len(step):
        return None
    a, b = objective.coordinates(*terms[-1])
    return SaddlePoint(float(step[-1]), float(a), float(b), float(terms[-1].sum()))


@cache
def contour(level: float) -> tuple[Array, Array]:
    """The line V(a, b) = level: b = 1 - exp(level) / a, from b = 0 to a = 1; [CONTOUR_POINTS] each."""
    a = np.geomspace(np.exp(level), 1.0, CONTOUR_POINTS)
    return a, PLAIN.contour(level, a)


@cache
def _terraces() -> list[dict[str, Any]]:
    """One translucent area for each level, holding all that lies higher: they add up to a relief."""
    shapes = []
    for level in LEVELS:
        a, b = contour(level)
        rim = " L".join(f"{x:.4f},{y:.4f}" for x, y in zip(a, b, strict=True))
        shapes.append(
            {
                "type": "path",
                "path": f"M{rim} L1,0 Z",
                "fillcolor": faded(REFERENCE, 0.09),
                "line": {"color": faded(REFERENCE, 0.6), "width": 0.7},
                "layer": "below",
            }
        )
    return shapes


@cache
def _heights() -> dict[str, Any]:
    """The numbers of the contour lines, outside the plot where each line meets a = 1."""
    return {
        "type": "scatter",
        "name": HEIGHTS,
        "mode": "text",
        "x": [1.0] * len(LABELLED),
        "y": [float(contour(level)[1][-1]) for level in LABELLED],
        "text": [f"{level:g}".replace("-", "−") for level in LABELLED],
        "textposition": "middle right",
        "textfont": {"size": FONT - 1},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _path_traces(info: SaddleInfo) -> list[dict[str, Any]]:
    """The path in AGES pieces that share their end points."""
    cuts = np.linspace(0, max(len(info.step) - 1, 0), AGES + 1).astype(int)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": typed(info.a[first : last + 1]),
            "y": typed(info.b[first : last + 1]),
            "customdata": typed(np.column_stack([info.step, info.value])[first : last + 1]),
            "line": {"color": faded(VALUE, (age + 5) / (AGES + 4)), "width": 1.5 + 0.2 * age},
            "hovertemplate": "step %{customdata[0]:,.0f}<br>a %{x:.3f}, b %{y:.3f}<br>"
            f"V %{{customdata[1]:.3f}} {info.objective.unit}".rstrip() + "<extra></extra>",
        }
        for age, (first, last) in enumerate(pairwise(cuts))
    ]


def _marker(name: str, a: float, b: float, hover: str, **marker: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [a],
        "y": [b],
        "marker": marker,
        "cliponaxis": False,
        "hovertemplate": f"{name}{hover}<br>a %{{x:.3f}}, b %{{y:.3f}}<extra></extra>",
    }


def _marks(info: SaddleInfo) -> list[dict[str, Any]]:
    """Equilibrium, start and present point."""
    marks = []
    if info.equilibrium is not None:
        d = info.equilibrium
        hover = f"<br>V {number(float(info.objective.surface(d, d)), 3)} {info.objective.unit}".rstrip()
        stroke = {"color": REFERENCE, "width": 2.5}
        marks.append(
            _marker(f"equilibrium {number(d)}", d, d, hover, symbol="cross-thin", size=15, line=stroke)
        )
    for name, point, marker in (
        ("start", info.start, {"symbol": "circle-open", "size": 7, "line": {"width": 2}}),
        ("now", info.now, {"symbol": "circle", "size": 10, "line": {"width": 1.5, "color": "white"}}),
    ):
        if point is not None:
            hover = f", step {point.step:,.0f}<br>V {number(point.value, 3)} {info.objective.unit}".rstrip()
            marks.append(_marker(name, point.a, point.b, hover, color=VALUE, **marker))
    return marks


def _arrow(text: str, colour: str, tip: tuple[float, float], tail: tuple[int, int]) -> dict[str, Any]:
    """An arrow to `tip` (a, b) with its words at the tail, `tail` pixels away (right, down)."""
    return {
        "x": tip[0],
        "y": tip[1],
        "ax": tail[0],
        "ay": tail[1],
        "text": text,
        "font": {"size": FONT},
        "arrowcolor": colour,
        "arrowwidth": 2,
        "arrowhead": 2,
    } | ON_PAGE


def _keys(info: SaddleInfo) -> list[str]:
    signs = [("○", VALUE, "start"), ("●", VALUE, "now")]
    if info.equilibrium is not None:
        signs.append(("+", REFERENCE, f"equilibrium {number(info.equilibrium)}"))
    return [key(*signs), key((DOTS, REFERENCE, _diagonal(info)))]


def _diagonal(info: SaddleInfo) -> str:
    """What the line a = b is. Without a saddle point it is where V has its value at equilibrium."""
    if not info.objective.has_line:
        level = float(info.objective.surface(0.0, 0.0))
        return f"a = b: V = {number(level)}, the equilibrium value"
    return "a = b: one answer to every sample"


def _place(view: Closeup, across: float, up: float) -> tuple[float, float]:
    """A point of the picture by its shares of the width and the height."""
    (a_low, a_high), (b_low, b_high) = view.a, view.b
    return a_low + across * (a_high - a_low), b_low + up * (b_high - b_low)


def saddle_figure(info: SaddleInfo) -> Figure:
    """Seen from above: contour lines of V, the path, the equilibrium, and which way each player pulls.

    `closeup` beside data and layout: the ranges of the axes for a viewer who wants to see the path alone, and
    the traces that then take the place of the one called HEIGHTS.
    """
    objective = info.objective
    near = closeup(info.a, info.b, info.equilibrium, objective)
    whole = near if objective.box is None else lined(objective.box, objective.box, objective)
    ends = [min(whole.a[0], whole.b[0]), max(whole.a[1], whole.b[1])]
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "x": ends,
        "y": ends,
        "line": {"color": REFERENCE, "width": 1, "dash": "dot"},
        "hovertemplate": f"{_diagonal(info)}<extra></extra>",
    }
    height = {"xref": "paper", "x": 1.0, "xanchor": "left", "yref": "paper", "y": 1.0, "yanchor": "bottom"}
    notes = [
        # clear of where a winning D goes
        _arrow("D: V ↑", DISCRIMINATOR, _place(whole, 0.93, 0.68), (-30, -24)),
        _arrow("G: V ↓", GENERATOR, _place(whole, 0.14, 0.97), (0, 30)),
        height | {"text": "V", "showarrow": False, "font": {"size": FONT}},
    ]
    fixed = objective.is_logarithmic
    lines = [_heights()] if fixed else [trace | {"name": HEIGHTS} for trace in closeup_traces(whole)]
    a_name, b_name = AXES[objective.family]
    return {
        "data": [*lines, diagonal, *_path_traces(info), *_marks(info)],
        "layout": layout(
            axis(a_name, whole.a, zeroline=False),
            axis(b_name, whole.b, zeroline=False),
            notes + [note | ON_PAGE for note in press_play(not len(info.step))],
            above=_keys(info),
            left=58,
            right=36,
            shapes=_terraces() if fixed else [],
        ),
        "closeup": {"xaxis": list(near.a), "yaxis": list(near.b), "data": closeup_traces(near)},
    }
