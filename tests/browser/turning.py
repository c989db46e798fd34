"""A hand that turns a 3-D surface."""

from __future__ import annotations

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLong

TRIES = 6
A_WHILE = 5_000  # ms


def turn(page: Page, start: tuple[float, float], by: tuple[float, float], turned: str) -> None:
    """Drag from `start`, in pixels, until the script `turned` is true.

    A surface that has just been drawn for the first time does not hear the mouse yet: the hand tries again,
    as a person does.
    """
    for _ in range(TRIES):
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(start[0] + by[0], start[1] + by[1], steps=6)
        try:
            page.wait_for_function(turned, timeout=A_WHILE)
            return
        except TooLong:
            continue
        finally:
            page.mouse.up()
    raise AssertionError(f"the surface did not turn in {TRIES} tries")
