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
    "Matching Pennies: the path cycles, its average converges": {
        "game": "Matching Pennies", "p": 0.8, "q": 0.5, "rule": "Replicator", "span": 60, "of": HEIGHTS[0],
    },
    "The GAN as a game": {
        "game": "The GAN as a 2x2 game", "p": 0.8, "q": 0.5, "rule": "Gradient play", "span": 40,
        "of": HEIGHTS[1],
    },
}  # fmt: skip

_FLOWS = (
    "replicator: x<sub>i</sub>′ = x<sub>i</sub>((<i>A</i>y)<sub>i</sub> − x<sup>T</sup><i>A</i>y)<br>"
    "gradient play: x′ = <i>A</i>y − the mean of <i>A</i>y; probabilities stay between 0 and 1"
)

# name of the chart: (title, formula, source)
WORDS = {
    "table": (
        "The table",
        "equilibrium: no other <i>A</i><sub>kj</sub> &gt; <i>A</i><sub>ij</sub> in the column, "
        "no other <i>B</i><sub>ik</sub> &gt; <i>B</i><sub>ij</sub> in the row",
        "Lower left: the row player's payoff. Upper right: the column player's payoff. Long numbers are "
        "rounded. The darker a cell, the more likely it is played. Equilibrium: Nash 1950. Pareto-optimal: "
        "no other cell is better for one player and not worse for the other.",
    ),
    "replies": (
        "Can anyone do better alone?",
        "regret = max<sub>i</sub> (<i>A</i>y)<sub>i</sub> − x<sup>T</sup><i>A</i>y",
        "Regret: how much more the best action would pay than your strategy, while the other player's "
        "strategy stays as it is. In an equilibrium both regrets are 0 (Nash 1951).",
    ),
    "value": (
        "The minimax value",
        "max<sub>x</sub> min<sub>y</sub> x<sup>T</sup><i>A</i>y = min<sub>y</sub> max<sub>x</sub> "
        "x<sup>T</sup><i>A</i>y",
        "Von Neumann 1928, for zero-sum games. Each straight piece of a curve belongs to one best response "
        "of the other player.",
    ),
    "payoffs": (
        "Payoffs of both players",
        "(x<sup>T</sup><i>A</i>y, x<sup>T</sup><i>B</i>y)",
        "The minimax theorem holds for zero-sum games only. In other games, look at both payoffs.",
    ),
    "square": (
        "Motion",
        _FLOWS,
        "Replicator: Taylor & Jonker 1978, here with two populations. Fictitious play: Brown 1951. Grey "
        "arrows: direction and speed of the motion.",
    ),
    "surface": (
        "The payoff surface",
        "u(p, q) = pq u<sub>11</sub> + p(1 − q) u<sub>12</sub> + (1 − p)q u<sub>21</sub> "
        "+ (1 − p)(1 − q) u<sub>22</sub>",
        "Bilinear: a saddle or a tilted plane. V(p, q) = (2p − 1)(2q − 1) of the GAN game is f = xy with "
        "x = 2p − 1, y = 2q − 1. Drag to turn the surface.",
    ),
    "simplex": (
        "Motion",
        _FLOWS,
        "Each corner is an action. A strategy lies at the mean of the corners, weighted by its "
        "probabilities. With more than three actions, several strategies can lie at the same point.",
    ),
    "time": (
        "Over time",
        "conserved: (∏ x<sub>i</sub><sup>x*<sub>i</sub></sup> ∏ y<sub>j</sub><sup>y*<sub>j</sub></sup>)"
        "<sup>s</sup>, s: number of actions; in Matching Pennies p(1 − p) q(1 − q)",
        "The replicator conserves this product in zero-sum games with an equilibrium (x*, y*) that plays "
        "every action (Hofbauer & Sigmund 1998). Gradient play conserves the distance from this equilibrium "
        "until a probability becomes 0.",
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
