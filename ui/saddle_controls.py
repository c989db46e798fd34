"""Controls of the saddle page: the game, the methods and all their numbers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.parameters.knobs import on_grid
from gan_core.parameters.saddle import (
    BASE,
    CHOICES,
    DEFAULTS,
    FIRST,
    GAMES,
    KNOBS,
    METHOD_OF,
    NO_RIVAL,
    axes_of,
    extras_of,
    first_key,
    own_knobs,
    titles_of,
)
from ui.knobs import knob_slider

PLAYS = "saddle_plays"  # session state: how often the motion was asked for
ROOM = 3
"""The number of sliders and choices that fit under the menus on a small projector."""

SCENES: dict[str, dict[str, Any]] = {
    "Simultaneous steps diverge": {"method": "Simultaneous"},
    "Alternating steps cycle": {"method": "Alternating"},
    "Extragradient converges": {"method": "Extragradient", "eta_x": 0.3, "eta_y": 0.3},
}


def players_of(game: str) -> dict[str, str]:
    """Names of both players, for {x} and {y} in the texts of KNOBS."""
    x, y, _ = (axis.split(",")[0] for axis in axes_of(game))
    return {"x": x, "y": y}


def knob(name: str, game: str) -> Any:
    """The slider of KNOBS[name]; its value."""
    made = KNOBS[name]
    label, meaning = (text.format(**players_of(game)) for text in (made.label, made.help))
    return knob_slider(name, made._replace(label=label, help=meaning))


def take_scene(name: str) -> None:
    """Sets every choice to its default or to the value of the scene, and plays."""
    st.session_state.update(DEFAULTS | SCENES[name])
    play_motion()


def play_motion() -> None:
    """Have the charts play from the start."""
    st.session_state[PLAYS] = st.session_state.get(PLAYS, 0) + 1


def place(**values: float) -> None:
    """Moves sliders, after a click on a chart."""
    for name, value in values.items():
        st.session_state[name] = on_grid(KNOBS[name], value)


def choose_game() -> dict[str, str]:
    """The menu of games."""
    return {"game": str(st.selectbox("Game", GAMES, key="game", bind="query-params",
                                     label_visibility="collapsed"))}  # fmt: skip


def choose_methods() -> dict[str, str]:
    """The menus of methods: the first one, and its rival."""
    title = st.selectbox("Method, and a second one", list(METHOD_OF), key="method", bind="query-params")
    rival = st.selectbox("Compare with", (NO_RIVAL, *METHOD_OF), key="rival", bind="query-params",
                         label_visibility="collapsed")  # fmt: skip
    return {"method": title, "rival": rival}


def numbers_of(chosen: dict[str, Any]) -> dict[str, Any]:
    """All values of the page: `chosen` in the menus, and the sliders' own."""
    game = chosen["game"]
    values = DEFAULTS | chosen
    values |= {name: knob_slider(name, KNOBS[name]) for name in own_knobs(game)}
    return other_numbers(values | step_sizes(game))


def step_sizes(game: str) -> dict[str, float]:
    """The sliders of both step sizes, in the colours of the players."""
    numbers = {}
    for player, name in (("generator", "eta_x"), ("discriminator", "eta_y")):
        with st.container(key=player):
            numbers[name] = knob(name, game)
    return numbers


def other_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """`values`, and controls of the methods, in the popover if there is no room; start and length."""
    game, extras = values["game"], extras_of(titles_of(values))
    has_room = len(own_knobs(game)) + len(extras) <= ROOM
    if has_room:
        values = _numbers(values, extras)
    label = "Start and length" if has_room else "Start, length, method"
    with st.popover(label, icon=":material/tune:", key="more_popover", width="stretch"):
        if not has_room:
            values = _numbers(values, extras)
        return values | {name: knob(name, game) for name in ("x0", "y0", "steps")}


def _numbers(values: dict[str, Any], extras: tuple[str, ...]) -> dict[str, Any]:
    values = values | {name: knob(name, values["game"]) for name in extras if name in KNOBS}
    if "base" in extras:
        values["base"] = st.segmented_control(
            "Steps of the cycle", BASE, default=BASE[0], required=True, key="base", bind="query-params"
        )
    key = first_key(values)
    if key is not None:
        values[key] = st.segmented_control(
            "Who moves first", FIRST[key], default=CHOICES[key][0], required=True, key=key,
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    return values
