"""The lab page: buttons ask the lab, results reach the charts, links open a view, bad input is told."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.parameters.inside import INSIDE
from gan_core.parameters.lab import BESIDE, CHARTS, MEASURES, VIEWS
from tests.pages.opening import Open, run_of
from tests.pages.test_saddle_page import message, words

PATIENCE = 240  # quarters of a second


def played(app: AppTest, steps: int = 20, page: str = "live") -> RunHandle:
    """The run of the page, at that step, with its checkpoint."""
    run = run_of(app, page)
    run.play(until=steps)
    assert run.wait_until(lambda: run.step == steps and run.checkpoint_step == steps, 60)
    return run


def answered(run: RunHandle, what: str) -> None:
    for _ in range(PATIENCE):
        if run.wait_until(lambda: bool(run.history.results.of(what)), 0.25):
            return
    raise AssertionError(shared_engine().lab.jobs(run))


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in (INSIDE, BESIDE)])
def test_every_view_opens_and_each_chart_says_what_it_is(open_page: Open, view: str) -> None:
    app = open_page("lab", view=view)
    figures = message(app)["figures"]
    assert list(figures) == [chart for chart in CHARTS[view] if chart != "path_angle"]
    assert all(figure["words"]["title"] and figure["words"]["formula"] for figure in figures.values())
    assert [b.label for b in app.button if str(b.key).startswith("ask_") and b.key != "ask_all"] == [
        question.title
        for what, question in MEASURES.items()
        if question.view == view and what != "path_angle"
    ]


def test_a_button_measures_and_the_chart_says_what_was_found(open_page: Open) -> None:
    app = open_page("lab", view="Overfitting")
    run = played(app)
    app.button(key="ask_overfitting").click().run()
    answered(run, "overfitting")
    app.run()
    found = run.history.results.of("overfitting")[0].found
    assert f"{found['d_train']:.3f}" in words(app, "answers")
    assert "step 20" in message(app)["figures"]["answers"]["words"]["title"]
    assert any(f"step 20: AUC {found['auc_seen']:.2f}" in item.value for item in app.caption)


def test_a_link_opens_the_view_and_measures(open_page: Open) -> None:
    app = open_page("lab", view="Saddle", directions="random", what="surface")
    run = played(app)
    app.run()
    answered(run, "surface")
    app.run()
    result = run.history.results.of("surface")[0]
    assert (result.step, result.options) == (20, {"directions": "random", "path": True})
    assert "random" in result.found["kind"]
    assert "saddle in this plane" in words(app, "surface")


def test_a_scene_of_a_lesson_asks_for_its_measure(open_page: Open) -> None:
    app = open_page("lab", lesson="15-is-it-really-converged", scene="4")
    run = played(app)
    app.run()
    assert [(job.what, job.step) for job in shared_engine().lab.jobs(run)] == [("fresh_discriminator", 20)]
    assert app.segmented_control(key="view").value == "Distance"


def test_an_earlier_step_is_measured_at_that_step(open_page: Open) -> None:
    app = open_page("lab", view="Overfitting")
    run = played(app)
    app.run()
    app.toggle(key="lab_earlier").set_value(True).run()
    app.slider(key="lab_step").set_value(7).run()
    app.button(key="ask_overfitting").click().run()
    answered(run, "overfitting")
    assert run.history.results.of("overfitting")[0].step == 7
    run.play(until=30)
    assert run.wait_until(lambda: run.checkpoint_step == 30, 60)
    app.run()
    slider = app.slider(key="lab_step")
    assert (slider.value, slider.max) == (7, 30)


def test_a_link_to_a_step_measures_there(open_page: Open) -> None:
    app = open_page("lab", view="Overfitting", what="overfitting", step="7")
    run = played(app)
    app.run()
    answered(run, "overfitting")
    assert [row.step for row in run.history.results.of("overfitting")] == [7]


def test_a_toy_has_its_own_measures(open_page: Open) -> None:
    app = open_page("toy", data="gaussian_1d")
    app.switch_page("../pages/lab.py").run()
    assert not app.exception
    keys = {str(button.key) for button in app.button}
    assert "ask_quality" not in keys
    assert "ask_fresh_discriminator" in keys
    app.segmented_control(key="view").set_value("Saddle").run()
    run = played(app, page="toy")
    app.run()
    app.button(key="ask_path_angle").click().run()
    answered(run, "path_angle")
    app.run()
    assert "‖v‖" in words(app, "path_angle")


def test_what_a_link_says_and_the_lab_cannot_use_is_told(open_page: Open) -> None:
    app = open_page("lab", view="Horizon", run="nobodys-run")
    told = [item.value for item in app.warning]
    said = " ".join(told)
    assert "view = 'Horizon' does not fit" in said.replace("\\", "").replace("‘", "'").replace("’", "'")
    assert "The address names a run that is not on this server" in said
    app.run()  # by itself: the first pictures have come
    assert [item.value for item in app.warning] == told
