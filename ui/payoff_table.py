"""The editable payoff table of the Games page; the address says it under `table`.

Session state `game` is the title of the preset chosen. The table is stored in the address, not in
the editor: every change writes it there, and a link reads it from there.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from gan_core.parameters.games import GAMES
from gan_core.theory.payoffs import (
    MAX_ACTIONS,
    Game,
    TableError,
    action_names,
    cells_of,
    game_of,
    game_of_text,
    is_zero_sum_text,
    made_zero_sum,
    resized,
    table_text,
)

SIZES = {f"{m} × {n}": (m, n) for m in range(1, MAX_ACTIONS + 1) for n in range(1, MAX_ACTIONS + 1)}

ROW_HEIGHT = 26  # px
LETTERS = {1: 20, 2: 10, 3: 5}  # letters of a name that fit over a column, by number of columns

# Session state: how often the editor began anew and the text of the last good table.
EDITOR, KNOWN = "games_editor", "games_known"


def take_table(text: str | None = None) -> None:
    """Starts the editor again with the table `text`, or with that of the game chosen."""
    write_table(text or GAMES[st.session_state["game"]].table)
    st.session_state[EDITOR] = st.session_state.get(EDITOR, 0) + 1


def write_table(text: str) -> None:
    """Writes the table into the address, unless it is the preset's own."""
    st.session_state[KNOWN] = text
    if is_own():
        st.query_params["table"] = text
    else:
        st.query_params.pop("table", None)


def follow_address() -> None:
    """Takes the table of the address, after a link was opened or followed inside the app."""
    preset = GAMES[st.session_state["game"]].table
    text = st.query_params.get("table", preset)
    if text == st.session_state.get(KNOWN):
        return
    try:
        game_of_text(text)
    except TableError:
        text = preset
    take_table(text)


def is_own() -> bool:
    """Whether the table differs from that of the game chosen."""
    return bool(st.session_state[KNOWN] != GAMES[st.session_state["game"]].table)


def resize() -> None:
    known = st.session_state[KNOWN]
    game = resized(game_of_text(known), *SIZES[st.session_state["size"]])
    take_table(table_text(game, zero_sum=is_zero_sum_text(known)))


def switch_zero_sum() -> None:
    """On: the column player gets minus the row player's payoffs. Off: the same game, both payoffs shown."""
    game, on = game_of_text(st.session_state[KNOWN]), st.session_state["zero_sum"]
    take_table(table_text(made_zero_sum(game) if on else game, zero_sum=on))


def edited_table() -> Game:
    """The payoff table, its size and its switch; in place of an unreadable table, the last good one."""
    known = st.session_state[KNOWN]
    game, zero_sum = game_of_text(known), is_zero_sum_text(known)
    rows, columns = action_names(GAMES[st.session_state["game"]], game)
    version = st.session_state[EDITOR]
    # The editor adds the reader's changes to the table it was given first, so that one must not change.
    if st.session_state.get("games_base", (None,))[0] != version:
        cells = cells_of(game, zero_sum=zero_sum)
        st.session_state["games_base"] = version, pd.DataFrame(cells, columns=list(columns), index=list(rows))
    with st.container(key="payoffs"):  # a name for the style sheet
        frame = st.data_editor(
            st.session_state["games_base"][1], key=f"games_cells_{version}", width="stretch",
            row_height=ROW_HEIGHT,
            column_config={
                "_index": st.column_config.Column(width=7 * max(map(len, rows)) + 18),
                **{
                    name: st.column_config.TextColumn(shortened(name, len(columns)), width=20)
                    for name in columns
                },
            },
        )  # fmt: skip
    texts = [[None if pd.isna(text) else str(text) for text in line] for line in frame.to_numpy().tolist()]
    try:
        game = game_of(texts, zero_sum=zero_sum)
        write_table(table_text(game, zero_sum=zero_sum))
    except TableError as error:
        st.error(f"{error} The charts show the last table that could be read.", icon=":material/error:")
    form_of_table(game, zero_sum)
    return game


def form_of_table(game: Game, zero_sum: bool) -> None:
    """The size, the zero-sum switch, and the button back to the preset's table."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.session_state.update(size="{} × {}".format(*game.shape), zero_sum=zero_sum)
        st.selectbox(
            "Size", list(SIZES), key="size", on_change=resize, label_visibility="collapsed", width=96
        )
        st.toggle("Zero-sum", key="zero_sum", on_change=switch_zero_sum,
                  help="Each cell has one payoff, the row player's. The column player gets minus that.",
                  )  # fmt: skip
        if is_own():
            st.button("", icon=":material/undo:", on_click=take_table, key="restore", type="tertiary",
                      help=f"Back to the table of {st.session_state['game']}")  # fmt: skip


def shortened(name: str, columns: int) -> str:
    """The name of an action where a column of the editor is too narrow for it."""
    room = LETTERS.get(columns, len(name))
    return name if len(name) <= room else f"{name[: room - 1]}…"
