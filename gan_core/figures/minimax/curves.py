"""Parts of the flat charts of the theory pages: curves over any x, points, notes.

A figure made of these carries its text alternative, `spoken(figure, sentence)`; the page adds the rest
of its words.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from gan_core.figures.style import FONT, REFERENCE, Figure, faded, typed


def curve_trace(
    x: ArrayLike, y: ArrayLike, name: str, colour: str, hover: str, **line: Any
) -> dict[str, Any]:
    """A line; `hover` says both coordinates with their units, `line` overrides the stroke."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": typed(x),
        "y": typed(y),
        "line": {"color": colour, "width": 2} | line,
        "hovertemplate": f"{hover}<extra>{name}</extra>",
    }


def filled_trace(
    x: ArrayLike, y: ArrayLike, name: str, colour: str, hover: str, **more: Any
) -> dict[str, Any]:
    """A line with the area under it."""
    fill = {"fill": "tozeroy", "fillcolor": faded(colour, 0.3)}
    return curve_trace(x, y, name, colour, hover) | fill | more


def point_trace(x: ArrayLike, y: ArrayLike, name: str, hover: str, **marker: Any) -> dict[str, Any]:
    """Points; `marker` gives colour, symbol and size."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": typed(x),
        "y": typed(y),
        "marker": {"size": 10} | marker,
        "cliponaxis": False,
        "hovertemplate": f"{hover}<extra>{name}</extra>",
    }


def level_trace(span: tuple[float, float], height: float, hover: str, **line: Any) -> dict[str, Any]:
    """A dashed grey reference across the chart."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(span),
        "y": [height, height],
        "line": {"color": REFERENCE, "width": 1.5, "dash": "dash"} | line,
        "hovertemplate": f"{hover}<extra></extra>",
    }


def spoken(figure: Figure, alternative: str, **words: str) -> Figure:
    """The figure with a text alternative that says its numbers; `words`: other texts of its own."""
    return figure | {"words": {"alt": alternative} | words}


def note(text: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    """A note at a point in the units of the axes."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": FONT}} | more
