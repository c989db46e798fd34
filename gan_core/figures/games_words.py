"""What the equilibria of a game are, in words and as rows of a list."""

from __future__ import annotations

from fractions import Fraction

from gan_core.figures.games import Scene
from gan_core.theory.equilibria import Equilibrium, Strategy, equilibria

SHORT = 99
"""Larger denominators than this are written as decimals."""


def share_text(value: Fraction) -> str:
    """A probability or payoff: a fraction while it can be read, then three decimals."""
    if value.denominator <= SHORT:
        return str(value).replace("-", "−")
    return f"{float(value):.3f}".replace("-", "−")


def _strategy_text(strategy: Strategy, actions: tuple[str, ...]) -> str:
    used = [(share, name) for share, name in zip(strategy, actions, strict=True) if share]
    if len(used) == 1:
        return used[0][1]
    return " + ".join(f"{share_text(share)} {name}" for share, name in used)


def equilibrium_text(scene: Scene, found: Equilibrium) -> str:
    """One equilibrium: both strategies and what they pay."""
    row = _strategy_text(found.row, scene.row_actions)
    column = _strategy_text(found.column, scene.column_actions)
    paid = ", ".join(share_text(payoff) for payoff in found.payoffs)
    return f"({row}; {column}) pays {paid}"


def equilibria_said(scene: Scene, room: int = 130) -> tuple[str, bool]:
    """How many there are, the first of them in about `room` letters, and whether some are left out."""
    found = equilibria(scene.game)
    count = len(found.items)
    texts = [equilibrium_text(scene, item) for item in found.items]
    shown = 1
    while shown < count and len(" · ".join(texts[: shown + 1])) <= room:
        shown += 1
    more = f" · and {count - shown} more" if count > shown else ""
    return f"{_kind(scene)}: {' · '.join(texts[:shown])}{more}.", count > shown


def _kind(scene: Scene) -> str:
    found = equilibria(scene.game)
    count = "One equilibrium" if len(found.items) == 1 else f"{len(found.items)} equilibria"
    if scene.game.is_zero:
        return f"All payoffs are 0, so everything is an equilibrium, mixtures of these {len(found.items)}"
    if found.infinite:
        return f"Degenerate (ties): infinitely many equilibria, mixtures of these {len(found.items)}"
    return f"Degenerate (ties): {count.lower()}" if found.degenerate else count


def equilibria_rows(scene: Scene) -> list[dict[str, str]]:
    """All of them, for a list."""
    names = scene.players
    return [
        {
            names[0]: _strategy_text(item.row, scene.row_actions),
            names[1]: _strategy_text(item.column, scene.column_actions),
            f"{names[0]} gets": share_text(item.payoffs[0]),
            f"{names[1]} gets": share_text(item.payoffs[1]),
        }
        for item in equilibria(scene.game).items
    ]
