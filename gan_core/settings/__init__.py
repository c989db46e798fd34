"""Every hyperparameter, once: its name, type, default, range, help, unit, and when it acts.

A *live* field acts on the next training step. A *structural* field shapes the networks, the
data or the optimiser and needs a new run. Nothing is clipped: a value that does not fit is an
error that names the field, the value and what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, ValidationInfo, field_validator, model_validator

from gan_core import drawn
from gan_core.renamed import RENAMED
from gan_core.settings.fields import Architecture, Data, Fields, Objective, Rule
from gan_core.settings.sizes import (
    CLASSES,
    HELD_OUT,
    HELD_OUT_CONVOLVED,
    MOST_LAYERS,
    WIDEST,
    Sample,
    data_dimensions,
    hidden_sizes,
    sample_of,
)
from gan_core.settings.traits import (
    OLD_NAMES,
    SHAPES,
    SettingsError,
    allowed,
    choices,
    complaint,
    field,
    field_names,
    is_live,
    limits,
    trait,
)
from gan_core.typed import quoted, typed_as, whole_number_of

__all__ = [
    "CLASSES", "HELD_OUT", "HELD_OUT_CONVOLVED", "MOST_BYTES", "OLD_NAMES", "Architecture", "Data",
    "Objective", "Rule", "Sample", "Settings", "SettingsError", "allowed", "choices", "data_dimensions",
    "field", "field_names", "hidden_sizes", "is_live", "limits", "make_settings", "read_settings",
    "sample_of", "trait", "upgraded",
]  # fmt: skip

MOST_BYTES = 1_000_000  # of a file of settings; all of them are a thousandth of it


class Settings(Fields):
    """All settings of one run; frozen, so a change is a new object (see `replace`)."""

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
            if self.minibatch_discrimination:  # D's curve and map are about single points
                raise ValueError(f"minibatch_discrimination = true is for digits, not for {self.data}")
        if self.conditional and self.architecture == "style":
            raise ValueError("conditional = true is for perceptron and dcgan, not for style")
        if self.virtual_batch_norm and self.architecture == "style":
            raise ValueError("virtual_batch_norm = true is for perceptron and dcgan: style has no batch norm")
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
        raise SettingsError("; ".join(complaint(name, values[name]) for name in names) + ".") from None


def upgraded(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the names of earlier versions replaced by those of today. Raises SettingsError.

    A number of layers and a width, either of them, change the hidden layers that stand beside them.
    """
    found = {RENAMED.get(name, name): value for name, value in values.items()}
    for player, names in SHAPES.items():
        told = {name: found.pop(name) for name in names if name in found}
        if not told:
            continue
        hidden = f"{player}_hidden"
        beside = found.get(hidden, Settings.model_fields[hidden].default)
        try:
            before = hidden_sizes(str(beside))
        except ValueError:
            raise SettingsError(f"{complaint(hidden, beside)}.") from None
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
