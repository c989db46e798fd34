"""All equilibria of a two-player game of up to 5 x 5 actions, in exact fractions.

Each player's strategies, scaled, form a polytope (the row player's: x >= 0, x B <= 1 with all payoffs
made positive). A corner has a label for every action its player does not use and for every action of
the other that is a best response to it. Two corners that have all labels between them are an
equilibrium, and every equilibrium is a mixture of such pairs.

Source: von Stengel, "Equilibrium computation for two-player games in strategic and extensive form",
in Nisan et al. (eds.), Algorithmic Game Theory, 2007, chapter 3. In whole numbers, because solvers in
floating point lose equilibria to roundings of 1e-17 and cannot tell a tie from a near tie; at 5 x 5 it
takes 504 linear systems of 5 unknowns, which needs no library.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import lcm
from typing import NamedTuple

from gan_core.theory.payoffs import Exact, Game

Strategy = tuple[Fraction, ...]


class Equilibrium(NamedTuple):
    """A pair of strategies from which neither player gains by moving alone."""

    row: Strategy  # [m], adds up to 1
    column: Strategy  # [n]
    payoffs: tuple[Fraction, Fraction]

    @property
    def is_pure(self) -> bool:
        return max(self.row) == max(self.column) == 1


class Equilibria(NamedTuple):
    """All of them, or, in a degenerate game, the corners of the sets they form."""

    items: tuple[Equilibrium, ...]
    degenerate: bool  # some strategy has more pure best responses than actions it uses
    infinite: bool  # two of them share a strategy: whatever lies between them is one, too


class _Corner(NamedTuple):
    point: Strategy
    labels: int  # bits 0..m-1: the row's actions, m..m+n-1: the column's
    tight: int  # how many inequalities hold with equality


def is_equilibrium(game: Game, row: Strategy, column: Strategy) -> bool:
    """From the definition alone: strategies, and no pure action that would pay more than is got."""
    if any(min(s) < 0 or sum(s) != 1 for s in (row, column)):
        return False
    mine = [sum((a * y for a, y in zip(line, column, strict=True)), Fraction(0)) for line in game.row]
    columns = zip(*game.column, strict=True)
    theirs = [sum((b * x for b, x in zip(line, row, strict=True)), Fraction(0)) for line in columns]
    got = [sum(s * u for s, u in zip(*pair, strict=True)) for pair in ((row, mine), (column, theirs))]
    return got == [max(mine), max(theirs)]


@lru_cache(maxsize=256)
def equilibria(game: Game) -> Equilibria:
    """All equilibria (the extreme ones, if they are infinitely many), pure ones first."""
    m, n = game.shape
    whole = (1 << (m + n)) - 1
    rows = _corners(_positive(tuple(zip(*game.column, strict=True))), own=0, other=m)
    columns = _corners(_positive(game.row), own=m, other=0)
    found = {
        (x.point, y.point)
        for x in rows
        for y in columns
        if x.labels | y.labels == whole and is_equilibrium(game, x.point, y.point)
    }
    ordered = sorted(found, key=lambda pair: (max(pair[0]) * max(pair[1]) < 1, [-p for p in pair[0]]))
    items = tuple(
        Equilibrium(x, y, (_payoff(game.row, x, y), _payoff(game.column, x, y))) for x, y in ordered
    )
    degenerate = any(x.tight > m for x in rows) or any(y.tight > n for y in columns)
    infinite = len({x for x, _ in found}) < len(found) or len({y for _, y in found}) < len(found)
    return Equilibria(items, degenerate, infinite)


def _payoff(table: Exact, x: Strategy, y: Strategy) -> Fraction:
    cells = (
        p * q * payoff for p, line in zip(x, table, strict=True) for q, payoff in zip(y, line, strict=True)
    )
    return sum(cells, Fraction(0))


def _positive(table: Exact) -> list[list[int]]:
    """The payoffs as whole numbers of at least 1: scaled and shifted, which changes no best response."""
    scale = lcm(*(payoff.denominator for line in table for payoff in line))
    whole = [[int(payoff * scale) for payoff in line] for line in table]
    lowest = min(map(min, whole))
    return [[payoff - lowest + 1 for payoff in line] for line in whole]


def _corners(limits: list[list[int]], own: int, other: int) -> list[_Corner]:
    """The corners, but for 0, of {s >= 0, limits s <= 1}; `limits`: [others' actions][own actions].

    `own`, `other`: the label of the first action of this player and of the other. A corner is where as
    many inequalities as there are unknowns hold with equality; `s_i = 0` just drops the unknown i.
    """
    size = len(limits[0])
    found: dict[Strategy, _Corner] = {}
    for used in (some for k in range(1, size + 1) for some in combinations(range(size), k)):
        for tight in combinations(range(len(limits)), len(used)):
            solved = _solve([[limits[j][i] for i in used] + [1] for j in tight])
            if solved is None or solved[1] < 0 or min(solved[0]) < 0:
                continue
            numerators, denominator = solved
            s = [0] * size
            for i, value in zip(used, numerators, strict=True):
                s[i] = value
            slack = [denominator - sum(c * v for c, v in zip(line, s, strict=True)) for line in limits]
            if min(slack) < 0:
                continue
            labels = sum(1 << (own + i) for i in range(size) if s[i] == 0)
            labels |= sum(1 << (other + j) for j, rest in enumerate(slack) if rest == 0)
            point = tuple(Fraction(v, sum(s)) for v in s)
            found[point] = _Corner(point, labels, labels.bit_count())
    return list(found.values())


def _solve(rows: list[list[int]]) -> tuple[list[int], int] | None:
    """The solution of k whole equations [k][k + 1] as numerators [k] over one denominator > 0.

    Gauss-Jordan without fractions (Bareiss 1968): every division leaves no rest. None if singular.
    """
    k, before = len(rows), 1
    for step in range(k):
        pivot = next((i for i in range(step, k) if rows[i][step]), None)
        if pivot is None:
            return None
        rows[step], rows[pivot] = rows[pivot], rows[step]
        top, head = rows[step], rows[step][step]
        for i in range(k):
            if i != step:
                factor = rows[i][step]
                rows[i] = [(head * v - factor * t) // before for v, t in zip(rows[i], top, strict=True)]
        before = head
    sign = 1 if before > 0 else -1
    return [sign * row[k] for row in rows], sign * before
