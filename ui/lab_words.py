"""Texts of the charts of the lab; sentences with numbers are made from the results."""

from __future__ import annotations

import math
from collections.abc import Callable

from gan_core.figures.lab.notes import Found, finite, said
from gan_core.figures.lab.spectrum import complex_text
from ui import beside_words, inside_words
from ui.words import Words

LITTLE = 0.55
"""An AUC of training against held-out samples up to this one is small, sure as it may be."""

WORDS = {
    "fresh": Words(
        "A new discriminator",
        "Not measured yet. G stands still. A new D learns from nothing to tell its samples from real ones.",
        "JSD(p, q) ≥ (V + log 4)/2 &nbsp; for any D, V without label smoothing",
        "Goodfellow et al. 2014, Theorem 1. Trained by Adam, stopped early, measured on held-out "
        "samples that neither choice has seen; the bar is two standard errors. A longer training finds more.",
    ),
    "overtime": Words(
        "This D, and a new one",
        "D at its line says only that this D cannot tell. Each star is a new D.",
        "<i>D</i>*(x) = 1/2 everywhere only where p = q",
        "Lines: held-out and newly generated samples, as on the live page. Stars: results of “A new D”.",
    ),
    "quality": Words(
        "Quality of the digits",
        "Not measured yet. Generated digits beside real ones in the same numbers.",
        "FID = ‖μ − μ'‖² + tr(Σ + Σ' − 2(ΣΣ')<sup>½</sup>) on features of our classifier",
        "Heusel et al. 2017; KID: Bińkowski et al. 2018; score: Salimans et al. 2016; precision, recall: "
        "Kynkäänniemi et al. 2019; Parzen: Goodfellow et al. 2014, a weak measure (Theis et al. 2016). "
        "Not comparable with published numbers, which rest on another classifier.",
    ),
    "surface": Words(
        "The saddle of the real networks",
        "Not measured yet. V of both networks on a plane: one direction of G, one direction of D.",
        "<i>V</i>(G + aδ<sub>G</sub>, D + bδ<sub>D</sub>); &nbsp; moves are shares of a player's weights",
        "Fixed real and generated samples, no label smoothed. Li et al. 2018, section 4; the main path is "
        "the first principal component of the next 60 steps. A random walk looks ordered, too (Antognini and "
        "Sohl-Dickstein 2018), so its share stands beside.",
    ),
    "lab_spectrum": Words(
        "Spectrum of the game",
        "Not measured yet. Eigenvalues of the derivative of both players' gradients.",
        "v = (∂L<sub>G</sub>/∂G, ∂L<sub>D</sub>/∂D); &nbsp; a plain step: 1 − ηλ<br>"
        "stable: η &lt; 2 Re λ/|λ|²",
        "Mescheder et al. 2017. Arnoldi's method on one batch; bars are residuals. The step of plain "
        "simultaneous gradient descent, not that of Adam.",
    ),
    "gap": Words(
        "Duality gap, its two halves",
        "Not measured yet. How much each player alone could still gain.",
        "max<sub>D'</sub> V(G, D') − V(G, D) &nbsp; and &nbsp; V(G, D) − min<sub>G'</sub> V(G', D)",
        "Grnarova et al. 2019. Take only D's half as a distance: G's half follows what D says of "
        "samples that no G has made, and G gets 30 steps only.",
    ),
    "path_angle": Words(
        "Path angle",
        "Not measured yet. Both players move on by whole batches. Then: how the field lies along that way.",
        "c(a) = ⟨ω' − ω, −v(ω<sub>a</sub>)⟩ / (‖ω' − ω‖ ‖v(ω<sub>a</sub>)‖), &nbsp; "
        "ω<sub>a</sub> = (1 − a)ω + aω'",
        "Berard et al. 2020, section 4. Attraction: c changes from + to − at a = 1. Rotation: a bump there. "
        "800 extragradient steps on 512 samples; small batches would show noise.",
    ),
    "heart": Words(
        "Does D overfit?",
        "D's mean output on its training batches and on held-out samples. A gap that grows is overfitting.",
        "E <i>D</i>(training) − E <i>D</i>(held-out)",
        "From the records of the run. Training: one batch in training mode; held-out: all, in eval mode.",
    ),
    "answers": Words(
        "D's outputs now",
        "Not measured yet. Three histograms: training, held-out and generated samples.",
        "AUC = P(D(training) &gt; D(held-out)); 1/2 without overfitting",
        "Mann and Whitney 1947. As many samples of each kind.",
    ),
    "nearest": Words(
        "Nearest training digits",
        "Not measured yet. Under each generated digit: the training digit nearest to it.",
        "‖G(z) − x‖ over 784 grey values in [−1, 1]",
        "A distance near 0 is a copied digit. A copy that is shifted by one pixel is far away, so large "
        "distances prove nothing.",
    ),
    **inside_words.WORDS,
    **beside_words.WORDS,
}  # fmt: skip


def fresh_sentence(found: Found) -> str:
    """The headline: how many of 100, and the bound."""
    bound, second = finite(found["jsd_bound"]), finite(found["jsd_bound_second_seed"])
    also = f" (second seed {said(second)})" if math.isfinite(second) else ""
    right = round(finite(found["right_in_100"]))
    return (
        f"A new D tells {right} of 100 samples right; 50 is guessing. "
        f"JSD is at least {said(bound)}{also} of at most 0.69 nats."
    )


def quality_sentence(found: Found) -> str:
    """FID against its floor, and what is missing."""
    fid, floor = finite(found["fid"]), finite(found["fid_floor"])
    times = f", {fid / floor:,.0f} times that of real digits" if floor > 0 and fid > 1.5 * floor else ""
    return (
        f"FID {said(fid, 1)}{times} ({said(floor, 1)}). {found['classes_hit']:.0f} of 10 classes occur. "
        "Lower is better for FID and KID."
    )


def surface_sentence(found: Found) -> str:
    """Whether this is a saddle in this plane, with the curvatures."""
    d = "a maximum along D" if found["is_maximum_along_d"] else "no maximum along D"
    g = "a minimum along G" if found["is_minimum_along_g"] else "no minimum along G"
    both = found["is_maximum_along_d"] and found["is_minimum_along_g"]
    joined = f"{d} and {g}: " + ("a saddle in this plane" if both else "no saddle in this plane")
    curved = f"curvatures {said(found['curvature_d'])} (D), {said(found['curvature_g'])} (G)"
    return f"Here is {joined}; {curved}. {_plane(found)}"


def _plane(found: Found) -> str:
    """How much of the path lies in the plane."""
    if "explained_g" in found:
        g, d, chance = (finite(found[f"explained_{name}"]) for name in ("g", "d", "by_chance"))
        return f"It explains {g:.0%} of G's and {d:.0%} of D's path (random walk: {chance:.0%})."
    if "path_inside_g" in found:
        inside = f"{finite(found['path_inside_g']):.0%} (G) and {finite(found['path_inside_d']):.0%} (D)"
        return f"Of the next 60 steps {inside} lie in this plane."
    return ""


def spectrum_sentence(found: Found) -> str:
    """Rotation against attraction, and the largest stable step."""
    turning = found["turning"]
    rotation, step = finite(found["rotation"]), finite(found["largest_step"])
    if not math.isfinite(rotation):
        turns = "No eigenvalue has converged."
    elif rotation == 0.0:
        turns = "No leading eigenvalue turns: all are real."
    else:
        value = complex_text(complex(finite(turning[0]), finite(turning[1])))
        turns = f"The strongest turn: λ = {value}, |Im|/|Re| = {said(rotation)}."
    away = f" {found['leading_away']} lead away (Re λ < 0)." if found["leading_away"] else ""
    stable = f" A plain step must be below {step:.2g}." if math.isfinite(step) else ""
    return turns + away + stable


def gap_sentence(found: Found) -> str:
    """Both gains, the first one as the distance."""
    return (
        f"A better D could raise V by {said(found['gain_of_d'])} nats: this is the distance to quote. "
        f"G could lower it by {said(found['gain_of_g'])} against this D."
    )


def path_angle_sentence(found: Found) -> str:
    """What the curve shows at a = 1, if there is a point of rest at all."""
    before, after = finite(found["norm_before"]), finite(found["norm_after"])
    if not found["near_rest"]:
        return f"No point of rest is near: ‖v‖ goes from {before:.2g} to {after:.2g} on the way."
    shown = {
        (True, True): "a bump and a change of sign at a = 1: attraction with rotation",
        (True, False): "a change of sign at a = 1: attraction",
        (False, True): "a bump at a = 1: rotation",
        (False, False): "neither a bump nor a change of sign at a = 1",
    }[found["attracts"], found["rotates"]]
    return f"{shown[0].upper()}{shown[1:]}. ‖v‖ falls from {before:.2g} to {after:.2g}."


def answers_sentence(found: Found) -> str:
    """Whether D knows its training samples."""
    auc, error = finite(found["auc_seen"]), finite(found["auc_seen_error"])
    sure = abs(auc - 0.5) > 2 * error
    heart = ("D overfits" if auc > LITTLE else "D overfits a little") if sure else "D does not overfit"
    return (
        f"D on training samples {said(found['d_train'], 3)}, on held-out {said(found['d_held_out'], 3)}. "
        f"AUC {said(auc)} (0.5 ± {2 * error:.2f} without overfitting): {heart}."
    )


def nearest_sentence(found: Found) -> str:
    """The nearest pair, beside what held-out digits have."""
    nearest = min(finite(distance) for distance in found["nearest_distance"])
    return (
        f"The nearest pair is {nearest:.1f} apart; held-out digits, which nobody copied, are typically "
        f"{finite(found['usual_distance']):.1f} from theirs."
    )


SENTENCES: dict[str, Callable[[Found], str]] = {
    "fresh": fresh_sentence, "quality": quality_sentence, "surface": surface_sentence,
    "lab_spectrum": spectrum_sentence, "gap": gap_sentence,
    "path_angle": path_angle_sentence, "answers": answers_sentence,
    "nearest": nearest_sentence,
}  # fmt: skip


def brief(what: str, found: Found) -> str:
    """A result in a few words, for the list of measures."""
    match what:
        case "fresh_discriminator":
            return f"{round(finite(found['right_in_100']))} of 100 told"
        case "quality":
            return f"FID {said(found['fid'], 1)}"
        case "surface":
            both = found["is_maximum_along_d"] and found["is_minimum_along_g"]
            return "a saddle here" if both else "no saddle here"
        case "spectrum":
            return f"|Im|/|Re| {said(found['rotation'])}"
        case "duality_gap":
            return f"D could gain {said(found['gain_of_d'])}"
        case "path_angle":
            return "near rest" if found["near_rest"] else "no rest near"
        case _:
            return f"AUC {said(found['auc_seen'])}"


def with_words(chart: str, found: Found | None = None, step: int | None = None) -> dict[str, str]:
    """The words of a chart, at the step of its result."""
    words = WORDS[chart]
    title = words.title if step is None else f"{words.title}, step {step:,}"
    sentence = words.sentence if found is None or chart not in SENTENCES else SENTENCES[chart](found)
    return words._replace(title=title, sentence=sentence)._asdict() | {"alt": sentence}

