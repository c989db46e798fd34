"""A run on disk: a folder of safetensors and JSON, never pickle.

    settings.json                 every setting
    state.json                    steps done, and where the data and the optimisers stand
    generator.safetensors         G, and under "average." the average of its weights
    discriminator.safetensors     D
    trainer.safetensors           optimiser moments, random numbers, order of the data

A trainer loaded from it goes on bit for bit as the saved one would have.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as as_bytes
from torch import Tensor

from gan_core import data
from gan_core.settings import SettingsError, read_settings
from gan_core.training import GanTrainer

AVERAGE = "average."


class CheckpointError(RuntimeError):
    """The folder holds no run that can be opened; the message is a sentence for a person."""


def save(trainer: GanTrainer, folder: Path) -> None:
    """Write `folder`, whole or not at all (an interrupted write leaves only a .part folder)."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    average = {AVERAGE + name: tensor for name, tensor in trainer.average.state_dict().items()}
    # safetensors' own save_file makes files that only their owner can read, whatever the umask says.
    (part / "generator.safetensors").write_bytes(as_bytes(trainer.generator.state_dict() | average))
    (part / "discriminator.safetensors").write_bytes(as_bytes(trainer.discriminator.state_dict()))
    (part / "trainer.safetensors").write_bytes(as_bytes(_trainer_tensors(trainer)))
    state = {"steps_done": trainer.steps_done, "d_moves": trainer.d_moves, "cursor": trainer.batches.cursor}
    (part / "state.json").write_text(json.dumps(state))
    (part / "settings.json").write_text(trainer.settings.model_dump_json(indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)


def load(folder: Path) -> GanTrainer:
    """The trainer saved in `folder`. Raises CheckpointError, or DataError if its digits are missing."""
    try:
        settings = read_settings(folder / "settings.json")
    except SettingsError as error:
        raise CheckpointError(str(error)) from error
    trainer = GanTrainer(settings, data.load(settings.data))
    with _reading(folder / "generator.safetensors") as path:
        generator = load_file(path)
        averaged = [name for name in generator if name.startswith(AVERAGE)]
        average = {name.removeprefix(AVERAGE): generator.pop(name) for name in averaged}
        trainer.generator.load_state_dict(generator)
        trainer.average.load_state_dict(average)
    with _reading(folder / "discriminator.safetensors") as path:
        trainer.discriminator.load_state_dict(load_file(path))
    with _reading(folder / "trainer.safetensors") as path:
        _restore(trainer, load_file(path))
    with _reading(folder / "state.json") as path:
        state = json.loads(path.read_text())
        trainer.steps_done = int(state["steps_done"])
        trainer.d_moves = int(state["d_moves"])
        trainer.batches.cursor = int(state["cursor"])
    return trainer


@contextmanager
def _reading(path: Path) -> Iterator[Path]:
    """Whatever goes wrong with this file, as a sentence without the path of the folder."""
    try:
        yield path
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        problem = f"its {path.name} is missing, damaged or of another game"
        raise CheckpointError(f"{path.parent.name} holds no run that can be opened: {problem}.") from error


def is_sound(trainer: GanTrainer) -> bool:
    """Whether every weight is finite, so that a run can go on from here."""
    networks = (trainer.generator, trainer.discriminator)
    return all(bool(torch.isfinite(p).all()) for network in networks for p in network.parameters())


def _trainer_tensors(trainer: GanTrainer) -> dict[str, Tensor]:
    tensors = {"rng": trainer.rng.get_state(), "order": trainer.batches.order}
    for player, optimizer in (("g", trainer.g_optimizer), ("d", trainer.d_optimizer)):
        for index, moments in optimizer.state_dict()["state"].items():
            for name, tensor in moments.items():
                if tensor is not None:
                    tensors[f"{player}.{index}.{name}"] = tensor
    return tensors


def _restore(trainer: GanTrainer, tensors: dict[str, Tensor]) -> None:
    trainer.rng.set_state(tensors.pop("rng"))
    trainer.batches.order = tensors.pop("order")
    for player, optimizer in (("g", trainer.g_optimizer), ("d", trainer.d_optimizer)):
        saved = optimizer.state_dict()
        for key, tensor in tensors.items():
            whose, index, name = key.split(".")
            if whose == player:
                saved["state"].setdefault(int(index), {})[name] = tensor
        optimizer.load_state_dict(saved)


def newest(folder: Path) -> Path | None:
    """The checkpoint of the latest step in a run's folder, if there is one."""
    whole = [path for path in folder.glob("*") if path.is_dir() and path.suffix != ".part"]
    return max(whole, default=None)


def keep_newest(folder: Path, count: int) -> None:
    """Delete all but the `count` latest checkpoints of a run."""
    whole = sorted(path for path in folder.glob("*") if path.suffix != ".part")
    for path in whole[: len(whole) - count]:
        shutil.rmtree(path, ignore_errors=True)
