"""The path angle: the linear game's closed form, the marks of attraction and rotation, the run left alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_core import data
from gan_core.measures.frozen import Frozen
from gan_core.measures.path_angle import (
    PLACES,
    SAMPLES,
    along,
    changes_sign,
    field_of,
    has_bump,
    linear_path_angle,
    path_angle,
)
from gan_core.presets import preset_settings
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer


def linear(mu: float, b: float) -> torch.Tensor:
    return torch.tensor([[mu, -b], [b, mu]], dtype=torch.float64)


@pytest.mark.parametrize(("mu", "b"), [(0.3, 0.0), (0.02, 1.1), (0.4, 0.7)])
def test_on_a_linear_game_it_is_the_closed_form(mu: float, b: float) -> None:
    start, end = torch.tensor([[2.0, 0.15], [0.0, 0.15]], dtype=torch.float64)
    matrix = linear(mu, b)
    cosine, norm = along(lambda w: matrix @ w, start, end, PLACES)
    expected = linear_path_angle(PLACES, mu=mu, b=b, length=2.0, delta=0.15, side=-1)
    assert cosine == pytest.approx(expected, abs=1e-12)
    distance = np.hypot(2.0 * (1.0 - PLACES), 0.15)
    assert norm == pytest.approx(math.hypot(mu, b) * distance, abs=1e-12)


@pytest.mark.parametrize(
    ("mu", "b", "attracts", "rotates"),
    [(0.5, 0.0, True, False), (0.0, 1.0, False, True), (0.6, 0.9, True, True)],
)
def test_attraction_and_rotation_are_told_apart(mu: float, b: float, attracts: bool, rotates: bool) -> None:
    c = linear_path_angle(PLACES, mu=mu, b=b, length=3.0, delta=0.05)
    assert changes_sign(PLACES, c) is attracts
    assert has_bump(PLACES, c) is rotates


def test_the_field_is_what_training_moves_against() -> None:
    settings = preset_settings("r1_rest")
    trainer = GanTrainer(settings, data.load(settings))
    field, start = field_of(Frozen(trainer))
    v = field(start)
    rng = torch.Generator().manual_seed(3)
    frozen, count = Frozen(trainer), sum(p.numel() for p in trainer.generator.parameters())
    sampled = frozen.rng(9)
    real = frozen.train[torch.randperm(len(frozen.train), generator=sampled)[:SAMPLES]]
    z = frozen.latents(SAMPLES, sampled)
    step = 1e-3 * torch.empty(count).normal_(generator=rng)

    def g_loss(sign: float) -> float:
        torch.nn.utils.vector_to_parameters(start[:count] + sign * step, frozen.g.parameters())
        return float(frozen.g_loss(real, frozen.generated(z)).detach())

    slope = (g_loss(1.0) - g_loss(-1.0)) / 2.0
    assert float(v[:count] @ step) == pytest.approx(slope, rel=0.02)


def test_a_toy_is_measured_and_left_as_it_was() -> None:
    settings = preset_settings("r1_rest")
    trainer, twin = (GanTrainer(settings, data.load(settings)) for _ in range(2))
    for one in (trainer, twin):
        for _ in range(5):
            one.step(settings)
    found = path_angle(trainer, steps=40)
    assert is_same_game(trainer, twin)
    assert np.abs(found.cosine).max() <= 1.0 + 1e-6
    assert found.near_rest == (found.norm_after <= 0.3 * found.norm_before)
    assert found.steps == 40


def test_digits_are_refused_and_a_game_that_leaves_the_numbers_is_named() -> None:
    with pytest.raises(ValueError, match="on toys only"):
        path_angle(new_trainer())
    settings = preset_settings("r1_rest")
    with pytest.raises(ArithmeticError, match="to infinity"):
        path_angle(GanTrainer(settings, data.load(settings)), steps=60, rate=1e30)
