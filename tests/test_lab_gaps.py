"""The halves of the duality gap, D's overfitting, and the measures by name."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import orjson
import pytest
import torch

from gan_core.data import DataSet
from gan_core.measures.best_answer import Schedule
from gan_core.measures.duality_gap import duality_gap
from gan_core.measures.fresh_discriminator import SCHEDULES, fresh_discriminator
from gan_core.measures.lab import LAB, default_directions, measure, plain
from gan_core.measures.overfitting import auc, overfitting
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer, play, tiny
from tests.test_lab_fresh import normal_g, true_jsd
from tests.test_lab_inside import FITTING
from tests.test_measure_toy import make_linear, toy_trainer

SHORT = Schedule(steps=40, rate=1e-3, batch=32)

# --- Duality gap


def test_d_can_gain_what_the_divergence_leaves_it() -> None:
    trainer = normal_g(0.0, 2.0)
    with torch.no_grad():  # D answers 1/2 everywhere: V = -log 4
        for weight in trainer.discriminator.parameters():
            weight.zero_()
    found = duality_gap(trainer)
    assert found.value_here == pytest.approx(-math.log(4), abs=1e-6)
    assert found.gain_of_d == pytest.approx(2 * true_jsd("two_gaussians_1d", 0.0, 2.0), abs=0.02)
    assert found.gain_of_g == 0.0  # a D without a slope leaves G nothing to do
    assert found.max_value in (found.value_from_present, found.value_from_new)


def test_both_gains_are_positive_and_that_of_d_is_at_least_what_a_new_d_finds() -> None:
    trainer = normal_g(0.0, 2.0)
    trainer.settings = trainer.settings.replace(discriminator_lr=0.01)
    for _ in range(40):
        trainer.d_step(trainer.settings)
    found, fresh = duality_gap(trainer), fresh_discriminator(trainer, seeds=(1,))
    assert found.gain_of_d > 0
    assert found.gain_of_g > 0
    assert found.value_from_new == pytest.approx(fresh.value_held_out, abs=1e-6)
    assert found.max_value >= fresh.value_held_out - 2 * fresh.jsd_bound_error
    assert found.max_value == found.value_here + found.gain_of_d
    assert found.min_value == found.value_here - found.gain_of_g
    assert found.g_curve[0] == pytest.approx(found.value_here, abs=0.05)
    assert found.g_curve[found.g_best_step] == found.g_curve.min() < found.g_curve[0]


def test_the_best_d_has_nothing_to_gain() -> None:
    trainer = normal_g(2.0, 0.7, "gaussian_1d")
    with torch.no_grad():  # p = q, and D answers 1/2 everywhere
        for weight in trainer.discriminator.parameters():
            weight.zero_()
    found = duality_gap(trainer)
    assert found.gain_of_d == pytest.approx(0.0, abs=0.01)


def test_g_alone_goes_down_v_against_a_d_that_is_known() -> None:
    # D = sigmoid(x), G = N(m, 0.7^2): V falls as m rises, since log(1 - D) does.
    trainer = normal_g(0.0, 0.7, "gaussian_1d")
    make_linear(trainer.discriminator, [[1.0]], [0.0])
    found = duality_gap(trainer, schedule=SHORT, g_steps=5)
    assert len(found.g_curve) == 6
    assert np.all(np.diff(found.g_curve) < 0)
    assert found.g_best_step == 5
    fake = torch.randn(200_000, generator=torch.Generator().manual_seed(0)) * 0.7
    real = trainer.data.held_out[:, 0]
    v = torch.nn.functional.logsigmoid(real).mean() - torch.nn.functional.softplus(fake).mean()
    assert found.value_here == pytest.approx(float(v), abs=0.03)


@pytest.mark.parametrize("objective", ["lsgan", "hinge", "relativistic"])
def test_the_gap_is_one_of_the_objective(objective: str) -> None:
    trainer = toy_trainer("two_gaussians_1d", objective=objective)
    play(trainer, 5)
    found = duality_gap(trainer, schedule=Schedule(100, 5e-3, 64))
    assert found.gain_of_d > 0.01
    assert found.gain_of_g > -0.01
    assert found.max_value <= {"lsgan": 0.0, "hinge": 0.0, "relativistic": 0.0}[objective] + 1e-6


def test_what_has_no_maximum_and_too_many_steps_are_refused() -> None:
    trainer = toy_trainer("ring", objective="wgan_gp")
    with pytest.raises(ValueError, match="V of a WGAN has no maximum"):
        duality_gap(trainer)
    with pytest.raises(ValueError, match="g_steps = 31: it must be 1 to 30"):
        duality_gap(toy_trainer("ring"), g_steps=31)


# --- Overfitting


def test_a_d_that_knows_its_samples_is_found_out(digits: DataSet) -> None:
    few = DataSet("mnist_10k", digits.train[:100], digits.held_out[:100])
    changes: dict[str, Any] = {"r1_gamma": 0.0, "smoothing": 1.0}
    wide = {"discriminator_width": 128, "generator_width": 64}
    trainer = GanTrainer(tiny(**wide, **changes), few)
    before = overfitting(trainer)
    for _ in range(700):
        trainer.step(trainer.settings, probe=False)
    after = overfitting(trainer)
    assert abs(before.auc_seen - 0.5) < 4 * before.auc_seen_error
    assert after.auc_seen > 0.5 + 4 * after.auc_seen_error
    assert after.gap > 0.05
    assert after.gap == pytest.approx(after.d_train - after.d_held_out)
    assert after.jsd_bound_train > after.jsd_bound_held_out + 0.02
    assert after.auc_train > after.auc_held_out > 0.5
    assert (after.samples, before.samples) == (100, 100)


def test_auc_counts_pairs_and_ties_half() -> None:
    rng = np.random.default_rng(0)
    high, low = rng.integers(0, 6, 40).astype(float), rng.integers(0, 5, 30).astype(float)
    pairs = [(h > x) + 0.5 * (h == x) for h in high for x in low]
    assert auc(high, low) == pytest.approx(np.mean(pairs))
    assert auc(low, low) == 0.5
    draws = [auc(rng.normal(size=100), rng.normal(size=100)) for _ in range(400)]
    assert np.std(draws) == pytest.approx(math.sqrt(201 / 12) / 100, rel=0.15)  # as `auc_seen_error`


def test_the_bound_of_a_smoothed_d_is_that_of_the_divergence() -> None:
    # The best D of smoothed labels, 0.9 D0 with D0 = 1/2 on this perfect G: its raw V is below -log 4.
    trainer = normal_g(2.0, 0.7, "gaussian_1d")
    make_linear(trainer.discriminator, [[0.0]], [math.log(0.45 / 0.55)])
    found = overfitting(trainer)
    assert found.d_held_out == pytest.approx(0.45, abs=1e-4)
    assert found.jsd_bound_held_out == pytest.approx(0.0, abs=1e-4)
    assert found.jsd_bound_train == pytest.approx(0.0, abs=1e-4)
    make_linear(trainer.discriminator, [[0.0]], [math.log(0.72 / 0.28)])  # D0 = 0.8 everywhere
    found = overfitting(trainer)
    assert found.jsd_bound_held_out == pytest.approx((math.log(0.8 * 0.2) + math.log(4)) / 2, abs=1e-4)
    hinge = toy_trainer("ring", objective="hinge")
    assert math.isnan(overfitting(hinge).jsd_bound_held_out)


# --- By name


@pytest.mark.parametrize("name", [name for name in LAB if name not in {*FITTING, "path_angle"}])
def test_each_measure_is_json_and_leaves_the_game_alone(
    name: str, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCHEDULES, "digits", SHORT)
    watched, alone = (new_trainer(digits) for _ in range(2))
    play(watched, 3), play(alone, 3)
    shares: list[float] = []
    told = json.loads(orjson.dumps(measure(watched, name, shares.append)))
    needed: dict[str, set[str]] = {
        "fresh_discriminator": {
            "jsd_bound", "jsd_bound_second_seed", "right_in_100", "value_held_out", "value_train"
        },
        "surface": {"value", "value_here", "seconds"},
        "spectrum": {"eigenvalues", "residuals"},
        "duality_gap": {"gain_of_d", "gain_of_g"},
        "overfitting": {"d_train", "d_held_out", "auc_seen"},
        "quality": {
            "fid", "fid_ema", "fid_floor", "kid", "classes_hit", "kl_to_uniform", "precision", "recall"
        },
    }  # fmt: skip
    assert needed[name] <= set(told)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)
    if name == "surface":
        assert np.shape(told["value"]) == (31, 31)
        assert told["value"][15][15] == told["value_here"]
    if name == "spectrum":
        assert np.shape(told["eigenvalues"])[1] == 2


def test_directions_are_random_before_the_first_step(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    assert default_directions(trainer).kind.startswith("random")
    play(trainer, 1)
    assert default_directions(trainer).kind.startswith("the last update")
    with pytest.raises(ValueError, match="there is no measure called 'nothing', only fresh_discriminator"):
        measure(trainer, "nothing")


def test_numbers_become_plain() -> None:
    told: Any = plain({"a": np.arange(2), "b": 1 + 2j, "c": np.array([1j]), "d": np.float64(0.5), "e": "x"})
    assert told == {"a": [0, 1], "b": [1.0, 2.0], "c": [[0.0, 1.0]], "d": 0.5, "e": "x"}
