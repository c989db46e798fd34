"""Spectral norm: each layer of D divided by its largest singular value. Source: Miyato et al. 2018.

A layer keeps the left singular vector u of that value, as its buffer `left`. σ(W) = |Wᵀu| follows the weights
at once; u follows them by one power iteration after each move of D. So all passes of one step see
the same D, in every mode. The weights of a convolution count as a matrix [out, in · width²].
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

AT_FIRST = 30
"""Power iterations before the first step."""


def keep_norm_one(layer: nn.Linear | nn.Conv2d, rng: torch.Generator) -> None:
    """From now on `applied` divides the weights of this layer by their largest singular value."""
    layer.register_buffer("left", F.normalize(torch.randn(len(layer.weight), generator=rng), dim=0))
    for _ in range(AT_FIRST):
        _iterate(layer)


def applied(layer: nn.Module, x: Tensor) -> Tensor:
    """What a linear layer or a convolution makes of `x`, with spectral norm if it has it."""
    if isinstance(layer, nn.Linear):
        return F.linear(x, weight_of(layer), layer.bias)
    assert isinstance(layer, nn.Conv2d)
    return F.conv2d(x, weight_of(layer), layer.bias, layer.stride, layer.padding)


def weight_of(layer: nn.Linear | nn.Conv2d) -> Tensor:
    """The weights that a pass uses, of the shape of those that are learned."""
    left = layer._buffers.get("left")
    if left is None:
        return layer.weight
    sigma: Tensor = torch.linalg.vector_norm(left @ layer.weight.flatten(1)) / torch.linalg.vector_norm(left)
    return layer.weight / sigma


def power_iteration(network: nn.Module) -> None:
    """Make the vectors of all its layers that have spectral norm follow the weights."""
    for layer in network.modules():
        if "left" in layer._buffers:
            _iterate(layer)


@torch.no_grad()
def _iterate(layer: nn.Module) -> None:
    left, weight = layer.left, layer.weight
    assert isinstance(left, Tensor)
    assert isinstance(weight, Tensor)
    matrix = weight.flatten(1)
    left.copy_(F.normalize(matrix @ F.normalize(left @ matrix, dim=0), dim=0))
