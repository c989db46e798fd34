"""A new discriminator against the G that stands still: its learning curve, and the bound that it gives."""

from __future__ import annotations

import math

from gan_core.figures.lab.notes import Found, edge_note, finite, line_across
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    FONT,
    LINE,
    REFERENCE,
    Figure,
    axis,
    key,
    layout,
    typed,
)
from gan_core.theory.value import PLAIN_VALUE

MOST = math.log(2.0)
"""The largest Jensen-Shannon divergence, in nats."""


def bound_of(value: float) -> float:
    """The bound that a V without smoothing gives: JSD >= (V + log 4) / 2, nats."""
    return (value - PLAIN_VALUE) / 2.0


def fresh_figure(found: Found) -> Figure:
    """The bound on validation samples over the steps of the new D, and both seeds' bounds on test samples."""
    steps = [float(step) for step in found["curve_step"]]
    values = [bound_of(finite(value)) for value in found["curve_value"]]
    end = max(steps, default=1.0)
    span = (0.0, 1.06 * end)
    error = finite(found["jsd_bound_error"])
    curve = {
        "type": "scatter",
        "mode": "lines",
        "x": typed(steps),
        "y": typed(values),
        "line": {"color": DISCRIMINATOR, "width": 2},
        "hovertemplate": "step %{x:,.0f} of the new D<br>bound %{y:.3f} nats<extra>validation</extra>",
    }
    marks = [
        ("a first new D", "jsd_bound", "circle", DISCRIMINATOR, error),
        ("a second new D", "jsd_bound_second_seed", "diamond-open", DISCRIMINATOR, None),
    ]
    data = [
        line_across(0.0, span, "0: D cannot tell", REFERENCE),
        line_across(MOST, span, "log 2: D is always right", REFERENCE),
        curve,
    ]
    for name, field, symbol, colour, spread in marks:
        if not math.isfinite(finite(found[field])):
            continue
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [end],
                "y": [finite(found[field])],
                "marker": {"symbol": symbol, "size": 10, "color": colour},
                "error_y": {"type": "data", "array": [2 * spread], "visible": True, "color": colour}
                if spread
                else {"visible": False},
                "hovertemplate": f"{name}, held-out:<br>JSD is at least %{{y:.3f}} nats<extra></extra>",
            }
        )
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [end],
            "y": [bound_of(finite(found["value_train"]))],
            "marker": {"symbol": "x-thin-open", "size": 9, "color": FAKE, "line": {"width": 2}},
            "hovertemplate": "its own training samples: %{y:.3f} nats<extra></extra>",
        }
    )
    lowest = min([0.0, *values, finite(found["jsd_bound"])])
    return {
        "data": data,
        "layout": layout(
            axis("training steps of the new D", span, zeroline=False),
            axis("lower bound of JSD (nats)", (min(-0.05, 1.1 * lowest), 0.76), zeroline=False),
            [edge_note(0.0, "0"), edge_note(MOST, "log 2")],
            above=[
                key(
                    (LINE, DISCRIMINATOR, "while it learns"),
                    ("●", DISCRIMINATOR, "held-out"),
                    ("◇", DISCRIMINATOR, "second seed"),
                    ("×", FAKE, "training"),
                    (DASHES, REFERENCE, "cannot tell, always right"),
                )
            ],
            left=50,
            right=40,
            font={"size": FONT},
        ),
    }
