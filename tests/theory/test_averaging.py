"""The memory of a young average, against the weights it is made of."""

from __future__ import annotations

import pytest

from gan_core.theory.averaging import decay_in_force, memory


@pytest.mark.parametrize(("steps", "known"), [(90, 11), (1000, 112), (20_000, 1000)])
def test_the_memory_of_the_default_average(steps: int, known: int) -> None:
    assert round(memory(decay_in_force(0.999, steps - 1))) == known


def test_the_memory_is_the_sum_of_the_weights() -> None:
    weights = [0.93**age for age in range(2000)]
    assert memory(0.93) == pytest.approx(sum(weights))


def test_a_short_average_is_never_made_longer_and_none_keeps_nothing() -> None:
    assert decay_in_force(0.5, 10**6) == 0.5
    assert decay_in_force(0.0, 10**6) == 0.0
    assert decay_in_force(0.5, 0) == 0.1
