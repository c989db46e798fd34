"""Records as columns: what merging keeps, how much is kept, and what is forgotten."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gan_core.history import (
    EVALUATION_WIDTHS,
    HISTOGRAM_BINS,
    HISTOGRAMS,
    STEP_WIDTHS,
    Array,
    Change,
    Changes,
    Evaluation,
    Film,
    History,
    Keyframe,
    Log,
    StepRecord,
    as_block,
    histogram,
)
from gan_core.history.changes import CHANGES_KEPT
from gan_core.history.log import TAIL
from gan_core.history.parquet import read_log, write_log
from tests.game import digits_frame

WIDTHS = {"step": 0, "height": 0, "d_reference": 0, "pair": 2}


def block(first: int, last: int, **columns: Any) -> dict[str, Array]:
    """Steps first..last: height 10 times the step, pair (step, -step), reference 0.45."""
    step = np.arange(first, last + 1, dtype=float)
    known = {
        "step": step, "height": 10 * step, "pair": np.stack([step, -step], 1),
        "d_reference": np.full(len(step), 0.45),
    }  # fmt: skip
    return known | columns


def log_of(count: int, capacity: int = 8, chunk: int = 3) -> Log:
    log = Log(WIDTHS, capacity)
    for first in range(1, count + 1, chunk):
        log.extend(block(first, min(first + chunk - 1, count)))
    return log


def step_record(step: int, **changes: Any) -> StepRecord:
    record = StepRecord(step, 1.3, 0.9, -0.5, -0.1, 0.6, 0.1, 0.2, 0.3, 0.02, -0.05, 0.45, -1.396)
    return record._replace(**changes)


# --- Merging


def test_nothing_is_merged_while_there_is_room() -> None:
    log = log_of(7)
    assert log.stride == 1
    for name, column in block(1, 7).items():
        np.testing.assert_array_equal(log.columns[name], column)


def test_a_full_log_halves_itself_and_doubles_its_stride() -> None:
    log = log_of(8)
    assert (log.stride, len(log)) == (2, 4)
    np.testing.assert_array_equal(log.columns["step"], [2, 4, 6, 8])
    np.testing.assert_array_equal(log.columns["height"], [15, 35, 55, 75])
    np.testing.assert_array_equal(log.columns["pair"], [[1.5, -1.5], [3.5, -3.5], [5.5, -5.5], [7.5, -7.5]])


def test_records_that_do_not_fill_a_row_are_shown_all_the_same() -> None:
    log = log_of(8 + 8 + 3)  # four records a row by now
    np.testing.assert_array_equal(log.columns["step"], [4, 8, 12, 16, 19])
    assert log.columns["height"][-1] == 180
    log.extend(block(20, 20))
    np.testing.assert_array_equal(log.columns["step"], [4, 8, 12, 16, 20])
    assert log.columns["height"][-1] == 185


def test_means_ignore_what_was_not_measured_and_references_keep_the_last() -> None:
    log = Log(WIDTHS, 4)
    log.extend(
        block(
            1, 4,
            height=np.array([math.nan, 3.0, math.nan, math.nan]),
            d_reference=np.array([0.35, 0.45, 0.45, 0.5]),
        )
    )  # fmt: skip
    np.testing.assert_array_equal(log.columns["height"], [3.0, math.nan])
    np.testing.assert_array_equal(log.columns["d_reference"], [0.45, 0.5])
    np.testing.assert_array_equal(log.columns["step"], [2, 4])


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_how_records_arrive_makes_no_difference(chunk: int) -> None:
    whole, parts = log_of(500, capacity=16, chunk=500), log_of(500, capacity=16, chunk=chunk)
    assert whole.stride == parts.stride
    for name in WIDTHS:
        np.testing.assert_allclose(whole.columns[name], parts.columns[name], rtol=1e-12)


def test_a_hundred_thousand_records_stay_within_the_capacity_and_keep_their_means() -> None:
    log = Log(WIDTHS, 512)
    for first in range(1, 100_001, 2500):
        log.extend(block(first, first + 2499))
        assert 256 <= len(log) < 512 or log.stride == 1
    assert log.stride == 256
    assert log.columns["step"][-1] == 100_000
    whole = 100_000 // log.stride
    assert len(log) == whole + 1
    step = log.columns["step"][:whole]
    assert step[0] == log.stride
    assert set(np.diff(step)) == {log.stride}
    # The mean of the steps a row stands for lies half a stride before its last one.
    middle = step - (log.stride - 1) / 2
    np.testing.assert_allclose(log.columns["height"][:whole], 10 * middle, rtol=1e-12)


@pytest.mark.parametrize(("capacity", "tail"), [(0, 0), (1, 0), (7, 0), (8, 3), (8, 8), (8, -2)])
def test_a_capacity_that_cannot_be_halved_is_refused(capacity: int, tail: int) -> None:
    with pytest.raises(ValueError, match=f"capacity = {capacity}, tail = {tail} does not fit"):
        Log(WIDTHS, capacity, tail)


# --- The newest records, unmerged


def swinging(count: int) -> Log:
    """`count` records of a height that swings with a period of eight, into the evaluation log's size."""
    log = Log(WIDTHS, 512, 128)
    for step in range(1, count + 1):
        log.extend(block(step, step, height=np.array([math.sin(math.pi * (step + 0.5) / 4)])))
    return log


@pytest.mark.parametrize("count", [600, 3200, 4001])
def test_the_newest_records_are_never_merged(count: int) -> None:
    log = swinging(count)
    assert log.stride > 1
    assert len(log) <= 512
    np.testing.assert_array_equal(log.columns["step"][-TAIL:], np.arange(count - TAIL + 1, count + 1))
    assert np.sqrt((log.columns["height"][-TAIL:] ** 2).mean()) == pytest.approx(math.sqrt(0.5))


def test_a_record_is_shown_as_soon_as_it_comes_also_after_an_hour() -> None:
    log = swinging(4000)
    log.extend(block(4001, 4001))
    assert (log.columns["step"][-1], log.columns["height"][-1]) == (4001, 40_010)


def test_what_follows_a_change_stays_unmerged_as_far_as_there_is_room() -> None:
    log = swinging(3000)
    log.keep_since(3001)
    for step in range(3001, 3101):
        log.extend(block(step, step))
    np.testing.assert_array_equal(log.columns["step"][-100:], np.arange(3001, 3101))
    log.extend(block(3101, 3400))
    assert log.unmerged == 128
    assert log.columns["step"][-129] < 3400 - 128 + 1
    assert len(log) <= 512


def test_no_record_is_lost_or_counted_twice_on_its_way_out_of_the_tail() -> None:
    log = Log(WIDTHS, 64, 16)
    for step in range(1, 1000):
        log.extend(block(step, step, height=np.ones(1)))
        steps = log.columns["step"]
        assert (np.diff(steps) > 0).all()
        assert steps[-1] == step
    # A merged row holds the mean of "pair", which is the middle of the steps it stands for.
    rows = len(log) - log.unmerged
    first = np.append(0, log.columns["step"][: rows - 1]) + 1
    np.testing.assert_allclose(log.columns["pair"][:rows, 0], (first + log.columns["step"][:rows]) / 2)
    assert log.columns["height"] == pytest.approx(1.0)


def test_a_record_of_the_same_step_replaces_what_was_there() -> None:
    log = Log(WIDTHS, 64, 16)
    log.extend(block(1, 40))
    before = log.columns["step"].copy()
    for height in (1.0, 2.0, 3.0):
        log.extend(block(40, 40, height=np.array([height])))
    np.testing.assert_array_equal(log.columns["step"], before)
    assert log.columns["height"][-1] == 3.0
    twice = {name: np.concatenate([column, column]) for name, column in block(41, 41).items()}
    log.extend(twice | {"height": np.array([5.0, 6.0])})
    np.testing.assert_array_equal(log.columns["step"][-2:], [40, 41])
    assert log.columns["height"][-1] == 6.0


def test_going_back_into_the_tail_keeps_its_rows_single() -> None:
    log = swinging(3000)
    log.forget_after(2990)
    log.extend(block(2991, 2995))
    np.testing.assert_array_equal(log.columns["step"][-TAIL + 5 :], np.arange(2995 - TAIL + 6, 2996))


# --- Looking back and going back


@pytest.mark.parametrize(("step", "rows"), [(0, 0), (2, 1), (3, 1), (4, 2), (8, 4), (math.inf, 4)])
def test_until_includes_the_step_itself(step: float, rows: int) -> None:
    columns = log_of(8).until(step)
    assert {len(column) for column in columns.values()} == {rows}


def test_going_back_drops_later_rows_and_later_waiting_records() -> None:
    log = log_of(9, capacity=8)  # rows 2 4 6 8, and 9 alone
    log.forget_after(5)
    np.testing.assert_array_equal(log.columns["step"], [2, 4])
    assert len(log.columns["pair"]) == 2
    log.extend(block(6, 7, height=np.zeros(2)))
    np.testing.assert_array_equal(log.columns["step"], [2, 4, 7])
    assert log.columns["height"][-1] == 0.0


def test_a_history_forgets_its_films_and_evaluations_too() -> None:
    history = History()
    history.steps.extend(as_block([step_record(i) for i in range(1, 21)]))
    for step in (0, 10, 20):
        record = Evaluation(step, 1, *[0.5] * (len(Evaluation._fields) - 2))
        shares = np.full((1, HISTOGRAM_BINS), 1 / HISTOGRAM_BINS)
        history.evaluations.extend(as_block([record]) | dict.fromkeys(HISTOGRAMS, shares))
        history.film.append(frame(step))
    history.forget_after(10)
    np.testing.assert_array_equal(history.steps.columns["step"], np.arange(1, 11))
    np.testing.assert_array_equal(history.evaluations.columns["step"], [0, 10])
    assert [shown.step for shown in history.film.frames] == [0, 10]


# --- On disk


def test_a_history_on_disk_is_read_back(tmp_path: Path) -> None:
    history = History()
    records = [step_record(i, d_pull=math.nan if i % 10 else 0.1 * i, d_real=i / 99) for i in range(1, 99)]
    history.steps.extend(as_block(records))
    evaluations = [Evaluation(i, *np.linspace(0.1, 0.9, len(Evaluation._fields) - 1) + i) for i in range(5)]
    shares = np.random.default_rng(0).dirichlet(np.ones(HISTOGRAM_BINS), 5)
    history.evaluations.extend(
        as_block(evaluations) | {"real_histogram": shares, "fake_histogram": shares[::-1]}
    )
    history.write(tmp_path)
    read = History.read(tmp_path)
    for one, other in ((read.steps, history.steps), (read.evaluations, history.evaluations)):
        assert one.stride == other.stride
        for name in other.widths:
            np.testing.assert_array_equal(one.columns[name], other.columns[name])


def test_the_stride_is_kept_on_disk_and_a_smaller_capacity_thins(tmp_path: Path) -> None:
    log = log_of(100, capacity=64)
    write_log(log, tmp_path / "log.parquet")
    same = read_log(tmp_path / "log.parquet", WIDTHS, 64)
    assert (same.stride, len(same)) == (log.stride, len(log)) == (2, 50)
    thinned = read_log(tmp_path / "log.parquet", WIDTHS, 16)
    assert (thinned.stride, len(thinned)) == (8, 13)
    np.testing.assert_array_equal(thinned.columns["step"], [*range(8, 100, 8), 100])
    np.testing.assert_allclose(thinned.columns["height"], 10 * (thinned.columns["step"] - [*[3.5] * 12, 1.5]))


def test_the_tail_stays_unmerged_on_disk(tmp_path: Path) -> None:
    log = swinging(3000)
    write_log(log, tmp_path / "log.parquet")
    same = read_log(tmp_path / "log.parquet", WIDTHS, 512, 128)
    assert (same.stride, same.unmerged) == (log.stride, TAIL)
    for one in (log, same):
        one.extend(block(3001, 3500))
    assert same.stride == log.stride
    np.testing.assert_array_equal(same.columns["step"][-TAIL:], log.columns["step"][-TAIL:])


def test_an_empty_log_is_read_back(tmp_path: Path) -> None:
    write_log(Log(WIDTHS, 8), tmp_path / "log.parquet")
    read = read_log(tmp_path / "log.parquet", WIDTHS, 8)
    assert len(read) == 0
    assert read.columns["pair"].shape == (0, 2)


def write_table(path: Path, notes: dict[str, str], **columns: Any) -> None:
    """Five rows of a log with `columns` in place of its own; None leaves one out."""
    known: dict[str, Any] = {"step": [1, 2, 3, 4, 5], "height": [1.5] * 5, "pair": [[0.5, 2.0]] * 5}
    table = {name: column for name, column in (known | columns).items() if column is not None}
    pq.write_table(pa.table(table).replace_schema_metadata({"records_per_row": "2"} | notes), path)


TIMES = pa.array([10**9 * i for i in range(5)], pa.timestamp("ns"))
FOREIGN: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "garbage": lambda path: path.write_bytes(b"PAR1 and then nonsense"),
    "empty": lambda path: path.write_bytes(b""),
    "wrong width": lambda path: write_table(path, {}, pair=[[0.5, 2.0, 1.0]] * 5),
    "ragged": lambda path: write_table(path, {}, pair=[[0.5], [2.0, 1.0, 0.5], *[[0.5, 2.0]] * 3]),
    "no list": lambda path: write_table(path, {}, pair=[0.5] * 5),
    "no step": lambda path: write_table(path, {}, step=None),
    "a step is a time": lambda path: write_table(path, {}, step=TIMES),
    "a column is a time": lambda path: write_table(path, {}, height=TIMES),
    "a column is text": lambda path: write_table(path, {}, height=["1"] * 5),
    "a list of texts": lambda path: write_table(path, {}, pair=[["a", "b"]] * 5),
    "a step is missing": lambda path: write_table(path, {}, step=[1, 2, None, 4, 5]),
    "a step is infinite": lambda path: write_table(path, {}, step=[1, 2, 3, 4, math.inf]),
    "a step is a fraction": lambda path: write_table(path, {}, step=[1, 2, 2.5, 4, 5]),
    "a step is negative": lambda path: write_table(path, {}, step=[-1, 2, 3, 4, 5]),
    "steps go back": lambda path: write_table(path, {}, step=[1, 2, 5, 4, 6]),
    "no records a row": lambda path: write_table(path, {"records_per_row": "0"}),
    "less than no records a row": lambda path: write_table(path, {"records_per_row": "-3"}),
    "records a row in words": lambda path: write_table(path, {"records_per_row": "two"}),
    "more single rows than rows": lambda path: write_table(path, {"single_rows": "6"}),
    "less than no single rows": lambda path: write_table(path, {"single_rows": "-1"}),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_no_history_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "log.parquet"
    make(path)
    with pytest.raises(ValueError, match=r"^log\.parquet is missing, damaged or not the history of a run\.$"):
        read_log(path, WIDTHS, 8)


def test_what_a_file_does_not_hold_was_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    rows = [[0.5, 2.0], None, [0.25, None], [1.0, 3.0], [math.nan, 4.0]]
    write_table(path, {}, height=pa.nulls(5), pair=rows, nobody_knows=["?"] * 5)
    log = read_log(path, WIDTHS, 8)
    np.testing.assert_array_equal(log.columns["step"], [1, 2, 3, 4, 5])
    for name in ("height", "d_reference"):  # null, and missing
        np.testing.assert_array_equal(log.columns[name], [math.nan] * 5)
    pair = [[0.5, 2.0], [math.nan] * 2, [0.25, math.nan], [1.0, 3.0], [math.nan, 4.0]]
    np.testing.assert_array_equal(log.columns["pair"], pair)
    assert set(log.columns) == set(WIDTHS)
    write_table(path, {}, pair=pa.nulls(5), height=[1, None, 3, 4, 5])
    log = read_log(path, WIDTHS, 8)
    np.testing.assert_array_equal(log.columns["height"], [1, math.nan, 3, 4, 5])
    assert np.isnan(log.columns["pair"]).all()
    assert log.columns["pair"].shape == (5, 2)


def test_a_file_without_rows_opens(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    empty = pa.array([], pa.null())
    write_table(path, {}, step=pa.array([], pa.int64()), height=empty, pair=empty)
    assert len(read_log(path, WIDTHS, 8)) == 0


def test_of_several_rows_of_one_step_the_last_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    write_table(path, {}, step=[1, 2, 2, 2, 5], height=[1.0, 2.0, 3.0, 4.0, 5.0])
    log = read_log(path, WIDTHS, 8)
    np.testing.assert_array_equal(log.columns["step"], [1, 2, 5])
    np.testing.assert_array_equal(log.columns["height"], [1.0, 4.0, 5.0])


# --- The log of changes


def changes_of(*steps: tuple[int, dict[str, Any]]) -> Changes:
    changes = Changes()
    for step, settings in steps:
        changes.note(settings, step)
    return changes


def test_a_change_is_logged_with_the_step_it_first_acts_on() -> None:
    base = {"smoothing": 0.9, "objective": "minimax", "seed": 0}
    changes = changes_of((1, base), (7, base | {"smoothing": 0.7}), (9, base | {"smoothing": 0.7}))
    assert changes.rows == [Change(7, "smoothing", 0.9, 0.7)]
    changes.note(base | {"smoothing": 0.8, "objective": "non_saturating"}, 12)
    assert changes.rows[1:] == [
        Change(12, "smoothing", 0.7, 0.8), Change(12, "objective", "minimax", "non_saturating")
    ]  # fmt: skip
    found = [changes.value_at("smoothing", 0.8, step) for step in (0, 6, 7, 11, 12, math.inf)]
    assert found == [0.9, 0.9, 0.7, 0.7, 0.8, 0.8]
    assert changes.value_at("seed", 5, 0) == 5


def test_changes_at_one_step_are_one_and_none_if_they_lead_back() -> None:
    changes = changes_of((1, {"a": 1}), (5, {"a": 2}), (5, {"a": 3}))
    assert changes.rows == [Change(5, "a", 1, 3)]
    changes.note({"a": 1}, 5)
    assert changes.rows == []


def test_a_change_after_the_step_gone_back_to_is_noted_again_where_it_acts() -> None:
    changes = changes_of((1, {"a": 1, "b": 1}), (5, {"a": 2, "b": 1}), (8, {"a": 3, "b": 7}))
    changes.forget_after(5)
    assert changes.rows == [Change(5, "a", 1, 2)]
    changes.note({"a": 3, "b": 7}, 6)
    assert changes.rows[1:] == [Change(6, "a", 2, 3), Change(6, "b", 1, 7)]


def test_the_log_of_changes_is_bounded() -> None:
    changes = changes_of(*((i, {"a": i}) for i in range(CHANGES_KEPT + 50)))
    assert len(changes.rows) == CHANGES_KEPT
    assert changes.rows[-1].new == CHANGES_KEPT + 49


def test_changes_are_kept_with_the_history(tmp_path: Path) -> None:
    history = History()
    history.note({"smoothing": 0.9, "objective": "minimax"}, 1)
    history.note({"smoothing": 0.7, "objective": "non_saturating"}, 954)
    history.write(tmp_path)
    assert History.read(tmp_path).changes.rows == history.changes.rows
    history.forget_after(953)
    assert history.changes.rows == []
    (tmp_path / "changes.json").unlink()
    assert History.read(tmp_path).changes.rows == []


ROW = '{"step": 3, "field": "smoothing", "old": 0.9, "new": 0.7}'


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "[" * 200_000, "3", "[3]", '{"a": 1}', ROW, "[{}]",
        f"[{ROW}, {ROW.replace('3', '2')}]",
        *(f"[{ROW.replace(a, b)}]" for a, b in (
            ("3", "-3"), ("3", "3.5"), ("3", "true"), ("3", "NaN"),
            ("3", "1" * 99), ("0.9", "1" * 400), ("0.9", "[]"), ("0.9", "NaN"),
            ("0.9", '"<a href=x>"'), ('"smoothing"', '"<b>"'), ('"smoothing"', "7"), ('"old"', '"older"'),
        )),
    ],
)  # fmt: skip
def test_what_is_no_log_of_changes_is_refused(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    History().write(folder)
    (folder / "changes.json").write_text(text)
    with pytest.raises(ValueError, match=r"^first holds no run that can be opened: changes\.json is damaged"):
        History.read(folder)


def test_what_a_change_starts_is_not_merged() -> None:
    history = History()
    history.note({"smoothing": 0.9}, 1)
    history.steps.extend(as_block([step_record(i) for i in range(1, 3000)]))
    history.note({"smoothing": 0.7}, 3000)
    history.steps.extend(as_block([step_record(i) for i in range(3000, 3301)]))
    np.testing.assert_array_equal(history.steps.columns["step"][-301:], np.arange(3000, 3301))


# --- Blocks, histograms


def test_records_become_columns_in_their_own_names() -> None:
    columns = as_block([step_record(1, d_loss=1.5), step_record(2, d_loss=1.25)])
    assert list(columns) == list(StepRecord._fields) == list(STEP_WIDTHS)
    np.testing.assert_array_equal(columns["step"], [1, 2])
    np.testing.assert_array_equal(columns["d_loss"], [1.5, 1.25])
    assert as_block([]) == {}
    assert set(EVALUATION_WIDTHS) - set(Evaluation._fields) == {"real_histogram", "fake_histogram"}


def test_value_of_an_evaluation_is_the_sum_of_its_terms() -> None:
    nothing = Evaluation(*[0] * len(Evaluation._fields))
    assert nothing._replace(real_term=-0.5, fake_term=-0.125).value == -0.625


def test_a_histogram_holds_the_share_of_each_bin() -> None:
    width = 1 / HISTOGRAM_BINS
    shares = histogram(np.array([0.0, width / 2, 1.5 * width, 1.0]))
    assert shares.shape == (HISTOGRAM_BINS,)
    assert (shares[0], shares[1], shares[-1]) == (0.5, 0.25, 0.25)
    assert shares.sum() == 1.0
    shares = histogram(np.array([0.41, 0.52]))  # the bins do not follow the outputs
    assert np.flatnonzero(shares).tolist() == [int(0.41 / width), int(0.52 / width)]


# --- The film


def frame(step: int) -> Keyframe:
    return digits_frame(step, np.full((1, 784), step % 256, np.uint8), np.zeros(1), np.zeros(1))


@pytest.mark.parametrize("steps", [list(range(2000)), list(range(0, 200_000, 97))])
def test_a_film_is_bounded_and_even_and_keeps_both_ends(steps: list[int]) -> None:
    film = Film(capacity=20)
    for step in steps:
        film.append(frame(step))
        assert len(film.frames) <= 20
        assert film.frames[-1].step == step
    shown = [held.step for held in film.frames]
    assert shown[0] == 0
    gaps = np.diff(shown[:-1])
    assert len(shown) >= 10
    assert gaps.max() <= 2.5 * gaps.min()


def test_the_keyframe_nearest_to_a_step_is_found() -> None:
    film = Film()
    for step in (0, 10, 40):
        film.append(frame(step))
    wanted = (-5, 4, 6, 24, 26, math.inf)
    assert [film.at(step).step for step in wanted] == [0, 0, 10, 10, 40, 40]
    with pytest.raises(IndexError):
        Film().at(3)


# --- The film on disk


def filmed(count: int, capacity: int = 160) -> Film:
    """`count` frames, 10 steps apart, all different."""
    rng, film = np.random.default_rng(count), Film(capacity)
    for step in range(0, 10 * count, 10):
        digits = rng.integers(0, 256, (64, 784), np.uint8)
        film.append(digits_frame(step, digits, rng.random(64), rng.random(16)))
    return film


def test_a_film_on_disk_is_read_back(tmp_path: Path) -> None:
    film = filmed(5)
    film.write(tmp_path / "film.npz")
    read = Film.read(tmp_path / "film.npz")
    assert [held.step for held in read.frames] == [0, 10, 20, 30, 40]
    for one, other in zip(read.frames, film.frames, strict=True):
        assert isinstance(one.step, int)
        assert one["digits"].dtype == np.uint8
        np.testing.assert_array_equal(one["digits"], other["digits"])
        np.testing.assert_array_equal(one["verdicts"], other["verdicts"])
        np.testing.assert_array_equal(one["real_verdicts"], other["real_verdicts"])


def test_a_film_read_back_goes_on_as_evenly_as_before(tmp_path: Path) -> None:
    film = filmed(200)  # halved once: 160 are the most
    film.write(tmp_path / "film.npz")
    read = Film.read(tmp_path / "film.npz")
    for step in range(2000, 2100):
        film.append(frame(step))
        read.append(frame(step))
    assert [held.step for held in read.frames] == [held.step for held in film.frames]


def test_a_run_kept_before_there_were_films_opens_without_one(tmp_path: Path) -> None:
    history = History()
    history.steps.extend(as_block([step_record(1)]))
    history.write(tmp_path)
    assert not (tmp_path / "film.npz").exists()
    assert History.read(tmp_path).film.frames == []


def rewrite(path: Path, **changes: Any) -> None:
    with np.load(path) as arrays:
        columns = dict(arrays) | changes
    np.savez(path, **{name: column for name, column in columns.items() if column is not None})


FILM_DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda path: path.write_bytes(b"PK and then nonsense"),
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-4000]),
    "no column": lambda path: rewrite(path, verdicts=None),
    "pickled": lambda path: rewrite(path, digits=np.array([{}, []], object)),
    "no grey values": lambda path: rewrite(path, digits=np.zeros((5, 64, 784))),
    "too few verdicts": lambda path: rewrite(path, verdicts=np.zeros((5, 63))),
    "too few steps": lambda path: rewrite(path, step=np.arange(4)),
}


@pytest.mark.parametrize("damage", FILM_DAMAGES)
def test_a_damaged_film_is_refused_without_the_path_of_its_folder(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    history = History()
    history.film = filmed(5)
    history.write(folder)
    FILM_DAMAGES[damage](folder / "film.npz")
    with pytest.raises(ValueError, match=r"^first holds no run that can be opened: film\.npz .*\.$"):
        History.read(folder)


@pytest.mark.parametrize("name", ["history.parquet", "evaluations.parquet"])
def test_a_damaged_history_is_refused_without_the_path_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    History().write(folder)
    (folder / name).write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"^first holds no run that can be opened") as caught:
        History.read(folder)
    assert name in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def plane_film(count: int, sliced_from: int, shape: tuple[int, ...] = (21, 21)) -> Film:
    """`count` frames of points, of which the last ones hold a measure that is younger than the game."""
    film = Film()
    for step in range(count):
        arrays = {"samples": np.full((5, 2), step, np.float32)}
        if step >= sliced_from:
            arrays["slice"] = np.full(shape, -step, np.float32)
        film.append(Keyframe(step, arrays))
    return film


@pytest.mark.parametrize("whole", [0, 3])
def test_a_film_may_go_on_with_an_array_that_its_first_frames_lack(tmp_path: Path, whole: int) -> None:
    film = plane_film(5, whole)
    film.write(tmp_path / "film.npz")
    film.sync(tmp_path / "film")
    for read in (Film.read(tmp_path / "film.npz"), Film.read_folder(tmp_path / "film")):
        assert [frame.step for frame in read.frames] == [0, 1, 2, 3, 4]
        assert ["slice" in frame.arrays for frame in read.frames] == [step >= whole for step in range(5)]
        assert [float(frame["samples"][0, 0]) for frame in read.frames] == [0, 1, 2, 3, 4]
        assert [float(frame["slice"][0, 0]) for frame in read.frames[3:]] == [-3, -4]
        read.append(Keyframe(9, plane_film(5, 0).frames[-1].arrays))
        read.write(tmp_path / "again.npz")
        assert len(Film.read(tmp_path / "again.npz").frames) == 6


@pytest.mark.parametrize(
    "other",
    [
        {"samples": np.zeros((5, 3), np.float32)},
        {"samples": np.zeros((5, 2), np.float64)},
        {"samples": np.zeros((5, 2), np.float32), "slice": np.zeros((5, 5), np.float32)},
        {"q": np.zeros(120, np.float32), "slice": np.zeros((21, 21), np.float32)},
    ],
    ids=["shape", "type", "shape of a later array", "another game"],
)
def test_pictures_of_two_games_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    film = plane_film(5, 3)
    film.append(Keyframe(9, other))
    film.sync(tmp_path)
    with pytest.raises(ValueError, match="is damaged or not the film of a run"):
        Film.read_folder(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows.slice": np.array([3])}, {"rows.slice": np.array([3, 3])}, {"rows.slice": np.array([3, 5])},
        {"rows.slice": np.array([-1, 4])}, {"rows.slice": np.array([0.5, 1.5])}, {"rows.slice": None},
        {"rows.other": np.array([3, 4])}, {"samples": None},
    ],
    ids=lambda changes: "-".join(f"{name} {value}" for name, value in changes.items()),
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    plane_film(5, 3).write(tmp_path / "film.npz")
    rewrite(tmp_path / "film.npz", **changes)
    with pytest.raises(ValueError, match=r"^film\.npz is damaged or not the film of a run\.$"):
        Film.read(tmp_path / "film.npz")


def test_a_film_that_goes_back_is_filmed_anew() -> None:
    film = Film()
    for step in (0, 10, 20, 30):
        film.append(frame(step))
    film.append(frame(10))
    assert [held.step for held in film.frames] == [0, 10]


# --- The film as a folder


def test_a_keyframe_owns_its_pixels(tmp_path: Path) -> None:
    """A view would keep the whole report alive that it came with, or all frames of a file."""
    message = np.zeros(10**6, np.uint8)
    film = filmed(3)
    film.append(digits_frame(99, message[: 64 * 784].reshape(64, 784), np.zeros(80)[:64], np.zeros(80)[64:]))
    film.write(tmp_path / "film.npz")
    film.sync(tmp_path / "film")
    for held in (film, Film.read(tmp_path / "film.npz"), Film.read_folder(tmp_path / "film")):
        assert len(held.frames) == 4
        for shown in held.frames:
            assert [array.base for array in shown.arrays.values()] == [None] * 3


def listed(folder: Path) -> dict[str, int]:
    """Keyframe files and when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npz")}


def test_a_synced_film_is_read_back_and_goes_on_as_evenly(tmp_path: Path) -> None:
    film = filmed(200)  # halved once
    film.sync(tmp_path)
    read = Film.read_folder(tmp_path)
    for one, other in zip(read.frames, film.frames, strict=True):
        assert one.step == other.step
        np.testing.assert_array_equal(one["digits"], other["digits"])
        np.testing.assert_array_equal(one["verdicts"], other["verdicts"])
        np.testing.assert_array_equal(one["real_verdicts"], other["real_verdicts"])
    for step in range(2000, 2100):
        film.append(frame(step))
        read.append(frame(step))
    assert [held.step for held in read.frames] == [held.step for held in film.frames]


@pytest.mark.parametrize("reopened", [False, True])
def test_only_new_keyframes_are_written_and_those_that_are_gone_are_deleted(
    tmp_path: Path, reopened: bool
) -> None:
    film = Film(capacity=4)
    for step in (0, 10, 20, 30):
        film.append(frame(step))
    film.sync(tmp_path)
    before = listed(tmp_path)
    assert sorted(before) == [f"{step:012d}.npz" for step in (0, 10, 20, 30)]
    if reopened:
        film = Film.read_folder(tmp_path)
        film.capacity = 4
    film.append(frame(40))  # halved: 0 20 40
    (tmp_path / "notes.npz").write_bytes(b"of somebody else")
    film.sync(tmp_path)
    after = listed(tmp_path)
    assert after.keys() - {"notes.npz"} == {f"{step:012d}.npz" for step in (0, 20, 40)}
    assert all(after[name] == before[name] for name in after.keys() & before.keys())
    assert "notes.npz" in after


def test_a_keyframe_that_was_filmed_anew_is_written_anew(tmp_path: Path) -> None:
    film = Film()
    film.append(frame(5))
    film.sync(tmp_path)
    film.append(digits_frame(5, np.full((1, 784), 77, np.uint8), np.zeros(1), np.zeros(1)))
    film.sync(tmp_path)
    assert Film.read_folder(tmp_path).frames[0]["digits"][0, 0] == 77


def test_a_folder_that_was_cleared_is_filled_again(tmp_path: Path) -> None:
    film = filmed(4)
    film.sync(tmp_path / "film")
    shutil.rmtree(tmp_path / "film")
    film.sync(tmp_path / "film")
    assert len(Film.read_folder(tmp_path / "film").frames) == 4
    film.sync(tmp_path / "other")
    assert len(Film.read_folder(tmp_path / "other").frames) == 4


def test_a_sync_that_fails_leaves_whole_frames_and_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, save, room = filmed(4), np.savez, [2]

    def savez(file: Any, **arrays: Any) -> None:
        room[0] -= 1
        if room[0] < 0:
            file.write(b"half a fr")
            raise OSError(28, "No space left on device")
        save(file, **arrays)

    monkeypatch.setattr(np, "savez", savez)
    with pytest.raises(OSError, match="No space left"):
        film.sync(tmp_path)
    assert not list(tmp_path.glob("*.part"))
    assert len(Film.read_folder(tmp_path).frames) == 2
    room[0] = 99
    film.sync(tmp_path)
    assert len(Film.read_folder(tmp_path).frames) == 4


FOLDER_DAMAGES: dict[str, Callable[[Path], object]] = {
    "no spacing": lambda folder: (folder / "spacing.json").unlink(),
    "spacing in words": lambda folder: (folder / "spacing.json").write_text('{"spacing": "wide"}'),
    "spacing is no number": lambda folder: (folder / "spacing.json").write_text('{"spacing": NaN}'),
    "deep spacing": lambda folder: (folder / "spacing.json").write_text("[" * 200_000),
    "garbage": lambda folder: (folder / f"{20:012d}.npz").write_bytes(b"nonsense"),
    "cut short": lambda folder: (folder / f"{20:012d}.npz").write_bytes(
        (folder / f"{10:012d}.npz").read_bytes()[:900]
    ),
    "of another step": lambda folder: (folder / f"{20:012d}.npz").rename(folder / f"{25:012d}.npz"),
    "of another game": lambda folder: rewrite(
        folder / f"{20:012d}.npz", digits=np.zeros((9, 784), np.uint8), verdicts=np.zeros(9)
    ),
    "no column": lambda folder: rewrite(folder / f"{20:012d}.npz", verdicts=None),
    "pickled": lambda folder: rewrite(folder / f"{20:012d}.npz", digits=np.array([{}], object)),
    "verdicts in words": lambda folder: rewrite(folder / f"{20:012d}.npz", verdicts=np.array(["<b>"] * 64)),
    "a step in words": lambda folder: rewrite(folder / f"{20:012d}.npz", step=np.array("20")),
}


@pytest.mark.parametrize("damage", FOLDER_DAMAGES)
def test_a_damaged_folder_of_keyframes_is_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    history = History()
    history.film = filmed(5)
    history.write_records(folder)
    history.film.sync(folder / "film")
    assert len(History.read(folder).film.frames) == 5
    FOLDER_DAMAGES[damage](folder / "film")
    with pytest.raises(ValueError, match=r"^first holds no run that can be opened: .* the film of a run\.$"):
        History.read(folder)


def test_records_that_cannot_be_written_leave_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History()
    history.steps.extend(as_block([step_record(1)]))
    history.write(tmp_path)

    def full(table: Any, path: Path) -> None:
        path.write_bytes(b"half a t")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    history.steps.extend(as_block([step_record(2)]))
    with pytest.raises(OSError, match="No space left"):
        history.write_records(tmp_path)
    np.testing.assert_array_equal(History.read(tmp_path).steps.columns["step"], [1])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "changes.json", "evaluations.parquet", "history.parquet"
    ]  # fmt: skip
