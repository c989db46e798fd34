"""Data of one's own on the toy page: points drawn or brought in a file, or a density drawn over a line."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from gan_core.engine.handle import RunHandle
from gan_core.presets import beside, preset_settings
from gan_core.settings import SettingsError
from gan_core.theory.drawn_points import MOST_LETTERS, points_of_csv
from ui.address import escaped
from ui.board import loader
from ui.session import complain, restart

POINTS, SKETCH = "Points in a plane", "A density over a line"
SCENE = {POINTS: "ring", SKETCH: "two_islands"}
"""The scene whose other settings a game with such data begins with."""
SAID = "own_data_said"  # session state: why there is no game, or what was done to the points

# isolate_styles=False: as for the board.
_mount = st.components.v2.component("gan_draw", js=loader("draw.js", ".gan-draw"), isolate_styles=False)


def own_data(run: RunHandle) -> None:
    """A sheet to draw on, a file, a box; what comes of it is a new game."""
    said = st.session_state.pop(SAID, "")
    if said:
        st.warning(escaped(said), icon=":material/info:")
    kinds = [POINTS, SKETCH]
    what = st.segmented_control("Your data", kinds, key="own_kind", default=POINTS, required=True)
    kind = "plane" if what == POINTS else "line"
    sheet, file = st.columns([2, 3])
    with sheet:
        key = f"own_sheet_{kind}_{run.game}"
        _mount(key=key, data={"kind": kind}, on_drawn_change=partial(_take_drawn, run, what, key))
    if what == POINTS:
        with file, st.form("own_points", border=False, clear_on_submit=True):
            brought = st.file_uploader("Or a CSV file with two columns", type=["csv", "txt"])
            typed = st.text_area("Or points, one a line", placeholder="0.5, 1.2", max_chars=MOST_LETTERS)
            if st.form_submit_button("Play with these points"):
                _take_text(run, brought.getvalue().decode("utf-8", "replace") if brought else typed)


def _take_drawn(run: RunHandle, what: str, key: str) -> None:
    """A callback: what was drawn on the sheet."""
    if not key.endswith(f"_{run.game}"):
        return  # the sheet of a game before, see `ui/controls.py`
    state: dict[str, Any] = st.session_state[key]
    drawn = state.get("drawn")
    if isinstance(drawn, str):
        _begin(run, what, drawn)


def _take_text(run: RunHandle, text: str) -> None:
    try:
        drawn, note = points_of_csv(text)
    except ValueError as error:
        st.session_state[SAID] = f"No new game: {error}"
    else:
        _begin(run, POINTS, drawn, note)
    st.rerun()


def _begin(run: RunHandle, what: str, drawn: str, note: str = "") -> None:
    data = "points" if what == POINTS else "sketch_1d"
    try:
        changes = {**beside(run.settings), "data": data, "drawn": drawn}
        settings = preset_settings(SCENE[what], **changes)
    except SettingsError as error:
        st.session_state[SAID] = f"No new game: {error}"
        return
    complain(settings, [note] if note else [])
    restart(run, settings)
