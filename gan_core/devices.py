"""Where a game is trained: on the CPU, or on a GPU where its players are convolutional and there is one.

Random numbers are always those of the CPU. Still, the same settings give the same records bit for bit on one
device only: two devices add numbers in different orders.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch

from gan_core import data
from gan_core.bundled import described
from gan_core.device_choice import choice
from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.training import CPU, GanTrainer, arithmetic_of_a_trainer, on_cpu

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """A device for convolutional players, and why it is this one: a sentence."""

    device: torch.device
    sentence: str


def device_for(settings: Settings) -> torch.device:
    """Where a game of these settings is trained."""
    return CPU if settings.architecture == "perceptron" else tried().device


@functools.cache
def found() -> Place:
    """What this machine offers to convolutional players. Nothing is computed on a GPU for that."""
    return _found(os.environ, lambda: torch.accelerator.current_accelerator(check_available=True))


@functools.cache
def tried() -> Place:
    """`found`; a GPU that cannot make a step of a small DCGAN is not used."""
    return found() if found().device == CPU else usable(found())


def _found(environment: Mapping[str, str], ask: Callable[[], torch.device | None]) -> Place:
    if choice(environment) == "cpu":
        return Place(CPU, "All games train on the CPU, as GAN_DEVICE = cpu says.")
    try:
        gpu = ask()
        if gpu is None:
            return Place(CPU, "All games train on the CPU: PyTorch finds no GPU.")
        return Place(gpu, f"Convolutional games train on the GPU ({name_of(gpu)}), all others on the CPU.")
    except Exception as error:  # whatever a driver may raise: the CPU can do it
        log.warning("the GPU does not answer", exc_info=True)
        return Place(CPU, f"All games train on the CPU: the GPU does not answer ({described(error)}).")


def usable(place: Place) -> Place:
    """That place, or the CPU and why, after a first step there, with its penalty on slopes."""
    settings = preset_settings("dcgan")
    try:
        with arithmetic_of_a_trainer():
            trainer = GanTrainer(settings, data.load(settings), place.device)
            trainer.step(settings)
            on_cpu(trainer)
    except Exception as error:  # whatever a driver may raise: the CPU can do it
        log.warning("no game is trained on %s", place.device, exc_info=True)
        return Place(CPU, f"All games train on the CPU: a first step on the GPU failed ({described(error)}).")
    return place


def name_of(device: torch.device) -> str:
    """Its maker's name, or that of its kind."""
    module = torch.get_device_module(device)
    return str(module.get_device_name()) if hasattr(module, "get_device_name") else device.type
