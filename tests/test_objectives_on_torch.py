"""The losses that networks train with are the objectives of the theory; D trained with them finds its lines.

D is here a free score for each cell of a line, and the whole batch is known: p and q are counts of samples.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_core import losses
from gan_core.theory.objectives import OBJECTIVES as IN_THEORY
from gan_core.theory.objectives import references
from gan_core.theory.value import Floats

REAL = torch.tensor([-3.1, -0.4, 0.2, 0.95, 1.7, 4.9], dtype=torch.float64)
FAKE = torch.tensor([-5.3, -1.1, -0.85, 0.6], dtype=torch.float64)
LABELS = {"real_label": 0.85, "fake_label": 0.1}
PLAIN = {"real_label": 1.0, "fake_label": 0.0}

WIDTH = 0.25
P_COUNTS = np.array([1, 1, 2, 3, 6, 9, 14, 20, 18, 12, 8, 4, 1, 1])
Q_COUNTS = np.array([5, 9, 15, 18, 17, 12, 8, 6, 4, 2, 1, 1, 1, 1])
P, Q = P_COUNTS / 100 / WIDTH, Q_COUNTS / 100 / WIDTH  # densities
W1 = float(np.abs(np.cumsum(P - Q)).sum() * WIDTH**2)

every = pytest.mark.parametrize("name", IN_THEORY)


# --- One definition, twice written


def seen(name: str) -> tuple[Floats, Floats]:
    """The scores that the loss is about, as the paper of the relativistic GAN says, eq. 16."""
    if not IN_THEORY[name].relative:
        return REAL.numpy(), FAKE.numpy()
    return (REAL - FAKE.mean()).numpy(), (FAKE - REAL.mean()).numpy()


def test_both_rooms_have_the_same_objectives() -> None:
    assert list(losses.OBJECTIVES) == list(IN_THEORY)


@every
def test_ds_loss_its_terms_and_outputs_are_those_of_the_theory(name: str) -> None:
    theirs, ours = losses.OBJECTIVES[name], IN_THEORY[name]
    real, fake = seen(name)
    expected = (
        ours.real_loss(real, real_label=0.85).mean(), ours.fake_loss(fake, fake_label=0.1).mean(),
    )  # fmt: skip
    found = theirs.of_d(REAL, FAKE, **LABELS)
    assert [float(part) for part in found] == pytest.approx(expected, rel=1e-12)
    terms = [float(term) for term in theirs.terms(REAL, FAKE)]
    assert terms == pytest.approx((ours.real_term(real).mean(), ours.fake_term(fake).mean()), rel=1e-12)
    for output, score in zip(theirs.outputs(REAL, FAKE), (real, fake), strict=True):
        np.testing.assert_allclose(output.numpy(), ours.output(score), rtol=1e-12)


@every
def test_gs_loss_and_gradient_are_those_of_the_theory(name: str) -> None:
    theirs, ours = losses.OBJECTIVES[name], IN_THEORY[name]
    real, fake = seen(name)
    scores = FAKE.clone().requires_grad_()
    loss = theirs.of_g(scores, REAL)
    expected, slopes = ours.generator_loss(fake).mean(), ours.generator_slope(fake) / len(fake)
    if ours.relative:  # G plays with the labels exchanged, on both kinds of samples
        expected += ours.fake_loss(real, fake_label=0.0).mean()
        # d real term / d generated score, through the mean of the generated scores
        slopes = slopes - (1 / (1 + np.exp(-real))).mean() / len(fake)
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-12)
    (found,) = torch.autograd.grad(loss, scores)
    np.testing.assert_allclose(found.numpy(), slopes, rtol=1e-10)


def test_a_relative_objective_needs_both_kinds_of_scores() -> None:
    with pytest.raises(ValueError, match="relativistic compares"):
        losses.OBJECTIVES["relativistic"].of_g(FAKE)


def test_the_lipschitz_penalty_is_about_lengths_that_are_not_one() -> None:
    slopes = torch.tensor([[3.0, 4.0], [0.0, 0.5], [0.6, 0.8]])  # lengths 5, 0.5 and 1
    assert float(losses.lipschitz_penalty(slopes, weight=6.0)) == pytest.approx(6 * (16 + 0.25) / 3)


# --- D trained on two known densities


def trained(
    name: str,
    p: Any = P_COUNTS,
    q: Any = Q_COUNTS,
    *,
    bounded: bool = False,
    weight: float = 0.0,
    labels: dict[str, float] = PLAIN,
) -> Tensor:
    """The score of each cell after 400 steps of Adam on the loss of D.

    `bounded`: slopes are put back into [-1, 1] after each step. `weight`: of the penalty on slopes.
    """
    torch.manual_seed(3)
    at_real = torch.arange(len(p)).repeat_interleave(torch.as_tensor(p))
    at_fake = torch.arange(len(q)).repeat_interleave(torch.as_tensor(q))
    start = torch.randn(len(p), dtype=torch.float64)  # rises from cell to cell; the first: its level
    if weight:  # the penalty is not convex: it would hold a slope that starts below 0 at -1
        start = start.abs()
    rises = start.requires_grad_()
    lipschitz = bounded or weight > 0
    optimizer = torch.optim.Adam([rises], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 400, 1e-4)

    def table() -> Tensor:
        return torch.cumsum(rises * WIDTH, 0) if lipschitz else rises

    for _ in range(400):
        optimizer.zero_grad()
        scores = table()
        loss = losses.OBJECTIVES[name].of_d(scores[at_real], scores[at_fake], **labels).total
        if weight:
            loss = loss + losses.lipschitz_penalty(rises[1:, None], weight=weight)
        (rises.grad,) = torch.autograd.grad(loss, rises)
        optimizer.step()
        schedule.step()
        if bounded:
            with torch.no_grad():
                rises.clamp_(-1.0, 1.0)
    return table().detach()


def terms_of(name: str, scores: Tensor, p: Any = P_COUNTS, q: Any = Q_COUNTS) -> tuple[float, float]:
    on_real, on_fake = (scores.repeat_interleave(torch.as_tensor(counts)) for counts in (p, q))
    real, fake = losses.OBJECTIVES[name].terms(on_real, on_fake)
    return float(real), float(fake)


@pytest.mark.parametrize("labels", [PLAIN, {"real_label": 0.9, "fake_label": 0.0}, LABELS])
@pytest.mark.parametrize("name", ["non_saturating", "minimax", "lsgan"])
def test_trained_d_finds_the_best_score_under_any_labels(name: str, labels: dict[str, float]) -> None:
    scores = trained(name, labels=labels)
    best = IN_THEORY[name].best_score(P, Q, **labels)
    np.testing.assert_allclose(scores.numpy(), best, atol=0.02)
    assert np.ptp(best) > 0.5


def test_trained_hinge_d_answers_one_or_minus_one() -> None:
    differ = P_COUNTS != Q_COUNTS
    best = IN_THEORY["hinge"].best_score(P, Q, **PLAIN)[differ]
    np.testing.assert_allclose(trained("hinge").numpy()[differ], best, atol=0.02)


@pytest.mark.parametrize("name", ["non_saturating", "minimax", "lsgan", "hinge"])
def test_trained_d_reaches_the_divergence(name: str) -> None:
    reached = sum(terms_of(name, trained(name)))
    best = IN_THEORY[name].best_value(P, Q, WIDTH)
    assert best - 2e-3 < reached < best + 1e-9


@pytest.mark.parametrize("name", ["wgan_clip", "wgan_gp"])
def test_trained_wgan_d_of_bounded_slope_reaches_the_wasserstein_distance(name: str) -> None:
    reached = sum(terms_of(name, trained(name, bounded=True)))
    assert reached == pytest.approx(W1, rel=1e-3)
    assert IN_THEORY[name].best_value(P, Q, WIDTH) == pytest.approx(W1)


def test_trained_wgan_d_with_a_penalty_goes_beyond_it_by_what_the_penalty_allows() -> None:
    # A slope s over a cell gains g s and costs weight (s - 1)^2 / cells: best at 1 + cells g / (2 weight).
    gain = np.cumsum(Q - P)[:-1] * WIDTH**2
    expected = float((gain * (1 + len(gain) * gain / (2 * 10.0))).sum())
    assert sum(terms_of("wgan_gp", trained("wgan_gp", weight=10.0))) == pytest.approx(expected, rel=2e-3)
    assert (gain >= 0).all()
    assert expected > 1.02 * W1


def test_trained_relativistic_d_has_no_slope_left_by_the_formula_of_the_paper() -> None:
    scores = trained("relativistic").numpy()
    p, q = P_COUNTS / 100, Q_COUNTS / 100
    of_real, of_fake = (1 / (1 + np.exp(-(scores - mean))) for mean in (q @ scores, p @ scores))
    missed, taken = float(p @ (1 - of_real)), float(q @ of_fake)
    left = -p * (1 - of_real + taken) + q * (of_fake + missed)
    np.testing.assert_allclose(left, 0.0, atol=2e-3)
    order = np.argsort(p / q, kind="stable")
    assert (np.diff(scores[order]) > -0.05).all()
    assert -math.log(4) + 0.2 < sum(terms_of("relativistic", trained("relativistic"))) < 0


@pytest.mark.parametrize("labels", [PLAIN, {"real_label": 0.9, "fake_label": 0.0}])
@every
def test_where_the_densities_are_alike_trained_d_finds_every_line(
    name: str, labels: dict[str, float]
) -> None:
    lipschitz = name.startswith("wgan")
    scores = trained(name, P_COUNTS, P_COUNTS, bounded=lipschitz, labels=labels)
    on_real = scores.repeat_interleave(torch.as_tensor(P_COUNTS))
    game, lines = losses.OBJECTIVES[name], references(objective=name, **labels)
    real_loss, fake_loss = game.of_d(on_real, on_real, **labels)
    output = game.outputs(on_real, on_real)[0].mean()
    found = (
        output, sum(game.terms(on_real, on_real)), real_loss + fake_loss, real_loss, fake_loss,
        game.of_g(on_real, on_real),
    )  # fmt: skip
    for number, line in zip(found, lines, strict=True):
        assert math.isnan(line) or float(number) == pytest.approx(line, abs=2e-3)
    assert sum(map(math.isnan, lines)) == (4 if lipschitz or name == "hinge" else 0)
