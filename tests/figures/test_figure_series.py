"""Thinning, references, ranges and the wire form."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest

from gan_core.figures import series, style
from gan_core.history import History, as_block
from tests.figures.figure_histories import (
    CHANGE,
    NAN,
    evaluation,
    history_of,
    reference_at,
    step_record,
    straight_run,
)


@pytest.mark.parametrize("rows", [1, 399, 400, 401, 512, 2047, 2048])
def test_thinning_keeps_the_sum_and_the_end(rows: int) -> None:
    step = np.arange(1.0, rows + 1) * 3
    value = np.sin(step) - 2.0
    thinned_step, thinned = series.thin(step, value)
    group = math.ceil(rows / series.MAX_POINTS)
    weights = np.full(len(thinned), group)
    weights[-1] = rows - group * (len(thinned) - 1)
    assert len(thinned) <= series.MAX_POINTS
    assert thinned_step[-1] == step[-1]
    assert thinned @ weights == pytest.approx(value.sum(), rel=1e-12)


def test_thinning_lowers_a_peak_but_keeps_it() -> None:
    value = np.zeros(1200)
    value[700] = 9.0
    _, thinned = series.thin(np.arange(1200.0), value)
    assert thinned.max() == 9.0 / 3


def test_a_curve_leaves_out_what_was_not_measured() -> None:
    steps = [step_record(i, d_pull=0.1 * i if i % 5 == 0 else NAN) for i in range(1, 31)]
    log = history_of(steps).steps
    drawn = series.curve(log, log.columns["d_pull"], 13)
    np.testing.assert_array_equal(drawn.step, [5, 10, 15, 20, 25, 30])
    np.testing.assert_allclose(drawn.value, 0.1 * drawn.step, rtol=1e-14)
    assert drawn.now == (10.0, 1.0)


@pytest.mark.parametrize(("upto", "row"), [(4.9, None), (5, 5), (9.999, 5), (30, 30), (math.inf, 30)])
def test_the_present_point_is_the_last_row_up_to_the_step(upto: float, row: int | None) -> None:
    log = history_of([step_record(i, d_pull=-2.0 * i) for i in range(5, 31, 5)]).steps
    now = series.curve(log, log.columns["d_pull"], upto).now
    assert now == (None if row is None else (row, -2.0 * row))


def test_the_present_point_is_a_row_and_not_the_mean_it_was_merged_into() -> None:
    log = history_of([step_record(i, d_pull=float(i % 2)) for i in range(1, 1001)]).steps
    drawn = series.curve(log, log.columns["d_pull"], 501)
    assert drawn.now == (501.0, 1.0)
    assert 501.0 not in drawn.value


@pytest.mark.parametrize("name", ["d_reference", "value_reference"])
def test_the_reference_moves_from_the_change_on_and_leaves_the_past_alone(name: str) -> None:
    history = straight_run()
    line = series.reference(history, name, math.inf, None)
    index = ["d_reference", "value_reference"].index(name)
    before, after = reference_at(CHANGE - 1)[index], reference_at(CHANGE)[index]
    np.testing.assert_array_equal(line.step, [0, CHANGE, series.steps_range(history)[1]])
    np.testing.assert_array_equal(line.value, [before, after, after])
    assert before != after


@pytest.mark.parametrize("upto", [0, 1, CHANGE - 1, CHANGE, 600, math.inf])
def test_the_reference_label_speaks_of_the_step_shown(upto: float) -> None:
    assert series.reference(straight_run(), "d_reference", upto, None).now == reference_at(upto)[0]


def test_the_reference_stays_exact_in_a_long_run() -> None:
    history = history_of([step_record(i) for i in range(1, 2001)])
    assert CHANGE in series.reference(history, "d_reference", math.inf, None).step


def test_without_steps_the_reference_comes_from_the_evaluations() -> None:
    history = history_of(None, [evaluation(0), evaluation(500)])
    line = series.reference(history, "d_reference", math.inf, None)
    np.testing.assert_array_equal(line.value, [0.35, 0.45, 0.45])


def test_a_line_moved_while_the_game_stands_still_is_in_force_at_once() -> None:
    """The last step was played under the old labels, and the game stands under the new ones."""
    history = history_of([step_record(i) for i in range(1, 301)], [evaluation(0), evaluation(300)])
    history.evaluations.extend(history_of(None, [evaluation(300, d_reference=0.3)]).evaluations.columns)
    line = series.reference(history, "d_reference", 300, None)
    assert line.now == 0.3
    np.testing.assert_array_equal(line.step, [0, 300, series.steps_range(history)[1]])
    np.testing.assert_array_equal(line.value, [0.35, 0.3, 0.3])
    assert series.reference(history, "d_reference", 299, None).now == 0.35


def test_a_step_after_that_is_played_under_the_line_it_says() -> None:
    history = history_of([step_record(i) for i in range(1, 301)], [evaluation(300, d_reference=0.3)])
    history.steps.extend(as_block([step_record(301, d_reference=0.4)]))
    found = [series.reference(history, "d_reference", step, None).now for step in (299, 300, 301)]
    assert found == [0.35, 0.3, 0.4]


def test_before_anything_is_recorded_the_expected_reference_is_drawn() -> None:
    line = series.reference(History(), "d_reference", math.inf, 0.35)
    assert line.now == 0.35
    assert line.value.tolist() == [0.35, 0.35]
    assert line.step[0] == 0 < line.step[1]
    assert series.reference(History(), "d_reference", math.inf, None).now is None


@pytest.mark.parametrize(("low", "high"), [(-1.53, -0.21), (0, 2060), (0.4321, 0.4322), (-7e3, 1e-3)])
def test_a_range_is_rounded_outward_to_few_digits(low: float, high: float) -> None:
    bottom, top = series.round_outward(low, high)
    rounding = 1e-9 * (high - low)
    assert bottom <= low + rounding
    assert top >= high - rounding
    assert top - bottom <= 2 * (high - low)


def test_a_range_stays_while_data_trickle_in() -> None:
    ends = {series.round_outward(0.0, 1000.0 + i, parts=12) for i in range(200)}
    assert len(ends) <= 3
    starts = {series.round_outward(-1.6 + 0.001 * i, 0.0) for i in range(200)}
    assert len(starts) <= 3


def test_one_spike_does_not_stretch_a_robust_range_and_the_reference_is_always_in_it() -> None:
    calm = np.linspace(-1.6, -1.2, 200)
    spiked = np.append(calm, -40.0)
    low, high = series.robust_range(spiked, [-0.3], 0.5)
    assert low > -4
    assert high >= -0.3
    assert low <= -1.6


def test_a_range_reaches_what_lies_within_the_slack() -> None:
    values = np.append(np.full(200, -1.4), -0.95)
    _, high = series.robust_range(values, [-1.4], 0.5)
    assert high >= -0.95
    assert series.robust_range(values, [-1.4], 0.1)[1] < -0.95


def test_typed_arrays_say_what_they_hold() -> None:
    table = np.arange(6.0).reshape(2, 3) + 0.5
    spec = style.typed(table)
    assert (spec["dtype"], spec["shape"]) == ("f4", "2, 3")
    assert np.frombuffer(base64.b64decode(spec["bdata"]), "<f4").tolist() == table.ravel().tolist()
    assert "shape" not in style.typed([1.0])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.45, "0.45"), (0.5, "0.50"), (0.475, "0.475"), (-1.3863, "−1.386"), (0.9996, "1.00")],
)
def test_labels_have_a_third_decimal_only_if_it_says_something(value: float, text: str) -> None:
    assert style.number(value) == text
