"""Figures of games on known densities: the numbers in them against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.figures.toy import distances_info, line_figure, line_info, plane_figure, plane_info
from gan_core.figures.toy.plane import modes_said
from gan_core.history import History, Keyframe
from gan_core.theory.objectives import OBJECTIVES
from gan_core.theory.toys import toy_named

PLAIN = OBJECTIVES["non_saturating"]


def plane_frame(points: np.ndarray, d_map: np.ndarray) -> Keyframe:
    slopes = np.zeros((2, 2), np.float32)
    slopes[0] = (3.0, 4.0)  # five long: the longest
    slopes[1] = (0.0, -2.5)
    return Keyframe(7, {"samples": points, "d_map": d_map, "warp": np.zeros((2, 2, 2)), "slopes": slopes})


def test_modes_are_named_as_they_are_missed() -> None:
    toy = toy_named("blobs")
    centres = np.array([mode.centre for mode in toy.modes])
    points = np.concatenate([np.repeat(centres[:1], 90, 0), np.repeat(centres[1:2], 10, 0)])
    info = plane_info(plane_frame(points, np.full((3, 3), 0.4)), toy, 0.5)
    assert [hit for _, hit in info.modes] == [True, True, False]
    assert modes_said(info) == f"modes hit: 2 of 3; missed: {toy.modes[2].name}"


def test_the_longest_arrow_has_a_fixed_length_and_the_others_their_share() -> None:
    info = plane_info(plane_frame(np.zeros((5, 2)), np.zeros((3, 3))), toy_named("ring"), None)
    moved = info.arrows[:, 1] - info.arrows[:, 0]
    assert np.hypot(*moved[0]) == pytest.approx(0.06 * 6.0)
    assert moved[1] == pytest.approx([0.0, -0.06 * 6.0 / 2])


def test_the_colours_of_the_map_have_the_line_in_their_middle() -> None:
    d_map = np.array([[0.2, 0.45], [0.5, 0.9]])
    drawn = plane_figure(plane_info(plane_frame(np.zeros((5, 2)), d_map), toy_named("ring"), 0.45), PLAIN)
    trace = next(trace for trace in drawn["data"] if trace["name"] == "D's map")
    assert (trace["zmin"] + trace["zmax"]) / 2 == pytest.approx(0.45)
    assert trace["zmax"] == pytest.approx(0.9)
    assert any(trace["name"] == "D = 0.45" for trace in drawn["data"])
    without = plane_figure(plane_info(plane_frame(np.zeros((5, 2)), d_map), toy_named("ring"), None), PLAIN)
    assert not any(trace["name"].startswith("D = ") for trace in without["data"])


def test_the_best_d_is_that_of_both_densities() -> None:
    toy = toy_named("uniform_1d")  # 1/4 from -2 to 2
    q = np.zeros(120)
    q[48:72] = 1 / 24  # all samples from -1 to 1: density 1/2
    frame = Keyframe(3, {
        "q": q, "d_curve": np.full(241, 0.5), "map_z": np.linspace(-1, 1, 101), "map_x": np.zeros(101),
    })  # fmt: skip
    info = line_info(frame, toy, PLAIN, real_label=0.9, fake_label=0.1)
    middle = (info.edges[1:] + info.edges[:-1]) / 2
    inside, outside = np.abs(middle) < 0.9, (np.abs(middle) > 1.1) & (np.abs(middle) < 1.9)
    assert info.best[inside] == pytest.approx((0.9 * 0.25 + 0.1 * 0.5) / 0.75)
    assert info.best[outside] == pytest.approx(0.9)
    assert np.isnan(info.best[np.abs(middle) > 2.1]).all()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_line_is_drawn_under_every_objective(name: str) -> None:
    drawn = line_figure(
        line_info(None, toy_named("gaussian_1d"), OBJECTIVES[name], real_label=1.0, fake_label=0.0),
        OBJECTIVES[name], None,
    )  # fmt: skip
    assert [trace["name"] for trace in drawn["data"]][:3] == ["p_data", "p_G", "D(x)"]


def test_distances_come_with_their_floors_and_nothing_is_drawn_of_digits() -> None:
    history = History()
    block = {name: np.full(3, math.nan) for name in history.evaluations.widths if "histogram" not in name}
    block |= {name: np.zeros((3, 40)) for name in ("real_histogram", "fake_histogram")}
    block |= {"step": np.array([0.0, 10.0, 20.0])}
    assert distances_info(history, math.inf).jsd.drawn.now is None
    history.evaluations.extend(block | {
        "jsd": np.array([0.6, 0.3, 0.2]), "jsd_floor": np.full(3, 0.02), "tv": np.array([0.9, 0.5, 0.4]),
        "tv_floor": np.full(3, 0.1), "best_value": np.array([-0.2, -0.8, -1.0]),
    })  # fmt: skip
    info = distances_info(history, 12)
    assert info.jsd.drawn.now is not None
    assert (info.jsd.drawn.now.value, info.jsd.floor.now, info.best_value) == pytest.approx((0.3, 0.02, -0.8))
    assert info.values[1] >= 0.9
    assert info.kl_forward is None
