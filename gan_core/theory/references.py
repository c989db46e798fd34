"""Where the numbers of a record lie at equilibrium: one name for each, the name of its column."""

from __future__ import annotations

from typing import NamedTuple


class References(NamedTuple):
    """Where generated and real data are alike, under an objective and labels (`theory.objectives`).

    NaN: the objective fixes no such number.
    """

    d_reference: float  # D's output, on its axis
    value_reference: float  # V
    d_loss_reference: float  # the sum of the next two
    real_loss_reference: float  # D's loss on real images
    fake_loss_reference: float  # and on generated ones
    g_loss_reference: float
