"""A run without a page: what it keeps can be looked through and goes on."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan_core import checkpoint, library, unattended
from gan_core.history import FILM_CAPACITY, History
from gan_core.measures.held_out import Pace
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.settings import read_settings
from gan_core.training import NotFiniteError
from gan_core.unattended import CannotTrainError, Recording, interruptible, play, train
from tests.game import new_trainer, tiny
from tests.test_old_folders import FORMAT_1


@pytest.fixture
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluation after every step, however long one takes."""
    monkeypatch.setattr(Pace, "due", lambda self: True)


@pytest.mark.usefixtures("always_due")
def test_a_kept_run_can_be_looked_through_and_goes_on(tmp_path: Path) -> None:
    outcome = train(tiny(seed=4), steps=6, seconds=None, out=tmp_path / "run")
    trainer, history = checkpoint.load(tmp_path / "run"), History.read(tmp_path / "run")
    assert read_settings(tmp_path / "run" / "settings.json") == tiny(seed=4)
    assert (outcome.summary["steps"], trainer.steps_done) == (6, 6)
    assert history.steps.columns["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert [frame.step for frame in history.film.frames] == [0, 1, 2, 3, 4, 5, 6]
    first, last = history.film.frames[0], history.film.frames[-1]
    assert not np.array_equal(first["digits"], last["digits"])
    shown = take_pictures(trainer, shown_latents(trainer.settings))
    np.testing.assert_array_equal(last["digits"], shown["digits"])
    np.testing.assert_array_equal(last["verdicts"], shown["verdicts"])
    np.testing.assert_array_equal(last["real_verdicts"], shown["real_verdicts"])
    first_pictures = take_pictures(new_trainer(seed=4), shown_latents(trainer.settings))
    np.testing.assert_array_equal(first["digits"], first_pictures["digits"])


@pytest.mark.parametrize(("conditional", "columns"), [(False, 8), (True, 10)])
def test_the_sheet_of_samples_shows_the_last_pictures(
    conditional: bool, columns: int, tmp_path: Path
) -> None:
    train(tiny(conditional=conditional), steps=2, seconds=None, out=tmp_path / "run")
    last = History.read(tmp_path / "run").film.frames[-1]["digits"]
    with Image.open(tmp_path / "run" / "samples.png") as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape == (896, 112 * columns)
    for digit in (0, 1, columns, 8 * columns - 1):  # row by row, four screen pixels for one of the digit's
        row, column = divmod(digit, columns)
        tile = pixels[112 * row : 112 * (row + 1) : 4, 112 * column : 112 * (column + 1) : 4]
        np.testing.assert_array_equal(tile.ravel(), last[digit])


def test_every_file_of_a_kept_run_is_as_readable_as_the_umask_says(tmp_path: Path) -> None:
    train(tiny(), steps=2, seconds=None, out=tmp_path / "run")
    plain = tmp_path / "plain"
    plain.touch()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()}
    assert set(modes.values()) == {plain.stat().st_mode & 0o777}, modes
    assert {"settings.json", "history.parquet", "samples.png", "generator.safetensors",
            "discriminator.safetensors", "film.npz"} <= set(modes)  # fmt: skip


def test_a_kept_run_may_be_written_over(tmp_path: Path) -> None:
    for steps in (2, 3):
        train(tiny(), steps=steps, seconds=None, out=tmp_path / "run")
    assert checkpoint.load(tmp_path / "run").steps_done == 3


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, by name, byte for byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def thesis(out: Path) -> None:
    (out / "settings.json").write_text("{}")
    (out / "thesis.tex").write_text("years of work")


def run_and_thesis(out: Path) -> None:
    train(tiny(), steps=1, seconds=None, out=out)
    (out / "chapters").mkdir()
    (out / "chapters" / "one.tex").write_text("years of work")


def format_1(out: Path) -> None:
    shutil.copytree(FORMAT_1, out, dirs_exist_ok=True)


def newer(out: Path) -> None:
    train(tiny(), steps=1, seconds=None, out=out)
    (out / "meta.json").write_text((out / "meta.json").read_text().replace('"format": 2', '"format": 3'))


def link_inside(out: Path) -> None:
    train(tiny(), steps=1, seconds=None, out=out)
    (out / "film").symlink_to(out.parent)


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (thesis, "holds other things than a run: name an empty or a new folder."),
        (run_and_thesis, "holds chapters, which is not part of a run. Name an empty or a new folder."),
        (format_1, "holds a run of an earlier version of this app: name a new folder."),
        (newer, "newer version"),
        (link_inside, "holds film, which is not part of a run."),
    ],
)
def test_what_is_not_a_run_of_ours_alone_is_never_replaced(
    fill: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    fill(out)
    before = tree(tmp_path)
    with pytest.raises(CannotTrainError) as caught:
        train(tiny(), steps=1, seconds=None, out=out)
    assert said in str(caught.value)
    assert tree(tmp_path) == before


def test_what_came_into_the_folder_while_training_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*_: object, **__: object) -> None:
        (tmp_path / "run" / "thesis.tex").write_text("years of work")

    monkeypatch.setattr(unattended, "play", meanwhile)
    outcome = train(tiny(), steps=1, seconds=None, out=tmp_path / "run")
    assert outcome.summary["problem"].startswith("The run could not be kept (")
    assert tree(tmp_path) == {"run/thesis.tex": b"years of work"}


@pytest.mark.parametrize("count", [1, 2])
def test_a_replacement_that_fails_leaves_the_old_run(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    train(tiny(), steps=2, seconds=None, out=out)
    before, real, calls = tree(tmp_path), os.replace, 0

    def replace(source: Any, target: Any) -> None:
        nonlocal calls
        calls += out in (Path(source), Path(target))
        if calls == count:
            calls += 1
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    outcome = train(tiny(), steps=3, seconds=None, out=out)
    assert outcome.summary["problem"] == "The run could not be kept (No space left on device)"
    assert tree(tmp_path) == before


def test_a_kept_run_carries_our_mark_and_opens_in_the_library(tmp_path: Path) -> None:
    train(tiny(seed=4), steps=3, seconds=None, out=tmp_path / "run")
    run = library.open_folder(tmp_path / "run")
    assert (run.meta.format, run.meta.title, run.meta.step, run.meta.owner) == (2, "run", 3, None)
    assert run.checkpoint == tmp_path / "run"
    assert run.history.steps.columns["step"].tolist() == [1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_folder_one_stands_in_can_take_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    train(tiny(), steps=1, seconds=None, out=Path("."))
    assert checkpoint.load(tmp_path / "run").steps_done == 1


@pytest.mark.usefixtures("always_due")
def test_the_arithmetic_of_the_caller_is_put_back() -> None:
    # Denormal numbers are flushed while training; whoever computes on in this process must not miss them.
    threads = torch.get_num_threads()
    train(tiny(), steps=1, seconds=None, out=None)
    smallest = np.finfo(np.float32).smallest_normal
    assert np.array([smallest])[0] / np.float32(2) > 0
    assert torch.get_num_threads() == threads


def test_a_long_run_is_filmed_within_the_capacity_from_end_to_end() -> None:
    recording = Recording(new_trainer())
    play(recording, Event(), steps=FILM_CAPACITY + 40, seconds=None)
    filmed = [frame.step for frame in recording.history.film.frames]
    assert len(filmed) <= FILM_CAPACITY
    assert (filmed[0], filmed[-1]) == (0, FILM_CAPACITY + 40)


def test_a_run_that_leaves_the_numbers_says_why_and_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(self: Recording) -> None:
        raise NotFiniteError(1, "the generator's loss")

    monkeypatch.setattr(Recording, "step", leave)
    outcome = train(tiny(), steps=5, seconds=None, out=tmp_path / "run")
    assert outcome.summary["problem"] == "the generator's loss is not finite at step 1"
    assert not outcome.interrupted
    assert len(History.read(tmp_path / "run").film.frames) == 1


@pytest.fixture
def handler() -> Iterator[Any]:
    """The handler of Ctrl-C, put back whatever a test does."""
    before = signal.getsignal(signal.SIGINT)
    yield before
    signal.signal(signal.SIGINT, before)


def test_the_first_control_c_asks_and_the_second_interrupts(handler: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt), interruptible() as interrupted:  # noqa: PT012
        assert not interrupted.is_set()
        signal.raise_signal(signal.SIGINT)
        assert interrupted.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_game_stands_after_a_whole_step() -> None:
    recording, interrupted = Recording(new_trainer()), Event()
    assert play(recording, interrupted, steps=3, seconds=None) is None
    interrupted.set()
    assert play(recording, interrupted, steps=9, seconds=None) == "interrupted at step 3"
    assert recording.history.steps.columns["step"].tolist() == [1, 2, 3]
