"""Sheets of pictures, and the charts of G from inside: what is drawn where, of pictures that are known."""

from __future__ import annotations

import io
import math
from base64 import b64decode
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest
from numpy.typing import NDArray
from PIL import Image

from gan_core.figures.lab.inside import digit_figure, feature_maps_figure, mixing_figure, walk_figure
from gan_core.figures.lab.sheet import png, sheet_trace
from gan_core.history.packed import packed
from ui.inside_words import with_words

Grey = NDArray[np.uint8]


def shades(*shape: int) -> Grey:
    """Different grey values everywhere."""
    return np.random.default_rng(sum(shape)).integers(0, 256, shape).astype(np.uint8)


def seen_at(traces: list[dict[str, Any]], x: float, y: float) -> tuple[int, int] | None:
    """Grey value and opacity that an image of the chart shows there; None where there is no image."""
    for trace in traces:
        if trace["type"] != "image":
            continue
        image = np.asarray(Image.open(io.BytesIO(b64decode(trace["source"].split(",", 1)[1]))))
        column = math.floor((x - trace["x0"]) / trace["dx"] + 0.5)
        row = math.floor((y - trace["y0"]) / trace["dy"] + 0.5)
        if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
            return int(image[row, column, 0]), int(image[row, column, 1])
    return None


def assert_picture(
    traces: list[dict[str, Any]], picture: Grey, x: float, y: float, cell: float = 1.0
) -> None:
    """That picture [28, 28], or smaller, stands with its centre at (x, y)."""
    side = len(picture)
    share = cell * 28 / 30  # the rest is a gap
    for row, column in ((0, 0), (side - 1, 0), (side // 2, side - 1)):
        at_x, at_y = (place + share * ((at + 0.5) / side - 0.5) for place, at in ((x, column), (y, row)))
        assert seen_at(traces, at_x, at_y) == (picture[row, column], 255), (row, column)


def walk_found(**changes: Any) -> dict[str, Any]:
    read_as = [[3] * 6 + [8] * 5] * 4 + [[8] * 11]
    return {
        "pictures": packed(shades(5, 11, 28, 28)), "share": np.linspace(0, 1, 11).tolist(),
        "between": "noise", "path": "spherical", "distribution": "normal", "digit": None, "other": None,
        "read_as": read_as, "averaged": True, "seconds": 0.1, **changes,
    }  # fmt: skip


def digit_found() -> dict[str, Any]:
    read_as = np.full((5, 10), 4)
    read_as[1, 7], read_as[4, 0] = 9, 6
    return {
        "pictures": packed(shades(5, 10, 28, 28)), "digit": 4, "read_as": read_as.tolist(), "right": 48,
        "asked": 50, "classifier_accuracy": 0.989, "averaged": True, "seconds": 0.1,
    }  # fmt: skip


def mixing_found(**changes: Any) -> dict[str, Any]:
    return {
        "pictures": packed(shades(7, 7, 28, 28)), "sources": packed(shades(7, 28, 28)), "crossing": 2,
        "layers": 4, "psi": 1.0, "noise": False, "noise_strength": [0.1, 0.2, 0.3], "noise_changes": 1.23,
        "averaged": True, "seconds": 0.1, **changes,
    }  # fmt: skip


def maps_found(*shapes: tuple[int, int, int]) -> dict[str, Any]:
    return {
        "maps": [packed(shades(*shape)) for shape in shapes], "low": [-0.25] * len(shapes),
        "high": [1.75] * len(shapes), "picture": shades(28, 28).tolist(), "digit": None,
        "architecture": "dcgan", "averaged": True, "seconds": 0.1,
    }  # fmt: skip


CONVOLVED = ((32, 7, 7), (16, 14, 14))
FIGURES: dict[str, Any] = {
    "walk": walk_figure(walk_found()),
    "choose_digit": digit_figure(digit_found()),
    "mixing": mixing_figure(mixing_found()),
    "feature_maps": feature_maps_figure(maps_found(*CONVOLVED)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_each_is_plain_plotly_and_leaves_the_theme_to_the_page(name: str) -> None:
    figure = FIGURES[name]
    assert orjson.loads(orjson.dumps(figure)) == figure
    go.Figure(figure)
    layout = figure["layout"]
    assert layout["uirevision"] == "keep"
    assert not {"paper_bgcolor", "plot_bgcolor", "template", "title"} & layout.keys()
    for axis in ("xaxis", "yaxis"):
        assert layout[axis]["title"]["text"]
    assert layout["yaxis"]["range"][0] > layout["yaxis"]["range"][1]  # the first row is above
    assert layout["yaxis"]["scaleanchor"] == "x"  # pictures stay square


def test_a_png_gives_back_its_grey_values() -> None:
    image = shades(13, 9, 2)
    read = np.asarray(Image.open(io.BytesIO(b64decode(png(image).removeprefix("data:image/png;base64,")))))
    np.testing.assert_array_equal(read, image)


@pytest.mark.parametrize("side", [1, 7, 14, 28])
def test_a_picture_of_a_sheet_stands_at_its_place_with_a_clear_gap(side: int) -> None:
    pictures = shades(3, 4, side, side)
    sheet = [sheet_trace(pictures, x=5.0, y=-2.0, cell=2.0)]
    for row, column in ((0, 0), (2, 3), (1, 2)):
        assert_picture(sheet, pictures[row, column], 5.0 + 2.0 * column, -2.0 + 2.0 * row, 2.0)
    between = seen_at(sheet, 6.0, -2.0)
    assert between is not None
    assert between[1] == 0
    few = [sheet_trace(pictures, count=7)]  # column by column: the third one has one
    assert seen_at(few, 2.0, 0.0) == (seen_at(sheet, 9.0, -2.0) or (0, 0))
    for x, y in ((2.0, 1.0), (3.0, 0.0)):
        assert seen_at(few, x, y) == (0, 0)


def test_pictures_of_a_walk_and_of_a_digit_stand_in_rows_and_columns() -> None:
    for name, columns in (("walk", 11), ("choose_digit", 10)):
        assert_picture(FIGURES[name]["data"], shades(5, columns, 28, 28)[3, 9], 9, 3)
    classes = walk_figure(walk_found(between="classes", path="linear", digit=3, other=8))["layout"]["xaxis"]
    assert (classes["ticktext"][0], classes["ticktext"][-1]) == ("class 3", "class 8")


def test_only_what_is_read_otherwise_has_a_frame_and_a_number() -> None:
    figure = FIGURES["choose_digit"]
    frames, numbers = (next(t for t in figure["data"] if t.get("mode") == mode) for mode in ("lines", "text"))
    assert numbers["text"] == ["<b>9</b>", "<b>6</b>"]
    assert frames["x"].count(None) == 2
    corners = [(x, y) for x, y in zip(frames["x"], frames["y"], strict=True) if x is not None]
    assert {(round(x), round(y)) for x, y in corners} == {(7, 1), (0, 4)}
    assert "read as another digit: 2 of 50" in figure["layout"]["annotations"][0]["text"]


def test_mixtures_stand_beside_their_sources() -> None:
    traces = FIGURES["mixing"]["data"]
    mixed, sources = shades(7, 7, 28, 28), shades(7, 28, 28)
    assert_picture(traces, mixed[2, 5], 5, 2)
    assert_picture(traces, sources[2], -1.3, 2)
    assert_picture(traces, sources[5], 5, -1.3)
    (hover,) = [trace for trace in traces if trace.get("text")]
    assert hover["text"][2 * 7 + 5] == "layers 1 to 2 of 3, layers 3 to 4 of 6"


def test_maps_are_drawn_as_large_as_they_are_and_column_by_column() -> None:
    traces = FIGURES["feature_maps"]["data"]
    first, second = shades(32, 7, 7), shades(16, 14, 14)
    assert_picture(traces, first[0], 0.5, 0.5)
    assert_picture(traces, first[9], 1.5, 1.5)  # eight in a column
    assert_picture(traces, second[5], 5.0 + 3.0, 3.0, 2.0)  # after a block of 4 and a gap of 1
    assert_picture(traces, shades(28, 28), 5.0 + 8.0 + 1.0 + 2.0, 4.0, 4.0)
    marks = FIGURES["feature_maps"]["layout"]["xaxis"]["ticktext"]
    assert marks[0] == "layer 1<br>32 maps, 7 × 7<br>−0.2 to 1.8"


@pytest.mark.parametrize("units", [1, 30, 128, 1024])
def test_units_of_a_linear_layer_fill_a_block_and_none_is_lost(units: int) -> None:
    figure = feature_maps_figure(maps_found((units, 1, 1)) | {"architecture": "perceptron"})
    image = figure["data"][0]
    read = np.asarray(Image.open(io.BytesIO(b64decode(image["source"].split(",", 1)[1]))))
    pitch = 30
    shown = read[pitch // 2 :: pitch, pitch // 2 :: pitch]
    assert (shown[..., 1] > 0).sum() == units
    values = shown[..., 0].T.ravel()[:units]
    np.testing.assert_array_equal(values, shades(units, 1, 1).ravel())
    assert read.shape[0] * image["dy"] <= 8.0 + 1e-9


def test_sentences_say_what_is_seen() -> None:
    said = with_words("walk", walk_found(), 300)
    assert said["title"] == "A walk through G, step 300"
    assert "along an arc" in said["sentence"]
    straight = with_words("walk", walk_found(path="linear", distribution="uniform"))["sentence"]
    assert "straight line, which stays inside the cube" in straight
    classes = with_words("walk", walk_found(between="classes", path="linear", digit=3, other=8))["sentence"]
    assert "reads 3 in 4 of 5 first pictures and 8 in 5 of the last ones" in classes
    assert "reads 4 in 48 of 50 pictures, and the right digit in 98.9% of" in (
        with_words("choose_digit", digit_found())["sentence"]
    )
    mixed = with_words("mixing", mixing_found(crossing=1, psi=0.7, noise=True))["sentence"]
    assert mixed == (
        "Layer 1 has the style of the row, layers 2 to 4 that of the column. Each style has 0.7 times its "
        "distance from the mean style. Noise is on and changes a grey value by 1.2 of 255."
    )
    assert "all pictures are the same" in with_words("mixing", mixing_found(psi=0.0))["sentence"]
    for name in FIGURES:
        assert "Not made yet" in with_words(name)["sentence"]
