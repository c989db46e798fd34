"""The BCE loss and both losses of G, on logits, in NumPy: for pages that cannot bring torch.

They are what `gan_core.losses` computes, and a test holds them to it. The float type of the logits is
kept, because here it is the subject: `from_probabilities` is the formula of the books, which fails in
float32 where `cross_entropy` does not.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=np.floating[Any])
"""A float of any width, which the functions keep."""

Kind = Literal["non_saturating", "minimax"]


def softplus(logits: NDArray[F]) -> NDArray[F]:
    """log(1 + exp(l)) = -log(1 - sigmoid(l)), finite for every finite l; same shape and type."""
    result: NDArray[F] = np.logaddexp(logits.dtype.type(0), logits)
    return result


def sigmoid(logits: NDArray[F]) -> NDArray[F]:
    """1 / (1 + exp(-l)), with all its digits also where it is next to 0; same shape and type."""
    result: NDArray[F] = np.exp(-softplus(-logits))
    return result


def cross_entropy(logits: NDArray[F], *, label: float) -> NDArray[F]:
    """-label log h - (1 - label) log(1 - h) with h = sigmoid(l), in nats; same shape and type."""
    result: NDArray[F] = softplus(logits) - logits.dtype.type(label) * logits
    return result


def cross_entropy_slope(logits: NDArray[F], *, label: float) -> NDArray[F]:
    """Its derivative by the logit: h - label. It changes sign at the logit of the label."""
    result: NDArray[F] = sigmoid(logits) - logits.dtype.type(label)
    return result


def from_probabilities(logits: NDArray[F], *, label: float) -> NDArray[F]:
    """The same loss the naive way: h first, rounded to the type, then its logarithms.

    A term whose weight is 0 is left out, as 0 times infinity would be no number at all.
    """
    one, weight = logits.dtype.type(1), logits.dtype.type(label)
    with np.errstate(over="ignore", divide="ignore"):
        h = one / (one + np.exp(-logits))
        terms = ((weight, -np.log(h)), (one - weight, -np.log(one - h)))
    result: NDArray[F] = np.zeros_like(logits)
    for share, term in terms:
        if share != 0:
            result = result + share * term
    return result


class Break(NamedTuple):
    """Where the naive way breaks in float32, as logits; None where it does not within the range."""

    off: float | None  # the first logit at which it is wrong by more than 1 %
    infinite: float | None  # the first at which it is infinite


def breaks(*, label: float, side: Literal[-1, 1], farthest: float = 120.0) -> Break:
    """Goes outwards from logit 0 in steps of 0.01, to `side`, and compares both ways in float32."""
    logits = (side * np.arange(0.0, farthest, 0.01)).astype(np.float32)
    exact = cross_entropy(logits.astype(np.float64), label=label)
    naive = from_probabilities(logits, label=label).astype(np.float64)
    with np.errstate(invalid="ignore"):
        off = np.abs(naive - exact) > 0.01 * exact
    # A loss that is next to nothing may be wrong by any share of it: that breaks no training.
    found = [np.flatnonzero(wrong) for wrong in (off & (exact > 0.01), np.isinf(naive))]
    return Break(*(float(logits[at[0]]) if len(at) else None for at in found))


def generator_loss(logits: NDArray[F], *, kind: Kind) -> NDArray[F]:
    """What G minimises for each sample: -log D(G(z)), or log(1 - D(G(z))), in nats; same shape.

    Source: Goodfellow et al. 2014, section 3.
    """
    return softplus(-logits) if kind == "non_saturating" else -softplus(logits)


def generator_slope(logits: NDArray[F], *, kind: Kind) -> NDArray[F]:
    """Its derivative by the logit: -(1 - D), or -D; same shape."""
    return -sigmoid(-logits) if kind == "non_saturating" else -sigmoid(logits)


def slope_kept(output: float, *, kind: Kind) -> float:
    """The share of the slope of D's logit that G's loss passes on to G, in the mean over generated images.

    `output`: D's mean output on them. The share is 1 - D, or D, for each image, so the mean output is enough.
    """
    return 1.0 - output if kind == "non_saturating" else output


def advantage(output: float) -> float:
    """How many times the non-saturating slope exceeds the saturating one: (1 - D) / D."""
    return (1.0 - output) / output


def logit(probability: float) -> float:
    """log h - log(1 - h); -inf at 0, inf at 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(probability) - np.log1p(-probability))
