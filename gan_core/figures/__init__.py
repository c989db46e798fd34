"""Figures from records: an info record first, its drawing second. Never imports torch or streamlit.

Each figure is a pair: `x_info(history, upto)` measures, `x_figure(info)` draws, as plain data that
`plotly.graph_objects.Figure` accepts. `upto` is the training step shown; infinity for the present.
"""

from gan_core.figures.means import means_figure, means_info
from gan_core.figures.outputs import heatmap_figure, heatmap_info, histogram_figure, histogram_info
from gan_core.figures.saddle import saddle_figure, saddle_info
from gan_core.figures.style import Figure
from gan_core.figures.value import tug_figure, tug_info, value_figure, value_info

__all__ = [
    "Figure",
    "heatmap_figure",
    "heatmap_info",
    "histogram_figure",
    "histogram_info",
    "means_figure",
    "means_info",
    "saddle_figure",
    "saddle_info",
    "tug_figure",
    "tug_info",
    "value_figure",
    "value_info",
]
