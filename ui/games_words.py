"""Texts of the Games page: its scenes, and title, formula and source of each chart."""

from __future__ import annotations

from typing import Any

from gan_core.parameters.games import HEIGHTS

PLAYS = "games_play"  # session state: how often the motion was asked for

# What each scene sets.
SCENES: dict[str, dict[str, Any]] = {
    "Prisoner's Dilemma: both defect": {
        "game": "Prisoner's Dilemma", "p": 0.9, "q": 0.8, "rule": "Replicator", "span": 15, "of": HEIGHTS[0],
    },
    "Matching Pennies: the orbit cycles, the average arrives": {
        "game": "Matching Pennies", "p": 0.8, "q": 0.5, "rule": "Replicator", "span": 60, "of": HEIGHTS[0],
    },
    "The GAN as a game": {
        "game": "The GAN as a 2x2 game", "p": 0.8, "q": 0.5, "rule": "Gradient play", "span": 40,
        "of": HEIGHTS[1],
    },
}  # fmt: skip

_FLOWS = (
    "replicator: x<sub>i</sub>′ = x<sub>i</sub>((<i>A</i>y)<sub>i</sub> − x<sup>T</sup><i>A</i>y)<br>"
    "gradient play: x′ = <i>A</i>y − its mean, held inside"
)

# name of the chart: (title, formula, source)
WORDS = {
    "table": (
        "The table",
        "equilibrium: no other <i>A</i><sub>kj</sub> &gt; <i>A</i><sub>ij</sub> in the column, "
        "no other <i>B</i><sub>ik</sub> &gt; <i>B</i><sub>ij</sub> in the row",
        "Lower left: the row player's payoff, upper right: the column player's; long ones rounded. Shade: "
        "how likely the cell is played. Nash 1950. Pareto-optimal: no cell is better for one and not worse "
        "for the other.",
    ),
    "replies": (
        "Can anyone do better alone?",
        "regret = max<sub>i</sub> (<i>A</i>y)<sub>i</sub> − x<sup>T</sup><i>A</i>y",
        "Move one player's slider: the other's strategy stays as it is. In an equilibrium both regrets are 0 "
        "(Nash 1951). The pink bar is the regret.",
    ),
    "value": (
        "The minimax value",
        "max<sub>x</sub> min<sub>y</sub> x<sup>T</sup><i>A</i>y = min<sub>y</sub> max<sub>x</sub> "
        "x<sup>T</sup><i>A</i>y",
        "Von Neumann 1928, for zero-sum games. Both curves are made of straight pieces, one for each reply.",
    ),
    "payoffs": (
        "What they get together",
        "(x<sup>T</sup><i>A</i>y, x<sup>T</sup><i>B</i>y)",
        "The minimax theorem needs a zero-sum game; without one, look at both payoffs.",
    ),
    "square": (
        "Motion",
        _FLOWS,
        "Two populations, after Taylor & Jonker 1978; fictitious play: Brown 1951. Grey arrows: the flow.",
    ),
    "surface": (
        "The payoff surface",
        "u(p, q) = pq u<sub>11</sub> + p(1 − q) u<sub>12</sub> + (1 − p)q u<sub>21</sub> "
        "+ (1 − p)(1 − q) u<sub>22</sub>",
        "Bilinear: a saddle or a tilted plane. V(p, q) = (2p − 1)(2q − 1) of the GAN game is f = xy with "
        "x = 2p − 1, y = 2q − 1. Drag to turn.",
    ),
    "simplex": (
        "Motion",
        _FLOWS,
        "A strategy lies at the mean of the corners, weighted by its probabilities; with more than three "
        "actions this is a view from above.",
    ),
    "time": (
        "Over time",
        "kept: (∏ x<sub>i</sub><sup>x*<sub>i</sub></sup> ∏ y<sub>j</sub><sup>y*<sub>j</sub></sup>)"
        "<sup>s</sup>, s actions; in Matching Pennies p(1 − p) q(1 − q)",
        "The replicator keeps it in zero-sum games with an equilibrium (x*, y*) that plays every action "
        "(Hofbauer & Sigmund 1998); gradient play keeps its distance from it until it hits a wall.",
    ),
}


def with_words(name: str, figure: dict[str, Any], said: str) -> dict[str, Any]:
    """The figure with its texts; `said` is the sentence with its numbers."""
    title, formula, source = WORDS[name]
    words = {
        "title": title,
        "sentence": said,
        "formula": formula,
        "source": source,
        "alt": f"{title}. {said}",
    }
    return figure | {"words": words}
