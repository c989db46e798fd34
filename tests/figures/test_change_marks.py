"""Changes of settings on the axis of training steps."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from gan_core.figures import Figure, live
from gan_core.figures.live.changes import ChangeMark, change_marks, change_traces
from gan_core.history import Change, History
from tests.figures.figure_histories import straight_run

TITLES = {"smoothing": "Smoothing", "discriminator_lr": "Learning rate of D"}


def changed(*rows: Change) -> History:
    history = straight_run()  # 800 steps, an axis to 900
    history.changes.rows = list(rows)
    return history


def marks_of(*rows: Change) -> list[ChangeMark]:
    return change_marks(changed(*rows), TITLES)


def test_a_change_is_marked_with_its_step_and_both_values() -> None:
    marks = marks_of(Change(94, "smoothing", 0.9, 0.7), Change(754, "discriminator_lr", 2e-4, 1e-5))
    assert marks == [
        ChangeMark(94, "Smoothing 0.9 → 0.7 at 94"),
        ChangeMark(754, "Learning rate of D 0.0002 → 1e−05 at 754"),
    ]


def test_what_a_dragged_slider_makes_is_one_mark() -> None:
    dragged = [Change(200 + i, "smoothing", 0.9 - i / 100, 0.89 - i / 100) for i in range(20)]
    assert marks_of(*dragged) == [ChangeMark(219, "Smoothing 0.9 → 0.7 at 200 to 219")]


def test_changes_all_the_time_do_not_crowd_the_axis() -> None:
    rows = [Change(i, "smoothing", 0.9, 0.7 if i % 2 else 0.5) for i in range(1, 800)]
    marks = marks_of(*rows)
    assert 10 <= len(marks) <= 20
    assert [mark.step for mark in marks] == sorted(mark.step for mark in marks)


def test_a_change_that_was_taken_back_at_once_is_not_marked() -> None:
    assert marks_of(Change(300, "smoothing", 0.9, 0.7), Change(305, "smoothing", 0.7, 0.9)) == []


def test_of_many_settings_two_are_named() -> None:
    rows = [Change(300, name, False, True) for name in ("a", "b", "c", "d")]
    assert marks_of(*rows) == [ChangeMark(300, "a off → on, b off → on and 2 more at 300")]


def test_only_changes_in_view_are_marked() -> None:
    marks = marks_of(Change(300, "a", 1, 2), Change(801, "a", 2, 3), Change(5000, "a", 3, 4))
    assert [mark.step for mark in marks] == [300, 801]


def test_a_mark_says_under_the_pointer_what_it_is() -> None:
    (trace,) = change_traces([ChangeMark(30, "first"), ChangeMark(800, "last")], 0.3)
    assert trace["y"] == [0.3, 0.3]
    assert [text.partition("<")[0] for text in trace["hovertemplate"]] == ["first", "last"]


def drawn(history: History, name: str, marks: list[ChangeMark]) -> Figure:
    figures: dict[str, Any] = {
        "value": lambda: live.value_figure(live.value_info(history, 800), marks),
        "tug": lambda: live.tug_figure(live.tug_info(history, 800), marks),
        "heatmap": lambda: live.heatmap_figure(live.heatmap_info(history, 800), marks),
        "means": lambda: live.means_figure(live.means_info(history, 800), marks),
    }
    figure: Figure = figures[name]()
    return figure


@pytest.mark.parametrize("name", ["value", "tug", "heatmap", "means"])
def test_every_chart_over_steps_has_the_marks_as_one_trace_at_its_lower_edge(name: str) -> None:
    history = changed(Change(94, "smoothing", 0.9, 0.7), Change(754, "smoothing", 0.7, 0.8))
    plain, marked = drawn(history, name, []), drawn(history, name, change_marks(history, TITLES))
    go.Figure(marked)
    (trace,) = [trace for trace in marked["data"] if trace not in plain["data"]]
    assert trace["x"] == [94, 754]
    assert trace["y"] == [marked["layout"]["yaxis"]["range"][0]] * 2
    assert marked["layout"] == plain["layout"]
