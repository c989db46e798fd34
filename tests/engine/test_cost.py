"""Which runs may share a process, from their settings."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import torch

from gan_core import data
from gan_core.engine.cost import (
    BACK,
    HEAVY,
    Pace,
    lane_of,
    longest_hold,
    parameter_counts,
    parameters_of,
    step_cost,
)
from gan_core.networks import new_discriminator, new_generator
from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Architecture, Rule, Settings, make_settings
from gan_core.training import GanTrainer
from tests.game import tiny

HEAVIEST = Settings(
    discriminator_hidden="1024-1024-1024", generator_hidden="1024-1024-1024",
    batch_size=512, discriminator_steps=10, r1_interval=1,
)  # fmt: skip


def test_the_default_step_is_the_unit_and_small_games_cost_less() -> None:
    assert step_cost(Settings()) == 1.0
    assert 0.3 < step_cost(tiny()) < 1.0
    assert step_cost(HEAVIEST) > 300  # measured: 2.8 s beside 7 ms


def test_a_step_of_ten_moves_of_d_costs_nearly_ten_times_as_much() -> None:
    assert 4 < step_cost(Settings(discriminator_steps=10)) < 10


def test_a_penalty_on_the_slopes_of_d_costs_what_was_measured() -> None:
    wide = Settings(discriminator_hidden="1024-1024", generator_hidden="64", batch_size=256, r1_gamma=0.0)
    plain = step_cost(wide)
    for penalty, measured in (
        ({"r1_gamma": 1.0, "r1_interval": 1}, 1.48),
        ({"r1_gamma": 1.0, "r2_gamma": 1.0, "r1_interval": 1}, 1.87),
        ({"objective": "wgan_gp"}, 1.77),
        ({"objective": "wgan_gp", "gp_lambda": 0.0}, 1.0),
    ):
        assert step_cost(wide.replace(**penalty)) / plain == pytest.approx(measured, rel=0.05), penalty


def test_what_the_techniques_add_is_counted() -> None:
    wide = Settings(discriminator_hidden="512-512", generator_hidden="512-512", r1_gamma=0.0)
    added = {
        name: step_cost(wide.replace(**{name: value})) / step_cost(wide)
        for name, value in (
            ("feature_matching", 0.5), ("minibatch_discrimination", True), ("virtual_batch_norm", True),
            ("historical_averaging", 0.1), ("spectral_norm", True), ("discriminator_batches", "mixed"),
        )
    }  # fmt: skip
    assert added["discriminator_batches"] == 1.0  # D has no batch norm
    del added["discriminator_batches"], added["spectral_norm"]  # this one: two products with a vector
    assert {name: cost for name, cost in added.items() if not 1.02 < cost < 1.6} == {}
    units, closeness = 128, 16 * 4
    with_matrices = parameter_counts(Settings(minibatch_discrimination=True))[0]
    assert with_matrices - parameter_counts(Settings())[0] == units * closeness


CONVOLUTIONAL: dict[str, Any] = {
    "latent_dim": 64, "batch_size": 32, "r1_gamma": 1.0, "architecture": "dcgan",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        ({}, 3.3), ({"batch_size": 64}, 5.5), ({"batch_size": 128}, 10.3), ({"discriminator_steps": 3}, 6.6),
        ({"conditional": True}, 3.5), ({"architecture": "style"}, 4.4),
        ({"architecture": "style", "batch_size": 64}, 7.3),
    ],
)  # fmt: skip
def test_a_step_of_convolutions_costs_what_was_measured(changes: dict[str, Any], measured: float) -> None:
    settings = make_settings({**CONVOLUTIONAL, **changes})
    assert step_cost(settings) == pytest.approx(measured, rel=0.25)
    assert lane_of(settings) == "shared"


def test_the_weights_of_every_player_are_counted() -> None:
    for architecture in get_args(Architecture):
        settings = tiny(architecture=architecture)
        trainer = GanTrainer(settings, data.load(settings))
        players = (trainer.discriminator, trainer.generator)
        found = [sum(w.numel() for w in player.parameters() if w.ndim > 1) for player in players]
        assert list(parameter_counts(settings)) == found, architecture


LEARNED: tuple[dict[str, Any], ...] = (
    {}, {"data": "ring"}, {"data": "gaussian_1d", "generator_hidden": "8", "discriminator_hidden": "4-6"},
    {"conditional": True}, {"generator_batch_norm": False}, {"discriminator_batch_norm": True},
    {"architecture": "dcgan"}, {"architecture": "style"},
    {"architecture": "dcgan", "conditional": True, "discriminator_batch_norm": True},
    {"architecture": "dcgan", "generator_batch_norm": False}, {"architecture": "style", "latent_dim": 7},
    {"minibatch_discrimination": True, "spectral_norm": True},
    {"architecture": "dcgan", "virtual_batch_norm": True, "generator_batch_norm": False,
     "minibatch_discrimination": True, "conditional": True},
)  # fmt: skip


@pytest.mark.parametrize("changes", LEARNED)
def test_every_number_that_a_player_learns_is_counted(changes: dict[str, Any]) -> None:
    settings, rng = make_settings({"latent_dim": 20, **changes}), torch.Generator()
    players = (new_discriminator(settings, rng), new_generator(settings, rng))
    found = [sum(w.numel() for w in player.parameters() if w.requires_grad) for player in players]
    assert list(parameters_of(settings)) == found


def test_the_pace_of_a_machine_is_that_of_its_measured_steps() -> None:
    pace, convolved = Pace(), make_settings(CONVOLUTIONAL)
    before = pace.steps_per_second(Settings())
    assert before == pytest.approx(160.0)
    pace.note(convolved, 0.05)  # a slow machine: such a step takes a third of that on ours
    assert pace.is_measured
    assert pace.steps_per_second(convolved) == pytest.approx(20.0)
    assert pace.steps_per_second(Settings()) == pytest.approx(20.0 * step_cost(convolved))
    pace.note(convolved, 0.1)  # one slow step says little
    assert pace.steps_per_second(convolved) == pytest.approx(1.0 / 0.06)


def test_a_rule_costs_what_its_gradients_cost() -> None:
    costs = {rule: step_cost(Settings(rule=rule)) for rule in get_args(Rule)}
    assert costs == pytest.approx({rule: {"extragradient": 2, "consensus": 3}.get(rule, 1) for rule in costs})
    often = Settings(rule="extragradient", discriminator_steps=10)  # it makes one step of each
    assert step_cost(often) == costs["extragradient"]
    assert step_cost(Settings(generator_steps=3)) > 1.5


def test_an_evaluation_counts_too_where_it_is_longer_than_a_step() -> None:
    wide = Settings(generator_hidden="1024-1024", discriminator_hidden="1024-1024")
    assert step_cost(wide) < HEAVY < longest_hold(wide)
    assert lane_of(wide) == "heavy"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_plays_beside_others_but_the_one_of_wide_layers(preset: str) -> None:
    assert (lane_of(preset_settings(preset)) == "shared") == (preset != "wide_recipe")


def test_a_heavy_run_comes_back_only_well_below_the_limit() -> None:
    near = Settings(generator_hidden="448-448", discriminator_hidden="448-448")
    assert BACK * HEAVY < longest_hold(near) < HEAVY, longest_hold(near)
    assert (lane_of(near, "shared"), lane_of(near, "heavy")) == ("shared", "heavy")
    assert lane_of(Settings(), "heavy") == "shared"
    assert lane_of(HEAVIEST, "shared") == "heavy"
