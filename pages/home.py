"""Home: what this is, a recording of the live page, where to start, what it runs on."""

from __future__ import annotations

import streamlit as st

from gan_core.lessons.records import Lesson
from gan_core.presets import PRESETS
from ui.board import asset_url
from ui.home_words import FILM, INTRODUCTION, LIVE, PAGES
from ui.lesson_files import shelf
from ui.lesson_place import want
from ui.session import PRESET, engine_facts

SCENES = ("balanced", "no_smoothing", "course_recipe", "strong_discriminator", "unregularised", "collapse")


def opening() -> None:
    """What this is, in three sentences, and the button."""
    st.title("GAN Equilibrium Explorer")
    st.markdown(INTRODUCTION)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(key="start", width="content"):
            st.page_link(LIVE, label="**Start the live game**", icon=":material/play_circle:")
        st.caption("Then press Play, or the key K.")


def film() -> None:
    """The recording of the live page."""
    # st.image would convert the animation to a still image.
    st.html(f'<img src="{asset_url("first_minute.webp")}" alt="{FILM}" class="film">')
    st.caption(FILM)


def lessons() -> None:
    """Every lesson that can be read; the Lessons page says more of each."""
    st.subheader("Lessons")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for item in shelf():
            if isinstance(item, Lesson):
                number = item.name.split("-")[0].lstrip("0")
                st.button(f"{number}. {item.title}", key=f"start_{item.name}", icon=":material/school:",
                          on_click=want, args=(item.name, 1), help=f"{item.minutes} minutes")  # fmt: skip
        st.page_link("../pages/lessons.py", label="All lessons, with what each shows")


def pages() -> None:
    """The pages, in the order of a course."""
    st.subheader("The pages")
    for column, part in zip(st.columns(len(PAGES)), PAGES, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(part.page, label=f"**{part.title}**", icon=f":material/{part.icon}:")
            st.markdown(part.words)


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
    lessons()
    pages()
    with st.container(key="scenes"):
        scenes()
    st.caption(engine_facts())
