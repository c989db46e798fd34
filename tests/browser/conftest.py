"""A real Chromium against the real server with its real trainer process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.serving import CHROMIUM, QUIET, Server, serve
from tests.browser.people import page_of

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are skipped with a reason, but never where CI is set."""
    here = [item for item in items if Path(item.fspath).parent == Path(__file__).parent]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skipif(True, reason="needs Chromium, and there is none here"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    assert CHROMIUM is not None, "the browser tests need Chromium, and there is none here"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": VIEWPORT}


@pytest.fixture(scope="module")
def one_person(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """The browser of one person, for all tests of a file: they share its cookies."""
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


@pytest.fixture
def page(one_person: BrowserContext) -> Iterator[Page]:
    """The only tab of that person, on an empty page.

    All tests of a file use one tab, because its process keeps the compiled scripts: a page of the app then
    opens three times as fast. A test that needs another person takes pytest-playwright's `new_context`.
    """
    page = one_person.pages[0] if one_person.pages else one_person.new_page()
    page.set_viewport_size(VIEWPORT)
    page.mouse.move(0, 0)
    yield page
    for other in one_person.pages[1:]:
        other.close()
    if not page.is_closed():
        leave(page)


def leave(page: Page) -> None:
    """An empty page again. A run that plays is paused first: it would play on for half a minute."""
    while page.locator('.gan-board[data-state="playing"]').count():
        page.keyboard.press("k")
        with contextlib.suppress(PlaywrightTimeout):  # a page just opened may not hear a key yet
            page.wait_for_selector('.gan-board:not([data-state="playing"])', timeout=5_000)
    page.unroute_all()
    page.goto("about:blank")


@pytest.fixture
def teacher(browser: Browser) -> Iterator[Page]:
    """A person who has no class yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield page_of(context)
    context.close()


@pytest.fixture
def student(browser: Browser) -> Iterator[Page]:
    """Another person."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield page_of(context)
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A third one, on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    yield page_of(context)
    context.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The app as `make run` starts it, on a free port."""
    with serve() as running:
        yield running


@pytest.fixture
def address(server: Server) -> str:
    """Where the app is."""
    return server.address
