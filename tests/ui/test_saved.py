"""Saved runs on the page: which are offered, and what opening one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gan_core import library
from gan_core.history import History
from gan_core.library import Meta
from gan_core.settings import Settings
from tests.game import tiny
from tests.test_old_folders import FORMAT_1
from ui import saved


class Asked:
    """Takes down what a page asks of its run."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.calls: list[tuple[Any, ...]] = []

    def open(self, folder: Path, settings: Settings, history: History) -> None:
        self.calls.append(("open", folder, settings.seed, len(history.steps)))

    def reset(self, settings: Settings) -> None:
        self.calls.append(("reset", settings.seed))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder of runs; the library is beside it."""
    monkeypatch.setenv("GAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(saved, "RUNS", tmp_path / "runs")
    saved.saved_runs.clear()
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def keep(name: str, **meta: Any) -> None:
    library.save(library.runs_root() / name, Meta(name=name, **meta), tiny(seed=8), History())


SCRIPT = """
import streamlit as st
from ui.saved import open_saved
from ui.session import complaints

run = st.session_state["asked"]
open_saved(run)
for sentence in complaints(run):
    st.warning(sentence)
"""


def page_of(run: Asked) -> AppTest:
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.session_state["asked"] = run
    page.run()
    assert not page.exception
    return page


def open_in_a_page(name: str) -> tuple[Asked, AppTest]:
    """Choose that run on a page and press Open."""
    run = Asked()
    page = page_of(run)
    page.selectbox(key="saved_run").select(name).run()
    page.button(key="open_saved").click().run()
    assert not page.exception
    return run, page


def test_offered_are_folders_of_runs_and_titled_ones_without_an_owner(runs: Path) -> None:
    (runs / "old").symlink_to(FORMAT_1)
    (runs / "mine").mkdir()
    (runs / "mine" / "settings.json").write_text("{}")
    (runs / "thesis").mkdir()
    keep("a1", title="Lesson 3")
    keep("a2", title="Somebody else's", owner="ab12")
    keep("a3")
    assert saved.saved_runs() == {"mine": runs / "mine", "Lesson 3 (a1)": library.runs_root() / "a1"}


def test_a_run_of_format_1_is_opened(runs: Path) -> None:
    for path in FORMAT_1.iterdir():
        (runs / "old").mkdir(exist_ok=True)
        (runs / "old" / path.name).write_bytes(path.read_bytes())
    run, page = open_in_a_page("old")
    assert run.calls == [("open", runs / "old", 4, 300)]
    assert not page.warning


@pytest.mark.usefixtures("runs")
def test_a_run_that_has_no_checkpoint_yet_begins_anew() -> None:
    keep("a1", title="Lesson 3")
    run, _ = open_in_a_page("Lesson 3 (a1)")
    assert run.calls == [("reset", 8)]


def test_a_damaged_run_is_a_sentence_on_the_page(runs: Path) -> None:
    (runs / "bad").mkdir()
    (runs / "bad" / "settings.json").write_text("[" * 200_000)
    run, page = open_in_a_page("bad")
    assert run.calls == []
    assert [item.value for item in page.warning] == [
        "bad holds no run that can be opened: its settings.json is missing or damaged."
    ]


@pytest.mark.usefixtures("runs")
def test_without_runs_the_page_says_how_to_keep_one() -> None:
    assert "--out runs/NAME" in page_of(Asked()).caption[0].value
