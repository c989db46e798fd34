"""Every scene is a valid, distinct difference that is recognised again."""

from __future__ import annotations

from itertools import combinations

import pytest

from gan_core.presets import CUSTOM, PRESETS, nearest_preset, preset_named, preset_of, preset_settings
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
    assert len(preset.expect) <= 160, "two lines of the board's head"


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


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_by_its_name_and_by_the_title_that_is_shown(name: str) -> None:
    title = PRESETS[name].title
    assert [preset_named(text) for text in (name, title, f" {title.upper()} ")] == [name] * 3
    assert preset_settings(title, seed=4) == preset_settings(name, seed=4)


def test_a_long_name_that_is_no_preset_is_cut() -> None:
    with pytest.raises(SettingsError) as caught:
        preset_named("x" * 5000)
    assert f"no preset named '{'x' * 39}…': it must be one of 'balanced', " in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_custom_settings_are_told_by_how_they_differ_from_the_nearest_preset(name: str) -> None:
    assert nearest_preset(preset_settings(name, seed=9, data="mnist_60k")) == (name, {})
    found = nearest_preset(preset_settings(name, instance_noise=0.3, seed=9))
    assert found == (name, {"instance_noise": (0.0, 0.3)})


def test_the_nearest_preset_has_the_fewest_fields_that_differ() -> None:
    settings = preset_settings("weak_discriminator", discriminator_hidden="32-32", generator_lr=2e-3)
    assert nearest_preset(settings).name == "balanced"
    assert set(nearest_preset(settings).differences) == {"discriminator_hidden", "generator_lr"}
