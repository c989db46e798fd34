"""Named scenes on data whose density is known: what differs from the default settings, and what to expect.

What is expected was measured on seeds 0 and 1, on one core; `docs/objectives.md` has the figures.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """A difference from the defaults and one sentence."""

    title: str
    changes: dict[str, Any]
    expect: str


_SMALL: dict[str, Any] = {
    "generator_hidden": "64-64", "discriminator_hidden": "64-64", "generator_batch_norm": False,
    "smoothing": 1.0, "adam_beta2": 0.99, "generator_lr": 1e-3, "discriminator_lr": 2e-3,
    "ema_decay": 0.9995,
}  # fmt: skip
_RING: dict[str, Any] = {
    **_SMALL, "data": "ring", "latent_dim": 4, "batch_size": 128, "discriminator_hidden": "128-128",
    "generator_lr": 5e-4, "discriminator_lr": 1e-3, "r1_gamma": 0.003,
}  # fmt: skip
_LINE: dict[str, Any] = {
    **_SMALL, "batch_size": 256, "generator_lr": 2e-3, "discriminator_lr": 4e-3, "r1_gamma": 0.05,
    "r1_interval": 1, "latent_dim": 4, "ema_decay": 0.995,
}  # fmt: skip

TOY_PRESETS: dict[str, Preset] = {
    "ring": Preset(
        "Ring of eight", _RING,
        "G finds all eight modes within seconds, and D's answers come together at 0.5.",
    ),
    "far_blobs": Preset(
        "Far blobs: mode collapse",
        {**_SMALL, "data": "blobs", "latent_dim": 2, "batch_size": 128, "r1_gamma": 0.0, "adam_beta1": 0.9,
         "generator_lr": 5e-3, "discriminator_lr": 5e-3, "ema_decay": 0.0},
        "G puts all its samples on one or two of the three blobs, and jumps to another when D has learned "
        "where it is.",
    ),
    "strong_d": Preset(
        "D too strong",
        {**_RING, "r1_gamma": 0.0, "discriminator_steps": 5,
         "generator_lr": 2e-4, "ema_decay": 0.99},
        "D makes five steps for each G step. Its map is steep around the samples, and its answers on real "
        "and on generated samples stay apart.",
    ),
    "circling": Preset(
        "No penalty: no rest",
        {**_LINE, "data": "gaussian_1d", "latent_dim": 1, "latent_distribution": "uniform", "r1_gamma": 0.0,
         "adam_beta1": 0.5, "ema_decay": 0.0},
        "p_G moves to and fro over p_data and does not rest.",
    ),
    "r1_rest": Preset(
        "R1 brings it to rest",
        {**_LINE, "data": "gaussian_1d", "latent_dim": 1, "latent_distribution": "uniform", "r1_gamma": 0.1,
         "adam_beta1": 0.5, "ema_decay": 0.0},
        "The same game with the R1 penalty: p_G comes to rest on p_data, and D is flat at 0.5.",
    ),
    "half_and_wrong": Preset(
        "D = 0.5 everywhere, and wrong",
        {**_SMALL, "data": "two_gaussians_1d", "latent_dim": 1, "latent_distribution": "uniform",
         "generator_activation": "tanh", "discriminator_activation": "tanh", "adam_beta1": 0.5,
         "r1_gamma": 0.0, "adam_beta2": 0.999, "generator_lr": 2e-3, "discriminator_lr": 2e-3,
         "batch_size": 256, "ema_decay": 0.0, "generator_hidden": "32-32", "discriminator_hidden": "32-32"},
        "D answers about 0.5 to everything, and still p_G is far from p_data: this D cannot tell.",
    ),
    "two_islands": Preset(
        "Two islands, z in four dimensions", {**_LINE, "data": "two_gaussians_1d"},
        "G covers both islands within eight seconds, with little between them.",
    ),
    "one_line": Preset(
        "Two islands, z in one dimension",
        {**_LINE, "data": "two_gaussians_1d", "latent_dim": 1, "latent_distribution": "uniform",
         "r1_gamma": 0.1, "discriminator_lr": 2e-3},
        "The map from z to x is continuous, so G must lead it from one island to the other: samples lie "
        "between them.",
    ),
    "ring_lsgan": Preset(
        "Ring, LSGAN", {**_RING, "objective": "lsgan"}, "The same game under squared errors.",
    ),
    "ring_hinge": Preset(
        "Ring, hinge", {**_RING, "objective": "hinge"}, "The same game under the hinge loss.",
    ),
    "ring_wgan_clip": Preset(
        "Ring, WGAN with clipping",
        {**_RING, "objective": "wgan_clip", "r1_gamma": 0.0, "clip": 0.1, "discriminator_steps": 3},
        "The same game with clipped weights.",
    ),
    "ring_wgan_gp": Preset(
        "Ring, WGAN-GP", {**_RING, "objective": "wgan_gp", "r1_gamma": 0.0, "gp_lambda": 1.0},
        "The same game under the Wasserstein loss with a gradient penalty.",
    ),
    "ring_relativistic": Preset(
        "Ring, relativistic", {**_RING, "objective": "relativistic"},
        "The same game where D compares real with generated samples.",
    ),
}  # fmt: skip
