"""Two runs at the same second: which picture is shown, what the curves hold, where the dots stand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from gan_core.figures.lab.beside import (
    Played,
    floor_of,
    gap_course_figure,
    gap_info,
    grid_figure,
    grid_info,
    quality_course_figure,
    quality_info,
)
from gan_core.figures.style import DISCRIMINATOR, FAKE
from gan_core.history import Evaluation, History, Result, as_block
from tests.figures.figure_histories import evaluation
from tests.figures.test_inside_figures import assert_picture
from tests.game import digits_frame
from ui.beside_words import course_words, grid_words


def filmed(step: int, count: int = 64) -> Any:
    """A frame whose pictures tell its step."""
    digits = np.random.default_rng(step).integers(0, 256, (count, 784)).astype(np.uint8)
    return digits_frame(step, digits, np.zeros(count), np.zeros(16))


def run(seconds: float, *, steps: tuple[int, ...] = (0, 100, 200, 300), count: int = 64) -> Played:
    """A run whose D falls from a gap of 0.4 to 0.1 over those steps."""
    history = History()
    rows: list[Evaluation] = []
    for place, step in enumerate(steps):
        history.film.append(filmed(step, count))
        rows.append(evaluation(step, d_real=0.7 - 0.1 * place, d_fake=0.3))
    history.evaluations.extend(as_block(rows))
    return Played("this run, Balanced", history, seconds)


def with_quality(played: Played, **columns: list[float]) -> Played:
    """The run with more columns in its evaluations."""
    block = {"step": np.array([0.0, 100.0, 200.0, 300.0])} | {n: np.array(v) for n, v in columns.items()}
    played.history.evaluations.extend(block)
    return played


def test_the_picture_is_the_nearest_one_to_the_second_by_each_run_s_own_speed() -> None:
    slow, fast = run(0.1), run(0.02)  # 30 s and 6 s long
    for played, second, step in ((slow, 10.9, 100), (slow, 15.1, 200), (fast, 4.1, 200), (fast, 99.0, 300)):
        grid = grid_info(played, second)
        assert grid.step == step
        assert grid.second == pytest.approx(step * played.seconds)
        assert grid.digits is not None
        np.testing.assert_array_equal(grid.digits.reshape(64, 784), filmed(step)["digits"])
    assert slow.last == pytest.approx(30.0)


@pytest.mark.parametrize("count", [64, 80])
def test_a_sheet_has_eight_rows(count: int) -> None:
    grid = grid_info(run(0.1, count=count), 0.0)
    figure = grid_figure(grid)
    columns = count // 8
    assert figure["layout"]["xaxis"]["range"] == [-0.5, columns - 0.5]
    assert_picture(figure["data"], filmed(0, count)["digits"][columns + 3].reshape(28, 28), 3, 1)
    go.Figure(figure)


def test_a_run_without_pictures_says_so() -> None:
    grid = grid_info(Played("new", History(), 0.1), 5.0)
    assert grid.digits is None
    assert "no picture yet" in grid_figure(grid)["layout"]["annotations"][0]["text"]
    assert grid_words("here", grid)["sentence"].startswith("The digits of this run")


def test_the_gap_is_that_of_the_means_at_its_second() -> None:
    course = gap_info(run(0.1), 25.0)
    np.testing.assert_allclose(course.second, [0, 10, 20, 30])
    np.testing.assert_allclose(course.value, [0.4, 0.3, 0.2, 0.1])
    assert course.now == 2
    assert gap_info(run(0.1), -1.0).now is None
    assert "This run 0.200." in course_words("both_gaps", [course])["sentence"]


def test_fid_is_that_of_the_averaged_g_or_of_g_and_what_the_lab_has_found_comes_before() -> None:
    nan = math.nan
    played = with_quality(run(0.5), fid=[300.0, 90.0, nan, 60.0], fid_ema=[nan, 80.0, nan, nan])
    np.testing.assert_allclose(quality_info(played, 1e9).value, [300.0, 80.0, 60.0])
    results = played.history.results
    results.add(Result(250, "quality", {}, {"fid": 70.0, "fid_ema": 40.0, "fid_floor": 3.0}))
    results.add(Result(300, "quality", {}, {"fid": 55.0, "fid_ema": None, "fid_floor": 3.5}))
    course = quality_info(played, 130.0)
    np.testing.assert_allclose(course.second, [0, 50, 125, 150])
    np.testing.assert_allclose(course.value, [300.0, 80.0, 40.0, 55.0])
    assert course.now == 2
    assert floor_of(played) == 3.5
    assert floor_of(with_quality(run(0.5), fid_floor=[9.0, 8.0, nan, nan])) == 8.0
    assert floor_of(run(0.5)) is None


def test_both_runs_are_drawn_in_the_players_colours_with_lines_of_their_own() -> None:
    runs = [run(0.1), run(0.2)]
    figure = gap_course_figure([gap_info(played, 20.0) for played in runs], 60.0)
    assert orjson.loads(orjson.dumps(figure)) == figure
    go.Figure(figure)
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [trace["line"]["dash"] for trace in lines] == ["dash", "solid", "dash"]
    assert {trace["line"]["color"] for trace in lines[1:]} == {DISCRIMINATOR}
    assert lines[0]["y"] == [0.0, 0.0]  # where D cannot tell
    dots = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    assert [dot["x"] for dot in dots] == [[20.0], [20.0]]
    assert [dot["y"][0] for dot in dots] == pytest.approx([0.2, 0.3])
    assert figure["layout"]["xaxis"]["range"] == [0.0, 60.0]
    assert all(figure["layout"][name]["title"]["text"] for name in ("xaxis", "yaxis"))


def test_quality_has_its_floor_and_says_where_nothing_was_measured() -> None:
    assert "No FID yet" in (
        quality_course_figure([quality_info(run(0.1), 9.0)], 30.0, None)["layout"]["annotations"][0]["text"]
    )
    measured = with_quality(run(0.1), fid=[300.0, 90.0, 70.0, 60.0])
    figure = quality_course_figure([quality_info(measured, 9.0)], 30.0, 3.25)
    go.Figure(figure)
    assert figure["data"][0]["y"] == [3.25, 3.25]
    assert figure["data"][1]["line"]["color"] == FAKE
    assert "markers" in figure["data"][1]["mode"]  # a single FID is no line
    (note,) = [note for note in figure["layout"]["annotations"] if "real<br>3.2" in note["text"]]
    axis = figure["layout"]["yaxis"]
    assert axis["type"] == "log"
    assert axis["range"][0] < note["y"] < axis["range"][1]
    assert 10 ** note["y"] == pytest.approx(3.25)
    assert 10 ** axis["range"][1] > 300
