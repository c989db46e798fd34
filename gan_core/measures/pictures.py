"""What a viewer sees of a game at one step: samples of fixed latents, and D on them; arrays by name.

    digits   digits uint8 [64, 784], verdicts [64]; real_verdicts [16] on real digits (`real_digits`).
             In a conditional game 80 of them, a column for each class
    plane    samples, d_map, warp, slopes     see `gan_core.measures.toy`
    line     q, d_curve, map_z, map_x
    both     slice, slice_path, slice_moves, slice_step    of a run's film: see `gan_core.measures.slice`

Like every measure, it draws nothing from the game's random numbers and changes no weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.measures.slice import Slices
from gan_core.measures.toy import SAMPLES, take_toy_pictures
from gan_core.networks import Network, draw_latents, with_class, without_class
from gan_core.settings import CLASSES, Settings, sample_of
from gan_core.training import Functions, GanTrainer, on_cpu

Pictures = dict[str, NDArray[Any]]

SHOWN = {"digits": 64, **SAMPLES}
"""Latents of a picture, by the kind of a sample."""
SHOWN_REALS = 16
ROWS = 8  # of the sheet of digits


def shown_latents(settings: Settings) -> Tensor:
    """The z of all pictures of a run, [SHOWN[kind] or 80, latent_dim], so that one sample is seen moving."""
    rng = torch.Generator().manual_seed(settings.seed)
    if not settings.conditional:
        return draw_latents(SHOWN[sample_of(settings.data)], settings, rng)
    # A row shares its noise vector, so that a column differs from the next one by the class alone.
    z = draw_latents(ROWS, settings, rng)[:, :-1].repeat_interleave(CLASSES, 0)
    return with_class(z, torch.arange(CLASSES).repeat(ROWS))


def take_pictures(
    trainer: GanTrainer, latents: Tensor, *, averaged: bool = True, slices: Slices | None = None
) -> Pictures:
    """What G, or its average, makes of `latents`, and what D says of it, in eval mode.

    `slices`: those of the run, where this picture is one of its film.
    """
    trainer = on_cpu(trainer)
    generator = trainer.average if averaged else trainer.generator
    if trainer.data.toy is None:
        return _digits(trainer, latents, generator)
    pictures = take_toy_pictures(trainer, latents, generator)
    return pictures if slices is None else pictures | slices.take(trainer)


@torch.no_grad()
def _digits(trainer: GanTrainer, latents: Tensor, generator: Network) -> Pictures:
    """The digits, beside the first held-out ones; for another objective than a probability, D's scores."""
    functions = Functions.of(trainer.settings)
    fake = generator(latents, functions.generator, "eval")
    real = trainer.held_out(SHOWN_REALS)
    logits = trainer.discriminator(torch.cat((fake, real)), functions.discriminator, "eval")
    on_real, on_fake = trainer.objective.outputs(logits[len(fake) :], logits[: len(fake)])
    verdicts, real_verdicts = (outputs.numpy().astype(np.float64) for outputs in (on_fake, on_real))
    images, _ = without_class(fake, conditional=trainer.settings.conditional)
    return {"digits": as_grey(images), "verdicts": verdicts, "real_verdicts": real_verdicts}


def real_digits(trainer: GanTrainer) -> NDArray[np.uint8]:
    """The real digits that `real_verdicts` are on, uint8 [SHOWN_REALS, 784]."""
    return as_grey(trainer.data.held_out[:SHOWN_REALS])


def as_grey(images: Tensor) -> NDArray[np.uint8]:
    """Images in [-1, 1] as bytes; a G that has left the numbers shows black."""
    return images.nan_to_num(-1.0).add(1).mul(127.5).round().clamp(0, 255).byte().numpy()
