"""A field of arrows as one trace, each of its rows as one shape.

A gap behind every arrow would make each of them an element of the page, which is slow to draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_core.figures.style import REFERENCE, faded, typed
from gan_core.theory.two_player import Floats

HEAD = (0.42, 0.2)
"""Length and half the width of a head, as shares of its arrow's length."""


def outlines(tail: Floats, along: Floats, width: float) -> Floats:
    """Arrows from `tail` [n, 2] to `tail + along`, their shafts `width` wide, as polygons [n, 9, 2].

    From the tail down one side to the tip, which is the fifth point, and back to the tail. Lengths in units
    of axes that are equally scaled. Arrows without length are left out.
    """
    length = np.hypot(along[:, 0], along[:, 1])
    tail, along, length = tail[length > 0], along[length > 0], length[length > 0]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    shaft = across * np.minimum(width / 2 / length, HEAD[1] / 3)[:, None]
    neck, head = tail + (1 - HEAD[0]) * along, HEAD[1] * across
    there, back = (tail - shaft, neck - shaft, neck - head), (neck + head, neck + shaft, tail + shaft)
    return np.stack([tail, *there, tail + along, *back, tail], axis=1)


def rows_of(arrows: Floats) -> Floats:
    """Polygons [n, 9, 2] as one line [k, 2] with a gap, NaN, behind each row of tails of the same height.

    Between the arrows of a row it runs from tail to tail: horizontally, so that it encloses no area. Slanted
    lines would leave thin marks after anti-aliasing.
    """
    parts = []
    for height in np.unique(arrows[:, 0, 1]):
        row = arrows[arrows[:, 0, 1] == height]
        parts += [row[np.argsort(row[:, 0, 0])].reshape(-1, 2), np.full((1, 2), np.nan)]
    return np.concatenate([np.zeros((0, 2)), *parts])


def arrows(tail: Floats, along: Floats, width: float) -> dict[str, Any]:
    """The trace of `outlines`."""
    x, y = rows_of(outlines(tail, along, width)).T
    return {
        "type": "scatter", "mode": "none", "name": "arrows", "x": typed(x), "y": typed(y),
        "fill": "toself", "fillcolor": faded(REFERENCE, 0.75), "hoverinfo": "skip",
    }  # fmt: skip
