"""What the charts of the saddle page say of themselves; sentences with numbers come from their infos."""

from __future__ import annotations

from gan_core.figures.foretold import PlayersInfo, RadiusInfo, foretold
from gan_core.figures.stage import Played, Stage
from gan_core.theory.two_player import Game, is_local_minimax, is_local_nash
from ui.frames import Words

QUADRATIC = "<i>f</i>(x, y) = a/2 x² + bxy − c/2 y²"
FIELD = "<i>v</i> = (∂<i>f</i>/∂x, −∂<i>f</i>/∂y); &nbsp; everybody moves along −<i>v</i>"
DIRAC = "<br>Dirac-GAN: real data at 0, generated at θ, <i>D</i>(u) = σ(ψu); V = log σ(0) + log(1 − σ(ψθ))"

WORDS = {
    "surface": Words(
        "The game as a surface",
        "Orange: what x sees, wanting down. Blue: what y sees, wanting up.",
        QUADRATIC + DIRAC,
        "Local minimax: Jin, Netrapalli, Jordan 2020, section 3. "
        "Dirac-GAN: Mescheder, Geiger, Nowozin 2018, section 2.",
    ),
    "field": Words(
        "Where they push, where they go",
        "An arrow is one simultaneous step. Click to start elsewhere.",
        FIELD,
        "Mescheder, Nowozin, Geiger 2017, section 3; arrows are as long as the root of the step.",
    ),
    "radius": Words(
        "Distance from the equilibrium",
        "",
        "foretold: |w<sub>0</sub>| ρⁿ, &nbsp; ρ: the largest modulus among the update’s eigenvalues",
        "Closed forms: Gidel et al. 2019; Mokhtari, Ozdaglar, Pattathil 2020; Chavdarova et al. 2021.",
    ),
    "spectrum": Words(
        "Eigenvalues of the update",
        "",
        "simultaneous: 1 − ηλ &nbsp; alternating: ρ = √((1 − ηa)(1 − ηc)) while they turn<br>"
        "extragradient: 1 − ηλ + η²λ² &nbsp; proximal: 1/(1 + ηλ) &nbsp; λ: eigenvalues of ∂<i>v</i>/∂(x, y)",
        "Thin lines: their way as the step size grows from 0. Lookahead: of a whole cycle.",
    ),
    "map": Words(
        "Said in advance",
        "Step size and coupling decide. Click to go there.",
        "ρ &lt; 1 converges, ρ = 1 cycles, ρ &gt; 1 diverges",
        "The step sizes’ proportion and the players’ own pulls a and c are kept.",
    ),
    "players": Words(
        "Each player alone",
        "On a cycle each one is a quarter turn behind the other.",
        "x<sub>t</sub> and y<sub>t</sub> of the first method",
        "The simulation, step by step.",
    ),
    "live": Words(
        "The MNIST run does this, too",
        "",
        "<i>V</i>(a, b) = log a + log(1 − b)<br>a = exp(E log <i>D</i>(x)) &nbsp; "
        "b = 1 − exp(E log(1 − <i>D</i>(<i>G</i>(z))))",
        "A map of Goodfellow et al. 2014, eq. 1: any D has the value of the constant answers a and b.",
    ),
}  # fmt: skip


def came(played: Played) -> str:
    """What the simulation did, in one clause."""
    record = played.record
    if record.diverged_at is not None:
        return f"diverged at step {record.diverged_at}"
    return f"distance {record.radius[0]:.3g} → {record.radius[-1]:.3g} in {len(record.path) - 1} steps"


def radius_sentence(info: RadiusInfo) -> str:
    """What came of all methods."""
    return "; ".join(f"{found.played.title}: {came(found.played)}" for found in info.distances) + "."


def fate_sentence(stage: Stage) -> str:
    """What must come of all methods."""
    return " ".join(f"{p.title}: {foretold(stage.game.local, p.setup)}." for p in stage.played)


def nature(game: Game) -> str:
    """What kind of point (0, 0) is."""
    q = game.local
    if not game.exact or q is None:
        return "At (0, 0) G has matched the data and D cannot tell."
    if is_local_nash(q):
        return "(0, 0) is a strict Nash equilibrium."
    if is_local_minimax(q):
        return "(0, 0) is a local minimax point, but no Nash equilibrium."
    if q.a >= 0 and q.c >= 0:
        return "(0, 0) is a Nash equilibrium, not a strict one."
    return "(0, 0) solves nothing."


def kept(info: PlayersInfo) -> str:
    """What the method conserves, by its value at the start and at the end."""
    if info.conserved is None:
        return ""
    sign = "−" if info.stage.played[0].setup.first == "x" else "+"
    ends = info.conserved[0], info.conserved[-1]
    return f"Kept: x²/ηx + y²/ηy {sign} bxy = {ends[0]:.4f}, and {ends[1]:.4f} at the end."


def with_words(name: str, sentence: str = "", alt: str = "") -> dict[str, str]:
    """The words of chart `name`; `sentence` replaces its own, `alt` says its numbers."""
    words = WORDS[name]
    said = sentence or words.sentence
    return words._replace(sentence=said)._asdict() | {"alt": alt or said}
