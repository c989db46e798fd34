"""The losses against their equilibria, and the gradients."""

from __future__ import annotations

import base64
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gan_core.figures.live.losses import (
    POINTS,
    apart,
    gradients_figure,
    gradients_info,
    losses_figure,
    losses_info,
)
from gan_core.figures.style import DISCRIMINATOR, FAKE, GENERATOR, REAL, REFERENCE
from gan_core.history import Array, History, StepRecord
from gan_core.theory.cross_entropy import Kind
from gan_core.theory.objectives import references
from tests.figures.figure_histories import NAN, evaluation, history_of, step_record

CHANGE = 200


def labels_at(step: float) -> dict[str, float]:
    """0.7 and 0.1 up to CHANGE, from there on 0.9 and 0."""
    return {"real_label": 0.7, "fake_label": 0.1} if step < CHANGE else {"real_label": 0.9, "fake_label": 0.0}


def losing(step: int, kind: Kind = "non_saturating", **changes: Any) -> StepRecord:
    """A step with D's losses 0.8 and 0.5 and G's 1.4, and the references of `labels_at`."""
    lines = references(**labels_at(step), objective=kind)._asdict()
    losses = {"d_loss": 1.3, "real_loss": 0.8, "fake_loss": 0.5, "g_loss": 1.4}
    return step_record(step, **{**lines, **losses, **changes})


def run(count: int = 400, **changes: Any) -> History:
    return history_of([losing(step, **changes) for step in range(1, count + 1)])


def numbers(spec: dict[str, str]) -> Array:
    return np.frombuffer(base64.b64decode(spec["bdata"]), "<f4").astype(float)


def test_every_line_moves_at_the_step_of_the_change_and_not_before() -> None:
    info = losses_info(run(), 100)
    for alpha, beta, shown, at in ((0.7, 0.1, 100, 0), (0.9, 0.0, math.inf, -1)):
        d = (alpha + beta) / 2
        real = -alpha * math.log(d) - (1 - alpha) * math.log(1 - d)
        fake = -beta * math.log(d) - (1 - beta) * math.log(1 - d)
        info = losses_info(run(), shown)
        expected = {"d": real + fake, "real": real, "fake": fake, "g": -math.log(d)}
        for name, height in expected.items():
            line = getattr(info, name).line
            assert line.value[at] == pytest.approx(height)
            assert line.now == pytest.approx(height)
            assert CHANGE in line.step


def test_the_minimax_loss_of_g_has_a_line_below_zero() -> None:
    info = losses_info(run(kind="minimax", g_loss=-0.3), math.inf)
    assert info.g.line.now == pytest.approx(math.log(0.55))
    assert info.g.line.value[0] == pytest.approx(math.log(0.6))
    assert info.values[0] < -0.6
    assert info.d.line.now == pytest.approx(1.376278, abs=6e-7)


def test_the_loss_of_d_is_drawn_as_the_sum_of_its_parts_and_every_dot_is_at_the_step_shown() -> None:
    history = history_of([losing(i, d_loss=1.3 + 0.001 * i, real_loss=0.8 + 0.001 * i) for i in range(1, 99)])
    info = losses_info(history, 33.5)
    np.testing.assert_allclose(info.d.drawn.value, info.real.drawn.value + info.fake.drawn.value, rtol=1e-12)
    assert info.d.drawn.now == pytest.approx((33, 1.333))
    assert info.real.drawn.now == pytest.approx((33, 0.833))
    dots = losses_figure(info)["data"][-1]
    assert dots["marker"]["color"] == [REAL, FAKE, GENERATOR, DISCRIMINATOR]
    assert dots["y"] == pytest.approx([0.833, 0.5, 1.4, 1.333])


def test_each_loss_wears_its_colour_and_each_line_is_dashed_and_grey() -> None:
    drawn = losses_figure(losses_info(run(), math.inf))["data"]
    colours = {trace.get("name"): trace.get("line", {}).get("color") for trace in drawn}
    assert colours["D's loss"] == DISCRIMINATOR
    assert colours["G's loss"] == GENERATOR
    assert (colours["D's loss, real"], colours["D's loss, generated"]) == (REAL, FAKE)
    lines = [trace for trace in drawn if trace.get("line", {}).get("shape") == "hv"]
    assert len(lines) == 4
    assert {(line["line"]["color"], line["line"]["dash"]) for line in lines} == {(REFERENCE, "dash")}


def edge(history: History, upto: float = math.inf) -> list[dict[str, Any]]:
    notes = losses_figure(losses_info(history, upto))["layout"]["annotations"]
    return [note for note in notes if note["yref"] == "y"]


def test_every_value_stands_in_the_margin_in_its_order_and_equal_ones_are_one() -> None:
    notes = edge(run())
    assert [note["text"][-5:] for note in notes] == ["0.598", "0.778", "0.799", "1.376"]
    places = [note["y"] for note in notes]
    assert all(above - below > 0.1 for below, above in pairwise(places))
    assert places[-1] == pytest.approx(1.376, abs=1e-3)
    parts = ("real_loss_reference", "fake_loss_reference", "g_loss_reference")
    one_label: dict[str, Any] = dict.fromkeys(parts, 0.6931)
    one, whole = edge(run(**one_label, d_loss_reference=1.3863))
    assert (one["text"][-5:], whole["text"][-5:]) == ("0.693", "1.386")
    assert one["text"].count("<span") == 3


@pytest.mark.parametrize(
    ("heights", "places"),
    [
        ([], []),
        ([0.2, 0.9], [0.2, 0.9]),
        ([0.5, 0.5, 2.0], [0.4, 0.6, 2.0]),
        ([0.0, 0.1, 0.2], [-0.1, 0.1, 0.3]),
    ],
)
def test_numbers_that_would_collide_are_moved_apart_around_their_mean(
    heights: list[float], places: list[float]
) -> None:
    assert apart(heights, 0.2) == pytest.approx(places)


def test_a_spike_upwards_leaves_the_picture_and_is_marked_at_its_edge() -> None:
    steps = [losing(i, g_loss=30.0 if 100 <= i < 130 else 1.4) for i in range(1, 800)]
    info = losses_info(history_of(steps), math.inf)
    assert info.values[1] < 5
    (point,) = info.above
    assert point.value == pytest.approx(30, abs=0.1)
    assert info.below == []
    drawn = losses_figure(info)["data"]
    (mark,) = [trace for trace in drawn if trace.get("name") == "out of the picture, up"]
    assert (mark["y"], mark["text"]) == ([info.values[1]], ["30.0"])


def test_a_spike_downwards_leaves_the_picture_too() -> None:
    steps = [losing(i, "minimax", g_loss=-20.0 if 100 <= i < 130 else -0.5) for i in range(1, 800)]
    info = losses_info(history_of(steps), math.inf)
    assert info.values[0] > -3
    assert [point.value for point in info.below] == pytest.approx([-20])
    assert info.above == []


def test_a_loss_that_is_high_until_now_is_in_the_picture() -> None:
    info = losses_info(history_of([losing(i, g_loss=1.0 + 0.02 * i) for i in range(1, 800)]), math.inf)
    assert info.values[1] >= 16.9
    assert info.above == []


def test_long_logs_are_thinned() -> None:
    info = losses_info(run(2000), math.inf)
    assert len(info.g.drawn.step) <= POINTS


def test_an_empty_history_expects_the_references_of_the_labels() -> None:
    expected = references(real_label=0.7, fake_label=0.1, objective="minimax")
    info = losses_info(History(), math.inf, expected=expected)
    assert info.g.line.now == pytest.approx(math.log(0.6))
    assert info.real.line.now == pytest.approx(-0.7 * math.log(0.4) - 0.3 * math.log(0.6))
    assert info.d.drawn.now is None


def test_what_an_older_version_did_not_record_is_not_drawn_and_no_line_is_made_up() -> None:
    history = history_of([step_record(i) for i in range(1, 50)], [evaluation(0)])
    expected = references(real_label=0.7, fake_label=0.1, objective="non_saturating")
    info = losses_info(history, math.inf, expected=expected)
    assert len(info.d.drawn.step) == 49
    assert len(info.real.drawn.step) == 0
    assert [getattr(info, name).line.now for name in ("d", "real", "fake", "g")] == [None] * 4


def test_a_gradient_that_vanishes_goes_down_on_a_scale_of_powers() -> None:
    steps = [losing(i, d_grad_norm=0.6, g_grad_norm=10.0 ** (-i / 100)) for i in range(1, 401)]
    info = gradients_info(history_of(steps), 200)
    assert info.g.now == pytest.approx((200, 0.01))
    assert info.powers[0] <= -3.9
    assert info.powers[1] >= -0.2
    figure = gradients_figure(info)
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert figure["layout"]["yaxis"]["range"] == list(info.powers)
    d, g, now = figure["data"]
    assert (d["line"]["color"], g["line"]["color"]) == (DISCRIMINATOR, GENERATOR)
    assert now["y"] == pytest.approx([0.6, 0.01])
    assert numbers(g["y"])[0] == pytest.approx(10 ** (-0.015), rel=1e-3)


@pytest.mark.parametrize("norm", [0.13, 0.5, 7.7, 0.0, NAN])
def test_two_marks_are_always_in_the_picture_of_the_gradients(norm: float) -> None:
    steps = [losing(i, d_grad_norm=norm, g_grad_norm=norm) for i in range(1, 50)]
    info = gradients_info(history_of(steps), 9)
    axis = gradients_figure(info)["layout"]["yaxis"]
    inside = [mark for mark in axis["tickvals"] if info.powers[0] <= math.log10(mark) <= info.powers[1]]
    assert len(inside) >= 2
