"""The file of 10,000 digits in the repository, without torch: who serves the pages looks at it, too."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CACHE = Path(__file__).resolve().parent.parent / "data"
BUNDLED = CACHE / "mnist_10k.npz"
QUOTED = 200  # characters of an error that nobody foresaw
BUNDLED_SHA256 = "f1a23f2fb1a1c97bb00a811807ddd50a888dbcdcdead94147993273c22ee3f37"


class DataError(RuntimeError):
    """Digits that cannot be had; the message is one sentence for a person."""


Bytes = NDArray[np.uint8]


def bundled_digits_and_classes(path: Path = BUNDLED, sha256: str = BUNDLED_SHA256) -> tuple[Bytes, Bytes]:
    """Grey values, 0 (background) to 255 (ink), [10000, 28, 28], and which digit each one is, [10000].

    Raises DataError if the file is missing, is not the one with this SHA-256, or holds something else.
    """
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("its SHA-256 is wrong")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            images: Bytes = arrays["images"]
            classes: Bytes = arrays["labels"]
        if images.dtype != np.uint8 or images.shape != (10_000, 28, 28):
            raise ValueError(f"its images are {images.dtype} {images.shape}")
        if classes.dtype != np.uint8 or classes.shape != (10_000,) or classes.max() > 9:
            raise ValueError(f"its labels are {classes.dtype} {classes.shape}")
    except (OSError, ValueError, KeyError) as error:
        remedy = "restore data/mnist_10k.npz from the repository."
        raise DataError(f"Cannot use {path} ({reason_of(error)}): {remedy}") from error
    return images, classes


def described(error: Exception) -> str:
    """An error that nobody foresaw, by its type and its reason, as a person is told."""
    return f"{type(error).__name__}: {reason_of(error)[:QUOTED]}"


def reason_of(error: Exception) -> str:
    """What went wrong, in a few words."""
    cause = getattr(error, "reason", "") or error  # urllib wraps what happened
    return getattr(cause, "strerror", "") or str(cause) or type(cause).__name__
