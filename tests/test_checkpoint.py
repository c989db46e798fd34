"""A saved run goes on as if it had never stopped, and a damaged one is refused in words."""

from __future__ import annotations

import json
import os
import shutil
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
        "generator_dropout": 0.2, "instance_noise": 0.1, "discriminator_steps": 3, "r1_interval": 4,
        "smoothing": 0.7,
    },
    "dcgan": {"architecture": "dcgan", "discriminator_batch_norm": True, "discriminator_dropout": 0.2},
    "conditional": {"conditional": True},
    "conditional dcgan": {"architecture": "dcgan", "conditional": True, "instance_noise": 0.1},
    "simultaneous": {"rule": "simultaneous"},
    "generator first": {"first": "generator", "generator_steps": 2},
    "extragradient": {"rule": "extragradient", "adam_beta1": 0.5},
    "optimistic": {"rule": "optimistic", "adam_beta1": 0.5},
    "optimistic sgd": {"rule": "optimistic", "optimizer": "sgd"},
    "consensus": {"rule": "consensus"},
    "techniques": {
        "spectral_norm": True, "minibatch_discrimination": True, "virtual_batch_norm": True,
        "historical_averaging": 0.1, "feature_matching": 0.2,
    },
    "techniques, dcgan": {
        "architecture": "dcgan", "spectral_norm": True, "minibatch_discrimination": True,
        "virtual_batch_norm": True, "historical_averaging": 0.1, "rule": "optimistic",
    },
    "mixed batches": {"discriminator_batch_norm": True, "discriminator_batches": "mixed"},
    "lookahead": {"rule": "lookahead", "lookahead_k": 4},  # saved in the middle of a cycle
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


@pytest.mark.parametrize("rule", ["optimistic", "lookahead"])
def test_what_the_rule_remembers_is_compared_too(rule: str, tmp_path: Path) -> None:
    trainer = new_trainer(rule=rule)
    play(trainer, 2)
    for number, change in enumerate(
        [
            tensor("trainer", "rule.g.0", lambda t: t[:3]), tensor("trainer", "rule.d.0", one(NAN)),
            more("trainer", "rule.g.99"), drop_tensor("trainer.safetensors", "rule.d.1"),
            tensor("trainer", "rule.g.done", filled(21)), tensor("trainer", "rule.g.done", filled(-1)),
            tensor("trainer", "rule.g.done", lambda t: t.double()), more("trainer", "rule.x.0"),
        ]
    ):  # fmt: skip
        folder = tmp_path / f"run{number}"
        checkpoint.save(trainer, folder)
        change(folder)
        with pytest.raises(CheckpointError):
            checkpoint.load(folder)


def test_a_rule_without_a_memory_has_none_in_its_file(tmp_path: Path) -> None:
    trainer = new_trainer(rule="optimistic")
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "run")
    assert set(checkpoint.load(tmp_path / "run").memory) == {"discriminator", "generator"}
    trainer.step(trainer.settings.replace(rule="alternating"))
    checkpoint.save(trainer, tmp_path / "run")
    assert not any(name.startswith("rule.") for name in load_file(tmp_path / "run" / "trainer.safetensors"))
    more("trainer", "rule.g.0")(tmp_path / "run")
    with pytest.raises(CheckpointError):
        checkpoint.load(tmp_path / "run")


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
def tensor(file: str, name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Path], None]:
    """Another tensor under that name in that file."""

    def damage(folder: Path) -> None:
        path = folder / f"{file}.safetensors"
        tensors = load_file(path)
        tensors[name] = change(tensors[name]).contiguous()
        save_file(tensors, path)

    return damage


def more(file: str, name: str) -> Callable[[Path], None]:
    """One more tensor, which nobody knows."""

    def damage(folder: Path) -> None:
        path = folder / f"{file}.safetensors"
        save_file(load_file(path) | {name: torch.zeros(3)}, path)

    return damage


def state(**values: str) -> Callable[[Path], None]:
    """JSON texts in place of what state.json says."""
    texts = {"steps_done": "2", "d_moves": "2", "cursor": "32"} | values
    return write("state.json", "{" + ", ".join(f'"{name}": {text}' for name, text in texts.items()) + "}")


def filled(value: float) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda tensor: torch.full_like(tensor, value)


def one(value: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """The same tensor with another last number."""
    return lambda tensor: torch.cat([tensor.flatten()[:-1], torch.tensor([value]).to(tensor)]).view_as(tensor)


def with_counters(left: int, following: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Random numbers whose counters lead behind their 624 words."""

    def change(rng: torch.Tensor) -> torch.Tensor:
        words = bytearray(rng.numpy().tobytes())
        words[8:12], words[16:24] = left.to_bytes(4, "little"), following.to_bytes(8, "little")
        return torch.frombuffer(words, dtype=torch.uint8)

    return change


def pipe(folder: Path) -> None:
    (folder / "state.json").unlink()
    os.mkfifo(folder / "state.json")


NAN, INFINITY = float("nan"), float("inf")
OF_STRANGERS: dict[str, Callable[[Path], None]] = {
    "moments of other widths": tensor("trainer", "g.0.exp_avg", lambda t: t[:3]),
    "moments of one number": tensor("trainer", "d.2.exp_avg_sq", lambda t: t.flatten()[:1]),
    "moments of another type": tensor("trainer", "g.0.exp_avg", lambda t: t.double()),
    "a moment missing": drop_tensor("trainer.safetensors", "d.1.exp_avg_sq"),
    "a moment of a weight that is not there": more("trainer", "g.99.exp_avg"),
    "a moment nobody knows": more("trainer", "g.0.max_exp_avg_sq"),
    "a player nobody knows": more("trainer", "x.0.exp_avg"),
    "a moment that is not finite": tensor("trainer", "g.0.exp_avg_sq", one(INFINITY)),
    "a count of moves that is NaN": tensor("trainer", "g.0.step", filled(NAN)),
    "a count of moves below zero": tensor("trainer", "d.0.step", filled(-1.0)),
    "a count of moves without end": tensor("trainer", "d.0.step", filled(INFINITY)),
    "an image twice": tensor("trainer", "order", one(0)),
    "an image that is not there": tensor("trainer", "order", one(10**9)),
    "an image below zero": tensor("trainer", "order", one(-1)),
    "an order of too few": tensor("trainer", "order", lambda t: t[:-1]),
    "an order of fractions": tensor("trainer", "order", lambda t: t.double()),
    "random numbers cut short": tensor("trainer", "rng", lambda t: t[:-1]),
    "random numbers behind their end": tensor("trainer", "rng", with_counters(624, 600)),
    "a weight nobody knows": more("generator", "linears.9.weight"),
    "a weight that is not finite": tensor("generator", "linears.0.weight", one(NAN)),
    "an average that is not finite": tensor("generator", "average.linears.0.weight", one(INFINITY)),
    "a verdict that is not finite": tensor("discriminator", "linears.2.bias", filled(NAN)),
    "weights of another type": tensor("discriminator", "linears.0.weight", lambda t: t.double()),
    "steps without end": state(steps_done="Infinity"),
    "steps below zero": state(steps_done="-1"),
    "steps past all measure": state(steps_done="1" + "0" * 300),
    "steps with a fraction": state(steps_done="2.0"),
    "steps in words": state(steps_done='"2"'),
    "steps that are true": state(steps_done="true"),
    "moves that are nothing": state(d_moves="null"),
    "a cursor past the order": state(cursor="8001"),
    "a cursor below zero": state(cursor="-16"),
    "settings nested too deeply": write("settings.json", "[" * 200_000),
    "state nested too deeply": write("state.json", "[" * 200_000),
    "a pipe": pipe,
}
DAMAGES: dict[str, Callable[[Path], None]] = {
    **OF_STRANGERS,
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


def test_the_moments_of_momentum_are_compared_too(tmp_path: Path) -> None:
    trainer = new_trainer(**GAMES["momentum"])
    play(trainer, 1)
    checkpoint.save(trainer, tmp_path / "run")
    tensor("trainer", "g.0.momentum_buffer", lambda t: t[:3])(tmp_path / "run")
    with pytest.raises(CheckpointError, match="of another game"):
        checkpoint.load(tmp_path / "run")


@pytest.mark.parametrize("who", ["both", "discriminator", "generator"])
def test_a_player_that_has_not_moved_has_no_moments_and_that_is_fine(who: str, tmp_path: Path) -> None:
    trainer = new_trainer()
    play(trainer, 0 if who == "both" else 1, who=who)
    checkpoint.save(trainer, tmp_path / "run")
    assert same_records(play(checkpoint.load(tmp_path / "run"), 2), play(trainer, 2))


@pytest.mark.parametrize("name", ["trainer.safetensors", "settings.json", "state.json"])
def test_a_file_of_ten_gigabytes_is_not_read(name: str, tmp_path: Path) -> None:
    checkpoint.save(new_trainer(), tmp_path / "run")
    os.truncate(tmp_path / "run" / name, 10**10)  # takes no room on disk
    with pytest.raises(CheckpointError, match=name) as caught:
        checkpoint.load(tmp_path / "run")
    if name == "trainer.safetensors":
        assert "is too large (10,000 MB)" in str(caught.value)


def test_the_largest_game_of_all_is_not_too_large(tmp_path: Path) -> None:
    largest: dict[str, Any] = {f"{player}_{what}": size for player in ("generator", "discriminator")
               for what, size in (("layers", 3), ("width", 1024))}  # fmt: skip
    trainer = new_trainer(latent_dim=256, discriminator_batch_norm=True, rule="optimistic", **largest)
    play(trainer, 1)
    checkpoint.save(trainer, tmp_path / "run")
    sizes = [path.stat().st_size for path in (tmp_path / "run").iterdir()]
    assert max(sizes) < checkpoint.TENSOR_BYTES / 2
    assert checkpoint.load(tmp_path / "run").steps_done == 1


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


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


def kill_at(patch: pytest.MonkeyPatch, name: str, count: int) -> None:
    """At the `count`-th call of os.replace or shutil.rmtree the process ends: neither does anything more."""
    calls: list[str] = []

    def guarded(called: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **how: Any) -> Any:
            calls.append(called)
            if "killed" in calls or (called == name and calls.count(name) == count):
                calls.append("killed")
                raise Killed
            return real(*args, **how)

        return call

    patch.setattr(os, "replace", guarded("replace", os.replace))
    patch.setattr(shutil, "rmtree", guarded("rmtree", shutil.rmtree))


@pytest.mark.parametrize(("call", "count"), [("replace", 1), ("replace", 2), ("rmtree", 2), ("rmtree", 3)])
def test_killed_at_any_point_of_a_save_a_whole_run_is_left(
    call: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, folder = new_trainer(), tmp_path / "000000000007"
    play(trainer, 2)
    checkpoint.save(trainer, folder)
    play(trainer, 1)
    with monkeypatch.context() as patch:
        kill_at(patch, call, count)
        with pytest.raises(Killed):
            checkpoint.save(trainer, folder)
    found = checkpoint.newest(tmp_path)
    assert found is not None
    assert checkpoint.load(found).steps_done == checkpoint.load(folder).steps_done in (2, 3)
    checkpoint.save(trainer, folder)
    assert checkpoint.load(folder).steps_done == 3
    checkpoint.keep_newest(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["000000000007"]


def test_a_full_disk_gets_its_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object) -> None:
        if path.name == "trainer.safetensors":
            raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(new_trainer(), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


# --- Which checkpoint


def test_fewer_checkpoints_than_are_kept_all_stay(tmp_path: Path) -> None:
    for step in (3, 5):
        (tmp_path / f"{step:012d}").mkdir()
        for count in (2, 3, 10):
            checkpoint.keep_newest(tmp_path, count)
    assert [path.name for path in checkpoint.newest_first(tmp_path)] == ["000000000005", "000000000003"]


def test_what_is_no_checkpoint_is_not_deleted(tmp_path: Path) -> None:
    for name in ("film", "thesis", "000000000003", "000000000004.part"):
        (tmp_path / name).mkdir()
    (tmp_path / "000000000009").symlink_to(tmp_path / "film")
    checkpoint.keep_newest(tmp_path, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000000009", "film", "thesis"]


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
