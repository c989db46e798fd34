"""The page of a follower: what the teacher shows, read only, and a copy of the run to play with."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.engine.client import shared_engine
from ui.address import escaped
from ui.board import loader
from ui.classroom import CODE_LENGTH, Classroom, classes
from ui.session import take_run, this_browser
from ui.sharing import FOLLOW

KEY = "follower"
COPY = "follow_copy"  # session state: the page of the copy that has been made and is to be opened
REFUSED = "follow_refused"  # session state: why there is no copy

# isolate_styles=False: as for the board.
_mount = st.components.v2.component("gan_follow", js=loader("follow.js", ".gan-follow"), isolate_styles=False)


def take_copy() -> None:
    """A run of this browser's own, at the step its page shows."""
    asked: dict[str, Any] = st.session_state[KEY].get("copy") or {}
    room, owner = classes.find(str(st.query_params.get(FOLLOW, ""))), this_browser()
    run = room.place.run if room is not None and room.place is not None else None
    if run is None or owner is None or run.name != asked.get("watch"):
        st.session_state[REFUSED] = "There is no run to copy any more: the teacher shows something else."
        return
    if run.game != asked.get("game"):
        st.session_state[REFUSED] = "The teacher has just begun another game: take a copy of that one."
        return
    try:
        st.session_state[COPY] = take_run(shared_engine().fork(run, int(asked["step"]), owner))
    except OSError as error:
        st.session_state[REFUSED] = f"No copy: the server cannot write it ({error.strerror})."
        return


def choose_class(said: str) -> None:
    """No class: why, and a box for the code."""
    if said:
        st.warning(said, icon=":material/info:")
    with st.form("choose_class", width=420):
        code = st.text_input("Code of the class", max_chars=CODE_LENGTH,
                             help="The teacher's screen shows it under Share.")  # fmt: skip
        if st.form_submit_button("Follow", type="primary"):
            st.query_params[FOLLOW] = code.strip().upper()
            st.rerun()


def follow(room: Classroom) -> None:
    """The screen of the class."""
    refused = st.session_state.pop(REFUSED, None)
    with st.container():  # always there: what is below must not move and begin anew
        if refused:
            st.warning(refused, icon=":material/info:")
    _mount(key=KEY, data={"code": room.code}, on_copy_change=take_copy, on_ended_change=lambda: None)


code = str(st.query_params.get(FOLLOW, ""))
if copied := st.session_state.pop(COPY, ""):
    st.switch_page(f"../pages/{copied}.py", query_params={FOLLOW: code})
room = classes.find(code)
if room is not None:
    follow(room)
elif code:
    choose_class(f"No class has the code {escaped(code[:20])} now. Ask your teacher, and type the code here.")
else:
    choose_class("")
