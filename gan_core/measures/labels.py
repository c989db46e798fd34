"""The labels of the bundled digits; a GAN does not see them, the classifier learns from them."""

from __future__ import annotations

import functools
import io

import numpy as np
import torch
from torch import Tensor

from gan_core.bundled import BUNDLED, DataError, bundled_images
from gan_core.data import bundled_digits


@functools.cache
def bundled_labels() -> tuple[Tensor, Tensor]:
    """Of the train and the held-out digits of `bundled_digits`, in their order, int64 [8000] and [2000].

    Raises DataError as `bundled_digits` does.
    """
    bundled_images()  # checks the file's SHA-256
    with np.load(io.BytesIO(BUNDLED.read_bytes()), allow_pickle=False) as arrays:
        labels = torch.from_numpy(arrays["labels"].astype(np.int64))
    digits = bundled_digits()
    if len(labels) != len(digits.train) + len(digits.held_out):
        raise DataError(f"{BUNDLED} has {len(labels)} labels: restore it from the repository.")
    return labels[: len(digits.train)], labels[len(digits.train) :]
