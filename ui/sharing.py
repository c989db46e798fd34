"""Share: the teacher's side of a class on every page. See ui/classroom.py."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from gan_core.engine.handle import RunHandle
from ui.address import escaped
from ui.board import base_path, loader
from ui.classroom import LONGEST_CHOICE, LONGEST_QUESTION, Classroom, classes, classroom_of_owner
from ui.session import this_browser

FOLLOW = "follow"  # the parameter that names the class which this browser follows
SHOWN = "class_shown"  # session state: what this tab has shown the class last, and the serial of the place
HIDDEN = "class_hidden"  # session state: panels that the scene of a lesson keeps hidden
REFUSED = "class_refused"  # session state: why there is no class, or no question
CHOICES = ("A", "B", "C", "D")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

# isolate_styles=False: as for the board.
_mount = st.components.v2.component("gan_class", js=loader("teach.js", ".gan-class"), isolate_styles=False)


def class_strip() -> None:
    """The teacher's connection to the class, and the question over the page. Once, above every page."""
    with st.container(key="class_strip"):  # always there: what comes below must not move
        room = classroom_of_owner(this_browser())
        if room is not None:
            data = {"part": "strip", "code": room.code}
            _mount(key="class_part", data=data, on_ended_change=forget_place, on_back_change=forget_place)


def share_button(page: str, run: RunHandle | None = None, link: str = "") -> None:
    """The button Share, or for a follower the way back to the class. The class is shown `run`, or `page`.

    `link`: opens these settings for somebody who is in no class.
    """
    if FOLLOW in st.query_params:
        back_to_class(st.query_params[FOLLOW])
        return
    room = classroom_of_owner(this_browser())
    if room is not None:
        _show(room, page, run)
    with st.popover("Share" if room is None else "Shared", key="share_popover"):
        if st.session_state.get(REFUSED):
            st.error(st.session_state.pop(REFUSED), icon=":material/error:")
        if room is None:
            _offer()
        else:
            _shared(room)
        if link:
            st.caption("Or send this link. It opens a game of its own with these settings and this seed:")
            st.code(link, language=None, wrap_lines=True)


def back_to_class(code: str) -> None:
    """For a student with a copy, or on another page."""
    st.page_link("../pages/follow.py", label="Back to the class", icon=":material/co_present:",
                 query_params={FOLLOW: code})  # fmt: skip


def publish(message: bytes) -> None:
    """Charts of this tab's page, for the class if it is shown this page."""
    room, shown = classroom_of_owner(this_browser()), st.session_state.get(SHOWN)
    if room is not None and shown is not None and shown[0] == room.code:
        room.publish(shown[-1], message)


def _show(room: Classroom, page: str, run: RunHandle | None) -> None:
    """The class goes along when this tab shows something new; a tab behind it does not pull it back."""
    here = (room.code, page, run.name if run is not None else "")
    shown = st.session_state.get(SHOWN)
    place = room.place
    is_here = shown is not None and place is not None and shown[-1] == place.serial
    other_handle = is_here and place is not None and place.run is not run  # the run was taken from disk again
    is_new = shown is None or shown[:-1] != here or other_handle
    if is_new or is_here:
        room.hide(st.session_state.get(HIDDEN, ()))  # before the place: nothing is seen for a moment
    if is_new:
        serial = room.show_run(run) if run is not None else room.show_page(page)
        st.session_state[SHOWN] = (*here, serial)


def _offer() -> None:
    st.markdown("Your students see on their own screens what you show here. They can look, but not act.")
    if this_browser() is None:
        st.caption("Sharing needs the cookie of this page. Allow cookies for it, then reload the page.")
        return
    if st.button("Share with a class", key="share_start", type="primary", icon=":material/qr_code_2:"):
        _start()
        st.rerun()  # the whole page, also from inside a fragment


def _shared(room: Classroom) -> None:
    link = short_link(room.code)
    data = {"part": "card", "code": room.code, "link": link, "qr": qr_code(link)}
    _mount(key="class_card", data=data)
    if urlsplit(link).hostname in [name.strip("[]") for name in LOOPBACK]:
        st.caption("Only this computer can open the link. For a class, start the app with `make class`.")
    if st.button("Stop sharing", key="share_stop", icon=":material/stop_circle:", type="primary",
                 help="Everybody is cut off at once, and the answers are deleted."):  # fmt: skip
        classes.end(room)
        forget_place()
        st.rerun()
    with st.expander("Ask the class"), st.form("ask_the_class", border=False):
        st.text_input("Question", key="ask_text", max_chars=LONGEST_QUESTION)
        for letter in CHOICES:
            word = f"Answer {letter}" + (" (may stay empty)" if letter > "B" else "")
            st.text_input(word, key=f"ask_{letter}", max_chars=LONGEST_CHOICE)
        st.segmented_control("Right answer, if there is one", CHOICES, key="ask_right")
        st.form_submit_button("Ask", type="primary", on_click=_ask, args=(room,))


def _start() -> None:
    owner = this_browser()
    try:
        if owner is not None:
            classes.open(owner)
    except ValueError as error:
        st.session_state[REFUSED] = escaped(str(error))


def forget_place() -> None:
    """What this tab shows is shown to the class anew with the next run of the script, if there is a class."""
    st.session_state.pop(SHOWN, None)


def _ask(room: Classroom) -> None:
    texts = {letter: st.session_state[f"ask_{letter}"].strip() for letter in CHOICES}
    filled = [letter for letter in CHOICES if texts[letter]]
    right = st.session_state["ask_right"]
    try:
        if right is not None and right not in filled:
            raise ValueError(f"The right answer is {right}, and answer {right} is empty.")
        answer = filled.index(right) if right is not None else None
        room.ask(st.session_state["ask_text"], [texts[letter] for letter in filled], answer)
    except ValueError as error:
        st.session_state[REFUSED] = escaped(str(error))


def short_link(code: str) -> str:
    """The address that a class types or scans."""
    parts = urlsplit(str(st.context.url or ""))
    return urlunsplit((parts.scheme, parts.netloc, f"{base_path()}/f/{code}", "", ""))


def qr_code(link: str) -> str:
    """The link as a QR code: SVG, black on white in both themes, with the quiet zone that readers need."""
    return str(segno.make(link, error="m", micro=False).svg_inline(light="#fff", border=4, omitsize=True))
