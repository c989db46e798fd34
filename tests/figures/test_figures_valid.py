"""Every figure is valid Plotly, plain JSON, and keeps the promises all of them make."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from gan_core.figures import Figure, live
from gan_core.history import History
from gan_core.theory.objectives import references
from tests.figures.figure_histories import NAN, evaluation, history_of, step_record, straight_run

Draw = Callable[[History, float], Figure]

EXPECTED = references(real_label=0.7, fake_label=0.0, objective="non_saturating")

FIGURES: dict[str, Draw] = {
    "value": lambda h, upto: live.value_figure(live.value_info(h, upto, d_reference=0.35)),
    "tug": lambda h, upto: live.tug_figure(live.tug_info(h, upto)),
    "losses": lambda h, upto: live.losses_figure(live.losses_info(h, upto, expected=EXPECTED)),
    "gradients": lambda h, upto: live.gradients_figure(live.gradients_info(h, upto)),
    "saddle": lambda h, upto: live.saddle_figure(live.saddle_info(h, upto, d_reference=0.35)),
    "histogram": lambda h, upto: live.histogram_figure(live.histogram_info(h, upto, d_reference=0.35)),
    "heatmap": lambda h, upto: live.heatmap_figure(live.heatmap_info(h, upto, d_reference=0.35)),
    "fid": lambda h, upto: live.quality_figure(live.quality_info(h, upto)),
    "covered": lambda h, upto: live.classes_figure(live.quality_info(h, upto)),
    "path": lambda h, upto: live.path_figure(live.path_info(h, upto)),
    "means": lambda h, upto: live.means_figure(live.means_info(h, upto, d_reference=0.35)),
}


def _no_numbers() -> History:
    nothing = dict.fromkeys(("real_term", "fake_term", "d_pull", "g_pull"), NAN)
    blank = dict.fromkeys(("real_term", "fake_term", "real_low", "fake_high", "overfit_gap"), NAN)
    return history_of(
        [step_record(i, **nothing) for i in range(1, 9)], [evaluation(4 * i, **blank) for i in range(3)]
    )


def _of_another_version() -> History:
    """Nothing but steps was found in its files."""
    history = straight_run()
    for log in (history.steps, history.evaluations):
        unknown = {name: np.full_like(column, NAN) for name, column in log.columns.items() if name != "step"}
        log.load({**log.columns, **unknown}, 1, 0)
    return history


HISTORIES: dict[str, Callable[[], History]] = {
    "empty": History,
    "first evaluation": lambda: history_of(None, [evaluation(0)]),
    "first step": lambda: history_of([step_record(1)]),
    "a run": straight_run,
    "full logs": lambda: straight_run(count=511, every=4),
    "nothing measured": _no_numbers,
    "of another version": _of_another_version,
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
@pytest.mark.parametrize("make", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("upto", [0, 370.5, math.inf])
def test_every_figure_is_valid_and_plain(draw: Draw, make: Callable[[], History], upto: float) -> None:
    figure = draw(make(), upto)
    assert orjson.loads(orjson.dumps(figure)) == figure
    go.Figure(figure)


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_figure_leaves_the_theme_to_the_page(draw: Draw) -> None:
    layout = draw(straight_run(), math.inf)["layout"]
    assert layout["uirevision"] == "keep"
    assert "title" not in layout
    assert not {"paper_bgcolor", "plot_bgcolor", "template"} & layout.keys()
    assert "color" not in layout["font"]
    for axis in ("xaxis", "yaxis"):
        assert layout[axis]["title"]["text"]
        assert "gridcolor" not in layout[axis]


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_only_an_empty_figure_asks_to_press_play(draw: Draw) -> None:
    for history, asks in ((History(), True), (straight_run(), False)):
        texts = [note["text"] for note in draw(history, math.inf)["layout"]["annotations"]]
        assert ("Press Play" in texts) is asks


@pytest.mark.parametrize("name", ["histogram", "heatmap"])
def test_the_charts_beside_the_means_say_the_reference_in_their_key(name: str) -> None:
    layout = FIGURES[name](straight_run(), 120)["layout"]
    assert "0.35" in layout["annotations"][0]["text"]


@pytest.mark.parametrize("name", ["value", "means"])
def test_the_reference_is_labelled_in_the_margin_at_its_own_height(name: str) -> None:
    expected = math.log(0.35 * 0.65) if name == "value" else 0.35
    notes = FIGURES[name](straight_run(), 120)["layout"]["annotations"]
    (label,) = [note for note in notes if note["yref"] == "y"]
    assert label["y"] == pytest.approx(expected)
    assert (label["xref"], label["x"], label["xanchor"]) == ("paper", 1.0, "left")
    assert float(label["text"].replace("−", "-")) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_rewinding_moves_the_present_point_and_not_the_axes(draw: Draw) -> None:
    history = straight_run()
    early, late = draw(history, 60)["layout"], draw(history, math.inf)["layout"]
    assert early["xaxis"] == late["xaxis"]
    if draw is not FIGURES["histogram"]:
        assert early["yaxis"] == late["yaxis"]


def test_a_figure_does_not_change_the_history() -> None:
    history = _no_numbers()
    before = {name: column.copy() for name, column in history.evaluations.columns.items()}
    for draw in FIGURES.values():
        draw(history, math.inf)
    for name, column in history.evaluations.columns.items():
        np.testing.assert_array_equal(column, before[name])
