"""Records as columns: what merging keeps, how much is kept, and what is forgotten."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_core.history import (
    EVALUATION_WIDTHS,
    HISTOGRAM_BINS,
    HISTOGRAMS,
    STEP_WIDTHS,
    Array,
    Evaluation,
    Film,
    History,
    Keyframe,
    Log,
    StepRecord,
    as_block,
    histogram,
)

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


def test_later_records_wait_until_a_row_is_whole() -> None:
    log = log_of(11)
    np.testing.assert_array_equal(log.columns["step"], [2, 4, 6, 8, 10])
    log.extend(block(12, 12))
    np.testing.assert_array_equal(log.columns["step"], [2, 4, 6, 8, 10, 12])
    assert log.columns["height"][-1] == 115


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
    step = log.columns["step"]
    assert step[0] == log.stride
    assert set(np.diff(step)) == {log.stride}
    assert 100_000 - step[-1] < log.stride
    # The mean of the steps a row stands for lies half a stride before its last one.
    np.testing.assert_allclose(log.columns["height"], 10 * (step - (log.stride - 1) / 2), rtol=1e-12)


@pytest.mark.parametrize("capacity", [0, 1, 7])
def test_a_capacity_that_cannot_be_halved_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match=f"capacity = {capacity} does not fit"):
        Log(WIDTHS, capacity)


# --- Looking back and going back


@pytest.mark.parametrize(("step", "rows"), [(0, 0), (2, 1), (3, 1), (4, 2), (8, 4), (math.inf, 4)])
def test_until_includes_the_step_itself(step: float, rows: int) -> None:
    columns = log_of(8).until(step)
    assert {len(column) for column in columns.values()} == {rows}


def test_going_back_drops_later_rows_and_later_waiting_records() -> None:
    log = log_of(9, capacity=8)  # rows 2 4 6 8, and 9 waits
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
    log.write_parquet(tmp_path / "log.parquet")
    same = Log.read_parquet(tmp_path / "log.parquet", WIDTHS, 64)
    assert (same.stride, len(same)) == (log.stride, len(log)) == (2, 50)
    thinned = Log.read_parquet(tmp_path / "log.parquet", WIDTHS, 16)
    assert (thinned.stride, len(thinned)) == (8, 12)
    np.testing.assert_allclose(thinned.columns["height"], 10 * (thinned.columns["step"] - 3.5))


def test_an_empty_log_is_read_back(tmp_path: Path) -> None:
    Log(WIDTHS, 8).write_parquet(tmp_path / "log.parquet")
    read = Log.read_parquet(tmp_path / "log.parquet", WIDTHS, 8)
    assert len(read) == 0
    assert read.columns["pair"].shape == (0, 2)


@pytest.mark.parametrize("damage", ["missing", "garbage", "no column", "wrong width"])
def test_a_file_that_is_no_history_is_refused(tmp_path: Path, damage: str) -> None:
    path, widths = tmp_path / "log.parquet", dict(WIDTHS)
    if damage == "garbage":
        path.write_bytes(b"PAR1 and then nonsense")
    elif damage != "missing":
        log_of(5).write_parquet(path)
        widths |= {"no column": 0} if damage == "no column" else {"pair": 3}
    with pytest.raises(ValueError, match=r"^log\.parquet is missing, damaged or not the history of a run\.$"):
        Log.read_parquet(path, widths, 8)


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
    return Keyframe(step, np.full((1, 784), step % 256, np.uint8), np.zeros(1), np.zeros(1))


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
        film.append(Keyframe(step, digits, rng.random(64), rng.random(16)))
    return film


def test_a_film_on_disk_is_read_back(tmp_path: Path) -> None:
    film = filmed(5)
    film.write(tmp_path / "film.npz")
    read = Film.read(tmp_path / "film.npz")
    assert [held.step for held in read.frames] == [0, 10, 20, 30, 40]
    for one, other in zip(read.frames, film.frames, strict=True):
        assert isinstance(one.step, int)
        assert one.digits.dtype == np.uint8
        np.testing.assert_array_equal(one.digits, other.digits)
        np.testing.assert_array_equal(one.verdicts, other.verdicts)
        np.testing.assert_array_equal(one.real_verdicts, other.real_verdicts)


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


def test_a_film_that_goes_back_is_filmed_anew() -> None:
    film = Film()
    for step in (0, 10, 20, 30):
        film.append(frame(step))
    film.append(frame(10))
    assert [held.step for held in film.frames] == [0, 10]
