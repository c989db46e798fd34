"""Saddle dynamics: two players on one surface, every method, and what must come of it."""

from __future__ import annotations

import math

import streamlit as st

from gan_core import figures
from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.figures import dynamics, fate_map, foretold
from gan_core.figures.stage import Stage
from gan_core.figures.style import Figure
from gan_core.theory.value import equilibrium_output
from ui.address import complaints_of
from ui.arena import (
    EXPECTED,
    KNOBS,
    PER,
    SCENES,
    choose_game,
    choose_methods,
    knob,
    numbers_of,
    place,
    stage_of,
    take_scene,
)
from ui.plots import clicked, plots
from ui.saddle_words import WORDS, came, fate_sentence, kept, nature, radius_sentence, with_words
from ui.session import RUN

LIVE_SECONDS = 1.0
PLOTS = "plots_saddle"


def live_run() -> RunHandle | None:
    """The game this tab plays on the live page, if there is one."""
    name = st.session_state.get(RUN)
    return next((run for run in shared_engine().runs if run.name == name), None)


def take_click() -> None:
    """A click in the field moves the start; one on the map the step sizes and the coupling."""
    click = clicked(PLOTS)
    if click is None:
        return
    if click.chart == "field":
        place(x0=click.x, y0=click.y)
    elif click.chart == "map":
        eta_x, eta_y = st.session_state["eta_x"], st.session_state["eta_y"]
        place(eta_x=click.x, eta_y=click.x * eta_y / eta_x if eta_x else click.x)
        if "b" in st.session_state:
            place(b=math.copysign(click.y, st.session_state["b"]))


def top_row() -> dict[str, float]:
    """The way through this page in twenty seconds; where the game starts and how long it is."""
    with st.container(horizontal=True, vertical_alignment="center", key="scenes"):
        for number, name in enumerate(SCENES):
            st.button(name, key=f"scene_{number}", on_click=take_scene, args=(name,),
                      icon=f":material/counter_{number + 1}:")  # fmt: skip
        with st.popover("Start and length", icon=":material/tune:", key="start_popover"):
            numbers = {name: knob(name) for name in ("x0", "y0", "steps")}
        st.segmented_control("Time", PER, default=PER[0], required=True, key="per", bind="query-params",
                             label_visibility="collapsed", width="content")  # fmt: skip
        if live_run() is None:
            st.page_link("../pages/live.py", label="In a real GAN", icon=":material/play_circle:")
    return numbers


def choices(numbers: dict[str, float]) -> Stage:
    """All other controls, and what is played under them."""
    game = choose_game()
    title, rival = choose_methods()
    for player, name in (("generator", "eta_x"), ("discriminator", "eta_y")):
        with st.container(key=player):
            numbers[name] = knob(name)
    extra = numbers_of(title, rival)
    return stage_of(game, title, rival, numbers | extra, st.session_state["per"] == PER[1])


def remarks(stage: Stage) -> list[str]:
    """What a reader should know before looking."""
    setup, start = stage.played[0].setup, stage.played[0].record.path[0]
    found = [
        f"With step size 0 {who} stands still."
        for who, eta in (("x", setup.eta_x), ("y", setup.eta_y))
        if not eta
    ]
    if not start.any():
        found.append("The start is the equilibrium itself: nobody moves. Choose another one.")
    return found


def pictures(stage: Stage) -> dict[str, Figure]:
    """The charts of the stage, with their words."""
    radius = foretold.radius_info(stage)
    done = "; ".join(f"{p.title}: {came(p)}" for p in stage.played)
    drawn = {
        "surface": dynamics.surface_figure(dynamics.surface_info(stage)),
        "field": dynamics.field_figure(dynamics.field_info(stage)),
        "radius": foretold.radius_figure(radius),
        "spectrum": foretold.spectrum_figure(foretold.spectrum_info(stage)),
        "map": fate_map.map_figure(fate_map.map_info(stage, KNOBS["eta_x"].high, KNOBS["b"].high)),
    }
    said = {"radius": radius_sentence(radius), "spectrum": fate_sentence(stage)}
    said["surface"] = f"{WORDS['surface'].sentence} {nature(stage.game)}"
    return {
        name: figure | {"words": with_words(name, said.get(name, ""), f"{done}. {said.get(name, '')}")}
        for name, figure in drawn.items()
    }


def live_picture(run: RunHandle) -> Figure:
    """The real game of this tab over its own value surface."""
    run.look()
    expected = equilibrium_output(real_label=run.settings.smoothing, fake_label=run.settings.fake_label)
    with run.lock:
        figure = figures.saddle_figure(figures.saddle_info(run.history, math.inf, d_reference=expected))
    sentence = f"Your game at step {run.step:,}: D pulls one way, G the other, and their path turns as here."
    return figure | {"words": with_words("live", sentence)}


def show(stage: Stage, run: RunHandle | None) -> None:
    """All charts; the last one is the live game's, if there is one."""
    drawn = pictures(stage)
    if run is not None:
        drawn["live"] = live_picture(run)
    else:
        info = foretold.players_info(stage)
        said = f"{WORDS['players'].sentence} {kept(info)}".strip()
        words = with_words("players", said, f"{said} {came(stage.played[0])}.")
        drawn["players"] = foretold.players_figure(info) | {"words": words}
    plots(drawn, key=PLOTS, columns=3, height=268, on_click=take_click,
          play=st.session_state.get("saddle_plays", 0))  # fmt: skip


def body() -> None:
    """Controls and charts together: a click in a chart moves sliders, and both run anew at once."""
    numbers = top_row()
    left, right = st.columns([1, 5], gap="small")
    with left:
        stage = choices(numbers)
    with right:
        for remark in remarks(stage):
            st.caption(remark)
        show(stage, live_run())


for sentence in complaints_of(EXPECTED):
    st.warning(sentence)
run = live_run()
playing = run is not None and run.shown_state in ("playing", "queued", "loading")
st.fragment(body, run_every=LIVE_SECONDS if playing else None)()
