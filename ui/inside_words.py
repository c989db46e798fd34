"""Texts of G from inside; sentences with numbers are made from the results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gan_core.figures.lab.notes import Found, finite, said
from ui.words import Words

WORDS = {
    "walk": Words(
        "A walk through G",
        "Not made yet. Pictures of G along the way from one noise vector to another one.",
        "arc: z(t) = (sin((1 − t)ω) z<sub>0</sub> + sin(tω) z<sub>1</sub>)/sin ω, &nbsp; ω: the angle "
        "between z<sub>0</sub> and z<sub>1</sub>; the length goes along a line<br>"
        "line: z(t) = (1 − t)z<sub>0</sub> + t z<sub>1</sub>",
        "Radford et al. 2016, section 6.1; arcs: White 2016. Normal noise vectors nearly all have the length "
        "√d. The middle of a straight line has 0.7 times that length, and G has hardly ever seen such a one.",
    ),
    "choose_digit": Words(
        "The digit that was asked for",
        "Not made yet. 50 pictures of one class, each from its own noise vector.",
        "G(z, c) &nbsp; c: the class, as a vector that G has learned",
        "Mirza and Osindero 2014. The classifier that reads the pictures is the small one of the quality "
        "measures.",
    ),
    "mixing": Words(
        "Style mixing",
        "Not made yet. First layers with the style of one noise vector, the others with that of another one.",
        "w = f(z); &nbsp; truncation: w' = w̄ + ψ(w − w̄), &nbsp; w̄: the mean style",
        "Karras et al. 2019: mixing, section 3.1; noise, section 3.2; truncation, appendix B.",
    ),
    "feature_maps": Words(
        "Feature maps of one picture",
        "Not made yet. One picture on its way through the layers of G.",
        "h<sub>i</sub> = activation(layer<sub>i</sub>(h<sub>i−1</sub>))",
        "After batch norm and activation, in eval mode. Each layer has its own grey scale.",
    ),
}  # fmt: skip


def walk_sentence(found: Found) -> str:
    """From where to where, on which path and why."""
    if found["between"] == "classes":
        read = np.asarray(found["read_as"])
        first, last = found["digit"], found["other"]
        return (
            f"Each row keeps its noise vector and goes in a straight line from the vector of class {first} "
            f"to that of class {last}. The classifier reads {first} in {(read[:, 0] == first).sum()} of "
            f"{len(read)} first pictures and {last} in {(read[:, -1] == last).sum()} of the last ones."
        )
    of_class = f" of class {found['digit']}" if found["digit"] is not None else ""
    if found["path"] == "spherical":
        way = "along an arc: normal noise vectors nearly all have the same length, and an arc keeps it"
    else:
        way = "along a straight line, which stays inside the cube of the uniform noise vectors"
    return f"Each row goes from one picture{of_class} to another one, {way}."


def digit_sentence(found: Found) -> str:
    """How many of the pictures are read as asked."""
    return (
        f"G was asked for {found['digit']}. The classifier reads {found['digit']} in {found['right']} of "
        f"{found['asked']} pictures, and the right digit in {finite(found['classifier_accuracy']):.1%} of "
        "held-out digits."
    )


def mixing_sentence(found: Found) -> str:
    """What comes from the row and what from the column, and what truncation and noise do."""
    crossing, layers, psi = found["crossing"], found["layers"], finite(found["psi"])
    of_row = "Layer 1 has" if crossing == 1 else f"Layers 1 to {crossing} have"
    of_column = f"layer {layers}" if crossing + 1 == layers else f"layers {crossing + 1} to {layers}"
    if psi == 0.0:
        styles = " ψ = 0: every style is the mean style, so all pictures are the same."
    else:
        styles = "" if psi == 1.0 else f" Each style has {psi:.1f} times its distance from the mean style."
    change = f"a grey value by {said(found['noise_changes'], 1)} of 255"
    grain = f"is on and changes {change}" if found["noise"] else f"is off; it would change {change}"
    return f"{of_row} the style of the row, {of_column} that of the column.{styles} Noise {grain}."


def maps_sentence(found: Found) -> str:
    """What the squares are."""
    each = "Each square is one map of a layer; maps grow towards the picture."
    if found["architecture"] == "perceptron":
        each = "Each square is one hidden unit: a fully connected G has no maps."
    scale = "Black: the smallest number of the layer. White: the largest."
    return f"One noise vector becomes a picture. {each} {scale}"


SENTENCES: dict[str, Callable[[Found], str]] = {
    "walk": walk_sentence, "choose_digit": digit_sentence, "mixing": mixing_sentence,
    "feature_maps": maps_sentence,
}  # fmt: skip


def with_words(chart: str, found: Found | None = None, step: int | None = None) -> dict[str, str]:
    """The words of a picture, at the step of its result."""
    words = WORDS[chart]
    title = words.title if step is None else f"{words.title}, step {step:,}"
    sentence = words.sentence if found is None else SENTENCES[chart](found)
    return words._replace(title=title, sentence=sentence)._asdict() | {"alt": sentence}
