"""G from inside, on the lab page: pictures without a button, controls that fit the game, else a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.engine.handle import RunHandle
from gan_core.parameters.inside import INSIDE, PICTURES
from gan_core.settings import Settings
from tests.game import TINY
from tests.pages.opening import Open, run_of
from tests.pages.test_lab_page import answered, played
from tests.pages.test_saddle_page import message, words

SMALL = {name: str(value) for name, value in TINY.items()}


def opened(open_page: Open, picture: str, *, steps: int = 5, **game: str) -> tuple[AppTest, RunHandle]:
    """The lab with that picture of a game that has been played."""
    app = open_page("live", **SMALL, **game)
    run = run_of(app)
    played(app, steps)
    app.query_params.clear()
    app.query_params.update({"view": INSIDE, "picture": picture})
    app.switch_page("../pages/lab.py").run()
    assert not app.exception
    return app, run


def controls(app: AppTest) -> set[str]:
    """Those of the picture."""
    every = [*app.get("button_group"), *app.selectbox, *app.slider, *app.toggle, *app.number_input]
    return {str(item.key) for item in every} & {
        "between", "digit", "other", "crossing", "psi", "noise", "noise_seed", "averaged"
    }  # fmt: skip


def test_a_picture_is_made_without_a_button_and_again_when_a_control_has_moved(open_page: Open) -> None:
    app, run = opened(open_page, "walk")
    answered(run, "walk")
    app.run()
    assert "step 5" in message(app)["figures"]["walk"]["words"]["title"]
    assert "along an arc" in words(app, "walk")
    assert run.history.results.of("walk")[0].options == {"seed": 0, "averaged": True}
    before = message(app)["figures"]["walk"]["data"][0]["source"]
    app.number_input(key="noise_seed").set_value(7).run()
    assert run.wait_until(lambda: len(run.history.results.of("walk")) == 2, 60)
    app.run()
    assert run.history.results.of("walk")[1].options == {"seed": 7, "averaged": True}
    assert message(app)["figures"]["walk"]["data"][0]["source"] != before


@pytest.mark.parametrize(
    ("picture", "game", "expected"),
    [
        ("walk", {"conditional": "true"}, {"between", "digit", "noise_seed", "averaged"}),
        ("one digit", {"conditional": "true"}, {"digit", "noise_seed", "averaged"}),
        ("style mixing", {"architecture": "style"}, {"crossing", "psi", "noise", "noise_seed", "averaged"}),
        ("feature maps", {"architecture": "dcgan"}, {"noise_seed", "averaged"}),
    ],
)
def test_each_picture_has_the_controls_of_its_measure(
    picture: str, game: dict[str, Any], expected: set[str], open_page: Open
) -> None:
    app, run = opened(open_page, picture, **game)
    what = PICTURES[picture]
    assert controls(app) == expected
    answered(run, what)
    app.run()
    assert list(message(app)["figures"]) == [what]
    assert "Not made yet" not in words(app, what)


def test_the_run_is_followed_while_it_plays_when_asked_to(open_page: Open) -> None:
    app, run = opened(open_page, "feature maps")
    answered(run, "feature_maps")
    app.toggle(key="lab_again").set_value(True).run()
    run.play(until=12)
    assert run.wait_until(lambda: run.checkpoint_step == 12, 60)
    app.run()
    assert run.wait_until(lambda: run.history.results.of("feature_maps")[-1].step == 12, 60)


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [("one digit", "This G is told no class."), ("style mixing", "This G has no styles.")],
)
def test_what_a_game_has_no_picture_of_is_a_sentence(
    picture: str, sentence: str, open_page: Open
) -> None:
    app, run = opened(open_page, picture)
    figure = message(app)["figures"][PICTURES[picture]]
    assert sentence in figure["layout"]["annotations"][0]["text"]
    assert controls(app) == set()
    assert run.history.results.of(PICTURES[picture]) == []
    assert run.settings == Settings(**TINY)
