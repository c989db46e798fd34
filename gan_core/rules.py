"""The update rule of a game as `theory.methods` knows it: x is the generator, y the discriminator.

Made without torch: pages, costs and words ask here; `gan_core.methods` plays the rule on networks.
"""

from __future__ import annotations

from gan_core.settings import Settings
from gan_core.theory import methods
from gan_core.theory.methods import Setup
from gan_core.theory.objectives import OBJECTIVES

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


def mixes(settings: Settings) -> bool:
    """Whether real and generated samples pass through D in one batch whose statistics they share."""
    return settings.discriminator_batch_norm and settings.discriminator_batches == "mixed"


def g_sees_real(settings: Settings) -> bool:
    """Whether G's loss depends on real samples, too."""
    relative = OBJECTIVES[settings.objective].relative
    return relative or settings.feature_matching > 0 or mixes(settings)


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


def order_of(settings: Settings) -> tuple[str, str]:
    """Whose turn comes first and whose second, as letters. Where both step at once, D's is written first."""
    g_first = settings.rule in IN_TURN and settings.first == "generator"
    return ("G", "D") if g_first else ("D", "G")


def rule_notes(settings: Settings) -> list[str]:
    """How a step goes under the rule in force, a sentence each."""
    said = []
    if settings.rule in WITH_COUNTS:
        for player, count in (("D", settings.discriminator_steps), ("G", settings.generator_steps)):
            if count > 1:
                said.append(f"{player} makes {count} steps in a row.")
    first, second = order_of(settings)
    in_turn = f"{first} makes its step first, then {second} makes its step against the new {first}."
    match settings.rule:
        case "alternating":
            said.append(in_turn)
        case "simultaneous":
            said.append("Both players make their steps from the same point.")
        case "extragradient":
            said.append(
                "θ̃ holds the weights of both players one ordinary step ahead. Both come back from there, and "
                "make their steps with the gradients seen there, on the same batch."
            )
            if settings.optimizer == "adam":  # measured on MNIST: the look ahead moved D's logits by 1.3
                said.append(
                    "A step of Adam does not become smaller near the equilibrium, so D's outputs can stay "
                    "one such step away from the equilibrium line."
                )
        case "optimistic":
            said.append("Both move from the same point, by twice the present step minus the last one.")
        case "consensus":
            said.append(
                "v holds the gradients of both players. Both make their steps from the same point, and both "
                "also make |v|² smaller."
            )
        case "lookahead":
            kept, k = settings.lookahead_alpha, settings.lookahead_k
            said += [
                in_turn,
                f"After every {k} steps both return part of the way: a share of {kept:g} of it is kept.",
            ]
    calls = gradient_calls(settings)
    return [*said, f"A step costs {calls:g} gradient {'call' if calls == 1 else 'calls'}."]
