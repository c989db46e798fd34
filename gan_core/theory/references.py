"""Where the numbers of a record lie at equilibrium: one name for each, the name of its column."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gan_core.theory import value
from gan_core.theory.cross_entropy import Kind, cross_entropy, generator_loss, logit


class References(NamedTuple):
    """Where generated and real data are alike, under labels and a loss of G; nats, except for D's output."""

    d_reference: float  # D's output
    value_reference: float  # V
    d_loss_reference: float  # the sum of the next two
    real_loss_reference: float  # D's loss on real images
    fake_loss_reference: float  # and on generated ones
    g_loss_reference: float


@lru_cache(maxsize=64)
def references(*, real_label: float, fake_label: float, kind: Kind) -> References:
    """The losses are those of `cross_entropy`, at the one logit that D then answers everywhere.

    For labels 0.9 and 0: D's 0.778 and 0.598, in sum 1.376, and 0.799 for the non-saturating G.
    """
    labels = {"real_label": real_label, "fake_label": fake_label}
    output = value.equilibrium_output(**labels)
    at = np.array([logit(output)])
    real, fake = (float(cross_entropy(at, label=label)[0]) for label in (real_label, fake_label))
    return References(
        d_reference=output, value_reference=value.value_at_equilibrium(**labels),
        d_loss_reference=real + fake, real_loss_reference=real, fake_loss_reference=fake,
        g_loss_reference=float(generator_loss(at, kind=kind)[0]),
    )  # fmt: skip
