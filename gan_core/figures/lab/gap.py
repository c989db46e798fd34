"""Both halves of the duality gap: how far V goes up with D alone, and down with G alone."""

from __future__ import annotations

from gan_core.figures.lab.notes import Found, edge_note, finite, line_across, said
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DISCRIMINATOR,
    GENERATOR,
    REFERENCE,
    VALUE,
    Figure,
    axis,
    key,
    layout,
)
from gan_core.theory.value import PLAIN_VALUE

NAMES = ("a better D,<br>G stands still", "now", "a better G,<br>D stands still")


def gap_figure(found: Found) -> Figure:
    """V now, with a better D, with a better G; the line: V at equilibrium."""
    here, up, down = (finite(found[name]) for name in ("value_here", "max_value", "min_value"))
    span = (-0.6, 2.6)
    bars = {
        "type": "bar",
        "x": [0, 2],
        "y": [up - here, down - here],
        "base": [here, here],
        "width": 0.5,
        "marker": {"color": [DISCRIMINATOR, GENERATOR]},
        "customdata": [up, down],
        "hovertemplate": "V %{customdata:.3f}, a change of %{y:+.3f}<extra></extra>",
        "text": [f"{'+' if v >= here else ''}{said(v - here)}" for v in (up, down)],
        "textposition": "outside",
        "cliponaxis": False,
    }
    now = {
        "type": "scatter",
        "mode": "markers",
        "x": [1],
        "y": [here],
        "marker": {"color": VALUE, "size": 12},
        "hovertemplate": "now: V %{y:.3f}<extra></extra>",
    }
    low, high = min(here, up, down, PLAIN_VALUE), max(here, up, down, 0.0)
    room = 0.12 * (high - low)
    signs = (
        ("■", DISCRIMINATOR, "what D can gain"),
        ("■", GENERATOR, "what G can gain"),
        ("●", VALUE, "V now"),
    )
    x = axis("", span, tickvals=[0, 1, 2], ticktext=list(NAMES), zeroline=False, showgrid=False)
    return {
        "data": [line_across(PLAIN_VALUE, span, "V at equilibrium: −log 4", REFERENCE), bars, now],
        "layout": layout(
            x,
            axis("V (nats)", round_outward(low - room, high + room), zeroline=False),
            [edge_note(PLAIN_VALUE, "−log 4")],
            above=[key(*signs)],
            right=52,
        ),
    }
