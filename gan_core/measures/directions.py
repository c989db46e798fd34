"""Directions in the space of both players' weights, along which V is drawn (`surface`).

A direction is scaled so that its length is that of the player's weights: a move of 0.1 along it changes the
weights by a tenth of their own length, in both players and for every kind of direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from gan_core.networks import Network
from gan_core.training import GanTrainer

REACH_OF_UPDATES, REACH_OF_RANDOM = 0.1, 1.0
"""Measured on the default digits after 100, 500 and 2,000 steps. Along the last updates, a tenth of the
weights' length changes V by 0.1 to 1 nat along D and by 0.15 along G; at one fifth D falls to -6 on one side,
and nothing is seen of G any more. Along random directions even the whole length changes V by 0.1 nats at
most: they miss the game."""


class Directions(NamedTuple):
    """One of each player: for each of its parameters, in their order, a tensor of the same shape."""

    g: list[Tensor]
    d: list[Tensor]
    kind: str  # in words
    reach: float  # how far to go for a picture that shows something


Random = Callable[[GanTrainer], Directions]


def last_update(before: GanTrainer, after: GanTrainer) -> Directions:
    """From the weights of one trainer to those of a later one of the same game.

    +1 along G's direction goes on as G has moved; so for D. Raises ValueError if a player has not moved.
    """
    g = _difference(before.generator, after.generator, "the generator")
    d = _difference(before.discriminator, after.discriminator, "the discriminator")
    return Directions(g, d, "the last update of each player", REACH_OF_UPDATES)


def last_adam_update(trainer: GanTrainer) -> Directions:
    """The last update of each player, read from its optimiser: from one checkpoint alone.

    Adam moves by -m / (sqrt(v) + eps), bias corrections being one factor for all weights but eps (Kingma and
    Ba 2015, algorithm 1); SGD with momentum by minus its buffer. Raises ValueError where nothing is
    remembered: before the first move, or under SGD without momentum.
    """
    g = _remembered(trainer.g_optimizer, trainer.generator, "the generator")
    d = _remembered(trainer.d_optimizer, trainer.discriminator, "the discriminator")
    return Directions(g, d, "the last update of each player", REACH_OF_UPDATES)


def filter_normalised_random(seed: int) -> Random:
    """Normal numbers, each row scaled to the length of the same row of the weights.

    A row is all weights into one unit, or one channel of a convolution. Biases and batch norm stay as they
    are. Source: Li et al. 2018, section 4. Random directions show curvature, and hardly ever the game.
    """

    def drawn(trainer: GanTrainer) -> Directions:
        rng = torch.Generator().manual_seed(seed)
        g, d = _random(trainer.generator, rng), _random(trainer.discriminator, rng)
        return Directions(g, d, "random directions, filter-normalised", REACH_OF_RANDOM)

    return drawn


def _random(player: Network, rng: torch.Generator) -> list[Tensor]:
    found = []
    for weight in (parameter.detach() for parameter in player.parameters()):
        noise = torch.empty(weight.shape).normal_(generator=rng)
        found.append(noise * _row_lengths(weight) / _row_lengths(noise) if weight.dim() > 1 else 0.0 * noise)
    return found


def _row_lengths(weight: Tensor) -> Tensor:
    """[rows, 1, ...]; no row of length 0."""
    lengths: Tensor = torch.linalg.vector_norm(weight.flatten(1), dim=1).clamp(min=1e-12)
    return lengths.reshape([-1] + [1] * (weight.dim() - 1))


def _difference(before: Network, after: Network, whose: str) -> list[Tensor]:
    pairs = zip(before.parameters(), after.parameters(), strict=True)
    return _scaled([(new - old).detach() for old, new in pairs], after, whose)


def _remembered(optimizer: torch.optim.Optimizer, player: Network, whose: str) -> list[Tensor]:
    moves = []
    for weight in player.parameters():
        state = optimizer.state.get(weight, {})
        if "exp_avg" in state:
            group, done = optimizer.param_groups[0], float(state["step"])
            corrected = state["exp_avg_sq"] / (1.0 - group["betas"][1] ** done)
            moves.append(-state["exp_avg"] / (corrected.sqrt() + group["eps"]))
        elif state.get("momentum_buffer") is not None:
            moves.append(-state["momentum_buffer"])
        else:
            raise ValueError(f"the optimiser remembers no move of {whose}")
    return _scaled(moves, player, whose)


def _scaled(move: list[Tensor], player: Network, whose: str) -> list[Tensor]:
    length = _length(move)
    if not length > 0.0:
        raise ValueError(f"{whose} has not moved: there is no direction of its last update")
    factor = _length(parameter.detach() for parameter in player.parameters()) / length
    return [factor * part for part in move]


def _length(parts: Iterable[Tensor]) -> float:
    return float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(part) for part in parts])))
