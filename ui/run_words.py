"""What the panels of a run say of themselves: by the kind of its data, and by its objective."""

from __future__ import annotations

from gan_core.settings import Sample, Settings
from gan_core.theory.objectives import Objective
from gan_core.torch_techniques import batch_caveat
from ui.live_words import WORDS
from ui.words import Words

_TOYS: dict[Sample, Words] = {
    "plane": Words(
        "Samples",
        "G moves its samples to where D is greener. A name above the chart shows or hides a layer.",
        "D's map: green above D's line, orange-red below it<br>G's gradient at a sample x: "
        "−∂<i>L<sub>G</sub></i>/∂x<br>G's grid: what G makes of a grid of z, its first two numbers",
        "A mode is hit if it has at least a quarter of the samples that it should have. Layers as in GAN "
        "Lab, Kahng et al. 2018.",
    ),
    "line": Words(
        "Both densities",
        "At equilibrium p_G lies on p_data, and D is flat.",
        "<i>D</i>*(x) = (α p<sub>data</sub> + β p<sub>G</sub>) / (p<sub>data</sub> + p<sub>G</sub>) &nbsp; "
        "under cross-entropy<br>p<sub>data</sub> is exact, p<sub>G</sub> is a histogram of 4,000 samples",
        "Goodfellow et al. 2014, figure 1 and Proposition 1. Below: what G makes of evenly spread z (the "
        "first number of z; the others are 0).",
    ),
}
_DISTANCES = Words(
    "Distances",
    "Perfect samples do not reach 0 but the dashed line: their number is finite.",
    "JSD = ½ KL(p, m) + ½ KL(q, m), &nbsp; m = (p + q)/2<br>TV = ½ Σ |p − q| &nbsp; max V = 2 JSD − log 4<br>"
    "p: exact probability of a cell, q: its share of the samples",
    "In nats. Goodfellow et al. 2014, Theorem 1. KL(data, G) counts half a sample in every cell: it would be "
    "infinite where no sample fell.",
)
_SLICE = Words(
    "V along the last moves",
    "",  # what it shows at a step: `gan_core.figures.toy.slice_said`
    "<i>V</i>(<i>G</i> + a δ<sub><i>G</i></sub>, <i>D</i> + b δ<sub><i>D</i></sub>), &nbsp; δ: weights now "
    "minus weights at the plane before<br>maximum along D, minimum along G: &nbsp; ∂<i>V</i>/∂a = "
    "∂<i>V</i>/∂b = 0, &nbsp; ∂²<i>V</i>/∂b² &lt; 0 &lt; ∂²<i>V</i>/∂a²",
    "Games before are projected on the plane. V is of the same 64 real and 24 to 40 generated samples. "
    "An extremum counts if it is within half a move. The plane is two directions of thousands: a saddle of "
    "it need not be one of the game. Planes through two directions: Li et al. 2018, section 4.",
)

_VALUE = {
    "least_squares": (
        "<i>V</i> = −½ E(<i>D</i>(x) − 1)² − ½ E <i>D</i>(<i>G</i>(z))²<br>"
        "at equilibrium <i>D</i> = (α + β)/2",
        "Mao et al. 2017. D's output is a score without a sigmoid.",
    ),
    "hinge": (
        "<i>V</i> = −E max(0, 1 − <i>D</i>(x)) − E max(0, 1 + <i>D</i>(<i>G</i>(z)))<br>"
        "best D: <i>V</i> = 2 TV − 2, so −2 at p = q",
        "Lim and Ye 2017. Scores beyond ±1 do not count.",
    ),
    "wasserstein": (
        "<i>V</i> = E <i>D</i>(x) − E <i>D</i>(<i>G</i>(z))<br>best D of slope at most 1: <i>V</i> = the "
        "Wasserstein-1 distance, so 0 at p = q",
        "Arjovsky et al. 2017; gradient penalty: Gulrajani et al. 2017. Under clipping the unit is unknown.",
    ),
    "relativistic": (
        "<i>V</i> = E log <i>D</i>(x | <i>G</i>) + E log(1 − <i>D</i>(<i>G</i>(z) | x))<br>"
        "<i>D</i>(x | <i>G</i>) = σ(ℓ(x) − E ℓ(<i>G</i>(z))): more real than the mean generated sample?",
        "Jolicoeur-Martineau 2019. At equilibrium ½, whatever the labels are.",
    ),
}
_LOSSES = {
    "least_squares": "<i>L<sub>D</sub></i> = ½ E(<i>D</i>(x) − α)² + ½ E(<i>D</i>(<i>G</i>(z)) − β)²<br>"
    "<i>L<sub>G</sub></i> = ½ E(<i>D</i>(<i>G</i>(z)) − 1)²",
    "hinge": "<i>L<sub>D</sub></i> = −<i>V</i>, &nbsp; <i>L<sub>G</sub></i> = −E <i>D</i>(<i>G</i>(z))",
    "wasserstein": "<i>L<sub>D</sub></i> = −<i>V</i>, &nbsp; <i>L<sub>G</sub></i> = −E <i>D</i>(<i>G</i>(z))",
    "relativistic": "<i>L<sub>D</sub></i> = −<i>V</i> with labels α and β<br><i>L<sub>G</sub></i>: the same "
    "with the two kinds swapped",
}
_SADDLE = {
    "least_squares": "The height of the path is exactly V; the cross is the equilibrium.",
    "hinge": "There is no saddle point: every D that gives one score between −1 and 1 has V = −2.",
    "wasserstein": "There is no saddle point: every D that gives one score has V = 0.",
    "relativistic": "The height of the path is exactly V; the cross is the equilibrium.",
}
_NO_LINE = "Real and generated meet, but at no fixed score: only their difference counts."


def words_of(kind: Sample, objective: Objective) -> dict[str, Words]:
    """The words of every panel on the board of such a run."""
    words = dict(WORDS)
    if kind != "digits":
        for name in ("digits", "quality", "path"):
            del words[name]
        words = {"samples": _TOYS[kind], **words, "distances": _DISTANCES, "slice": _SLICE}
    family = objective.family
    if family == "cross_entropy":
        return words
    formula, source = _VALUE[family]
    unit = "In nats. " if objective.unit else ""
    words["value"] = words["value"]._replace(formula=formula, source=unit + source)
    words["losses"] = words["losses"]._replace(
        formula=_LOSSES[family], source=f"{unit}On the training batch; penalties are left out. {source}"
    )
    words["saddle"] = words["saddle"]._replace(sentence=_SADDLE[family], formula=formula, source=source)
    sentence = words["outputs"].sentence if objective.has_line else _NO_LINE
    words["outputs"] = words["outputs"]._replace(sentence=sentence, formula=formula, source=source)
    return words


def with_batches(words: dict[str, Words], settings: Settings) -> dict[str, Words]:
    """`words`, and where D's output depends on its batch, that it does: of V and of the outputs."""
    caveat = batch_caveat(settings)
    if not caveat:
        return words
    said = {name: words[name] for name in ("value", "outputs")}
    return words | {name: text._replace(sentence=f"{text.sentence} {caveat}") for name, text in said.items()}
