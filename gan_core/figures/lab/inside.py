"""G from inside: walks, a digit as asked, mixtures of styles, feature maps; from results of the lab."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gan_core.figures.lab.sheet import Grey, hover_trace, sheet_trace
from gan_core.figures.style import DASHES, FAKE, FONT, Figure, axis, key, layout
from gan_core.history.packed import unpacked

Found = Mapping[str, Any]

APART = 0.3  # between the pictures of the sources and their mixtures
HEIGHT = 8.0  # of a block of feature maps; one unit is 7 pixels of a map, so that maps are seen to grow
BETWEEN = 1.0  # two blocks
PIXELS = 7


def walk_figure(found: Found) -> Figure:
    """A row for each pair, a column for each position along the way."""
    pictures = unpacked(found["pictures"])
    rows, columns = pictures.shape[:2]
    share = [float(at) for at in found["share"]]
    texts = [
        [f"{at:.0%} of the way, read as {digit}" for at, digit in zip(share, line, strict=True)]
        for line in found["read_as"]
    ]
    marks = [f"{at:.0%}" if place % 2 == 0 else "" for place, at in enumerate(share)]
    if found["between"] == "classes":
        first, last = found["digit"], found["other"]
        x_title, y_title = f"share of the way from class {first} to class {last}", "noise vector"
        marks = [f"class {first}", *marks[1:-1], f"class {last}"]
    else:
        x_title, y_title = "share of the way from the first noise vector to the second", "pair"
    return _grid(
        [sheet_trace(pictures), hover_trace(texts)],
        _side(x_title, (-0.5, columns - 0.5), range(columns), marks),
        _rows(y_title, (rows - 0.5, -0.5), range(rows), [str(row + 1) for row in range(rows)]),
    )


def digit_figure(found: Found) -> Figure:
    """Pictures of one class; a dashed frame and a number where the classifier reads another digit."""
    pictures = unpacked(found["pictures"])
    rows, columns = pictures.shape[:2]
    digit, read_as = found["digit"], np.asarray(found["read_as"])
    wrong = np.argwhere(read_as != digit).tolist()
    traces = [sheet_trace(pictures), _frames(wrong), _numbers(wrong, read_as)]
    texts = [[f"asked for {digit}, read as {other}" for other in line] for line in read_as.tolist()]
    return _grid(
        [*traces, hover_trace(texts)],
        _side(f"pictures of class {digit}, each from its own noise vector", (-0.5, columns - 0.5)),
        _rows(f"rows of {columns}", (rows - 0.5, -0.5)),
        above=[key((DASHES, FAKE, f"read as another digit: {len(wrong)} of {read_as.size}"))],
    )


def mixing_figure(found: Found) -> Figure:
    """The pictures of the noise vectors left and above, their mixtures inside."""
    pictures, sources = unpacked(found["pictures"]), unpacked(found["sources"])
    count, crossing, layers = len(sources), found["crossing"], found["layers"]
    outside = -1.0 - APART
    names = [str(place + 1) for place in range(count)]
    texts = [
        [f"{_layers(1, crossing)} of {row}, {_layers(crossing + 1, layers)} of {column}" for column in names]
        for row in names
    ]
    traces = [
        sheet_trace(pictures),
        sheet_trace(sources[:, None], x=outside),
        sheet_trace(sources[None], y=outside),
        hover_trace(texts),
    ]
    span = (outside - 0.5, count - 0.5)
    return _grid(
        traces,
        _side(f"columns: style of {_layers(crossing + 1, layers)}", span, range(count), names),
        _rows(f"rows: style of {_layers(1, crossing)}", span[::-1], range(count), names),
    )


def _layers(first: int, last: int) -> str:
    return f"layer {first}" if first == last else f"layers {first} to {last}"


def feature_maps_figure(found: Found) -> Figure:
    """A block of maps for each hidden layer, from left to right, and the picture they lead to."""
    traces, centres, marks, edge = [], [], [], 0.0
    for place, (layer, low, high) in enumerate(zip(found["maps"], found["low"], found["high"], strict=True)):
        maps = unpacked(layer)
        sheet, cell = _block(maps)
        top = (HEIGHT - sheet.shape[0] * cell) / 2
        traces.append(sheet_trace(sheet, x=edge + cell / 2, y=top + cell / 2, cell=cell, smooth=False,
                                  count=len(maps)))  # fmt: skip
        width = sheet.shape[1] * cell
        units, side = len(maps), maps.shape[-1]
        what = f"{units} maps, {side} × {side}" if side > 1 else f"{units} units"
        centres.append(edge + width / 2)
        marks.append(f"layer {place + 1}<br>{what}<br>{low:.1f} to {high:.1f}".replace("-", "−"))
        edge += max(width, 2.0) + BETWEEN
    side = 28 / PIXELS
    picture = unpacked(found["picture"])[None, None]
    traces.append(sheet_trace(picture, x=edge + side / 2, y=HEIGHT / 2, cell=side, smooth=False))
    centres.append(edge + side / 2)
    marks.append("picture<br>28 × 28<br>−1 to 1")
    figure = _grid(
        traces,
        _side("hidden layers of G, from left to right", (-0.5, edge + side + 0.5), centres, marks),
        _rows("maps after the activation", (HEIGHT, 0.0)),
    )
    figure["layout"]["margin"]["b"] = 76
    return figure


def _block(maps: Grey) -> tuple[Grey, float]:
    """Maps [units, height, width] column by column; and the side of a cell."""
    units, side = len(maps), maps.shape[-1]
    if side > 1:
        cell = side / PIXELS
        rows = max(1, int(HEIGHT // cell))
    else:  # the units of a linear layer: squares that fill a block twice as high as wide
        rows = max(int(HEIGHT), math.ceil(math.sqrt(2 * units)))
        cell = HEIGHT / rows
    columns = math.ceil(units / rows)
    rows = math.ceil(units / columns)
    sheet = np.zeros((rows * columns, *maps.shape[1:]), np.uint8)
    sheet[:units] = maps
    return sheet.reshape(columns, rows, *maps.shape[1:]).swapaxes(0, 1), cell


def _frames(places: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Dashed frames around the pictures at these (row, column) places, in one trace."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, column in places:
        x += [column + at for at in (-0.48, 0.48, 0.48, -0.48, -0.48)] + [None]
        y += [row + at for at in (-0.48, -0.48, 0.48, 0.48, -0.48)] + [None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "read as another digit",
        "x": x,
        "y": y,
        "line": {"color": FAKE, "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _numbers(places: Sequence[Sequence[int]], read_as: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The digit that is read, in the corner of each of these pictures."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "digit that is read",
        "x": [column + 0.38 for _, column in places],
        "y": [row - 0.34 for row, _ in places],
        "text": [f"<b>{read_as[row, column]}</b>" for row, column in places],
        "textfont": {"size": FONT + 1, "color": FAKE},
        "hoverinfo": "skip",
    }


def _side(
    title: str, span: tuple[float, float], ticks: Sequence[float] = (), texts: Sequence[str] = ()
) -> dict[str, Any]:
    """An axis of places, with names instead of numbers."""
    return axis(
        title, span, tickvals=list(ticks), ticktext=list(texts), showgrid=False, zeroline=False,
        showline=False, constrain="domain",
    )  # fmt: skip


def _rows(
    title: str, span: tuple[float, float], ticks: Sequence[float] = (), texts: Sequence[str] = ()
) -> dict[str, Any]:
    """The same for rows; pictures stay square."""
    return _side(title, span, ticks, texts) | {"scaleanchor": "x"}


def _grid(
    traces: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], *, above: Sequence[str] = ()
) -> Figure:
    return {"data": traces, "layout": layout(x, y, [], above=above, left=52, right=12)}
