"""The update rule of a game as `theory.methods` knows it: x is the generator, y the discriminator.

Made without torch: pages, costs and words ask here; `gan_core.methods` plays the rule on networks.
"""

from __future__ import annotations

from gan_core.settings import Settings
from gan_core.theory import methods
from gan_core.theory.methods import Setup

IN_TURN = ("alternating", "lookahead")
"""Rules under which a player answers the move that the other one has just made."""

WITH_COUNTS = ("alternating", "simultaneous")
"""Rules under which a player can make several moves in a step."""

OWN = {
    "first": IN_TURN, "discriminator_steps": WITH_COUNTS, "generator_steps": WITH_COUNTS,
    "lookahead_k": ("lookahead",), "lookahead_alpha": ("lookahead",), "consensus_gamma": ("consensus",),
}  # fmt: skip
"""Settings that act under these rules alone."""

REMEMBERING = ("optimistic", "lookahead")
"""Rules that keep tensors of the size of both players' weights."""


def setup_of(settings: Settings) -> Setup:
    """The rule in force with all its numbers; with SGD, what `theory.methods.simulate` plays."""
    counts = settings.rule in WITH_COUNTS
    return Setup(
        settings.rule,
        eta_x=settings.generator_lr,
        eta_y=settings.discriminator_lr,
        first="x" if settings.first == "generator" else "y",
        inner=settings.discriminator_steps if counts else 1,
        outer=settings.generator_steps if counts else 1,
        strength=settings.consensus_gamma,
        cycle=settings.lookahead_k,
        pull=settings.lookahead_alpha,
        base="alternating",
    )


def gradient_calls(settings: Settings) -> float:
    """What one step costs, in gradients of both players (`theory.methods.gradient_calls`)."""
    setup = setup_of(settings)
    if setup.method == "simultaneous":  # further moves are made one after the other
        setup = setup._replace(method="alternating")
    return methods.gradient_calls(setup)


def players_words(settings: Settings) -> tuple[str, str]:
    """Who moves first and who answers, as one letter each."""
    g_first = settings.rule in IN_TURN and settings.first == "generator"
    return ("G", "D") if g_first else ("D", "G")
