"""Plots: figures side by side as one component, redrawn at once while zoom and 3-D camera stay.

A figure is Plotly's {"data", "layout"} and may have these keys, too:

- "words": {"title", "sentence", "formula", "source", "alt"}, as a panel of the board: title and
  sentence above the chart, formula (HTML of our own) and source in a popover, `alt` is the text
  alternative;
- "span": [columns, rows] it takes in the grid;
- "motion": {"trace", "x", "y", ("z"), "speed", ("parts", "moves", "clock")} or a list of them: that
  trace's x, y (z) at every position, made by `figures.style.typed`: [positions], or
  [positions, points] for a trace of more than one point. A bar under the plots then plays, steps and
  slows all of them together, in the browser alone. `speed`: steps a second; `parts`: positions that
  make one step (its moves, shown one after the other in slow motion), and `moves` their names;
  `clock`: what a step is called and how long it is, where it is not a step.

A new `layout.uirevision` resets zoom and camera. Data hooks
for tests: `.gan-plots[data-frame]` changes with the figures, `[data-drawn]` is the frame all charts show,
`[data-position]` the position of the motion, `[data-chart=NAME][data-drawn]` one chart and the checksum
of what it shows. For surfaces see `figures.relief`: Plotly's own are slow to redraw.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
import streamlit as st

from ui.board import loader
from ui.sharing import publish
from ui.stream import encode_frame

DRAWN = ("data", "layout", "motion")

# isolate_styles=False: as for the board.
_mount = st.components.v2.component("gan_plots", js=loader("plots.js", ".gan-plots"), isolate_styles=False)


class Click(NamedTuple):
    """Where the viewer clicked, in the units of the axes; `serial` tells two clicks apart."""

    chart: str
    x: float
    y: float
    serial: int


def plots(
    figures: Mapping[str, dict[str, Any]],
    *,
    key: str,
    columns: int = 2,
    height: int = 360,
    on_click: Callable[[], None] | None = None,
    play: int = 0,
) -> None:
    """Shows `figures` in a grid of `columns`.

    `height`: of a row, in pixels in a window 720 pixels high; in a higher one all rows fill it. `on_click` is
    called after a click anywhere in a flat chart: read it with `clicked`. Whenever `play` is another
    number than before, and not 0, figures with a motion are played from their beginning. A class that follows
    this page is shown the same figures.
    """
    message = _message(figures, columns, height, play, on_click is not None)
    publish(message)
    _mount(key=key, data=message, on_click_change=on_click or (lambda: None))


def clicked(key: str) -> Click | None:
    """The last click on a chart of the plots `key`, or None before the first."""
    click = st.session_state.get(key, {}).get("click")
    if not click:
        return None
    return Click(str(click["chart"]), float(click["x"]), float(click["y"]), int(click["serial"]))


def _message(
    figures: Mapping[str, dict[str, Any]], columns: int, height: int, play: int, clickable: bool
) -> bytes:
    """One message for all figures. The browser redraws those whose checksum is new."""
    texts = {name: {part: _json(value) for part, value in figure.items()} for name, figure in figures.items()}
    # The checksum covers only what Plotly draws: texts and places are updated without a redrawing.
    versions = {
        name: zlib.crc32(b"".join(parts[part] for part in DRAWN if part in parts))
        for name, parts in texts.items()
    }
    header = {
        "figures": {
            name: {part: orjson.Fragment(text) for part, text in parts.items()}
            for name, parts in texts.items()
        },
        "versions": versions, "columns": columns, "height": height, "play": play, "clickable": clickable,
    }  # fmt: skip
    frame = zlib.crc32(orjson.dumps(header))
    return encode_frame(header | {"frame": frame}, b"")


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
