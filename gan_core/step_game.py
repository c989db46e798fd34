"""One step of a trainer as the game that a rule plays, and the record of it.

The rule says whose gradient it wants and who moves; here it is computed, and whatever is seen on the way is
taken down: the losses before the moves, V between them, the three moments of slow motion.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_core.history import StepRecord
from gan_core.methods import ROLES, Gradient, Role
from gan_core.networks import Mode, power_iteration
from gan_core.rules import g_sees_real
from gan_core.settings import Settings
from gan_core.theory.objectives import ORDER, references
from gan_core.theory.references import References

if TYPE_CHECKING:
    from gan_core.training import Functions, GanTrainer, Look, Opinion, Pull, Who

NAN = math.nan


class StepGame:
    """One step of a trainer as the game that a rule plays (`methods.Game`), and what is measured of it."""

    def __init__(
        self, trainer: GanTrainer, functions: Functions, who: Who, probe: bool, look: Look
    ) -> None:  # fmt: skip
        self.players = trainer.players
        self.movers: Collection[Role] = [role for role in ROLES if who in ("both", role)]
        self._trainer, self._functions, self._probe, self._look = trainer, functions, probe, look
        # A penalty on slopes, in a gradient that consensus differentiates once more.
        trainer.discriminator.norms_by_hand = trainer.settings.rule == "consensus"
        self._real, self._z = trainer.batches.next(), trainer.latents()
        # One pass of G serves both players: D learns on these images, and G answers on them.
        self._fake = self._made(self._z, "learn" if "generator" in self.movers else "oppose")
        self._fake_of = self.players["generator"].version
        self._pulls: dict[Role, Pull] = {}  # the first of each: at the weights before its moves
        self._said: Opinion | None = None
        self._before: tuple[float, float] | None = None  # the terms of V before the first turn
        self._now = (NAN, NAN)  # and after the last one
        self._measured: tuple[int, Tensor] | None = None  # G's version, and its samples in eval mode
        self._added: dict[Role, float] = {}  # to V, by each player's turn

    def gradient(self, role: Role, *, linked: bool = False) -> Gradient:
        if self._fake_of != self.players["generator"].version:  # G has moved
            self._fake, self._fake_of = self._made(self._z, "oppose"), self.players["generator"].version
        pull = self._pull(role, self._real, self._fake, follow=role not in self._pulls, linked=linked)
        self._pulls.setdefault(role, pull)
        return pull.gradient

    def further_gradient(self, role: Role) -> Gradient:
        trainer = self._trainer
        if role == "discriminator":
            with torch.no_grad():
                fake = self._made(trainer.latents(), "oppose")
            return self._pull(role, trainer.batches.next(), fake).gradient
        fake = self._made(trainer.latents(), "learn")
        real = trainer.batches.next() if g_sees_real(trainer.settings) else self._real  # else not looked at
        return self._pull(role, real, fake).gradient

    def _pull(
        self, role: Role, real: Tensor, fake: Tensor, *, follow: bool = True, linked: bool = False
    ) -> Pull:  # fmt: skip
        if role == "generator":
            return self._trainer.pull_of_g(fake, real, self._functions, linked=linked)
        pull, said = self._trainer.pull_of_d(
            real, fake if linked else fake.detach(), self._functions,
            moves=role in self.movers, follow=follow, linked=linked,
        )  # fmt: skip
        self._said = self._said or said
        return pull

    def _made(self, z: Tensor, mode: Mode) -> Tensor:
        return self._trainer.generator(z, self._functions.generator, mode)  # type: ignore[no-any-return]

    def check(self, role: Role, gradient: Gradient) -> None:
        self._trainer.checked_norm(role, gradient)

    @contextmanager
    def turn(self, role: Role) -> Iterator[None]:
        if self._before is None:
            self._before = self._now = self._terms_before()
            self._look("before")
        yield
        if len(self._added) == 0:
            self._look("between")
        before = self._now
        if self._probe and role in self.movers:
            self._now = self._terms()
        self._added[role] = sum(self._now) - sum(before) if self._probe else NAN

    def moved(self, role: Role) -> None:
        if role == "discriminator":
            self._trainer.d_moves += 1
            if self._trainer.settings.objective == "wgan_clip":
                _clip(self.players[role].weights, self._trainer.settings.clip)
            if self._trainer.settings.spectral_norm:
                power_iteration(self._trainer.discriminator)

    def finish(self) -> StepRecord:
        """What is left to do after the moves, and the record."""
        trainer, d_pull, g_pull = self._trainer, self._pulls["discriminator"], self._pulls["generator"]
        assert self._before is not None
        assert self._said is not None
        if "generator" in self.movers:
            trainer.follow_g()
        self._look("after")
        d_real, d_fake = trainer.objective.outputs(self._said.real_logits, self._said.fake_logits)
        return StepRecord(
            step=trainer.steps_done + 1,
            d_loss=d_pull.loss, g_loss=g_pull.loss,
            real_term=self._before[0], fake_term=self._before[1],
            d_real=float(d_real.mean()), d_fake=float(d_fake.mean()),
            d_grad_norm=d_pull.norm, g_grad_norm=g_pull.norm,
            d_pull=self._added["discriminator"], g_pull=self._added["generator"],
            real_loss=self._said.real_loss, fake_loss=self._said.fake_loss,
            objective=ORDER.index(trainer.settings.objective),
            **references_of(trainer.settings)._asdict(),
        )  # fmt: skip

    def _terms_before(self) -> tuple[float, float]:
        """Where D has not been asked yet, because G moves first, V is measured at the probes alone."""
        found = self._trainer.terms_of(self._said) if self._said is not None else None
        return found or (self._terms() if self._probe else (NAN, NAN))

    def _terms(self) -> tuple[float, float]:
        version = self.players["generator"].version
        if self._measured is None or self._measured[0] != version:
            with torch.no_grad():
                self._measured = version, self._made(self._z, "eval")
        return self._trainer.terms(self._real, self._measured[1], self._functions)


def references_of(settings: Settings) -> References:
    """Where the numbers of a record lie at equilibrium, under the labels and the loss in force."""
    return references(
        real_label=settings.smoothing, fake_label=settings.fake_label, objective=settings.objective
    )


def _clip(weights: list[Tensor], limit: float) -> None:
    """Weights between -limit and limit. Source: Arjovsky et al. 2017, algorithm 1."""
    with torch.no_grad():
        torch._foreach_clamp_min_(weights, -limit)
        torch._foreach_clamp_max_(weights, limit)
