"""A run inside its trainer process, by a clock of our own."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_core import checkpoint
from gan_core.engine import run as run_module
from gan_core.engine.run import REPORT_SECONDS, Run
from gan_core.engine.saving import CHECKPOINT_SECONDS, checkpoints
from gan_core.measures.held_out import Pace
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer, play, tiny


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def new_run(folder: Path, clock: Callable[[], float], **changes: Any) -> Run:
    return Run("a", new_trainer(**changes), folder / "checkpoints", None, clock, fresh=True)


def test_the_first_step_under_other_settings_is_reported_at_once(tmp_path: Path) -> None:
    clock = Hand()
    run = new_run(tmp_path, clock, smoothing=0.9)
    run.play()
    run.advance()
    run.report()
    run.advance()
    assert not run.due
    run.update(tiny(smoothing=0.7))
    run.advance()
    assert run.due
    report, arrays = run.report()
    assert report.settings.smoothing == 0.7
    assert arrays["steps.d_reference"].tolist() == [0.45, 0.35]
    run.advance()
    assert not run.due
    clock.now += REPORT_SECONDS
    assert run.due


def test_a_run_stands_still_after_the_step_it_plays_to(tmp_path: Path) -> None:
    run = new_run(tmp_path, Hand())
    run.play(until=3)
    while run.active:
        run.advance()
    assert (run.state, run.steps_done, run.saver.step) == ("paused", 3, 3)
    run.play(until=2)
    assert not run.active


def test_a_playing_run_is_saved_every_few_seconds(tmp_path: Path) -> None:
    clock = Hand()
    run = new_run(tmp_path, clock)
    run.play()
    for _ in range(9):
        run.advance()
        clock.now += CHECKPOINT_SECONDS / 4
    assert [int(path.name) for path in checkpoints(tmp_path / "checkpoints")] == [9, 5]
    assert run.report()[0].checkpoint_step == 9


def test_a_full_disk_stops_saving_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, write = Hand(), checkpoint.save

    def refuse(trainer: GanTrainer, folder: Path) -> None:
        folder.with_name(folder.name + ".part").mkdir(parents=True)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    run = new_run(tmp_path, clock)
    run.play()
    for _ in range(2):
        clock.now += CHECKPOINT_SECONDS
        run.advance()
    monkeypatch.setattr(checkpoint, "save", refuse)
    clock.now += CHECKPOINT_SECONDS
    run.advance()
    run.advance()
    told = run.report()[0]
    assert (told.state, told.step, told.checkpoint_step) == ("playing", 4, 2)
    assert "No space left on device" in str(told.saving)
    assert str(tmp_path) not in str(told.saving)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["000000000002"]
    monkeypatch.setattr(checkpoint, "save", write)
    clock.now += CHECKPOINT_SECONDS
    run.advance()
    told = run.report()[0]
    assert (told.saving, told.checkpoint_step) == (None, 5)


def test_a_run_that_stands_still_is_saved_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hand()
    (tmp_path / "checkpoints").write_text("in the way of a folder")
    run = new_run(tmp_path, clock)
    run.step_by_hand(1, "both", serial=1)
    run.advance()
    assert run.report()[0].saving is not None
    assert not run.retry_saving()
    (tmp_path / "checkpoints").unlink()
    clock.now += CHECKPOINT_SECONDS
    assert run.retry_saving()
    assert run.report()[0].checkpoint_step == 1


def test_a_folder_that_vanished_is_made_again(tmp_path: Path) -> None:
    run = new_run(tmp_path, Hand())
    for serial in (1, 2):
        run.step_by_hand(1, "both", serial)
        run.advance()
        shutil.rmtree(tmp_path / "checkpoints")
    assert run.leave()
    assert [int(path.name) for path in checkpoints(tmp_path / "checkpoints")] == [2]


@pytest.mark.parametrize(
    ("where", "work"),
    [
        ((GanTrainer, "step"), "a training step failed"),
        ((Pace, "evaluate"), "measuring on held-out data failed"),
        ((run_module, "take_pictures"), "drawing the samples failed"),
        ((checkpoint, "save"), "saving the run failed"),
    ],
)
def test_whatever_is_raised_stops_the_run_with_a_sentence(
    where: tuple[Any, str], work: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hand()
    run = new_run(tmp_path, clock)
    run.play()

    def fail(*arguments: Any, **options: Any) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(*where, fail)
    clock.now += 2 * CHECKPOINT_SECONDS
    run.advance()
    told = run.report()[0]
    assert told.state == "stopped"
    assert told.problem == f"Stopped: {work} (ZeroDivisionError: by design)."


def test_a_game_nobody_has_moved_in_needs_no_disk_and_no_networks(tmp_path: Path) -> None:
    run = new_run(tmp_path, Hand(), seed=4)
    run.report()
    run.rest()
    assert run._trainer is None
    assert run.leave()
    assert list(tmp_path.iterdir()) == []
    assert run.report()[0].checkpoint_step == 0
    run.update(tiny(seed=4, smoothing=0.7))
    run.rest()
    run.step_by_hand(2, "both", serial=3)
    run.advance()
    run.advance()
    trainer = new_trainer(seed=4, smoothing=0.7)
    play(trainer, 2, probe=True)
    assert is_same_game(run.trainer, trainer)
    assert run.trainer.settings.smoothing == 0.7
    run.rest()  # now there is something to lose
    assert run._trainer is not None


def test_steps_by_hand_are_answered_with_the_last_one(tmp_path: Path) -> None:
    run = new_run(tmp_path, Hand())
    run.serial = 5
    run.step_by_hand(3, "both", serial=6)
    for _ in range(2):
        run.advance()
        assert (run.active, run.report()[0].serial) == (True, 5)
    run.advance()
    assert (run.active, run.report()[0].serial) == (False, 6)
    assert not np.isnan(run.trainer.generator.state_dict()["linears.0.weight"].numpy()).any()
