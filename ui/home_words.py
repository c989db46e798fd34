"""Texts of the Home page."""

from __future__ import annotations

from typing import NamedTuple

INTRODUCTION = (
    "In a GAN, a *generative adversarial network*, a generator G makes digits out of noise, and a "
    "discriminator D says how likely each digit is real. "
    "They play one game with one value V: D raises V, G lowers it. "
    "Here both networks learn while you watch, and you can change their settings while they learn. "
    "The equilibrium line in the charts comes from the same formulas that train the networks."
)
FILM = "The default run, steps 0 to 12,000: D's outputs on real and generated digits come together at 0.45."
LIVE = "../pages/live.py"


class PageCard(NamedTuple):
    """A page and what it is for."""

    page: str
    title: str
    icon: str
    words: str


PAGES = (
    PageCard("../pages/games.py", "1. Games", "grid_view",
          "Two players with a few actions each: best responses, equilibria, and rules of learning."),
    PageCard("../pages/minimax.py", "2. Minimax value", "balance",
          "The GAN game for two known densities: the best discriminator, the labels and the losses."),
    PageCard("../pages/saddle.py", "3. Saddle dynamics", "cyclone",
          "Two numbers that learn against each other: which methods circle the saddle point or reach it."),
    PageCard(LIVE, "4. Live GAN", "play_circle",
          "The same game between two neural networks that learn to make and to recognise digits."),
    PageCard("../pages/toy.py", "5. Toy data", "scatter_plot",
          "The same networks on points whose density is known: how far the samples are from the truth."),
    PageCard("../pages/lab.py", "6. Lab", "science",
          "How far a run really is from equilibrium: a new discriminator, quality, V around the weights."),
)  # fmt: skip
