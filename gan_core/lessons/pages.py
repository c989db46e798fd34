"""What a lesson may say of each page: its panels, its controls, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gan_core.parameters import games, lab, saddle, value
from gan_core.presets import FIRST, LIVE, PLAYED, TOY, preset_named, preset_settings
from gan_core.settings import Settings, SettingsError, field_names, is_live, make_settings
from gan_core.typed import Read, quoted

PRESET = "preset"


class Theory(NamedTuple):
    """A page of charts, without a game of its own: the readers of its address, and what it begins with."""

    expected: Mapping[str, Read]
    defaults: Mapping[str, Any]


THEORY: dict[str, Theory] = {
    "games": Theory(games.EXPECTED, games.DEFAULTS),
    "value": Theory(value.EXPECTED, value.DEFAULTS),
    "saddle": Theory(saddle.EXPECTED, saddle.DEFAULTS),
    "lab": Theory(lab.EXPECTED, lab.DEFAULTS),
}
PANELS: dict[str, tuple[str, ...]] = {
    LIVE: ("digits", "value", "losses", "quality", "path", "saddle", "outputs", "diagnosis"),
    TOY: ("samples", "value", "losses", "distances", "saddle", "slice", "outputs", "diagnosis"),
    "games": ("table", "replies", "value", "payoffs", "square", "surface", "simplex", "time"),
    "value": tuple(name for names in value.CHARTS.values() for name in names),
    "saddle": ("surface", "field", "radius", "spectrum", "map", "players", "live"),
    "lab": tuple(name for names in lab.CHARTS.values() for name in names),
}
"""The panels of each page, by the names they have in the page."""


def controls_of(page: str) -> list[str]:
    """The names that `control` may have on `page`."""
    return field_names() if page in PLAYED else list(THEORY[page].expected)


def values_of(page: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """All values of a theory page at this address. Raises ValueError."""
    theory = THEORY[page]
    return dict(theory.defaults) | {name: theory.expected[name](text) for name, text in parameters.items()}


def complaint_about(page: str, name: str, text: str, *, goes_on: bool = False) -> str | None:
    """Why a setting does not fit `page`, one sentence; None where it does. `goes_on`: in a running game."""
    try:
        if page not in PLAYED:
            if name not in THEORY[page].expected:
                return f"there is nothing named {quoted(name)} on the page {quoted(page)}."
            THEORY[page].expected[name](text)
        elif name == PRESET:
            preset_named(text)
        else:
            make_settings({name: text})
    except SettingsError as error:
        return str(error)
    except ValueError as error:
        return f"{name} = {quoted(text)} does not fit: {error}"
    if goes_on and (name == PRESET or not is_live(name)):
        return f"{name} needs a new game: a scene with 'continue = true' can set live settings only."
    return None


def game_of(page: str, parameters: Mapping[str, str], before: Settings | None) -> Settings:
    """The settings of a scene that is played: with `before`, those of the game that goes on, changed."""
    changes = {name: text for name, text in parameters.items() if name != PRESET}
    if before is not None:
        return before.replace(**changes)
    return preset_settings(parameters.get(PRESET, FIRST[page]), **changes)
