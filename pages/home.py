"""Home: what this is, a picture that moves, where to start, what it runs on."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from gan_core.presets import PRESETS
from ui.board import asset_url
from ui.session import PRESET, engine_facts

FILM = "The default run, steps 0 to 12,000: D's outputs on real and on generated digits meet at 0.45."
SCENES = ("balanced", "no_smoothing", "course_recipe", "strong_discriminator", "unregularised", "collapse")
LIVE = "../pages/live.py"


class Stage(NamedTuple):
    """A page of the lesson and what it is for."""

    page: str
    title: str
    icon: str
    words: str


LESSON = (
    Stage("../pages/games.py", "1. Games", "grid_view",
          "Two players with a few moves each: best answers, equilibria, and what learners make of them."),
    Stage("../pages/minimax.py", "2. Minimax value", "balance",
          "The GAN game for two densities in closed form: the best discriminator, labels and losses."),
    Stage("../pages/saddle.py", "3. Saddle dynamics", "cyclone",
          "Two numbers that learn against each other: who circles the saddle point, who reaches it."),
    Stage(LIVE, "4. Live GAN", "play_circle",
          "The same game between two networks, on handwritten digits, while it is being learned."),
)  # fmt: skip


def opening() -> None:
    """What this is, in three sentences, and the button."""
    st.title("GAN Equilibrium Explorer")
    st.markdown(
        "In a GAN, a *generative adversarial network*, a generator makes digits out of noise and a "
        "discriminator says how likely each one is real. "
        "They play one game with one value: the discriminator raises it, the generator lowers it. "
        "Here both learn before your eyes, every knob acts on the running game, and the equilibrium they "
        "play for is drawn from the same formula that trains them."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(key="start", width="content"):
            st.page_link(LIVE, label="**Start the live game**", icon=":material/play_circle:")
        st.caption("Then press Play, or the key K.")


def film() -> None:
    """The picture that moves."""
    # Not st.image, which makes a still of it.
    st.html(f'<img src="{asset_url("first_minute.webp")}" alt="{FILM}" class="film">')
    st.caption(FILM)


def lesson() -> None:
    """The pages, in the order of a lesson."""
    st.subheader("In the order of a lesson")
    for column, stage in zip(st.columns(len(LESSON)), LESSON, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(stage.page, label=f"**{stage.title}**", icon=f":material/{stage.icon}:")
            st.markdown(stage.words)


def scenes() -> None:
    """Live games with a story, and what to expect of each."""
    st.subheader("Or the live game with a scene")
    for row in (SCENES[:3], SCENES[3:]):
        for column, name in zip(st.columns(3), row, strict=True):
            with column:
                st.page_link(
                    LIVE, label=f"**{PRESETS[name].title}**", icon=":material/theaters:",
                    query_params={PRESET: name},
                )  # fmt: skip
                st.markdown(PRESETS[name].expect)


with st.container(key="home"):
    left, right = st.columns([1, 1.15], gap="medium", vertical_alignment="center")
    with left:
        opening()
    with right:
        film()
    lesson()
    with st.container(key="scenes"):
        scenes()
    st.caption(engine_facts())
