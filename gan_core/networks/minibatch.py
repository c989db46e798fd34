"""Minibatch discrimination: how alike the samples of a batch are, as further features of D.

Source: Salimans et al. 2016, section 3.2. M_i holds B rows of C numbers, made from the features of sample i
by learned matrices; o(x_i)_b is the mean over the other samples j of exp(-|M_ib - M_jb|_1). The paper has the
sum over all j: with the mean, D answers alike to batches of any size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

KERNELS, WIDTH = 16, 4  # B and C


class MinibatchDiscrimination(nn.Module):
    """Features [n, units] to closeness [n, KERNELS], between 0 and 1.

    Samples are compared within groups of `size`, in their order: so a large set is answered to as it would be
    batch by batch in training, and a batch of real and one of generated samples that pass together are not
    compared with each other.
    """

    def __init__(self, units: int, size: int, rng: torch.Generator) -> None:
        super().__init__()
        self.size = size
        self.matrices = nn.Parameter(
            torch.empty(units, KERNELS * WIDTH).normal_(0.0, units**-0.5, generator=rng)
        )

    def forward(self, features: Tensor) -> Tensor:
        rows = (features @ self.matrices).view(len(features), KERNELS, WIDTH)
        return torch.cat([closeness(group) for group in torch.split(rows, self.size)])


def closeness(rows: Tensor) -> Tensor:
    """The mean of exp(-|M_ib - M_jb|_1) over j other than i, [n, B], of rows [n, B, C]; 0 of one alone."""
    distances = (rows[:, None] - rows[None]).abs().sum(3)
    return (torch.exp(-distances).sum(1) - 1.0) / max(len(rows) - 1, 1)
