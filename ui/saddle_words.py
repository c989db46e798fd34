"""Texts of the charts of the saddle page; sentences with numbers are made from the simulation."""

from __future__ import annotations

from gan_core.figures.saddle.distance import RadiusInfo
from gan_core.figures.saddle.players import PlayersInfo
from gan_core.figures.saddle.prediction import prediction, prediction_text
from gan_core.figures.saddle.simulation import Simulation, Trajectory
from gan_core.theory import dirac, rates
from gan_core.theory.rates import Fate
from gan_core.theory.two_player import is_local_minimax, is_local_nash
from ui.words import Words

QUADRATIC = "<i>f</i>(x, y) = a/2 x² + bxy − c/2 y²"
FIELD = "<i>v</i> = (∂<i>f</i>/∂x, −∂<i>f</i>/∂y); &nbsp; each player moves along −<i>v</i>"
DIRAC = "<br>Dirac-GAN: real data at 0, generated at θ, <i>D</i>(u) = σ(ψu); V = log σ(0) + log(1 − σ(ψθ))"

WORDS = {
    "surface": Words(
        "The game as a surface",
        "",
        QUADRATIC + DIRAC,
        "Local minimax: Jin, Netrapalli, Jordan 2020, section 3. "
        "Dirac-GAN: Mescheder, Geiger, Nowozin 2018, section 2.",
    ),
    "field": Words(
        "Vector field and paths",
        "",
        FIELD,
        "Mescheder, Nowozin, Geiger 2017, section 3. The length of an arrow grows with the square root of "
        "the step.",
    ),
    "radius": Words(
        "Distance from (0, 0)",
        "",
        "predicted: |w<sub>0</sub>| ρⁿ, &nbsp; ρ: the largest modulus of the eigenvalues of the "
        "update<br>Dirac-GAN: drawn only where the distance is at most 0.1",
        "Closed forms: Gidel et al. 2019; Mokhtari, Ozdaglar, Pattathil 2020; Chavdarova et al. 2021.",
    ),
    "spectrum": Words(
        "Eigenvalues of the update",
        "",
        "simultaneous: 1 − ηλ &nbsp; alternating: ρ = √((1 − ηa)(1 − ηc)) while the eigenvalues are "
        "complex<br>extragradient: 1 − ηλ + η²λ² &nbsp; proximal: 1/(1 + ηλ) &nbsp; λ: eigenvalues of "
        "∂<i>v</i>/∂(x, y)",
        "Thin lines: the eigenvalues while the step size grows from 0. Lookahead: those of a whole cycle.",
    ),
    "map": Words(
        "Convergence map",
        "",
        "ρ &lt; 1 converges, ρ &gt; 1 diverges; ρ = 1 cycles, or drifts where an eigenvector is missing<br>"
        "any other game, near (0, 0): ρ &lt; 1 attracts, ρ &gt; 1 repels, ρ = 1 is undecided",
        "The ratio of the step sizes and the curvatures a and c stay fixed. Valid for almost every start.",
    ),
    "players": Words(
        "Each player over time",
        "",
        "x<sub>t</sub> and y<sub>t</sub> of the first method",
        "The simulation, step by step.",
    ),
    "live": Words(
        "Your live game",
        "",
        "<i>V</i>(a, b) = log a + log(1 − b)<br>a = exp(E log <i>D</i>(x)) &nbsp; "
        "b = 1 − exp(E log(1 − <i>D</i>(<i>G</i>(z))))",
        "From Goodfellow et al. 2014, eq. 1: V is that of a D that always answers a to real and b to "
        "generated images.",
    ),
}  # fmt: skip


def came(trajectory: Trajectory) -> str:
    """What the simulation did, in one clause."""
    record = trajectory.record
    if record.diverged_at is not None:
        return f"diverged at step {record.diverged_at}"
    return f"distance {record.radius[0]:.3g} → {record.radius[-1]:.3g} in {len(record.path) - 1} steps"


def surface_sentence(simulation: Simulation) -> str:
    """The player of each cut, or the methods that diverged; and the kind of the point (0, 0)."""
    (x, y), f = simulation.players, simulation.height
    gone = [f"{p.title}: {came(p)}." for p in simulation.trajectories if p.record.diverged_at is not None]
    return " ".join(gone or [f"Orange: {x} lowers {f}. Blue: {y} raises {f}."]) + f" {nature(simulation)}"


def field_sentence(simulation: Simulation) -> str:
    """The meaning of an arrow, and the players that do not move."""
    setup, start = simulation.trajectories[0].setup, simulation.trajectories[0].record.path[0]
    still = [who for who, eta in zip(simulation.players, (setup.eta_x, setup.eta_y), strict=True) if not eta]
    found = ["Each arrow shows one simultaneous step. Click to set the start."]
    if still:
        found.append(f"With step size 0 {' and '.join(still)} {'do' if still[1:] else 'does'} not move.")
    elif not start.any():
        found.append("The start is (0, 0), where both gradients are 0: no player moves.")
    return " ".join(found)


def radius_sentence(info: RadiusInfo) -> str:
    """The result of every method."""
    return "; ".join(f"{found.trajectory.title}: {came(found.trajectory)}" for found in info.distances) + "."


def prediction_sentence(simulation: Simulation) -> str:
    """The prediction for every method."""
    said = [
        f"{p.title}: {prediction_text(simulation, p)}. {known(simulation, p)}".strip()
        for p in simulation.trajectories
    ]
    return f"{' '.join(said)} {advice(simulation)}".strip()


def known(simulation: Simulation, trajectory: Trajectory) -> str:
    """What is known of a Dirac-GAN away from its equilibrium."""
    setup = trajectory.setup
    if simulation.variant == "wgan":
        return f"Weight clipping keeps |ψ| ≤ {dirac.CLIP:g}."
    if simulation.variant != "non_saturating" or not setup.eta_x * setup.eta_y:
        return ""
    if setup.method == "simultaneous":
        wide, high = dirac.resting_cycle(setup.eta_x, setup.eta_y)
        if wide == high:
            return f"All paths end near a circle of radius √(2η) = {wide:.2f}."
        return f"All paths end near an ellipse with half axes √(2η) = {wide:.2f} and {high:.2f}."
    if setup.method == "alternating" and setup.inner == 1 and setup.eta_x == setup.eta_y:
        return "After many steps n: distance ≈ √(8/(ηn))."
    return ""


FASTER_Y = (0.04, 0.2)
"""Step sizes with y five times as fast, so that y nearly best-responds, as local minimax points assume."""


def advice(simulation: Simulation) -> str:
    """What a faster y changes about a point that is no Nash equilibrium, if it does."""
    q, trajectory = simulation.game.local, simulation.trajectories[0]
    now = prediction(simulation, trajectory)
    if not simulation.game.exact or q is None or now is None or is_local_nash(q):
        return ""
    then = rates.forecast(q, trajectory.setup._replace(eta_x=FASTER_Y[0], eta_y=FASTER_Y[1]))
    settings = f"try step sizes {FASTER_Y[0]:g} and {FASTER_Y[1]:g}"
    if then is None:
        return ""
    if is_local_minimax(q) and now.fate is Fate.DIVERGES and then.fate is Fate.CONVERGES:
        return f"With a faster y it converges: {settings}."
    if not is_local_minimax(q) and now.fate is Fate.CONVERGES and then.fate is Fate.DIVERGES:
        return f"With a faster y it diverges: {settings}."
    return ""


def nature(simulation: Simulation) -> str:
    """What kind of point (0, 0) is."""
    q = simulation.game.local
    if not simulation.game.exact or q is None:
        return "At (0, 0) G matches the data, and D cannot tell."
    if is_local_nash(q):
        return "(0, 0) is a strict Nash equilibrium."
    if is_local_minimax(q):
        return "(0, 0) is a local minimax point, but not a Nash equilibrium."
    if q.a >= 0 and q.c >= 0:
        return "(0, 0) is a Nash equilibrium, but not a strict one."
    return "(0, 0) is not an equilibrium of any kind."


def map_sentence(simulation: Simulation, coupled: bool) -> str:
    """How far the map holds, and what a click does; `coupled`: the coupling is a slider."""
    nearby = "Near (0, 0) only: farther away the update is not linear."
    where = "The outcome for almost every start." if simulation.game.exact else nearby
    whose = f"{simulation.trajectories[0].title}. " if len(simulation.trajectories) > 1 else ""
    goes = "choose these values" if coupled else "choose this step size"
    return f"{whose}{where} Click to {goes}."


def players_sentence(info: PlayersInfo) -> str:
    """Turn and lag of an orbit and the conserved quantity; elsewhere the result."""
    simulation, trajectory = info.simulation, info.simulation.trajectories[0]
    q, expected = simulation.game.local, prediction(simulation, trajectory)
    turning = (
        simulation.game.exact and q is not None and expected is not None and expected.fate is Fate.CYCLES
    )
    found = rates.orbit(q, trajectory.setup) if turning and q is not None else None
    if found is None:
        return f"{trajectory.title}: {came(trajectory)}."
    ahead, behind = simulation.players if found.lag > 0 else simulation.players[::-1]
    turn = f"One turn: {found.steps:.1f} steps; {behind} is {abs(found.lag):.2f} turn behind {ahead}."
    return f"{turn} {kept(info)}".strip()


def kept(info: PlayersInfo) -> str:
    """What the method conserves, by its value at the start and at the end."""
    if info.conserved is None:
        return ""
    sign = "−" if info.simulation.trajectories[0].setup.first == "x" else "+"
    ends = info.conserved[0], info.conserved[-1]
    return f"Conserved: x²/ηx + y²/ηy {sign} bxy = {ends[0]:.4f}, at the end {ends[1]:.4f}."


def with_words(name: str, sentence: str = "", alt: str = "") -> dict[str, str]:
    """The words of chart `name`; `sentence` replaces its own, `alt` says its numbers."""
    words = WORDS[name]
    said = sentence or words.sentence
    return words._replace(sentence=said)._asdict() | {"alt": alt or said}
