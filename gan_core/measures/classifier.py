"""A small classifier of digits: the eye behind the quality measures.

Its weights are a file of the repository, written by `python -m benchmarks.train_classifier`. It learned from
the 8,000 bundled digits that a GAN trains on; the 2,000 held-out ones are new to it, as they are to a GAN.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from torch import Tensor, nn

from gan_core.bundled import CACHE, DataError, reason_of
from gan_core.settings import CLASSES

WEIGHTS = CACHE / "digit_classifier.safetensors"
WEIGHTS_SHA256 = "08c8c8a4740303c64b0054866105b5da5f4f6b9cbc244470f7f3bac796532f9b"
FEATURES = 64
ACCURACY = "held_out_accuracy"
"""Key in the file's metadata: share of the bundled held-out digits that are read right."""
BLOCK = 250  # digits at a time: what lies between the layers then stays in the cache of the processor


class Reading(NamedTuple):
    """What the classifier makes of n digits."""

    features: Tensor  # float32 [n, FEATURES], >= 0, no unit
    log_probabilities: Tensor  # float32 [n, CLASSES], in nats

    @property
    def classes(self) -> Tensor:
        """The most probable digit of each, int64 [n]."""
        return self.log_probabilities.argmax(1)


class DigitClassifier(nn.Module):
    """Three convolutions, a layer of FEATURES units, and one output a class.

    The first convolution has stride 2: at 28x28 a wide layer would cost more than all others together.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(1, 16, size=5, stride=2),  # 14x14
            *_convolution(16, 32, size=3, stride=2),  # 7x7
            *_convolution(32, 64, size=3, stride=2),  # 4x4
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(FEATURES, CLASSES))
        self.held_out_accuracy = 0.0  # as the file states it

    def forward(self, images: Tensor) -> Tensor:
        """Logits [n, CLASSES] of grey values in [-1, 1], [n, 784]."""
        logits: Tensor = self.head(self.body(images.view(-1, 1, 28, 28)))
        return logits

    @torch.no_grad()
    def read(self, images: Tensor) -> Reading:
        """Features and classes of grey values in [-1, 1], [n, 784], in one pass."""
        features = torch.cat([self.body(block.view(-1, 1, 28, 28)) for block in torch.split(images, BLOCK)])
        return Reading(features, torch.log_softmax(self.head(features), 1))

    def features(self, images: Tensor) -> Tensor:
        """The last hidden layer, [n, FEATURES]."""
        return self.read(images).features

    def probabilities(self, images: Tensor) -> Tensor:
        """Of each class, [n, CLASSES]; a row sums to 1."""
        return self.read(images).log_probabilities.exp()


def _convolution(inputs: int, outputs: int, size: int, stride: int) -> tuple[nn.Module, ...]:
    """With batch norm, which takes the place of the bias."""
    layer = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)
    return layer, nn.BatchNorm2d(outputs), nn.ReLU()


@functools.cache
def load(path: Path = WEIGHTS, sha256: str = WEIGHTS_SHA256) -> DigitClassifier:
    """The trained classifier, in eval mode and with frozen weights. Read once per process.

    All measures of a process share it: read it only. Raises DataError, one sentence, if the file is missing,
    is not the one with this SHA-256, or holds something else.
    """
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("its SHA-256 is wrong")
        classifier = DigitClassifier()
        classifier.load_state_dict(from_bytes(content))
        classifier.held_out_accuracy = float(_metadata(content)[ACCURACY])
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        remedy = "restore data/digit_classifier.safetensors from the repository."
        raise DataError(f"Cannot use {path} ({reason_of(error)}): {remedy}") from error
    return classifier.eval().requires_grad_(requires_grad=False)


def _metadata(content: bytes) -> dict[str, str]:
    """Of a safetensors file: eight bytes with the length of the header, then the header as JSON."""
    length = int.from_bytes(content[:8], "little")
    found: dict[str, str] = json.loads(content[8 : 8 + length])["__metadata__"]
    return found
