"""FID, classes and the run's way through both numbers: what is drawn is what was measured."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gan_core.figures import live
from gan_core.figures.style import REFERENCE
from gan_core.history import History
from tests.figures.figure_histories import evaluation, history_of, reference_at, step_record

FIDS = {200: 900.0, 400: 310.0, 600: 120.0, 800: 60.0}


def measured(**columns: Any) -> History:
    """Evaluations each 50 steps, the quality at the steps of FIDS; D's mean on real digits falls."""
    rows = [evaluation(50 * i, 0.45 + 0.2 / (i + 1), 0.33, **columns) for i in range(18)]
    history = history_of([step_record(850)], rows)
    steps = history.evaluations.columns["step"]

    def at(numbers: dict[int, float]) -> Any:
        return np.array([numbers.get(int(step), math.nan) for step in steps])

    block = {name: column.copy() for name, column in history.evaluations.columns.items()}
    hit = {step: float(i + 4) for i, step in enumerate(FIDS)}
    more = {
        "fid": at(FIDS), "fid_ema": at({step: 1.5 * fid for step, fid in FIDS.items()}),
        "fid_floor": at(dict.fromkeys(FIDS, 7.25)), "fid_floor_sd": at(dict.fromkeys(FIDS, 1.1)),
        "classes_hit": at(hit), "quality_samples": at(dict.fromkeys(FIDS, 500.0)),
    }  # fmt: skip
    history.evaluations.extend(block | more)
    return history


def texts(figure: dict[str, Any]) -> str:
    return " ".join(note["text"] for note in figure["layout"]["annotations"])


def test_fid_is_drawn_where_it_was_measured_and_shown_as_of_then() -> None:
    info = live.quality_info(measured(), 650)
    assert info.fid.step.tolist() == list(FIDS)
    assert info.fid.value.tolist() == list(FIDS.values())
    assert info.fid_ema.value.tolist() == [1.5 * fid for fid in FIDS.values()]
    assert (info.fid.now.step, info.fid.now.value) == (600, 120.0)  # type: ignore[union-attr]
    assert (info.floor, info.samples) == ((7.25, 1.1), 500)
    assert info.hit.now.value == 6  # type: ignore[union-attr]
    assert 10 ** info.powers[0] < 7.25
    assert 10 ** info.powers[1] > 1350


def test_the_floor_is_a_dashed_line_in_a_band_of_one_draw_with_its_value() -> None:
    figure = live.quality_figure(live.quality_info(measured(), math.inf))
    band, line = figure["data"][:2]
    assert sorted(set(band["y"])) == pytest.approx([6.15, 8.35])
    assert (line["line"]["dash"], line["line"]["color"]) == ("dash", REFERENCE)
    assert "7.2 ± 1.1 (one draw)" in texts(figure)
    assert figure["layout"]["yaxis"]["type"] == "log"


def test_classes_are_against_all_ten() -> None:
    figure = live.classes_figure(live.quality_info(measured(), 450))
    assert "G 5 of 10" in texts(figure)
    assert figure["layout"]["yaxis"]["range"][1] > 10


def test_the_way_is_fid_against_the_farther_mean_of_the_same_evaluation() -> None:
    info = live.path_info(measured(), 450)
    expected = []
    for step in FIDS:
        line = reference_at(step)[0]
        expected.append(max(abs(0.45 + 0.2 / (step / 50 + 1) - line), abs(0.33 - line)))
    assert info.distance.tolist() == pytest.approx(expected)
    assert info.fid.tolist() == list(FIDS.values())
    assert info.now == 1
    figure = live.path_figure(info)
    assert "step 200" in texts(figure)
    assert "step 800" in texts(figure)
    assert "real digits 7.2 ± 1.1" in texts(figure)
    (shown,) = [trace for trace in figure["data"] if trace.get("hoverinfo") == "skip" and "fill" not in trace]
    assert (shown["x"], shown["y"]) == ([pytest.approx(expected[1])], [310.0])
    low, high = (10**power for power in info.distances)
    assert low < min(expected) < max(expected) < high


def test_a_d_exactly_on_its_line_is_still_drawn() -> None:
    info = live.path_info(measured(d_real=0.45, d_fake=0.45), math.inf)
    assert info.distance[-1] == 0.001
    assert info.distances[0] <= -3


def test_nothing_measured_says_so_and_a_loss_without_a_line_too() -> None:
    empty = live.quality_figure(live.quality_info(History(), math.inf))
    assert "Press Play" in texts(empty)
    old = history_of([step_record(600)], [evaluation(0), evaluation(600)])
    for figure in (
        live.quality_figure(live.quality_info(old, math.inf)), live.path_figure(live.path_info(old, math.inf))
    ):  # fmt: skip
        assert "Measured every few hundred steps" in texts(figure)
    hinge = live.path_figure(live.path_info(measured(d_reference=math.nan), math.inf))
    assert "no line for D" in texts(hinge)
    assert live.quality_info(old, math.inf).floor is None
