"""The path angle and the length of the field along the way to a point near rest."""

from __future__ import annotations

from gan_core.figures.lab.notes import Found, finite, line_across
from gan_core.figures.style import LINE, REFERENCE, VALUE, Figure, axis, key, layout, typed

LENGTH = "#56B4E9"
"""Of the field: no player's colour."""


def path_angle_figure(found: Found) -> Figure:
    """c(a), and ‖v‖ as a share of its largest value; a dotted line stands at a = 1."""
    place = [finite(a) for a in found["place"]]
    norm = [finite(v) for v in found["norm"]]
    most = max(norm) or 1.0
    span = (place[0], place[-1])
    curves = [
        (LENGTH, [v / most for v in norm], "‖v‖ as a share of its largest: %{y:.3f}", "dot"),
        (VALUE, [finite(c) for c in found["cosine"]], "c = %{y:.3f}", "solid"),
    ]
    data = [
        line_across(0.0, span, "c = 0: across the way", REFERENCE),
        {
            "type": "scatter",
            "mode": "lines",
            "x": [1.0, 1.0],
            "y": [-1.05, 1.05],
            "line": {"color": REFERENCE, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
        },
    ]
    data += [
        {
            "type": "scatter",
            "mode": "lines",
            "x": typed(place),
            "y": typed(y),
            "line": {"color": colour, "width": 2, "dash": dash},
            "hovertemplate": f"a = %{{x:.3f}}<br>{hover}<extra></extra>",
        }
        for colour, y, hover, dash in curves
    ]
    signs = ((LINE, VALUE, "path angle c"), ("┈", LENGTH, f"‖v‖, largest {most:.2g}"))
    return {
        "data": data,
        "layout": layout(
            axis("a: 0 is now, 1 is near rest", span, zeroline=False),
            axis("cosine; share", (-1.05, 1.05), zeroline=False),
            [],
            above=[key(*signs)],
            right=14,
        ),
    }
