"""Which runs may share a process, from their settings."""

from __future__ import annotations

from typing import get_args

import pytest

from gan_core.engine.cost import BACK, HEAVY, lane_of, longest_hold, step_cost
from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Rule, Settings
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
def test_every_preset_plays_beside_others(preset: str) -> None:
    assert lane_of(preset_settings(preset)) == "shared"


def test_a_heavy_run_comes_back_only_well_below_the_limit() -> None:
    near = Settings(generator_hidden="448-448", discriminator_hidden="448-448")
    assert BACK * HEAVY < longest_hold(near) < HEAVY, longest_hold(near)
    assert (lane_of(near, "shared"), lane_of(near, "heavy")) == ("shared", "heavy")
    assert lane_of(Settings(), "heavy") == "shared"
    assert lane_of(HEAVIEST, "shared") == "heavy"
