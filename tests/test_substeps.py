"""The parts of a step in slow motion say what the record says, in lines of the program that is shown."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from gan_core.settings import Rule, Settings
from gan_core.substeps import substeps
from gan_core.torch_lines import torch_lines

RECORD = {
    "d_real": 0.61, "d_fake": 0.42, "real_loss": 0.71, "fake_loss": 0.52, "d_loss": 1.23, "g_loss": 0.87,
    "d_grad_norm": 0.034, "g_grad_norm": 0.0071, "d_pull": 0.052, "g_pull": -0.013,
}  # fmt: skip


def test_seven_parts_with_the_numbers_of_the_record() -> None:
    parts = substeps(Settings(batch_size=48, latent_dim=20), RECORD)
    assert [part.title for part in parts] == [
        "Noise", "Generator", "Discriminator", "Losses", "Gradients", "D moves", "G moves"
    ]  # fmt: skip
    assert [part.moment for part in parts] == ["before"] * 5 + ["between", "after"]
    said = " ".join(part.sentence for part in parts)
    for number in ("48", "20", "0.61", "0.42", "0.71", "0.52", "1.23", "0.87", "0.034", "0.0071", "+0.052",
                   "−0.013"):  # fmt: skip
        assert number in said


CALLS = (
    "torch.randn(64, 100, generator=rng)", "G(", "D(real)", "loss_of_d(real, generated.detach(), ",
    "loss.backward()", "optimizer_D.step()", "optimizer_G.step()",
)  # fmt: skip


def test_the_code_of_each_part_stands_in_the_program() -> None:
    program = torch_lines(Settings())
    for part, call in zip(substeps(Settings(), RECORD), CALLS, strict=True):
        assert call in part.code
        assert call in program


@pytest.mark.parametrize("rule", get_args(Rule))
@pytest.mark.parametrize("first", ["discriminator", "generator"])
def test_under_every_rule_the_moves_stand_in_their_order_and_in_the_program(rule: Any, first: Any) -> None:
    settings = Settings(rule=rule, first=first)
    parts = substeps(settings, RECORD)
    g_first = first == "generator" and rule in ("alternating", "lookahead")
    moves = [part.title for part in parts[5:]]
    assert moves == (["G moves", "D moves"] if g_first else ["D moves", "G moves"])
    assert [part.moment for part in parts] == ["before"] * 5 + ["between", "after"]
    assert "+0.052" in parts[6 if g_first else 5].sentence  # D's
    program = torch_lines(settings)
    for part in parts[4:]:
        assert part.code.removesuffix(")") in program
    losses = parts[3].sentence
    assert ("against the new G" in losses, "against the new D" in losses) == (
        g_first, rule in ("alternating", "lookahead") and not g_first
    )  # fmt: skip


def test_what_a_rule_adds_is_told() -> None:
    assert "come back" in substeps(Settings(rule="extragradient"), RECORD)[4].sentence
    assert "minus the last one" in substeps(Settings(rule="optimistic"), RECORD)[4].sentence
    assert "|v|²" in substeps(Settings(rule="consensus"), RECORD)[4].sentence
    assert "After every 7 steps" in substeps(Settings(rule="lookahead", lookahead_k=7), RECORD)[6].sentence
    assert "G makes 2 such moves" in substeps(Settings(generator_steps=2), RECORD)[6].sentence
    assert "such moves" not in substeps(Settings(generator_steps=2, rule="optimistic"), RECORD)[6].sentence


def test_several_moves_of_d_are_told() -> None:
    assert "D makes 3 such moves" in substeps(Settings(discriminator_steps=3), RECORD)[5].sentence
    assert "such moves" not in substeps(Settings(), RECORD)[5].sentence
