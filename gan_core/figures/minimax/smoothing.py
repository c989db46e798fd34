"""What smoothed labels do to the best D, to its confidence, and to G's gradient."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace, level_trace, note, point_trace, spoken
from gan_core.figures.minimax.value import Labels
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    DOTS,
    GENERATOR,
    LINE,
    REAL,
    REFERENCE,
    Figure,
    axis,
    edge_label,
    key,
    layout,
    log_axis,
    number,
)
from gan_core.theory import cross_entropy as ce
from gan_core.theory import densities
from gan_core.theory.densities import Bumps
from gan_core.theory.value import Floats, equilibrium_output, optimal_discriminator

PLAIN = np.linspace(0.0, 1.0, 51)
LOGITS = np.linspace(-6.0, 6.0, 241)

P, Q = Bumps(1.0, 1.0), Bumps(-1.0, 1.0)
"""The two densities of the chart of fading gradients: log p/q = 2x."""

FAR = -4.0
"""A sample that is exp(8) times likelier from G than from the data."""

WHERE = np.linspace(-6.0, 4.0, 201)
COMPARED = 0.1
"""The smoothing drawn for comparison while none is chosen: this fake label, or a real label this far
below 1."""


class OptimumInfo(NamedTuple):
    """D* under the labels against D* without any."""

    labels: Labels
    best: Floats  # [PLAIN]
    equilibrium: float


def optimum_info(labels: Labels) -> OptimumInfo:
    """D* as a function of p/(p + q): a straight line from the fake label to the real one."""
    best = optimal_discriminator(PLAIN, 1.0 - PLAIN, **labels._asdict())
    return OptimumInfo(labels, best, equilibrium_output(**labels._asdict()))


def optimum_figure(info: OptimumInfo) -> Figure:
    """The line, its middle, and where it would be without smoothing."""
    hover = "plain D* %{x:.2f}<br>smoothed D* %{y:.3f}"
    line = f"equilibrium {number(info.equilibrium)}"
    ends = f"{number(info.labels.fake_label)} to {number(info.labels.real_label)}"
    signs = (LINE, DISCRIMINATOR, ends), (DOTS, REFERENCE, "no smoothing"), (DASHES, REFERENCE, line)
    figure = {
        "data": [
            level_trace((0.0, 1.0), info.equilibrium, line),
            curve_trace(PLAIN, PLAIN, "labels 1 and 0", REFERENCE, hover, dash="dot", width=1.5),
            curve_trace(PLAIN, info.best, "D*", DISCRIMINATOR, hover, width=3),
            point_trace([0.5], [info.equilibrium], "p_G = p_data", hover, color=DISCRIMINATOR, size=10),
        ],
        "layout": layout(
            axis("p_data / (p_data + p_G)", (0.0, 1.0), zeroline=False),
            axis("D* (probability of “real”)", (-0.02, 1.02), zeroline=False),
            edge_label(info.equilibrium),
            above=[key(*signs)],
            right=40,
        ),
    }
    return spoken(figure, f"D* runs from {ends}; {line}.")


class PullBackInfo(NamedTuple):
    """The slope of D's loss on a real image, by the logit; nats per unit of logit."""

    real_label: float  # the one that is drawn
    chosen: bool  # whether it is the one asked for
    slope: Floats  # [LOGITS]
    turns_at: float  # the logit of the label


def pull_back_info(labels: Labels) -> PullBackInfo:
    """h - label: D is pulled back where its verdict exceeds the label; COMPARED stands in for none."""
    chosen = labels.real_label < 1.0
    label = labels.real_label if chosen else 1.0 - COMPARED
    return PullBackInfo(label, chosen, ce.cross_entropy_slope(LOGITS, label=label), ce.logit(label))


def pull_back_figure(info: PullBackInfo) -> Figure:
    """Below zero the gradient raises D's output, above zero it lowers it."""
    hover = "logit %{x:.2f}<br>slope %{y:+.3f}"
    plain = ce.cross_entropy_slope(LOGITS, label=1.0)
    label, turn = f"label {number(info.real_label)}", f"0 at logit {number(info.turns_at)}"
    shown = label if info.chosen else f"{label}, for comparison"
    figure = {
        "data": [
            level_trace((-6.0, 6.0), 0.0, "no change of D"),
            curve_trace(LOGITS, plain, "label 1", REFERENCE, hover, dash="dot", width=1.5),
            curve_trace(LOGITS, info.slope, label, REAL, hover, width=3),
            point_trace([info.turns_at], [0.0], turn, "logit %{x:.3f}", color=REAL, size=11),
        ],
        "layout": layout(
            axis("logit of a real image", (-6.0, 6.0), zeroline=False),
            axis("slope of its cost<br>(nats per unit of logit)", (-1.05, 0.6), zeroline=False),
            [note("the loss lowers D's output", 5.9, 0.5 - info.real_label / 2, xanchor="right", yshift=26)],
            above=[key((LINE, REAL, shown), (DOTS, REFERENCE, "label 1: always below 0")), turn],
            left=58,
            right=14,
        ),
    }
    return spoken(figure, f"The slope of the cost of a real image, {shown}, {turn}.")


class FadeInfo(NamedTuple):
    """|d log D*/dx| for N(1, 1) against N(-1, 1): the gradient at G's samples; nats per unit of x."""

    labels: Labels  # the two-sided ones that are drawn
    chosen: bool  # whether they are those asked for
    one_sided: Floats  # [WHERE], fake label 0
    two_sided: Floats  # [WHERE]
    far: tuple[float, float]  # both at FAR


def fade_info(labels: Labels) -> FadeInfo:
    """One-sided against two-sided; while the fake label is 0, COMPARED stands in for it."""
    chosen = labels.fake_label > 0.0
    drawn = labels if chosen else labels._replace(fake_label=COMPARED)

    def slope(x: Floats, fake_label: float) -> Floats:
        return np.abs(
            densities.log_output_slope(x, P, Q, real_label=labels.real_label, fake_label=fake_label)
        )

    at = np.array([FAR])
    far = (float(slope(at, 0.0)[0]), float(slope(at, drawn.fake_label)[0]))
    return FadeInfo(drawn, chosen, slope(WHERE, 0.0), slope(WHERE, drawn.fake_label), far)


def fade_figure(info: FadeInfo) -> Figure:
    """On a logarithmic axis; the marked sample is exp(8) times likelier from G than from the data."""
    hover = "x %{x:.2f}<br>gradient %{y:.3g} nats per unit of x"
    words = ("fake label 0", f"fake label {number(info.labels.fake_label)}")
    notes = [
        note(f"<b>{_short(height)}</b>", FAR, float(np.log10(height)), xanchor="left", xshift=8, yshift=shift)
        for height, shift in zip(info.far, (-10, -10), strict=True)
    ]
    figure = {
        "data": [
            curve_trace(WHERE, info.one_sided, words[0], GENERATOR, hover, width=3),
            curve_trace(WHERE, info.two_sided, words[1], GENERATOR, hover, dash="5px,2px"),
            point_trace([FAR, FAR], list(info.far), "p/q = exp(−8)", hover, color=GENERATOR, size=10),
        ],
        "layout": layout(
            axis("x, where G put a sample", (-6.0, 4.0), zeroline=False),
            log_axis("|d log D*/dx|<br>(nats per unit of x)", (-4.2, 0.6)),
            notes,
            above=[key((LINE, GENERATOR, f"{words[0]}, any real label"), (DASHES, GENERATOR, words[1]))],
            left=62,
            right=14,
        ),
    }  # fmt: skip
    return spoken(figure, _fade_said(info))


def _short(gradient: float) -> str:
    return f"{gradient:.3f}" if gradient > 0.1 else f"{gradient:.4f}"


def _fade_said(info: FadeInfo) -> str:
    one, two = info.far
    at = f"At x = {FAR:g} the gradient is"
    return f"{at} {_short(one)} with fake label 0, {_short(two)} with {info.labels.fake_label:g}."
