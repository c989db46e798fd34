"""The Games page: its games, both players' strategies, the rules of motion; and the profile of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_core.figures.games.table import Profile
from gan_core.theory.learning import RULES
from gan_core.theory.payoffs import MAX_ACTIONS, PRESETS, Game, action_names, game_of_text
from gan_core.typed import Read, a_number, a_whole_number, one_of

# The address holds titles.
GAMES = {preset.title: preset for preset in PRESETS.values()}
RULE_OF = {title: rule for rule, title in RULES.items()}
HEIGHTS = ("row player", "column player")
"""Whose payoff the surface shows."""

SPAN = (5, 100)
LENGTH = 40
START = {"p": 0.8, "q": 0.6}
WEIGHTS = (0.6, 0.3, 0.1, 0.1, 0.1)
ROW_KEYS, COLUMN_KEYS = (tuple(f"{who}{i}" for i in range(1, MAX_ACTIONS + 1)) for who in ("r", "c"))

EXPECTED: dict[str, Read] = {
    "game": one_of(list(GAMES)),
    "table": game_of_text,
    "p": a_number(0, 1),
    "q": a_number(0, 1),
    **{name: a_number(0, 1) for name in (*ROW_KEYS, *COLUMN_KEYS)},
    "rule": one_of(list(RULE_OF)),
    "span": a_whole_number(*SPAN),
    "of": one_of(HEIGHTS),
}
DEFAULTS: dict[str, Any] = {
    "game": next(iter(GAMES)), **START, **dict(zip(ROW_KEYS, WEIGHTS, strict=True)),
    **dict(zip(COLUMN_KEYS, WEIGHTS, strict=True)), "rule": next(iter(RULE_OF)), "span": LENGTH,
    "of": HEIGHTS[0],
}  # fmt: skip
"""Without `table`: a game has its own."""


def profile_of(values: Mapping[str, Any]) -> Profile:
    """The game and both strategies that the page's values choose; a `table` takes the place of the game's."""
    preset = GAMES[values["game"]]
    game: Game = values.get("table") or preset.game
    weights = ([values[key] for key in keys] for keys in strategy_keys(game))
    if game.shape == (2, 2):
        weights = ([*each, 1 - each[0]] for each in weights)
    row, column = map(mixture, weights)
    return Profile(game, preset.players, *action_names(preset, game), row, column)


def strategy_keys(game: Game) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of both players' sliders: a probability in a 2 x 2 game, else a weight for each action."""
    if game.shape == (2, 2):
        row, column = START
        return (row,), (column,)
    return ROW_KEYS[: game.shape[0]], COLUMN_KEYS[: game.shape[1]]


def mixture(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights as probabilities; even where all are 0."""
    total = sum(weights)
    return tuple(weight / total if total else 1 / len(weights) for weight in weights)
