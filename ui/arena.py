"""What the saddle page lets one choose: the game, the methods and all their numbers, and the stage
that follows from them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.figures.stage import SPAN, Played, Stage
from gan_core.theory import dirac
from gan_core.theory.methods import Setup, gradient_calls, simulate
from gan_core.theory.two_player import DEMOS, Game, Quadratic, bilinear, quadratic_game
from ui.address import Read, one_of
from ui.knobs import Knob, knob_slider, on_grid, reader

# The address holds options as they are shown.
DEMO_OF = {"Nash saddle": "saddle", "Local minimax, no Nash": "minimax", "Stable, no Nash": "stable",
           "Attracts, no solution": "impostor"}  # fmt: skip
DIRAC_OF = {
    "Dirac-GAN": "minimax", "Dirac-GAN, non-saturating": "non_saturating", "Dirac-GAN, WGAN": "wgan",
    "Dirac-GAN, WGAN-GP": "wgan_gp", "Dirac-GAN, instance noise": "instance_noise", "Dirac-GAN, R1": "r1",
    "Dirac-GAN, non-saturating + R1": "non_saturating_r1", "Dirac-GAN, consensus": "consensus",
}  # fmt: skip
GAMES = ("Bilinear", "Quadratic", *DEMO_OF, *DIRAC_OF)
METHOD_OF = {
    "Simultaneous": "simultaneous", "Alternating": "alternating", "Extragradient": "extragradient",
    "Optimistic": "optimistic", "Proximal point": "proximal", "Consensus": "consensus",
    "Symplectic adjustment": "symplectic", "Lookahead": "lookahead", "Negative momentum": "momentum",
    "Adam": "adam",
}  # fmt: skip
NO_RIVAL = "Nobody"
PER = ("time in steps", "time in gradient calls")
FIRST = ("x first", "y first")
BASE = ("simultaneous", "alternating")

KNOBS = {
    "eta_x": Knob("Step size of x", 0.0, 2.0, 0.2, 0.01, "How far x moves against its gradient (no unit)."),
    "eta_y": Knob("Step size of y", 0.0, 2.0, 0.2, 0.01, "How far y moves along its gradient (no unit)."),
    "b": Knob("Coupling b", -3.0, 3.0, 1.0, 0.05, "How strongly each player's slope depends on the other."),
    "a": Knob("Pull a of x", -2.0, 2.0, 0.5, 0.05, "Curvature of f along x: above 0, x has a hollow."),
    "c": Knob("Pull c of y", -2.0, 2.0, 0.5, 0.05, "Curvature of −f along y: above 0, y has a peak."),
    "strength": Knob("Regulariser", 0.0, 3.0, 0.3, 0.05,
                     "Weight γ of the penalty, or standard deviation of the noise."),
    "gamma": Knob("Strength γ", 0.0, 3.0, 1.0, 0.05, "How much each player also lowers |v|²/2."),
    "beta": Knob("Momentum β", -0.9, 0.9, -0.25, 0.05, "Share of the last change that is added."),
    "inner": Knob("Steps of y per step of x", 1, 10, 1, 1, "As training D several times for each G."),
    "cycle": Knob("Steps k before pulling back", 1, 20, 5, 1, "Length of a lookahead cycle."),
    "pull": Knob("Kept share α", 0.0, 1.0, 0.5, 0.05, "0: back to the start of the cycle, 1: no pull back."),
    "x0": Knob("Start x", -SPAN, SPAN, 1.0, 0.05, "Or click in the vector field."),
    "y0": Knob("Start y", -SPAN, SPAN, 0.5, 0.05, "Or click in the vector field."),
    "steps": Knob("Length of the game", 5, 300, 60, 5, "Steps, or gradient calls."),
}  # fmt: skip

EXTRA = {"consensus": ("gamma",), "symplectic": ("gamma",), "momentum": ("beta",),
         "lookahead": ("cycle", "pull"), "alternating": ("inner",)}  # fmt: skip

SCENES: dict[str, dict[str, Any]] = {
    "Simultaneous steps spiral out": {"method": "Simultaneous"},
    "Alternate and they circle": {"method": "Alternating"},
    "Look ahead and they arrive": {"method": "Extragradient", "eta_x": 0.3, "eta_y": 0.3},
}
CHOICES: dict[str, tuple[str, ...]] = {
    "game": GAMES, "method": tuple(METHOD_OF), "rival": (NO_RIVAL, *METHOD_OF), "per": PER, "first": FIRST,
    "base": BASE,
}  # fmt: skip
EXPECTED: dict[str, Read] = {
    **{name: one_of(options) for name, options in CHOICES.items()},
    **{name: reader(knob) for name, knob in KNOBS.items()},
}


def knob(name: str) -> Any:
    """The slider of KNOBS[name]; its value."""
    return knob_slider(name, KNOBS[name])


def take_scene(name: str) -> None:
    """Every choice at its default, but for what the scene says; and Play."""
    values = {n: k.default for n, k in KNOBS.items()} | {n: options[0] for n, options in CHOICES.items()}
    for choice, value in (values | SCENES[name]).items():
        st.session_state[choice] = value
    st.session_state["saddle_plays"] = st.session_state.get("saddle_plays", 0) + 1


def place(**values: float) -> None:
    """Moves sliders, after a click on a chart."""
    for name, value in values.items():
        st.session_state[name] = on_grid(KNOBS[name], value)


def choose_game() -> Game:
    """The menu of games, and the sliders of the one chosen."""
    title = st.selectbox("Game", GAMES, key="game", bind="query-params")
    if title == "Bilinear":
        return quadratic_game(bilinear(knob("b")))
    if title == "Quadratic":
        return quadratic_game(Quadratic(knob("a"), knob("b"), knob("c")))
    if title in DEMO_OF:
        return quadratic_game(DEMOS[DEMO_OF[title]])
    variant = DIRAC_OF[title]
    return dirac.VARIANTS[variant](knob("strength") if variant in dirac.STRENGTHS else 0.0)


def choose_methods() -> tuple[str, str | None]:
    """The menus of methods: the first one, and its rival."""
    title = st.selectbox("Method", list(METHOD_OF), key="method", bind="query-params")
    rival = st.selectbox("Compare with", (NO_RIVAL, *METHOD_OF), key="rival", bind="query-params")
    return title, None if rival == NO_RIVAL else rival


def numbers_of(title: str, rival: str | None) -> dict[str, Any]:
    """The controls of what only these methods have."""
    used = [METHOD_OF[name] for name in (title, rival) if name is not None]
    numbers: dict[str, Any] = {name: knob(name) for name in _extras(used)}
    if {"alternating", "momentum"} & set(used):
        first = st.segmented_control(
            "Who moves first", FIRST, default=FIRST[0], required=True, key="first", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        numbers["first"] = str(first)[0]
    if "lookahead" in used:
        numbers["base"] = st.segmented_control(
            "Steps in a cycle", BASE, default=BASE[0], required=True, key="base", bind="query-params"
        )
    return numbers


def _extras(methods: list[str]) -> list[str]:
    """The sliders only these methods need, each once."""
    return list(dict.fromkeys(name for method in methods for name in EXTRA.get(method, ())))


NAME_IN_SETUP = {"gamma": "strength", "beta": "momentum"}


def stage_of(game: Game, title: str, rival: str | None, numbers: dict[str, Any], per_call: bool) -> Stage:
    """Everything played; `numbers` holds the setup's, and x0, y0, steps."""
    rest = {NAME_IN_SETUP.get(n, n): v for n, v in numbers.items() if n not in ("x0", "y0", "steps")}
    start, length = (numbers["x0"], numbers["y0"]), int(numbers["steps"])
    played = []
    for name in (title, rival):
        if name is not None:
            setup = Setup(METHOD_OF[name], **rest)
            record = simulate(game, setup, start, steps_for(setup, length, per_call))
            played.append(Played(name, setup, record))
    return Stage(game, *names_of(st.session_state["game"]), tuple(played), per_call)


def steps_for(setup: Setup, length: int, per_call: bool) -> int:
    """How many steps fit into `length` gradient calls, or just as many."""
    return max(1, int(length / gradient_calls(setup))) if per_call else length


def names_of(title: str) -> tuple[str, str, str]:
    """What the axes are called: x, y, height."""
    if title in DIRAC_OF:
        return "θ, where G puts its data", "ψ, slope of D’s logit", "V"
    return "x, who lowers f", "y, who raises f", "f"
