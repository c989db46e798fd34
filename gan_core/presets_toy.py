"""Named scenes on data whose density is known: what differs from the default settings, and what to expect.

What is expected was measured on seeds 0 and 1 unless it says otherwise, on one thread of a busy machine (200
to 300 steps a second on the ring), in seconds of processor time, with pictures and evaluations at 5 Hz. JSD
and TV of 10,000 samples of the averaged G; their floors are 0.005 and 0.057 on the ring, 0.0007 and 0.022 on
a line:

    scene            after   JSD           TV            and
    ring             20 s    .02, .10      .14, .34      all eight modes from 10 s on
    ring             60 s    .02, .04      .12, .17      D .50 and .50, .52 and .49
    ring             180 s   .03, .04      .16, .19      all eight modes throughout
    ring_relativistic 180 s  .03           .16           seed 0 only; all eight modes throughout
    ring_hinge       60 s    .035          .18           seed 0 only
    ring_wgan_clip   60 s    .07           .28           seed 0 only
    ring_wgan_gp     20 s    .10           .33           seed 0 only
    ring_lsgan       12 s    .10           .32           seed 0 only
    two_islands      8 s     .008, .011    .07, .10      both modes
    half_and_wrong   12 s    .29, .32      .68, .66      D .50 on real and on generated samples
    strong_d_spectral 900 steps .27, .28    -            all eight modes from step 300 on; D .51 and .49
    strong_d         600 steps .36         -            seed 0 only; three modes; D .74 and .19
    one_line         10 s    .035, .045    .16, .20      one sample in 200 within 0.5 of the middle
    far_blobs        20 s    .40, .60      .75, .93      "lower left" never hit

The scenes of the update rules play one game, measured in 12 s of steps alone (320 a second under consensus,
360 under extragradient, 530 to 670 under the others). How far p_G's mean was from that of the data, at most,
in windows of 1.5 s; seed 0, then seed 1:

    rule             0    1.5  3    4.5  6    7.5  9    10.5         0    1.5  3    4.5  6    7.5  9    10.5
    simultaneous     1.3  1.1  .85  .32  .12  .15  .30  1.7          1.7  1.1  1.1  1.0  1.1  1.1  1.1  1.1
    alternating      1.2  .66  .05  .08  .07  .12  .79  .24          1.6  1.2  1.1  .95  .98  .95  .88  .82
    extragradient    1.1  .10  .07  .07  .07  .08  .20  .32          1.5  1.1  .96  .87  .10  .07  .11  .15
    optimistic       1.1  .10  .07  .07  .19  .12  .14  .27          1.5  1.0  .50  .14  .20  .28  .24  .18
    lookahead        1.2  .12  .07  .08  .06  .05  .03  .05          1.9  1.3  .90  .04  .06  .05  .05  .07
    consensus        .64  .08  .10  .05  .04  .04  .03  .03          1.4  .14  .17  .09  .13  .05  .03  .02

Historical averaging of weight 0.1, under simultaneous steps: .08 to .18 from step 300 to 1,500, where the
same game without it has 1.0 to 1.2 (seed 0) and 1.1 (seed 1). The spread of p_G is then .4 to .8 of that of
the data (seed 0) and .1 (seed 1); there the mean is .54 off again before step 1,800.

The spread of p_G, as a share of that of the data: .2 to 2.1 under optimistic (from 6 s on), .3 to 1.8 under
extragradient (from 9 s on), .7 to 1.2 under lookahead and consensus (from 4.5 s on). The networks are small
for the sake of extragradient: its step must stay below 1 / λ, λ the largest eigenvalue of D's own curvature,
while a plain step may reach 2 / λ. With 64-64 leaky ReLU units and this step size it left the game for good
(seed 0).
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
_STRONG: dict[str, Any] = {
    **_RING, "batch_size": 128, "r1_gamma": 0.0, "discriminator_steps": 5, "discriminator_lr": 1e-3,
    "generator_lr": 2e-4, "leaky_slope": 0.2, "ema_decay": 0.99,
}  # fmt: skip
_ISLANDS: dict[str, Any] = {
    **_LINE, "data": "two_gaussians_1d", "generator_lr": 5e-4, "discriminator_lr": 2e-3, "r1_gamma": 0.03,
    "leaky_slope": 0.02, "ema_decay": 0.998,
}  # fmt: skip
_SGD: dict[str, Any] = {
    **_LINE, "data": "gaussian_1d", "latent_dim": 1, "latent_distribution": "uniform", "optimizer": "sgd",
    "sgd_momentum": 0.5, "generator_lr": 0.1, "discriminator_lr": 0.1, "r1_gamma": 0.0, "ema_decay": 0.0,
}  # fmt: skip

_RULES: dict[str, Any] = {
    **_SGD, "sgd_momentum": 0.0, "generator_hidden": "16-16", "discriminator_hidden": "16-16",
    "generator_activation": "tanh", "discriminator_activation": "tanh",
}  # fmt: skip

TOY_PRESETS: dict[str, Preset] = {
    "ring": Preset(
        "Ring of eight", _RING,
        "G finds all eight modes within ten seconds; within a minute D's answers come together at 0.5.",
    ),
    "far_blobs": Preset(
        "Far blobs: mode collapse",
        {**_SMALL, "data": "blobs", "latent_dim": 2, "batch_size": 128, "r1_gamma": 0.0, "adam_beta1": 0.9,
         "generator_lr": 5e-3, "discriminator_lr": 5e-3, "ema_decay": 0.0},
        "Within a second G leaves out one of the three blobs. D is sure that samples there are real, and "
        "still G does not come back.",
    ),
    "strong_d": Preset(
        "D too strong", _STRONG,
        "D makes five steps for each G step. After 20 seconds its answers are still 0.7 and 0.3, and G has "
        "found only a part of the ring.",
    ),
    "strong_d_spectral": Preset(
        "Strong D, spectral norm", {**_STRONG, "spectral_norm": True},
        "The same game, D's slope limited: G hits all eight modes within 300 steps, but samples lie between "
        "them, and JSD stays near 0.3.",
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
        "The same game under squared errors. One mode may be missing for a minute; under cross-entropy all "
        "eight are there after ten seconds.",
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
        "The same game where D compares real with generated samples: G comes about as near to the data.",
    ),
    "rule_simultaneous": Preset(
        "Rule: simultaneous", {**_RULES, "rule": "simultaneous"},
        "p_G jumps from one side of p_data to the other. With seed 1 it does so all the time; with seed 0 it "
        "stops after six seconds and begins again after ten.",
    ),
    "rule_alternating": Preset(
        "Rule: alternating", _RULES,
        "The same game: the jumps of p_G from side to side become smaller. With seed 0 they end after three "
        "seconds and come back, with seed 1 they last.",
    ),
    "rule_extragradient": Preset(
        "Rule: extragradient", {**_RULES, "rule": "extragradient"},
        "The same game: the jumps end after two seconds (seed 0) or six (seed 1). After nine seconds p_G "
        "becomes narrower and wider.",
    ),
    "rule_optimistic": Preset(
        "Rule: optimistic", {**_RULES, "rule": "optimistic"},
        "The same game: the jumps end after two seconds (seed 0) or five (seed 1). Then p_G becomes narrower "
        "and wider by turns.",
    ),
    "rule_lookahead": Preset(
        "Rule: lookahead", {**_RULES, "rule": "lookahead"},
        "The same game comes to rest: the jumps end after two seconds (seed 0) or five (seed 1), and p_G "
        "stays near p_data.",
    ),
    "rule_consensus": Preset(
        "Rule: consensus", {**_RULES, "rule": "consensus"},
        "The same game comes to rest first: the jumps end within two seconds, and p_G stays near p_data.",
    ),
    "rule_historical": Preset(
        "Historical averaging", {**_RULES, "rule": "simultaneous", "historical_averaging": 0.1},
        "Simultaneous steps, held back by the mean of past weights: the jumps end within a second, but with "
        "seed 1 p_G stays narrow.",
    ),
}  # fmt: skip
