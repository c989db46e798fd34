"""From the rule of a game of networks to the saddle page, and back: the parameters of both links.

x is the generator and y the discriminator, as in the Dirac-GAN. Step sizes do not go along: learning rates of
networks are of another size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from gan_core.parameters.saddle import BASE, FIRST, KNOBS, METHOD_OF, first_key
from gan_core.rules import IN_TURN, setup_of
from gan_core.settings import Rule, Settings
from gan_core.theory.methods import ADAM_BETAS

GAME = "Dirac-GAN"
SCENE = "rule_{}"
"""The scenes in which networks play the rules of the saddle page: a game without penalty on a line."""


def saddle_address(settings: Settings) -> dict[str, str]:
    """The parameters of a link to the saddle page under the rule in force."""
    setup = setup_of(settings)
    found = {"game": GAME, "method": next(title for title, name in METHOD_OF.items() if name == setup.method)}
    if setup.method in IN_TURN:
        found["first_gan"] = FIRST["first_gan"]["xy".index(setup.first)]
    match setup.method:
        case "alternating":
            found["inner"] = str(setup.inner)
        case "lookahead":
            found |= {"cycle": str(setup.cycle), "pull": str(setup.pull), "base": setup.base}
        case "consensus":
            found["gamma"] = str(min(setup.strength, KNOBS["gamma"].high))
    return found


def saddle_leaves_out(settings: Settings) -> str:
    """What of the rule the saddle page cannot take, as a sentence; nothing where it takes all."""
    if settings.rule == "alternating" and settings.generator_steps > 1:
        return f"G makes one step in a row there, not {settings.generator_steps}."
    if settings.rule == "simultaneous" and max(settings.discriminator_steps, settings.generator_steps) > 1:
        return "Each player makes one step there."
    if settings.rule == "consensus" and settings.consensus_gamma > KNOBS["gamma"].high:
        return f"γ is {KNOBS['gamma'].high:g} there, its highest value."
    return ""


def networks_address(values: Mapping[str, Any]) -> dict[str, str] | None:
    """The parameters of a link to networks under the first method of the saddle page; None if they have none.

    `values`: of every parameter of the saddle page, see `parameters.saddle.DEFAULTS`.
    """
    method = METHOD_OF[values["method"]]
    if method == "adam":
        betas = dict(zip(("adam_beta1", "adam_beta2"), map(str, ADAM_BETAS), strict=True))
        return {"preset": SCENE.format("simultaneous"), "optimizer": "adam", **betas}
    if method not in get_args(Rule):
        return None
    found = {"preset": SCENE.format(method)}
    if method in IN_TURN:
        key = first_key({**values, "rival": "Nobody", "base": BASE[1]})
        g_first = key is not None and values[key] == FIRST[key][0]
        found["first"] = "generator" if g_first else "discriminator"
    match method:
        case "alternating":
            found["discriminator_steps"] = str(values["inner"])
        case "lookahead":
            found |= {"lookahead_k": str(values["cycle"]), "lookahead_alpha": str(values["pull"])}
        case "consensus":
            found["consensus_gamma"] = str(values["gamma"])
    return found


def networks_leave_out(values: Mapping[str, Any]) -> str:
    """What the networks play otherwise, as a sentence; or why there is no link to them."""
    method = METHOD_OF[values["method"]]
    if networks_address(values) is None:
        return f"Networks have no update rule {values['method']}."
    if method == "lookahead" and values["base"] == BASE[0]:
        return "On networks the steps of the cycle are alternating."
    if method == "adam":
        return "On networks: simultaneous steps of Adam."
    return ""
