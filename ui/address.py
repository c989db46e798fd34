"""What a link says and a page cannot use, as sentences.

A widget bound to the address takes its default, without a word, when the address holds a value that
does not fit, and it takes numbers in Python's spelling. A page therefore asks here before it draws its
widgets.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.errors import StreamlitAPIException

from gan_core.settings import OLD_NAMES, field_names
from gan_core.typed import Read, quoted

SHOWN = 4
"""Complaints that are written out."""

KEPT = "address_said"  # session state: what was said last of the address, and until when
KEPT_SECONDS = 20.0
LEFT_OUT = "left_out"  # session state: sentences about what was just taken out of the address

NAMES: dict[str, set[str]] = {
    "live": {"run", "preset", *field_names(), *OLD_NAMES},
    "toy": {"run", "preset", *field_names(), *OLD_NAMES},
    "games": {
        "game", "table", "p", "q", "rule", "span", "of", "r1", "r2", "r3", "r4", "r5", "c1", "c2",
        "c3", "c4", "c5",
    },
    "value": {
        "panel", "data_mean", "data_spread", "data_share", "g_mean", "g_spread", "g_share",
        "smoothing", "fake_label", "d_slope", "d_midpoint", "label", "verdict", "d_of_fake",
        "activation", "loss", "leaky_slope", "layers", "gain", "spread",
    },
    "saddle": {
        "game", "method", "rival", "per", "base", "first", "first_gan", "eta_x", "eta_y", "b", "a",
        "c", "gamma", "beta", "inner", "cycle", "pull", "x0", "y0", "steps", "wgan_gp",
        "instance_noise", "r1", "non_saturating_r1", "consensus",
    },
    "lab": {
        "run", "view", "what", "step", "directions", "picture", "between", "digit", "other", "crossing",
        "psi", "noise", "averaged", "noise_seed",
    },
}  # fmt: skip
"""The parameters that each page, by its place in the address, reads."""

EVERYWHERE = ("present", "lesson", "scene", "follow")
"""The parameters of presentation mode, of a lesson and of a class: they go along from page to page."""


def kept_everywhere() -> dict[str, str]:
    """What the address says of presentation mode, a lesson or a class."""
    return {name: st.query_params[name] for name in EVERYWHERE if name in st.query_params}


def belongs_elsewhere(page: str, name: str) -> bool:
    """Whether a parameter is not the page's own: every page's, or left after Back or in a changed link."""
    return name in EVERYWHERE or (name not in NAMES[page] and any(name in names for names in NAMES.values()))


def check_address(page: str, expected: Mapping[str, Read]) -> None:
    """Take what does not fit out of the address, begin the page anew without it, and say so there.

    Call it before the widgets: they read the address when they are drawn first.
    """
    warn(left_out(page, expected))


def left_out(page: str, expected: Mapping[str, Read]) -> list[str]:
    """`check_address`, with the sentences to be said by the caller."""
    assert expected.keys() == NAMES[page], f"NAMES does not say what the page {page} reads"
    complaints = complaints_of(page, expected, st.query_params.to_dict())
    gone = [name for name in complaints if _taken_out(name)]
    sentences = [*st.session_state.pop(LEFT_OUT, []), *complaints.values()]
    if gone:
        st.session_state[LEFT_OUT] = sentences
        st.rerun()
    return sentences


def kept_a_while(sentences: Sequence[str]) -> list[str]:
    """What to say now on a page that runs anew by itself: these sentences, or those of a moment before."""
    kept, until = st.session_state.get(KEPT, ([], 0.0))
    if sentences:
        kept, until = [*sentences], time.monotonic() + KEPT_SECONDS
    elif time.monotonic() >= until:
        kept = []
    st.session_state[KEPT] = kept, until
    return list(kept)


def complaints_of(page: str, expected: Mapping[str, Read], parameters: Mapping[str, str]) -> dict[str, str]:
    """A sentence for every parameter that no page knows, or whose value does not fit this page."""
    found = {}
    for name, text in parameters.items():
        if belongs_elsewhere(page, name):
            continue
        try:
            if name not in expected:
                raise ValueError(f"there is nothing named {quoted(name)} on this page.")
            expected[name](text)
        except ValueError as reason:
            said = f"{name} = {quoted(text)} does not fit: {reason}" if name in expected else str(reason)
            found[name] = f"Left out of the address: {said}"
    return found


def _taken_out(name: str) -> bool:
    try:
        del st.query_params[name]
    except StreamlitAPIException:  # a widget that is already drawn holds it, and writes its own value there
        return False
    return True


def warn(sentences: Sequence[str]) -> None:
    """All of them in one box that leaves room for the page."""
    if sentences:
        more = len(sentences) - SHOWN
        shown = [*sentences[:SHOWN], *([f"and {more} more like it."] if more > 0 else [])]
        st.warning("\n".join(f"- {escaped(sentence)}" for sentence in shown))


def escaped(text: str) -> str:
    """Whatever an address says, as plain words in Markdown."""
    return re.sub(r"([\\`*_\[\]<>$~])", r"\\\1", text)
