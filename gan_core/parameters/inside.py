"""G from inside, on the lab page: its pictures, their controls, and which games they fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gan_core.settings import CLASSES, Settings, sample_of
from gan_core.typed import Read, a_number, a_whole_number, one_of

INSIDE = "Inside G"
PICTURES = {
    "walk": "walk", "one digit": "choose_digit", "style mixing": "mixing", "feature maps": "feature_maps",
}  # fmt: skip
"""As the page and its address call them, and the measure behind each."""

BETWEEN = {"noise vectors": "noise", "classes": "classes"}
DIGITS = tuple(range(CLASSES))
CROSSINGS = (1, 2, 3)
MOST_SEED = 999


class Slider(NamedTuple):
    """A range and its first value."""

    low: float
    high: float
    step: float
    default: float


PSI = Slider(0.0, 1.5, 0.1, 1.0)

DEFAULTS: dict[str, Any] = {
    "picture": "walk", "between": "noise vectors", "digit": 3, "other": 8, "crossing": 2, "psi": PSI.default,
    "noise": False, "averaged": True, "noise_seed": 0,
}  # fmt: skip


def a_switch(text: str) -> bool:
    """Reads true or false."""
    return bool(one_of(("true", "false"))(text.lower()) == "true")


EXPECTED: dict[str, Read] = {
    "picture": one_of(tuple(PICTURES)), "between": one_of(tuple(BETWEEN)),
    "digit": a_whole_number(0, CLASSES - 1), "other": a_whole_number(0, CLASSES - 1),
    "crossing": a_whole_number(CROSSINGS[0], CROSSINGS[-1]), "psi": a_number(PSI.low, PSI.high),
    "noise": a_switch, "averaged": a_switch, "noise_seed": a_whole_number(0, MOST_SEED),
}  # fmt: skip


def controls_of(what: str, settings: Settings, values: Mapping[str, Any]) -> list[str]:
    """The controls of that measure in this game, in their order; `values`: what the first ones stand at."""
    told = settings.conditional
    of_walk = ["between"] if told else []
    of_walk += ["digit"] if told else []
    of_walk += ["other"] if told and values.get("between") == "classes" else []
    own: dict[str, list[str]] = {
        "walk": of_walk,
        "choose_digit": ["digit"],
        "mixing": ["crossing", "psi", "noise"],
        "feature_maps": ["digit"] if told else [],
    }
    return [*own[what], "noise_seed", "averaged"]


def options_of(what: str, settings: Settings, values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of that measure: the values of its controls; `between` as the measure calls it."""
    names = controls_of(what, settings, values)
    return {("seed" if name == "noise_seed" else name): values[name] for name in names}


def why_not(what: str, settings: Settings) -> str | None:
    """Why this game has no such picture, a sentence; None where it has."""
    if sample_of(settings.data) != "digits":
        return "Here G makes points, and the page “Toy data” shows them. These pictures are for digits."
    if what == "choose_digit" and not settings.conditional:
        return "This G is told no class. Start a game with “Class-conditional” on, then ask for a digit."
    if what == "mixing" and settings.architecture != "style":
        return "This G has no styles. Start the scene “Style-based” to mix them."
    return None
