"""What a setting says of itself: its range, its words, whose it is, when it acts."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from gan_core.renamed import RENAMED
from gan_core.settings.fields import Fields
from gan_core.settings.sizes import HIDDEN_ALLOWED, hidden_sizes
from gan_core.typed import comma_said, listed, quoted

SHAPES = {"generator": ("generator_layers", "generator_width"),
           "discriminator": ("discriminator_layers", "discriminator_width")}  # fmt: skip
OLD_NAMES = (*RENAMED, *(name for names in SHAPES.values() for name in names))


class SettingsError(ValueError):
    """A setting that is unknown or out of range; the message is one sentence for a person."""


def field(name: str) -> FieldInfo:
    """The declaration of one setting. Raises SettingsError if there is none of that name."""
    try:
        return Fields.model_fields[_name_now(name)]
    except KeyError:
        raise SettingsError(f"there is no setting named {quoted(name)}") from None


def _name_now(name: str) -> str:
    """What a setting is called today."""
    hidden = next((f"{player}_hidden" for player, names in SHAPES.items() if name in names), name)
    return RENAMED.get(name, hidden)


def field_names() -> list[str]:
    """All setting names, in the order they are declared."""
    return list(Fields.model_fields)


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


def complaint(name: str, value: Any) -> str:
    """What is wrong with this value of a setting, or that there is none of that name."""
    if name not in Fields.model_fields:
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
