"""Clicks on a page with a timer, each heard once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from streamlit.runtime.scriptrunner import get_script_run_ctx

P = ParamSpec("P")


def once(act: Callable[P, None]) -> Callable[P, None]:
    """`act` for a button that stands outside every fragment.

    A timer that fires while a click is on its way carries the click along, and the click then comes once
    more by itself: a toggle would end where it began, a step be two. Only the timer runs a fragment alone.
    """

    @functools.wraps(act)
    def heard(*args: P.args, **kwargs: P.kwargs) -> None:
        context = get_script_run_ctx()
        if context is None or not context.fragment_ids_this_run:
            act(*args, **kwargs)

    return heard
