"""The two players: fully connected, generator to samples, discriminator to scores.

The activation between hidden layers is an argument of the forward pass, not a part of the network:
swapping it on a running game keeps every weight. So is the mode: `learn` for the player that moves
(batch statistics, followed by the running ones; dropout), `oppose` for the other one (the same
outputs, nothing of it changes), `eval` for measuring (running statistics, no dropout).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.settings import Settings, data_dimensions, hidden_sizes, sample_of

ActivationFunction = Callable[[Tensor], Tensor]
Mode = Literal["learn", "oppose", "eval"]

NORM_MOMENTUM = 0.1

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


class Perceptron(nn.Module):
    """Linear layers, each hidden one followed by batch norm (if asked), activation and dropout.

    `sizes`: units of input, hidden layers, output. Every random number, first weights and dropout
    masks alike, comes from `rng`, so that runs sharing a process do not disturb each other.
    """

    def __init__(self, sizes: list[int], *, batch_norm: bool, dropout: float, rng: torch.Generator) -> None:
        super().__init__()
        self.linears = nn.ModuleList(
            nn.Linear(n_in, n_out, device="meta") for n_in, n_out in pairwise(sizes)
        ).to_empty(device="cpu")
        self.norms = nn.ModuleList(nn.BatchNorm1d(n) for n in sizes[1:-1]) if batch_norm else None
        self.dropout = dropout
        self.norms_by_hand = False  # slower; needed where they are differentiated three times
        self._rng = rng
        for layer in self.linears:
            linear = cast(nn.Linear, layer)
            # PyTorch's own first weights of a linear layer: uniform within 1 / sqrt(fan in).
            bound = linear.in_features**-0.5
            for parameter in (linear.weight, linear.bias):
                parameter.data.uniform_(-bound, bound, generator=rng)

    def layers(self, x: Tensor, activation: ActivationFunction, mode: Mode) -> list[Tensor]:
        """What each hidden layer hands to its activation, [n, units] each, and last the output."""
        seen = []
        hidden = len(self.linears) - 1
        for i, layer in enumerate(self.linears):
            linear = cast(nn.Linear, layer)
            x = F.linear(x, linear.weight, linear.bias)
            if i < hidden and self.norms is not None:
                normalise = _normalise_by_hand if self.norms_by_hand else _normalise
                x = normalise(x, cast(nn.BatchNorm1d, self.norms[i]), mode)
            seen.append(x)
            if i < hidden:
                x = activation(x)
                if self.dropout and mode != "eval":
                    keep = torch.empty_like(x).bernoulli_(1 - self.dropout, generator=self._rng)
                    x = x * keep / (1 - self.dropout)
        return seen

    @property
    def same_in_eval(self) -> bool:
        """Whether all modes give the same outputs."""
        return self.norms is None and not self.dropout


class Generator(Perceptron):
    """z [n, latent_dim] to samples [n, features]: grey values in [-1, 1], or points anywhere."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        hidden = hidden_sizes(settings.generator_hidden)
        super().__init__(
            [settings.latent_dim, *hidden, data_dimensions(settings.data)],
            batch_norm=settings.generator_batch_norm,
            dropout=0.0,
            rng=rng,
        )
        self.is_bounded = sample_of(settings.data) == "digits"

    def forward(self, z: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        output = self.layers(z, activation, mode)[-1]
        return torch.tanh(output) if self.is_bounded else output


class Discriminator(Perceptron):
    """Samples [n, features] to scores [n]; where D is a probability, the score is its logit."""

    def __init__(self, settings: Settings, rng: torch.Generator) -> None:
        hidden = hidden_sizes(settings.discriminator_hidden)
        super().__init__(
            [data_dimensions(settings.data), *hidden, 1],
            batch_norm=settings.discriminator_batch_norm,
            dropout=settings.discriminator_dropout,
            rng=rng,
        )

    def forward(self, samples: Tensor, activation: ActivationFunction, mode: Mode) -> Tensor:
        return self.layers(samples, activation, mode)[-1].squeeze(1)


def _normalise(x: Tensor, norm: nn.BatchNorm1d, mode: Mode) -> Tensor:
    # Without running statistics to follow, batch norm in `oppose` leaves its player untouched.
    mean, var = (None, None) if mode == "oppose" else (norm.running_mean, norm.running_var)
    return F.batch_norm(x, mean, var, norm.weight, norm.bias, training=mode != "eval", momentum=NORM_MOMENTUM)


def _normalise_by_hand(x: Tensor, norm: nn.BatchNorm1d, mode: Mode) -> Tensor:
    """The same in plain operations: PyTorch's own batch norm has no third derivative."""
    if mode == "eval":
        return _normalise(x, norm, mode)
    var, mean = torch.var_mean(x, 0, correction=0)
    if mode == "learn" and norm.running_mean is not None and norm.running_var is not None:
        with torch.no_grad():
            norm.running_mean.lerp_(mean, NORM_MOMENTUM)
            norm.running_var.lerp_(var * len(x) / (len(x) - 1), NORM_MOMENTUM)
    return (x - mean) * (var + norm.eps).rsqrt() * norm.weight + norm.bias


def draw_latents(count: int, settings: Settings, rng: torch.Generator) -> Tensor:
    """Noise vectors z, [count, latent_dim]."""
    z = torch.empty(count, settings.latent_dim)
    if settings.latent_distribution == "normal":
        return z.normal_(generator=rng)
    return z.uniform_(-1.0, 1.0, generator=rng)


def dead_share(network: Perceptron, inputs: Tensor, activation: ActivationFunction) -> float:
    """Share of hidden units whose activation passes, on average over `inputs`, < 1 % of the gradient.

    A ReLU that (almost) never fires and a sigmoid stuck at either end both count; a leaky ReLU of
    slope 0.2 never does.
    """
    dead = units = 0
    with torch.no_grad():
        hidden = network.layers(inputs, activation, "eval")[:-1]
    for before in hidden:
        before = before.requires_grad_()
        (slope,) = torch.autograd.grad(activation(before).sum(), before)
        dead += int((slope.abs().mean(0) < 0.01).sum())
        units += before.shape[1]
    return dead / units
