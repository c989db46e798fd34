"""Named scenes on data whose density is known: what differs from the default settings, and what to expect.

What is expected was measured on seeds 0 and 1, on one thread, in seconds of processor time, with pictures and
evaluations at 5 Hz. JSD and TV of 10,000 samples of the averaged G, whose floors are 0.005 and 0.057 on the
ring, 0.0007 and 0.022 on a line:

    scene            after   JSD           TV            and
    ring             20 s    .019, .022    .13, .14      all eight modes; seed 0 twice; 3 minutes: .028
    ring_relativ.    60 s    .022          .14           seed 0 only; 2 minutes: .021
    ring_lsgan       12 s    .10           .32           seed 0 only
    ring_hinge       16 s    .03           .17           seed 0 only
    ring_wgan_gp     20 s    .10           .33           seed 0 only
    ring_wgan_clip   20 s    .13           .37           seed 0 only
    two_islands      8 s     .008, .011    .07, .10      both modes
    half_and_wrong   12 s    .29, .32      .68, .66      D .50 on real and on generated samples
    one_line         10 s    .035, .045    .16, .20      one sample in 200 within 0.5 of the middle
    far_blobs        20 s    .40, .60      .75, .93      "lower left" never hit
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
    **_SMALL, "data": "ring", "latent_dim": 4, "batch_size": 256, "discriminator_hidden": "128-128",
    "generator_lr": 3e-4, "discriminator_lr": 1.5e-3, "r1_gamma": 0.003, "leaky_slope": 0.02,
}  # fmt: skip
_LINE: dict[str, Any] = {**_SMALL, "batch_size": 256, "r1_interval": 1, "latent_dim": 4}
_ISLANDS: dict[str, Any] = {
    **_LINE, "data": "two_gaussians_1d", "generator_lr": 5e-4, "discriminator_lr": 2e-3, "r1_gamma": 0.03,
    "leaky_slope": 0.02, "ema_decay": 0.998,
}  # fmt: skip
_SGD: dict[str, Any] = {
    **_LINE, "data": "gaussian_1d", "latent_dim": 1, "latent_distribution": "uniform", "optimizer": "sgd",
    "sgd_momentum": 0.5, "generator_lr": 0.1, "discriminator_lr": 0.1, "r1_gamma": 0.0, "ema_decay": 0.0,
}  # fmt: skip

TOY_PRESETS: dict[str, Preset] = {
    "ring": Preset(
        "Ring of eight", _RING,
        "G finds all eight modes within seconds; after 20 seconds D's answers have come together at 0.5.",
    ),
    "far_blobs": Preset(
        "Far blobs: mode collapse",
        {**_SMALL, "data": "blobs", "latent_dim": 2, "batch_size": 128, "r1_gamma": 0.0, "adam_beta1": 0.9,
         "generator_lr": 5e-3, "discriminator_lr": 5e-3, "ema_decay": 0.0},
        "Within a second G leaves out one of the three blobs. D is sure that samples there are real, and "
        "still G does not come back.",
    ),
    "strong_d": Preset(
        "D too strong",
        {**_RING, "batch_size": 128, "r1_gamma": 0.0, "discriminator_steps": 5, "discriminator_lr": 1e-3,
         "generator_lr": 2e-4, "leaky_slope": 0.2, "ema_decay": 0.99},
        "D makes five steps for each G step. After 20 seconds its answers are still 0.7 and 0.3, and G has "
        "found only a part of the ring.",
    ),
    "circling": Preset(
        "No penalty: no rest", _SGD,
        "p_G becomes narrower and wider than p_data by turns, D's curve goes up and down, and neither comes "
        "to rest.",
    ),
    "r1_rest": Preset(
        "R1 brings it to rest", {**_SGD, "r1_gamma": 1.0},
        "The same game with the R1 penalty: after a second p_G stays near p_data, and D's curve stays "
        "between 0.48 and 0.63.",
    ),
    "half_and_wrong": Preset(
        "D = 0.5 everywhere, and wrong",
        {**_SMALL, "data": "two_gaussians_1d", "latent_dim": 1, "latent_distribution": "uniform",
         "generator_activation": "tanh", "discriminator_activation": "tanh", "adam_beta1": 0.5,
         "r1_gamma": 0.0, "adam_beta2": 0.999, "generator_lr": 2e-3, "discriminator_lr": 2e-3,
         "batch_size": 256, "ema_decay": 0.0, "generator_hidden": "32-32", "discriminator_hidden": "32-32"},
        "On average D answers 0.50 to real and to generated samples, and still TV is between 0.35 and 0.7: "
        "this D cannot tell.",
    ),
    "two_islands": Preset(
        "Two islands, z in four dimensions", _ISLANDS,
        "G covers both islands: after eight seconds TV is 0.1 or less.",
    ),
    "one_line": Preset(
        "Two islands, z in one dimension", {**_ISLANDS, "latent_dim": 1},
        "The map from z to x is continuous, so it must cross the gap: a few samples lie between the islands, "
        "and TV stays about twice as high.",
    ),
    "ring_lsgan": Preset(
        "Ring, LSGAN", {**_RING, "objective": "lsgan"},
        "The same game under squared errors. G needs about ten seconds for all eight modes, longer than "
        "under cross-entropy.",
    ),
    "ring_hinge": Preset(
        "Ring, hinge", {**_RING, "objective": "hinge"},
        "The same game under the hinge loss: all eight modes within seconds. D gives scores, and they have "
        "no line.",
    ),
    "ring_wgan_clip": Preset(
        "Ring, WGAN with clipping",
        {**_RING, "objective": "wgan_clip", "r1_gamma": 0.0, "clip": 0.1, "discriminator_steps": 3,
         "batch_size": 128, "generator_lr": 2e-4, "discriminator_lr": 1e-3},
        "The same game with clipped weights: such a D is too smooth to show G the shape of the islands, so "
        "JSD falls slowly.",
    ),
    "ring_wgan_gp": Preset(
        "Ring, WGAN-GP",
        {**_RING, "objective": "wgan_gp", "r1_gamma": 0.0, "gp_lambda": 1.0, "generator_lr": 1e-4,
         "discriminator_lr": 1e-3},
        "The same game under the Wasserstein loss with a gradient penalty: all eight modes, but samples stay "
        "between them.",
    ),
    "ring_relativistic": Preset(
        "Ring, relativistic", {**_RING, "objective": "relativistic"},
        "The same game where D compares real with generated samples: G comes as near, in twice the time.",
    ),
}  # fmt: skip
