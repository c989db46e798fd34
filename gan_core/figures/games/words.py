"""What the equilibria of a game are, in words and as rows of a list."""

from __future__ import annotations

from gan_core.figures.games.numbers import share_text
from gan_core.figures.games.table import Profile
from gan_core.theory.equilibria import Equilibrium, Strategy, equilibria


def _strategy_text(strategy: Strategy, actions: tuple[str, ...]) -> str:
    used = [(share, name) for share, name in zip(strategy, actions, strict=True) if share]
    if len(used) == 1:
        return used[0][1]
    return " + ".join(f"{share_text(share)} {name}" for share, name in used)


def equilibrium_text(profile: Profile, found: Equilibrium) -> str:
    """One equilibrium: both strategies and what they pay."""
    row = _strategy_text(found.row, profile.row_actions)
    column = _strategy_text(found.column, profile.column_actions)
    paid = ", ".join(share_text(payoff) for payoff in found.payoffs)
    return f"({row}; {column}) pays {paid}"


def equilibria_said(profile: Profile, room: int = 145, beside_list: int = 115) -> tuple[str, bool]:
    """How many there are, as many of them as one line holds, and whether some are left out.

    `room`: letters on the line, `beside_list`: where the button for the list takes its end.
    """
    if profile.game.is_zero:
        return "All payoffs are 0, so any two strategies are an equilibrium.", False
    texts = [equilibrium_text(profile, item) for item in equilibria(profile.game).items]
    whole = f"{_kind(profile)}: {' · '.join(texts)}."
    if len(whole) <= room:
        return whole, False
    for shown in range(len(texts) - 1, 0, -1):
        said = f"{_kind(profile)}: {' · '.join(texts[:shown])} · and {len(texts) - shown} more."
        if len(said) <= beside_list:
            return said, True
    return f"{_kind(profile)}, too long for this line.", True


def _kind(profile: Profile) -> str:
    found = equilibria(profile.game)
    count = "One equilibrium" if len(found.items) == 1 else f"{len(found.items)} equilibria"
    if found.infinite:
        return f"Degenerate (equal payoffs): infinitely many equilibria, mixtures of these {len(found.items)}"
    return f"Degenerate (equal payoffs): {count[0].lower()}{count[1:]}" if found.degenerate else count


def equilibria_rows(profile: Profile) -> list[dict[str, str]]:
    """All of them, for a list."""
    names = profile.players
    return [
        {
            names[0]: _strategy_text(item.row, profile.row_actions),
            names[1]: _strategy_text(item.column, profile.column_actions),
            f"{names[0]} gets": share_text(item.payoffs[0]),
            f"{names[1]} gets": share_text(item.payoffs[1]),
        }
        for item in equilibria(profile.game).items
    ]
