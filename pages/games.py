"""Games and equilibria: two players with a few actions each, on one screen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.figures.games import motion as motion_figures
from gan_core.figures.games import payoffs as payoff_figures
from gan_core.figures.games import table
from gan_core.figures.games import time as time_figures
from gan_core.figures.games import value as value_figures
from gan_core.figures.games.numbers import chances
from gan_core.figures.games.words import equilibria_rows, equilibria_said
from gan_core.parameters.games import (
    COLUMN_KEYS,
    EXPECTED,
    GAMES,
    HEIGHTS,
    LENGTH,
    ROW_KEYS,
    RULE_OF,
    SPAN,
    START,
    WEIGHTS,
    mixture,
)
from gan_core.theory.learning import FLOWS, motion
from gan_core.theory.payoffs import Game, Preset, action_names
from ui.address import check_address
from ui.games_words import PLAYS, SCENES, with_words
from ui.payoff_table import edited_table, follow_address, is_own, take_table
from ui.plots import clicked, plots
from ui.sharing import share_button

ROW_HEIGHT = 249  # px of a row of charts; two and the bar fill a window of 720


def take_scene(name: str) -> None:
    """Set every control, and play."""
    st.session_state.update(SCENES[name])
    st.session_state[PLAYS] = st.session_state.get(PLAYS, 0) + 1
    take_table(GAMES[SCENES[name]["game"]].table)


def strategies(game: Game, preset: Preset) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Sliders of both players: a probability in a 2 x 2 game, else a weight for each action."""
    players, names = preset.players, action_names(preset, game)
    if game.shape == (2, 2):
        chosen = []
        for side, who, key in zip(("generator", "discriminator"), (0, 1), START, strict=True):
            with st.container(key=side):
                label = f"{key}: {players[who]} plays ‘{names[who][0]}’"
                chosen.append(st.slider(label, 0.0, 1.0, START[key], 0.01, key=key, bind="query-params"))
        return (chosen[0], 1 - chosen[0]), (chosen[1], 1 - chosen[1])
    found = []
    sides = zip(("generator", "discriminator"), st.columns(2), (ROW_KEYS, COLUMN_KEYS), strict=True)
    for who, (side, place, keys) in enumerate(sides):
        with place, st.container(key=side, gap=None):
            found.append(weighed(players[who], names[who], keys))
    return found[0], found[1]


def weighed(player: str, names: tuple[str, ...], keys: tuple[str, ...]) -> tuple[float, ...]:
    """A weight for each action, with its probability beside its name."""
    st.markdown(f":small[**{player}** plays · weight]")
    weights = [weight_of(key, weight) for _, key, weight in zip(names, keys, WEIGHTS, strict=False)]
    if not any(weights):
        st.caption(f"All weights of {player} are 0, so all actions are equally likely.")
    mixed = mixture(weights)
    for name, key, weight, share in zip(names, keys, WEIGHTS, chances(mixed), strict=False):
        st.slider(f"{name} {share}", 0.0, 1.0, weight, 0.01, key=key, bind="query-params")
    return mixed


def weight_of(key: str, default: float) -> float:
    """The coming value of the slider `key`: its label contains a result of it and is written first."""
    if key in st.session_state:
        return float(st.session_state[key])
    try:
        return float(EXPECTED[key](st.query_params.get(key, str(default))))
    except ValueError:  # said in a sentence above the page
        return default


def take_click() -> None:
    """A click in the square of a 2 x 2 game chooses the start."""
    click = clicked("games")
    if click is not None and click.chart == "square":
        st.session_state["p"] = round(min(max(click.x, 0.0), 1.0), 2)
        st.session_state["q"] = round(min(max(click.y, 0.0), 1.0), 2)


def pictures(profile: table.Profile, rule: str, span: int, height_of: int) -> dict[str, dict[str, Any]]:
    """All charts of the page, in their order."""
    moved = motion(profile.game, rule, profile.row, profile.column, span)
    marks, replies = table.table_info(profile), table.replies_info(profile)
    drawn = {
        "table": (table.table_figure(marks), table.table_said(marks)),
        "replies": (table.replies_figure(replies), table.replies_said(replies)),
    }
    if profile.game.is_zero_sum:
        value = value_figures.minimax_info(profile)
        drawn["value"] = value_figures.minimax_figure(value), value_figures.minimax_said(value)
    else:
        payoffs = payoff_figures.payoffs_info(profile)
        drawn["payoffs"] = payoff_figures.payoffs_figure(payoffs), payoff_figures.payoffs_said(payoffs)
    if profile.game.shape == (2, 2):
        square = motion_figures.square_info(profile, moved)
        drawn["square"] = motion_figures.square_figure(square), motion_figures.square_said(square)
        surface = value_figures.surface_info(profile, moved, height_of)
        drawn["surface"] = value_figures.surface_figure(surface), value_figures.surface_said(surface)
    else:
        simplex = motion_figures.simplex_info(profile, moved)
        drawn["simplex"] = motion_figures.simplex_figure(simplex), motion_figures.simplex_said(simplex)
    over = time_figures.time_info(profile, moved)
    drawn["time"] = time_figures.time_figure(over), time_figures.time_said(over)
    named = {name: with_words(name, *pair) for name, pair in drawn.items()}
    if "simplex" in named:
        named["table"]["span"] = [1, 2]  # a larger table needs the room the surface leaves
    return named


def choose_game() -> Game:
    """The game and its table."""
    heading = st.container()
    title = st.selectbox("Game", list(GAMES), key="game", bind="query-params", on_change=take_table,
                         label_visibility="collapsed")  # fmt: skip
    follow_address()
    game = edited_table()
    if is_own():  # known only after the editor has been read
        heading.markdown(f":small[**Your own table**, made from {title}]")
    return game


def top_row() -> str:
    """The scenes, and the rule by which the players move, which is returned."""
    with st.container(horizontal=True, vertical_alignment="center", key="scenes"):
        for name in SCENES:
            st.button(
                name, key=f"scene {name}", icon=":material/theaters:", on_click=take_scene, args=(name,)
            )
        st.markdown("Motion", width="content")
        rule = st.selectbox("Motion: rule of the players", list(RULE_OF), key="rule", bind="query-params",
                            width=180, label_visibility="collapsed")  # fmt: skip
        share_button("games")
    return RULE_OF[rule]


def findings_and_span(profile: table.Profile, rule: str) -> int:
    """The lesson of the game, its equilibria, and the length of the motion, which is returned."""
    preset = GAMES[st.session_state["game"]]
    lesson = f"Your own table, made from {preset.title}." if is_own() else preset.lesson
    said, cut = equilibria_said(profile)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{lesson}  \n**{said}**", width="stretch")
        if cut:
            with st.popover("All equilibria"):
                st.dataframe(equilibria_rows(profile), hide_index=True)
        st.markdown("Time" if rule in FLOWS else "Rounds", width="content")
        return st.slider("Time, or rounds", *SPAN, LENGTH, 5, key="span", bind="query-params", width=140,
                         label_visibility="collapsed")  # fmt: skip


def surface_of(profile: table.Profile) -> int:
    """Whose payoff the surface of a 2 x 2 game shows: 0 for the row player, 1 for the column player."""
    if profile.game.shape != (2, 2):
        return 0
    chosen = st.segmented_control(
        "Height of the surface: payoff of the", HEIGHTS, key="of", default=HEIGHTS[0], required=True,
        bind="query-params",
    )  # fmt: skip
    return HEIGHTS.index(chosen)


def instrument(game: Game, rule: str) -> None:
    """Sliders and charts, in one fragment: a slider or a click runs nothing else again."""
    preset = GAMES[st.session_state["game"]]
    with st.container(key="numbers"):
        row, column = strategies(game, preset)
        profile = table.Profile(game, preset.players, *action_names(preset, game), row, column)
        height_of = surface_of(profile)
    with st.container(key="pictures"):
        span = findings_and_span(profile, rule)
        plots(
            pictures(profile, rule, span, height_of), key="games", columns=3, height=ROW_HEIGHT,
            on_click=take_click, play=st.session_state.get(PLAYS, 0),
        )  # fmt: skip


def body() -> None:
    """Menus and table above the sliders, and the charts beside both."""
    rule = top_row()
    with st.container(key="beside"):
        with st.container(key="menus"):
            game = choose_game()
        st.fragment(instrument)(game, rule)


check_address("games", EXPECTED)
with st.container(key="games_page"):
    body()
