"""Slow motion: what happens in one training step, part by part, in words, numbers and lines of PyTorch.

Texts alone, made without torch. The lines are those of `torch_lines`, which a test runs beside the trainer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gan_core.history import Moment
from gan_core.rules import IN_TURN, WITH_COUNTS, order_of
from gan_core.settings import Settings
from gan_core.torch_loops import latents_line


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
    n, (first, second) = settings.batch_size, order_of(settings)
    in_turn, g_first = settings.rule in IN_TURN, first == "G"
    of_d, of_g = ("", ", from the same point as D,")
    if in_turn:
        of_d, of_g = (", against the new G,", "") if g_first else ("", ", against the new D,")
    made = "generated samples of the new G" if g_first else "generated samples"
    turns = {"D": _turn_of_d(settings, record), "G": _turn_of_g(settings, record)}
    return [
        Substep(
            "Noise", f"Draw {n} noise vectors z with {settings.latent_dim} numbers each.",
            f"z = {latents_line(settings)}", "before",
        ),
        Substep("Generator", f"G makes {n} samples from them.", "generated = G(z)", "before"),
        Substep(
            "Discriminator",
            f"D answers to {n} real and to {n} {made}: {_said(record['d_real'])} and "
            f"{_said(record['d_fake'])} on average.",
            "on_real, on_generated = D(real), D(generated.detach())", "before",
        ),
        Substep(
            "Losses",
            f"D's loss{of_d} is {_said(record['real_loss'])} on real and {_said(record['fake_loss'])} on "
            f"generated samples, together {_said(record['d_loss'])}. G's loss{of_g} is "
            f"{_said(record['g_loss'])}.",
            "loss = loss_of_d(real, generated.detach(), move)", "before",
        ),
        Substep(
            "Gradients",
            f"The gradient says how each weight changes its player's loss. Its norm is "
            f"{_said(record['d_grad_norm'])} for D and {_said(record['g_grad_norm'])} for G."
            f"{_USE.get(settings.rule, '')}",
            "slopes = torch.autograd.grad(half, weights)" if settings.rule == "consensus"
            else "loss.backward()", "before",
        ),
        Substep(f"{first} moves", turns[first], _stepped(first, settings), "between"),
        Substep(
            f"{second} moves", f"{turns[second]}{_return(settings)}", _stepped(second, settings), "after"
        ),
    ]  # fmt: skip


_USE = {
    "extragradient": " Both then look one step ahead on this batch and come back: their moves use the "
    "gradients seen there.",
    "optimistic": " Each move is twice the present step minus the last one.",
    "consensus": " Both moves also make |v|² smaller, where v holds both gradients.",
}
"""What a rule makes of the gradients, where it does not follow them."""


def _turn_of_d(settings: Settings, record: Mapping[str, float]) -> str:
    more = _more("D", settings.discriminator_steps, " each on a new batch") if _counts(settings) else ""
    return f"D's step changes V by {_signed(record['d_pull'])}. D wants V higher.{more}"


def _turn_of_g(settings: Settings, record: Mapping[str, float]) -> str:
    more = _more("G", settings.generator_steps, " each with new noise") if _counts(settings) else ""
    return f"G's step changes V by {_signed(record['g_pull'])}. G wants V lower.{more}"


def _counts(settings: Settings) -> bool:
    return settings.rule in WITH_COUNTS


def _more(player: str, count: int, on_what: str) -> str:
    return f" {player} makes {count} such moves,{on_what}." if count > 1 else ""


def _return(settings: Settings) -> str:
    """What follows both moves."""
    if settings.rule != "lookahead":
        return ""
    return (
        f" After every {settings.lookahead_k} steps both return part of the way. The picture shows them "
        "after that. The two changes of V leave the return out."
    )


def _stepped(player: str, settings: Settings) -> str:
    return "optimizer.step()" if settings.rule == "optimistic" else f"optimizer_{player}.step()"


def _said(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")


def _signed(number: float) -> str:
    return f"{number:+.2g}".replace("-", "−")
