"""How two networks learn: one step function a rule, the mirror of `theory.methods` on networks.

A step function plays one step of a `Game`, which answers with gradients at the present weights; it knows
neither data nor losses. `setup` is the one that theory simulates: x is the generator, y the discriminator.
Where theory subtracts eta v, a player subtracts what its optimiser makes of v. That is v itself for SGD, so
that two networks of one weight each follow `theory.methods.simulate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from gan_core import optimisers
from gan_core.theory.methods import Setup

Role = Literal["discriminator", "generator"]
ROLES: tuple[Role, Role] = ("discriminator", "generator")

Gradient = tuple[Tensor, ...]
"""One tensor for each weight tensor of a player, in their order."""


class Player:
    """The weights of one player, and the optimiser that changes them."""

    def __init__(self, weights: Iterable[Tensor], optimizer: torch.optim.Optimizer) -> None:
        self.weights: list[Tensor] = list(weights)
        self.optimizer = optimizer
        self.version = 0  # grows whenever the weights change: what was computed from them is then old

    def move(self, gradient: Gradient, rate: float) -> None:
        """w - rate u, u being what the optimiser makes of `gradient`; it remembers having made a step."""
        # The rate is written in place: a new optimiser would lose Adam's moments.
        self.optimizer.param_groups[0]["lr"] = rate
        for weight, part in zip(self.weights, gradient, strict=True):
            weight.grad = laid_out_as(part, weight)
        optimisers.step(self.optimizer)
        self.version += 1

    def direction(self, gradient: Gradient) -> Gradient:
        """u alone: the weights stay. The optimiser remembers having made a step."""
        with self.put_back_after():
            with torch.no_grad():
                torch._foreach_zero_(self.weights)
            self.move(gradient, 1.0)  # from 0, at rate 1: no digit of u is lost
            return tuple(-weight.detach() for weight in self.weights)

    @torch.no_grad()
    def go(self, direction: Gradient, rate: float) -> None:
        """w - rate direction, without the optimiser."""
        torch._foreach_add_(self.weights, direction, alpha=-rate)
        self.version += 1

    @torch.no_grad()
    def put(self, weights: Gradient) -> None:
        """These weights in place of its own."""
        torch._foreach_copy_(self.weights, weights)
        self.version += 1

    def copy(self) -> Gradient:
        """Its weights."""
        return tuple(weight.detach().clone() for weight in self.weights)

    @contextmanager
    def put_back_after(self) -> Iterator[None]:
        """Afterwards the weights are what they were, to the bit, whatever happens."""
        start = self.copy()
        try:
            yield
        finally:
            self.put(start)


def laid_out_as(gradient: Tensor, weight: Tensor) -> Tensor:
    """`gradient`, or a moment of it, in its weight's order in memory.

    A fused optimiser goes through both number by number. After a penalty on slopes, the gradient of a
    convolution comes in another order, and each number would move the wrong weight.
    """
    if gradient.stride() == weight.stride():
        return gradient
    return torch.empty_like(weight).copy_(gradient)


@dataclass
class Kept:
    """What a rule remembers of one player between two steps: part of a checkpoint."""

    tensors: Gradient  # optimistic: the last direction; lookahead: the weights at the start of the cycle
    done: int = 0  # steps of the cycle made


Memory = dict[Role, Kept]
"""Of the players that have moved under the rule; empty when a rule comes into force."""


class Game(Protocol):
    """What a rule asks of the game in one step."""

    @property
    def players(self) -> Mapping[Role, Player]:
        """Both players."""

    @property
    def movers(self) -> Collection[Role]:
        """Who moves. Of a player that stands still the first gradient is asked for all the same: it is
        recorded."""

    def gradient(self, role: Role, *, linked: bool = False) -> Gradient:
        """Of that player's loss by its own weights, at the present weights, on the batch of the step.

        `linked`: to be differentiated once more, by the weights of both.
        """

    def further_gradient(self, role: Role) -> Gradient:
        """The same on a new batch: for its second move in a step, its third, and so on."""

    def check(self, role: Role, gradient: Gradient) -> None:
        """Raises ArithmeticError where `gradient` is not finite."""

    def turn(self, role: Role) -> AbstractContextManager[None]:
        """In it stand the moves of that player; both have their turns in every step, once each."""

    def moved(self, role: Role) -> None:
        """It has made a move, one that counts: no look ahead."""


Step = Callable[[Game, Setup, Memory], None]


def rate_of(setup: Setup, role: Role) -> float:
    """The learning rate of a player."""
    return float(setup.eta_x if role == "generator" else setup.eta_y)


def order_of(setup: Setup) -> tuple[Role, Role]:
    """Whose turn comes first, where the players take turns."""
    return ("generator", "discriminator") if setup.first == "x" else ("discriminator", "generator")


def _moves(game: Game, setup: Setup, role: Role, gradient: Gradient, count: int = 1) -> None:
    """The turn of one player: `count` moves, the first of them along `gradient`."""
    player, rate = game.players[role], rate_of(setup, role)
    with game.turn(role):
        if role not in game.movers:
            return
        player.move(gradient, rate)
        game.moved(role)
        for _ in range(count - 1):
            player.move(game.further_gradient(role), rate)
            game.moved(role)


def _count(setup: Setup, role: Role) -> int:
    return setup.outer if role == "generator" else setup.inner


def simultaneous(game: Game, setup: Setup, memory: Memory) -> None:
    """Both first moves from the same point. Further moves of D come before G's move, as they always did."""
    now = {role: game.gradient(role) for role in ROLES}
    for role in ROLES:
        _moves(game, setup, role, now[role], _count(setup, role))


def alternating(game: Game, setup: Setup, memory: Memory) -> None:
    """One after the other, each against where the other has just gone."""
    for role in order_of(setup):
        _moves(game, setup, role, game.gradient(role), _count(setup, role))


def extragradient(game: Game, setup: Setup, memory: Memory) -> None:
    """Look one step ahead, come back, and step with the gradient seen there, on the same batch.

    Korpelevich 1976. An optimiser with a memory makes two steps in it, as in Gidel et al. 2019, algorithm 4
    (extra-Adam): the look ahead enters Adam's averages, too. A player that stands still does not look ahead.
    """
    now = {role: game.gradient(role) for role in ROLES}
    players = [(role, game.players[role]) for role in ROLES if role in game.movers]
    starts = [player.copy() for _, player in players]
    try:
        for role, player in players:
            player.move(now[role], rate_of(setup, role))
        now |= {role: game.gradient(role) for role, _ in players}
    finally:
        for (_, player), start in zip(players, starts, strict=True):
            player.put(start)
    for role in ROLES:
        _moves(game, setup, role, now[role])


def optimistic(game: Game, setup: Setup, memory: Memory) -> None:
    """w - rate (2 u_t - u_(t-1)), u_(-1) = u_0: expects the last change of u again.

    Daskalakis et al. 2018, section 3; algorithm 1 with Adam's u.
    """
    now = {role: game.gradient(role) for role in ROLES}
    for role in ROLES:
        with game.turn(role):
            if role not in game.movers:
                continue
            u = game.players[role].direction(now[role])
            last = memory[role].tensors if role in memory else u
            expected = tuple(2 * new - old for new, old in zip(u, last, strict=True))
            game.players[role].go(expected, rate_of(setup, role))
            memory[role] = Kept(u)
            game.moved(role)


def consensus(game: Game, setup: Setup, memory: Memory) -> None:
    """Each optimiser is given v + gamma J^T v: both also lower |v|^2 / 2 (Mescheder et al. 2017, eq. 8).

    v holds the gradients of those who move: with one player standing still it is a game of one.
    """
    now = {role: game.gradient(role, linked=True) for role in ROLES}
    movers = [role for role in ROLES if role in game.movers]
    weights = [weight for role in movers for weight in game.players[role].weights]
    zero = torch.zeros((), device=weights[0].device)
    half = sum((part.square().sum() for role in movers for part in now[role]), zero) / 2
    if half.requires_grad:  # no constant: some weight changes some gradient
        pull = iter(torch.autograd.grad(half, weights, materialize_grads=True))
    else:
        pull = iter([torch.zeros_like(weight) for weight in weights])
    for role in movers:
        now[role] = tuple(part.detach() + setup.strength * next(pull) for part in now[role])
        game.check(role, now[role])
    for role in ROLES:
        _moves(game, setup, role, now[role])


def lookahead(game: Game, setup: Setup, memory: Memory) -> None:
    """Alternating steps; after every k of its steps a player goes back to w_0 + alpha (w_k - w_0).

    Chavdarova et al. 2021, algorithm 1. Optimisers keep what they remember. Each player counts its own steps.
    """
    for role in game.movers:
        memory.setdefault(role, Kept(game.players[role].copy()))
    alternating(game, setup._replace(inner=1, outer=1), memory)
    for role in game.movers:
        player, kept = game.players[role], memory[role]
        kept.done += 1
        if kept.done >= setup.cycle:  # not ==: the cycle may just have been made shorter
            with torch.no_grad():
                player.put(tuple(torch._foreach_lerp(list(kept.tensors), player.weights, setup.pull)))
            memory[role] = Kept(player.copy())


METHODS: dict[str, Step] = {
    "simultaneous": simultaneous,
    "alternating": alternating,
    "extragradient": extragradient,
    "optimistic": optimistic,
    "lookahead": lookahead,
    "consensus": consensus,
}
