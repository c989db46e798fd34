"""What every player is: a network whose activation and mode are arguments of the forward pass.

Swapping the activation on a running game keeps every weight. The mode is `learn` for the player that moves
(batch statistics, followed by the running ones; dropout), `oppose` for the other one (the same outputs,
nothing of it changes), `eval` for measuring (running statistics, no dropout).

In a class-conditional game a sample is a pair of image and class: the class is one more number, the last one,
of each noise vector and of each sample. Source: Mirza and Osindero 2014.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.networks.minibatch import MinibatchDiscrimination
from gan_core.networks.virtual import virtually_normalised
from gan_core.settings import CLASSES, Settings

ActivationFunction = Callable[[Tensor], Tensor]
Mode = Literal["learn", "oppose", "eval"]
Norm = nn.BatchNorm1d | nn.BatchNorm2d

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)

NORM_MOMENTUM = 0.1
CLASS_UNITS = 16
"""Numbers that tell G the class it is to make."""

_ACTIVATIONS: dict[str, ActivationFunction] = {
    "relu": torch.relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


def activation_function(name: str, leaky_slope: float) -> ActivationFunction:
    """The element-wise function of that name (`settings.Activation`)."""
    if name == "leaky_relu":
        return lambda x: F.leaky_relu(x, leaky_slope)
    return _ACTIVATIONS[name]


class Network(nn.Module, ABC):
    """A player. Every random number, first weights and dropout masks alike, comes from `rng`.

    So runs that share a process do not disturb each other.
    """

    def __init__(self, *, dropout: float, rng: torch.Generator) -> None:
        super().__init__()
        self.norms: nn.ModuleList | None = None
        self.norms_by_hand = False  # slower; needed where they are differentiated three times
        self.classes: nn.Parameter | None = None  # [CLASSES, units], in a conditional game
        self.reference: Tensor | None
        self.register_buffer("reference", None)  # of virtual batch norm: noise vectors [batch_size, ...]
        self.dropout = dropout
        self._rng = rng

    @abstractmethod
    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """What each hidden layer hands to its activation, [n, units, ...] each, and last the output."""

    @property
    def rows_see_each_other(self) -> bool:
        """Whether the output for one sample depends on the other samples of its batch."""
        return self.norms is not None and self.reference is None

    @property
    def same_in_eval(self) -> bool:
        """Whether all modes give the same outputs."""
        return (self.norms is None or self.reference is not None) and not self.dropout

    def draw_reference(self, settings: Settings) -> None:
        """The reference batch of virtual batch norm, if the settings ask for it; it then stays."""
        if settings.virtual_batch_norm:
            self.reference = draw_latents(settings.batch_size, settings, self._rng)

    def with_reference(self, x: Tensor) -> Tensor:
        """The reference batch of virtual batch norm and then `x`; `x` alone without it."""
        return x if self.reference is None else torch.cat((self.reference, x))

    def without_reference(self, x: Tensor) -> Tensor:
        """The rows that are not of the reference batch."""
        return x if self.reference is None else x[len(self.reference) :]

    def without_class(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """`without_class` of the game that it plays."""
        return without_class(x, conditional=self.classes is not None)

    def told(self, z: Tensor) -> Tensor:
        """What the first layer of a generator gets: the noise vector, and the numbers of the class."""
        z, classes = self.without_class(z)
        return z if self.classes is None else torch.cat((z, self.classes[classes]), 1)

    def projected(self, scores: Tensor, features: Tensor, samples: Tensor) -> Tensor:
        """Scores [n] of a discriminator: a class adds its projection of the last hidden layer [n, units].

        Source: Miyato and Koyama 2018, eq. 3.
        """
        if self.classes is None:
            return scores
        return scores + (features * self.classes[self.without_class(samples)[1]]).sum(1)

    def normalised(self, x: Tensor, index: int, mode: Mode) -> Tensor:
        """`x` after the batch norm of that hidden layer, if there is one."""
        if self.norms is None:
            return x
        if self.reference is not None:
            return virtually_normalised(x, len(self.reference), cast(Norm, self.norms[index]))
        normalise = _normalise_by_hand if self.norms_by_hand else _normalise
        return normalise(x, cast(Norm, self.norms[index]), mode)

    def activated(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        """`x` after activation and dropout."""
        x = activation(x)
        if self.dropout and mode != "eval":
            keep = torch.empty_like(x, device="cpu").bernoulli_(1 - self.dropout, generator=self._rng)
            x = x * keep.to(x.device) / (1 - self.dropout)
        return x


class ScoringNetwork(Network):
    """A discriminator: samples [n, features] to scores [n]."""

    minibatch: MinibatchDiscrimination | None

    @property
    def rows_see_each_other(self) -> bool:
        return super().rows_see_each_other or self.minibatch is not None

    @abstractmethod
    def scored(
        self, samples: Tensor, activation: ActivationFunction, mode: Mode
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Scores [n], and the last hidden layer [n, units] that they are made of."""

    def forward(self, samples: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        return self.scored(samples, activation, mode)[0]


def _normalise(x: Tensor, norm: Norm, mode: Mode) -> Tensor:
    # Without running statistics to follow, batch norm in `oppose` leaves its player untouched.
    mean, var = (None, None) if mode == "oppose" else (norm.running_mean, norm.running_var)
    return F.batch_norm(x, mean, var, norm.weight, norm.bias, training=mode != "eval", momentum=NORM_MOMENTUM)


def _normalise_by_hand(x: Tensor, norm: Norm, mode: Mode) -> Tensor:
    """The same in plain operations: PyTorch's own batch norm has no third derivative."""
    if mode == "eval":
        return _normalise(x, norm, mode)
    rows = (0, *range(2, x.ndim))  # all numbers of one unit
    var, mean = torch.var_mean(x, rows, correction=0, keepdim=True)
    if mode == "learn" and norm.running_mean is not None and norm.running_var is not None:
        count = x.numel() // x.shape[1]
        with torch.no_grad():
            norm.running_mean.lerp_(mean.flatten(), NORM_MOMENTUM)
            norm.running_var.lerp_(var.flatten() * count / (count - 1), NORM_MOMENTUM)
    weight, bias = (w.view(-1, *[1] * (x.ndim - 2)) for w in (norm.weight, norm.bias))
    return (x - mean) * (var + norm.eps).rsqrt() * weight + bias


def linear(n_in: int, n_out: int, rng: torch.Generator) -> nn.Linear:
    """A linear layer with PyTorch's own first weights: uniform within 1 / sqrt(fan in)."""
    return _drawn(nn.Linear(n_in, n_out, device="meta"), n_in, rng)


def convolution(n_in: int, n_out: int, kernel: int, rng: torch.Generator, **how: Any) -> nn.Conv2d:
    """A convolution with PyTorch's own first weights; its channels lie together in memory.

    `channels_last` makes batch norm and upsampling two to four times faster on a CPU.
    """
    layer = _drawn(nn.Conv2d(n_in, n_out, kernel, device="meta", **how), n_in * kernel**2, rng)
    return layer.to(memory_format=torch.channels_last)


_ROWS = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
"""How often each row of a 3 x 3 kernel counts in each row of the 4 x 4 kernel of `doubled_and_convolved`."""
_SPREAD = torch.einsum("ak,bl->abkl", _ROWS, _ROWS).reshape(16, 9)


def doubled_and_convolved(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    """A 3 x 3 convolution of pictures [n, c, h, w] that are first made twice as large (nearest neighbour).

    `kernel`: [units, c, 3, 3]. Computed as one transposed convolution of the small pictures: a 4 x 4 kernel
    holds the sums of the weights that meet the same pixel. That is less than half of the multiply-adds.
    """
    units, channels = kernel.shape[:2]
    spread = (kernel.flatten(2) @ _SPREAD.to(kernel).T).view(units, channels, 4, 4).transpose(0, 1)
    return F.conv_transpose2d(x, spread, bias, stride=2, padding=1)


def _drawn(layer: Layer, fan_in: int, rng: torch.Generator) -> Layer:
    layer = layer.to_empty(device="cpu")
    bound = fan_in**-0.5
    for parameter in layer.parameters():
        parameter.data.uniform_(-bound, bound, generator=rng)
    return layer


def embedding(units: int, rng: torch.Generator, *, spread: float) -> nn.Parameter:
    """A vector for each class, [CLASSES, units], normal with this standard deviation at first."""
    return nn.Parameter(torch.empty(CLASSES, units).normal_(0.0, spread, generator=rng))


def without_class(x: Tensor, *, conditional: bool) -> tuple[Tensor, Tensor | None]:
    """Noise vectors or samples [n, features], and the class of each, int64 [n], if there are any."""
    return (x[:, :-1], x[:, -1].detach().long()) if conditional else (x, None)


def with_class(x: Tensor, classes: Tensor | None) -> Tensor:
    """The class of each row as its last number; the rows as they are without classes."""
    return x if classes is None else torch.cat((x, classes[:, None].to(x.dtype)), 1)


def draw_latents(count: int, settings: Settings, rng: torch.Generator) -> Tensor:
    """Noise vectors z, [count, latent_dim]; in a conditional game with a class for each, equally likely."""
    z = torch.empty(count, settings.latent_dim)
    if settings.latent_distribution == "normal":
        z.normal_(generator=rng)
    else:
        z.uniform_(-1.0, 1.0, generator=rng)
    return with_class(z, torch.randint(CLASSES, (count,), generator=rng)) if settings.conditional else z


def dead_share(network: Network, inputs: Tensor, activation: ActivationFunction) -> float:
    """Share of hidden units whose activation passes, on average over `inputs`, < 1 % of the gradient.

    A ReLU that (almost) never fires and a sigmoid stuck at either end both count; a leaky ReLU of
    slope 0.2 never does. The units of a convolution are its channels.
    """
    dead = units = 0
    with torch.no_grad():
        hidden = network.layers(inputs, activation, "eval")[:-1]
    for before in hidden:
        before = before.requires_grad_()
        (slope,) = torch.autograd.grad(activation(before).sum(), before)
        passed = slope.abs().transpose(0, 1).flatten(1).mean(1)
        dead += int((passed < 0.01).sum())
        units += math.prod(passed.shape)
    return dead / units
