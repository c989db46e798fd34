"""Figures from records, one folder a page: an info record first, its drawing second.

Each figure is a pair: `x_info(...)` measures, `x_figure(info)` draws, as plain data that
`plotly.graph_objects.Figure` accepts. Never imports torch or streamlit.
"""

from gan_core.figures.style import Figure

__all__ = ["Figure"]
