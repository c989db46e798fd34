"""Trains the classifier of digits behind the quality measures, and writes its file.

    python -m benchmarks.train_classifier [--out FILE]

It learns from the 8,000 train digits of the bundled set only, a little turned, shifted, scaled and sheared.
The held-out digits are read once, at the end, for the accuracy in the file's metadata. The schedule is fixed:
nothing is chosen on the held-out digits. One thread, less than a minute. It prints the SHA-256 of the new
file, which belongs into gan_core/measures/classifier.py. Another version of torch may give other last bits.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save as as_bytes
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from gan_core.data import bundled_classes, bundled_digits
from gan_core.measures.classifier import ACCURACY, WEIGHTS, DigitClassifier
from gan_core.training import arithmetic_of_a_trainer

EPOCHS = 40
BATCH = 64
RATE = 3e-3  # the highest: it rises for the first tenth of the steps, then falls to 0 as a cosine
WEIGHT_DECAY = 1e-3
TURN = math.radians(12)  # at most, either way
SHIFT = 2.0  # pixels
SCALE = 0.1  # share
SHEAR = 0.15


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    out: Path = parser.parse_args().out
    with arithmetic_of_a_trainer():
        classifier = train(seed=0, epochs=EPOCHS)
        accuracy = accuracy_of(classifier, bundled_digits().held_out, bundled_classes()[1])
    # One entry only: safetensors writes several in an order that changes from run to run.
    content = as_bytes(classifier.state_dict(), {ACCURACY: f"{accuracy:.4f}"})
    out.write_bytes(content)
    print(f"held-out accuracy {accuracy:.4f}, {len(content):,} bytes in {out}")
    print(f"SHA-256 {hashlib.sha256(content).hexdigest()}")


def train(seed: int, epochs: int) -> DigitClassifier:
    """A classifier in eval mode; prints the loss of every fifth epoch."""
    images, labels = bundled_digits().train, bundled_classes()[0]
    torch.manual_seed(seed)  # for the first weights, the dropout, and all that follows
    classifier = DigitClassifier()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * (len(images) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    began = time.perf_counter()
    for epoch in range(1, epochs + 1):
        total = 0.0
        batches = torch.split(torch.randperm(len(images)), BATCH)
        for chosen in batches:
            loss = F.cross_entropy(classifier(varied(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            rates.step()
            total += float(loss.detach())
        if epoch % 5 == 0:
            spent = time.perf_counter() - began
            print(f"epoch {epoch}: loss {total / len(batches):.4f}, {spent:.0f} s", flush=True)
    return classifier.eval()


def varied(images: Tensor) -> Tensor:
    """Each digit [n, 784] turned, shifted, scaled and sheared by a little of its own."""
    count = len(images)
    turn, shear = _within(TURN, count), _within(SHEAR, count)
    scale = 1 + _within(SCALE, count)
    rows = torch.stack((
        torch.stack((scale * turn.cos(), scale * (shear - turn.sin()), _within(SHIFT / 14, count)), 1),
        torch.stack((scale * turn.sin(), scale * turn.cos(), _within(SHIFT / 14, count)), 1),
    ), 1)  # fmt: skip
    grid = F.affine_grid(rows, [count, 1, 28, 28], align_corners=False)
    # What comes from outside is 0, so the background must be 0 while the digits are moved.
    ink = (images.view(-1, 1, 28, 28) + 1) / 2
    return F.grid_sample(ink, grid, align_corners=False).view(count, 784) * 2 - 1


def _within(most: float, count: int) -> Tensor:
    """Uniform random numbers from -most to most, [count]."""
    return torch.empty(count).uniform_(-most, most)


def accuracy_of(classifier: DigitClassifier, images: Tensor, labels: Tensor) -> float:
    """Share of the digits that are read right."""
    return float((classifier.read(images).classes == labels).float().mean())


if __name__ == "__main__":
    main()
