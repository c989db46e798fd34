"""How the game's field lies to the way that leads to a point near rest: attraction, rotation, or both.

From the present weights ω both players move on together, by whole batches, to ω'. On the line through both,
ω(a) = (1 − a) ω + a ω', the path angle is the cosine between the way and the move that the game makes there,

    c(a) = ⟨ω' − ω, −v(ω(a))⟩ / (‖ω' − ω‖ ‖v(ω(a))‖).

A point that attracts: c changes from + to − at a = 1. Rotation: c has a bump at a = 1. Both: a bump, then the
change of sign (Berard et al. 2020, section 4). In the game J = μI + bR, where the line passes the point of
rest at the distance δ, c is known (`linear_path_angle`).

Gradients of small batches drown all this: between two checkpoints of ordinary training c is 0.00 to 0.04
everywhere. So it is offered for toys only, whose data and noise are taken whole.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.frozen import Frozen, Progress, Weights, unheard
from gan_core.training import GanTrainer

Field = Callable[[Tensor], Tensor]
"""v at weights in one row, [n] -> [n]."""

PLACES = np.linspace(-0.1, 1.2, 53)
STEPS, RATE, SAMPLES = 800, 0.05, 512
"""Of the way to ω': extragradient steps on that many real and generated samples, all at once. After
600 training steps of "Rest by R1" and "Ring, LSGAN" ‖v‖ falls to 14 % and 6 %; without a penalty it may grow.
"""
REST = 0.3


class PathAngle(NamedTuple):
    """Along the line; `attracts` and `rotates` say what the curve shows at a = 1, if ω' is near rest."""

    place: NDArray[np.float64]  # [k], a
    cosine: NDArray[np.float64]  # [k], c(a)
    norm: NDArray[np.float64]  # [k], ‖v(ω(a))‖
    attracts: bool
    rotates: bool
    norm_before: float  # ‖v‖ at ω and at ω'
    norm_after: float
    near_rest: bool  # ‖v‖ has fallen to REST of what it was, or lower
    steps: int
    seconds: float


def path_angle(
    trainer: GanTrainer, *, steps: int = STEPS, rate: float = RATE, progress: Progress = unheard
) -> PathAngle:
    """Of a toy game, to the weights that `steps` extragradient steps lead to.

    Raises ValueError for digits, and ArithmeticError where the steps leave the numbers.
    """
    if trainer.data.toy is None:
        raise ValueError("the path angle needs whole batches: it is measured on toys only")
    started = time.perf_counter()
    field, start = field_of(Frozen(trainer))
    end = start
    for step in range(steps):
        end = end - rate * field(end - rate * field(end))
        if step % 20 == 0:
            progress(0.95 * step / steps)
    if not bool(torch.isfinite(end).all()):
        raise ArithmeticError(f"extragradient steps of size {rate:g} lead away from here to infinity")
    cosine, norm = along(field, start, end, PLACES)
    progress(1.0)
    before, after = (float(torch.linalg.vector_norm(field(w))) for w in (start, end))
    return PathAngle(
        PLACES, cosine, norm, changes_sign(PLACES, cosine), has_bump(PLACES, cosine), before, after,
        after <= REST * before, steps, time.perf_counter() - started,
    )  # fmt: skip


def along(
    field: Field, start: Tensor, end: Tensor, places: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """c(a) and ‖v‖ at each place a of the line, [k] each. Raises ArithmeticError if both ends are one."""
    way = end - start
    length = float(torch.linalg.vector_norm(way))
    if not length > 0.0:
        raise ArithmeticError("the players have not moved: there is no way to look along")
    cosine, norm = np.empty(len(places)), np.empty(len(places))
    for index, a in enumerate(places):
        v = field(start + float(a) * way)
        norm[index] = float(torch.linalg.vector_norm(v))
        cosine[index] = -float(way @ v) / (length * norm[index]) if norm[index] else 0.0
    return cosine, norm


def linear_path_angle(
    a: NDArray[np.float64], *, mu: float, b: float, length: float, delta: float, side: int = 1
) -> NDArray[np.float64]:
    """c(a) of v = (μI + bR) ω, the way being `length` long and ending `delta` beside the point of rest.

    R turns by a quarter; `side`: on which side the point of rest is left, +1 or -1.
    """
    along_way, beside = mu * (1.0 - a) * length, side * b * delta
    size = math.hypot(mu, b) * np.sqrt(((1.0 - a) * length) ** 2 + delta**2)
    return (along_way + beside) / size


def changes_sign(places: NDArray[np.float64], cosine: NDArray[np.float64], width: float = 0.1) -> bool:
    """Whether c is above 0 before a = 1 and below 0 behind it."""
    return bool(np.interp(1.0 - width, places, cosine) > 0.0 > np.interp(1.0 + width, places, cosine))


def has_bump(
    places: NDArray[np.float64], cosine: NDArray[np.float64], width: float = 0.1, height: float = 0.1
) -> bool:
    """Whether the part of c that is even around a = 1 stands out there, up or down.

    Attraction alone is odd around a = 1, rotation alone even: both parts of `linear_path_angle`.
    """
    middle, left, right = np.interp([1.0, 1.0 - width, 1.0 + width], places, cosine)
    return bool(abs(middle - (left + right) / 2.0) > height)


def field_of(frozen: Frozen) -> tuple[Field, Tensor]:
    """v on fixed samples, and the present weights in one row: those of G, then those of D."""
    rng = frozen.rng(9)
    real = frozen.train[torch.randperm(len(frozen.train), generator=rng)[:SAMPLES]]
    z = frozen.latents(len(real), rng)
    players = [dict(frozen.g.named_parameters()), dict(frozen.d.named_parameters())]
    start = torch.cat([weight.detach().flatten() for player in players for weight in player.values()])

    def split(row: Tensor) -> tuple[Weights, Weights]:
        parts = iter(torch.split(row, [weight.numel() for player in players for weight in player.values()]))
        g, d = (
            {name: next(parts).view(weight.shape).requires_grad_() for name, weight in player.items()}
            for player in players
        )
        return g, d

    def field(row: Tensor) -> Tensor:
        g, d = split(row.detach())
        fake = frozen.generated(z, g)
        g_gradient = torch.autograd.grad(frozen.g_loss(real, fake, d), tuple(g.values()))
        d_loss = frozen.d_loss(real, fake.detach(), d)
        d_gradient = torch.autograd.grad(d_loss, tuple(d.values()))
        return torch.cat([part.flatten() for part in (*g_gradient, *d_gradient)])

    return field, start
