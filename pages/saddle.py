"""Saddle dynamics: two players on one surface, ten methods, simulated and predicted."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.figures.live import saddle_figure, saddle_info
from gan_core.figures.saddle.convergence_map import map_figure, map_info, step_size_ratio
from gan_core.figures.saddle.distance import radius_figure, radius_info
from gan_core.figures.saddle.dynamics import field_figure, field_info, surface_figure, surface_info
from gan_core.figures.saddle.players import players_figure, players_info
from gan_core.figures.saddle.simulation import Simulation
from gan_core.figures.saddle.spectrum import spectrum_figure, spectrum_info
from gan_core.figures.style import Figure
from gan_core.parameters.rules import networks_address, networks_leave_out
from gan_core.parameters.saddle import COUPLED, EXPECTED, KNOBS, PER, simulation_of
from gan_core.presets import LIVE
from gan_core.theory.value import equilibrium_output
from ui.address import check_address
from ui.plots import clicked, plots
from ui.saddle_controls import PLAYS, SCENES, choose_game, choose_methods, numbers_of, place, take_scene
from ui.saddle_words import (
    came,
    field_sentence,
    map_sentence,
    players_sentence,
    prediction_sentence,
    radius_sentence,
    surface_sentence,
    with_words,
)
from ui.session import run_key
from ui.sharing import share_button

LIVE_SECONDS = 1.0
PLOTS = "plots_saddle"
LAST = ("live", "players")


def live_run() -> RunHandle | None:
    """The run of this tab on the live page, if there is one."""
    name = st.session_state.get(run_key(LIVE))
    return next((run for run in shared_engine().runs if run.name == name), None)


def take_click() -> None:
    """A click in the field moves the start; one on the map the step sizes, and the coupling if it is free."""
    click = clicked(PLOTS)
    if click is None:
        return
    if click.chart == "field":
        place(x0=click.x, y0=click.y)
    elif click.chart == "map":
        x, y = step_size_ratio(st.session_state["eta_x"], st.session_state["eta_y"])
        eta = min(click.x, KNOBS["eta_x"].high / max(x, y))  # the ratio stays, and with it the map
        place(eta_x=eta * x, eta_y=eta * y)
        if st.session_state["game"] in COUPLED:
            place(b=math.copysign(click.y, st.session_state["b"]))


def on_networks(values: dict[str, Any]) -> None:
    """A link to networks under the first method."""
    wanted, said = networks_address(values), networks_leave_out(values)
    st.page_link(
        "../pages/toy.py", label="In a real GAN", icon=":material/play_circle:", disabled=wanted is None,
        query_params=wanted, help=f"A GAN on a line, without a penalty, under this method. {said}".strip(),
    )  # fmt: skip


def top_row(run: RunHandle | None) -> tuple[str, bool]:
    """The scenes and two switches. Returns how time is counted, and whether the last chart shows the live
    run."""
    with st.container(horizontal=True, vertical_alignment="center", key="scenes"):
        for number, name in enumerate(SCENES):
            st.button(name, key=f"scene_{number}", on_click=take_scene, args=(name,),
                      icon=f":material/counter_{number + 1}:")  # fmt: skip
        per = st.segmented_control("Time", PER, default=PER[0], required=True, key="per", bind="query-params",
                                   label_visibility="collapsed", width="content")  # fmt: skip
        if run is None:
            share_button("saddle")
            return per, False
        last = st.segmented_control("Last chart", LAST, default=LAST[0], required=True, key="last",
                                    label_visibility="collapsed", width="content")  # fmt: skip
        share_button("saddle")
    return per, last == LAST[0]


def pictures(simulation: Simulation) -> dict[str, Figure]:
    """The charts of the simulation, with their words."""
    radius, players = radius_info(simulation), players_info(simulation)
    done = "; ".join(f"{p.title}: {came(p)}" for p in simulation.trajectories)
    coupled = st.session_state["game"] in COUPLED
    drawn = {
        "surface": (surface_figure(surface_info(simulation)), surface_sentence(simulation)),
        "field": (field_figure(field_info(simulation)), field_sentence(simulation)),
        "radius": (radius_figure(radius), radius_sentence(radius)),
        "spectrum": (spectrum_figure(spectrum_info(simulation)), prediction_sentence(simulation)),
        "map": (map_figure(map_info(simulation, KNOBS["eta_x"].high, KNOBS["b"].high)),
                map_sentence(simulation, coupled)),
        "players": (players_figure(players), players_sentence(players)),
    }  # fmt: skip
    return {
        name: figure | {"words": with_words(name, said, f"{done}. {said}")}
        for name, (figure, said) in drawn.items()
    }


def live_picture(run: RunHandle) -> Figure:
    """The live run of this tab on its value surface."""
    run.look()
    expected = equilibrium_output(real_label=run.settings.smoothing, fake_label=run.settings.fake_label)
    with run.lock:
        figure = saddle_figure(saddle_info(run.history, math.inf, d_reference=expected))
    sentence = f"Your live game at step {run.step:,}. D raises V and G lowers it, so the path can turn."
    return figure | {"words": with_words("live", sentence)}


def show(simulation: Simulation, live: RunHandle | None) -> None:
    """All charts; the last one shows the run `live`, if there is one."""
    drawn = pictures(simulation)
    if live is not None:
        del drawn["players"]
        drawn["live"] = live_picture(live)
    plots(drawn, key=PLOTS, columns=3, height=268, on_click=take_click,
          play=st.session_state.get(PLAYS, 0))  # fmt: skip


def instrument(chosen: dict[str, str], live: RunHandle | None) -> None:
    """Sliders and charts, in one fragment: a slider or a click runs nothing else again."""
    with st.container(key="numbers"):
        values = numbers_of(chosen)
        on_networks(values)
    with st.container(key="pictures"):
        show(simulation_of(values), live)


def body() -> None:
    """Menus above the sliders, and the charts beside both."""
    run = live_run()
    per, is_live = top_row(run)
    with st.container(key="beside"):
        with st.container(key="menus"):
            chosen = {"per": per, **choose_game(), **choose_methods()}
        st.fragment(instrument)(chosen, run if is_live else None)


check_address("saddle", EXPECTED)
run = live_run()
st.fragment(body, run_every=LIVE_SECONDS if run is not None and run.is_busy else None)()
