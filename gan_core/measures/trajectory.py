"""The main direction of each player's path through its weights, and how much of the path it explains.

The first principal component of the weights at several moments (Li et al. 2018), by the m × m matrix of
their products. A word of caution comes with it: the path of a random walk, which goes nowhere, looks as
ordered. Its first component explains 6 / π² = 61 % in a space of many dimensions, its first two 76 %, and
its projections are smooth curves (Antognini and Sohl-Dickstein 2018). So the share of such a walk with as
many moments stands beside each share: only what is well above it is a direction of the game.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.directions import REACH_OF_UPDATES, Directions
from gan_core.measures.frozen import Progress, unheard
from gan_core.networks import Network
from gan_core.training import GanTrainer


class Trajectory(NamedTuple):
    """Main directions, and the share of the path's variance that each explains, 0 to 1."""

    directions: Directions
    explained_g: float
    explained_d: float
    explained_by_chance: float  # mean share of a random walk with as many moments


def trajectory(moments: Sequence[GanTrainer]) -> Trajectory:
    """Of one game at several moments, the oldest first; directions point from the first to the last one.

    Their length is that of the player's weights at the last moment. Raises ValueError for fewer than three
    moments, and for a player that has not moved.
    """
    if len(moments) < 3:
        raise ValueError(f"{len(moments)} moments: a path needs at least three")
    g, explained_g = _main([trainer.generator for trainer in moments], "the generator")
    d, explained_d = _main([trainer.discriminator for trainer in moments], "the discriminator")
    kind = "the main direction of each player's path"
    by_chance = random_walk_share(len(moments))
    return Trajectory(Directions(g, d, kind, REACH_OF_UPDATES), explained_g, explained_d, by_chance)


def path_ahead(
    trainer: GanTrainer, steps: int, moments: int, progress: Progress = unheard
) -> list[GanTrainer]:
    """The game now and at `moments` - 1 times of its next `steps` steps, played on copies.

    Games are deterministic: the run itself makes these steps, bit for bit, if no setting is changed.
    """
    found, player = [_copy(trainer)], _copy(trainer)
    for part in range(1, moments):
        while player.steps_done < trainer.steps_done + steps * part // (moments - 1):
            player.step(player.settings)
        found.append(_copy(player))
        progress(part / (moments - 1))
    return found


def _copy(trainer: GanTrainer) -> GanTrainer:
    """Another game at the same moment, on the same data."""
    return copy.deepcopy(trainer, {id(trainer.data): trainer.data})


class Projected(NamedTuple):
    """Moments of a game on the plane of two directions, in moves: shares of the players' lengths."""

    g: list[float]
    d: list[float]
    inside_g: float  # share of the way from the first moment to the last one that lies in the plane, 0 to 1
    inside_d: float


def projected(moments: Sequence[GanTrainer], directions: Directions) -> Projected:
    """Where each moment lies, seen from the first one: its nearest point of the plane."""
    g, inside_g = _along([trainer.generator for trainer in moments], directions.g)
    d, inside_d = _along([trainer.discriminator for trainer in moments], directions.d)
    return Projected(g, d, inside_g, inside_d)


def _along(players: Sequence[Network], direction: Sequence[Tensor]) -> tuple[list[float], float]:
    unit = torch.cat([part.flatten() for part in direction]).double()
    weights = [torch.cat([w.detach().flatten() for w in player.parameters()]).double() for player in players]
    ways = [now - weights[0] for now in weights]
    moves = [float(way @ unit / unit.square().sum()) for way in ways]
    length = float(ways[-1].norm())
    return moves, abs(moves[-1]) * float(unit.norm()) / length if length else 0.0


def random_walk_share(moments: int) -> float:
    """The share of the first component in a random walk of many dimensions: 6 / π² for many moments.

    Steps are independent and alike, so that products of positions tend to those of a matrix of ones below
    its diagonal.
    """
    ones = np.tril(np.ones((moments, moments)))
    return float(_shares(ones @ ones.T)[0])


def _main(players: Sequence[Network], whose: str) -> tuple[list[Tensor], float]:
    """The first component, cut into the player's weights, and its share."""
    weights = [parameter.detach() for parameter in players[-1].parameters()]
    path = torch.stack([
        torch.cat([parameter.detach().flatten() for parameter in player.parameters()]) for player in players
    ]).double()  # fmt: skip
    centred = path - path.mean(0)
    products = (centred @ centred.T).numpy()
    if not products.any():
        raise ValueError(f"{whose} has not moved: its path has no direction")
    direction = torch.from_numpy(np.linalg.eigh(products)[1][:, -1].copy()) @ centred
    if float(direction @ (path[-1] - path[0])) < 0.0:
        direction = -direction
    direction = (direction * path[-1].norm() / direction.norm()).float()
    parts = torch.split(direction, [weight.numel() for weight in weights])
    found = [part.view(weight.shape) for part, weight in zip(parts, weights, strict=True)]
    return found, float(_shares(products)[0])


def _shares(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each component, the largest first; `products`: of positions, centred or not, [m, m]."""
    m = len(products)
    centre = np.eye(m) - 1.0 / m
    variances = np.linalg.eigvalsh(centre @ products @ centre)[::-1].clip(min=0.0)
    return np.asarray(variances / variances.sum())
