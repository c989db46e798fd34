"""Quality while training: its numbers, the steps at which they are measured, and an undisturbed game."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch

from gan_core import data
from gan_core.data import DataSet
from gan_core.history import CLASS_SHARES, History
from gan_core.measures import classifier, quality, quality_curve
from gan_core.measures.held_out import Pace, evaluations_block
from gan_core.measures.quality_curve import SAMPLES, QualityCurve, quality_columns, quality_every
from gan_core.networks import draw_latents
from gan_core.presets import preset_settings
from gan_core.settings import Settings, make_settings
from gan_core.training import Functions, GanTrainer
from tests.game import is_same_game, new_trainer, play, same_records


def painting(digits: DataSet, picture: int, **changes: float) -> GanTrainer:
    """A G that makes one training digit from every z; its average does not know of it."""
    trainer = new_trainer(digits, seed=1, **changes)
    with torch.no_grad():
        trainer.generator.get_parameter("linears.2.weight").zero_()
        bias = torch.atanh(digits.train[picture].clamp(-0.999, 0.999))
        trainer.generator.get_parameter("linears.2.bias").copy_(bias)
    return trainer


def test_the_columns_are_those_of_the_same_digits_in_the_lab(digits: DataSet) -> None:
    trainer = new_trainer(digits, seed=2)
    play(trainer, 3)
    found = quality_columns(trainer)
    rng = torch.Generator().manual_seed(2 * 1_000_003 + 3 + 900_007)
    z = draw_latents(SAMPLES, trainer.settings, rng)
    for network, name in ((trainer.generator, ""), (trainer.average, "_ema")):
        with torch.no_grad():
            made = network(z, Functions.of(trainer.settings).generator, "eval")
        lab = quality.quality(made, digits.held_out, digits.train)
        assert found[f"fid{name}"] == pytest.approx(lab.fid, rel=1e-5)
        assert found[f"classes_hit{name}"] == lab.classes_hit
        assert (found["fid_floor"], found["fid_floor_sd"]) == (lab.fid_floor, lab.fid_floor_sd)
    assert found["fid"] != found["fid_ema"]
    assert found["quality_samples"] == SAMPLES


def test_shares_are_of_g_and_name_the_one_digit_it_makes(digits: DataSet) -> None:
    (six,) = torch.nonzero(classifier.load().read(digits.train[:200]).classes == 6)[0].tolist()
    found = quality_columns(painting(digits, six))
    assert [found[name] for name in CLASS_SHARES] == [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert (found["classes_hit"], found["readable"]) == (1, 1)


def test_noise_is_read_as_some_class_but_is_not_readable(digits: DataSet) -> None:
    regions = quality_curve.regions_of(quality.Same(digits.held_out))
    noise = torch.empty(300, 784).uniform_(-1, 1, generator=torch.Generator().manual_seed(0))
    assert quality_curve.readable(classifier.load().read(noise), regions) == 0
    fresh = classifier.load().read(digits.train[:1000])
    assert quality_curve.readable(fresh, regions) == pytest.approx(0.985, abs=0.015)
    by_hand = [
        float((features - regions.centres[digit]).square().sum().sqrt()) <= float(regions.radii[digit])
        for features, digit in zip(fresh.features, fresh.classes.tolist(), strict=True)
    ]
    assert quality_curve.readable(fresh, regions) == pytest.approx(np.mean(by_hand))


def test_real_digits_are_within_the_spread_of_the_floor(digits: DataSet) -> None:
    train, held_out = quality.Same(digits.train), quality.Same(digits.held_out)
    floor = quality.fid_floor(held_out, train, SAMPLES)
    others = classifier.load().features(digits.train[-SAMPLES:])  # none of the draws of the floor
    found = quality.frechet(*quality.moments(others), *quality.moments_of(held_out))
    assert abs(found - floor.mean) < 4 * floor.sd
    assert 0.5 < floor.sd < floor.mean / 2


def test_a_run_without_an_average_has_no_column_of_it(digits: DataSet) -> None:
    assert not {"fid_ema", "classes_hit_ema"} & set(quality_columns(new_trainer(digits, ema_decay=0.0)))


def test_a_floor_of_one_draw_has_no_spread(digits: DataSet) -> None:
    few = quality.Same(digits.train[:150])
    assert math.isnan(quality.fid_floor(quality.Same(digits.held_out), few, 100).sd)


@pytest.mark.parametrize("architecture", ["perceptron", "dcgan"])
def test_pixels_that_are_no_numbers_are_not_measured(digits: DataSet, architecture: str) -> None:
    trainer = new_trainer(digits, architecture=architecture)
    with torch.no_grad():
        for weights in trainer.generator.parameters():
            weights.fill_(math.nan)
    found = quality_columns(trainer)
    assert math.isnan(found["fid"])
    assert math.isnan(found["classes_hit"])
    assert math.isnan(found["share_of_4"])
    assert math.isfinite(found["fid_ema"])


def test_the_interval_is_of_the_networks_and_not_of_live_settings() -> None:
    default = Settings()
    assert quality_every(default) == quality_every(default.replace(r1_gamma=0.0, discriminator_steps=5))
    small = default.replace(generator_hidden="32", discriminator_hidden="32", batch_size=16)
    large = default.replace(generator_hidden="512-512", discriminator_hidden="512-512")
    assert quality_every(small) > 1.5 * quality_every(default) > 2 * quality_every(large)


def test_it_is_due_at_whole_intervals_and_never_for_points(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    every = quality_every(trainer.settings)
    due = []
    for step in range(6 * every + 1):
        trainer.steps_done = step
        if quality_curve.is_due(trainer):
            due.append(step)
    assert due == [every // 3 * i for i in range(1, 10)] + [4 * every, 5 * every, 6 * every]
    ring = make_settings({"data": "ring"})
    toy = GanTrainer(ring, data.load(ring))
    toy.steps_done = every
    assert not quality_curve.is_due(toy)
    assert QualityCurve().columns(toy) == {}


def test_a_run_that_stands_still_is_measured_once(digits: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, curve, calls = new_trainer(digits), QualityCurve(), []

    def counted(trainer: GanTrainer) -> dict[str, float]:
        calls.append(trainer.steps_done)
        return {"fid": 3.0}

    monkeypatch.setattr(quality_curve, "quality_columns", counted)
    assert curve.columns(trainer) == {}  # before the first step there is nothing to judge
    play(trainer, 1)
    assert curve.columns(trainer) == curve.columns(trainer) == {"fid": 3.0}
    trainer.adopt(trainer.settings.replace(smoothing=0.7))
    curve.columns(trainer)
    assert calls == [1]
    trainer.adopt(trainer.settings.replace(generator_activation="tanh"))  # G makes other digits now
    curve.columns(trainer)
    play(trainer, 1)
    curve.columns(trainer)
    assert calls == [1, 1, 2]


def test_the_game_goes_on_as_without_the_measure(digits: DataSet) -> None:
    measured, plain = new_trainer(digits, seed=3), new_trainer(digits, seed=3)
    records = play(measured, 5)
    state = torch.get_rng_state()
    first = quality_columns(measured)
    assert quality_columns(measured) == first
    assert torch.equal(torch.get_rng_state(), state)
    records += play(measured, 5)
    assert same_records(records, play(plain, 10))
    assert is_same_game(measured, plain)


def test_evaluations_with_and_without_quality_are_columns_of_one_history(digits: DataSet) -> None:
    trainer, pace, history = new_trainer(digits), Pace(time.monotonic), History()
    rows = []
    for wanted in (False, True, False):
        play(trainer, 1)
        rows.append(pace.evaluate(trainer, quality=wanted))
    history.evaluations.extend(evaluations_block(rows))
    columns = history.evaluations.columns
    assert np.isfinite(columns["fid"]).tolist() == [False, True, False]
    assert np.isfinite(columns["d_real"]).all()
    assert sum(columns[name][1] for name in CLASS_SHARES) == pytest.approx(1.0)


def test_old_folders_open_and_new_ones_keep_the_columns(digits: DataSet, tmp_path: object) -> None:
    history = History()
    trainer = new_trainer(digits)
    play(trainer, 1)
    history.evaluations.extend(evaluations_block([Pace(time.monotonic).evaluate(trainer, quality=True)]))
    history.write(tmp_path)  # type: ignore[arg-type]
    columns = History.read(tmp_path).evaluations.columns  # type: ignore[arg-type]
    assert columns["fid"][0] == pytest.approx(quality_columns(trainer)["fid"])
    assert columns["share_of_7"][0] == quality_columns(trainer)["share_of_7"]


def test_presets_are_measured_often_enough_to_see_a_curve() -> None:
    for name in ("balanced", "weak_discriminator", "course_recipe", "dcgan"):
        assert 200 <= quality_every(preset_settings(name)) <= 450, name
