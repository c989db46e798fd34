"""Where D's output depends on its batch, the panels of V and of D's outputs say so."""

from __future__ import annotations

from typing import Any

import pytest

from gan_core.settings import Settings
from gan_core.theory.objectives import OBJECTIVES
from ui.run_words import with_batches, words_of


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"discriminator_batch_norm": True}, "not the V that D raises"),
        ({"discriminator_batch_norm": True, "discriminator_batches": "mixed"}, "of both kinds"),
        ({"minibatch_discrimination": True}, "the other images of its batch"),
    ],
)
def test_the_panels_say_that_d_depends_on_its_batch(changes: dict[str, Any], said: str) -> None:
    plain = words_of("digits", OBJECTIVES["non_saturating"])
    words = with_batches(plain, Settings(**changes))
    for panel, before in plain.items():
        if panel in ("value", "outputs"):
            assert words[panel].sentence.startswith(before.sentence)
            assert said in words[panel].sentence
        else:
            assert words[panel] == before


def test_a_d_that_sees_one_sample_at_a_time_needs_no_such_sentence() -> None:
    plain = words_of("digits", OBJECTIVES["hinge"])
    assert with_batches(plain, Settings(discriminator_batches="mixed")) == plain
