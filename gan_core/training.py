"""The trainer: two players, one step at a time, on any data set and under any objective.

What a step is, the rule in force says (`gan_core.methods`). Whatever a record holds is measured
before the move it belongs to; only batch norm's running statistics, which count for what is
measured in eval mode, have by then followed the batch. Everything random is drawn from the
trainer's own generator; equal seeds and settings give the same records bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from gan_core import losses
from gan_core.data import DataSet
from gan_core.history import Moment, StepRecord
from gan_core.methods import METHODS, ROLES, Gradient, Kept, Memory, Player, Role
from gan_core.networks import (
    ActivationFunction,
    Mode,
    Network,
    activation_function,
    draw_latents,
    new_discriminator,
    new_generator,
    with_class,
)
from gan_core.optimisers import new_optimizer
from gan_core.rules import g_sees_real, mixes, setup_of
from gan_core.settings import Settings
from gan_core.step_game import StepGame
from gan_core.step_game import references_of as references_of
from gan_core.theory.averaging import decay_in_force

Who = Literal["both", "discriminator", "generator"]

Look = Callable[[Moment], None]
"""Is called at each moment of a step."""

CPU = torch.device("cpu")

PROBE_EVERY = 10
"""V in eval mode and the tug of war cost about half a step; they are measured every so many steps."""


def unseen(moment: Moment) -> None:
    """The usual Look: nobody does."""


class NotFiniteError(ArithmeticError):
    """The game left the numbers: at which step, and in which quantity."""

    def __init__(self, step: int, quantity: str) -> None:
        super().__init__(f"{quantity} is not finite at step {step}")
        self.step = step
        self.quantity = quantity


class Functions(NamedTuple):
    """The activations in force."""

    generator: ActivationFunction
    discriminator: ActivationFunction

    @classmethod
    def of(cls, settings: Settings) -> Functions:
        return cls(
            activation_function(settings.generator_activation, settings.leaky_slope),
            activation_function(settings.discriminator_activation, settings.leaky_slope),
        )


class Pull(NamedTuple):
    """A move of one player that is not yet made."""

    gradient: Gradient
    norm: float
    loss: float


class Opinion(NamedTuple):
    """What D answered in a move of its own, and what that cost it."""

    real_logits: Tensor  # [n], raw scores
    fake_logits: Tensor  # [n]
    real_loss: float  # the two parts of its loss
    fake_loss: float


class Batches:
    """Endless batches of real samples; every one once a round, in an order drawn anew.

    `classes` [n]: the class of each, which goes along as its last number; None: without classes. Batches lie
    on the device of the images, the order on the CPU.
    """

    def __init__(
        self, images: Tensor, classes: Tensor | None, batch_size: int, rng: torch.Generator
    ) -> None:
        self._images = images
        self._classes = classes
        self._size = batch_size
        self._rng = rng
        self.order = torch.empty(0, dtype=torch.int64)
        self.cursor = 0

    def next(self) -> Tensor:
        """[batch_size, features], a copy, with the classes if there are any."""
        if self.cursor + self._size > len(self.order):
            self.order = torch.randperm(len(self._images), generator=self._rng)
            self.cursor = 0
        self.cursor += self._size
        rows = self.order[self.cursor - self._size : self.cursor].to(self._images.device)
        return with_class(self._images[rows], None if self._classes is None else self._classes[rows])


class GanTrainer:
    """One game: both players, their optimisers, their random numbers.

    `average` follows G with memory `ema_decay`; it is looked at, never played with. On any `device` the
    random numbers are those of the CPU; what is measured needs a trainer there (`on_cpu`).
    """

    def __init__(self, settings: Settings, data: DataSet, device: torch.device = CPU) -> None:
        self.settings = settings
        self.data = data
        self.device = device
        self.steps_done = 0
        self.d_moves = 0
        self.rng = torch.Generator().manual_seed(settings.seed)
        self.generator = new_generator(settings, self.rng).to(device)
        self.discriminator = new_discriminator(settings, self.rng).to(device)
        self.average = new_generator(settings, torch.Generator()).to(device)
        self.average.load_state_dict(self.generator.state_dict())
        self.average.requires_grad_(requires_grad=False)
        classes = None
        if settings.conditional and data.train_classes is not None:
            classes = data.train_classes.to(device)
        self.batches = Batches(data.train.to(device), classes, settings.batch_size, self.rng)
        self.g_optimizer = new_optimizer(self.generator.parameters(), settings)
        self.d_optimizer = new_optimizer(self.discriminator.parameters(), settings)
        self.players: dict[Role, Player] = {
            "discriminator": Player(self.discriminator.parameters(), self.d_optimizer),
            "generator": Player(self.generator.parameters(), self.g_optimizer),
        }
        self.memory: Memory = {}  # of the rule in force
        self.past: Memory = {}  # of historical averaging: means of the weights, over so many steps

    def step(
        self,
        settings: Settings,
        *,
        who: Who = "both",
        probe: bool | None = None,
        look: Look = unseen,
    ) -> StepRecord:
        """Play one step under `settings` (same structure as at the start) and return its record.

        `who`: only that player moves. `probe`: measure what is measured every PROBE_EVERY steps
        only; by default, whether its turn has come. `look` is called at each moment of the step.
        Raises NotFiniteError before a move whose loss or gradient is not finite; ValueError if the structure
        differs.
        """
        self.adopt(settings)
        functions = Functions.of(settings)
        probe = self.steps_done % PROBE_EVERY == 0 if probe is None else probe
        self._note_past()
        step = StepGame(self, functions, who, probe, look)
        METHODS[settings.rule](step, setup_of(settings), self.memory)
        record = step.finish()
        self.steps_done += 1
        return record

    def adopt(self, settings: Settings) -> None:
        """Put live settings in force. Raises ValueError if they change the structure.

        Another rule begins with an empty memory; what the optimisers remember stays.
        """
        if settings is not self.settings and not settings.same_structure(self.settings):
            raise ValueError("these settings need a new run: they change its structure")
        if settings.rule != self.settings.rule:
            self.memory.clear()
        self.settings = settings

    def _note_past(self) -> None:
        """Take the weights before this step into the means of historical averaging, if it is on."""
        if not self.settings.historical_averaging:
            self.past.clear()
            return
        for role in ROLES:
            player = self.players[role]
            past = self.past.setdefault(role, Kept(player.copy()))
            past.done += 1
            with torch.no_grad():
                torch._foreach_lerp_(list(past.tensors), player.weights, 1.0 / past.done)

    @property
    def objective(self) -> losses.TorchObjective:
        """What both players play for now."""
        return losses.OBJECTIVES[self.settings.objective]

    def held_out(self, most: int | None = None) -> Tensor:
        """The first `most` held-out samples as D sees them, [m, features]; all of them by default."""
        return self._as_seen(self.data.held_out[:most], self.data.held_out_classes)

    def trained_on(self, most: int) -> Tensor:
        """The first `most` samples that D learns from, as D sees them."""
        return self._as_seen(self.data.train[:most], self.data.train_classes)

    def _as_seen(self, samples: Tensor, classes: Tensor | None) -> Tensor:
        if classes is None or not self.settings.conditional:
            return samples
        return with_class(samples, classes[: len(samples)])

    def d_step(self, settings: Settings) -> StepRecord:
        """One step in which only D moves: G stays as it is, bit for bit."""
        return self.step(settings, who="discriminator", probe=True)

    def g_step(self, settings: Settings) -> StepRecord:
        """One step in which only G moves: D stays as it is, bit for bit."""
        return self.step(settings, who="generator", probe=True)

    def pull_of_d(
        self, real: Tensor, fake: Tensor, functions: Functions, *,
        moves: bool, follow: bool = True, linked: bool = False,
    ) -> tuple[Pull, Opinion]:  # fmt: skip
        """D's gradient on these images, with what it said of them.

        `moves`: whether D will; if not, there is no penalty. `follow`: whether its running statistics do.
        `linked`: the gradient is to be differentiated once more.
        """
        settings = self.settings
        mode: Mode = "learn" if moves and follow else "oppose"
        real, fake = self._noised(real), self._noised(fake)
        turn = moves and self.d_moves % settings.r1_interval == 0
        on_real, on_fake = turn and settings.r1_gamma > 0, turn and settings.r2_gamma > 0
        real.requires_grad_(on_real)
        if fake.is_leaf:  # no longer tied to G
            fake.requires_grad_(on_fake)
        in_two = on_real or on_fake or self.discriminator.rows_see_each_other
        if in_two and not mixes(settings):
            real_logits = self.discriminator(real, functions.discriminator, mode)
            fake_logits = self.discriminator(fake, functions.discriminator, mode)
        else:  # one pass for both: rows do not see each other, or are to
            both = self.discriminator(torch.cat((real, fake)), functions.discriminator, mode)
            real_logits, fake_logits = both.chunk(2)
        parts = self.objective.of_d(
            real_logits, fake_logits, real_label=settings.smoothing, fake_label=settings.fake_label
        )
        goal = loss = parts.total
        # Applied every so many moves, so that much stronger: the same average pull.
        often = settings.r1_interval
        if on_real:
            slopes = losses.slopes_of(real_logits, real)
            goal = goal + losses.gradient_penalty(slopes, gamma=settings.r1_gamma * often)
        if on_fake:
            slopes = losses.slopes_of(fake_logits, fake)
            goal = goal + losses.gradient_penalty(slopes, gamma=settings.r2_gamma * often)
        if moves and settings.objective == "wgan_gp" and settings.gp_lambda > 0:
            goal = goal + self._lipschitz_penalty(real.detach(), fake, functions)
        if moves:
            goal = self._held_back(goal, "discriminator")
        pull = self._pull(goal, loss, "discriminator", linked)
        real_loss, fake_loss = (float(part.detach()) for part in parts)
        return pull, Opinion(real_logits.detach(), fake_logits.detach(), real_loss, fake_loss)

    def _lipschitz_penalty(self, real: Tensor, fake: Tensor, functions: Functions) -> Tensor:
        """On slopes of D that are not 1, at random points between real and generated samples."""
        share = torch.empty(len(real), 1).uniform_(generator=self.rng).to(real.device)
        between = losses.points_between(real, fake, share, conditional=self.settings.conditional)
        scores = self.discriminator(between, functions.discriminator, "oppose")
        slopes = losses.slopes_of(scores, between)
        return losses.lipschitz_penalty(slopes, weight=self.settings.gp_lambda)

    def pull_of_g(
        self, fake: Tensor, real: Tensor, functions: Functions, *, linked: bool = False
    ) -> Pull:  # fmt: skip
        """G's gradient on its own samples, through D as it is now.

        The loss that is recorded is that of the objective alone, whatever else G minimises.
        """
        d, function, share = self.discriminator, functions.discriminator, self.settings.feature_matching
        if not g_sees_real(self.settings):
            goal = loss = self.objective.of_g(d(self._noised(fake), function, "oppose"))
        else:
            real = self._noised(real.detach())
            if mixes(self.settings):
                both = d.scored(torch.cat((real, self._noised(fake))), function, "oppose")
                (real_logits, logits), (of_real, of_fake) = (seen.chunk(2) for seen in both)
            else:
                real_logits, of_real = d.scored(real, function, "oppose")
                logits, of_fake = d.scored(self._noised(fake), function, "oppose")
            goal = loss = self.objective.of_g(logits, real_logits)
            if share:
                goal = (1.0 - share) * loss + share * losses.feature_matching(of_real, of_fake)
        return self._pull(self._held_back(goal, "generator"), loss, "generator", linked)

    def _held_back(self, goal: Tensor, role: Role) -> Tensor:
        """What a player minimises, with the penalty of historical averaging if it is on."""
        weight = self.settings.historical_averaging
        if not weight:
            return goal
        weights, means = self.players[role].weights, self.past[role].tensors
        return goal + losses.historical_averaging(weights, means, weight=weight)

    def _pull(self, goal: Tensor, loss: Tensor, role: Role, linked: bool) -> Pull:
        self._refuse_infinite(role, "loss", float(goal.detach()))
        gradient = torch.autograd.grad(goal, self.players[role].weights, create_graph=linked)
        return Pull(gradient, self.checked_norm(role, gradient), float(loss.detach()))

    def checked_norm(self, role: Role, gradient: Gradient) -> float:
        """The Euclidean norm of a gradient. Raises NotFiniteError."""
        norm = float(torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradient))).detach())
        self._refuse_infinite(role, "gradient", norm)
        return norm

    def _refuse_infinite(self, role: Role, quantity: str, number: float) -> None:
        if not math.isfinite(number):
            raise NotFiniteError(self.steps_done + 1, f"the {role}'s {quantity}")

    def follow_g(self) -> None:
        """Let the average follow a step of G."""
        decay = decay_in_force(self.settings.ema_decay, self.steps_done)
        with torch.no_grad():
            torch._foreach_lerp_(_floats(self.average), _floats(self.generator), 1.0 - decay)

    def terms_of(self, said: Opinion) -> tuple[float, float] | None:
        """The two terms of V on the batch, from the training pass; None where the modes do not agree."""
        plain = self.generator.same_in_eval and self.discriminator.same_in_eval
        if not plain or self.settings.instance_noise:
            return None
        real_term, fake_term = self.objective.terms(said.real_logits, said.fake_logits)
        return float(real_term), float(fake_term)

    @torch.no_grad()
    def terms(self, real: Tensor, fake: Tensor, functions: Functions) -> tuple[float, float]:
        """The two terms of V on the batch, in eval mode; `fake`: made in eval mode, too."""
        logits = self.discriminator(torch.cat((real, fake)), functions.discriminator, "eval")
        real_term, fake_term = self.objective.terms(*logits.chunk(2))
        return float(real_term), float(fake_term)

    def latents(self) -> Tensor:
        """Noise vectors of one batch."""
        return draw_latents(self.settings.batch_size, self.settings, self.rng).to(self.device)

    def _noised(self, samples: Tensor) -> Tensor:
        if not self.settings.instance_noise:
            return samples
        noise = torch.empty_like(samples, device="cpu").normal_(generator=self.rng).to(samples.device)
        if self.settings.conditional:
            noise[:, -1] = 0.0  # the class stays what it is
        return samples + self.settings.instance_noise * noise


def _floats(network: Network) -> list[Tensor]:
    """Weights and running statistics, in a fixed order."""
    return [t for t in network.state_dict().values() if t.is_floating_point()]


def on_cpu(trainer: GanTrainer) -> GanTrainer:
    """The same game on the CPU, to be measured or saved: the trainer itself if it is there, else a copy."""
    if trainer.device == CPU:
        return trainer
    copy = GanTrainer(trainer.settings, trainer.data)
    for name in ("generator", "discriminator", "average"):
        getattr(copy, name).load_state_dict(getattr(trainer, name).state_dict())
    for own, other in ((copy.g_optimizer, trainer.g_optimizer), (copy.d_optimizer, trainer.d_optimizer)):
        own.load_state_dict(own.state_dict() | {"state": other.state_dict()["state"]})
    for mine, memory in ((copy.memory, trainer.memory), (copy.past, trainer.past)):
        mine |= {role: Kept(tuple(t.cpu() for t in kept.tensors), kept.done) for role, kept in memory.items()}
    copy.rng.set_state(trainer.rng.get_state())
    copy.batches.order, copy.batches.cursor = trainer.batches.order, trainer.batches.cursor
    copy.steps_done, copy.d_moves = trainer.steps_done, trainer.d_moves
    return copy


@contextmanager
def arithmetic_of_a_trainer() -> Iterator[None]:
    """One thread and no denormal numbers, wherever a game is trained; the caller's own are put back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two threads on a busy machine are up to 30 times slower
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)
