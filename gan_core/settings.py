"""Every hyperparameter, once: its name, type, default, range, help, unit, and when it acts.

A *live* field acts on the next training step. A *structural* field shapes the networks, the
data or the optimiser and needs a new run. Nothing is clipped: a value that does not fit is an
error that names the field, the value and what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from gan_core.typed import comma_said, listed, quoted, typed_as

Activation = Literal["leaky_relu", "relu", "elu", "gelu", "tanh", "sigmoid"]
Player = Literal["discriminator", "generator", "game"]

MOST_BYTES = 1_000_000  # of a file of settings; all of them are a thousandth of it


class SettingsError(ValueError):
    """A setting that is unknown or out of range; the message is one sentence for a person."""


def _knob(
    default: Any, label: str, help: str, *, player: Player, live: bool,
    low: float | None = None, high: float | None = None, log: bool = False, unit: str = "",
) -> Any:  # fmt: skip
    return Field(
        default,
        ge=low,
        le=high,
        title=label,
        description=help,
        json_schema_extra={"player": player, "live": live, "log": log, "unit": unit},
    )


class Settings(BaseModel):
    """All settings of one run; frozen, so a change is a new object (see `replace`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Live, discriminator
    smoothing: float = _knob(
        0.9, "Label smoothing",
        "The label of a real image when D learns: 1 is off, 0.9 is the usual one-sided smoothing. It moves "
        "the equilibrium line to (label smoothing + fake label) / 2.",
        player="discriminator", live=True, low=0.5, high=1.0,
    )
    fake_label: float = _knob(
        0.0, "Fake label",
        "The label of a generated image when D learns (the literature calls generated images fake). Above 0 "
        "the smoothing is two-sided, and G gets less gradient where its images are worst.",
        player="discriminator", live=True, low=0.0, high=0.3,
    )
    discriminator_lr: float = _knob(
        1e-3, "Learning rate of D",
        "Step size of D's optimiser. When you change it, Adam's averages are kept.",
        player="discriminator", live=True, low=1e-6, high=1e-1, log=True, unit="per step",
    )
    discriminator_activation: Activation = _knob(
        "leaky_relu", "Activation in D",
        "The function after each hidden layer of D. When you change it, the weights are kept.",
        player="discriminator", live=True,
    )
    discriminator_steps: int = _knob(
        1, "D steps per G step", "How many steps D makes for each step of G.",
        player="discriminator", live=True, low=1, high=10, unit="steps",
    )
    r1_gamma: float = _knob(
        5.0, "R1 penalty",
        "Weight γ of the penalty on the slope of D at real images; 0 is off. A higher value brings D's "
        "outputs closer to the equilibrium line.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )
    r1_interval: int = _knob(
        4, "R1 interval", "n: the R1 penalty is used at every n-th D step, n times as strong.",
        player="discriminator", live=True, low=1, high=32, unit="D steps",
    )
    instance_noise: float = _knob(
        0.0, "Instance noise",
        "Standard deviation of the noise that is added to every image for D, real or generated.",
        player="discriminator", live=True, low=0.0, high=2.0, unit="grey levels; images go from −1 to 1",
    )

    # Live, generator
    generator_lr: float = _knob(
        1e-3, "Learning rate of G",
        "Step size of G's optimiser. When you change it, Adam's averages are kept.",
        player="generator", live=True, low=1e-6, high=1e-1, log=True, unit="per step",
    )
    generator_activation: Activation = _knob(
        "leaky_relu", "Activation in G",
        "The function after each hidden layer of G. When you change it, the weights are kept.",
        player="generator", live=True,
    )
    generator_loss: Literal["non_saturating", "minimax"] = _knob(
        "non_saturating", "Loss of G",
        "non-saturating: minimise −log D(G(z)), the loss with flipped labels. minimax: minimise "
        "log(1 − D(G(z))); its gradient is nearly 0 while D recognises generated images.",
        player="generator", live=True,
    )
    ema_decay: float = _knob(
        0.999, "Averaging of G",
        "The digits on the page come from a running average of G's weights. This is the share of the average "
        "that is kept at each step; 0 shows G itself. Training uses G itself.",
        player="generator", live=True, low=0.0, high=0.9999,
    )

    # Live, both: it stands beside D, where the slope matters most
    leaky_slope: float = _knob(
        0.2, "Leaky slope, D and G", "Slope of leaky ReLU for negative inputs, in both networks.",
        player="discriminator", live=True, low=0.0, high=0.9,
    )

    # Structural, game
    data: Literal["mnist_10k", "mnist_60k"] = _knob(
        "mnist_10k", "Digits",
        "MNIST 10k comes with the app. MNIST 60k is the full training set; it is downloaded once.",
        player="game", live=False,
    )
    optimizer: Literal["adam", "sgd"] = _knob(
        "adam", "Optimiser", "The rule that changes the weights. Each player has its own, of the same kind.",
        player="game", live=False,
    )
    adam_beta1: float = _knob(
        0.0, "Adam beta 1",
        "The share of Adam's mean gradient that is kept at each step. 0 is no momentum: fewer oscillations.",
        player="game", live=False, low=0.0, high=0.99,
    )
    adam_beta2: float = _knob(
        0.999, "Adam beta 2", "The share of Adam's mean squared gradient that is kept at each step.",
        player="game", live=False, low=0.0, high=0.9999,
    )
    sgd_momentum: float = _knob(
        0.0, "SGD momentum", "The share of the last change that is added to the next one. Only for SGD.",
        player="game", live=False, low=0.0, high=0.99,
    )
    update_order: Literal["alternating", "simultaneous"] = _knob(
        "alternating", "Order of steps",
        "alternating: D makes its step first, then G its step against the new D. simultaneous: both make "
        "their steps from the same point.",
        player="game", live=False,
    )
    batch_size: int = _knob(
        64, "Batch size", "The number of real images, and of generated ones, in each step of a player.",
        player="game", live=False, low=8, high=512, unit="images",
    )
    seed: int = _knob(
        0, "Seed", "The same seed and settings give the same run, bit for bit, on the same machine.",
        player="game", live=False, low=0, high=2**31 - 1,
    )

    # Structural, discriminator
    discriminator_layers: int = _knob(
        2, "Hidden layers of D", "Fully connected layers between the image and D's output.",
        player="discriminator", live=False, low=1, high=3,
    )
    discriminator_width: int = _knob(
        128, "Width of D", "Units in each hidden layer.",
        player="discriminator", live=False, low=32, high=1024, unit="units",
    )
    discriminator_batch_norm: bool = _knob(
        False, "Batch norm in D",
        "Normalises each hidden unit over the batch: D's output then depends on the whole batch.",
        player="discriminator", live=False,
    )
    discriminator_dropout: float = _knob(
        0.0, "Dropout in D",
        "The share of D's hidden units that are set to 0, at random, in each training step.",
        player="discriminator", live=False, low=0.0, high=0.8,
    )

    # Structural, generator
    latent_dim: int = _knob(
        100, "Latent dimensions", "Length of the noise vector z that G turns into an image.",
        player="generator", live=False, low=2, high=256,
    )
    latent_distribution: Literal["normal", "uniform"] = _knob(
        "normal", "Latent distribution",
        "Where each number of z comes from. normal: the standard normal. uniform: between −1 and 1.",
        player="generator", live=False,
    )
    generator_layers: int = _knob(
        2, "Hidden layers of G", "Fully connected layers between the noise vector z and the image.",
        player="generator", live=False, low=1, high=3,
    )
    generator_width: int = _knob(
        128, "Width of G", "Units in each hidden layer.",
        player="generator", live=False, low=32, high=1024, unit="units",
    )
    generator_batch_norm: bool = _knob(
        True, "Batch norm in G", "Normalises each hidden unit over the batch.",
        player="generator", live=False,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _typed(cls, value: Any, info: ValidationInfo) -> Any:
        return typed_as(field(str(info.field_name)).annotation, value)  # pydantic alone takes 1_000, too

    def replace(self, **changes: Any) -> Settings:
        """A copy with `changes`, checked. Raises SettingsError."""
        return make_settings({**self.model_dump(), **changes})

    def difference(self, base: Settings) -> dict[str, Any]:
        """The fields that differ from `base`, with this object's values."""
        theirs = base.model_dump()
        return {name: value for name, value in self.model_dump().items() if value != theirs[name]}

    def same_structure(self, other: Settings) -> bool:
        """Whether a run can go on under `other` without being built anew."""
        return not any(not is_live(name) for name in self.difference(other))


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from names and values; texts are read as numbers where a number is due.

    Raises SettingsError with one sentence naming every field that does not fit, its value and
    what is allowed.
    """
    try:
        return Settings(**values)
    except ValidationError as error:
        names = [str(item["loc"][0]) for item in error.errors()]
        raise SettingsError("; ".join(_complaint(name, values[name]) for name in names) + ".") from None


def read_settings(path: Path) -> Settings:
    """The settings in a JSON file. Raises SettingsError, also where there is no such file."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise ValueError("no file, or one that is too large for settings")
        values = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(_no_run(path)) from error
    if not isinstance(values, dict):
        raise SettingsError(_no_run(path))
    return make_settings(values)


def _no_run(path: Path) -> str:
    return f"{path.parent.name} holds no run that can be opened: its {path.name} is missing or damaged."


def field(name: str) -> FieldInfo:
    """The declaration of one setting. Raises SettingsError if there is none of that name."""
    try:
        return Settings.model_fields[name]
    except KeyError:
        raise SettingsError(f"there is no setting named {quoted(name)}") from None


def field_names() -> list[str]:
    """All setting names, in the order they are declared."""
    return list(Settings.model_fields)


def trait(name: str, key: Literal["player", "live", "log", "unit"]) -> Any:
    """What a setting says of itself beside its range: whose it is, when it acts, its unit."""
    extra = field(name).json_schema_extra
    assert isinstance(extra, dict)
    return extra[key]


def is_live(name: str) -> bool:
    """Whether a change of this setting acts on the next step of a running game."""
    return bool(trait(name, "live"))


def limits(name: str) -> tuple[float, float] | None:
    """Lowest and highest allowed value, or None for a choice or a switch."""
    low = high = None
    for rule in field(name).metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
    return None if low is None or high is None else (low, high)


def choices(name: str) -> tuple[str, ...] | None:
    """The allowed words of a choice, or None."""
    kind = field(name).annotation
    return get_args(kind) if get_origin(kind) is Literal else None


def allowed(name: str) -> str:
    """What a setting may be, in words."""
    words, span = choices(name), limits(name)
    if words is not None:
        return f"one of {listed(words)}"
    if span is None:
        return "true or false"
    if field(name).annotation is int:
        return f"a whole number from {span[0]} to {span[1]}"
    return f"from {span[0]:g} to {span[1]:g}"


def _complaint(name: str, value: Any) -> str:
    if name not in Settings.model_fields:
        return f"there is no setting named {quoted(name)}"
    mark = comma_said(str(value)) if field(name).annotation is float else ""
    return f"{name} = {quoted(value)} does not fit: it must be {allowed(name)}{mark}"
