"""Figures of games on data whose density is known: `x_info` measures, `x_figure` draws."""

from gan_core.figures.toy.distances import distances_figure, distances_info
from gan_core.figures.toy.line import line_figure, line_info, mapping_figure
from gan_core.figures.toy.plane import plane_figure, plane_info
from gan_core.figures.toy.slice import moves_said, slice_alt, slice_info, slice_said
from gan_core.figures.toy.slice_drawing import slice_figure

__all__ = [
    "distances_figure",
    "distances_info",
    "line_figure",
    "line_info",
    "mapping_figure",
    "moves_said",
    "plane_figure",
    "plane_info",
    "slice_alt",
    "slice_figure",
    "slice_info",
    "slice_said",
]
