"""The saddle page: its games, its methods and all their numbers; and the simulation of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gan_core.figures.saddle.simulation import SPAN, WIDE, Simulation, Trajectory
from gan_core.parameters.knobs import Knob, reader
from gan_core.theory import dirac
from gan_core.theory.methods import Setup, gradient_calls, simulate
from gan_core.theory.two_player import DEMOS, Game, Quadratic, quadratic_game
from gan_core.typed import Read, one_of

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
    "cycle": Knob("Cycle length k", 1, 20, 5, 1, "After every k steps lookahead returns part of the way."),
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

CHOICES: dict[str, tuple[str, ...]] = {
    "game": GAMES, "method": tuple(METHOD_OF), "rival": (NO_RIVAL, *METHOD_OF), "per": PER, "base": BASE,
    **FIRST,
}  # fmt: skip
EXPECTED: dict[str, Read] = {
    **{name: one_of(options) for name, options in CHOICES.items()},
    **{name: reader(knob) for name, knob in KNOBS.items()},
}
DEFAULTS: dict[str, Any] = {name: options[0] for name, options in CHOICES.items()} | {
    name: knob.default for name, knob in KNOBS.items()
}
NAME_IN_SETUP = {"gamma": "strength", "beta": "momentum"}

AXES = ("x, lowers f", "y, raises f", "f")
GAN_AXES = ("θ (G), position of its data", "ψ (D), slope of its logit", "V")


def axes_of(title: str) -> tuple[str, str, str]:
    """What the game `title` calls x, y and the height."""
    return GAN_AXES if title in DIRAC_OF else AXES


def own_knobs(title: str) -> tuple[str, ...]:
    """The sliders of the game `title`, by their names in KNOBS."""
    if title in DIRAC_OF:
        return (DIRAC_OF[title],) if DIRAC_OF[title] in dirac.STRENGTHS else ()
    return {"Bilinear": ("b",), "Quadratic": ("a", "b", "c")}.get(title, ())


def game_of(values: Mapping[str, Any]) -> Game:
    """The game that the page's values choose."""
    title = values["game"]
    if title in DIRAC_OF:
        variant = DIRAC_OF[title]
        return dirac.VARIANTS[variant](values[variant] if variant in dirac.STRENGTHS else 0.0)
    if title in DEMO_OF:
        return quadratic_game(DEMOS[DEMO_OF[title]])
    a, b, c = (values[name] if name in own_knobs(title) else 0.0 for name in "abc")
    return quadratic_game(Quadratic(a, b, c))


def titles_of(values: Mapping[str, Any]) -> list[str]:
    """The titles of the methods chosen: one, or two to compare."""
    return [values["method"], *([] if values["rival"] == NO_RIVAL else [values["rival"]])]


def extras_of(titles: Iterable[str]) -> tuple[str, ...]:
    """Further numbers and choices that these methods have."""
    return tuple(dict.fromkeys(name for title in titles for name in EXTRA.get(METHOD_OF[title], ())))


def first_key(values: Mapping[str, Any]) -> str | None:
    """The choice of who moves first, by its name in CHOICES; None where both move at once."""
    used = {METHOD_OF[title] for title in titles_of(values)}
    if "lookahead" in used:
        used.add(values["base"])
    if not {"alternating", "momentum"} & used:
        return None
    return "first_gan" if values["game"] in DIRAC_OF else "first"


def simulation_of(values: Mapping[str, Any]) -> Simulation:
    """Simulates all methods chosen. `values`: of every parameter of the page, see DEFAULTS."""
    game, per_call = game_of(values), values["per"] == PER[1]
    names = ("eta_x", "eta_y", *(name for name in extras_of(titles_of(values)) if name != "first"))
    numbers = {NAME_IN_SETUP.get(name, name): values[name] for name in names}
    key = first_key(values)
    if key is not None:
        numbers["first"] = "xy"[FIRST[key].index(values[key])]
    trajectories = []
    for title in titles_of(values):
        setup = Setup(METHOD_OF[title], **numbers)
        steps = steps_for(setup, int(values["steps"]), per_call)
        record = simulate(game, setup, (values["x0"], values["y0"]), steps)
        trajectories.append(Trajectory(title, setup, record))
    variant = DIRAC_OF.get(values["game"])
    return Simulation(game, *axes_of(values["game"]), tuple(trajectories), per_call, variant)


def steps_for(setup: Setup, length: int, per_call: bool) -> int:
    """The number of steps: `length`, or as many as fit into `length` gradient calls."""
    return max(1, int(length / gradient_calls(setup))) if per_call else length
