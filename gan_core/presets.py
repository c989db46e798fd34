"""Named scenes: each a difference from the default settings, and what to expect of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from gan_core.presets_toy import TOY_PRESETS, Preset
from gan_core.settings import Settings, SettingsError, make_settings, sample_of
from gan_core.typed import listed, quoted

CUSTOM = "custom"
"""What settings that match no preset are called."""


_NO_R1: dict[str, Any] = {"r1_gamma": 0.0}
_THREE_PLAIN_LAYERS: dict[str, Any] = {
    "generator_hidden": "128-128-128", "discriminator_hidden": "128-128-128", "r1_gamma": 0.0,
    "generator_activation": "sigmoid", "generator_batch_norm": False,
}  # fmt: skip

_SATURATING: dict[str, Any] = {
    **_NO_R1, "objective": "minimax", "discriminator_steps": 3, "generator_lr": 2e-4,
    "generator_batch_norm": False,
}  # fmt: skip
_COLLAPSE: dict[str, Any] = {
    **_NO_R1, "generator_lr": 2e-3, "discriminator_lr": 2e-3, "adam_beta1": 0.9,
    "generator_hidden": "128-128-128", "generator_batch_norm": False, "generator_activation": "relu",
}  # fmt: skip

_FAST: dict[str, Any] = {
    "latent_dim": 64, "batch_size": 32, "generator_lr": 4e-3, "discriminator_lr": 4e-3, "adam_beta2": 0.99,
    "r1_gamma": 1.0, "smoothing": 1.0, "ema_decay": 0.998,
}  # fmt: skip
"""High rates, without momentum and with the R1 penalty: what small convolutional players learn fast with."""

PRESETS: dict[str, Preset] = {
    "balanced": Preset(
        "Balanced (default)", {},
        "Digits can be read after about ten seconds. D's outputs on real and generated digits come together "
        "at 0.45.",
    ),
    "course_recipe": Preset(
        "Course recipe",
        {
            "generator_hidden": "128", "discriminator_hidden": "128", "generator_batch_norm": False,
            "adam_beta1": 0.9, "generator_lr": 2e-3, "discriminator_lr": 2e-3, "leaky_slope": 0.01,
            "latent_distribution": "uniform", "r1_gamma": 0.0, "ema_decay": 0.0,
        },
        "The settings of a typical course notebook. Both players oscillate. For thousands of steps G makes "
        "one blurred shape; noisy digits come late.",
    ),
    "course_dropout": Preset(
        "Course recipe with dropout",
        {
            "generator_hidden": "32-64-128", "discriminator_hidden": "128-64-32",
            "generator_batch_norm": False, "generator_dropout": 0.3, "discriminator_dropout": 0.3,
            "adam_beta1": 0.9, "generator_lr": 2e-3, "discriminator_lr": 2e-3,
            "latent_distribution": "uniform", "r1_gamma": 0.0, "ema_decay": 0.0,
        },
        "Both players oscillate. For long stretches G makes nearly the same image from every noise vector, "
        "and may fall back to it after a minute.",
    ),
    "wide_recipe": Preset(
        "128-256-512-1024",
        {
            "generator_hidden": "128-256-512-1024", "discriminator_hidden": "512-256", "smoothing": 1.0,
            "adam_beta1": 0.5, "generator_lr": 2e-4, "discriminator_lr": 2e-4, "r1_gamma": 0.0,
            "ema_decay": 0.0,
        },
        "A step takes four times as long. After 2,500 steps the digits have nine tenths of the variety of "
        "real ones; D's means are 0.65 and 0.50.",
    ),
    "no_smoothing": Preset(
        "No smoothing", {"smoothing": 1.0},
        "The game without smoothing: the equilibrium line is at 0.5, and V moves towards −log 4 = −1.386 "
        "nats.",
    ),
    "two_sided_smoothing": Preset(
        "Two-sided smoothing", {"smoothing": 0.9, "fake_label": 0.1},
        "The equilibrium line is at 0.5 again, but G gets less gradient where its images are worst.",
    ),
    "strong_discriminator": Preset(
        "Strong discriminator",
        {**_NO_R1, "discriminator_hidden": "256-256", "discriminator_steps": 3},
        "D makes three steps for each G step: its outputs on real and generated digits move apart, V rises, "
        "and later D memorises its digits.",
    ),
    "weak_discriminator": Preset(
        "Weak discriminator", {"discriminator_hidden": "32"},
        "D comes to the equilibrium line early, because it sees only few differences. The digits stay poor.",
    ),
    "saturating_loss": Preset(
        "Saturating loss", _SATURATING,
        "D is nearly sure of every image, so the minimax loss gives G only a small share of D's gradient. "
        "After about 3,500 steps G makes mostly 1s.",
    ),
    "saturating_spectral": Preset(
        "Saturating loss, spectral norm", {**_SATURATING, "spectral_norm": True},
        "The same game, D's slope limited: after 320 steps D is less sure, its means are 0.7 and 0.2 instead "
        "of 0.9 and 0.0. The variety is no larger.",
    ),
    "sigmoid_inside": Preset(
        "Sigmoid inside",
        {"generator_activation": "sigmoid", "discriminator_activation": "sigmoid"},
        "Each sigmoid layer passes on at most a quarter of the gradient. Both players start to learn late, "
        "and the digits stay blurred for long.",
    ),
    "three_layers": Preset(
        "Three layers, no batch norm", _THREE_PLAIN_LAYERS,
        "A G of three sigmoid layers without batch norm makes only one or two different images from all its "
        "noise vectors.",
    ),
    "three_layers_batch_norm": Preset(
        "Three layers, batch norm", {**_THREE_PLAIN_LAYERS, "generator_batch_norm": True},
        "The same G with batch norm learns to make many different images.",
    ),
    "three_layers_virtual": Preset(
        "Three layers, virtual batch norm", {**_THREE_PLAIN_LAYERS, "virtual_batch_norm": True},
        "The same G, each image normalised with a fixed reference batch: after 300 steps the variety is half "
        "of that of real digits.",
    ),
    "unregularised": Preset(
        "Unregularised", {**_NO_R1, "adam_beta1": 0.5},
        "All looks well for a minute. Then D memorises its training digits, V on them rises, and G slowly "
        "loses variety.",
    ),
    "collapse": Preset(
        "Collapse at once", _COLLAPSE,
        "Within seconds G makes the same image from every noise vector, and D is so sure that G gets almost "
        "no gradient.",
    ),
    "collapse_minibatch": Preset(
        "Collapse, minibatch discrimination", {**_COLLAPSE, "minibatch_discrimination": True},
        "The same game, but D sees how alike a batch is: after 600 steps the digits still have 0.2 to 0.4 of "
        "the variety of real ones.",
    ),
    "collapse_matching": Preset(
        "Collapse, feature matching", {**_COLLAPSE, "feature_matching": 1.0},
        "G only matches the mean of D's last hidden layer: after 600 steps D is still unsure, but the "
        "variety is 0.1 to 0.2 of that of real digits.",
    ),
    "batches_separate": Preset(
        "Batch norm in D, separate batches", {"smoothing": 1.0, "discriminator_batch_norm": True},
        "D tells whole batches apart, not single images: after 400 steps V is −1.34 to −1.40, near −log 4, "
        "and still the digits are poor.",
    ),
    "batches_mixed": Preset(
        "Batch norm in D, mixed batch",
        {"smoothing": 1.0, "discriminator_batch_norm": True, "discriminator_batches": "mixed"},
        "The same game with real and generated images in one batch: after 400 steps V is −1.04, and the "
        "variety 0.9 instead of 0.7.",
    ),
    "lsgan": Preset(
        "LSGAN", {"objective": "lsgan", "smoothing": 1.0},
        "D's scores have a line at 0.5. After about 2,300 steps their means are 0.1 apart around it, and D "
        "is right on 2 of 3 digits.",
    ),
    "hinge": Preset(
        "Hinge loss", {"objective": "hinge"},
        "D's scores have no line; V is −2 at equilibrium. After about 2,300 steps V is −1.7, and D is right "
        "on 2 of 3 digits.",
    ),
    "wgan_clip": Preset(
        "WGAN with clipping",
        {**_NO_R1, "objective": "wgan_clip", "clip": 0.1, "discriminator_steps": 2},
        "G learns slowly: after about 1,600 steps its digits have half the variety of real ones. Only the "
        "gap of the scores counts, not their size.",
    ),
    "wgan_gp": Preset(
        "WGAN-GP", {**_NO_R1, "objective": "wgan_gp", "gp_lambda": 1.0},
        "V, the gap of the mean scores, is about 1.2 after 4,000 steps, and the digits have nine tenths of "
        "the variety of real ones.",
    ),
    "relativistic": Preset(
        "Relativistic", {"objective": "relativistic"},
        "The line is 0.5 under all labels. After about 2,200 steps D's means are 0.55 and 0.45, and D is "
        "right on 4 of 5 digits.",
    ),
    "dcgan": Preset(
        "DCGAN", {**_FAST, "architecture": "dcgan"},
        "A step takes three times as long and teaches more: its digits are better than the default ones "
        "after ten seconds, and as good after a minute.",
    ),
    "conditional_dcgan": Preset(
        "Conditional DCGAN", {**_FAST, "architecture": "dcgan", "conditional": True},
        "A column for each class. After 30 seconds 97 of 100 digits of the averaged G are read as the class "
        "asked for: the fastest way to good digits here.",
    ),
    "conditional": Preset(
        "Conditional perceptrons",
        {"conditional": True, "latent_dim": 64, "smoothing": 1.0, "ema_decay": 0.998},
        "A column for each class. After a minute 95 of 100 digits of the averaged G are read as the class "
        "asked for.",
    ),
    "style_based": Preset(
        "Style-based", {**_FAST, "architecture": "style", "generator_lr": 1.5e-2},
        "The noise vector sets the style of each layer. Good digits come after half a minute; after a minute "
        "no game without classes has better ones.",
    ),
}  # fmt: skip


ALL_PRESETS = PRESETS | TOY_PRESETS
LIVE, TOY = "live", "toy"
PLAYED = (LIVE, TOY)
"""The pages that play a game, by their places in the address: of digits, and of data with a known density."""
FIRST = {LIVE: "balanced", TOY: "ring"}
"""The scene that each of them begins with."""


def page_of(settings: Settings) -> str:
    """The page that shows such a game, by its place in the address."""
    return LIVE if sample_of(settings.data) == "digits" else TOY


def presets_for(settings: Settings) -> dict[str, Preset]:
    """The scenes of the page that shows such a game: of digits, or of data whose density is known."""
    return PRESETS if page_of(settings) == LIVE else TOY_PRESETS


def beside(settings: Settings) -> dict[str, Any]:
    """What no scene decides: the seed and, of digits, how many there are."""
    digits = {"data": settings.data} if page_of(settings) == LIVE else {}
    return {"seed": settings.seed, **digits}


def preset_named(text: str) -> str:
    """The name of the preset that has this name or this title. Raises SettingsError."""
    wanted = text.strip().casefold()
    for name, preset in ALL_PRESETS.items():
        if wanted in (name, preset.title.casefold()):
            return name
    raise SettingsError(f"there is no preset named {quoted(text)}: it must be one of {listed(ALL_PRESETS)}.")


def preset_settings(name: str, **changes: Any) -> Settings:
    """The settings of a preset, by its name or title, with `changes` on top. Raises SettingsError."""
    return make_settings({**ALL_PRESETS[preset_named(name)].changes, **changes})


class Nearest(NamedTuple):
    """The preset that settings come closest to, and where they differ."""

    name: str
    differences: dict[str, tuple[Any, Any]]  # field: the preset's value, theirs


def nearest_preset(settings: Settings) -> Nearest:
    """The preset with the fewest fields that differ, `beside` aside; the first of several."""
    found = []
    for name in presets_for(settings):
        preset = preset_settings(name, **beside(settings))
        differences = {
            field: (getattr(preset, field), value) for field, value in settings.difference(preset).items()
        }
        found.append(Nearest(name, differences))
    return min(found, key=lambda nearest: len(nearest.differences))


def preset_of(settings: Settings) -> str:
    """The preset these settings are, `beside` aside, or CUSTOM."""
    for name in presets_for(settings):
        if settings == preset_settings(name, **beside(settings)):
            return name
    return CUSTOM
