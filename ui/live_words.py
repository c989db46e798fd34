"""What the panels of the live page say of themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

from gan_core.presets import ALL_PRESETS, nearest_preset, preset_of
from gan_core.settings import Settings, field
from gan_core.typed import option_title
from ui.words import Words

WORDS = {
    "digits": Words(
        "Generated digits",
        "Each place always has the same noise vector z, so you can watch one digit change.",
        "x = <i>G</i>(<i>z</i>), &nbsp; <i>z</i> fixed<br>verdict: <i>D</i>(x), the probability of “real”",
        "Goodfellow et al. 2014, section 3. The images come from the average of G's weights.",
    ),
    "value": Words(
        "The value V",
        "D raises V, G lowers it.",
        "<i>V</i> = E log <i>D</i>(x) + E log(1 − <i>D</i>(<i>G</i>(z)))<br>"
        "at equilibrium, labels α and β, <i>d</i> = (α + β)/2: &nbsp; log <i>d</i> + log(1 − <i>d</i>)<br>"
        "ΔV of a player = V after its step − V before it, on one batch",
        "In nats. Goodfellow et al. 2014, eq. 1, Theorem 1; labels: Salimans et al. 2016, section 3.4.",
        more="The lower chart shows how much each player's step changed V.",
    ),
    "losses": Words(
        "The losses",
        "These losses need not fall: each player works against the other. "
        "Images improve while G's loss rises.",
        "<i>L<sub>D</sub></i> = E[−α log <i>D</i>(x) − (1 − α) log(1 − <i>D</i>(x))]<br>&nbsp; &nbsp; + "
        "E[−β log <i>D</i>(<i>G</i>(z)) − (1 − β) log(1 − <i>D</i>(<i>G</i>(z)))]<br>"
        "<i>L<sub>G</sub></i> = −E log <i>D</i>(<i>G</i>(z)), &nbsp; or minimax: "
        "E log(1 − <i>D</i>(<i>G</i>(z)))<br>at equilibrium <i>D</i> answers (α + β)/2 to every image",
        "In nats, on the training batch; α: label of real images, β: of generated ones. D's gradient "
        "contains the R1 penalty, D's loss does not. At equilibrium the mean of the gradients is 0; that of "
        "one batch is not. Goodfellow et al. 2014, section 3; labels: Salimans et al. 2016, section 3.4.",
    ),
    "quality": Words(
        "Quality",
        "FID: how far G's digits are from real ones. Even real digits do not reach 0 but the dashed line.",
        "FID = |μ<sub>G</sub> − μ|² + tr(Σ<sub>G</sub> + Σ − 2(Σ<sub>G</sub>Σ)<sup>½</sup>)<br>μ, Σ: mean "
        "and covariance of 64 features of a small digit classifier<br>covered: a class with at least a "
        "quarter of its due share",
        "500 generated against 2,000 held-out digits. Heusel et al. 2017. Our own features: published FIDs "
        "do not compare. Floor: mean of 8 draws of real digits; the band is one standard deviation of a "
        "draw.",
    ),
    "path": Words(
        "Quality and D",
        "A point for each measurement. D near its line (left) does not mean good digits (below).",
        "across: the larger of |<i>D</i>(real) − <i>d</i>| and |<i>D</i>(generated) − <i>d</i>|, "
        "&nbsp; <i>d</i> = (α + β)/2<br>up: FID of G",
        "Mean outputs on held-out and newly generated digits. Equilibrium needs both: <i>D</i> at its line "
        "and FID at its floor. Distances below 0.001 are drawn at 0.001.",
    ),
    "saddle": Words(
        "Saddle dynamics",
        "The height of the path is exactly V; the cross is the equilibrium.",
        "<i>V</i>(a, b) = log a + log(1 − b)<br>a = exp(E log <i>D</i>(x)) &nbsp; "
        "b = 1 − exp(E log(1 − <i>D</i>(<i>G</i>(z))))",
        "From Goodfellow et al. 2014, eq. 1: V is that of a D that always answers a to real and b to "
        "generated images.",
    ),
    "outputs": Words(
        "What D answers",
        "Real and generated meet at the equilibrium line, where D cannot tell them apart.",
        "<i>D</i>*(x) = (α p(x) + β q(x)) / (p(x) + q(x)) &nbsp; so at p = q: (α + β)/2<br>α: label of real "
        "images (label smoothing), β: of generated images (fake label); bands: 10 % to 90 % of the images",
        "Held-out and newly generated digits. Goodfellow et al. 2014, Prop. 1; Salimans et al. 2016, sec. "
        "3.4.",
    ),
    "diagnosis": Words(
        "What is happening",
        "What the numbers say, and what to try.",
        "<i>D</i> at the equilibrium line is necessary for equilibrium, but not sufficient: a weak <i>D</i> "
        "can be there, too.",
        "Measured on held-out and newly generated digits.",
    ),
}


def title_of(settings: Settings) -> str:
    """What settings are called: a preset's title, or Custom."""
    name = preset_of(settings)
    return ALL_PRESETS[name].title if name in ALL_PRESETS else "Custom"


class Change(NamedTuple):
    """A setting that differs from that of a preset: its title, its value, the preset's."""

    title: str
    value: str
    before: str


def changes_of(settings: Settings) -> tuple[str, list[Change]]:
    """The title of the preset that is nearest to `settings`, and what differs from it."""
    nearest = nearest_preset(settings)
    return ALL_PRESETS[nearest.name].title, [
        Change(field(name).title or name, _text(value), _text(before))
        for name, (before, value) in nearest.differences.items()
    ]


def _text(value: Any) -> str:
    """A value as its control shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return option_title(value) if isinstance(value, str) else f"{value:g}"
