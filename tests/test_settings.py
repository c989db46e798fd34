"""Every field is complete, every bad value is refused in words, and nothing is clipped."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gan_core import settings
from gan_core.settings import Settings, SettingsError, make_settings
from tests.game import tiny

NAMES = settings.field_names()
RANGED = [name for name in NAMES if settings.limits(name)]
CHOICES = [name for name in NAMES if settings.choices(name)]
SWITCHES = [name for name in NAMES if settings.field(name).annotation is bool]
TEXTS = [name for name in NAMES if settings.field(name).annotation is str]
STRUCTURAL = {
    "data", "optimizer", "adam_beta1", "adam_beta2", "sgd_momentum", "batch_size", "seed",
    "discriminator_hidden", "discriminator_batch_norm", "discriminator_dropout", "drawn",
    "latent_dim", "latent_distribution", "generator_hidden", "generator_batch_norm",
    "generator_dropout", "architecture", "conditional", "spectral_norm", "minibatch_discrimination",
    "virtual_batch_norm",
}  # fmt: skip


def other_value(name: str) -> Any:
    """A value that fits and is not the default."""
    default, span, words = settings.field(name).default, settings.limits(name), settings.choices(name)
    if words:
        return next(word for word in words if word != default)
    if name in TEXTS:
        return "32-64-128" if name.endswith("_hidden") else "Ab-_"
    if span is None:
        return not default
    kind = int if settings.field(name).annotation is int else float
    return next(kind(value) for value in span if value != default)


def span_of(name: str) -> tuple[float, float]:
    span = settings.limits(name)
    assert span is not None
    return span


def test_every_field_is_a_range_a_choice_a_switch_or_a_text() -> None:
    assert sorted(RANGED + CHOICES + SWITCHES + TEXTS) == sorted(NAMES)
    assert len(NAMES) > 25


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_it_is(name: str) -> None:
    declared = settings.field(name)
    assert declared.title
    assert declared.title[0].isupper()
    assert declared.description
    assert declared.description.endswith(".")
    assert settings.trait(name, "player") in ("discriminator", "generator", "game")
    assert settings.trait(name, "live") is (name not in STRUCTURAL)
    assert isinstance(settings.trait(name, "log"), bool)
    assert isinstance(settings.trait(name, "unit"), str)


@pytest.mark.parametrize("name", NAMES)
def test_every_default_fits(name: str) -> None:
    assert getattr(make_settings({name: settings.field(name).default}), name) == settings.field(name).default


def test_titles_are_distinct() -> None:
    titles = [settings.field(name).title for name in NAMES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", RANGED)
def test_both_ends_of_a_range_are_kept_and_what_lies_beyond_is_refused(name: str) -> None:
    low, high = span_of(name)
    assert low < high
    kind = settings.field(name).annotation
    for end in (low, high):
        assert getattr(make_settings({name: end}), name) == end
    step = 1 if kind is int else (high - low) * 1e-6
    for beyond in (low - step, high + step):
        with pytest.raises(SettingsError) as caught:
            make_settings({name: beyond})
        text = str(caught.value)
        assert text == f"{name} = {beyond!r} does not fit: it must be {settings.allowed(name)}."
        plain = str if kind is int else "{:g}".format
        assert f"from {plain(low)} to {plain(high)}." in text


@pytest.mark.parametrize("name", [name for name in RANGED if settings.trait(name, "log")])
def test_a_logarithmic_range_starts_above_zero(name: str) -> None:
    assert span_of(name)[0] > 0


@pytest.mark.parametrize("name", CHOICES)
def test_a_word_that_is_no_choice_is_refused_with_all_that_are(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({name: "fancy"})
    assert name in str(caught.value)
    assert "'fancy'" in str(caught.value)
    for word in settings.choices(name) or ():
        assert word in str(caught.value)
        assert getattr(make_settings({name: word}), name) == word


@pytest.mark.parametrize("name", [name for name in RANGED if settings.field(name).annotation is float])
@pytest.mark.parametrize("value", [math.nan, math.inf, "nan", "much", None])
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} = .* does not fit"):
        make_settings({name: value})


@pytest.mark.parametrize("text", ["1_0e-2", "+-5", "--1", "nan", "inf", "0x1p-1", "1e", "1e400", "٠.٩", ""])
def test_a_number_in_a_spelling_that_people_do_not_use_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({"discriminator_lr": text})
    assert str(caught.value) == f"discriminator_lr = '{text}' does not fit: it must be from 1e-06 to 0.1."


@pytest.mark.parametrize("text", ["1_00", "+-5", "1e2", "0x40", "64.5", "٦٤", "", "9" * 5000])
def test_a_whole_number_in_a_spelling_that_people_do_not_use_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="does not fit: it must be a whole number from 8 to 512"):
        make_settings({"batch_size": text})


@pytest.mark.parametrize(
    ("text", "value"), [("1e-3", 0.001), ("+5", 5.0), (".5", 0.5), ("5.", 5.0), (" 2.5E1 ", 25.0)]
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert make_settings({"r1_gamma": text}).r1_gamma == value


@pytest.mark.parametrize("text", ["64", "+64", " 64. ", "64.0"])
def test_whole_numbers_are_read_as_people_write_them(text: str) -> None:
    assert make_settings({"batch_size": text}).batch_size == 64


def test_a_decimal_comma_is_told_to_be_a_point() -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({"smoothing": "0,9"})
    assert str(caught.value) == (
        "smoothing = '0,9' does not fit: it must be from 0.5 to 1, with a point as the decimal mark: 0.9."
    )


@pytest.mark.parametrize("name", ["smoothing", "optimizer", "batch_size", "x" * 5000])
@pytest.mark.parametrize("value", ["y" * 5000, ["y"] * 5000])
def test_what_is_quoted_is_cut(name: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({name: value})
    assert len(str(caught.value)) < 160
    assert "…" in str(caught.value)


def test_half_a_unit_is_refused_not_rounded() -> None:
    with pytest.raises(SettingsError, match=r"batch_size = 64\.5 does not fit: it must be a whole number"):
        make_settings({"batch_size": 64.5})


def test_whole_limits_are_printed_whole() -> None:
    assert settings.allowed("seed") == "a whole number from 0 to 2147483647"
    assert settings.allowed("generator_lr") == "from 1e-06 to 0.1"


def test_an_unknown_name_is_an_error_of_its_own() -> None:
    with pytest.raises(SettingsError, match=r"there is no setting named 'smothing'"):
        make_settings({"smothing": 0.9})
    with pytest.raises(SettingsError, match=r"there is no setting named 'smothing'"):
        settings.field("smothing")


def test_every_complaint_is_made_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({"smoothing": 1.2, "data": "cats", "colour": "red"})
    assert str(caught.value).count(";") == 2
    for word in ("smoothing = 1.2", "from 0.5 to 1", "data = 'cats'", "mnist_10k", "'colour'"):
        assert word in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_texts_from_an_address_are_read_back(name: str) -> None:
    changed = make_settings({name: other_value(name)})
    assert make_settings({name: str(getattr(changed, name))}) == changed
    assert changed != Settings()


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Settings().smoothing = 0.7


def test_replace_checks_and_leaves_the_original_alone() -> None:
    before = tiny(smoothing=0.8)
    after = before.replace(smoothing=0.7, seed=3)
    assert (before.smoothing, after.smoothing, after.seed, after.batch_size) == (0.8, 0.7, 3, 16)
    with pytest.raises(SettingsError, match=r"smoothing = 0\.4 does not fit"):
        before.replace(smoothing=0.4)


def test_difference_holds_this_ones_values() -> None:
    assert make_settings({"smoothing": 0.7, "seed": 5}).difference(make_settings({"seed": 5})) == {
        "smoothing": 0.7
    }


@pytest.mark.parametrize("name", NAMES)
def test_only_structural_fields_change_the_structure(name: str) -> None:
    changed = make_settings({name: other_value(name)})
    assert changed.same_structure(Settings()) is (name not in STRUCTURAL)
    assert settings.is_live(name) is (name not in STRUCTURAL)


def test_settings_in_a_file_are_read_back(tmp_path: Path) -> None:
    saved = tiny(smoothing=0.7, generator_loss="minimax", seed=12)
    (tmp_path / "settings.json").write_text(saved.model_dump_json())
    assert settings.read_settings(tmp_path / "settings.json") == saved


@pytest.mark.parametrize("text", [None, "{", "[1, 2]", "null", json.dumps({"smoothing": 7})])
def test_a_file_without_settings_is_an_error_in_words(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "settings.json").write_text(text)
    with pytest.raises(SettingsError, match=r"\.$") as caught:
        settings.read_settings(tmp_path / "settings.json")
    assert str(tmp_path) not in str(caught.value)


HIDDEN = "it must be 1 to 6 widths from 1 to 1,024, such as 128-256-512"


@pytest.mark.parametrize("text", ["128-256-512", "128, 256,512", " 128 256 512 "])
def test_hidden_layers_are_read_as_people_write_them_and_kept_in_one_way(text: str) -> None:
    made = make_settings({"generator_hidden": text})
    assert made.generator_hidden == "128-256-512"
    assert settings.hidden_sizes(made.generator_hidden) == [128, 256, 512]


@pytest.mark.parametrize("text", ["", "0", "1025", "a", "8-", "8--8", "8-8-8-8-8-8-8", "-8", "8.5", 12, None])
def test_hidden_layers_that_do_not_fit_are_refused_in_words(text: object) -> None:
    with pytest.raises(SettingsError) as caught:
        make_settings({"discriminator_hidden": text})
    assert str(caught.value).startswith("discriminator_hidden = ")
    assert str(caught.value).endswith(f"{HIDDEN}.")


def test_hidden_layers_have_a_limit_together() -> None:
    assert make_settings({"generator_hidden": "1024-1024-900"})  # 1,970,176 weights
    problem = "it has 4,194,304 weights between its hidden layers, and may have 3,000,000"
    with pytest.raises(SettingsError, match=problem):
        make_settings({"generator_hidden": "1024-1024-1024-1024-1024"})


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ({"generator_layers": 3}, "128-128-128"),
        ({"generator_width": "64"}, "64-64"),
        ({"generator_layers": "1", "generator_width": 32}, "32"),
        ({"generator_layers": 3, "generator_hidden": "40"}, "40-40-40"),
        ({"generator_width": 32, "generator_hidden": "128-128-128"}, "32-32-32"),
    ],
)
def test_numbers_of_layers_and_widths_of_earlier_versions_are_read(old: dict[str, Any], now: str) -> None:
    assert make_settings(old).generator_hidden == now
    assert Settings(**old).generator_hidden == now
    assert make_settings(old).discriminator_hidden == "128-128"


@pytest.mark.parametrize("value", ["7", 0, "many", True])
def test_a_number_of_layers_that_does_not_fit_is_refused_under_its_old_name(value: object) -> None:
    with pytest.raises(SettingsError, match=r"^generator_layers = .* a whole number from 1 to 6\.$"):
        make_settings({"generator_layers": value})


def test_the_order_of_steps_of_earlier_versions_is_the_rule() -> None:
    assert make_settings({"update_order": "simultaneous"}).rule == "simultaneous"
    assert settings.field("update_order") is settings.field("rule")


def test_the_loss_of_g_of_earlier_versions_is_the_objective() -> None:
    assert make_settings({"generator_loss": "minimax"}).objective == "minimax"
    assert settings.is_live("generator_loss")


@pytest.mark.parametrize("text", ["a b", "ä", "a" * 6001, "<b>", 3])
def test_drawn_data_are_letters_that_an_address_can_hold(text: object) -> None:
    with pytest.raises(SettingsError, match=r"^drawn = .* it must be data drawn on the page\.$"):
        make_settings({"drawn": text})
