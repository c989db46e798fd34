"""Presentation mode, the keys and the pointer, on every page: see `ui/static/present.js`."""

from __future__ import annotations

import streamlit as st

from gan_core.lessons.pages import PANELS
from ui.address import kept_everywhere
from ui.board import loader

# isolate_styles=False: its rules reach what Streamlit draws, too.
_mount = st.components.v2.component(
    "gan_present", js=loader("present.js", ".gan-present"), isolate_styles=False
)


def presentation(page: str) -> None:
    """The buttons "Present" and "Keys" in the header of `page`, and every key of the table.

    A page without panels is shown as usual, also after one that filled the screen. Call it after the lesson
    bar: another scene of a lesson shows other panels.
    """
    _mount(key="present", data={**kept_everywhere(), "panels": page in PANELS})
