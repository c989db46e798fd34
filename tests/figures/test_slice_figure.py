"""V along the last moves: the record against surfaces whose extrema and curvatures are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from gan_core.figures.style import DISCRIMINATOR, GENERATOR
from gan_core.figures.toy import moves_said, slice_alt, slice_figure, slice_info, slice_said
from gan_core.figures.toy.slice import REACH, signed
from gan_core.history import Keyframe
from gan_core.measures import slice as measured
from gan_core.theory.objectives import OBJECTIVES

PLAIN = OBJECTIVES["non_saturating"]
AT = np.linspace(-REACH, REACH, 21)
V0 = -1.25
Surface = Callable[[Any, Any], Any]


def frame_of(surface: Surface, path: list[list[float]] | None = None) -> Keyframe:
    """A picture of the plane V = surface(G, D)."""
    a, b = np.meshgrid(AT, AT)  # columns are G's
    arrays = {
        "slice": np.asarray(surface(a, b), np.float32) + np.zeros_like(a, np.float32),
        "slice_path": np.array(path or [[math.nan, math.nan], [-1, -1], [0, 0]], np.float32),
        "slice_moves": np.array([[57, 0.041], [58, 0.062]], np.float32),
        "slice_step": np.array([1290.0]),
    }
    return Keyframe(300, arrays)


def bowl(a: Any, b: Any, at_g: float = 0.25, at_d: float = -0.5) -> Any:
    """Highest along D at `at_d`, lowest along G at `at_g`, with curvatures -4 and 1."""
    return V0 - 2 * (b - at_d) ** 2 + 0.5 * (a - at_g) ** 2


def test_the_plane_is_that_of_the_measure() -> None:
    assert (REACH, len(AT)) == (measured.REACH, measured.POINTS)


def test_curvatures_and_extrema_are_those_of_the_surface() -> None:
    info = slice_info(frame_of(bowl), PLAIN)
    assert info.d is not None
    assert info.g is not None
    assert (info.d.curvature, info.g.curvature) == pytest.approx((-4.0, 1.0), rel=1e-4)
    assert (info.d.best, info.g.best) == (-0.5, 0.25)
    assert info.d.height == pytest.approx(bowl(0, -0.5))
    assert info.g.height == pytest.approx(bowl(0.25, 0))
    assert (info.d.is_here, info.g.is_here) == (True, True)
    assert slice_said(info) == "Along D a maximum (curvature −4), along G a minimum (+1)."


@pytest.mark.parametrize(
    ("surface", "said"),
    [
        (lambda a, b: V0 + 0.1 * b**2 - 0.2 * b**4 + 0.1 * a,
         "Along D no maximum (curvature +0.1), along G no minimum (0)."),
        (lambda a, b: bowl(a, b, at_d=0.75), "Along D no maximum (curvature −4), along G a minimum (+1)."),
        (lambda a, b: bowl(a, b, at_g=-1.0), "Along D a maximum (curvature −4), along G no minimum (+1)."),
        (lambda a, b: bowl(b, a), "Along D no maximum (curvature +1), along G no minimum (−4)."),
        (lambda a, b: V0 + 0.1 * b, "Along D no maximum (curvature 0), along G no minimum (0)."),
        (lambda a, b: V0 - 0.003 * b**2 + 0.005 * a,
         "Along D a maximum (curvature −0.006), along G no minimum (0)."),
    ],
    ids=["a dent", "beyond D's maximum", "before G's minimum", "the other way round", "a slope", "D alone"],
)  # fmt: skip
def test_the_sentence_says_which_extrema_are_here(surface: Surface, said: str) -> None:
    assert slice_said(slice_info(frame_of(surface), PLAIN)) == said


def test_the_rounding_of_float32_is_no_curvature() -> None:
    rng = np.random.default_rng(0)
    noisy = slice_info(frame_of(lambda a, b: V0 + 0.3 * b + rng.normal(0, 2e-7, a.shape)), PLAIN)
    assert noisy.d is not None
    assert noisy.d.curvature == 0.0


def test_the_path_has_the_height_of_the_plane_and_begins_where_it_came_in() -> None:
    path = [[-0.3, 0.1], [-9.0, -1.0], [-1.13, 0.4], [-0.5, -1.0], [0.0, 0.0]]
    info = slice_info(frame_of(lambda a, b: V0 + 0.2 * a - 0.3 * b, path), PLAIN)
    assert info.path.tolist() == pytest.approx(np.array(path[2:]))
    assert info.path_height == pytest.approx([V0 + 0.2 * a - 0.3 * b for a, b in path[2:]], abs=1e-5)


def test_a_chasm_does_not_make_the_rest_flat() -> None:
    whole = slice_info(frame_of(bowl), PLAIN).span
    assert whole[0] <= bowl(0.25, 2.5) + 1e-3
    assert whole[1] >= bowl(-2.5, -0.5)
    torn = slice_info(frame_of(lambda a, b: np.where(a + b > 4.4, -2000.0, V0 - 0.1 * b**2)), PLAIN)
    low, high = torn.span
    assert -4 < low < V0 - 0.6
    assert V0 <= high < 0
    heights = slice_figure(torn)["solid"]["data"][0]
    triangles = len(slice_figure(slice_info(frame_of(bowl), PLAIN))["solid"]["data"][0]["i"]["bdata"])
    assert len(heights["i"]["bdata"]) < triangles  # a hole


def test_a_sign_stands_before_every_number_but_0() -> None:
    assert [signed(value) for value in (0.0, 0.0123, -3.456)] == ["0", "+0.012", "−3.5"]


def test_the_words_say_the_place_the_heights_and_the_moves() -> None:
    told = slice_alt(slice_info(frame_of(bowl), PLAIN))
    assert told == (
        f"V is {bowl(0, 0):.3f} nats here; along D V is highest 0.5 moves back, {bowl(0, -0.5):.3f}; "
        f"along G V is lowest 0.25 moves ahead, {bowl(0.25, 0):.3f}. Along D a maximum (curvature −4), along "
        "G a minimum (+1). At step 1,290. One move: 57 steps and 4.1% of the weights of G, 58 and 6.2% of D."
    ).replace("-", "−")


@pytest.mark.parametrize(
    ("frame", "asks"), [(None, True), (Keyframe(0, {"samples": np.zeros((2, 2))}), False)],
    ids=["no picture", "a picture of before"],
)  # fmt: skip
def test_without_a_plane_the_figure_says_why(frame: Keyframe | None, asks: bool) -> None:
    info = slice_info(frame, PLAIN)
    drawn = slice_figure(info)
    assert drawn["data"] == drawn["solid"]["data"] == []
    (said,) = [note["text"] for note in drawn["layout"]["annotations"][1:]]
    assert said.startswith("Press Play" if asks else "No plane in this picture")
    assert slice_said(info).startswith("No plane in this picture")
    assert moves_said(info) == ""


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("frame", [None, frame_of(bowl)])
def test_the_figure_is_valid_and_plain(name: str, frame: Keyframe | None) -> None:
    drawn = slice_figure(slice_info(frame, OBJECTIVES[name]))
    for part in (drawn, drawn["solid"]):
        assert orjson.loads(orjson.dumps(part)) == part
        go.Figure({key: part[key] for key in ("data", "layout")})
    assert drawn["layout"]["xaxis"]["title"]["text"] == "G's last direction (moves)"
    assert drawn["layout"]["yaxis"]["title"]["text"] == "D's last direction (moves)"
    assert drawn["layout"]["xaxis"]["range"] == drawn["layout"]["yaxis"]["range"] == [-2.5, 2.5]
    assert drawn["layout"]["uirevision"] == "keep"
    unit = OBJECTIVES[name].unit
    assert (f"V in {unit}" if unit else "V") in drawn["layout"]["annotations"][0]["text"]


def test_a_plane_without_numbers_is_drawn_too() -> None:
    info = slice_info(frame_of(lambda a, b: np.full_like(a, math.nan)), PLAIN)
    drawn = slice_figure(info)
    go.Figure({key: drawn[key] for key in ("data", "layout")})
    assert info.span == (-1.0, 0.0), "round heights that an axis can have"
    solid = orjson.loads(orjson.dumps(drawn["solid"]))
    assert len(solid["data"][0]["i"]["bdata"]) == 0, "no triangle is whole"
    assert slice_said(info) == "Along D no maximum (curvature 0), along G no minimum (0)."


def test_each_line_and_extremum_has_the_colour_of_its_player() -> None:
    drawn = slice_figure(slice_info(frame_of(bowl), PLAIN))
    flat = {tuple(t["x"]): t["line"]["color"] for t in drawn["data"] if t.get("mode") == "lines"}
    assert flat == {(0.0, 0.0): DISCRIMINATOR, (-REACH, REACH): GENERATOR}
    marks = [(t["x"], t["y"], t["marker"]["color"]) for t in drawn["data"] if t.get("mode") == "markers"]
    assert marks[:2] == [([0.0], [-0.5], DISCRIMINATOR), ([0.25], [0.0], GENERATOR)]
    titles = [drawn["solid"]["layout"]["scene"][key]["title"] for key in ("xaxis", "yaxis")]
    assert [(t["text"][0], t["font"]["color"]) for t in titles] == [("G", GENERATOR), ("D", DISCRIMINATOR)]
