"""What a run costs, estimated from its settings alone: parameters, time of a step, its longest piece of work.

Trainer processes play one piece of work at a time: a step or an evaluation. The longest piece decides
whether a run may share a process with others. The estimate counts multiply-adds; the constants were
measured on one thread of an AMD EPYC (55 billion multiply-adds a second in large layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from gan_core.rules import WITH_COUNTS, g_sees_real, gradient_calls
from gan_core.settings import (
    CLASSES,
    HELD_OUT,
    HELD_OUT_CONVOLVED,
    Settings,
    data_dimensions,
    hidden_sizes,
)

Lane = Literal["shared", "heavy"]
"""Where a run plays: beside many others, or in the process for runs that would hold them up."""

HEAVY = 16.0
"""Default steps that one piece of work may last beside neighbours: about 0.1 s."""
HEAVY_SECONDS = 0.1
"""The same limit for what is measured, in seconds of processor time."""
BACK = 0.7
"""A heavy run comes back below this share of the limit only, so that it does not move to and fro."""

CONVOLVED = 3.0  # times as long as in a large layer a multiply-add takes in a convolution
PER_MOVE = 9e7  # multiply-adds that take as long as what a move costs whatever its size
PER_PARAMETER = 170  # what an optimiser does for one parameter, in multiply-adds
PER_EVALUATION = 6e8
PER_CLOSENESS = 16 * 4 * 3
"""Of two samples, in multiply-adds: minibatch discrimination compares 64 numbers, three operations each."""
CLOSENESSES = 16  # of minibatch discrimination, for each sample
PER_CLOSENESS_WEIGHTS = CLOSENESSES * 4  # for each unit of D's last hidden layer


def step_cost(settings: Settings) -> float:
    """The time of one training step, with a step of the default settings as the unit."""
    return _step(settings) / _step(Settings())


def longest_hold(settings: Settings) -> float:
    """The time of the longest piece of work of a playing run, in default steps."""
    d, g = _discriminator(settings), _generator(settings)
    images = HELD_OUT if settings.architecture == "perceptron" else HELD_OUT_CONVOLVED
    evaluation = images * (g.work + 3 * d.work) + PER_EVALUATION  # as many generated ones beside them
    return max(step_cost(settings), evaluation / _step(Settings()))


def lane_of(settings: Settings, now: Lane = "shared") -> Lane:
    """Where a run of these settings plays; `now`: where it plays at present."""
    limit = HEAVY if now == "shared" else BACK * HEAVY
    return "heavy" if longest_hold(settings) > limit else "shared"


def parameter_counts(settings: Settings) -> tuple[int, int]:
    """Weights of the discriminator and of the generator, biases left out."""
    return _discriminator(settings).weights, _generator(settings).weights


class Parameters(NamedTuple):
    """Numbers that each player learns: weights, biases, of batch norm, of classes."""

    discriminator: int
    generator: int


def parameters_of(settings: Settings) -> Parameters:
    """How many numbers each player learns, exactly."""
    weights_of_d, weights_of_g = parameter_counts(settings)
    if settings.architecture == "style":  # biases: mapping, convolutions, styles, last layer; noise
        rest_of_g = 2 * 64 + (32 + 16 + 16) + (32 + 32 + 16 + 16) + 4 + 3
    else:
        units = hidden_sizes(settings.generator_hidden)
        outputs = data_dimensions(settings.data)
        if settings.architecture == "dcgan":  # the first layer's numbers are normalised channel by channel
            units, outputs = [32, 16], 4
        first = 32 * 7**2 if settings.architecture == "dcgan" else units[0]
        is_normalised = settings.generator_batch_norm or settings.virtual_batch_norm
        rest_of_g = first + sum(units[1:]) + outputs + 2 * sum(units) * is_normalised
        rest_of_g += (_CLASS_UNITS * (first + CLASSES)) * settings.conditional
    convolved = settings.architecture != "perceptron"
    units = [16, 32, 64] if convolved else hidden_sizes(settings.discriminator_hidden)
    rest_of_d = sum(units) + 1 + 2 * sum(units) * settings.discriminator_batch_norm
    rest_of_d += CLASSES * units[-1] * settings.conditional
    rest_of_d += CLOSENESSES * settings.minibatch_discrimination  # the last layer has them as inputs, too
    return Parameters(weights_of_d + rest_of_d, weights_of_g + rest_of_g)


class Pace:
    """How fast this machine is: the time of a default step, from what the steps of all runs took."""

    def __init__(self) -> None:
        self.is_measured = False  # until then: the machine that the constants are from
        self._unit = HEAVY_SECONDS / HEAVY

    def note(self, settings: Settings, seconds: float) -> None:
        """A step under `settings` took so many seconds of processor time."""
        unit = seconds / step_cost(settings)
        self._unit = 0.8 * self._unit + 0.2 * unit if self.is_measured else unit
        self.is_measured = True

    def steps_per_second(self, settings: Settings) -> float:
        """Of a run that has a core to itself, estimated. Measured ones lie within a factor of two."""
        return 1.0 / (self._unit * step_cost(settings))


def _step(settings: Settings) -> float:
    """Multiply-adds of one step, with everything else converted into them."""
    d, g, batch = _discriminator(settings), _generator(settings), settings.batch_size
    # A forward and a backward pass cost three forward ones, for real and generated images each.
    move_of_d = batch * ((6 + _penalties(settings)) * d.work + g.work) + PER_PARAMETER * d.weights
    move_of_g = batch * 2 * (g.work + d.work) + PER_PARAMETER * 2 * g.weights  # its average is an update, too
    if g_sees_real(settings):
        move_of_g += batch * d.work
    if settings.historical_averaging:  # the penalty, and the mean once a step
        move_of_d, move_of_g = move_of_d + PER_PARAMETER * d.weights, move_of_g + PER_PARAMETER * g.weights
    if settings.rule in WITH_COUNTS:
        n_d, n_g = settings.discriminator_steps, settings.generator_steps
        return n_d * move_of_d + n_g * move_of_g + PER_MOVE * (n_d + n_g)
    return gradient_calls(settings) * (move_of_d + move_of_g + PER_MOVE * 2)


def _penalties(settings: Settings) -> float:
    """Passes of D that the penalties on its slopes cost, on average a move, for each sample of a kind."""
    on_kinds = (settings.r1_gamma > 0) + (settings.r2_gamma > 0)
    between = settings.objective == "wgan_gp" and settings.gp_lambda > 0  # one pass forward of its own
    return 4 / settings.r1_interval * on_kinds + 7 * between


class Size(NamedTuple):
    """A player: its weights, and its work for one sample, in multiply-adds of large layers."""

    weights: int
    work: float


# Into, out of, width of the kernel, places: of the convolutions in `gan_core.networks.dcgan` and `style`
_CLASS_UNITS = 16  # `gan_core.networks.base.CLASS_UNITS`, which the web process cannot import
_D_CONVOLUTIONS = ((1, 16, 4, 14**2), (16, 32, 4, 7**2))
_G_CONVOLUTIONS = {
    "dcgan": ((32, 16, 3, 14**2), (16, 4, 3, 14**2)),
    "style": ((32, 32, 3, 7**2), (32, 16, 3, 14**2), (16, 16, 3, 14**2), (16, 4, 3, 14**2)),
}


def _discriminator(settings: Settings) -> Size:
    if settings.architecture != "perceptron":
        layers = [32 * 7**2, 64, 1]
        plain = _size(layers, _D_CONVOLUTIONS)
    else:
        layers = [data_dimensions(settings.data), *hidden_sizes(settings.discriminator_hidden), 1]
        plain = _size(layers)
    if not settings.minibatch_discrimination:
        return plain
    matrices = layers[-2] * PER_CLOSENESS_WEIGHTS
    return Size(plain.weights + matrices, plain.work + matrices + settings.batch_size * PER_CLOSENESS)


def _generator(settings: Settings) -> Size:
    plain = _plain_generator(settings)
    if not settings.virtual_batch_norm:
        return plain
    return plain._replace(work=2 * plain.work)  # the reference batch passes along


def _plain_generator(settings: Settings) -> Size:
    match settings.architecture:
        case "perceptron":
            hidden = hidden_sizes(settings.generator_hidden)
            return _size([settings.latent_dim, *hidden, data_dimensions(settings.data)])
        case "dcgan":
            return _size([settings.latent_dim, 32 * 7**2], _G_CONVOLUTIONS["dcgan"])
        case "style":
            return _size([settings.latent_dim, 64, 64], _G_CONVOLUTIONS["style"], more=32 * 7**2 + 96 * 64)


def _size(layers: list[int], convolutions: Sequence[tuple[int, int, int, int]] = (), more: int = 0) -> Size:
    """Of linear layers and convolutions; `more`: weights that are neither."""
    weights = sum(n_in * n_out for n_in, n_out in pairwise(layers))
    kernels = [n_in * n_out * width**2 for n_in, n_out, width, _ in convolutions]
    places = [places for *_, places in convolutions]
    convolved = sum(kernel * number for kernel, number in zip(kernels, places, strict=True))
    return Size(weights + sum(kernels) + more, weights + more + CONVOLVED * convolved)
