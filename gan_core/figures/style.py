"""The common style of all figures: colours, keys, axes, strokes; and arrays in the form Plotly reads.

Two players and two kinds of image have one colour each, in every figure (Okabe & Ito's palette, safe
for the colour-blind). Nothing here sets a background, grid or text colour: the page's theme does.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from math import ceil, floor, isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gan_core.figures.series import Curve, Point, Reference

Figure = dict[str, Any]
"""What Plotly draws: {"data": [traces], "layout": {...}}, ready for JSON."""

DISCRIMINATOR = "#0072B2"
GENERATOR = "#E69F00"
REAL = "#009E73"
FAKE = "#D55E00"
VALUE = "#CC79A7"
REFERENCE = "#7F7F7F"

LINE, DASHES, FILLED, HATCHED, DOTS = "━", "╍", "■", "▨", "┈"
"""Signs for keys: how a curve or an area is drawn."""

FONT = 11


def typed(values: ArrayLike) -> dict[str, str]:
    """Numbers in the form Plotly reads fastest: base64 of little-endian float32; [n] or [rows, columns]."""
    array = np.ascontiguousarray(values, dtype="<f4")
    spec = {"dtype": "f4", "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    return spec | ({"shape": "{}, {}".format(*array.shape)} if array.ndim == 2 else {})


def faded(colour: str, alpha: float) -> str:
    """A hex colour with an opacity between 0 and 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def number(value: float, digits: int = 2) -> str:
    """A number for a label: at least `digits` decimals, a third if it needs one, a real minus sign."""
    more = digits if isfinite(value) and abs(round(value, digits) - value) < 5e-4 else 3
    shown = round(value, more) + 0.0  # no minus sign before a zero
    return f"{shown:.{more}f}".replace("-", "−")


def line_trace(drawn: Curve, name: str, colour: str, hover: str, **line: Any) -> dict[str, Any]:
    """A curve; `hover` says the value with its unit, `line` overrides the stroke."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": typed(drawn.step),
        "y": typed(drawn.value),
        "line": {"color": colour, "width": 2} | line,
        "hovertemplate": f"step %{{x:,.0f}}<br>{hover}<extra>{name}</extra>",
    }


def excursion_trace(
    points: Sequence[Point], edge: float, way: Literal["up", "down"], colour: str, hover: str
) -> dict[str, Any]:
    """Triangles that point out of the picture at its `edge`, each with the value it stands for: %{text}."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"out of the picture, {way}",
        "x": [point.step for point in points],
        "y": [edge] * len(points),
        "text": [f"{point.value:,.1f}".replace("-", "−") for point in points],
        "textposition": "bottom center" if way == "up" else "top center",
        "textfont": {"size": FONT - 1},
        "marker": {"color": colour, "size": 9, "symbol": f"triangle-{way}"},
        "cliponaxis": False,
        "hovertemplate": f"step %{{x:,.0f}}<br>{hover}<extra></extra>",
    }


def now_trace(points: Sequence[tuple[Point | None, str]], hover: str) -> dict[str, Any]:
    """A dot on each curve at the step shown: (point, colour) pairs."""
    shown = [(point, colour) for point, colour in points if point is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [point.step for point, _ in shown],
        "y": [point.value for point, _ in shown],
        "marker": {"color": [colour for _, colour in shown], "size": 8},
        "cliponaxis": False,
        "hovertemplate": f"shown: step %{{x:,.0f}}<br>{hover}<extra></extra>",
    }


def reference_trace(drawn: Reference, hover: str, width: float = 1.5) -> dict[str, Any]:
    """The dashed grey step line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": typed(drawn.step),
        "y": typed(drawn.value),
        "line": {"color": REFERENCE, "width": width, "dash": "dash", "shape": "hv"},
        "hovertemplate": f"equilibrium {hover}<extra></extra>",
    }


def edge_label(value: float | None, digits: int = 2) -> list[dict[str, Any]]:
    """The present reference, written in the right margin at its own height."""
    if value is None:
        return []
    place = {"xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 4, "yref": "y", "y": value}
    return [place | {"text": number(value, digits), "showarrow": False, "font": {"size": FONT}}]


def press_play(empty: bool) -> list[dict[str, Any]]:
    """The note in an empty figure, below the reference."""
    place = {"xref": "paper", "x": 0.97, "xanchor": "right", "yref": "paper", "y": 0.25, "yanchor": "bottom"}
    return [place | {"text": "Press Play", "showarrow": False, "font": {"size": 14}}] if empty else []


def axis(title: str, span: tuple[float, float], **more: Any) -> dict[str, Any]:
    """An axis with its unit in the title."""
    heading = {"text": title, "font": {"size": FONT}, "standoff": 4}
    return {
        "title": heading,
        "range": list(span),
        "tickfont": {"size": FONT},
        "nticks": 6,
        "ticks": "",
    } | more


def steps_axis(span: tuple[float, float]) -> dict[str, Any]:
    """The axis of training steps."""
    return axis("training steps", span, tickformat="~s", zeroline=False)


def log_axis(title: str, span: tuple[float, float], *, few: bool = False, **more: Any) -> dict[str, Any]:
    """A logarithmic axis over `span`, in powers of ten: 1, 2, 5 marked on a short one, else powers.

    Plotly's own marks are harder to read: they write 5 for 0.5. The marks go beyond the span, to the next
    tenth power, so that most of them stay when the span moves. `few`: powers only, on a low chart.
    """
    width = span[1] - span[0]
    first, last = 10 * floor(span[0] / 10), 10 * ceil(span[1] / 10)
    if width < 2.5 and not few:
        places = [(digit, power) for power in range(first, last + 1) for digit in (1, 2, 5)]
    else:
        apart = max(1, round(width / (2.5 if few else 5)))
        places = [(1, power) for power in range(first, last + 1) if power % apart == 0]
    return axis(
        title, span, type="log", zeroline=False,
        tickvals=[digit * 10.0**power for digit, power in places],
        ticktext=[_power_text(digit, power) for digit, power in places],
    ) | more  # fmt: skip


def _power_text(digit: int, power: int) -> str:
    if -4 < power < 4:
        return f"{digit * 10.0**power:g}"
    return f"{'' if digit == 1 else f'{digit}·'}10<sup>{power}</sup>".replace("-", "−")


def key(*entries: tuple[str, str, str]) -> str:
    """The legend in one line, from (sign, colour, words). Words keep the text colour of the theme."""
    signs = (f'<span style="color:{colour}"><b>{sign}</b></span> {words}' for sign, colour, words in entries)
    return "   ".join(signs)


def layout(
    x: dict[str, Any],
    y: dict[str, Any],
    notes: list[dict[str, Any]],
    *,
    above: Sequence[str],
    left: int = 46,
    right: int = 46,
    **more: Any,
) -> dict[str, Any]:
    """Tight fixed margins in pixels, the lines `above` over the plot, zoom kept from frame to frame.

    They replace Plotly's legend, which breaks into rows on a small chart and takes a third of its height.
    """
    corner = {"xref": "paper", "x": 0.0, "xanchor": "left", "yref": "paper", "y": 1.0, "yanchor": "bottom"}
    legend = corner | {
        "xshift": 6 - left,
        "yshift": 5,
        "align": "left",
        "showarrow": False,
        "font": {"size": FONT},
    }
    return {
        "xaxis": x,
        "yaxis": y,
        "annotations": [legend | {"text": "<br>".join(above)}, *notes],
        "margin": {"l": left, "r": right, "t": 13 + 14 * len(above), "b": 36},
        "showlegend": False,
        "uirevision": "keep",
        "font": {"size": FONT},
    } | more
