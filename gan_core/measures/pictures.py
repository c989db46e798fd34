"""What a viewer sees of a game at one step: digits of fixed latents, real ones, D's verdicts on both.

Like every measure, it draws nothing from the game's random numbers and changes no weight.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.history import Array, Keyframe
from gan_core.networks import draw_latents
from gan_core.settings import Settings
from gan_core.training import Functions, GanTrainer

SHOWN_FAKES = 64
SHOWN_REALS = 16


class Pictures(NamedTuple):
    """Grey values uint8 [n, 784] and D's outputs [n]."""

    digits: NDArray[np.uint8]  # SHOWN_FAKES of them
    verdicts: Array
    real_digits: NDArray[np.uint8]  # SHOWN_REALS of them, the same at every step
    real_verdicts: Array

    def keyframe(self, step: int) -> Keyframe:
        """As a frame of the film."""
        return Keyframe(step, self.digits, self.verdicts, self.real_verdicts)


def shown_latents(settings: Settings) -> Tensor:
    """The z of all pictures of a run, [SHOWN_FAKES, latent_dim], so that one digit is seen growing."""
    return draw_latents(SHOWN_FAKES, settings, torch.Generator().manual_seed(settings.seed))


@torch.no_grad()
def take_pictures(trainer: GanTrainer, latents: Tensor) -> Pictures:
    """What the averaged G makes of `latents`, beside the first held-out digits, in eval mode."""
    functions = Functions.of(trainer.settings)
    fake = trainer.average(latents, functions.generator, "eval")
    real = trainer.digits.held_out[:SHOWN_REALS]
    logits = trainer.discriminator(torch.cat((fake, real)), functions.discriminator, "eval")
    verdicts = logits.sigmoid().numpy().astype(np.float64)
    return Pictures(_grey(fake), verdicts[:SHOWN_FAKES], _grey(real), verdicts[SHOWN_FAKES:])


def _grey(images: Tensor) -> NDArray[np.uint8]:
    """Images in [-1, 1] as bytes; a G that has left the numbers shows black."""
    return images.nan_to_num(-1.0).add(1).mul(127.5).round().clamp(0, 255).byte().numpy()
