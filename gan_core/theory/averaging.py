"""How far back an exponential average of weights reaches while it is young."""

from __future__ import annotations


def decay_in_force(decay: float, steps_before: int) -> float:
    """The share of the average that is kept in the step after `steps_before` steps; 0 keeps nothing.

    A young average is a short one: G's first images would otherwise stay in it for thousands of steps.
    """
    young = (1 + steps_before) / (10 + steps_before)
    return min(decay, young) if decay else 0.0


def memory(decay: float) -> float:
    """Over how many steps, about, such an average is taken: the sum of the weights 1, decay, decay^2, ..."""
    return 1.0 / (1.0 - decay)
