"""Texts of the Home page."""

from __future__ import annotations

from typing import NamedTuple

INTRODUCTION = (
    "In a GAN, a *generative adversarial network*, a generator makes digits out of noise and a "
    "discriminator says how likely each one is real. "
    "They play one game with one value: the discriminator raises it, the generator lowers it. "
    "Here both learn before your eyes, every knob acts on the running game, and the equilibrium they "
    "play for is drawn from the same formula that trains them."
)
FILM = "The default run, steps 0 to 12,000: D's outputs on real and on generated digits meet at 0.45."
LIVE = "../pages/live.py"


class PageCard(NamedTuple):
    """A page and what it is for."""

    page: str
    title: str
    icon: str
    words: str


PAGES = (
    PageCard("../pages/games.py", "1. Games", "grid_view",
          "Two players with a few moves each: best answers, equilibria, and what learners make of them."),
    PageCard("../pages/minimax.py", "2. Minimax value", "balance",
          "The GAN game for two densities in closed form: the best discriminator, labels and losses."),
    PageCard("../pages/saddle.py", "3. Saddle dynamics", "cyclone",
          "Two numbers that learn against each other: who circles the saddle point, who reaches it."),
    PageCard(LIVE, "4. Live GAN", "play_circle",
          "The same game between two networks, on handwritten digits, while it is being learned."),
)  # fmt: skip
