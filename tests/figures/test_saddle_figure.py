"""The path over the value surface: heights are V, and a is not b."""

from __future__ import annotations

import base64
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gan_core.figures.live.closeup import Closeup, closeup
from gan_core.figures.live.saddle import LEVELS, contour, saddle_figure, saddle_info
from gan_core.history import Array, History
from gan_core.theory.value import value_surface
from tests.figures.figure_histories import NAN, evaluation, history_of, straight_run


def _numbers(spec: dict[str, str]) -> Array:
    return np.frombuffer(base64.b64decode(spec["bdata"]), "<f4").astype(float)


def _drawn(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in figure["data"] if str(trace.get("name", "")).startswith(name))


def test_a_d_with_one_answer_for_each_kind_is_drawn_at_these_answers() -> None:
    info = saddle_info(straight_run(), math.inf)
    t = info.step / 800
    np.testing.assert_allclose(info.a, 0.5 + 0.4 * t, rtol=1e-12)
    np.testing.assert_allclose(info.b, 0.35 - 0.3 * t, rtol=1e-11)


def test_the_path_is_drawn_with_a_to_the_right_and_b_upward() -> None:
    figure = saddle_figure(saddle_info(straight_run(), math.inf))
    pieces = [trace for trace in figure["data"] if "customdata" in trace]
    first, last = pieces[0], pieces[-1]
    assert (_numbers(first["x"])[0], _numbers(first["y"])[0]) == pytest.approx((0.5, 0.35))
    assert (_numbers(last["x"])[-1], _numbers(last["y"])[-1]) == pytest.approx((0.9, 0.05))
    for before, after in pairwise(pieces):
        assert _numbers(before["x"])[-1] == _numbers(after["x"])[0]


def test_the_height_of_every_point_is_v() -> None:
    rng = np.random.default_rng(3)
    rows = [evaluation(i, real_term=-rng.exponential(), fake_term=-rng.uniform(0, 4)) for i in range(300)]
    info = saddle_info(history_of(None, rows), math.inf)
    truth = np.array([row.value for row in rows])
    np.testing.assert_allclose(value_surface(info.a, info.b), truth, rtol=0, atol=1e-12)
    np.testing.assert_allclose(info.value, truth, rtol=0, atol=1e-12)


def test_merged_points_lie_at_their_height_too() -> None:
    rng = np.random.default_rng(4)
    rows = [evaluation(i, *rng.uniform(0.1, 0.9, 2)) for i in range(510)]
    info = saddle_info(history_of(None, rows, capacity=1024), math.inf)
    pairs = np.array([row.value for row in rows]).reshape(-1, 2).mean(axis=1)
    np.testing.assert_allclose(value_surface(info.a, info.b), pairs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("upto", "row"), [(0, 0), (49, 0), (799.5, 15), (math.inf, 16)])
def test_start_and_present_point(upto: float, row: int) -> None:
    info = saddle_info(straight_run(), upto)
    a, b = 0.5 + 0.4 * row / 16, 0.35 - 0.3 * row / 16
    assert info.now == pytest.approx((50 * row, a, b, math.log(a) + math.log(1 - b)))
    assert info.start == pytest.approx((0, 0.5, 0.35, math.log(0.5 * 0.65)))
    dot = _drawn(saddle_figure(info), "now")
    assert (dot["x"], dot["y"]) == ([pytest.approx(a)], [pytest.approx(b)])


@pytest.mark.parametrize(("upto", "d"), [(399, 0.35), (400, 0.45)])
def test_the_equilibrium_is_that_of_the_labels_in_force(upto: float, d: float) -> None:
    cross = _drawn(saddle_figure(saddle_info(straight_run(), upto)), f"equilibrium {d:.2f}")
    assert (cross["x"], cross["y"]) == ([d], [d])


@pytest.mark.parametrize("level", LEVELS)
def test_a_contour_line_keeps_its_height_from_edge_to_edge(level: float) -> None:
    a, b = contour(level)
    np.testing.assert_allclose(value_surface(a, b), level, rtol=0, atol=1e-12)
    assert (b[0], a[-1]) == (pytest.approx(0.0, abs=1e-12), 1.0)
    assert a[0] == pytest.approx(math.exp(level))


def test_the_arrows_point_where_the_players_want_v() -> None:
    """D's arrow climbs the surface, G's keeps a (G cannot move it) and descends."""
    notes = saddle_figure(saddle_info(History(), math.inf))["layout"]["annotations"]
    ways = {note["text"]: (-note["ax"], note["ay"]) for note in notes if "ax" in note}
    right, up = ways["D: V ↑"]
    assert right > 0 > up
    assert value_surface(0.3 + 1e-3 * right, 0.6 + 1e-3 * up) > value_surface(0.3, 0.6)
    right, up = ways["G: V ↓"]
    assert right == 0 < up


def test_evaluations_that_are_no_numbers_are_left_out() -> None:
    rows = [evaluation(0), evaluation(5, real_term=NAN), evaluation(9, 0.8, 0.1)]
    info = saddle_info(history_of(None, rows), 7)
    np.testing.assert_array_equal(info.step, [0, 9])
    assert info.now is not None
    assert info.now.step == 0


def test_an_empty_history_shows_the_surface_and_the_expected_equilibrium() -> None:
    info = saddle_info(History(), math.inf, d_reference=0.35)
    assert info.now is info.start is None
    assert info.equilibrium == 0.35


def near(history: History) -> Closeup:
    info = saddle_info(history, math.inf)
    return closeup(info.a, info.b, info.equilibrium)


def test_the_close_up_holds_the_path_and_the_equilibrium_and_little_more() -> None:
    rows = [evaluation(i, 0.47 + 0.001 * i, 0.43 - 0.0005 * i) for i in range(50)]
    found = near(history_of(None, rows))
    assert found.a[0] <= 0.35 < 0.519 <= found.a[1]  # from the equilibrium to the end of the path
    assert found.b[0] <= 0.35 < 0.43 <= found.b[1]
    assert found.a[1] - found.a[0] < 0.22
    assert found.b[1] - found.b[0] < 0.12


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.3])
def test_every_line_of_the_close_up_keeps_its_height_and_stays_inside(spread: float) -> None:
    rng = np.random.default_rng(5)
    rows = [evaluation(i, *np.clip(0.6 + spread * rng.normal(size=2), 0.01, 0.99)) for i in range(60)]
    found = near(history_of(None, rows))
    assert 3 <= len(found.contours) <= 14
    for level, a, b in found.contours:
        np.testing.assert_allclose(value_surface(a, b), level, rtol=0, atol=1e-9)
        assert found.a[0] - 1e-9 <= a.min()
        assert a.max() <= found.a[1] + 1e-9
        assert found.b[0] - 1e-9 <= b.min()
        assert b.max() <= found.b[1] + 1e-9


def test_without_a_path_the_close_up_is_around_the_equilibrium_and_without_both_it_is_everything() -> None:
    nothing = np.empty(0)
    assert closeup(nothing, nothing, 0.35).a == pytest.approx((0.325, 0.375))
    assert closeup(nothing, nothing, None).a == (0.0, 1.0)


def test_the_figure_brings_its_close_up_for_who_asks_for_it() -> None:
    info = saddle_info(straight_run(), math.inf)
    figure = saddle_figure(info)
    found = closeup(info.a, info.b, info.equilibrium)
    assert figure["layout"]["xaxis"]["range"] == [0.0, 1.0]
    assert figure["closeup"]["xaxis"] == list(found.a)
    assert figure["closeup"]["yaxis"] == list(found.b)
    lines, labels = figure["closeup"]["data"]
    assert np.isnan(_numbers(lines["x"])).sum() == len(labels["text"]) == len(found.contours)
