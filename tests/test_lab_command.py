"""The command `measure`: its last line, what it refuses, and steps that no checkpoint holds any more."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gan_core import checkpoint, library, measuring, unattended
from gan_core.data import DataSet
from gan_core.history import History, as_block
from gan_core.library import CHECKPOINTS, Meta
from gan_core.measures import lab
from gan_core.settings import Settings
from gan_core.training import GanTrainer
from tests.game import is_same_game, tiny
from tests.test_main import run_main

LAST = 40
CHANGES = {11: {"smoothing": 0.7}, 26: {"generator_lr": 2e-3, "discriminator_lr": 3e-3}}


def settings_at(step: int) -> Settings:
    """What was in force when `step` of the saved run was played."""
    settings = tiny(seed=5)
    for first, changes in CHANGES.items():
        settings = settings.replace(**changes) if step >= first else settings
    return settings


def played_to(step: int, digits: DataSet) -> GanTrainer:
    trainer = GanTrainer(tiny(seed=5), digits)
    for at in range(1, step + 1):
        trainer.step(settings_at(at))
    return trainer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, digits: DataSet) -> Path:
    """A run as the app keeps it: 40 steps with two changes, checkpoints of steps 20 and 40."""
    folder, history = tmp_path_factory.mktemp("runs") / "lesson", History()
    trainer, rows = GanTrainer(tiny(seed=5), digits), []
    for at in range(1, LAST + 1):
        history.changes.note(settings_at(at).model_dump(), at)
        rows.append(trainer.step(settings_at(at)))
        if at in (20, LAST):
            checkpoint.save(trainer, folder / CHECKPOINTS / f"{at:012d}")
    history.steps.extend(as_block(rows))
    library.save(folder, Meta(name="lesson", step=LAST), settings_at(LAST), history)
    return folder


def test_the_last_line_is_json(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "measure", str(folder), "--what", "surface") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["what"], told["run"], told["step"]) == ("surface", "lesson", LAST)
    assert np.shape(told["value"]) == (31, 31)
    again = lab.measure(checkpoint.load(folder / CHECKPOINTS / f"{LAST:012d}"), "surface")
    assert told["value"] == again["value"]
    assert run_main(monkeypatch, "measure", str(folder), "--what", "overfitting", "--step", "20") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["step"] == 20


@pytest.mark.parametrize("step", [0, 1, 10, 11, 15, 20, 25, 26, 33, 40, None])
def test_the_game_of_a_step_is_the_one_that_was_played(
    step: int | None, folder: Path, digits: DataSet
) -> None:
    found = measuring.trainer_at(folder, step)
    assert found.steps_done == (LAST if step is None else step)
    assert is_same_game(found, played_to(found.steps_done, digits))


def test_a_run_of_the_command_line_is_measured_at_any_of_its_steps(tmp_path: Path, digits: DataSet) -> None:
    unattended.train(tiny(seed=5), steps=8, seconds=None, out=tmp_path / "kept")
    for step, at in ((None, 8), (8, 8), (3, 3)):
        found = measuring.trainer_at(tmp_path / "kept", step)
        assert found.steps_done == at
        assert is_same_game(found, played_to(at, digits))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--what", "colour"], "There is no measure called 'colour', only fresh_discriminator, surface,"),
        (
            ["--what", "surface", "--step", "41"],
            "lesson has no step 41: its newest checkpoint stands at step 40",
        ),
        (["--what", "surface", "--step", "-1"], "it must be a whole number from 0 on, not '-1'."),
        (["--what", "surface", "--step", "two"], "it must be a whole number from 0 on, not 'two'."),
        ([], "the following arguments are required: --what"),
    ],
)
def test_what_cannot_be_had_is_a_sentence(
    words: list[str], sentence: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert run_main(monkeypatch, "measure", str(folder), *words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_folders_that_hold_no_run_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(measuring.CannotMeasureError, match="There is no folder"):
        measuring.measure(tmp_path / "nowhere", "surface")
    with pytest.raises(measuring.CannotMeasureError, match="holds no run that can be opened"):
        measuring.measure(tmp_path, "surface")


def test_a_measure_that_does_not_fit_is_a_sentence(tmp_path: Path) -> None:
    unattended.train(tiny(objective="wgan_gp"), steps=2, seconds=None, out=tmp_path / "kept")
    with pytest.raises(
        measuring.CannotMeasureError,
        match=r"^duality_gap cannot be measured here: V of a WGAN has no maximum",
    ):
        measuring.measure(tmp_path / "kept", "duality_gap")


def copy_of(folder: Path, target: Path, history: History, lone: tuple[int, int] | None = None) -> Path:
    """The same run with other records and without its first checkpoint."""
    trainer = checkpoint.load(folder / CHECKPOINTS / f"{LAST:012d}")
    checkpoint.save(trainer, target / CHECKPOINTS / f"{LAST:012d}")
    library.save(target, Meta(name=target.name, step=LAST, lone=lone), settings_at(LAST), history)
    return target


def test_steps_of_one_player_alone_cannot_be_repeated(folder: Path, tmp_path: Path, digits: DataSet) -> None:
    lone = copy_of(folder, tmp_path / "lone", History.read(folder), lone=(12, 14))
    with pytest.raises(measuring.CannotMeasureError, match="one player alone was moved between step 0 and"):
        measuring.trainer_at(lone, 13)
    assert is_same_game(measuring.trainer_at(lone, 11), played_to(11, digits))


def test_a_repeated_game_that_is_another_one_is_noticed(folder: Path, tmp_path: Path) -> None:
    history = History.read(folder)
    history.changes.rows = [row for row in history.changes.rows if row.field != "smoothing"]
    other = copy_of(folder, tmp_path / "other", history)
    with pytest.raises(measuring.CannotMeasureError, match=r"Step 5 of other .* in the record"):
        measuring.trainer_at(other, 5)
