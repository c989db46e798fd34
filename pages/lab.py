"""The lab: how far the real networks are from equilibrium."""

from __future__ import annotations

import streamlit as st

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.parameters.inside import INSIDE, why_not
from gan_core.parameters.lab import BESIDE, DIRECTIONS, EXPECTED, MEASURES, VIEWS
from ui import beside, inside
from ui.address import kept_a_while, left_out, warn
from ui.game_page import play_or_pause
from ui.lab import (
    REFUSED,
    ask,
    ask_all,
    asked,
    charts,
    measure_row,
    measures_of,
    refresh,
    run_of_the_lab,
)
from ui.live_words import title_of
from ui.plots import plots
from ui.saved import open_saved
from ui.sharing import share_button

SECONDS = 0.5  # between two looks at jobs under way
CHOSEN = "lab_chosen_step"  # session state: where the slider of steps stands
ONCE = "lab_link"  # session state: the measure that the address asked for, once it has been started


def top_row(run: RunHandle) -> tuple[str, str]:
    """The run, its transport, the view; returns the view and the directions of the surface."""
    with st.container(horizontal=True, vertical_alignment="center", key="scenes"):
        view = st.segmented_control(
            "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params",
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        directions = next(iter(DIRECTIONS))
        if view == "Saddle":
            directions = st.segmented_control(
                "Directions", DIRECTIONS, default=directions, required=True, key="directions",
                bind="query-params", label_visibility="collapsed", width="content",
                help="Of the surface: the main ones of the next 60 steps, the last update, or random ones.",
            )  # fmt: skip
        word, icon = ("Pause", "pause") if run.wants_to_play else ("Play", "play_arrow")
        st.button(word, key="play", icon=f":material/{icon}:", shortcut="K", width=110,
                  on_click=play_or_pause, args=(run,), disabled=run.state == "stopped")  # fmt: skip
        st.markdown(f"{title_of(run.settings)}, step {run.step:,}", width="content")
        with st.popover("Other run", key="other_run"):
            st.caption("The lab measures the run of this tab: the one on “Live GAN” or “Toy data”.")
            open_saved(run)
        share_button("lab")
    return view, directions


def moment(run: RunHandle) -> int | None:
    """The step to be measured: None for the newest checkpoint."""
    newest = run.checkpoint_step or 0
    earlier = st.toggle(
        "An earlier step", key="lab_earlier", disabled=newest < 1, value="step" in st.query_params,
        help="The game is repeated up to there, from the nearest checkpoint.",
    )  # fmt: skip
    if not earlier or newest < 1:
        st.session_state.pop(CHOSEN, None)
        return None
    # Each new checkpoint makes the slider longer, which makes it a new one: it keeps the step all the same.
    at = min(st.session_state.get(CHOSEN, wanted_step(newest)), newest)
    step = int(st.slider("Step", 0, newest, key="lab_step", value=at))
    st.session_state[CHOSEN] = step
    return step


def wanted_step(newest: int) -> int:
    """The step that a link names, else the newest one."""
    text = st.query_params.get("step", "")
    return int(text) if text.isdecimal() else newest


def of_the_link(run: RunHandle, directions: str, step: int | None) -> None:
    """A link may ask for a measure: it is started once the run has something to be measured."""
    what = st.query_params.get("what") or st.session_state.get("what")  # a scene of a lesson asks, too
    is_new = st.session_state.get(ONCE) != (run.name, what)
    if what in MEASURES and is_new and run.checkpoint_step is not None:
        st.session_state[ONCE] = run.name, what
        ask(run, what, directions, step)


def body(run: RunHandle, said: list[str], timer: float | None) -> None:
    """Measures left, charts right.

    `said`: what is wrong with the address. `timer`: seconds between two runs of this, if it is run again.
    """
    run.look()
    refused = st.session_state.pop(REFUSED, None)
    warn([*said, *([refused] if refused else [])])
    view, directions = top_row(run)
    if view == INSIDE:
        inside_view(run)
    elif view == BESIDE:
        beside_view(run)
    else:
        measures_view(run, view, directions)
    busy = bool(shared_engine().lab.active(run)) or run.is_busy
    if (SECONDS if busy else None) != timer:
        st.rerun()


def measures_view(run: RunHandle, view: str, directions: str) -> None:
    """The measures of a view as buttons, and its charts."""
    left, right = st.columns([1, 4.6], gap="small")
    with left, st.container(key="lab_measures"):
        step = moment(run)
        of_the_link(run, directions, step)
        for what in measures_of(run, view):
            measure_row(run, what, directions, step)
        st.button("Measure all", key="ask_all", width="stretch", type="primary", on_click=ask_all,
                  args=(run, view, directions, step))  # fmt: skip
        again = again_toggle()
        if run.step == 0 and not run.wants_to_play:
            st.caption("The game has not begun: press Play first.")
    if again and step is None and run.checkpoint_step:
        refresh(run, view, directions)
    with right:
        with run.lock:
            drawn = charts(run, view, directions, step)
        plots(drawn, key="plots_lab", columns=2, height=292)


def again_toggle() -> bool:
    """Whether new checkpoints are measured without being asked for."""
    return st.toggle("Measure again while it plays", key="lab_again",
                     help="At new checkpoints. A measure takes at most 5 % of the time.")  # fmt: skip


def inside_view(run: RunHandle) -> None:
    """Controls of one picture, and the picture: made without a button, except that of an earlier step."""
    left, right = st.columns([1, 4.6], gap="small")
    with left, st.container(key="lab_measures"):
        what = inside.choose_picture()
        fits = why_not(what, run.settings) is None
        options = inside.choose_options(run, what) if fits else {}
        again, step = again_toggle(), moment(run)
        refused = None
        if fits and step is None:
            refused = inside.follow(run, what, options, again=again)
        elif fits and st.button(f"Make it for step {step:,}", key="make_picture", width="stretch"):
            refused = asked(run, what, options, step)
        if refused:
            st.caption(f":material/error: {refused}")
        inside.status(run, what, options)
    with right:
        with run.lock:
            drawn = {what: inside.picture(run, what, options, step)}
        plots(drawn, key="plots_lab", columns=2, height=292)


def beside_view(run: RunHandle) -> None:
    """This run and another one at the same second of training."""
    left, right = st.columns([1, 4.6], gap="small")
    with left, st.container(key="lab_measures"):
        here, other = beside.this_run(run), beside.choose_other(run)
        runs = [played for played in (here, other) if played is not None]
        second = beside.choose_second(runs) if runs else 0.0
    with right:
        with run.lock:
            drawn = beside.charts(here, other, second)
        plots(drawn, key="plots_lab", columns=2, height=194)


complaints = left_out("lab", EXPECTED)
run, not_had = run_of_the_lab()
said = kept_a_while([*complaints, *([not_had] if not_had else [])])
seconds = SECONDS if shared_engine().lab.active(run) or run.is_busy else None
st.fragment(body, run_every=seconds)(run, said, seconds)
