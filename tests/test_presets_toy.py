"""Every scene on data of known density is valid, distinct and recognised, and two of them keep their word."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch

from gan_core import data
from gan_core.measures.toy import measure_toy
from gan_core.presets import CUSTOM, FIRST, preset_of, preset_settings, presets_for
from gan_core.presets_toy import TOY_PRESETS
from gan_core.settings import choices, field_names
from gan_core.training import Functions, GanTrainer, arithmetic_of_a_trainer


@pytest.mark.parametrize("name", TOY_PRESETS)
def test_a_scene_is_recognised_whatever_its_seed(name: str) -> None:
    assert preset_of(preset_settings(name, seed=77)) == name
    assert preset_of(preset_settings(name, discriminator_lr=3.21e-4)) == CUSTOM
    assert name in presets_for(preset_settings(name))


@pytest.mark.parametrize("name", TOY_PRESETS)
def test_a_scene_says_what_to_expect_in_two_lines(name: str) -> None:
    preset = TOY_PRESETS[name]
    assert set(preset.changes) <= set(field_names()) - {"seed"}
    assert preset.title
    assert preset.expect.endswith(".")
    assert len(preset.expect) <= 160, "two lines of the board's head"


def test_no_two_scenes_are_one() -> None:
    for one, other in combinations(TOY_PRESETS, 2):
        assert preset_settings(one) != preset_settings(other)
        assert TOY_PRESETS[one].title != TOY_PRESETS[other].title
    assert next(iter(TOY_PRESETS)) == FIRST["toy"]


@pytest.mark.parametrize("objective", ["lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic"])
def test_the_ring_is_there_for_each_objective(objective: str) -> None:
    settings = preset_settings(f"ring_{objective}")
    assert (settings.objective, settings.data) == (objective, "ring")


def test_every_rule_has_its_scene_of_one_game() -> None:
    base = preset_settings("rule_alternating")
    for rule in choices("rule") or ():
        assert preset_settings(f"rule_{rule}").difference(base) == (
            {} if rule == "alternating" else {"rule": rule}
        )  # fmt: skip


def farthest_mean(name: str, steps: int, last: int) -> float:
    """The largest distance of p_G's mean from the data's, over the last steps of so many."""
    settings = preset_settings(name)
    with arithmetic_of_a_trainer():
        trainer = GanTrainer(settings, data.load(settings))
        z, functions = torch.linspace(-1, 1, 200)[:, None], Functions.of(settings)
        middle, found = trainer.data.train.mean(), []
        for step in range(steps):
            trainer.step(settings, probe=False)
            if step >= steps - last:
                with torch.no_grad():
                    found.append(trainer.generator(z, functions.generator, "eval").mean() - middle)
    return float(torch.stack(found).abs().max())


def test_under_consensus_and_historical_averaging_the_jumps_end_where_simultaneous_steps_go_on() -> None:
    assert farthest_mean("rule_simultaneous", 900, 200) > 0.6
    assert farthest_mean("rule_consensus", 900, 200) < 0.2
    assert farthest_mean("rule_historical", 900, 200) < 0.2


def played(name: str, steps: int) -> dict[str, float]:
    """What is measured after so many steps of the scene."""
    settings = preset_settings(name)
    with arithmetic_of_a_trainer():
        trainer = GanTrainer(settings, data.load(settings))
        for _ in range(steps):
            trainer.step(settings)
        return measure_toy(trainer)


def test_g_leaves_out_a_far_blob_and_finds_all_of_the_ring() -> None:
    assert played("far_blobs", 300)["modes_hit"] < 3
    assert played("strong_d_spectral", 200)["modes_hit"] > played("strong_d", 200)["modes_hit"] + 2
    ring = played("ring", 300)
    assert ring["modes_hit"] == ring["modes"] == 8
