"""A real Chromium against the real server with its real trainer process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.serving import CHROMIUM, QUIET, Server, serve


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
    return {**browser_context_args, "viewport": {"width": 1280, "height": 720}}


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The app as `make run` starts it, on a free port."""
    with serve() as running:
        yield running


@pytest.fixture
def address(server: Server) -> str:
    """Where the app is."""
    return server.address
