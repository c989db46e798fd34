"""Controls of the saddle page: the game, the methods and all their numbers; and the simulation of these."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from gan_core.figures.saddle.simulation import SPAN, WIDE, Simulation, Trajectory
from gan_core.theory import dirac
from gan_core.theory.methods import Setup, gradient_calls, simulate
from gan_core.theory.two_player import DEMOS, Game, Quadratic, quadratic_game
from ui.address import Read, one_of
from ui.knobs import Knob, knob_slider, on_grid, reader

# The address holds options as they are shown.
DEMO_OF = {"Nash saddle": "saddle", "Local minimax, no Nash": "minimax", "Attracts, no Nash": "stable",
           "Attracts, no solution": "impostor"}  # fmt: skip
DIRAC_OF = {
    "Dirac-GAN": "minimax", "Dirac-GAN, non-saturating": "non_saturating", "Dirac-GAN, WGAN": "wgan",
    "Dirac-GAN, WGAN-GP": "wgan_gp", "Dirac-GAN, instance noise": "instance_noise", "Dirac-GAN, R1": "r1",
    "Dirac-GAN, non-saturating + R1": "non_saturating_r1", "Dirac-GAN, consensus": "consensus",
}  # fmt: skip
COUPLED = ("Bilinear", "Quadratic")  # games whose coupling is a slider
GAMES = (*COUPLED, *DEMO_OF, *DIRAC_OF)
METHOD_OF = {
    "Simultaneous": "simultaneous", "Alternating": "alternating", "Extragradient": "extragradient",
    "Optimistic": "optimistic", "Proximal point": "proximal", "Consensus": "consensus",
    "Symplectic adjustment": "symplectic", "Lookahead": "lookahead", "Negative momentum": "momentum",
    "Adam": "adam",
}  # fmt: skip
NO_RIVAL = "Nobody"
PER = ("time in steps", "time in gradient calls")
FIRST = {"first": ("x first", "y first"), "first_gan": ("G first", "D first")}
BASE = ("simultaneous", "alternating")
ROOM = 3
"""The number of sliders and choices that fit under the menus on a small projector."""

# {x} and {y} are what the game calls its players.
KNOBS = {
    "eta_x": Knob("Step size of {x}", 0.0, 2.0, 0.2, 0.01,
                  "How far {x} moves against its gradient (no unit)."),
    "eta_y": Knob("Step size of {y}", 0.0, 2.0, 0.2, 0.01,
                  "How far {y} moves along its gradient (no unit)."),
    "b": Knob("Coupling b", -3.0, 3.0, 1.0, 0.05,
              "How strongly each player's gradient depends on the other player."),
    "a": Knob("Curvature a of x", -2.0, 2.0, 0.5, 0.05, "Of f along x. Above 0, f has a minimum along x."),
    "c": Knob("Curvature c of y", -2.0, 2.0, 0.5, 0.05, "Of −f along y. Above 0, f has a maximum along y."),
    "gamma": Knob("Strength γ", 0.0, 3.0, 1.0, 0.05,
                  "Weight of the term that the method adds to the gradient."),
    "beta": Knob("Momentum β", -0.9, 0.9, -0.25, 0.05, "Share of the last change added to the next."),
    "inner": Knob("{y} steps per {x} step", 1, 10, 1, 1, "As when D makes several steps for each G step."),
    "cycle": Knob("Cycle length k", 1, 20, 5, 1, "Lookahead goes part of the way back after every k steps."),
    "pull": Knob("Kept share α", 0.0, 1.0, 0.5, 0.05, "0: back to the start of the cycle, 1: not back."),
    "x0": Knob("Start {x}", -WIDE, WIDE, 1.0, 0.05, "You can also click in the vector field."),
    "y0": Knob("Start {y}", -SPAN, SPAN, 0.5, 0.05, "You can also click in the vector field."),
    "steps": Knob("Length", 5, 300, 60, 5, "The number of steps, or of gradient calls."),
}  # fmt: skip

# Each variant of the Dirac-GAN keeps its own strength, at first that of the literature.
REGULARISERS = {
    "wgan_gp": ("Penalty λ", "Weight of the penalty on slopes of D other than 1."),
    "instance_noise": ("Noise σ", "Standard deviation of the noise on real and generated data."),
    "r1": ("Penalty γ", "Weight of the penalty on D's slope at the real data."),
    "non_saturating_r1": ("Penalty γ", "Weight of the penalty on D's slope at the real data."),
    "consensus": ("Strength γ", "Weight of |v|²/2, which both players also minimise."),
}
KNOBS |= {
    variant: Knob(label, 0.0, 3.0, dirac.STRENGTHS[variant], 0.05, meaning)
    for variant, (label, meaning) in REGULARISERS.items()
}

EXTRA = {"consensus": ("gamma",), "symplectic": ("gamma",), "momentum": ("beta", "first"),
         "lookahead": ("cycle", "pull", "base", "first"), "alternating": ("inner", "first")}  # fmt: skip
"""Controls of single methods; "first" and "base" are choices, the others sliders."""

SCENES: dict[str, dict[str, Any]] = {
    "Simultaneous steps diverge": {"method": "Simultaneous"},
    "Alternating steps cycle": {"method": "Alternating"},
    "Extragradient converges": {"method": "Extragradient", "eta_x": 0.3, "eta_y": 0.3},
}
CHOICES: dict[str, tuple[str, ...]] = {
    "game": GAMES, "method": tuple(METHOD_OF), "rival": (NO_RIVAL, *METHOD_OF), "per": PER, "base": BASE,
    **FIRST,
}  # fmt: skip
EXPECTED: dict[str, Read] = {
    **{name: one_of(options) for name, options in CHOICES.items()},
    **{name: reader(knob) for name, knob in KNOBS.items()},
}


class Chosen(NamedTuple):
    """The game in the menu."""

    game: Game
    variant: str | None  # which Dirac-GAN, if one
    axes: tuple[str, str, str]  # what they are called: x, y, height
    sliders: int  # of its own

    @property
    def players(self) -> dict[str, str]:
        """Names of both players, for {x} and {y} in the texts of KNOBS."""
        x, y, _ = (axis.split(",")[0] for axis in self.axes)
        return {"x": x, "y": y}


def knob(name: str, chosen: Chosen) -> Any:
    """The slider of KNOBS[name]; its value."""
    made = KNOBS[name]
    label, meaning = (text.format(**chosen.players) for text in (made.label, made.help))
    return knob_slider(name, made._replace(label=label, help=meaning))


def take_scene(name: str) -> None:
    """Sets every choice to its default or to the value of the scene, and plays."""
    values = {n: k.default for n, k in KNOBS.items()} | {n: options[0] for n, options in CHOICES.items()}
    for choice, value in (values | SCENES[name]).items():
        st.session_state[choice] = value
    st.session_state["saddle_plays"] = st.session_state.get("saddle_plays", 0) + 1


def place(**values: float) -> None:
    """Moves sliders, after a click on a chart."""
    for name, value in values.items():
        st.session_state[name] = on_grid(KNOBS[name], value)


AXES = ("x, lowers f", "y, raises f", "f")
GAN_AXES = ("θ (G), position of its data", "ψ (D), slope of its logit", "V")


def choose_game() -> str:
    """The menu of games."""
    return str(st.selectbox("Game", GAMES, key="game", bind="query-params", label_visibility="collapsed"))


def game_of(title: str) -> Chosen:
    """The game `title`, with its sliders."""
    if title in DIRAC_OF:
        variant = DIRAC_OF[title]
        strength = knob_slider(variant, KNOBS[variant]) if variant in dirac.STRENGTHS else 0.0
        return Chosen(dirac.VARIANTS[variant](strength), variant, GAN_AXES, variant in dirac.STRENGTHS)
    if title in DEMO_OF:
        return Chosen(quadratic_game(DEMOS[DEMO_OF[title]]), None, AXES, 0)
    names = "b" if title == "Bilinear" else "abc"
    numbers = {name: knob_slider(name, KNOBS[name]) for name in names}
    q = Quadratic(numbers.get("a", 0.0), numbers["b"], numbers.get("c", 0.0))
    return Chosen(quadratic_game(q), None, AXES, len(names))


def choose_methods() -> tuple[str, str | None]:
    """The menus of methods: the first one, and its rival."""
    title = st.selectbox("Method, and a second one", list(METHOD_OF), key="method", bind="query-params")
    rival = st.selectbox("Compare with", (NO_RIVAL, *METHOD_OF), key="rival", bind="query-params",
                         label_visibility="collapsed")  # fmt: skip
    return title, None if rival == NO_RIVAL else rival


def step_sizes(chosen: Chosen) -> dict[str, float]:
    """The sliders of both step sizes, in the colours of the players."""
    numbers = {}
    for player, name in (("generator", "eta_x"), ("discriminator", "eta_y")):
        with st.container(key=player):
            numbers[name] = knob(name, chosen)
    return numbers


def other_numbers(title: str, rival: str | None, chosen: Chosen) -> dict[str, Any]:
    """Controls of these methods, in the popover if there is no room; start and length of the game."""
    used = [METHOD_OF[name] for name in (title, rival) if name is not None]
    extras = list(dict.fromkeys(name for method in used for name in EXTRA.get(method, ())))
    has_room = chosen.sliders + len(extras) <= ROOM
    numbers = _numbers(used, extras, chosen) if has_room else {}
    label = "Start and length" if has_room else "Start, length, method"
    with st.popover(label, icon=":material/tune:", key="more_popover", width="stretch"):
        if not has_room:
            numbers = _numbers(used, extras, chosen)
        return numbers | {name: knob(name, chosen) for name in ("x0", "y0", "steps")}


def _numbers(used: list[str], extras: list[str], chosen: Chosen) -> dict[str, Any]:
    numbers: dict[str, Any] = {name: knob(name, chosen) for name in extras if name in KNOBS}
    if "base" in extras:
        numbers["base"] = st.segmented_control(
            "Steps of the cycle", BASE, default=BASE[0], required=True, key="base", bind="query-params"
        )
    if {"alternating", "momentum"} & {*used, numbers.get("base")}:
        key = "first_gan" if chosen.variant else "first"
        first = st.segmented_control(
            "Who moves first", FIRST[key], default=FIRST[key][0], required=True, key=key,
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        numbers["first"] = "xy"[FIRST[key].index(str(first))]
    return numbers


NAME_IN_SETUP = {"gamma": "strength", "beta": "momentum"}


def simulation_of(
    chosen: Chosen, title: str, rival: str | None, numbers: dict[str, Any], per_call: bool
) -> Simulation:
    """Simulates all methods chosen; `numbers` holds the fields of `Setup`, and x0, y0, steps."""
    rest = {NAME_IN_SETUP.get(n, n): v for n, v in numbers.items() if n not in ("x0", "y0", "steps")}
    start, length = (numbers["x0"], numbers["y0"]), int(numbers["steps"])
    trajectories = []
    for name in (title, rival):
        if name is not None:
            setup = Setup(METHOD_OF[name], **rest)
            record = simulate(chosen.game, setup, start, steps_for(setup, length, per_call))
            trajectories.append(Trajectory(name, setup, record))
    return Simulation(chosen.game, *chosen.axes, tuple(trajectories), per_call, chosen.variant)


def steps_for(setup: Setup, length: int, per_call: bool) -> int:
    """The number of steps: `length`, or as many as fit into `length` gradient calls."""
    return max(1, int(length / gradient_calls(setup))) if per_call else length
