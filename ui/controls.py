"""Widgets drawn from the settings' own declarations.

A live control acts on the run the moment it is moved. Structural controls stand together in a form
and start a new game. No page names a range, a help text or a default.

Each game has widgets of its own (`control_key`). What a browser still says of an earlier game's widgets, a
moment after a preset was taken, is passed over: Streamlit calls their callbacks once more.
"""

from __future__ import annotations

import math
from typing import Any, get_args

import streamlit as st

from gan_core.engine.cost import parameters_of
from gan_core.engine.handle import RunHandle
from gan_core.parameters.rules import saddle_address, saddle_leaves_out
from gan_core.rules import OWN
from gan_core.settings import (
    Data,
    Settings,
    SettingsError,
    choices,
    field,
    field_names,
    is_live,
    limits,
    sample_of,
    trait,
)
from gan_core.theory.objectives import OBJECTIVES
from gan_core.typed import option_title
from ui.session import on_gpu, restart

MAIN: dict[str, tuple[str, ...]] = {
    "discriminator": ("smoothing", "discriminator_lr", "discriminator_activation", "r1_gamma"),
    "generator": ("generator_lr", "generator_activation", "objective", "rule", "ema_decay"),
}
"""Always in sight; a player's other live controls stand under More."""

MARKS: dict[str, tuple[float, ...]] = {
    "ema_decay": (0.0, 0.9, 0.99, 0.995, 0.999, 0.9995, 0.9999),
    "adam_beta2": (0.0, 0.9, 0.99, 0.999, 0.9999),
    "r2_gamma": (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    "gp_lambda": (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    "r1_gamma": (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    "historical_averaging": (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0),
    "consensus_gamma": (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
}
"""Where a slider stops whose useful values crowd at one end, or begin with 0 and span decades."""

GAME = [
    name for name in field_names()
    if not is_live(name) and trait(name, "player") == "game" and name != "drawn"
]  # fmt: skip
TRAINING = [name for name in GAME if name.startswith(("adam", "sgd", "optimizer"))]
FORM: dict[str, list[str]] = {
    "Discriminator": [n for n in field_names() if not is_live(n) and trait(n, "player") == "discriminator"],
    "Generator": [n for n in field_names() if not is_live(n) and trait(n, "player") == "generator"],
    "Optimisers": TRAINING,
    "Game": [name for name in GAME if name not in TRAINING and name != "seed"],
}
"""The New game form, column by column."""


FOR_DIGITS = ("architecture", "conditional", "minibatch_discrimination")
"""Fields of the form that a game of points does not have."""
REFUSED = "refused"  # session state: why the form did not start a game


def live_controls(run: RunHandle, player: str) -> None:
    """All live controls of one player, acting on `run`."""
    names = [n for n in field_names() if is_live(n) and trait(n, "player") == player]
    for name in MAIN.get(player, ()):
        live_control(run, name)
    with st.expander("More", key=f"more_{player}"):
        for name in names:
            if name not in MAIN.get(player, ()):
                live_control(run, name)
        if player == "generator":
            rule_on_paper(run.settings)


def rule_on_paper(settings: Settings) -> None:
    """A link to the saddle page under the update rule in force."""
    said = f"Two players with one number each, under this update rule. {saddle_leaves_out(settings)}"
    st.page_link("../pages/saddle.py", label="This rule on paper", icon=":material/north_east:",
                 query_params=saddle_address(settings), help=said.strip())  # fmt: skip


def control_key(run: RunHandle, name: str) -> str:
    """The session key of a setting's widget in the present game."""
    return f"{name}_{run.game}"


def live_control(run: RunHandle, name: str) -> None:
    """The widget of one live setting."""
    key, value = control_key(run, name), getattr(run.settings, name)
    if st.session_state.get(key, value) != value:
        st.session_state[key] = value  # moved in another tab
    _widget(
        name, value, key=key, on_change=_apply, args=(run, name, key), idle=without_effect(name, run.settings)
    )


def without_effect(name: str, settings: Settings) -> str:
    """Why a live setting changes nothing under the rule or the loss of this game; nothing where it does."""
    if settings.rule not in OWN.get(name, (settings.rule,)):
        return f"No effect now: the update rule is {option_title(settings.rule)}."
    if name == "discriminator_batches" and not settings.discriminator_batch_norm:
        return "No effect now: D has no batch norm."
    objective = OBJECTIVES[settings.objective]
    title = option_title(objective.name)
    if name in ("smoothing", "fake_label") and not objective.uses_labels:
        return f"No effect now: the loss {title} has no labels."
    user = {"clip": "wgan_clip", "gp_lambda": "wgan_gp"}.get(name, objective.name)
    return "" if user == objective.name else f"No effect now: the loss is {title}."


@st.fragment
def new_game_form(run: RunHandle) -> None:
    """Every structural setting, and what such a run costs; a button starts a new game, or says what is wrong.

    A fragment: a choice changes the estimate, and nothing else of the page.
    """
    digits = sample_of(run.settings.data) == "digits"
    names = [name for names in FORM.values() for name in names if digits or name not in FOR_DIGITS]
    keys = {name: control_key(run, name) for name in names}
    with st.container(key="new_game_form", width=880):
        refused = st.session_state.pop(REFUSED, None)
        if refused:
            st.error(refused, icon=":material/error:")
        for column, (title, names) in zip(st.columns(len(FORM)), FORM.items(), strict=True):
            column.markdown(f"**{title}**")
            for name in names:
                if name in keys:
                    with column:
                        _widget(name, getattr(run.settings, name), key=keys[name])
        st.caption(cost_words(run, keys))
        started = st.button(
            "Start a new game", key=control_key(run, "start"), type="primary", icon=":material/restart_alt:",
            on_click=_start, args=(run, keys),
        )  # fmt: skip
    if started and not refused:
        st.rerun()


def cost_words(run: RunHandle, keys: dict[str, str]) -> str:
    """How many parameters a run has under these choices, and about how fast it plays on this machine."""
    try:
        settings = _chosen(run, keys)
    except SettingsError:
        return ""  # the button says what does not fit
    d, g = parameters_of(settings)
    players = f"D has {d:,} parameters, G has {g:,}."
    if on_gpu(settings):
        return f"{players} Trained on the GPU: how fast, only the game itself will tell."
    rate = float(f"{run.pace.steps_per_second(settings):.2g}")
    where = "this machine" if run.pace.is_measured else "a usual machine (this one has made no step yet)"
    return f"{players} Alone on {where}: about {rate:,.4g} steps/s."


def _chosen(run: RunHandle, keys: dict[str, str]) -> Settings:
    """The settings that the form says. Raises SettingsError."""
    chosen = {name: st.session_state[key] for name, key in keys.items()}
    drawn = run.settings.drawn if chosen["data"] == run.settings.data else ""  # for that data alone
    return run.settings.replace(**chosen, drawn=drawn)


def _start(run: RunHandle, keys: dict[str, str]) -> None:
    if any(key != control_key(run, name) for name, key in keys.items()):
        return  # see `_apply`
    try:
        settings = _chosen(run, keys)
    except SettingsError as error:
        st.session_state[REFUSED] = f"No new game: {error}"
        return
    restart(run, settings)


def _apply(run: RunHandle, name: str, key: str) -> None:
    if key != control_key(run, name):
        return  # a browser that has not heard of the present game yet speaks of the one before
    run.update(run.settings.replace(**{name: st.session_state[key]}))


def _widget(name: str, value: Any, *, key: str, idle: str = "", **change: Any) -> Any:
    """The widget that fits a setting's type, at `value` when it is new. `idle`: why it has no effect now."""
    info, span, words = field(name), limits(name), choices(name)
    unit = trait(name, "unit")
    help_text = f"{info.description} ({unit})" if unit else info.description
    help_text = f"{idle} {help_text}".lstrip()
    common: dict[str, Any] = {
        "label": info.title, "key": key, "help": help_text, "disabled": bool(idle), **change,
    }  # fmt: skip
    if name == "data":  # of the page that shows it
        digits = sample_of(value) == "digits"
        words = tuple(word for word in get_args(Data) if (sample_of(word) == "digits") == digits)
    if words is not None:
        return st.selectbox(options=words, index=words.index(value), format_func=option_title, **common)
    if info.annotation is str:
        return st.text_input(value=value, **common)
    if span is None:
        return st.toggle(value=value, **common)
    low, high = span
    if name in MARKS or trait(name, "log"):
        options = marks(name, value)
        return st.select_slider(options=options, value=value, format_func="{:.4g}".format, **common)
    if info.annotation is int:
        if high - low > 64:
            # Without limits: the box would keep its old value, without a word, where a new one does not fit.
            return st.number_input(value=value, step=1, **common)
        return st.slider(min_value=int(low), max_value=int(high), value=value, step=1, **common)
    return st.slider(min_value=low, max_value=high, value=value, step=0.01, format="%.2f", **common)


def marks(name: str, value: float) -> list[float]:
    """Where the slider of a setting stops: at its MARKS or on a logarithmic scale, and at `value`."""
    span = limits(name)
    assert span is not None
    return sorted({*(MARKS[name] if name in MARKS else log_scale(*span)), value})


def log_scale(low: float, high: float) -> list[float]:
    """1, 2, 5 in every decade from `low` to `high`."""
    decades = range(round(math.log10(low)), round(math.log10(high)) + 1)
    places = [float(f"{m}e{d}") for d in decades for m in (1, 2, 5)]
    return [place for place in places if low <= place <= high]
