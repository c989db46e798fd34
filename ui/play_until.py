"""Play to a step and stand still there: steps, not seconds, are the same on every machine."""

from __future__ import annotations

import streamlit as st

from gan_core.engine.handle import RunHandle

ROUND = 500
"""The first offer is the next multiple of so many steps."""
LATEST = 1_000_000


def play_until(run: RunHandle) -> None:
    """A popover beside Play: a step, and a button that plays until it is made."""
    key = f"until_{run.game}"
    # A default, and not written to the widget's state: a browser that missed the first run would show 1.
    offer = st.session_state.setdefault(f"offer_{key}", (run.step // ROUND + 1) * ROUND)
    with st.popover("To step", key="play_to", help="Play to a step, then stand still.",
                    disabled=run.state == "stopped"):  # fmt: skip
        step = int(st.number_input("Stand still at step", 1, LATEST, offer, ROUND, key=key))
        st.button("Play to this step", key="play_until", icon=":material/play_arrow:", type="primary",
                  on_click=start, args=(run, key), disabled=run.step >= step)  # fmt: skip
        st.caption(said_of(run, step))


def start(run: RunHandle, key: str) -> None:
    """As the run stands when the button is pressed: it may have passed the step meanwhile."""
    run.play(until=int(st.session_state[key]))


def said_of(run: RunHandle, step: int) -> str:
    """What the run does about the step that is asked for."""
    if run.stop_at is not None:
        return f"Playing to step {run.stop_at:,}."
    if run.step >= step:
        return f"Step {step:,} is behind: the run is at step {run.step:,}. Choose a later one."
    return f"The run is at step {run.step:,}."
