"""The activations of the two players, their derivatives, and the gradient that survives many of them.

In NumPy, for pages that cannot bring torch; a test holds them to `gan_core.networks`.
"""

from __future__ import annotations

import math

import numpy as np

from gan_core.theory.cross_entropy import sigmoid
from gan_core.theory.value import Floats

NAMES = ("leaky_relu", "relu", "elu", "gelu", "tanh", "sigmoid")

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_FARTHEST = 9.0
"""Standard deviations; a normal number lies beyond with probability 2e-19."""


def _below(x: Floats) -> Floats:
    """The probability that a standard normal number lies below x (NumPy has no erf)."""
    at = [math.erfc(-value / math.sqrt(2.0)) / 2.0 for value in x.ravel().tolist()]
    return np.asarray(at).reshape(x.shape)


def _bell(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi))


def activation(name: str, x: Floats, leaky_slope: float) -> Floats:
    """f(x), element by element; `leaky_slope` is used by leaky ReLU only."""
    match name:
        case "leaky_relu":
            return np.where(x > 0, x, leaky_slope * x)
        case "relu":
            return np.maximum(x, 0.0)
        case "elu":
            return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))
        case "gelu":
            return np.asarray(x * _below(x))
        case "tanh":
            return np.asarray(np.tanh(x))
        case "sigmoid":
            return sigmoid(x)
    raise ValueError(f"there is no activation named {name!r}")


def derivative(name: str, x: Floats, leaky_slope: float) -> Floats:
    """f'(x), element by element; at a kink the slope on its left, as in torch."""
    match name:
        case "leaky_relu":
            return np.where(x > 0, 1.0, leaky_slope)
        case "relu":
            return np.where(x > 0, 1.0, 0.0)
        case "elu":
            return np.exp(np.minimum(x, 0.0))
        case "gelu":
            return np.asarray(_below(x) + x * _bell(x))
        case "tanh":
            return np.asarray(1.0 - np.tanh(x) ** 2)
        case "sigmoid":
            return np.asarray(sigmoid(x) * sigmoid(-x))
    raise ValueError(f"there is no activation named {name!r}")


def passed_on(name: str, leaky_slope: float, *, gain: float, spread: float) -> float:
    """By what factor one layer scales the root mean square of the gradient that comes back through it.

    gain * sqrt(E f'(a)^2), a normal with standard deviation `spread`; `gain` is the spread of a weight
    times the root of the layer's width. In the limit of wide layers with random, independent weights:
    Schoenholz et al. 2017 ("Deep information propagation"), the chi of their section 3. It assumes the
    same spread in every layer. Each half of the line is integrated by itself, because f' may jump at 0.
    """
    half = _FARTHEST / 2.0
    z = np.concatenate([half * (_NODES - 1.0), half * (_NODES + 1.0)])
    squares = derivative(name, spread * z, leaky_slope) ** 2 * _bell(z)
    return gain * math.sqrt(float(np.tile(_WEIGHTS, 2) @ squares) * half)


def surviving(name: str, leaky_slope: float, *, layers: int, gain: float, spread: float) -> Floats:
    """The share of the gradient left after 0, 1, ..., `layers` layers: powers of `passed_on`."""
    factor = passed_on(name, leaky_slope, gain=gain, spread=spread)
    return np.asarray(factor ** np.arange(layers + 1, dtype=float))
