"""Two scripts that are copied everywhere, written anew from what they do in each step, in plain PyTorch.

Both are of github.com/eriklindernoren/PyTorch-GAN, `implementations/gan/gan.py` and
`implementations/wgan_gp/wgan_gp.py`, with their networks and defaults: batches of 64 digits through a
DataLoader and torchvision's transforms, noise from NumPy, torch's default Adam. Not here: the line that is
printed at every step, and the images saved every 400 steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BATCH, LATENT = 64, 100
NORM_EPS = 0.8  # what the scripts give batch norm in the place of eps
MOVES_OF_D = 5  # for one of G, in wgan_gp.py
PENALTY = 10.0

Digits = NDArray[np.uint8]  # [n, 28, 28]
Losses = tuple[float, float]  # of D and of G

OURS = {
    "generator_hidden": "128-256-512-1024", "discriminator_hidden": "512-256", "generator_lr": 2e-4,
    "discriminator_lr": 2e-4, "adam_beta1": 0.5, "smoothing": 1.0, "r1_gamma": 0.0, "ema_decay": 0.0,
}  # fmt: skip
"""Settings of ours that play `gan_script`'s game; it has no batch norm after G's first layer."""
OURS_WGAN_GP = {**OURS, "objective": "wgan_gp", "discriminator_steps": MOVES_OF_D, "gp_lambda": PENALTY}


class LabelledDigits(Dataset[tuple[Tensor, int]]):
    """Digits with a label, as torchvision's MNIST hands them out: one PIL image at a time."""

    def __init__(self, images: Digits) -> None:
        self.images = images
        self.transform = transforms.Compose(
            [transforms.Resize(28), transforms.ToTensor(), transforms.Normalize([0.5], [0.5])]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image: Tensor = self.transform(Image.fromarray(self.images[index]))
        return image, index % 10


def gan_script(images: Digits) -> Iterator[Losses]:
    """Train as gan.py for ever, yielding both losses after each step: G moves first, then D."""
    generator, discriminator = _generator(), _discriminator(nn.Sigmoid())
    g_optimizer, d_optimizer = _adam(generator), _adam(discriminator)
    criterion = nn.BCELoss()
    for real in _batches(images):
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        g_optimizer.zero_grad()
        fake = generator(_noise(len(real)))
        g_loss = criterion(discriminator(fake), ones)
        g_loss.backward()
        g_optimizer.step()

        d_optimizer.zero_grad()
        on_real = criterion(discriminator(real), ones)
        on_fake = criterion(discriminator(fake.detach()), zeros)
        d_loss = (on_real + on_fake) / 2
        d_loss.backward()
        d_optimizer.step()
        yield d_loss.item(), g_loss.item()


def wgan_gp_script(images: Digits) -> Iterator[Losses]:
    """Train as wgan_gp.py for ever, yielding both losses after each move of G, which follows five of D.

    D's backward pass goes on into G, because the generated images are not detached: so does the script's.
    """
    generator, discriminator = _generator(), _discriminator()
    g_optimizer, d_optimizer = _adam(generator), _adam(discriminator)
    for moves, real in enumerate(_batches(images), start=1):
        d_optimizer.zero_grad()
        noise = _noise(len(real))
        fake = generator(noise)
        gap = discriminator(fake).mean() - discriminator(real).mean()
        d_loss = gap + PENALTY * _slope_penalty(discriminator, real, fake.detach())
        d_loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        if moves % MOVES_OF_D == 0:
            g_loss = -discriminator(generator(noise)).mean()
            g_loss.backward()
            g_optimizer.step()
            yield d_loss.item(), g_loss.item()


def _slope_penalty(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """The mean squared distance of D's slopes from 1, between real and generated images."""
    share = _from_numpy(np.random.default_rng().random((len(real), 1, 1, 1)))
    between = (share * real + (1 - share) * fake).requires_grad_()
    scores = discriminator(between)
    (slopes,) = torch.autograd.grad(scores, between, torch.ones_like(scores), create_graph=True)
    lengths = slopes.view(len(real), -1).norm(2, dim=1)
    penalty: Tensor = ((lengths - 1) ** 2).mean()
    return penalty


def _batches(images: Digits) -> Iterator[Tensor]:
    """[64, 1, 28, 28], for ever."""
    loader = DataLoader(LabelledDigits(images), batch_size=BATCH, shuffle=True, drop_last=True)
    while True:
        for batch, _ in loader:
            yield batch


def _generator() -> nn.Sequential:
    widths = [LATENT, 128, 256, 512, 1024]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers.append(nn.Linear(n_in, n_out))
        if n_in != LATENT:
            layers.append(nn.BatchNorm1d(n_out, NORM_EPS))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))


def _discriminator(*last: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.LeakyReLU(0.2, inplace=True), nn.Linear(512, 256),
        nn.LeakyReLU(0.2, inplace=True), nn.Linear(256, 1), *last,
    )  # fmt: skip


def _adam(player: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(player.parameters(), lr=2e-4, betas=(0.5, 0.999))


def _noise(count: int) -> Tensor:
    return _from_numpy(np.random.default_rng().normal(0, 1, (count, LATENT)))


def _from_numpy(numbers: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(numbers).float()
