"""A run on disk: a folder of safetensors and JSON, never pickle.

    settings.json                 every setting
    state.json                    steps done, and where the data and the optimisers stand
    generator.safetensors         G, and under "average." the average of its weights
    discriminator.safetensors     D
    trainer.safetensors           optimiser moments, random numbers, order of the data; under "rule." what
                                  the update rule remembers; under "past." the means of historical averaging

A trainer loaded from it goes on bit for bit as the saved one would have. A folder may come from anybody, and
the optimiser's code trusts its tensors: one of another size makes it write outside its memory. So names,
shapes, types and values are compared with those of a trainer built anew before anything is used.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as safetensors_bytes
from torch import Tensor

from gan_core import data
from gan_core.folders import keep_newest as keep_newest
from gan_core.folders import newest as newest
from gan_core.folders import newest_first as newest_first
from gan_core.folders import read_bytes, read_json, standing, writing_folder
from gan_core.methods import Kept, Memory, Player, Role, laid_out_as
from gan_core.rules import REMEMBERING
from gan_core.settings import Settings, SettingsError, limits, read_settings
from gan_core.training import CPU, GanTrainer, on_cpu

AVERAGE = "average."
TENSOR_BYTES = 225_000_000  # twice what the largest game allowed by the settings needs in one file
MOST_STEPS = 10**12 - 1  # a checkpoint's folder has twelve digits
ROLE_OF: dict[str, Role] = {"g": "generator", "d": "discriminator"}
"""Players by the letters that their tensors have in trainer.safetensors."""
MOST_OF_A_CYCLE = int((limits("lookahead_k") or (1, 1))[1])


def as_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """A file of them, row by row: the weights of a convolution may lie channel by channel in memory."""
    return safetensors_bytes({name: tensor.contiguous() for name, tensor in tensors.items()})


class CheckpointError(RuntimeError):
    """The folder holds no run that can be opened; the message is a sentence for a person."""


def save(trainer: GanTrainer, folder: Path) -> None:
    """Write `folder`, whole or not at all: an interrupted write leaves the old one to be loaded."""
    trainer = on_cpu(trainer)
    average = {AVERAGE + name: tensor for name, tensor in trainer.average.state_dict().items()}
    state = {"steps_done": trainer.steps_done, "d_moves": trainer.d_moves, "cursor": trainer.batches.cursor}
    with writing_folder(folder) as part:
        # safetensors' own save_file makes files that only their owner can read, whatever the umask says.
        (part / "generator.safetensors").write_bytes(as_bytes(trainer.generator.state_dict() | average))
        (part / "discriminator.safetensors").write_bytes(as_bytes(trainer.discriminator.state_dict()))
        (part / "trainer.safetensors").write_bytes(as_bytes(_trainer_tensors(trainer)))
        (part / "state.json").write_text(json.dumps(state))
        (part / "settings.json").write_text(trainer.settings.model_dump_json(indent=1))


def load(folder: Path, device_for: Callable[[Settings], torch.device] = lambda _: CPU) -> GanTrainer:
    """The trainer saved in `folder`, on the device for its settings.

    Raises CheckpointError, or DataError if its digits are missing.
    """
    folder = standing(folder)
    try:
        settings = read_settings(folder / "settings.json")
    except SettingsError as error:
        raise CheckpointError(str(error)) from error
    trainer = GanTrainer(settings, data.load(settings), device_for(settings))
    with _reading(folder / "generator.safetensors") as path:
        _restore_generator(trainer, _read_tensors(path))
    with _reading(folder / "discriminator.safetensors") as path:
        discriminator = _read_tensors(path)
        _compare(discriminator, trainer.discriminator.state_dict())
        trainer.discriminator.load_state_dict(discriminator)
    with _reading(folder / "trainer.safetensors") as path:
        _restore_trainer(trainer, _read_tensors(path))
    with _reading(folder / "state.json") as path:
        state = read_json(path)
        trainer.steps_done = _count(state["steps_done"], MOST_STEPS)
        trainer.d_moves = _count(state["d_moves"], 10 * MOST_STEPS)
        trainer.batches.cursor = _count(state["cursor"], len(trainer.batches.order))
    if not is_sound(trainer):
        raise CheckpointError(_cannot_open(folder, "some of its weights are not finite numbers"))
    return trainer


@contextmanager
def _reading(path: Path) -> Iterator[Path]:
    """Whatever goes wrong with this file, as a sentence without the path of the folder."""
    try:
        yield path
    except _TooLargeError as error:
        raise CheckpointError(_cannot_open(path.parent, f"its {path.name} is too large ({error})")) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        problem = f"its {path.name} is missing, damaged or of another game"
        raise CheckpointError(_cannot_open(path.parent, problem)) from error


class _TooLargeError(ValueError):
    """A file that no game allowed by the settings can have written."""


def _cannot_open(folder: Path, problem: str) -> str:
    return f"{folder.name} holds no run that can be opened: {problem}."


def is_sound(trainer: GanTrainer) -> bool:
    """Whether weights, averages and optimiser moments are all finite, so that a run can go on from here."""
    networks = (trainer.generator, trainer.average, trainer.discriminator)
    tensors = [tensor for network in networks for tensor in network.state_dict().values()]
    for optimizer in (trainer.g_optimizer, trainer.d_optimizer):
        tensors += [t for moments in optimizer.state.values() for t in moments.values() if t is not None]
    for memory in (trainer.memory, trainer.past):
        tensors += [tensor for kept in memory.values() for tensor in kept.tensors]
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)


def _trainer_tensors(trainer: GanTrainer) -> dict[str, Tensor]:
    tensors = {"rng": trainer.rng.get_state(), "order": trainer.batches.order}
    for player, optimizer in (("g", trainer.g_optimizer), ("d", trainer.d_optimizer)):
        for index, moments in optimizer.state_dict()["state"].items():
            for name, tensor in moments.items():
                if tensor is not None:
                    tensors[f"{player}.{index}.{name}"] = tensor
    for name, memory in (("rule", trainer.memory), ("past", trainer.past)):
        for letter, role in ROLE_OF.items():
            if role in memory:
                kept = memory[role]
                tensors[f"{name}.{letter}.done"] = torch.tensor(kept.done)
                tensors |= {f"{name}.{letter}.{index}": part for index, part in enumerate(kept.tensors)}
    return tensors


# What a file may hold


def _read_tensors(path: Path) -> dict[str, Tensor]:
    if path.is_file() and (size := path.stat().st_size) > TENSOR_BYTES:
        raise _TooLargeError(f"{size / 1e6:,.0f} MB")
    return from_bytes(read_bytes(path, TENSOR_BYTES))


def _compare(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raises ValueError unless both have the same names, and each tensor the same shape and type."""
    if found.keys() != expected.keys():
        raise ValueError(f"other names: {sorted(found.keys() ^ expected.keys())[:5]}")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape or found[name].dtype != tensor.dtype:
            raise ValueError(f"{name} is {found[name].dtype} {tuple(found[name].shape)}")


def _restore_generator(trainer: GanTrainer, tensors: dict[str, Tensor]) -> None:
    fresh = trainer.generator.state_dict()
    _compare(tensors, fresh | {AVERAGE + name: tensor for name, tensor in fresh.items()})
    trainer.generator.load_state_dict({name: tensors[name] for name in fresh})
    trainer.average.load_state_dict({name: tensors[AVERAGE + name] for name in fresh})


def _restore_trainer(trainer: GanTrainer, tensors: dict[str, Tensor]) -> None:
    rng, order = tensors.pop("rng"), tensors.pop("order")
    _check_rng(rng, trainer.rng.get_state())
    _check_order(order, len(trainer.data.train))
    trainer.rng.set_state(rng)
    trainer.batches.order = order
    for player, optimizer in (("g", trainer.g_optimizer), ("d", trainer.d_optimizer)):
        mine = {key: tensors.pop(key) for key in list(tensors) if key.startswith(f"{player}.")}
        if mine:  # a player that has not moved yet has none
            _restore_optimizer(player, optimizer, mine)
    if trainer.settings.rule in REMEMBERING:
        trainer.memory |= _memory_of("rule", tensors, trainer.players, MOST_OF_A_CYCLE)
    if trainer.settings.historical_averaging:
        trainer.past |= _memory_of("past", tensors, trainer.players, MOST_STEPS)
    if tensors:
        raise ValueError(f"names that are not known: {sorted(tensors)[:5]}")


def _restore_optimizer(player: str, optimizer: torch.optim.Optimizer, found: Mapping[str, Tensor]) -> None:
    saved = optimizer.state_dict()
    expected = {
        f"{player}.{index}.{name}": tensor
        for index, weight in enumerate(optimizer.param_groups[0]["params"])
        for name, tensor in _moments_of(optimizer, weight).items()
    }
    _compare(found, expected)
    for key, tensor in found.items():
        _, index, name = key.split(".")
        if name == "step" and not 0 <= float(tensor) <= 10 * MOST_STEPS:  # not for NaN, either
            raise ValueError(f"{key} = {float(tensor)}")
        if name != "step":  # in memory it must lie as its weight does
            tensor = laid_out_as(tensor, optimizer.param_groups[0]["params"][int(index)])
        saved["state"].setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict(saved)


def _memory_of(
    name: str, tensors: dict[str, Tensor], players: Mapping[Role, Player], most: int
) -> Memory:  # fmt: skip
    """What stands under that name, taken out of `tensors`; nothing of a player that has not moved yet.

    `most`: the largest number of steps that it may have made.
    """
    memory: Memory = {}
    for letter, role in ROLE_OF.items():
        start = f"{name}.{letter}."
        mine = {key: tensors.pop(key) for key in list(tensors) if key.startswith(start)}
        if not mine:
            continue
        weights = {f"{start}{index}": weight for index, weight in enumerate(players[role].weights)}
        _compare(mine, weights | {f"{start}done": torch.tensor(0)})
        done = _count(mine[f"{start}done"].item(), most)
        device = players[role].weights[0].device
        memory[role] = Kept(tuple(mine[key].to(device) for key in weights), done)
    return memory


def _moments_of(optimizer: torch.optim.Optimizer, weight: Tensor) -> dict[str, Tensor]:
    """What the optimiser remembers of one weight, as long as names, shapes and types are asked for."""
    if isinstance(optimizer, torch.optim.Adam):
        return {"step": torch.zeros(()), "exp_avg": weight, "exp_avg_sq": weight}
    return {"momentum_buffer": weight} if optimizer.param_groups[0]["momentum"] else {}


def _check_rng(found: Tensor, fresh: Tensor) -> None:
    """Raises ValueError unless this is a state of the random numbers that can be gone on from.

    The generator hands out its 624 words one after another and makes new ones when none is left. It trusts
    its own counters: with words left (bytes 8 to 11) behind the last one (next: bytes 16 to 23), it would
    read what lies behind its memory.
    """
    _compare({"rng": found}, {"rng": fresh})
    left, _, following = struct.unpack_from("=iiQ", found.numpy().tobytes(), 8)
    if not (left == 1 or left + following == 625):
        raise ValueError(f"the random numbers have {left} words left after {following}")


def _check_order(order: Tensor, images: int) -> None:
    """Raises ValueError unless every image stands in the order once, or the order is still empty."""
    known = torch.arange(images if len(order) else 0)
    _compare({"order": order}, {"order": known})
    if not torch.equal(order.sort().values, known):
        raise ValueError("the order names an image twice")


def _count(value: object, most: int) -> int:
    """`value`, if it is a whole number from 0 to `most`. Raises ValueError."""
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{value!r:.40} is no whole number from 0 to {most}")
    return value
