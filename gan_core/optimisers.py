"""Adam and SGD of PyTorch, without its compiler.

Nothing is compiled here. Still PyTorch imports its compiler when an optimiser is made or makes its first
step: a second of every trainer process, and 110 MB of its memory.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from gan_core.settings import Settings

for _method in vars(torch.optim.Optimizer).values():
    # What PyTorch asks the compiler for at the first call: the method as it is to be called.
    if callable(_inner := getattr(_method, "__wrapped__", None)):
        setattr(_inner, "__dynamo_disable", _inner)


def new_optimizer(parameters: Iterable[Tensor], settings: Settings) -> torch.optim.Optimizer:
    """The optimiser of a player; its rate is written into it before each step."""
    weights = list(parameters)
    # By far the fastest on a CPU; elsewhere PyTorch chooses.
    fused = True if weights[0].device.type == "cpu" else None
    if settings.optimizer == "sgd":
        return torch.optim.SGD(weights, lr=0.0, momentum=settings.sgd_momentum, fused=fused)
    betas = (settings.adam_beta1, settings.adam_beta2)
    return torch.optim.Adam(weights, lr=0.0, betas=betas, fused=fused)


@torch.no_grad()
def step(optimizer: torch.optim.Optimizer) -> None:
    """`optimizer.step()`."""
    _step_of(type(optimizer))(optimizer)  # type: ignore[arg-type]  # a class can be hashed


@functools.cache
def _step_of(kind: type[torch.optim.Optimizer]) -> Callable[[torch.optim.Optimizer], object]:
    """The step of that kind of optimiser without its wrappers: hooks of a profiler, and the compiler."""
    unwrapped: Callable[[torch.optim.Optimizer], object] = inspect.unwrap(kind.step)
    return unwrapped
