"""Texts of two runs beside each other."""

from __future__ import annotations

from gan_core.figures.lab.beside import Course, Grid
from ui.words import Words

WORDS = {
    "here": Words(
        "This run",
        "The digits of this run at the second that is chosen.",
        "G(z) of the averaged G, for fixed noise vectors",
        "From the pictures that rewinding shows. Seconds are estimated from the size of the networks: "
        "measured ones were up to a quarter longer for convolutions (docs/players.md).",
    ),
    "other": Words(
        "The other run",
        "Choose a run to see its digits at the same second of training.",
        "G(z) of the averaged G, for fixed noise vectors",
        "From the files of the saved run.",
    ),
    "both_quality": Words(
        "Quality of both runs",
        "FID of the averaged G, where it has been measured.",
        "FID = ‖μ − μ'‖² + tr(Σ + Σ' − 2(ΣΣ')<sup>½</sup>) on features of our classifier",
        "Heusel et al. 2017. Measured by the run itself, or by “Quality” in the lab. Not comparable with "
        "published numbers.",
    ),
    "both_gaps": Words(
        "How far D is from its line",
        "D's mean output on real minus generated digits. At 0 D cannot tell.",
        "E <i>D</i>(x) − E <i>D</i>(<i>G</i>(z))",
        "Held-out digits, in eval mode. A D that cannot tell does not mean good digits: compare both charts.",
    ),
}  # fmt: skip


def grid_words(chart: str, grid: Grid | None) -> dict[str, str]:
    """The words of a sheet of digits."""
    words = WORDS[chart]
    sentence = words.sentence
    if grid is not None and grid.digits is not None:
        named = grid.title[:1].upper() + grid.title[1:]
        sentence = f"{named}: step {grid.step:,}, after about {grid.second:.0f} s."
    return words._replace(sentence=sentence)._asdict() | {"alt": sentence}


def course_words(chart: str, courses: list[Course]) -> dict[str, str]:
    """The words of a chart over seconds, with both values at the second shown."""
    words, unit = WORDS[chart], ".1f" if chart == "both_quality" else ".3f"
    told = [
        f"{course.title.split(',')[0]} {format(float(course.value[course.now]), unit)}"
        for course in courses if course.now is not None
    ]  # fmt: skip
    both = ", ".join(told).replace("-", "−")
    sentence = f"{words.sentence} {both[0].upper()}{both[1:]}." if told else words.sentence
    return words._replace(sentence=sentence)._asdict() | {"alt": sentence}
