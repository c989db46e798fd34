"""Every scene is a valid, distinct difference that is recognised again."""

from __future__ import annotations

from itertools import combinations

import pytest

from gan_core.presets import CUSTOM, PRESETS, preset_of, preset_settings
from gan_core.settings import Settings, SettingsError, field_names


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_recognised_whatever_its_seed(name: str) -> None:
    assert preset_of(preset_settings(name)) == name
    assert preset_of(preset_settings(name, seed=77, data="mnist_60k")) == name
    assert preset_of(preset_settings(name, discriminator_lr=3.21e-4)) == CUSTOM


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_names_only_what_it_changes(name: str) -> None:
    preset = PRESETS[name]
    assert preset_settings(name).difference(Settings()) == {
        key: value for key, value in preset.changes.items() if value != getattr(Settings(), key)
    }
    assert set(preset.changes) <= set(field_names()) - {"seed", "data"}
    assert preset.title
    assert preset.expect.endswith(".")
    assert ". " not in preset.expect, "one sentence"


@pytest.mark.parametrize(("one", "other"), list(combinations(PRESETS, 2)))
def test_no_two_presets_are_one(one: str, other: str) -> None:
    assert preset_settings(one) != preset_settings(other)
    assert PRESETS[one].title != PRESETS[other].title


def test_the_first_preset_is_the_default_game() -> None:
    assert preset_of(Settings()) == next(iter(PRESETS))


def test_changes_go_on_top_of_a_preset() -> None:
    settings = preset_settings("two_sided_smoothing", smoothing=0.8)
    assert (settings.smoothing, settings.fake_label) == (0.8, 0.1)


def test_an_unknown_preset_is_refused_with_all_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"no preset named 'best'.*balanced"):
        preset_settings("best")
