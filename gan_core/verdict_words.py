"""What is said of each state of the game (`diagnosis`); controls in “quotes”, as labelled in `settings`."""

from __future__ import annotations

from typing import Literal

from gan_core.theory.objectives import Objective

Tone = Literal["good", "watch", "bad", "idle"]
Words = tuple[Tone, str, str]
"""Tone, sentence and advice."""

WORDS: dict[str, Words] = {
    "Not started": ("idle", "No training step has been made yet.", "Press Play."),
    "Stopped": (
        "bad",
        "The training cannot go on. The message above says why.",
        "Go back to the last checkpoint if there is one, or start a new game.",
    ),
    "Warming up": ("idle", "Too little has been measured to judge the game.", "Wait a moment."),
    "Diverged": (
        "bad",
        "The losses and outputs are too extreme to be useful.",
        "Go back to an earlier step, then lower “Learning rate of D” and “Learning rate of G”.",
    ),
    "G collapsed": (
        "bad",
        "G makes nearly the same sample from every noise vector z: mode collapse.",
        "Raise “R1 penalty”, lower “Learning rate of G”, or start a new game with “Batch norm in G”.",
    ),
    **{
        f"G makes mostly {digit}s": (
            "bad",
            f"Four fifths of G's digits, or more, are {digit}s: G has lost the other classes. D's outputs "
            "alone do not show it.",
            "Change “Loss”, or raise “R1 penalty”.",
        )
        for digit in range(10)
    },
    "Not measured": (
        "idle",
        "D's outputs, or the equilibrium line for them, were not measured at this step.",
        "Play on to measure them.",
    ),
    "New labels": (
        "watch",
        "The labels have changed, and so has the equilibrium line. D has not yet learned the new labels.",
        "Let it play for some seconds.",
    ),
    "D saturated: the minimax loss is flat": (
        "bad",
        "D is sure of every sample. The minimax loss passes on only a small part of D's gradient to G: "
        "the share D(generated).",
        "Raise “R1 penalty” or “Instance noise”, lower “Learning rate of D”, or change “Loss”.",
    ),
    "D saturated: G's loss is still steep": (
        "watch",
        "D is sure of every sample. The non-saturating loss still passes on nearly all of D's gradient to G: "
        "the share 1 − D(generated).",
        "Raise “R1 penalty” or “Instance noise”, or lower “Learning rate of D”.",
    ),
    "D overfits": (
        "watch",
        "D has memorised its training samples: its answers are worse on new ones.",
        "Raise “R1 penalty” or “Instance noise”, or start a new game with “Dropout in D” or more “Data”.",
    ),
    "Oscillating": (
        "watch",
        "The players oscillate: D's mean output goes up and down and does not settle.",
        "Raise “R1 penalty”, or lower “Learning rate of D” and “Learning rate of G” together.",
    ),
    "D cannot tell": (
        "good",
        "D's answers are no better than chance. This is necessary for equilibrium, but not sufficient: "
        "a better D may still see a difference.",
        "Look at the samples, or make D stronger with “D steps per G step”.",
    ),
    "Balanced": (
        "good",
        "D's mean outputs are near the equilibrium line, and D is wrong on at least 1 sample in 4: neither "
        "player is winning. The samples can still be poor: a weak D balances a weak G, too.",
        "Let it play. A higher “R1 penalty” brings D closer to the line.",
    ),
    "D is ahead": (
        "watch",
        "D can tell real from generated samples, and G learns too slowly to prevent it.",
        "Raise “R1 penalty”, or lower “Learning rate of D” or “D steps per G step”.",
    ),
    "D beyond its margins": (
        "watch",
        "D's mean scores are beyond both margins, 1 and −1: D's loss is nearly 0, and D learns little. G's "
        "gradient does not vanish: under the hinge loss every score passes on all of D's gradient to G.",
        "Raise “R1 penalty” or “Instance noise”, or lower “Learning rate of D”.",
    ),
    "D is ahead: the gap stays": (
        "watch",
        "D can tell most real samples from generated ones, and the difference of their mean scores does not "
        "shrink: G does not come closer.",
        "Raise “Learning rate of G”, or lower “Learning rate of D”. Weights of D at the limit of “Weight "
        "clipping” are normal.",
    ),
    "D is behind": (
        "watch",
        "D's outputs are away from the equilibrium line, and nearly the same for real and generated samples. "
        "D still has to learn G's new samples, or the new labels.",
        "Wait, or raise “Learning rate of D” or “D steps per G step”.",
    ),
}


WITHOUT_LINE: dict[str, Words] = {
    "Not measured": (
        "idle",
        "D's scores were not measured at this step.",
        "Play on to measure them.",
    ),
    "D cannot tell": (
        "good",
        "D's scores tell real from generated samples no better than chance. This loss has no equilibrium "
        "line for D. A better D may still see a difference.",
        "Look at the samples, or make D stronger with “D steps per G step”.",
    ),
    "Balanced": (
        "good",
        "D is wrong on at least 1 sample in 4: neither player is winning. This loss has no equilibrium line "
        "for D: its scores can lie anywhere, and only their difference counts.",
        "Let it play. The samples can still be poor: a weak D balances a weak G, too.",
    ),
    "D is ahead": (
        "watch",
        "D can tell most real samples from generated ones. G's gradient does not vanish: under this loss "
        "every score passes on all of D's gradient to G.",
        "Let it play, or lower “Learning rate of D” or “D steps per G step”.",
    ),
    "D is behind": (
        "watch",
        "D's scores are wrong more often than chance, or V is far from its equilibrium value. D still has to "
        "learn G's new samples.",
        "Wait, or raise “Learning rate of D” or “D steps per G step”.",
    ),
}
"""Of states that other losses have, too, under a loss without an equilibrium line."""


def words_under(objective: Objective, name: str) -> Words:
    """The words of a state under an objective. Raises KeyError."""
    return WITHOUT_LINE[name] if not objective.has_line and name in WITHOUT_LINE else WORDS[name]
