"""A saved run goes on as if it had never stopped, and a damaged one is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from gan_core import checkpoint
from gan_core.checkpoint import CheckpointError
from tests.game import is_same_game, new_trainer, play, same_records

GAMES: dict[str, dict[str, Any]] = {
    "default": {},
    "momentum": {"optimizer": "sgd", "sgd_momentum": 0.9, "r1_gamma": 0.0},
    "plain sgd": {"optimizer": "sgd", "r1_gamma": 0.0},
    "everything": {
        "discriminator_batch_norm": True, "discriminator_dropout": 0.4, "adam_beta1": 0.5,
        "instance_noise": 0.1, "discriminator_steps": 3, "r1_interval": 4, "smoothing": 0.7,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", GAMES)
def test_a_loaded_run_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    trainer = new_trainer(**GAMES[name])
    play(trainer, 7)
    checkpoint.save(trainer, tmp_path / "run")
    loaded = checkpoint.load(tmp_path / "run")
    assert (loaded.steps_done, loaded.d_moves, loaded.settings) == (7, trainer.d_moves, trainer.settings)
    assert is_same_game(trainer, loaded)
    assert same_records(play(trainer, 5), play(loaded, 5))
    assert is_same_game(trainer, loaded)


def test_the_order_of_the_images_goes_on_in_the_middle_of_a_round(tmp_path: Path) -> None:
    trainer = new_trainer(batch_size=512)
    play(trainer, 13)  # of 15 batches in a round
    checkpoint.save(trainer, tmp_path / "run")
    loaded = checkpoint.load(tmp_path / "run")
    for _ in range(4):
        assert torch.equal(trainer.batches.next(), loaded.batches.next())


def test_live_settings_changed_before_saving_are_kept(tmp_path: Path) -> None:
    trainer = new_trainer(smoothing=0.9)
    trainer.step(trainer.settings.replace(smoothing=0.7, generator_activation="elu"))
    checkpoint.save(trainer, tmp_path / "run")
    loaded = checkpoint.load(tmp_path / "run")
    assert (loaded.settings.smoothing, loaded.settings.generator_activation) == (0.7, "elu")


def test_a_run_is_tensors_and_json_and_nothing_that_could_run(tmp_path: Path) -> None:
    trainer = new_trainer()
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(FILES)
    for path in (tmp_path / "run").iterdir():
        content = path.read_bytes()
        if path.suffix == ".json":
            assert isinstance(json.loads(content), dict)
        else:  # 8 bytes of length, then a JSON header that accounts for every byte
            length = int.from_bytes(content[:8], "little")
            header = json.loads(content[8 : 8 + length])
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            assert max(ends) + 8 + length == len(content)
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_saving_again_replaces_the_old_run(tmp_path: Path) -> None:
    trainer = new_trainer()
    for _ in range(2):
        play(trainer, 2)
        checkpoint.save(trainer, tmp_path / "run")
    assert checkpoint.load(tmp_path / "run").steps_done == 4


def test_every_file_is_as_readable_as_the_umask_says(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    checkpoint.save(new_trainer(), tmp_path / "run")
    modes = {path.stat().st_mode for path in (tmp_path / "run").iterdir()}
    assert modes == {plain.stat().st_mode}


# --- Damage


def write(name: str, text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def cut(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


def drop_tensor(name: str, tensor: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / name)
        del tensors[tensor]
        save_file(tensors, folder / name)

    return damage


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


FILES = (
    "settings.json", "state.json", "generator.safetensors", "discriminator.safetensors", "trainer.safetensors"
)  # fmt: skip
DAMAGES: dict[str, Callable[[Path], None]] = {
    **{f"{name} missing": remove(name) for name in FILES},
    **{f"{name} cut short": cut(name) for name in FILES},
    "settings out of range": write("settings.json", '{"smoothing": 3}'),
    "settings of another size": write("settings.json", '{"discriminator_width": 64}'),
    "settings are a list": write("settings.json", "[]"),
    "state is a list": write("state.json", "[1, 2]"),
    "state has no steps": write("state.json", '{"d_moves": 1, "cursor": 0}'),
    "state is words": write("state.json", '{"steps_done": "many", "d_moves": 1, "cursor": 0}'),
    "no average": drop_tensor("generator.safetensors", "average.linears.0.weight"),
    "no weight": drop_tensor("discriminator.safetensors", "linears.0.weight"),
    "no random numbers": drop_tensor("trainer.safetensors", "rng"),
    "no order": drop_tensor("trainer.safetensors", "order"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_refused_in_a_sentence(damage: str, tmp_path: Path) -> None:
    trainer = new_trainer()
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "run")
    DAMAGES[damage](tmp_path / "run")
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(tmp_path / "run")
    said = str(caught.value)
    assert len(said) > 20
    assert said.endswith(".")
    assert "\n" not in said
    assert str(tmp_path) not in said


def test_a_folder_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        checkpoint.load(tmp_path / "nowhere")


def test_an_interrupted_save_leaves_the_old_run_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer()
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "run")
    play(trainer, 1)

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_trainer_tensors", full_disk)
        with pytest.raises(OSError, match="no space"):
            checkpoint.save(trainer, tmp_path / "run")
    assert checkpoint.load(tmp_path / "run").steps_done == 2
    assert checkpoint.newest(tmp_path) == tmp_path / "run"
    checkpoint.save(trainer, tmp_path / "run")
    assert checkpoint.load(tmp_path / "run").steps_done == 3


# --- Which checkpoint


def test_the_latest_checkpoints_are_kept_and_found(tmp_path: Path) -> None:
    assert checkpoint.newest(tmp_path / "nothing yet") is None
    for step in (9, 10, 200, 1_000_000):
        (tmp_path / f"{step:012d}").mkdir()
    (tmp_path / "000002000000.part").mkdir()
    assert checkpoint.newest(tmp_path) == tmp_path / "000001000000"
    checkpoint.keep_newest(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".part") == [
        "000000000200", "000001000000"
    ]  # fmt: skip
    checkpoint.keep_newest(tmp_path, 0)
    assert checkpoint.newest(tmp_path) is None


@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_game_out_of_the_numbers_is_not_sound(player: str, number: float) -> None:
    trainer = new_trainer()
    assert checkpoint.is_sound(trainer)
    with torch.no_grad():
        getattr(trainer, player).get_parameter("linears.1.weight")[0, 0] = number
    assert not checkpoint.is_sound(trainer)
