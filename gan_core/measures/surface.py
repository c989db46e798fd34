"""V around the players' present weights, on the plane of one direction of G and one of D.

V is a term of real samples, which G does not move, and a term of generated ones: V = real(b) + fake(a, b).
So real samples pass through one D for each b only. D's first layer, the widest, is linear:
(W + b U) x = W x + b U x, and its two products are made once for each a. What is left for each point are the
layers behind it. An objective that compares scores with the mean of the other kind is no such sum and goes
point by point, and so does a D whose first layer is not linear.

At a saddle point of V, D stands on a maximum along its direction and G on a minimum along its own. Batch norm
keeps the running statistics of the present weights on the whole plane.
"""

from __future__ import annotations

import time
from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import vmap
from torch.nn.functional import batch_norm, linear

from gan_core.measures.directions import Directions
from gan_core.measures.frozen import Frozen, Progress, Weights, unheard
from gan_core.networks import Discriminator, Network, without_class
from gan_core.settings import Architecture
from gan_core.training import GanTrainer

Floats = NDArray[np.float64]

POINTS = 31
SAMPLES: dict[Architecture, int] = {"perceptron": 256, "dcgan": 128, "style": 128}
"""Of each kind; 512 would cost a convolutional game 11 s."""
AGREEMENT = 1e-4
"""Of V at a corner, by both ways: a D whose first layer is not what it seems goes point by point."""


class Surface(NamedTuple):
    """V in the objective's unit; moves along a direction as shares of the length of that player's weights."""

    value: Floats  # [points, points]; rows: D's move, columns: G's move
    moves: Floats  # [points], of both, from -reach to reach; 0 in the middle
    value_here: float
    slope_d: float  # dV / db and dV / da at the centre, a share of 1 being the unit
    slope_g: float
    curvature_d: float  # second derivatives at the centre: below 0 along D and above 0 along G at a saddle
    curvature_g: float
    is_maximum_along_d: bool  # the centre is above both its neighbours along D
    is_minimum_along_g: bool  # the centre is below both its neighbours along G
    gain_of_d: float  # how much higher V gets along D within reach, G standing still; at least 0
    gain_of_g: float  # how much lower it gets along G, D standing still; at least 0
    kind: str  # of the directions, in words
    seconds: float


def surface(
    trainer: GanTrainer,
    directions: Directions,
    *,
    points: int = POINTS,
    reach: float | None = None,
    samples: int | None = None,
    plain: bool = False,
    progress: Progress = unheard,
) -> Surface:
    """V at (G + a of its direction, D + b of its own), a and b each at `points` places up to `reach`.

    On the first `samples` held-out samples and as many generated ones, the same at every point; SAMPLES by
    default. `points` is odd, so that one of them is the present game. `plain`: point by point, three times
    slower.

    `reach` is a share of the weights' length; by default what suits the directions. The default digits take
    0.3 s of processor time, nine tenths of it matrix products; with 512 samples 0.44 s.
    Raises ValueError for an even number of points.
    """
    if points < 3 or points % 2 == 0:
        raise ValueError(f"points = {points}: it must be an odd number from 3 on")
    started = time.perf_counter()
    reach = directions.reach if reach is None else reach
    frozen = Frozen(trainer)
    plane = _Plane(frozen, directions, samples or SAMPLES[trainer.settings.architecture])
    moves = torch.linspace(-reach, reach, points, dtype=torch.float64)
    moves[points // 2] = 0.0
    with torch.no_grad():
        fast = not plain and _is_sum(frozen) and plane.agrees(reach)
        value = (plane.quick if fast else plane.slow)(moves, progress)
    return _described(value, moves.numpy(), directions.kind, time.perf_counter() - started)


def _is_sum(frozen: Frozen) -> bool:
    """Whether V is a sum of both kinds' terms, and D a chain of plain layers."""
    changed = frozen.settings.spectral_norm or frozen.settings.minibatch_discrimination
    return not (frozen.objective.relative or changed) and isinstance(frozen.d, Discriminator)


class _Plane:
    """The players along their directions, and the samples."""

    def __init__(self, frozen: Frozen, directions: Directions, samples: int) -> None:
        self._frozen, self._directions = frozen, directions
        self._real = frozen.held_out[:samples]
        self._z = frozen.latents(samples, frozen.rng(2))

    def at(self, player: Network, direction: list[Tensor], move: float) -> Weights:
        """Its weights after that move."""
        named = zip(player.named_parameters(), direction, strict=True)
        return {name: torch.add(weight.detach(), step, alpha=move) for (name, weight), step in named}

    def fake(self, a: float) -> Tensor:
        """Generated samples of G after the move a, [n, features]."""
        return self._frozen.generated(self._z, self.at(self._frozen.g, self._directions.g, a))

    def ds(self, moves: Tensor) -> list[Weights]:
        """D's weights after each move."""
        return [self.at(self._frozen.d, self._directions.d, float(b)) for b in moves]

    def slow(self, moves: Tensor, progress: Progress) -> Floats:
        """V, [points, points], point by point."""
        frozen, value = self._frozen, np.empty((len(moves), len(moves)))
        ds = self.ds(moves)
        real = [frozen.scores(self._real, d) for d in ds]
        for column, a in enumerate(moves.tolist()):
            fake = self.fake(a)
            for row, d in enumerate(ds):
                value[row, column] = float(frozen.value(real[row], frozen.scores(fake, d)))
            progress((column + 1) / len(moves))
        return value

    def quick(self, moves: Tensor, progress: Progress) -> Floats:
        """The same for a D that begins with a linear layer, in a sum of two terms."""
        frozen, value = self._frozen, np.empty((len(moves), len(moves)))
        tails = [_Tail(frozen, d, float(b)) for d, b in zip(self.ds(moves), moves, strict=True)]
        terms = vmap(frozen.objective.terms)
        real = _through_first_layer(frozen, self._directions.d, self._real)
        real_scores = torch.stack([tail.scores(real) for tail in tails])
        for column, a in enumerate(moves.tolist()):
            fake = _through_first_layer(frozen, self._directions.d, self.fake(a))
            # One D after the other: all at once, their units leave the cache and take three times as long.
            fake_scores = torch.stack([tail.scores(fake) for tail in tails])
            real_terms, fake_terms = terms(real_scores, fake_scores)
            value[:, column] = (real_terms + fake_terms).numpy()
            progress((column + 1) / len(moves))
        return value

    def agrees(self, reach: float) -> bool:
        """Whether both ways give the same V at a corner."""
        corner = torch.tensor([reach], dtype=torch.float64)
        one, other = (way(corner, unheard)[0, 0] for way in (self.slow, self.quick))
        return bool(abs(one - other) <= AGREEMENT * (1.0 + abs(one)))


class _Products(NamedTuple):
    """What D's first linear layer makes of samples: its output now and how that grows with b, [n, units]."""

    now: Tensor
    growth: Tensor
    classes: Tensor | None  # [n], in a conditional game

    def at(self, b: float) -> Tensor:
        """The layer's output after D's move b."""
        return torch.add(self.now, self.growth, alpha=b)


def _through_first_layer(frozen: Frozen, direction: list[Tensor], samples: Tensor) -> _Products:
    names = [name for name, _ in frozen.d.named_parameters()]
    now, step = dict(frozen.d.named_parameters()), dict(zip(names, direction, strict=True))
    images, classes = without_class(samples, conditional=frozen.settings.conditional)
    products = [linear(images, of["linears.0.weight"], of["linears.0.bias"]) for of in (now, step)]
    return _Products(products[0], products[1], classes)


class _Tail:
    """D after a move, without its first linear layer: `networks.perceptron.Discriminator` from there on."""

    def __init__(self, frozen: Frozen, d: Weights, move: float) -> None:
        self._frozen, self._d, self._move = frozen, d, move
        self._layers = len(cast(Discriminator, frozen.d).linears)

    def scores(self, products: _Products) -> Tensor:
        """Raw scores, [n]."""
        x = products.at(self._move)
        for i in range(1, self._layers):
            x = self._frozen.functions.discriminator(self._normalised(x, i - 1))
            features, x = x, linear(x, self._d[f"linears.{i}.weight"], self._d[f"linears.{i}.bias"])
        if products.classes is None:
            return x.squeeze(1)
        return x.squeeze(1) + (features * self._d["classes"][products.classes]).sum(1)

    def _normalised(self, x: Tensor, index: int) -> Tensor:
        if self._frozen.d.norms is None:
            return x
        norm = cast(nn.BatchNorm1d, self._frozen.d.norms[index])
        weight, bias = self._d[f"norms.{index}.weight"], self._d[f"norms.{index}.bias"]
        return batch_norm(x, norm.running_mean, norm.running_var, weight, bias, training=False)


def _described(value: Floats, moves: Floats, kind: str, seconds: float) -> Surface:
    """The surface with what its two middle lines say."""
    middle, cell = len(moves) // 2, float(moves[1] - moves[0])
    along_d, along_g, here = value[:, middle], value[middle], float(value[middle, middle])
    d_low, d_high = along_d[[middle - 1, middle + 1]].tolist()
    g_low, g_high = along_g[[middle - 1, middle + 1]].tolist()
    return Surface(
        value=value, moves=moves, value_here=here,
        slope_d=(d_high - d_low) / (2.0 * cell), slope_g=(g_high - g_low) / (2.0 * cell),
        curvature_d=(d_low - 2.0 * here + d_high) / cell**2,
        curvature_g=(g_low - 2.0 * here + g_high) / cell**2,
        is_maximum_along_d=here > max(d_low, d_high), is_minimum_along_g=here < min(g_low, g_high),
        gain_of_d=float(along_d.max()) - here, gain_of_g=here - float(along_g.min()),
        kind=kind, seconds=seconds,
    )  # fmt: skip
