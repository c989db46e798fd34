"""What D and G minimise under another loss, the best D, and its push on G's samples, beside cross-entropy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace, filled_trace, level_trace, spoken
from gan_core.figures.minimax.value import SPAN, X_TITLE, X
from gan_core.figures.series import round_outward
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    DOTS,
    FAKE,
    FILLED,
    GENERATOR,
    LINE,
    REAL,
    REFERENCE,
    Figure,
    axis,
    key,
    layout,
    number,
)
from gan_core.theory import densities
from gan_core.theory.best_d import best_d, best_value, pushes
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES, Objective, references
from gan_core.theory.value import Floats

COMPARED = OBJECTIVES["non_saturating"]
"""What every other loss is drawn beside: cross-entropy, with G's non-saturating loss."""

BESIDE = {"dash": "dot", "width": 1.5}
SCORES = np.linspace(-3.0, 3.0, 241)
HIGHEST = 5.0  # of a drawn loss


class LossesInfo(NamedTuple):
    """D's losses and minus the slope of G's loss, over SCORES, without smoothing."""

    game: Objective
    real: Floats
    fake: Floats
    rise: Floats  # how hard G is told to raise a score


class BestInfo(NamedTuple):
    """Over X: both densities, what the best D answers on its axis, and the push on G's samples."""

    game: Objective
    p: Floats
    q: Floats
    output: Floats
    push: Floats
    mean_push: float  # of its size, over p_G
    value: float  # V of the best D
    plain_output: Floats
    plain_push: Floats


class Distance(NamedTuple):
    """What max V says of two densities."""

    name: str
    value: float
    meaning: str


def losses_info(game: Objective) -> LossesInfo:
    """The curves of one objective."""
    return LossesInfo(
        game,
        game.real_loss(SCORES, real_label=1.0),
        game.fake_loss(SCORES, fake_label=0.0),
        -game.generator_slope(SCORES),
    )


def best_info(game: Objective, p: Bumps, q: Bumps) -> BestInfo:
    """The best D and its push, by the closed forms of `theory.best_d`."""
    x = densities.grid(p, q)
    mean = float(np.trapezoid(densities.density(x, q) * np.abs(pushes(game, x, p, q)), x))
    return BestInfo(
        game, densities.density(X, p), densities.density(X, q),
        game.output(best_d(game, X, p, q).score), pushes(game, X, p, q), mean, best_value(game, p, q),
        COMPARED.output(best_d(COMPARED, X, p, q).score), pushes(COMPARED, X, p, q),
    )  # fmt: skip


def distance_of(info: BestInfo) -> Distance:
    """The distance of p_data and p_G that follows from max V."""
    match info.game.family:
        case "cross_entropy":
            return Distance("JSD", (info.value + np.log(4.0)) / 2.0, "(max V + log 4)/2, 0 to 0.693 nats")
        case "least_squares":
            return Distance("Pearson χ²", 4.0 * info.value + 1.0, "4 max V + 1: from p to (p + q)/2, 0 to 1")
        case "hinge":
            return Distance("Total variation", (info.value + 2.0) / 2.0, "(max V + 2)/2, 0 to 1")
        case "wasserstein":
            return Distance("Wasserstein-1", info.value, "max V, in units of x; D's slope is at most 1")
        case _:
            return Distance(
                "Distance", float("nan"), "V has no maximum: it can come as near to 0 as wanted"
            )


def equilibrium_of(game: Objective) -> tuple[str, str]:
    """D's answer and V where p_G = p_data, no labels smoothed, as texts."""
    lines = references(real_label=1.0, fake_label=0.0, objective=game.name)
    free = "−1 to 1, any" if game.family == "hinge" else "any constant"
    answer = free if np.isnan(lines.d_reference) else number(lines.d_reference)
    return answer, said(lines.value_reference, game)


def said(value: float, game: Objective) -> str:
    """A value of V with its unit."""
    return "none" if np.isnan(value) else f"{number(value, 3)} {game.unit}".strip()


def number_or_none(value: float) -> str:
    """A number with three digits, or that there is none."""
    return "none" if np.isnan(value) else number(value, 3)


def parts_figure(info: LossesInfo) -> Figure:
    """D's loss of one real and of one generated sample, over the score."""
    game = info.game
    hover = f"score %{{x:.2f}}<br>loss %{{y:.3f}} {game.unit}"
    plain = losses_info(COMPARED)
    ends = min(0.0, float(info.real.min())), min(HIGHEST, float(info.real.max()))
    low, high = ends[0] - 0.2, ends[1] + 0.2
    figure = {
        "data": [
            *_beside(game, SCORES, {"cross-entropy, real": plain.real, "generated": plain.fake}, hover),
            curve_trace(SCORES, info.real, "real", REAL, hover, width=3),
            curve_trace(SCORES, info.fake, "generated", FAKE, hover, dash="5px,2px", width=3),
        ],
        "layout": layout(
            axis(_score_title(game), (-3.0, 3.0), zeroline=False),
            axis(f"loss of D{_in(game)}", (low, high), zeroline=True),
            [],
            above=[key((LINE, REAL, "real"), (DASHES, FAKE, "generated"), *_beside_sign(game))],
            right=14,
        ),
    }  # fmt: skip
    at = float(game.real_loss(1.0, real_label=1.0)), float(game.fake_loss(1.0, fake_label=0.0))
    words = f"At the score 1 a real sample costs D {number(at[0])}, a generated one {number(at[1])}."
    return spoken(figure, f"{game.title}. {words}")


def rise_figure(info: LossesInfo) -> Figure:
    """How hard G's loss tells a score to rise, over the score."""
    game = info.game
    hover = "score %{x:.2f}<br>−d loss/ds %{y:.3f}"
    plain = losses_info(COMPARED).rise
    both = np.concatenate([info.rise, plain])
    low, high = min(-0.05, float(both.min())), float(both.max())
    figure = {
        "data": [
            level_trace((-3.0, 3.0), 0.0, "no gradient"),
            *_beside(game, SCORES, {"cross-entropy, non-saturating": plain}, hover),
            curve_trace(SCORES, info.rise, game.title, GENERATOR, hover, width=3),
        ],
        "layout": layout(
            axis(_score_title(game), (-3.0, 3.0), zeroline=False),
            axis("−d loss of G/ds", (1.1 * low, 1.1 * high), zeroline=False),
            [],
            above=[key((LINE, GENERATOR, game.title), *_beside_sign(game))],
            right=14,
        ),
    }
    ends = (number(float(info.rise[0])), number(float(info.rise[-1])))
    return spoken(figure, f"{game.title}: {ends[0]} at the score −3, {ends[1]} at the score 3.")


def best_figure(info: BestInfo) -> Figure:
    """What the best D answers over x, with the shapes of both densities."""
    game, hover = info.game, "x %{x:.2f}<br>D %{y:.3f}"
    both = np.concatenate([info.output, info.plain_output])
    low, high = round_outward(min(0.0, float(np.nanmin(both))) - 0.02, float(np.nanmax(both)) + 0.02)
    scale = 0.6 * high / max(float(info.p.max()), float(info.q.max()))
    figure = {
        "data": [
            _ghost("p_data, shape only", REAL, info.p * scale),
            _ghost("p_G, shape only", FAKE, info.q * scale),
            *_beside(game, X, {"D* of cross-entropy": info.plain_output}, hover),
            *_known("best D", info.output, DISCRIMINATOR, hover),
        ],
        "layout": layout(
            axis(X_TITLE, SPAN, zeroline=False),
            axis(f"best D ({'probability of “real”' if game.axis == 'probability' else 'score'})",
                 (low, high), zeroline=True),
            [],
            above=[
                key(*_signs(info, DISCRIMINATOR, "best D"), (FILLED, REAL, "p_data"), (FILLED, FAKE, "p_G"))
            ],
            right=14,
        ),
    }  # fmt: skip
    distance = distance_of(info)
    told = f"max V = {said(info.value, game)}, {distance.name} {number(distance.value, 3)}"
    return spoken(figure, f"{game.title}: {NO_BEST if np.isnan(info.value) else told}.")


def push_figure(info: BestInfo) -> Figure:
    """Where G's loss moves a sample at x, against the best D."""
    hover = "x %{x:.2f}<br>push %{y:+.3f}"
    populated = info.q > 0.01 * info.q.max()
    seen = np.concatenate([push[populated] for push in (info.push, info.plain_push)])
    reach = max(0.5, float(np.nanmax(np.abs(seen))))
    low = -1.15 * reach if float(np.nanmin(seen)) < -0.02 * reach else -0.1 * reach
    figure = {
        "data": [
            _ghost("p_G, shape only", FAKE, info.q / info.q.max() * reach),
            *_beside(info.game, X, {"cross-entropy, non-saturating": info.plain_push}, hover),
            *_known(info.game.title, info.push, GENERATOR, hover),
        ],
        "layout": layout(
            axis(X_TITLE, SPAN, zeroline=False),
            axis("push on a sample", (low, 1.15 * reach), zeroline=True),
            [],
            above=[key(*_signs(info, GENERATOR, info.game.title), (FILLED, FAKE, "p_G"))],
            right=14,
        ),
    }
    told = f"mean push {number(info.mean_push, 3)} over p_G"
    return spoken(figure, f"{info.game.title}: {NO_BEST if np.isnan(info.mean_push) else told}.")


NO_BEST = "V has no maximum, so there is no best D; V can come as near to 0 as wanted"


def _ghost(name: str, colour: str, height: Floats) -> dict[str, Any]:
    return filled_trace(X, height, name, colour, "", hoverinfo="skip") | {"line": {"width": 0}}


def _known(name: str, y: Floats, colour: str, hover: str) -> list[dict[str, Any]]:
    """A curve, unless there is none."""
    return [] if np.isnan(y).all() else [curve_trace(X, y, name, colour, hover, width=3)]


def _beside(game: Objective, x: Floats, curves: dict[str, Floats], hover: str) -> list[dict[str, Any]]:
    """The curves of cross-entropy, unless they are the objective's own."""
    if game is COMPARED:
        return []
    return [curve_trace(x, y, name, REFERENCE, hover, **BESIDE) for name, y in curves.items()]


def _beside_sign(game: Objective) -> list[tuple[str, str, str]]:
    return [] if game is COMPARED else [(DOTS, REFERENCE, "cross-entropy")]


def _signs(info: BestInfo, colour: str, words: str) -> list[tuple[str, str, str]]:
    known = [] if np.isnan(info.output).all() else [(LINE, colour, words)]
    return known + _beside_sign(info.game)


def _score_title(game: Objective) -> str:
    if game.relative:
        return "s, D's logit less the mean of the other kind"
    return "s, D's logit" if game.axis == "probability" else "s, D's score"


def _in(game: Objective) -> str:
    return f" ({game.unit})" if game.unit else ""
