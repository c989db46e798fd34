"""V on the plane of both players' last moves: the game as a surface, as far as two directions show it.

A picture that comes after a move of each player also holds

    slice        float32 [21, 21]  V at (G + a δ_G, D + b δ_D); rows b, columns a, each from -REACH to REACH
    slice_path   float32 [8, 2]    (a, b) of this plane's game and of those before it, oldest first; NaN: none
    slice_moves  float32 [2, 2]    of G and of D: steps in δ, and the length of δ over that of the weights
    slice_step   float64 [1]       the step at which the plane was taken

where δ is a player's move since the plane before. A player that stands still keeps its last move, so that a
paused game keeps its plane. (0, 0) is the game at `slice_step`; (-1, -1) is that of the plane before, if both
have moved since. Earlier games lie beside the plane; the path shows their projections,
a = <θ - G, δ_G> / |δ_G|² and b alike.

A plane is taken with every picture as long as all of them cost at most SHARE of the processor time; otherwise
pictures in between hold the last one again.

Nothing is drawn from the game's random numbers, and no weight of it is written.

Source: Li et al. 2018, section 4, for planes through two directions. The last moves take the place of
random directions, which miss the game.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call, vmap

from gan_core.networks import Network, draw_latents
from gan_core.training import Functions, GanTrainer

Arrays = dict[str, NDArray[Any]]

POINTS = 21  # along each axis
SHARE = 0.045
"""Of a game's processor time, at most, goes into its planes."""
REACH = 2.5  # of the plane, in last moves; -1 is one of its points
PATH = 8  # planes on the path
REAL = 64  # held-out samples behind the real term
FEWEST, MOST = 24, 40  # generated samples behind the other term
WORK = 420_000
"""D's weights times generated samples, at most: a slice then takes about three steps of the ring's game."""
LARGEST = WORK // FEWEST
"""Weights of a player, at most: the slices of larger networks would hold their game up."""


class Slices:
    """Takes the slices of one game: it keeps the weights at the last ones.

    `share`: of the time on `clock`, at most, is spent on them.
    """

    def __init__(self, share: float = SHARE, clock: Callable[[], float] = time.thread_time) -> None:
        self._share, self._clock = share, clock
        self._g, self._d = _Trail(), _Trail()
        self._last: Arrays = {}
        self._due = -math.inf

    def expire(self) -> None:
        """Take the next one whatever it costs: the game will stand still, and its last picture stays."""
        self._due = -math.inf

    def take(self, trainer: GanTrainer) -> Arrays:
        """What a picture of this moment holds more; nothing before both have moved, or of larger networks."""
        if max(_weights(trainer.generator), _weights(trainer.discriminator)) > LARGEST:
            return {}
        started = self._clock()
        if started >= self._due:
            self._last = self._taken(trainer)
            now = self._clock()
            self._due = started + (now - started) / self._share
        return self._last

    def _taken(self, trainer: GanTrainer) -> Arrays:
        self._g.note(trainer.generator, trainer.steps_done)
        self._d.note(trainer.discriminator, trainer.steps_done)
        if self._g.move is None or self._d.move is None:
            return {}
        path = np.full((PATH, 2), np.nan)
        path[PATH - len(self._g.seen) :] = np.column_stack((self._g.places(), self._d.places()))
        arrays = {
            "slice": plane(trainer, self._g.move, self._d.move),
            "slice_path": path,
            "slice_moves": np.array([self._g.size(), self._d.size()]),
        }
        found: Arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
        return found | {"slice_step": np.array([trainer.steps_done], np.float64)}


class _Trail:
    """The weights of one player at the last planes, and its last move."""

    def __init__(self) -> None:
        self.seen: deque[Tensor] = deque(maxlen=PATH)
        self.move: Tensor | None = None
        self._at = 0  # step of the last plane
        self._steps = 0  # of the last move

    def note(self, player: Network, step: int) -> None:
        """The player at a plane."""
        here = _vector(player)
        if self.seen and not torch.equal(here, self.seen[-1]):
            self.move, self._steps = here - self.seen[-1], step - self._at
        self._at = step
        self.seen.append(here)

    def places(self) -> NDArray[Any]:
        """Where it was along its last move, [planes]: 0 now."""
        assert self.move is not None
        move = self.move.double()
        back = torch.stack(tuple(self.seen)).double() - self.seen[-1].double()
        places: NDArray[Any] = (back @ move / move.dot(move)).numpy()
        return places

    def size(self) -> tuple[float, float]:
        """Steps of the last move, and its length over that of the weights."""
        assert self.move is not None
        length = torch.linalg.vector_norm(self.move) / torch.linalg.vector_norm(self.seen[-1])
        return float(self._steps), float(length)


@torch.no_grad()
def plane(trainer: GanTrainer, g_move: Tensor, d_move: Tensor) -> NDArray[np.float32]:
    """V on the plane, [POINTS, POINTS], rows D and columns G, in eval mode on `samples_of` the game.

    `g_move`, `d_move`: [n], of all weights and running statistics of a player, in the order of `_state`. V is
    a term of D alone and one of both, so real samples pass through POINTS networks, and not through POINTS².
    """
    of_g, of_d = Functions.of(trainer.settings)
    g, d = trainer.generator, trainer.discriminator
    real, z = samples_of(trainer)
    fake = vmap(lambda state: functional_call(g, state, (z, of_g, "eval")))(_moved(g, g_move))
    both = torch.cat((real, fake.flatten(0, 1)))
    # One D after the other: all at once, their units leave the cache and take twice the time.
    states = _moved(d, d_move)
    scores = torch.stack([
        functional_call(d, {name: at[i] for name, at in states.items()}, (both, of_d, "eval"))
        for i in range(POINTS)
    ])  # fmt: skip
    of_real, of_fake = scores[:, : len(real)], scores[:, len(real) :].reshape(POINTS, POINTS, len(z))
    real_term, fake_term = vmap(vmap(trainer.objective.terms, in_dims=(None, 0)))(of_real, of_fake)
    value: NDArray[np.float32] = (real_term + fake_term).numpy()
    return value


def samples_of(trainer: GanTrainer) -> tuple[Tensor, Tensor]:
    """The samples behind every slice of a game: held-out real ones [n, features], latents [m, latent_dim]."""
    settings = trainer.settings
    count = max(FEWEST, min(MOST, WORK // _weights(trainer.discriminator)))
    z = draw_latents(count, settings, torch.Generator().manual_seed(settings.seed))
    return trainer.data.held_out[:REAL], z


def _moved(player: Network, move: Tensor) -> dict[str, Tensor]:
    """The state of `player` at each point of its axis, [POINTS, *shape] by name."""
    state = _state(player)
    reach = torch.linspace(-REACH, REACH, POINTS)[:, None]
    parts = torch.split(_vector(player) + reach * move, [tensor.numel() for tensor in state.values()], dim=1)
    moved = {
        name: part.reshape(POINTS, *state[name].shape) for name, part in zip(state, parts, strict=True)
    }
    # A straight line leads a variance below 0.
    return {name: at.clamp(min=0) if name.endswith("running_var") else at for name, at in moved.items()}


def _state(player: Network) -> dict[str, Tensor]:
    """Weights and running statistics by name."""
    return {name: tensor for name, tensor in player.state_dict().items() if tensor.is_floating_point()}


def _vector(player: Network) -> Tensor:
    """All of them, [n], a copy."""
    return torch.cat([tensor.flatten() for tensor in _state(player).values()])


def _weights(player: Network) -> int:
    return sum(parameter.numel() for parameter in player.parameters())
