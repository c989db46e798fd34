"""Every hyperparameter, once: its name, type, default, range, help, unit, and when it acts.

A *live* field acts on the next training step. A *structural* field shapes the networks, the
data or the optimiser and needs a new run. Nothing is clipped: a value that does not fit is an
error that names the field, the value and what is allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from gan_core import drawn
from gan_core.renamed import RENAMED
from gan_core.typed import comma_said, listed, quoted, typed_as, whole_number_of

Activation = Literal["leaky_relu", "relu", "elu", "gelu", "tanh", "sigmoid"]
Player = Literal["discriminator", "generator", "game"]

Data = Literal[
    "mnist_10k", "mnist_60k", "gaussian_1d", "two_gaussians_1d", "uniform_1d", "sketch_1d", "ring", "grid",
    "line", "blobs", "moons", "spiral", "points",
]  # fmt: skip
Objective = Literal[
    "non_saturating", "minimax", "lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic"
]  # fmt: skip

Architecture = Literal["perceptron", "dcgan", "style"]
Rule = Literal[
    "simultaneous", "alternating", "extragradient", "optimistic", "lookahead", "consensus"
]  # fmt: skip

Sample = Literal["digits", "line", "plane"]

CLASSES = 10  # of digits

HELD_OUT = 2_000
"""Held-out digits. A game of perceptrons is evaluated on all of them."""
HELD_OUT_CONVOLVED = 400
"""Held-out digits that a convolutional game is evaluated on: all would cost it a quarter of a second."""

MOST_BYTES = 1_000_000  # of a file of settings; all of them are a thousandth of it
MOST_LAYERS, WIDEST = 6, 1024
MOST_HIDDEN_WEIGHTS = 3_000_000
"""Weights between the hidden layers of one player: more would take seconds a step."""

_SHAPES = {"generator": ("generator_layers", "generator_width"),
           "discriminator": ("discriminator_layers", "discriminator_width")}  # fmt: skip
OLD_NAMES = (*RENAMED, *(name for names in _SHAPES.values() for name in names))


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
        1, "D steps per G step", "How many steps D makes, one after the other, when it is D's turn.",
        player="discriminator", live=True, low=1, high=10, unit="steps",
    )
    r1_gamma: float = _knob(
        5.0, "R1 penalty",
        "Weight γ of the penalty on the slope of D at real images; 0 is off. A higher value brings D's "
        "outputs closer to the equilibrium line.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )
    r2_gamma: float = _knob(
        0.0, "R2 penalty", "Weight γ of the penalty on the slope of D at generated images; 0 is off.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )
    r1_interval: int = _knob(
        4, "R1 and R2 interval",
        "n: the R1 and R2 penalties are used at every n-th D step, n times as strong.",
        player="discriminator", live=True, low=1, high=32, unit="D steps",
    )
    instance_noise: float = _knob(
        0.0, "Instance noise",
        "Standard deviation of the noise that is added to every image for D, real or generated.",
        player="discriminator", live=True, low=0.0, high=2.0, unit="grey levels; images go from −1 to 1",
    )

    clip: float = _knob(
        0.01, "Weight clipping",
        "After each step of D, its weights are put back between −c and c. Only for WGAN with clipping.",
        player="discriminator", live=True, low=1e-3, high=1.0, log=True,
    )
    gp_lambda: float = _knob(
        10.0, "Gradient penalty",
        "Weight λ of the penalty on slopes of D that are not 1, between real and generated images. Only for "
        "WGAN-GP.",
        player="discriminator", live=True, low=0.0, high=100.0,
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
    ema_decay: float = _knob(
        0.999, "Averaging of G",
        "The digits on the page come from a running average of G's weights. This is the share of the average "
        "that is kept at each step; 0 shows G itself. Training uses G itself.",
        player="generator", live=True, low=0.0, high=0.9999,
    )

    # Live, both
    objective: Objective = _knob(
        "non_saturating", "Loss",
        "What the players minimise. non-saturating: cross-entropy, and G minimises −log D(G(z)), the loss "
        "with flipped labels. minimax: G minimises log(1 − D(G(z))); its gradient is nearly 0 while D "
        "recognises generated images. LSGAN: squared errors. hinge and WGAN: D gives scores without a limit. "
        "relativistic: D compares real with generated images.",
        player="generator", live=True,
    )
    rule: Rule = _knob(
        "alternating", "Update rule",
        "alternating: one player makes its step, then the other one against the new opponent. simultaneous: "
        "both step from the same point. extragradient: both look one step ahead on the same batch, come back "
        "and step with the gradient seen there. optimistic: twice the present step minus the last one. "
        "lookahead: alternating steps, and after every k of them both return part of the way. consensus: "
        "both also make |v|²/2 smaller, where v holds both gradients.",
        player="generator", live=True,
    )
    first: Literal["discriminator", "generator"] = _knob(
        "discriminator", "Who moves first", "Whose turn comes first in a step, where the players take turns.",
        player="generator", live=True,
    )
    generator_steps: int = _knob(
        1, "G steps in a row", "How many steps G makes, one after the other, when it is G's turn.",
        player="generator", live=True, low=1, high=10, unit="steps",
    )
    lookahead_k: int = _knob(
        5, "Cycle length k", "Lookahead: after every k steps each player returns part of the way.",
        player="generator", live=True, low=1, high=20, unit="steps",
    )
    lookahead_alpha: float = _knob(
        0.5, "Kept share α",
        "Lookahead: the share of the way of k steps that is kept. 0: back to the start of the cycle, 1: not "
        "back.",
        player="generator", live=True, low=0.0, high=1.0,
    )
    consensus_gamma: float = _knob(
        1.0, "Consensus strength γ", "Consensus: the weight of |v|²/2, which both players also make smaller.",
        player="generator", live=True, low=0.0, high=10.0,
    )
    # It stands beside D, where the slope matters most
    leaky_slope: float = _knob(
        0.2, "Leaky slope, D and G", "Slope of leaky ReLU for negative inputs, in both networks.",
        player="discriminator", live=True, low=0.0, high=0.9,
    )

    # Structural, game
    data: Data = _knob(
        "mnist_10k", "Data",
        "MNIST 10k comes with the app. MNIST 60k is the full training set; it is downloaded once. The others "
        "are small data sets of points whose density is known.",
        player="game", live=False,
    )
    drawn: str = _knob(
        "", "Drawn data", "The points or the density that were drawn by hand, as text.",
        player="game", live=False,
    )
    architecture: Architecture = _knob(
        "perceptron", "Networks",
        "perceptron: fully connected layers, as wide as the hidden layers say. DCGAN: small convolutional "
        "networks of a fixed size. style: the D of DCGAN, and a G whose noise vector sets the style of each "
        "layer. The last two are for digits only.",
        player="game", live=False,
    )
    conditional: bool = _knob(
        False, "Class-conditional",
        "G is told which digit to make, and D which digit it is shown: the game is about pairs of image and "
        "class. For digits only.",
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
    batch_size: int = _knob(
        64, "Batch size", "The number of real images, and of generated ones, in each step of a player.",
        player="game", live=False, low=8, high=512, unit="images",
    )
    seed: int = _knob(
        0, "Seed", "The same seed and settings give the same run, bit for bit, on the same machine.",
        player="game", live=False, low=0, high=2**31 - 1,
    )

    # Structural, discriminator
    discriminator_hidden: str = _knob(
        "128-128", "Hidden layers of D",
        "Units of each fully connected layer between the data and D's output: 128-256-512 is three layers. "
        "Only for perceptrons.",
        player="discriminator", live=False, unit="units",
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
        player="generator", live=False, low=1, high=256,
    )
    latent_distribution: Literal["normal", "uniform"] = _knob(
        "normal", "Latent distribution",
        "Where each number of z comes from. normal: the standard normal. uniform: between −1 and 1.",
        player="generator", live=False,
    )
    generator_hidden: str = _knob(
        "128-128", "Hidden layers of G",
        "Units of each fully connected layer between the noise vector z and G's output: 128-256-512 is "
        "three layers. Only for perceptrons.",
        player="generator", live=False, unit="units",
    )
    generator_batch_norm: bool = _knob(
        True, "Batch norm in G", "Normalises each hidden unit over the batch.",
        player="generator", live=False,
    )
    generator_dropout: float = _knob(
        0.0, "Dropout in G",
        "The share of G's hidden units that are set to 0, at random, in each training step.",
        player="generator", live=False, low=0.0, high=0.8,
    )

    @model_validator(mode="before")
    @classmethod
    def _upgraded(cls, values: Any) -> Any:
        return upgraded(values) if isinstance(values, Mapping) else values

    @field_validator("generator_hidden", "discriminator_hidden")
    @classmethod
    def _hidden(cls, text: str) -> str:
        return "-".join(map(str, hidden_sizes(text)))

    @field_validator("drawn")
    @classmethod
    def _drawn(cls, text: str) -> str:
        if len(text) > drawn.LONGEST or not set(text) <= set(drawn.ALPHABET):
            raise ValueError("no drawn data")
        return text

    @model_validator(mode="after")
    def _fits_its_data(self) -> Settings:
        try:
            drawn.check(self.data, self.drawn)
        except ValueError as error:
            raise ValueError(f"drawn does not fit: {error}") from None
        if sample_of(self.data) != "digits":
            if self.architecture != "perceptron":
                raise ValueError(f"architecture = {self.architecture} is for digits, not for {self.data}")
            if self.conditional:
                raise ValueError(f"conditional = true is for digits, not for {self.data}")
        if self.conditional and self.architecture == "style":
            raise ValueError("conditional = true is for perceptron and dcgan, not for style")
        return self

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

    Names of earlier versions are read, too (`upgraded`). Raises SettingsError with one sentence naming every
    field that does not fit, its value and what is allowed.
    """
    values = upgraded(values)
    try:
        return Settings(**values)
    except ValidationError as error:
        whole = [item for item in error.errors() if not item["loc"]]
        if whole:
            raise SettingsError(f"{whole[0]['ctx']['error']}.".replace("..", ".")) from None
        names = [str(item["loc"][0]) for item in error.errors()]
        raise SettingsError("; ".join(_complaint(name, values[name]) for name in names) + ".") from None


def upgraded(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the names of earlier versions replaced by those of today. Raises SettingsError.

    A number of layers and a width, either of them, change the hidden layers that stand beside them.
    """
    found = {RENAMED.get(name, name): value for name, value in values.items()}
    for player, names in _SHAPES.items():
        told = {name: found.pop(name) for name in names if name in found}
        if not told:
            continue
        hidden = f"{player}_hidden"
        beside = found.get(hidden, Settings.model_fields[hidden].default)
        try:
            before = hidden_sizes(str(beside))
        except ValueError:
            raise SettingsError(f"{_complaint(hidden, beside)}.") from None
        defaults = dict(zip(names, (len(before), before[0]), strict=True))
        layers, width = (_count(name, told.get(name, defaults[name])) for name in names)
        found[hidden] = "-".join([str(width)] * layers)
    return found


def _count(name: str, value: Any) -> int:
    """A number of layers, or a width. Raises SettingsError."""
    most = MOST_LAYERS if name.endswith("layers") else WIDEST
    number = whole_number_of(str(value))
    if number is None or isinstance(value, bool) or not 1 <= number <= most:
        problem = f"it must be a whole number from 1 to {most}"
        raise SettingsError(f"{name} = {quoted(value)} does not fit: {problem}.")
    return number


def sample_of(data: Data) -> Sample:
    """What one sample of a data set is: a digit, a point on a line, or a point in a plane."""
    if data.startswith("mnist"):
        return "digits"
    return "line" if data.endswith("_1d") else "plane"


def data_dimensions(data: Data) -> int:
    """Numbers that make one sample."""
    return {"digits": 784, "line": 1, "plane": 2}[sample_of(data)]


def hidden_sizes(text: str) -> list[int]:
    """Units of the hidden layers, from a text such as 128-256-512. Raises ValueError, one sentence."""
    if not re.fullmatch(r"\s*\d{1,5}(\s*[-, ]\s*\d{1,5})*\s*", text, re.ASCII):
        raise ValueError(f"it must be {HIDDEN_ALLOWED}")
    sizes = [int(number) for number in re.findall(r"\d+", text)]
    if len(sizes) > MOST_LAYERS or not all(1 <= size <= WIDEST for size in sizes):
        raise ValueError(f"it must be {HIDDEN_ALLOWED}")
    weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    if weights > MOST_HIDDEN_WEIGHTS:
        raise ValueError(
            f"it has {weights:,} weights between its hidden layers, and may have {MOST_HIDDEN_WEIGHTS:,}"
        )
    return sizes


HIDDEN_ALLOWED = f"1 to {MOST_LAYERS} widths from 1 to {WIDEST:,}, such as 128-256-512"


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
        return Settings.model_fields[_name_now(name)]
    except KeyError:
        raise SettingsError(f"there is no setting named {quoted(name)}") from None


def _name_now(name: str) -> str:
    """What a setting is called today."""
    hidden = next((f"{player}_hidden" for player, names in _SHAPES.items() if name in names), name)
    return RENAMED.get(name, hidden)


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
    if name.endswith("_hidden"):
        return HIDDEN_ALLOWED
    if field(name).annotation is str:
        return "data drawn on the page"
    if span is None:
        return "true or false"
    if field(name).annotation is int:
        return f"a whole number from {span[0]} to {span[1]}"
    return f"from {span[0]:g} to {span[1]:g}"


def _complaint(name: str, value: Any) -> str:
    if name not in Settings.model_fields:
        return f"there is no setting named {quoted(name)}"
    problem = f"it must be {allowed(name)}"
    if field(name).annotation is float:
        problem += comma_said(str(value))
    elif name.endswith("_hidden"):
        try:
            hidden_sizes(str(value))
        except ValueError as error:  # their shape, or too many weights
            problem = str(error)
    return f"{name} = {quoted(value)} does not fit: {problem}"
