"""What a panel says of itself."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What a panel says of itself. `formula` is HTML of our own (i, sub, sup, br); `more` is about a lower
    chart, and is not said where there is no room for that one."""

    title: str
    sentence: str
    formula: str
    source: str
    more: str = ""
