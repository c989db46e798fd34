"""The saddle page and the pages with networks lead to each other under the same rule."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from gan_core.parameters.rules import (
    networks_address,
    networks_leave_out,
    saddle_address,
    saddle_leaves_out,
)
from gan_core.parameters.saddle import DEFAULTS, EXPECTED, METHOD_OF
from gan_core.presets import preset_settings
from gan_core.rules import setup_of
from gan_core.settings import Rule, Settings, make_settings
from gan_core.theory.methods import Setup

NUMBERS: dict[str, Any] = {
    "first": "generator", "discriminator_steps": 3, "lookahead_k": 7, "lookahead_alpha": 0.3,
    "consensus_gamma": 0.2,
}  # fmt: skip
ACTS = {
    "alternating": ("first", "inner"), "lookahead": ("first", "cycle", "pull", "base"),
    "consensus": ("strength",),
}  # fmt: skip


def values_of(address: dict[str, str]) -> dict[str, Any]:
    """What the saddle page reads from the address of a link."""
    return DEFAULTS | {name: EXPECTED[name](text) for name, text in address.items()}


def acting(setup: Setup) -> dict[str, Any]:
    """The numbers of a rule, the step sizes aside."""
    return {name: getattr(setup, name) for name in ("method", *ACTS.get(setup.method, ()))}


@pytest.mark.parametrize("rule", get_args(Rule))
@pytest.mark.parametrize("numbers", [{}, NUMBERS], ids=["defaults", "others"])
def test_there_and_back_is_the_same_rule(rule: str, numbers: dict[str, Any]) -> None:
    here = make_settings({"rule": rule, **numbers})
    back = networks_address(values_of(saddle_address(here)))
    assert back is not None
    again = preset_settings(back.pop("preset"), **back)
    assert again.rule == rule
    assert acting(setup_of(again)) == acting(setup_of(here))


@pytest.mark.parametrize("game", ["Bilinear", "Dirac-GAN"])
def test_x_is_g_on_every_game(game: str) -> None:
    for first, who in (("x first", "generator"), ("y first", "discriminator")):
        as_gan = {"x first": "G first", "y first": "D first"}[first]
        values = DEFAULTS | {"game": game, "method": "Alternating", "first": first, "first_gan": as_gan}
        found = networks_address(values)
        assert found is not None
        assert found["first"] == who


def test_methods_that_networks_do_not_have_lead_nowhere_and_say_so() -> None:
    without = {
        title for title in METHOD_OF if networks_address(DEFAULTS | {"method": title}) is None
    }
    assert without == {"Proximal point", "Symplectic adjustment", "Negative momentum"}
    for title in METHOD_OF:
        said = networks_leave_out(DEFAULTS | {"method": title})
        assert said.startswith("Networks have no update rule ") is (title in without)
    adam = networks_address(DEFAULTS | {"method": "Adam"})
    assert adam is not None
    settings = preset_settings(adam.pop("preset"), **adam)
    assert (settings.rule, settings.optimizer, settings.adam_beta1) == ("simultaneous", "adam", 0.5)


def test_what_one_page_cannot_take_is_said() -> None:
    assert saddle_leaves_out(Settings()) == ""
    assert "one step in a row there, not 3" in saddle_leaves_out(Settings(generator_steps=3))
    assert "γ is 3 there" in saddle_leaves_out(Settings(rule="consensus", consensus_gamma=5.0))
    assert saddle_address(Settings(rule="consensus", consensus_gamma=5.0))["gamma"] == "3.0"
    assert "one step there" in saddle_leaves_out(Settings(rule="simultaneous", discriminator_steps=2))
    assert "alternating" in networks_leave_out(DEFAULTS | {"method": "Lookahead"})
    assert networks_leave_out(DEFAULTS | {"method": "Lookahead", "base": "alternating"}) == ""
