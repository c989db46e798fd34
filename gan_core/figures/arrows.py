"""A field of arrows as one trace, drawn as one shape however many they are.

With gaps between them Plotly would make an element of the page for each, at every drawing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.style import REFERENCE, faded, typed
from gan_core.theory.two_player import Floats

HEAD = (0.42, 0.2)
"""Length and half the width of a head, as parts of its arrow's length."""


def outlines(tail: Floats, along: Floats, width: float) -> Floats:
    """Arrows from `tail` [n, 2] to `tail + along`, their shafts `width` wide, as polygons [n, 8, 2].

    Down one side from the tail to the tip, which is the fourth point, and back to where it began. Lengths
    in units of axes that are equally scaled. Arrows without length are left out.
    """
    length = np.hypot(along[:, 0], along[:, 1])
    tail, along, length = tail[length > 0], along[length > 0], length[length > 0]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    shaft = across * np.minimum(width / 2 / length, HEAD[1] / 3)[:, None]
    neck, head = tail + (1 - HEAD[0]) * along, HEAD[1] * across
    begin = tail - shaft
    side = [begin, neck - shaft, neck - head, tail + along, neck + head, neck + shaft, tail + shaft, begin]
    return np.stack(side, axis=1)


def arrows(tail: Floats, along: Floats, width: float) -> dict[str, Any]:
    """The trace of `outlines`: one polygon without a gap, which goes back the way it came between arrows."""
    each = outlines(tail, along, width)
    x, y = np.concatenate([each.reshape(-1, 2), each[::-1, 0]]).T
    return {
        "type": "scatter", "mode": "none", "name": "arrows", "x": typed(x), "y": typed(y),
        "fill": "toself", "fillcolor": faded(REFERENCE, 0.75), "hoverinfo": "skip",
    }  # fmt: skip
