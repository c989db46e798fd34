"""Small games, and the two players once more in NumPy, float64, written from the formulas."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import data
from gan_core.data import DataSet
from gan_core.history import History, Keyframe, StepRecord
from gan_core.networks import Network
from gan_core.settings import Settings, make_settings
from gan_core.training import GanTrainer

Floats = NDArray[np.float64]

TINY: dict[str, Any] = {"generator_width": 32, "discriminator_width": 32, "batch_size": 16, "latent_dim": 8}
PLAIN: dict[str, Any] = {"generator_batch_norm": False, "r1_gamma": 0.0}
"""No batch norm, no penalty: what is trained on and what is measured are one function."""
SGD: dict[str, Any] = {"optimizer": "sgd", "sgd_momentum": 0.0}


def tiny(**changes: Any) -> Settings:
    """The default game with narrow networks and a small batch."""
    return make_settings(TINY | changes)


def new_trainer(digits: DataSet | None = None, **changes: Any) -> GanTrainer:
    """A tiny game on the bundled digits."""
    return GanTrainer(tiny(**changes), digits or data.load(Settings()))


def play(trainer: GanTrainer, count: int, **how: Any) -> list[StepRecord]:
    """`count` steps under the trainer's own settings."""
    return [trainer.step(trainer.settings, **how) for _ in range(count)]


def digits_frame(step: int, digits: NDArray[np.uint8], verdicts: Floats, real_verdicts: Floats) -> Keyframe:
    """A picture of the game of digits."""
    return Keyframe(step, {"digits": digits, "verdicts": verdicts, "real_verdicts": real_verdicts})


def clones(network: Network) -> dict[str, torch.Tensor]:
    """A copy of everything a network holds."""
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two networks hold the same, bit for bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def is_same_game(one: GanTrainer, other: GanTrainer) -> bool:
    """Whether both trainers hold the same networks, averages and random numbers, bit for bit."""
    return (
        same(clones(one.generator), clones(other.generator))
        and same(clones(one.discriminator), clones(other.discriminator))
        and same(clones(one.average), clones(other.average))
        and torch.equal(one.rng.get_state(), other.rng.get_state())
    )


def same_records(one: list[StepRecord], other: list[StepRecord]) -> bool:
    """Whether the records agree bit for bit, what was not measured (NaN) included."""
    return np.array_equal(np.array(one), np.array(other), equal_nan=True)


def next_batch(trainer: GanTrainer) -> tuple[Floats, Floats]:
    """Real images and latents of the step to come, drawn from a copy of its random numbers."""
    rng = torch.Generator()
    rng.set_state(trainer.rng.get_state())
    size, batches = trainer.settings.batch_size, trainer.batches
    order, at = batches.order, batches.cursor
    if at + size > len(order):
        order, at = torch.randperm(len(trainer.data.train), generator=rng), 0
    real = trainer.data.train[order[at : at + size]]
    z = torch.empty(size, trainer.settings.latent_dim).normal_(generator=rng)
    return real.double().numpy(), z.double().numpy()


def forward(tensors: dict[str, torch.Tensor], x: Floats, slope: float = 0.2) -> Floats:
    """The output of a network with leaky ReLU and running statistics of batch norm, if it has any."""
    layers = sum(name.startswith("linears.") and name.endswith("weight") for name in tensors)
    held = {name: tensor.double().numpy() for name, tensor in tensors.items()}
    for i in range(layers):
        x = x @ held[f"linears.{i}.weight"].T + held[f"linears.{i}.bias"]
        if i == layers - 1:
            break
        if f"norms.{i}.weight" in held:
            mean, var = held[f"norms.{i}.running_mean"], held[f"norms.{i}.running_var"]
            x = (x - mean) / np.sqrt(var + 1e-5) * held[f"norms.{i}.weight"] + held[f"norms.{i}.bias"]
        x = np.where(x > 0, x, slope * x)
    return x


class Players(NamedTuple):
    """Copies of both, at one moment."""

    g: dict[str, torch.Tensor]
    d: dict[str, torch.Tensor]
    slope: float

    @classmethod
    def of(cls, trainer: GanTrainer) -> Players:
        return cls(clones(trainer.generator), clones(trainer.discriminator), trainer.settings.leaky_slope)

    def with_statistics_of(self, other: Players) -> Players:
        """These weights, with the running statistics G has in `other`."""
        followed = {name: tensor for name, tensor in other.g.items() if "running" in name}
        return self._replace(g=self.g | followed)


def terms(players: Players, real: Floats, z: Floats) -> tuple[float, float]:
    """E log D(x) and E log(1 - D(G(z))) on that batch."""
    fake = np.tanh(forward(players.g, z, players.slope))
    real_logits = forward(players.d, real, players.slope)[:, 0]
    fake_logits = forward(players.d, fake, players.slope)[:, 0]
    real_output, fake_output = (1 / (1 + np.exp(-logits)) for logits in (real_logits, fake_logits))
    return float(np.log(real_output).mean()), float(np.log(1 - fake_output).mean())


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def assert_whole(history: History, step: int) -> None:
    """Every step from the first to `step` is in the record, or merged with its neighbours in a long one."""
    gaps = np.diff([0, *history.steps.columns["step"]])
    assert set(gaps) <= {1, gaps[0]}
    assert gaps.sum() == step
