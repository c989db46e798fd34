"""V and the tug of war."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gan_core.figures.live.value import TugInfo, tug_figure, tug_info, value_figure, value_info
from gan_core.figures.series import EXCURSIONS, MAX_POINTS
from gan_core.figures.style import DISCRIMINATOR, FAKE, GENERATOR, REAL, VALUE
from gan_core.history import History
from gan_core.theory import value
from tests.figures.figure_histories import NAN, evaluation, history_of, step_record, straight_run


def test_v_is_the_sum_of_its_terms_on_the_batch_and_on_held_out_digits() -> None:
    info = value_info(straight_run(), math.inf)
    t = info.held_out.step / 800
    a, b = 0.5 + 0.4 * t, 0.35 - 0.3 * t
    np.testing.assert_allclose(info.real.value, np.log(a), rtol=1e-12)
    np.testing.assert_allclose(info.fake.value, np.log(1 - b), rtol=1e-12)
    np.testing.assert_allclose(info.held_out.value, np.log(a) + np.log(1 - b), rtol=1e-12)
    np.testing.assert_allclose(info.batch.value, math.log(0.6 * 0.9), rtol=1e-12)


def test_every_present_point_sits_at_the_step_shown() -> None:
    info = value_info(straight_run(), 333)
    assert info.batch.now == pytest.approx((333, math.log(0.54)))
    t = 300 / 800
    assert info.real.now == pytest.approx((300, math.log(0.5 + 0.4 * t)))
    assert info.fake.now == pytest.approx((300, math.log(0.65 + 0.3 * t)))
    assert info.held_out.now is not None
    assert info.held_out.now.step == 300
    assert info.held_out.step[-1] == 800


def test_steps_without_a_measurement_are_left_out() -> None:
    steps = [step_record(i, real_term=NAN if i % 10 else -0.5, fake_term=-0.25) for i in range(1, 41)]
    info = value_info(history_of(steps), 39)
    np.testing.assert_array_equal(info.batch.step, [10, 20, 30, 40])
    np.testing.assert_array_equal(info.batch.value, -0.75)
    assert info.batch.now == (30, -0.75)


def test_an_infinite_term_is_left_out_and_stretches_nothing() -> None:
    info = value_info(history_of(None, [evaluation(0), evaluation(9, fake_term=-math.inf)]), math.inf)
    np.testing.assert_array_equal(info.held_out.step, [0])
    assert np.isfinite(info.values).all()


def test_a_spike_leaves_the_picture_and_the_reference_does_not() -> None:
    steps = [step_record(i, fake_term=-40.0 if i == 7 else -0.1) for i in range(1, 200)]
    info = value_info(history_of(steps), math.inf)
    assert info.values[0] > -4


def fallen(first: int, last: int, count: int = 1200) -> History:
    """V at -20 in the steps from `first` to `last`, else where straight_run has it."""
    steps = [step_record(i, fake_term=-19.5 if first <= i <= last else -0.1) for i in range(1, count + 1)]
    rows = [evaluation(i, fake_term=-19.6 if first <= i <= last else -0.2) for i in range(0, count + 1, 20)]
    return history_of(steps, rows)


@pytest.mark.parametrize(("first", "last"), [(100, 300), (500, 700), (900, 1000)])
def test_an_excursion_does_not_flatten_the_rest_and_stays_marked(first: int, last: int) -> None:
    info = value_info(fallen(first, last), math.inf)
    assert info.values[0] > -4
    (point,) = info.excursions
    assert first <= point.step <= last + 2
    assert point.value == pytest.approx(math.log(0.6) - 19.5, abs=0.7)
    (trace,) = [t for t in value_figure(info)["data"] if t.get("name") == "out of the picture, down"]
    assert trace["x"] == [point.step]
    assert trace["y"] == [info.values[0]]
    assert trace["text"] == [f"−{-point.value:.1f}"]


def test_an_excursion_that_lasts_until_now_is_in_the_picture() -> None:
    info = value_info(fallen(1100, 1200), math.inf)
    assert info.values[0] < -19.9
    assert info.excursions == []


def test_only_the_deepest_excursions_are_marked_and_close_ones_are_one() -> None:
    depth = {100 * i: -10.0 - i for i in range(1, 12)} | {604: -30.0}
    steps = [step_record(i, fake_term=depth.get(i, -0.1)) for i in range(1, 1200)]
    info = value_info(history_of(steps), math.inf)
    assert len(info.excursions) == EXCURSIONS
    assert [point.step for point in info.excursions] == sorted(point.step for point in info.excursions)
    assert info.excursions[0].value < -10
    assert [point.step // 100 for point in info.excursions] == [6, 9, 10, 11]


def test_a_reference_far_from_every_curve_is_in_the_picture() -> None:
    info = value_info(history_of([step_record(i, value_reference=-2.9) for i in range(1, 50)]), math.inf)
    assert info.values[0] <= -2.9


def test_long_logs_are_thinned() -> None:
    info = value_info(history_of([step_record(i) for i in range(1, 2041)]), math.inf)
    assert len(info.batch.step) <= MAX_POINTS


def test_an_empty_history_expects_v_at_the_equilibrium_of_the_labels() -> None:
    info = value_info(History(), math.inf, d_reference=0.35)
    assert info.reference.now == pytest.approx(value.value_at_equilibrium(real_label=0.7, fake_label=0.0))
    assert info.held_out.now is None


def test_each_term_is_drawn_in_the_colour_of_its_images() -> None:
    colours = {trace.get("name"): trace.get("line", {}).get("color") for trace in _value_traces()}
    assert colours["real term"] == REAL
    assert colours["generated term"] == FAKE


def _value_traces() -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = value_figure(value_info(straight_run(), math.inf))["data"]
    return traces


def test_d_pulls_up_and_g_pulls_down() -> None:
    steps = [step_record(i, d_pull=0.01 * i if i % 2 else NAN, g_pull=-0.03 * i) for i in range(1, 10)]
    info = tug_info(history_of(steps), 6)
    np.testing.assert_allclose(info.d_pull.value, 0.01 * np.array([1, 3, 5, 7, 9]), rtol=1e-12)
    np.testing.assert_allclose(info.g_pull.value, -0.03 * np.arange(1, 10), rtol=1e-12)
    assert info.d_pull.now == pytest.approx((5, 0.05))
    assert info.g_pull.now == pytest.approx((6, -0.18))
    assert info.values[0] < 0 < info.values[1]


def test_only_curves_of_the_key_end_in_a_dot_and_none_outside_the_picture() -> None:
    info = value_info(straight_run(), math.inf)
    dots = value_figure(info)["data"][-1]
    assert dots["marker"]["color"] == [REAL, FAKE, VALUE]
    assert dots["y"] == pytest.approx([math.log(0.9), math.log(0.95), math.log(0.9 * 0.95)])
    low = value_figure(info._replace(values=(-0.09, 0.0)))["data"][-1]
    assert low["y"] == pytest.approx([math.log(0.95)])


@pytest.mark.parametrize(
    ("pull", "marks"), [(0.137, [-0.1, 0, 0.1]), (0.05, [-0.05, 0, 0.05]), (23_000.0, [-20_000, 0, 20_000])]
)
def test_the_pulls_have_a_mark_on_either_side_of_zero(pull: float, marks: list[float]) -> None:
    info = tug_info(history_of([step_record(i, d_pull=pull, g_pull=-pull) for i in range(1, 50)]), math.inf)
    axis = tug_figure(info)["layout"]["yaxis"]
    assert axis["tickvals"] == pytest.approx(marks)
    assert axis["tickformat"] == ("~s" if pull > 1000 else "~g")


def test_no_mark_lies_outside_the_picture_of_the_pulls() -> None:
    info = TugInfo(*(tug_info(History(), math.inf)[:3]), values=(-0.03, 0.15), unit="nats")
    assert tug_figure(info)["layout"]["yaxis"]["tickvals"] == pytest.approx([0, 0.1])


def test_zero_is_always_in_the_picture_of_the_pulls() -> None:
    info = tug_info(history_of([step_record(i, d_pull=0.2, g_pull=0.3) for i in range(1, 10)]), math.inf)
    assert info.values[0] <= 0


def test_each_pull_is_drawn_in_the_colour_of_its_player() -> None:
    d_trace, g_trace, now = tug_figure(tug_info(straight_run(), math.inf))["data"]
    assert (d_trace["line"]["color"], g_trace["line"]["color"]) == (DISCRIMINATOR, GENERATOR)
    assert now["marker"]["color"] == [DISCRIMINATOR, GENERATOR]
    assert now["y"] == [0.02, -0.05]
