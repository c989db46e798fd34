"""Payoff tables of two-player games: exact numbers, their text, and the games everyone knows.

A table has m rows and n columns, one for each action of the row and of the column player; a cell
holds both players' payoffs, which each player wants high. Payoffs are exact fractions, so that "is a
best response" and "is degenerate" are questions of equality and not of rounding.

Text of a table, short enough for a link: cells joined by "_", rows by "~". A cell is `3,5` (row
player's payoff, then column player's), or one number `3` where the column player gets minus that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.typed import cut

Floats = NDArray[np.float64]
Exact = tuple[tuple[Fraction, ...], ...]
"""[m][n] payoffs of one player."""

MAX_ACTIONS = 5
MAX_DIGITS = 12
"""Of a payoff written with a point or an exponent; zeros at both ends do not count."""
MAX_POWER = 12
"""A payoff that is not 0 lies between 10 to minus this power and 10 to this power."""
MAX_PART = 10**9
"""The largest numerator and denominator of a payoff written as a fraction."""
PLACES = 6
"""Digits after the point of a decimal that is short, however short the fraction would be."""
NUMBER_FORM = "a number such as 3, -1.5, 1/2, ½ or 1e3"

_SIGNS = {
    sign: Fraction(unicodedata.normalize("NFKC", sign).replace("⁄", "/")) for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
}
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_RATIO = re.compile(r"[+-]?([0-9]+)/([0-9]+)")
_MIXED = re.compile(rf"[+-]?([0-9]*)([{''.join(_SIGNS)}])")


class TableError(ValueError):
    """A table that is no game; its message is a sentence for the reader."""


@dataclass(frozen=True)
class Game:
    """Both players' payoffs in a table of m rows and n columns."""

    row: Exact
    column: Exact

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n): how many actions the row and the column player have."""
        return len(self.row), len(self.row[0])

    @cached_property
    def a(self) -> Floats:
        """The row player's payoffs, [m, n]."""
        return np.array(self.row, dtype=float)

    @cached_property
    def b(self) -> Floats:
        """The column player's payoffs, [m, n]."""
        return np.array(self.column, dtype=float)

    @cached_property
    def above(self) -> tuple[Floats, Floats]:
        """Both players' payoffs above their own lowest, [m, n] each: differences keep all their digits."""
        lowest = min(map(min, self.row)), min(map(min, self.column))
        row, column = (
            np.array([[float(payoff - low) for payoff in line] for line in table])
            for table, low in zip((self.row, self.column), lowest, strict=True)
        )
        return row, column

    @cached_property
    def spans(self) -> tuple[float, float]:
        """The largest difference between two payoffs of the row player, and of the column player."""
        return float(self.above[0].max()), float(self.above[1].max())

    @property
    def is_zero_sum(self) -> bool:
        """Whether one player gets exactly what the other loses, in every cell."""
        pairs = zip(self.row, self.column, strict=True)
        return all(x == -y for row, column in pairs for x, y in zip(row, column, strict=True))

    @property
    def is_zero(self) -> bool:
        """Whether every payoff is 0."""
        return not any(payoff for table in (self.row, self.column) for row in table for payoff in row)


def exact(text: str) -> Fraction:
    """The number a reader wrote; TableError says what a number looks like, or which limit it passes."""
    plain = text.strip().replace("−", "-").replace("⁄", "/")
    quoted = f"‘{cut(text.strip())}’"
    if match := _DECIMAL.fullmatch(plain):
        return _decimal(plain, match[1], quoted)
    if match := _RATIO.fullmatch(plain):
        value = _ratio(match[1], match[2], quoted)
    elif match := _MIXED.fullmatch(plain):
        value = _ratio(match[1] or "0", "1", quoted) + _SIGNS[match[2]]
        _ratio(str(value.numerator), str(value.denominator), quoted)
    else:
        raise TableError(f"{quoted} is not {NUMBER_FORM}")
    return -value if plain.startswith("-") else value


def _decimal(plain: str, digits: str, quoted: str) -> Fraction:
    counted = digits.replace(".", "").strip("0")
    if not counted:
        return Fraction(0)
    if len(counted) > MAX_DIGITS:
        raise TableError(f"{quoted} has more than {MAX_DIGITS} digits")
    if not -MAX_POWER <= Decimal(plain).adjusted() < MAX_POWER:
        raise TableError(f"{quoted} is neither 0 nor between 10^-{MAX_POWER} and 10^{MAX_POWER}")
    return Fraction(plain)


def _ratio(above: str, below: str, quoted: str) -> Fraction:
    parts = [part.lstrip("0") or "0" for part in (above, below)]
    if any(len(part) > MAX_DIGITS or int(part) > MAX_PART for part in parts):
        raise TableError(f"{quoted} has a numerator or a denominator above {MAX_PART:,}")
    if parts[1] == "0":
        raise TableError(f"{quoted} divides by 0")
    return Fraction(int(parts[0]), int(parts[1]))


def _cell(text: str, single: bool) -> tuple[Fraction, Fraction]:
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    if not parts:
        raise TableError("the cell is empty")
    if single and len(parts) == 2:
        raise TableError(f"‘{cut(text.strip())}’ holds two payoffs; a zero-sum table has one in each cell")
    if len(parts) != (1 if single else 2):
        wanted = "one payoff, such as -1" if single else "two payoffs, such as 3, 5"
        raise TableError(f"‘{cut(text.strip())}’ is not {wanted}")
    numbers = [exact(part) for part in parts]
    return numbers[0], -numbers[0] if single else numbers[1]


def game_of(cells: Sequence[Sequence[str | None]], *, zero_sum: bool) -> Game:
    """The game of the texts a reader wrote in the cells, [m][n]; TableError names the first bad cell."""
    if not cells or not cells[0]:
        raise TableError("The table is empty: give it at least one row and one column.")
    if all(not (text or "").strip() for line in cells for text in line):
        raise TableError("The table is empty: write payoffs into its cells, such as 3, 5.")
    if len(cells) > MAX_ACTIONS or any(len(line) > MAX_ACTIONS for line in cells):
        raise TableError(f"The table is larger than {MAX_ACTIONS} × {MAX_ACTIONS}.")
    if any(len(line) != len(cells[0]) for line in cells):
        raise TableError("The rows of the table do not have equally many cells.")
    pairs = []
    for i, line in enumerate(cells):
        for j, text in enumerate(line):
            try:
                pairs.append(_cell(text or "", zero_sum))
            except TableError as error:
                raise TableError(f"Row {i + 1}, column {j + 1}: {error}.") from None
    width = len(cells[0])
    lines = [pairs[i : i + width] for i in range(0, len(pairs), width)]
    row, column = (tuple(tuple(pair[who] for pair in line) for line in lines) for who in (0, 1))
    return Game(row, column)


def number_text(value: Fraction) -> str:
    """A payoff as a reader would write it: a decimal where that is exact and short, else a fraction."""
    try:
        exactly = Context(prec=MAX_DIGITS, traps=[Inexact])
        decimal = exactly.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return str(value)
    text = f"{decimal:f}" if decimal.adjusted() >= -6 else f"{decimal:e}"
    is_short = value * 10**PLACES % 1 == 0 or len(text) <= len(str(value))
    can_be_ratio = max(abs(value.numerator), value.denominator) <= MAX_PART
    return text if is_short or not can_be_ratio else str(value)


def cells_of(game: Game, *, zero_sum: bool) -> list[list[str]]:
    """The texts for the cells, [m][n]: with `zero_sum` the row player's payoffs only, else both."""

    def cell(x: Fraction, y: Fraction) -> str:
        return number_text(x) if zero_sum else f"{number_text(x)}, {number_text(y)}"

    return [
        [cell(x, y) for x, y in zip(*lines, strict=True)] for lines in zip(game.row, game.column, strict=True)
    ]


def table_text(game: Game, *, zero_sum: bool) -> str:
    """The game as one word for a link; `game_of_text` reads it."""
    cells = cells_of(game, zero_sum=zero_sum)
    return "~".join("_".join(cell.replace(" ", "") for cell in line) for line in cells)


def is_zero_sum_text(text: str) -> bool:
    """Whether the cells of a link hold one payoff each."""
    return "," not in text


def game_of_text(text: str) -> Game:
    """The game of a link; TableError says what is wrong."""
    cells = [line.split("_") for line in text.split("~")]
    return game_of(cells, zero_sum=is_zero_sum_text(text))


def resized(game: Game, rows: int, columns: int) -> Game:
    """The game with rows and columns cut off at the end, or added with payoffs of 0."""

    def fit(table: Exact) -> Exact:
        m, n = game.shape
        zero = Fraction(0)
        return tuple(
            tuple(table[i][j] if i < m and j < n else zero for j in range(columns)) for i in range(rows)
        )

    return Game(fit(game.row), fit(game.column))


def made_zero_sum(game: Game) -> Game:
    """The row player keeps the payoffs; the column player gets minus them."""
    return Game(game.row, tuple(tuple(-payoff for payoff in line) for line in game.row))


class Preset(NamedTuple):
    """A well-known game, with the names of its players and actions."""

    title: str
    players: tuple[str, str]
    row_actions: tuple[str, ...]
    column_actions: tuple[str, ...]
    table: str
    lesson: str

    @property
    def game(self) -> Game:
        return game_of_text(self.table)


_SHEET = ("rock", "paper", "scissors")
PRESETS: dict[str, Preset] = {
    "prisoners": Preset(
        "Prisoner's Dilemma", ("Row", "Column"), ("cooperate", "defect"), ("cooperate", "defect"),
        "3,3_0,5~5,0_1,1",
        "Defecting pays more, whatever the other does. So both defect, but both would get more if they "
        "cooperated.",
    ),
    "pennies": Preset(
        "Matching Pennies", ("Row", "Column"), ("heads", "tails"), ("heads", "tails"), "1_-1~-1_1",
        "Row wins if the coins match, Column if not. In the only equilibrium both play each side half of the "
        "time.",
    ),
    "rock": Preset(
        "Rock-Paper-Scissors", ("Row", "Column"), _SHEET, _SHEET, "0_-1_1~1_0_-1~-1_1_0",
        "Each action is beaten by another one. The only equilibrium plays each action a third of the time.",
    ),
    "stag": Preset(
        "Stag Hunt", ("Row", "Column"), ("stag", "hare"), ("stag", "hare"), "4,4_0,3~3,0_2,2",
        "Two cells are equilibria: stag pays both players more, hare is safe. A third equilibrium is mixed.",
    ),
    "sexes": Preset(
        "Battle of the Sexes", ("Row", "Column"), ("opera", "football"), ("opera", "football"),
        "3,2_0,0~0,0_2,3",
        "Both want to meet, but at different places. Two cells are equilibria; a third, mixed one pays both "
        "less.",
    ),
    "gan": Preset(
        "The GAN as a 2x2 game", ("G", "D"), ("hide left", "hide right"), ("look left", "look right"),
        "-1_1~1_-1",
        "V(p, q) = (2p − 1)(2q − 1). D raises V: it looks where G hides. G lowers V. With x = 2p − 1 and "
        "y = 2q − 1 this is f = xy.",
    ),
}  # fmt: skip


def action_names(known: Preset, game: Game) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names for the rows and the columns: the preset's, or short ones in a table of another shape."""
    m, n = game.shape
    if (m, n) == (len(known.row_actions), len(known.column_actions)):
        return known.row_actions, known.column_actions
    return tuple(f"r{i + 1}" for i in range(m)), tuple(f"c{j + 1}" for j in range(n))
