"""Histograms, heat maps and means of D's outputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.figures.live.means import means_figure, means_info
from gan_core.figures.live.outputs import (
    HEAT_COLUMNS,
    HOME,
    apart_by_chance,
    cell_edges,
    heatmap_figure,
    heatmap_info,
    histogram_figure,
    histogram_info,
    outputs_axis,
    outputs_range,
    reach,
)
from gan_core.figures.style import FAKE, REAL
from gan_core.history import HISTOGRAM_BINS, History, histogram
from gan_core.theory.objectives import OBJECTIVES
from tests.figures.figure_histories import NAN, evaluation, history_of, in_one_bin, straight_run

BIN = 1 / HISTOGRAM_BINS


@pytest.mark.parametrize(("upto", "row", "d"), [(399, 7, 0.35), (400, 8, 0.45), (math.inf, 16, 0.45)])
def test_the_histogram_is_that_of_the_evaluation_shown(upto: float, row: int, d: float) -> None:
    info = histogram_info(straight_run(), upto)
    t = row / 16
    assert info.step == 50 * row
    np.testing.assert_array_equal(info.real, in_one_bin(0.5 + 0.4 * t))
    np.testing.assert_array_equal(info.fake, in_one_bin(0.35 - 0.3 * t))
    assert info.reference == d
    assert info.apart == 1.0
    # Pooled, each of the two bins holds half of the 400 images of a kind.
    assert info.apart_by_chance == pytest.approx(2 * math.sqrt(0.25 / (math.pi * 400)))


def test_equal_histograms_are_not_apart() -> None:
    info = histogram_info(history_of(None, [evaluation(0, 0.3, 0.3)]), math.inf)
    assert info.apart == 0.0
    assert info.apart_by_chance == 0.0


def test_equal_bins_are_apart_by_the_known_chance() -> None:
    """For equal bins: sqrt(B / (pi n)), up to the correlation of the bins."""
    even = np.full(HISTOGRAM_BINS, BIN)
    known = math.sqrt(HISTOGRAM_BINS / (math.pi * 1000)) * math.sqrt(1 - BIN)
    assert apart_by_chance(even, even, 1000) == pytest.approx(known, rel=1e-12)


def test_uneven_bins_are_apart_by_chance_as_in_an_experiment() -> None:
    rng = np.random.default_rng(5)
    draws = [(rng.beta(6, 9, 700), rng.beta(6, 9, 700)) for _ in range(300)]
    apart = [1 - np.minimum(histogram(real), histogram(fake)).sum() for real, fake in draws]
    law = histogram(rng.beta(6, 9, 400_000))
    assert apart_by_chance(law, law, 700) == pytest.approx(float(np.mean(apart)), rel=0.03)


def test_the_histogram_keeps_the_colours_and_draws_its_line_upright() -> None:
    real, fake, line = histogram_figure(histogram_info(straight_run(), math.inf))["data"]
    assert (real["line"]["color"], fake["line"]["color"]) == (REAL, FAKE)
    assert "fillpattern" in fake
    assert line["line"]["dash"] == "dash"


def test_the_heat_map_has_time_to_the_right_and_d_upward() -> None:
    info = heatmap_info(straight_run(), 333)
    assert info.real.shape == info.fake.shape == (HISTOGRAM_BINS, 17)
    outputs = (np.arange(HISTOGRAM_BINS) + 0.5) * BIN
    t = np.arange(17) / 16
    np.testing.assert_allclose(outputs @ info.real, 0.5 + 0.4 * t, atol=BIN / 2 + 1e-9)
    np.testing.assert_allclose(outputs @ info.fake, 0.35 - 0.3 * t, atol=BIN / 2 + 1e-9)
    assert info.now == 300
    real, fake, _ = heatmap_figure(info)["data"]
    assert real["z"]["shape"] == f"{HISTOGRAM_BINS}, 17"
    assert (real["name"], fake["name"]) == ("real", "generated")


def test_heat_columns_are_merged_to_their_mean() -> None:
    rows = [evaluation(10 * i, 0.61 if i % 2 else 0.81, 0.22) for i in range(400)]
    info = heatmap_info(history_of(None, rows), math.inf)
    columns = math.ceil(400 / 3)
    assert info.real.shape[1] == columns <= HEAT_COLUMNS
    np.testing.assert_allclose(info.real.sum(axis=0), 1.0)
    np.testing.assert_allclose(info.real[int(0.81 / BIN), 0], 2 / 3)
    np.testing.assert_allclose(info.fake[int(0.22 / BIN)], 1.0)


def test_cells_reach_half_way_to_their_neighbours() -> None:
    np.testing.assert_array_equal(cell_edges(np.array([10.0, 20.0, 40.0])), [5, 15, 30, 50])
    np.testing.assert_array_equal(cell_edges(np.array([0.0, 20.0])), [0, 10, 30])
    np.testing.assert_array_equal(cell_edges(np.array([7.0])), [6.5, 7.5])
    assert len(cell_edges(np.array([]))) == 0


def test_means_and_their_bands() -> None:
    info = means_info(straight_run(), 120)
    t = info.real.mean.step / 800
    np.testing.assert_allclose(info.real.mean.value, 0.5 + 0.4 * t, rtol=1e-12)
    np.testing.assert_allclose(info.real.low, 0.4 + 0.4 * t, rtol=1e-12)
    np.testing.assert_allclose(info.real.high, 0.65 + 0.4 * t, rtol=1e-12)
    np.testing.assert_allclose(info.fake.mean.value, 0.35 - 0.3 * t, rtol=1e-12)
    np.testing.assert_allclose(info.fake.low, 0.3 - 0.3 * t, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(info.fake.high, 0.55 - 0.3 * t, rtol=1e-12)
    assert info.real.mean.now == pytest.approx((100, 0.55))
    assert info.reference.now == 0.35


def test_a_band_that_was_not_measured_leaves_a_gap_in_all_three() -> None:
    rows = [evaluation(0), evaluation(5, real_high=NAN), evaluation(9)]
    info = means_info(history_of(None, rows), math.inf)
    assert len(info.real.mean.step) == len(info.real.low) == len(info.real.high) == 2
    assert len(info.fake.mean.step) == 3


def test_an_empty_history_has_no_distance_and_the_expected_line() -> None:
    info = histogram_info(History(), math.inf, d_reference=0.35)
    assert (info.step, info.apart, info.apart_by_chance, info.reference) == (None, None, None, 0.35)
    assert heatmap_info(History(), math.inf, d_reference=0.35).reference.now == 0.35


def test_a_histogram_reaches_from_bin_to_bin_without_its_tails() -> None:
    real, fake = np.zeros((2, 2, HISTOGRAM_BINS))
    real[0, [3, 8, 9, 30]] = 0.015, 0.6, 0.37, 0.015
    fake[0, [6, 7]] = 0.5
    real[1, 20] = 1.0
    fake[1, [0, 39]] = 0.5
    low, high = reach(real, fake)
    np.testing.assert_allclose(low, [6 * BIN, 0.0])
    np.testing.assert_allclose(high, [10 * BIN, 1.0])


def run_at(*answers: tuple[float, float]) -> History:
    return history_of(None, [evaluation(i, a, b) for i, (a, b) in enumerate(answers)])


def test_the_outputs_are_drawn_where_they_lie() -> None:
    assert outputs_range(run_at(*[(0.51, 0.41)] * 30), None) == HOME
    assert outputs_range(run_at(*[(0.71, 0.41)] * 30), None) == (0.3, 0.8)
    assert outputs_range(run_at(*[(0.99, 0.01)] * 30), None) == (0.0, 1.0)
    assert outputs_range(History(), 0.25) == (0.2, 0.6)


def test_the_first_moments_leave_the_picture_and_the_latest_do_not() -> None:
    calm = [(0.51, 0.41)] * 60
    assert outputs_range(run_at((0.9, 0.1), *calm), None) == HOME
    assert outputs_range(run_at(*calm, (0.9, 0.12)), None) == (0.1, 1.0)
    assert outputs_range(run_at(*[(0.9, 0.12)] * 10, *calm), None) == (0.1, 1.0)


def test_every_line_of_the_run_is_in_the_picture() -> None:
    lines = [evaluation(i, 0.5, 0.4, d_reference=0.31 if i < 3 else 0.65) for i in range(60)]
    assert outputs_range(history_of(None, lines), None) == (0.2, 0.7)


@pytest.mark.parametrize(("span", "dtick"), [((0.3, 0.6), 0.1), ((0.2, 0.8), 0.1), ((0.1, 0.9), 0.2)])
def test_outputs_are_marked_at_tenths_without_a_crowd(span: tuple[float, float], dtick: float) -> None:
    assert outputs_axis(OBJECTIVES["minimax"], span)["dtick"] == dtick


def test_all_charts_of_outputs_share_a_range_and_a_rewound_histogram_widens_its_own() -> None:
    history = run_at((0.93, 0.12), *[(0.51, 0.41)] * 60)
    for upto in (0, math.inf):
        assert heatmap_info(history, upto).outputs == means_info(history, upto).outputs == HOME
    assert histogram_info(history, math.inf).outputs == HOME
    assert histogram_info(history, 0).outputs == (0.1, 1.0)


def test_no_dot_lies_outside_the_picture() -> None:
    history = run_at((0.93, 0.42), *[(0.51, 0.41)] * 60)
    dots = means_figure(means_info(history, 0))["data"][-1]
    assert dots["y"] == [0.42]
    assert dots["marker"]["color"] == [FAKE]
