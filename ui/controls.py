"""Widgets drawn from the settings' own declarations.

A live control acts on the run the moment it is moved. Structural controls stand together in a form
and start a new game. No page names a range, a help text or a default.
"""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from gan_core.engine.handle import RunHandle
from gan_core.settings import (
    choices,
    field,
    field_names,
    is_live,
    limits,
    trait,
)

MAIN: dict[str, tuple[str, ...]] = {
    "discriminator": ("smoothing", "discriminator_lr", "discriminator_activation", "r1_gamma"),
    "generator": ("generator_lr", "generator_activation", "generator_loss", "ema_decay"),
}
"""Always in sight; a player's other live controls stand under More."""


def live_controls(run: RunHandle, player: str) -> None:
    """All live controls of one player, acting on `run`."""
    names = [n for n in field_names() if is_live(n) and trait(n, "player") == player]
    for name in MAIN.get(player, ()):
        live_control(run, name)
    with st.expander("More", key=f"more_{player}"):
        for name in names:
            if name not in MAIN.get(player, ()):
                live_control(run, name)


def live_control(run: RunHandle, name: str) -> None:
    """The widget of one live setting; its session key is the setting's name."""
    # The run's settings are the truth: presets, links and undo move the widget, too.
    st.session_state[name] = getattr(run.settings, name)
    _widget(name, key=name, on_change=_apply, args=(run, name))


def new_game_form(run: RunHandle) -> None:
    """A form with every structural setting; sending it starts a new game."""
    names = [name for name in field_names() if not is_live(name) and name != "seed"]
    with st.form("new_game", border=False):
        columns = st.columns(3)
        for column, player in zip(columns, ("discriminator", "generator", "game"), strict=True):
            column.markdown(f"**{player.capitalize()}**")
            for name in names:
                if trait(name, "player") == player:
                    st.session_state[f"new_{name}"] = getattr(run.settings, name)
                    with column:
                        _widget(name, key=f"new_{name}")
        st.form_submit_button(
            "Start a new game", type="primary", icon=":material/restart_alt:",
            on_click=_start, args=(run, names),
        )  # fmt: skip


def _start(run: RunHandle, names: list[str]) -> None:
    run.reset(run.settings.replace(**{name: st.session_state[f"new_{name}"] for name in names}))


def _apply(run: RunHandle, name: str) -> None:
    run.update(run.settings.replace(**{name: st.session_state[name]}))


def _widget(name: str, *, key: str, **change: Any) -> Any:
    """The widget that fits a setting's type; the session state already holds its value."""
    info, span, words = field(name), limits(name), choices(name)
    unit = trait(name, "unit")
    help_text = f"{info.description} ({unit})" if unit else info.description
    common: dict[str, Any] = {"label": info.title, "key": key, "help": help_text, **change}
    if words is not None:
        return st.selectbox(options=words, format_func=lambda word: word.replace("_", " "), **common)
    if span is None:
        return st.toggle(**common)
    low, high = span
    if trait(name, "log"):
        options = log_scale(low, high, st.session_state[key])
        return st.select_slider(options=options, format_func=lambda number: f"{number:.2g}", **common)
    if info.annotation is int:
        if high - low > 64:
            return st.number_input(min_value=int(low), max_value=int(high), step=1, **common)
        return st.slider(min_value=int(low), max_value=int(high), step=1, **common)
    step = slider_step(low, high, name)
    digits = max(0, round(-math.log10(step)))
    return st.slider(min_value=low, max_value=high, step=step, format=f"%.{digits}f", **common)


def log_scale(low: float, high: float, value: float) -> list[float]:
    """1, 2, 5 in every decade from `low` to `high`, and `value` itself wherever it lies."""
    decades = range(round(math.log10(low)), round(math.log10(high)) + 1)
    marks = {float(f"{m}e{d}") for d in decades for m in (1, 2, 5)}
    return sorted({mark for mark in marks if low <= mark <= high} | {value})


def slider_step(low: float, high: float, name: str) -> float:
    """Fine enough for the hand: a decay near 1 needs the third decimal, a wide range does not."""
    if name.endswith(("decay", "beta2")):
        return 0.0001
    return 0.01 if high - low <= 2 else 0.5
