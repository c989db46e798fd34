"""Virtual batch norm: each sample normalised with a fixed reference batch and itself.

Source: Salimans et al. 2016, section 3.4. The statistics are those of the reference batch, drawn once before
the first step, with the sample as one more member. So no sample depends on the others of its batch, and the
outputs are the same in every mode; the reference batch passes along with each batch, which doubles the work.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def virtually_normalised(x: Tensor, size: int, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> Tensor:
    """`x` [size + n, units, ...], the reference batch first, normalised; the same shape.

    The reference batch is normalised by its own statistics, every other row by both.
    """
    reference, rows = x[:size], x[size:]
    places = tuple(range(2, x.ndim))  # of one sample
    var, mean = torch.var_mean(reference, (0, *places), correction=0, keepdim=True)
    if places:
        own_var, own_mean = torch.var_mean(rows, places, correction=0, keepdim=True)
    else:
        own_var, own_mean = torch.zeros_like(rows), rows
    share = 1.0 / (size + 1)
    apart = own_mean - mean
    both_mean = mean + share * apart
    both_var = (1 - share) * var + share * own_var + share * (1 - share) * apart.square()
    weight, bias = (w.view(-1, *[1] * len(places)) for w in (norm.weight, norm.bias))
    normalised = torch.cat((
        (reference - mean) * (var + norm.eps).rsqrt(), (rows - both_mean) * (both_var + norm.eps).rsqrt()
    ))  # fmt: skip
    return normalised * weight + bias
