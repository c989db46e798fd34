"""Both losses of G over D's output, and the push they give to its samples."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from gan_core.figures.minimax.costs import OUTPUTS
from gan_core.figures.minimax.curves import curve_trace, filled_trace, point_trace, spoken
from gan_core.figures.minimax.value import SPAN, X_TITLE, X
from gan_core.figures.style import (
    DASHES,
    FAKE,
    FILLED,
    GENERATOR,
    LINE,
    Figure,
    axis,
    key,
    layout,
    log_axis,
    number,
)
from gan_core.theory import cross_entropy as ce
from gan_core.theory import densities
from gan_core.theory.densities import Bumps
from gan_core.theory.value import Floats


class GeneratorInfo(NamedTuple):
    """Both losses of G at one output of D, in nats, and the size of their slopes by the logit."""

    output: float
    losses: dict[ce.Kind, float]
    slopes: dict[ce.Kind, float]
    advantage: float  # non-saturating over saturating slope


STYLES: dict[ce.Kind, tuple[str, str]] = {
    "non_saturating": ("non-saturating", "solid"),
    "minimax": ("minimax", "5px,2px"),
}


def generator_info(output: float) -> GeneratorInfo:
    """`output`: D(G(z)), in (0, 1)."""
    at = np.array([ce.logit(output)])
    return GeneratorInfo(
        output,
        {kind: float(ce.generator_loss(at, kind=kind)[0]) for kind in STYLES},
        {kind: abs(float(ce.generator_slope(at, kind=kind)[0])) for kind in STYLES},
        ce.advantage(output),
    )


def generator_figure(info: GeneratorInfo, what: Literal["losses", "slopes"]) -> Figure:
    """Over D(G(z)), on a logarithmic axis because it is near 0 while G is bad."""
    logits = np.log(OUTPUTS) - np.log1p(-OUTPUTS)
    unit = "nats" if what == "losses" else "nats per unit of logit"
    hover = f"D(G(z)) %{{x:.4f}}<br>%{{y:.4f}} {unit}"
    function = ce.generator_loss if what == "losses" else ce.generator_slope
    at = getattr(info, what)
    data = []
    for kind, (name, dash) in STYLES.items():
        y = function(logits, kind=kind)
        data.append(
            curve_trace(OUTPUTS, y if what == "losses" else np.abs(y), name, GENERATOR, hover, dash=dash)
        )
    data.append(point_trace([info.output] * 2, list(at.values()), "here", hover, color=GENERATOR, size=10))
    log_x = {"type": "log", "tickvals": [0.001, 0.01, 0.1, 0.5, 1.0], "zeroline": False}
    y_axis = (
        axis("loss of G (nats)", (-7.2, 7.2), zeroline=True)
        if what == "losses"
        else log_axis("|d loss/dℓ|<br>(nats per unit of logit)", (-3.05, 0.1))
    )  # fmt: skip
    words = [f"{STYLES[kind][0]} {number(at[kind], 3)}" for kind in STYLES]
    figure = {
        "data": data,
        "layout": layout(
            axis("D(G(z))", (-3.05, 0.0), **log_x),
            y_axis,
            [],
            above=[key((LINE, GENERATOR, words[0]), (DASHES, GENERATOR, words[1]))],
            left=58,
            right=14,
        ),
    }
    return spoken(figure, f"{what.capitalize()} at D(G(z)) = {info.output:g}: {' and '.join(words)}.")


class PullInfo(NamedTuple):
    """How hard each loss pushes a sample at x, against the best D: -dloss/dx, in nats per unit of x."""

    q: Floats  # [n], density of the samples
    pushes: dict[ce.Kind, Floats]  # [n] each
    means: dict[ce.Kind, float]  # size of the push, averaged over p_G


def pull_info(p: Bumps, q: Bumps) -> PullInfo:
    """With D = D* fixed, the chain rule gives (1 - D*) or D*, times the slope of D*'s logit."""

    def pushes(x: Floats) -> dict[ce.Kind, Floats]:
        steepness = densities.score(x, p) - densities.score(x, q)
        logits = densities.log_ratio(x, p, q)
        return {kind: -ce.generator_slope(logits, kind=kind) * steepness for kind in STYLES}

    x = densities.grid(p, q)
    weight = densities.density(x, q)
    means = {kind: float(np.trapezoid(weight * np.abs(push), x)) for kind, push in pushes(x).items()}
    return PullInfo(densities.density(X, q), pushes(X), means)


def pull_figure(info: PullInfo) -> Figure:
    """The pushes over x, with the shape of p_G behind them, because they act only on its samples."""
    hover = "x %{x:.2f}<br>push %{y:+.3f} nats per unit of x"
    populated = info.q > 0.01 * info.q.max()
    reach = max(0.5, *(float(np.abs(push[populated]).max()) for push in info.pushes.values()))
    leftward = any(float(push[populated].min()) < -0.02 * reach for push in info.pushes.values())
    low = -1.15 * reach if leftward else -0.1 * reach
    shape = info.q / info.q.max() * reach
    ghost = filled_trace(X, shape, "p_G, shape only", FAKE, "", hoverinfo="skip") | {"line": {"width": 0}}
    data = [ghost] + [
        curve_trace(X, push, STYLES[kind][0], GENERATOR, hover, dash=STYLES[kind][1], width=2.5)
        for kind, push in info.pushes.items()
    ]
    words = [f"{STYLES[kind][0]}, mean {number(info.means[kind], 3)}" for kind in STYLES]
    figure = {
        "data": data,
        "layout": layout(
            axis(X_TITLE, SPAN, zeroline=False),
            axis("push on a sample<br>(nats per unit of x)", (low, 1.15 * reach), zeroline=True),
            [],
            above=[key((LINE, GENERATOR, words[0])),
                   key((DASHES, GENERATOR, words[1]), (FILLED, FAKE, "p_G"))],
            left=58,
            right=14,
        ),
    }  # fmt: skip
    return spoken(figure, f"Size of the push on G's samples: {' and '.join(words)} nats per unit of x.")
