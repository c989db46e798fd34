"""The live MNIST GAN: two players left and right, the game between them."""

from __future__ import annotations

import streamlit as st

from gan_core.engine.handle import RunHandle, Who
from gan_core.presets import PRESETS, preset_of, preset_settings
from gan_core.settings import Settings
from ui.board import board, seek_of
from ui.controls import control_key, live_controls, new_game_form
from ui.frames import Words, frame_of
from ui.saved import open_saved
from ui.session import complaints, current_run, link_to, write_address

LIVE_SECONDS = 0.2  # between two pictures of a playing run
STILL_SECONDS = 2.0  # a run that stands still is looked at for trouble only

WHO: dict[str, Who] = {"both": "both", "only D": "discriminator", "only G": "generator"}

WORDS = {
    "digits": Words(
        "Generated digits",
        "Each place keeps its own noise z, so you watch one digit grow.",
        "x = <i>G</i>(<i>z</i>), &nbsp; <i>z</i> fixed<br>verdict: <i>D</i>(x), the probability of 'real'",
        "Goodfellow et al. 2014, section 3. The images come from the average of G's weights.",
    ),
    "value": Words(
        "The value V",
        "D raises V, G lowers it; below, how far each one's own step moved it.",
        "<i>V</i> = E log <i>D</i>(x) + E log(1 − <i>D</i>(<i>G</i>(z)))<br>"
        "at equilibrium, labels α and β, <i>d</i> = (α + β)/2: &nbsp; log <i>d</i> + log(1 − <i>d</i>)<br>"
        "pull of a player = V after its step − V before, on one batch",
        "In nats. Goodfellow et al. 2014, eq. 1, Theorem 1; labels: Salimans et al. 2016, section 3.4.",
    ),
    "saddle": Words(
        "Saddle dynamics",
        "The height of the path is exactly V; the cross is the equilibrium.",
        "<i>V</i>(a, b) = log a + log(1 − b)<br>a = exp(E log <i>D</i>(x)) &nbsp; "
        "b = 1 − exp(E log(1 − <i>D</i>(<i>G</i>(z))))",
        "A map of Goodfellow et al. 2014, eq. 1: any D has the value of the constant answers a and b.",
    ),
    "outputs": Words(
        "What D answers",
        "Real and generated meet at the line where D cannot tell them apart.",
        "<i>D</i>*(x) = (α p(x) + β q(x)) / (p(x) + q(x)) &nbsp; so at p = q: (α + β)/2<br>"
        "α: label of real images (smoothing), β: of generated ones; bands: 10 % to 90 %",
        "Held-out digits, fresh fakes. Goodfellow et al. 2014, Prop. 1; Salimans et al. 2016, sec. 3.4.",
    ),
    "diagnosis": Words(
        "What is happening",
        "A name for what the numbers say, and what to try.",
        "<i>D</i> at its line is necessary for equilibrium, not sufficient: a weak <i>D</i> is there, too.",
        "Measured on held-out digits and fresh fakes.",
    ),
}


def transport(run: RunHandle) -> None:
    """Play, step, reset; preset, seed, new game, link."""
    with st.container(horizontal=True, vertical_alignment="center", key="transport"):
        going = run.wants_to_play
        word, icon, act = ("Pause", "pause", run.pause) if going else ("Play", "play_arrow", run.play)
        st.button(
            word, key="play", icon=f":material/{icon}:", shortcut="K", type="primary", width=120,
            on_click=act, disabled=run.state == "stopped",
        )  # fmt: skip
        st.button(
            "Step", key="step", icon=":material/skip_next:", shortcut="S", on_click=step_once, args=(run,),
            help="One step of training, then stand still.", disabled=run.state == "stopped",
        )  # fmt: skip
        st.segmented_control(
            "Who moves in a step", list(WHO), key="who", default="both", required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        st.button("Reset", key="reset", icon=":material/restart_alt:", on_click=restart,
                  args=(run, run.settings), help="The same game from its first step.")  # fmt: skip
        st.button("Undo", key="undo", icon=":material/undo:", on_click=run.undo_reset,
                  disabled=run.previous is None, help="Back to the game before the reset.")  # fmt: skip
        preset_menu(run)
        seed_box(run)
        with st.popover("New game", icon=":material/tune:", key="new_game_popover"):
            new_game_form(run)
            open_saved(run)
        with st.popover("Link", icon=":material/link:", key="link_popover"):
            st.caption("Opens a game of its own with these settings and this seed.")
            st.code(link_to(run.settings), language=None, wrap_lines=True)


def preset_menu(run: RunHandle) -> None:
    """Named scenes; its label says 'Custom' as soon as a control leaves the scene."""
    now = preset_of(run.settings)
    st.menu_button(
        PRESETS[now].title if now in PRESETS else "Custom", list(PRESETS), key="preset",
        icon=":material/theaters:", on_click=take_preset, args=(run,),
        format_func=lambda name: PRESETS[name].title,
        help=f"Scenes. Now: {PRESETS[now].expect if now in PRESETS else 'your own settings.'}",
    )  # fmt: skip


def take_preset(run: RunHandle) -> None:
    restart(run, preset_settings(st.session_state["preset"], seed=run.settings.seed, data=run.settings.data))


def seed_box(run: RunHandle) -> None:
    """A number; changing it starts a new game."""
    key = control_key(run, "seed")
    st.number_input(
        "Seed", key=key, value=run.settings.seed, min_value=0, max_value=2**31 - 1, width=130,
        icon=":material/casino:", label_visibility="collapsed", on_change=reseed, args=(run, key),
    )  # fmt: skip


def reseed(run: RunHandle, key: str) -> None:
    restart(run, run.settings.replace(seed=int(st.session_state[key])))


def restart(run: RunHandle, settings: Settings) -> None:
    """A new game that goes on playing if the old one did."""
    played = run.wants_to_play
    run.reset(settings)
    if played:
        run.play()


def step_once(run: RunHandle) -> None:
    run.pause()
    run.step_by_hand(1, WHO[st.session_state["who"]])


def show_board(run: RunHandle, seen: str) -> None:
    """The board; the page is run anew when the run's state is no longer what its buttons say."""
    run.look()
    board(frame_of(run, WORDS, seek_of("board")), key="board", on_seek=lambda: None)
    if run.shown_state != seen:
        st.rerun()


run = current_run()
write_address(run)
for sentence in complaints(run):
    st.warning(sentence)
if run.state == "stopped" and run.checkpoint_step is not None:
    st.error(run.problem, icon=":material/error:")
    st.button(f"Back to step {run.checkpoint_step:,}, the last good checkpoint", on_click=run.restore)

transport(run)
left, middle, right = st.columns([1, 5, 1], gap="small")
with left, st.container(key="discriminator"):
    st.markdown("**Discriminator** D")
    live_controls(run, "discriminator")
with right, st.container(key="generator"):
    st.markdown("**Generator** G")
    live_controls(run, "generator")
with middle:
    busy = run.shown_state in ("playing", "queued", "loading")
    st.fragment(show_board, run_every=LIVE_SECONDS if busy else STILL_SECONDS)(run, run.shown_state)
