"""What can be measured where the density of the data is known, and what is drawn of such a game."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.networks import Network, draw_latents
from gan_core.settings import Settings, sample_of
from gan_core.theory.distances import distances, modes_hit
from gan_core.theory.toys import Toy
from gan_core.training import Functions, GanTrainer

Arrays = dict[str, NDArray[Any]]

SAMPLES = {"plane": 500, "line": 4_000}
"""Of a picture."""
MEASURED = {"plane": 2_000, "line": 4_000}
"""Samples that the distances rest on: the floor of JSD on a ring is 0.02, where 500 samples give 0.07."""
LINE_BINS, LINE_POINTS, MAP_POINTS = 120, 241, 101
PLANE_POINTS = 41  # of D's map, along each axis
GRID_POINTS = 15  # of the grid of z that G warps, along each axis
REACH_OF_Z = 2.0  # standard deviations that the grid of z reaches
ARROWS = 100  # samples whose gradient is shown


@torch.no_grad()
def measure_toy(trainer: GanTrainer) -> dict[str, float]:
    """Columns of an evaluation: distances from the density, and modes hit, in eval mode.

    Of the averaged G, which is the one that is drawn.
    """
    toy, settings = toy_of(trainer), trainer.settings
    rng = torch.Generator().manual_seed(settings.seed * 1_000_003 + trainer.steps_done + 500_009)
    z = draw_latents(MEASURED[sample_of(settings.data)], settings, rng)
    samples = trainer.average(z, Functions.of(settings).generator, "eval").double().numpy()
    found = distances(samples, toy)._asdict()
    hit = modes_hit(samples, toy)
    return found | {"modes": float(len(hit)), "modes_hit": float(sum(hit))}


def take_toy_pictures(trainer: GanTrainer, latents: Tensor, generator: Network) -> Arrays:
    """What `generator` makes of `latents`, and D and G on a grid.

    line    q [120] shares of bins of the window, d_curve [241] D over the window, map_z and map_x [101]
    plane   samples [n, 2], d_map [41, 41] D over the window (up, across), warp [15, 15, 2] what G makes of a
            grid of z, slopes [100, 2] where the first samples should go for G's loss to fall
    """
    toy = toy_of(trainer)
    draw = _line if toy.dimensions == 1 else _plane
    return {name: array.astype(np.float32) for name, array in draw(trainer, toy, latents, generator).items()}


def toy_of(trainer: GanTrainer) -> Toy:
    """The density that the data of this game were drawn from. Raises ValueError where it is not known."""
    if trainer.data.toy is None:
        raise ValueError(f"the density of {trainer.data.name} is not known")
    return trainer.data.toy


@torch.no_grad()
def _line(trainer: GanTrainer, toy: Toy, latents: Tensor, generator: Network) -> Arrays:
    functions, (low, high) = Functions.of(trainer.settings), toy.window
    samples = generator(latents, functions.generator, "eval")
    counts, _ = np.histogram(samples.numpy(), bins=LINE_BINS, range=(low, high))
    z = _first_latents(trainer.settings, np.linspace(-1, 1, MAP_POINTS)[:, None])
    x = torch.linspace(low, high, LINE_POINTS)[:, None]
    return {
        "q": counts / len(samples),
        "d_curve": _answers(trainer, x, samples),
        "map_z": z[:, 0].numpy(),
        "map_x": generator(z, functions.generator, "eval")[:, 0].numpy(),
    }


def _plane(trainer: GanTrainer, toy: Toy, latents: Tensor, generator: Network) -> Arrays:
    functions = Functions.of(trainer.settings)
    with torch.no_grad():
        samples = generator(latents, functions.generator, "eval")
        across = torch.linspace(*toy.window, PLANE_POINTS)
        up, right = torch.meshgrid(across, across, indexing="ij")
        d_map = _answers(trainer, torch.stack((right.ravel(), up.ravel()), 1), samples)
        unit = np.linspace(-1, 1, GRID_POINTS)
        corner = np.stack(np.meshgrid(unit, unit, indexing="ij"), axis=-1).reshape(-1, 2)
        warp = generator(_first_latents(trainer.settings, corner), functions.generator, "eval")
    return {
        "samples": samples.numpy(),
        "d_map": d_map.reshape(PLANE_POINTS, PLANE_POINTS),
        "warp": warp.numpy().reshape(GRID_POINTS, GRID_POINTS, 2),
        "slopes": -_gradients(trainer, samples[:ARROWS], samples),
    }


def _first_latents(settings: Settings, unit: NDArray[np.float64]) -> Tensor:
    """z whose first numbers are `unit` [n, k], times what the distribution reaches; the others are 0."""
    z = torch.zeros(len(unit), settings.latent_dim)
    used = min(unit.shape[1], settings.latent_dim)
    reach = REACH_OF_Z if settings.latent_distribution == "normal" else 1.0
    z[:, :used] = torch.from_numpy(reach * unit[:, :used])
    return z


def _answers(trainer: GanTrainer, points: Tensor, samples: Tensor) -> NDArray[Any]:
    """D on its axis at `points`, [n]; a relative D compares them with the mean score of the samples."""
    functions = Functions.of(trainer.settings)
    scores = trainer.discriminator(points, functions.discriminator, "eval")
    others = trainer.discriminator(samples, functions.discriminator, "eval")
    return trainer.objective.outputs(scores, others)[0].numpy()


def _gradients(trainer: GanTrainer, shown: Tensor, samples: Tensor) -> NDArray[Any]:
    """The gradient of G's loss by each sample, [n, d], as if it were the only one."""
    functions, objective = Functions.of(trainer.settings), trainer.objective
    points = shown.clone().requires_grad_()
    scores = trainer.discriminator(points, functions.discriminator, "eval")
    real = None
    if objective.relative:
        with torch.no_grad():
            real = trainer.discriminator(trainer.held_out(len(samples)), functions.discriminator, "eval")
    loss = objective.of_g(scores, real) * len(points)
    (gradient,) = torch.autograd.grad(loss, points)
    return gradient.numpy()
