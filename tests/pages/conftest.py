"""The app in Streamlit's own test runner, with the real engine behind it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from gan_core.engine.client import shared_engine
from tests.pages.opening import Open

MAIN = Path(__file__).resolve().parents[2] / "ui" / "main.py"


@pytest.fixture(autouse=True, scope="session")
def _packages_are_scanned_once() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages for components: half a second each time."""
    once = functools.cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page at an address; every test begins as a tab of its own, of a browser without cookies."""
    monkeypatch.setattr("ui.session.owner_of_cookies", lambda cookies: None)  # the runner has a mock for them

    def open_at(page: str, **parameters: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            app.switch_page(f"../pages/{page}.py").run()
        assert not app.exception, [item.value for item in app.exception]
        return app

    st.cache_resource.clear()
    yield open_at
    for run in shared_engine().runs:
        shared_engine().close(run)
