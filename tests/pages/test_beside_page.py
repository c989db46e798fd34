"""Two runs beside each other, on the lab page: the other run is a saved one, at the same second."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gan_core import unattended
from gan_core.figures.lab.beside import Played, grid_info
from gan_core.parameters.lab import BESIDE, CHARTS
from gan_core.settings import Settings
from tests.game import tiny
from tests.pages.opening import Open, run_of
from tests.pages.test_lab_page import played
from tests.pages.test_saddle_page import message, words
from ui import beside, saved
from ui.beside import seconds_of_a_step


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kept DCGAN of ten steps, and the only run on offer."""
    folder = tmp_path / "convolved"
    unattended.train(tiny(architecture="dcgan", seed=3), steps=10, seconds=None, out=folder)
    monkeypatch.setattr(saved, "RUNS", tmp_path)
    saved.saved_runs.clear()
    return folder


def opened(open_page: Open) -> AppTest:
    app = open_page("lab", view=BESIDE)
    run = run_of(app)
    played(app, 30)
    run.look()
    return app.run()


def test_a_convolution_costs_more_seconds_a_step() -> None:
    default, convolved = (seconds_of_a_step(Settings(architecture=kind)) for kind in ("perceptron", "dcgan"))
    assert default == pytest.approx(1 / 180)
    assert 2 < convolved / default < 6


def test_both_sheets_are_of_the_second_that_is_chosen(open_page: Open, other: Path) -> None:
    app = opened(open_page)
    assert not app.exception
    figures = message(app)["figures"]
    assert list(figures) == list(CHARTS[BESIDE])
    assert app.selectbox(key="beside_run").value == "convolved"
    assert "step 10, after about 0 s" in words(app, "other")  # the last one that both have reached
    app.toggle(key="beside_choose").set_value(True).run()
    app.slider(key="beside_second").set_value(0).run()
    assert "step 0," in words(app, "other")
    assert "This run 0." in words(app, "both_gaps").replace("−", "")
    assert "other run 0." in words(app, "both_gaps").replace("−", "")


def test_the_files_of_the_other_run_are_those_that_were_kept(other: Path) -> None:
    run = beside._read(other, other.stat().st_mtime)
    grid = grid_info(Played("other", run.history, 0.1), 1.0)
    assert grid.step == 10
    assert run.settings.architecture == "dcgan"


def test_without_another_run_there_is_a_sentence(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "others", lambda run: {})
    app = opened(open_page)
    assert not app.exception
    assert any("There is no other run yet" in item.value for item in app.caption)
    assert "Choose a run" in words(app, "other")
    assert "step" in words(app, "here")
