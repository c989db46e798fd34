"""What the charts of the lab have in common: the empty chart, and numbers that may be missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gan_core.figures.style import FONT, Figure

Found = Mapping[str, Any]
"""A result of the lab by field; null where a number is not finite."""


def finite(value: Any) -> float:
    """A number of a result; NaN where it is missing."""
    return math.nan if value is None else float(value)


def said(value: Any, digits: int = 2) -> str:
    """A number for a sentence; a dash where it is missing."""
    found = finite(value)
    return f"{found:,.{digits}f}".replace("-", "−") if math.isfinite(found) else "–"


def empty_figure(text: str) -> Figure:
    """No axes, one note in the middle."""
    note = {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "text": text,
        "font": {"size": FONT + 1},
    }
    hidden = {"visible": False, "range": [0, 1]}
    return {
        "data": [],
        "layout": {
            "xaxis": hidden,
            "yaxis": hidden,
            "annotations": [note],
            "showlegend": False,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "uirevision": "keep",
            "font": {"size": FONT},
        },
    }


def line_across(
    y: float, span: Sequence[float], hover: str, colour: str, dash: str = "dash"
) -> dict[str, Any]:
    """A reference over the whole width."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(span),
        "y": [y, y],
        "line": {"color": colour, "width": 1.5, "dash": dash},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def edge_note(y: float, text: str) -> dict[str, Any]:
    """A reference's name in the right margin, at its height."""
    return {
        "xref": "paper",
        "x": 1.0,
        "xanchor": "left",
        "xshift": 4,
        "yref": "y",
        "y": y,
        "text": text,
        "showarrow": False,
        "font": {"size": FONT},
        "align": "left",
    }
