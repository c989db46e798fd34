"""The lab page: its views, its measures, and what its address may say."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gan_core.parameters import inside
from gan_core.parameters.inside import INSIDE
from gan_core.typed import Read, a_whole_number, one_of, quoted

BESIDE = "Two runs"
VIEWS = ("Distance", "Saddle", "Overfitting", INSIDE, BESIDE)


class Question(NamedTuple):
    """A measure that a person can ask for: the view that shows it, and the words of its button."""

    view: str
    title: str
    help: str


MEASURES = {
    "fresh_discriminator": Question(
        "Distance", "A new D",
        "Trains a new discriminator from nothing against this generator, which stands still. Two seeds.",
    ),
    "quality": Question(
        "Distance", "Quality",
        "Compares 2,000 generated digits with real ones, by the features of a small classifier.",
    ),
    "surface": Question(
        "Saddle", "Surface of V",
        "V of the two real networks on a plane: one direction of each player. Then the next 60 steps on it.",
    ),
    "spectrum": Question(
        "Saddle", "Spectrum", "The leading eigenvalues of the game's Jacobian at the present weights.",
    ),
    "duality_gap": Question(
        "Saddle", "Duality gap", "How much each player alone could still gain while the other stands still.",
    ),
    "path_angle": Question(
        "Saddle", "Path angle",
        "Toys only: both players move on by whole batches; then the field along the straight line there.",
    ),
    "overfitting": Question(
        "Overfitting", "D's outputs",
        "D on digits it has learned from, on held-out ones and on generated ones; nearest training digits.",
    ),
}  # fmt: skip
"""By the name that the command line and the address use."""

DIRECTIONS = {"main path": "path", "last update": "update", "random": "random"}
"""Of the surface: as the page shows them, and as the measure calls them."""

CHARTS = {
    "Distance": ("fresh", "quality", "overtime"),
    "Saddle": ("surface", "lab_spectrum", "gap", "path_angle"),
    "Overfitting": ("heart", "answers", "nearest"),
    INSIDE: tuple(inside.PICTURES.values()),
    BESIDE: ("here", "other", "both_quality", "both_gaps"),
}
"""The charts of each view; the path angle is drawn for toys only."""


def a_run(text: str) -> str:
    """The name of a run. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise ValueError(f"{quoted(text)} is not a name of a run.")
    return text


EXPECTED: dict[str, Read] = {
    "run": a_run, "view": one_of(VIEWS), "what": one_of(tuple(MEASURES)), "step": a_whole_number(0, 10**12),
    "directions": one_of(tuple(DIRECTIONS)), **inside.EXPECTED,
}  # fmt: skip
DEFAULTS: dict[str, Any] = {"view": VIEWS[0], "directions": next(iter(DIRECTIONS)), **inside.DEFAULTS}


def options_of(what: str, directions: str, *, path: bool = True) -> dict[str, bool | str]:
    """The options under which the page asks for a measure.

    `path`: with the next steps of the game, also where the directions do without them.
    """
    if what != "surface":
        return {}
    return {"directions": DIRECTIONS[directions], "path": path or DIRECTIONS[directions] == "path"}
