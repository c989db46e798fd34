"""The activations, their derivatives, and the gradient that is left after many layers of one."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace, level_trace, note, spoken
from gan_core.figures.style import (
    FONT,
    LINE,
    Figure,
    axis,
    key,
    layout,
    log_axis,
)
from gan_core.theory.activations import NAMES, activation, derivative, surviving
from gan_core.theory.value import Floats
from gan_core.typed import option_title

INPUTS = np.linspace(-4.0, 4.0, 320)  # even: the kink at 0 lies between two points
COLOURS = {
    "leaky_relu": "#AA4499", "relu": "#CC6677", "elu": "#44AA99", "gelu": "#999933", "tanh": "#6699CC",
    "sigmoid": "#AA7722",
}  # fmt: skip
"""Apart from the players' colours, and seen on light and dark ground (after Tol's muted palette)."""

LOWEST, HIGHEST = -12, 6
"""Powers of ten of the surviving gradient that are drawn; beyond them float32 cannot train."""


class ActivationsInfo(NamedTuple):
    """Every activation over INPUTS, its derivative, and what survives 0 to n layers of it."""

    chosen: str
    functions: dict[str, Floats]
    derivatives: dict[str, Floats]
    surviving: dict[str, Floats]  # [layers + 1] each, share of the gradient


def activations_info(
    chosen: str, leaky_slope: float, *, layers: int, gain: float, spread: float
) -> ActivationsInfo:
    """See `theory.activations.surviving` for gain and spread."""
    return ActivationsInfo(
        chosen,
        {name: activation(name, INPUTS, leaky_slope) for name in NAMES},
        {name: derivative(name, INPUTS, leaky_slope) for name in NAMES},
        {name: surviving(name, leaky_slope, layers=layers, gain=gain, spread=spread) for name in NAMES},
    )


def _curve(info: ActivationsInfo, name: str, x: Floats, y: Floats, hover: str) -> dict[str, Any]:
    """The chosen one strong."""
    width = 4 if name == info.chosen else 1.5
    return curve_trace(x, y, option_title(name), COLOURS[name], hover, width=width)


def _keys(chosen: str) -> list[str]:
    """All names in two lines."""
    named = [(LINE, COLOURS[name], _bold_if_chosen(name, chosen)) for name in NAMES]
    return [key(*named[:3]), key(*named[3:])]


def _bold_if_chosen(name: str, chosen: str) -> str:
    return f"<b>{option_title(name)}</b>" if name == chosen else option_title(name)


def shape_figure(info: ActivationsInfo, what: Literal["functions", "derivatives"]) -> Figure:
    """All six, the chosen one strong and on top."""
    curves = getattr(info, what)
    sign = "f(a)" if what == "functions" else "f′(a)"
    hover = f"a %{{x:.2f}}<br>{sign} %{{y:.3f}}"
    order = sorted(NAMES, key=lambda name: name == info.chosen)
    data = [_curve(info, name, INPUTS, curves[name], hover) for name in order]
    low, high = float(curves[info.chosen].min()), float(curves[info.chosen].max())
    span, title = ((-1.5, 4.0), "output f(a)") if what == "functions" else ((-0.2, 1.2), "derivative f′(a)")
    figure = {
        "data": data,
        "layout": layout(
            axis("input a of the unit", (-4.0, 4.0)),
            axis(title, span),
            [],
            above=_keys(info.chosen),
            right=14,
        ),
    }
    reach = f"{sign} from {low:.3g} to {high:.3g} for a from −4 to 4."
    return spoken(figure, f"{option_title(info.chosen)}: {reach}")


def surviving_figure(info: ActivationsInfo) -> Figure:
    """A straight line for each activation on a logarithmic axis, with its name at the end."""
    layers = np.arange(float(len(info.surviving[info.chosen])))
    hover = "%{x} layers<br>%{y:.3g} of the gradient left"
    order = sorted(NAMES, key=lambda name: name == info.chosen)
    data = [level_trace((0.0, float(layers[-1])), 1.0, "no change")]
    data += [_curve(info, name, layers, info.surviving[name], hover) for name in order]
    left = float(info.surviving[info.chosen][-1])
    words = f"{option_title(info.chosen)}: {left:.3g} left after {layers[-1]:.0f} layers"
    ends = np.log10([float(info.surviving[name][-1]) for name in NAMES])
    low = max(LOWEST, min(-1.0, float(np.floor(ends.min()))))
    high = min(HIGHEST, max(1.0, float(np.ceil(ends.max()))))
    figure = {
        "data": data,
        "layout": layout(
            axis("layers in backpropagation", (0.0, float(layers[-1])), zeroline=False),
            log_axis("share of the gradient left", (low, high)),
            _names(ends, float(layers[-1]), info.chosen, (low, high)),
            above=[key((LINE, COLOURS[info.chosen], words)), ""],
            left=58,
            right=76,
        ),
    }  # fmt: skip
    return spoken(figure, f"{words} of the gradient.")


def _names(ends: Floats, x: float, chosen: str, span: tuple[float, float]) -> list[dict[str, Any]]:
    """Each name beside the end of its line, pushed apart where they would overlap, never off the chart."""
    gap = (span[1] - span[0]) / 24.0
    order = np.argsort(ends, kind="stable")
    heights = np.clip(ends[order], *span)
    for _ in range(200):
        overlap = np.clip(gap - np.diff(heights), 0.0, None) / 2.0
        heights[:-1] -= overlap
        heights[1:] += overlap
        heights = np.clip(heights, *span)
    place = {"xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 5}
    titles = [_bold_if_chosen(name, chosen) for name in NAMES]
    return [
        note(titles[i], x, float(height))
        | place
        | {"font": {"size": FONT}}
        for i, height in zip(order.tolist(), heights.tolist(), strict=True)
    ]
