"""The yardstick: the training loop as the introductory notebooks write it, in plain PyTorch.

The same networks, batch, losses and order of moves as ours with the course recipe, or with the scene DCGAN:
one pass of G a step, D learns on real and on detached generated images, G answers through D with flipped
labels. What differs is only how it is written: images through a DataLoader with torchvision transforms, two
passes of D, gradients of both players in both backward passes, torch's default Adam and order in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from gan_core.settings import Settings, hidden_sizes


class DigitImages(Dataset[Tensor]):
    """Digits as torchvision's MNIST hands them out: one PIL image at a time, through a transform."""

    def __init__(self, images: NDArray[np.uint8]) -> None:  # [n, 28, 28]
        self.images = images
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        image: Tensor = self.transform(Image.fromarray(self.images[index]))
        return image


def player(sizes: list[int], slope: float) -> nn.Sequential:
    """Linear layers with leaky ReLU between them."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(slope)]
    return nn.Sequential(*layers[:-1])


def notebook_loop(settings: Settings, images: NDArray[np.uint8]) -> Iterator[tuple[float, float]]:
    """Train for ever, yielding D's and G's loss after each step, as notebooks do for their plot.

    `settings` must be the course recipe or a variation of it: no batch norm, dropout, R1 or noise.
    """
    generator = nn.Sequential(
        player(
            [settings.latent_dim, *hidden_sizes(settings.generator_hidden), 784],
            settings.leaky_slope,
        ),
        nn.Tanh(),
    )
    discriminator = player(
        [784, *hidden_sizes(settings.discriminator_hidden), 1], settings.leaky_slope
    )
    betas = (settings.adam_beta1, settings.adam_beta2)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=settings.generator_lr, betas=betas)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=settings.discriminator_lr, betas=betas)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(DigitImages(images), batch_size=settings.batch_size, shuffle=True, drop_last=True)
    while True:
        for batch in loader:
            real = batch.view(len(batch), -1)
            z = torch.randn(len(batch), settings.latent_dim)
            fake = generator(z)

            d_optimizer.zero_grad()
            real_logits = discriminator(real)
            fake_logits = discriminator(fake.detach())
            d_loss = criterion(real_logits, torch.full_like(real_logits, settings.smoothing)) + criterion(
                fake_logits, torch.full_like(fake_logits, settings.fake_label)
            )
            d_loss.backward()
            d_optimizer.step()

            g_optimizer.zero_grad()
            flipped = discriminator(fake)
            g_loss = criterion(flipped, torch.ones_like(flipped))
            g_loss.backward()
            g_optimizer.step()
            yield d_loss.item(), g_loss.item()


def dcgan_loop(
    settings: Settings, images: NDArray[np.uint8], *, loads: bool = True
) -> Iterator[tuple[float, float]]:
    """The same for the scene DCGAN, with its R1 penalty in every `r1_interval`-th step of D.

    `loads`: images through the DataLoader; else rows of one tensor, which is all that a notebook can save.
    """
    slope = settings.leaky_slope
    generator = nn.Sequential(
        nn.Linear(settings.latent_dim, 32 * 7 * 7), nn.Unflatten(1, (32, 7, 7)),
        nn.BatchNorm2d(32), nn.LeakyReLU(slope), nn.Upsample(scale_factor=2),
        nn.Conv2d(32, 16, 3, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU(slope),
        nn.Conv2d(16, 4, 3, padding=1), nn.PixelShuffle(2), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.LeakyReLU(slope),
        nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.LeakyReLU(slope),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.LeakyReLU(slope), nn.Linear(64, 1),
    )  # fmt: skip
    betas = (settings.adam_beta1, settings.adam_beta2)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=settings.generator_lr, betas=betas)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=settings.discriminator_lr, betas=betas)
    criterion = nn.BCEWithLogitsLoss()
    digits = DigitImages(images)
    batches: Iterable[Tensor] = (
        DataLoader(digits, batch_size=settings.batch_size, shuffle=True, drop_last=True)
        if loads
        else _Rows(torch.stack([digits[i] for i in range(len(digits))]), settings.batch_size)
    )
    steps = 0
    while True:
        for real in batches:
            fake = generator(torch.randn(len(real), settings.latent_dim))
            d_optimizer.zero_grad()
            penalised = settings.r1_gamma > 0 and steps % settings.r1_interval == 0
            real.requires_grad_(penalised)
            real_logits = discriminator(real)
            fake_logits = discriminator(fake.detach())
            d_loss = criterion(real_logits, torch.full_like(real_logits, settings.smoothing)) + criterion(
                fake_logits, torch.full_like(fake_logits, settings.fake_label)
            )
            total = d_loss
            if penalised:
                (slopes,) = torch.autograd.grad(real_logits.sum(), real, create_graph=True)
                weight = settings.r1_gamma * settings.r1_interval / 2
                total = d_loss + weight * slopes.pow(2).sum((1, 2, 3)).mean()
            total.backward()
            d_optimizer.step()

            g_optimizer.zero_grad()
            flipped = discriminator(fake)
            g_loss = criterion(flipped, torch.ones_like(flipped))
            g_loss.backward()
            g_optimizer.step()
            steps += 1
            yield d_loss.item(), g_loss.item()


class _Rows:
    """Batches of rows of one tensor, each row once."""

    def __init__(self, images: Tensor, size: int) -> None:
        self._images, self._size = images, size

    def __iter__(self) -> Iterator[Tensor]:
        order = torch.randperm(len(self._images))
        for start in range(0, len(order) - self._size + 1, self._size):
            yield self._images[order[start : start + self._size]]
