"""What a page test takes in its hand: a function that opens a page, and the run behind it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from ui.session import run_key

Open = Callable[..., AppTest]


def run_of(app: AppTest, page: str = "live") -> RunHandle:
    """The run behind the page, once its first pictures are there."""
    name = app.session_state[run_key(page)]
    run = next(run for run in shared_engine().runs if run.name == name)
    assert run.wait_until(lambda: run.state != "loading", 60)
    return run
