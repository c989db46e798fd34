"""Slow motion: what happens in one training step, part by part, in words, numbers and lines of PyTorch.

Texts alone, made without torch. The lines are those of `torch_lines`, which a test runs beside the trainer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gan_core.history import Moment
from gan_core.settings import Settings
from gan_core.torch_lines import latents_line


class Substep(NamedTuple):
    """One part of a step."""

    title: str
    sentence: str
    code: str
    moment: Moment  # whose picture belongs to it


def substeps(settings: Settings, record: Mapping[str, float]) -> list[Substep]:
    """The parts of the step that `record` is of, in their order.

    `record`: the columns of a StepRecord by name, all of them measured.
    """
    n, together = settings.batch_size, settings.update_order == "simultaneous"
    d_moves, often = settings.discriminator_steps, settings.discriminator_steps > 1
    where = "from the same point as D" if together else "against the new D"
    more = f" D makes {d_moves} such moves, each on a new batch." if often else ""
    return [
        Substep(
            "Noise", f"Draw {n} noise vectors z with {settings.latent_dim} numbers each.",
            f"z = {latents_line(settings)}", "before",
        ),
        Substep("Generator", f"G makes {n} samples from them.", "generated = G(z)", "before"),
        Substep(
            "Discriminator",
            f"D answers to {n} real and to {n} generated samples: {_said(record['d_real'])} and "
            f"{_said(record['d_fake'])} on average.",
            "on_real, on_generated = D(real), D(generated.detach())", "before",
        ),
        Substep(
            "Losses",
            f"D's loss is {_said(record['real_loss'])} on real and {_said(record['fake_loss'])} on generated "
            f"samples, together {_said(record['d_loss'])}. G's loss, {where}, is {_said(record['g_loss'])}.",
            "loss = loss_of_d(real, generated.detach(), move)", "before",
        ),
        Substep(
            "Gradients",
            f"The gradient says how each weight changes its player's loss. Its norm is "
            f"{_said(record['d_grad_norm'])} for D and {_said(record['g_grad_norm'])} for G.",
            "loss.backward()", "before",
        ),
        Substep(
            "D moves", f"D's step changes V by {_signed(record['d_pull'])}. D wants V higher.{more}",
            "optimizer_D.step()", "between",
        ),
        Substep(
            "G moves", f"G's step changes V by {_signed(record['g_pull'])}. G wants V lower.",
            "optimizer_G.step()", "after",
        ),
    ]  # fmt: skip


def _said(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")


def _signed(number: float) -> str:
    return f"{number:+.2g}".replace("-", "−")
