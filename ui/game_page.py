"""A page that plays a game: two players left and right, the game between them, the transport above."""

from __future__ import annotations

import streamlit as st

from gan_core.engine.handle import RunHandle, Who
from gan_core.presets import (
    ALL_PRESETS,
    TOY,
    beside,
    nearest_preset,
    page_of,
    preset_of,
    preset_settings,
    presets_for,
)
from gan_core.settings import SettingsError, make_settings
from ui.address import escaped, warn
from ui.board import board
from ui.controls import live_controls, new_game_form
from ui.frames import stand_of
from ui.lesson_place import opened_panel
from ui.live_words import changes_of, title_of
from ui.optimises import optimises
from ui.own_data import own_data
from ui.play_until import play_until
from ui.saved import open_saved
from ui.session import complain, complaints, current_run, link_to, restart, write_address
from ui.sharing import share_button

WHO: dict[str, Who] = {"both": "both", "only D": "discriminator", "only G": "generator"}


def transport(run: RunHandle) -> None:
    """Play, step, reset; preset, seed, new game, link."""
    with st.container(horizontal=True, vertical_alignment="center", key="transport"):
        word, icon = ("Pause", "pause") if run.wants_to_play else ("Play", "play_arrow")
        st.button(
            word, key="play", icon=f":material/{icon}:", shortcut="K", type="primary", width=120,
            on_click=play_or_pause, args=(run,), disabled=run.state == "stopped",
        )  # fmt: skip
        st.button(
            "Step", key="step", icon=":material/skip_next:", shortcut="S", on_click=step_once, args=(run,),
            help="One step of training, then stand still.", disabled=run.state == "stopped",
        )  # fmt: skip
        st.button(
            "Slow", key="slowly", on_click=step_slowly, args=(run,),
            help="One step in slow motion: noise, G, D, losses, gradients, both moves.",
            disabled=run.state == "stopped",
        )  # fmt: skip
        play_until(run)
        st.segmented_control(
            "Who moves in a step", list(WHO), key="who", default="both", required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        st.button("Reset", key="reset", icon=":material/restart_alt:", on_click=restart,
                  args=(run, run.settings), help="The same game from its first step.")  # fmt: skip
        st.button("Undo", key="undo", icon=":material/undo:", on_click=run.undo_reset,
                  disabled=not run.kept, help=undo_words(run))  # fmt: skip
        preset_menu(run)
        preset_keys(run)
        seed_box(run)
        new_game_popover(run)
        optimises(run.settings)
        share_button(page_of(run.settings), run, link=link_to(run.settings))


def new_game_popover(run: RunHandle) -> None:
    """The form of a new game, and saved runs; a popover of each game's own: closed when a game begins."""
    box = st.container(key="new_game_box", width="content")
    with box, st.popover("New game", key=f"new_game_{run.game}"):
        if page_of(run.settings) == TOY:
            settings, own = st.tabs(["Settings", "Your data"])
            with settings:
                forms(run)
            with own:
                own_data(run)
        else:
            forms(run)


def forms(run: RunHandle) -> None:
    """Every structural setting, and saved runs."""
    new_game_form(run)
    open_saved(run)


def play_or_pause(run: RunHandle) -> None:
    """As the run stands now, not as it stood when the button was drawn: two quick keys are two turns."""
    with run.acting:
        if run.wants_to_play:
            run.pause()
        else:
            run.play()


def undo_words(run: RunHandle) -> str:
    """Where Undo leads."""
    if not run.kept:
        return "After a reset, a preset or a new game: back to the game before it."
    game = run.kept[-1]
    steps = game.history.steps.columns["step"]
    return f"Back to {title_of(game.settings)} at step {int(steps[-1]) if len(steps) else 0:,}."


def preset_menu(run: RunHandle) -> None:
    """Named scenes; as soon as a control leaves its scene, the label says what differs from it."""
    label, now = title_of(run.settings), preset_of(run.settings)
    if now in ALL_PRESETS:
        said = ALL_PRESETS[now].expect
    else:
        nearest, changes = changes_of(run.settings)
        label = f"{label} :small[{escaped('; '.join(f'{c.title} {c.value}' for c in changes))}]"
        said = f"{nearest}, but {'; '.join(f'{c.title} {c.value} instead of {c.before}' for c in changes)}."
    st.menu_button(
        label, list(presets_for(run.settings)), key="preset", icon=":material/theaters:", width=146,
        on_click=take_preset, args=(run,), format_func=lambda name: ALL_PRESETS[name].title,
        help=f"Scenes. Now: {escaped(said)}",
    )  # fmt: skip


def take_preset(run: RunHandle, name: str | None = None) -> None:
    """A game under the preset `name`, or under the one just chosen in the menu."""
    chosen = name or st.session_state["preset"]
    restart(run, preset_settings(chosen, **beside(run.settings)))


def preset_keys(run: RunHandle) -> None:
    """Buttons out of sight, which keys press (`ui/static/keytable.js`): the preset before, and the next."""
    names = list(presets_for(run.settings))
    now = names.index(nearest_preset(run.settings).name)
    with st.container(key="preset_keys", width="content"):
        for key, place in (("last_preset", now - 1), ("next_preset", now + 1)):
            name = names[place] if 0 <= place < len(names) else None
            st.button(key, key=key, on_click=take_preset, args=(run, name), disabled=name is None)


def seed_box(run: RunHandle) -> None:
    """A number; Enter or a click elsewhere starts a new game. Its key is fixed: it keeps the focus."""
    if st.session_state.get("seed") != str(run.settings.seed):
        st.session_state["seed"] = str(run.settings.seed)
    with st.container(horizontal=True, vertical_alignment="center", width="content", key="seed_box"):
        st.markdown(":small[Seed]", width="content")
        st.text_input(
            "Seed", key="seed", width=72, label_visibility="collapsed", on_change=reseed, args=(run,)
        )


def reseed(run: RunHandle) -> None:
    try:
        settings = make_settings(run.settings.model_dump() | {"seed": st.session_state["seed"].strip()})
    except SettingsError as error:
        complain(run.settings, [f"No new game: {error}"])
        return
    complain(settings, [])
    if settings != run.settings:
        restart(run, settings)


def step_once(run: RunHandle) -> None:
    with run.acting:
        run.pause()
        run.step_by_hand(1, WHO[st.session_state["who"]])


def step_slowly(run: RunHandle) -> None:
    """One step of both players; the board then shows its parts."""
    with run.acting:
        run.pause()
        run.step_by_hand(1, "both", slowly=True)


def say_why_it_stopped(run: RunHandle) -> None:
    """The problem, and the way back if there is one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.error(run.problem, icon=":material/error:", width="stretch")
        if run.checkpoint_step is not None:
            st.button(f"Back to step {run.checkpoint_step:,}", icon=":material/undo:",
                      on_click=run.restore, help="The last good checkpoint.")  # fmt: skip


def game_page(page: str) -> None:
    """The whole page, at that place in the address."""
    run = current_run(page)
    write_address(run)
    # Always there, and empty mostly: the board under it must not move and begin anew.
    with st.container(key="notices"):
        warn(complaints(run))
        if run.state == "stopped":
            say_why_it_stopped(run)

    transport(run)
    left, middle, right = st.columns([1, 5, 1], gap="small")
    with left, st.container(key="discriminator"):
        st.markdown("**Discriminator** D")
        live_controls(run, "discriminator")
    with right, st.container(key="generator"):
        st.markdown("**Generator** G")
        live_controls(run, "generator")
    with middle:
        with run.lock:
            stand = stand_of(run)
        board(run, stand, key="board", opens=opened_panel())
