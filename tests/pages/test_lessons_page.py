"""Lessons in the app: the list, the bar above every page, and what a scene sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.engine.client import shared_engine
from gan_core.lessons.pages import PANELS
from gan_core.parameters.value import CHARTS
from gan_core.presets import preset_settings
from gan_core.theory.objectives import OBJECTIVES
from tests.lessons.lesson_text import WHOLE
from tests.pages.conftest import MAIN
from tests.pages.opening import Open, run_of
from ui import games_words, lab_words, lesson_files, live_words, minimax_words, saddle_words
from ui.classroom import classes
from ui.run_words import words_of

THEORY = """## A game
The first scene.

```toml
page = "games"
panels = ["table"]
hide = ["value"]
control = "p"
claim = "pareto is 3"
[settings]
p = 0.3

[question]
text = "What will happen?"
choices = ["this", "that"]
answer = 2
why = "Because of it."
```

"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two lessons: one of three scenes, and one that begins on the Games page."""
    monkeypatch.setattr(lesson_files, "FOLDER", tmp_path)
    (tmp_path / "01-small.md").write_text(WHOLE)
    title, rest = WHOLE.split("## The game", 1)
    (tmp_path / "02-theory.md").write_text(f"{title}{THEORY}## The game{rest}")
    return tmp_path


def said(app: AppTest) -> str:
    return " ".join(item.value for item in [*app.markdown, *app.error, *app.warning]).replace("\\", "")


def test_the_panels_of_a_lesson_are_those_of_the_pages() -> None:
    words = {
        "live": live_words, "games": games_words, "value": minimax_words, "saddle": saddle_words,
        "lab": lab_words,
    }  # fmt: skip
    said = {page: set(module.WORDS) for page, module in words.items()}
    said["toy"] = set(words_of("plane", OBJECTIVES["hinge"]))
    assert {page: set(panels) for page, panels in PANELS.items()} == said
    assert PANELS["value"] == tuple(name for names in CHARTS.values() for name in names)


def test_the_list_says_what_each_lesson_shows_and_which_file_has_a_mistake(
    open_page: Open, shelf: Path
) -> None:
    (shelf / "03-wrong.md").write_text(WHOLE.replace("smoothing = 0.8", "smoothing = 8"))
    app = open_page("lessons")
    assert "1. A small lesson" in said(app)
    assert "5 minutes · 3 scenes" in " ".join(item.value for item in app.caption)
    assert "03-wrong.md, line 17: smoothing = '8' does not fit: it must be from 0.5 to 1." in said(app)
    assert [button.key for button in app.button if str(button.key).startswith("start")] == [
        "start_01-small", "start_02-theory",
    ]  # fmt: skip


def test_an_answer_is_explained_after_a_choice(open_page: Open, shelf: Path) -> None:
    app = open_page("lessons")
    app.button(key="read_01-small").click().run()
    assert not app.success
    app.radio(key="check_01-small_1").set_value("yes").run()
    assert app.success[0].value == "Right. So it is."
    app.radio(key="check_01-small_2").set_value("yes").run()
    assert app.info[0].value == "The answer is: no So it is."


def test_without_a_lesson_there_is_no_bar(open_page: Open, shelf: Path) -> None:
    assert not [button for button in open_page("games").button if button.key == "next_scene"]


def begin(lesson: str, number: int, page: str) -> AppTest:
    """A link to a scene, opened in a new tab."""
    return at(page, lesson=lesson, scene=str(number))


def at(page: str, **parameters: str) -> AppTest:
    """A new tab whose first page is this one."""
    fresh = AppTest.from_file(str(MAIN), default_timeout=60)
    fresh.query_params.update(parameters)
    fresh.switch_page(f"../pages/{page}.py").run()
    assert not fresh.exception, [item.value for item in fresh.exception]
    return fresh


def test_a_link_to_a_scene_sets_the_page_up(open_page: Open, shelf: Path) -> None:
    app = begin("02-theory", 1, "games")
    assert app.slider(key="p").value == 0.3
    assert "The first scene." in said(app)
    assert "Came true" not in said(app)
    app.button(key="show_answer").click().run()
    assert "**that.** Because of it." in said(app)
    assert "**Came true.** The number of Pareto-optimal cells is 3: exactly 3." in said(app)


def test_a_prediction_is_remembered_until_the_answer(open_page: Open, shelf: Path) -> None:
    app = begin("02-theory", 1, "games")
    app.button_group(key="prediction_02-theory_1").set_value("this").run()
    app.button(key="show_answer").click().run()
    assert "You predicted: this." in said(app)


def test_the_class_that_follows_is_asked_and_counted(
    open_page: Open, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.session.owner_of_cookies", lambda cookies: "a teacher")
    room = classes.open("a teacher")
    try:
        app = begin("02-theory", 1, "games")
        assert list(room.hidden) == ["value"]
        app.button(key="ask_class").click().run()
        assert room.question is not None
        assert (room.question.choices, room.question.answer) == (("this", "that"), 1)
        for browser, choice in enumerate((0, 1, 1)):
            room.vote(str(browser), choice)
        app.run()
        assert "3 of 0 answered" in said(app)
        app.button(key="show_answer").click().run()
        assert not room.question.is_open
        assert "2 of 3 in the class said so." in said(app)
        assert not list(room.hidden)
        app.button(key="next_scene").click().run()
        assert room.question is None, "the question of the scene before is over"
        app.switch_page("../pages/live.py").run()
        assert list(room.hidden) == ["diagnosis"]
    finally:
        classes.end(room)


def test_an_answer_shown_beside_the_question_of_the_class_is_shown_in_the_bar(
    open_page: Open, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.session.owner_of_cookies", lambda cookies: "a teacher")
    room = classes.open("a teacher")
    try:
        app = begin("02-theory", 1, "games")
        app.button(key="ask_class").click().run()
        room.show_answer()
        app.run()
        assert "Because of it." in said(app)
        room.close_question()
        app.run()
        assert "Because of it." in said(app), "once shown, it stays"
    finally:
        classes.end(room)


def test_a_change_of_the_teacher_stays_and_again_sets_the_scene_up(open_page: Open, shelf: Path) -> None:
    app = begin("02-theory", 1, "games")
    app.slider(key="p").set_value(0.9).run()
    assert app.slider(key="p").value == 0.9
    app.button(key="lesson_again").click().run()
    assert app.slider(key="p").value == 0.3


def test_a_reload_finds_the_page_as_it_was_left(open_page: Open, shelf: Path) -> None:
    app = at("games", lesson="02-theory", scene="1", p="0.9")
    assert app.slider(key="p").value == 0.9
    assert "1 of 4" in said(app)


def test_another_page_leads_back_to_the_scene(open_page: Open, shelf: Path) -> None:
    app = begin("02-theory", 1, "games")
    app.query_params.clear()  # as the menu of pages does
    app.switch_page("../pages/minimax.py").run()
    assert app.query_params["lesson"] == "02-theory"
    assert "you have left this scene" in said(app)
    app.button(key="lesson_return").click().run()
    app.switch_page("../pages/games.py").run()
    assert app.slider(key="p").value == 0.3
    app.button(key="lesson_leave").click().run()
    assert "lesson" not in app.query_params
    assert not [button for button in app.button if button.key == "next_scene"]


def test_what_is_no_lesson_is_said_and_left_out_of_the_address(open_page: Open, shelf: Path) -> None:
    for lesson, scene in (("../x", "1"), ("01-small", "9"), ("01-small", "x")):
        app = at("games", lesson=lesson, scene=scene)
        assert "there is no lesson" in said(app)
        assert "lesson" not in app.query_params


def test_a_live_scene_is_set_played_and_judged(open_page: Open, shelf: Path) -> None:
    app = begin("01-small", 1, "live")
    run = run_of(app)
    assert run.settings == preset_settings("balanced", smoothing=0.8)
    assert hidden(app, "diagnosis")
    assert "Look at $D$" in said(app)
    app.button(key="play_scene").click().run()
    assert run.wait_until(lambda: run.step == 40 and not run.wants_to_play, 60)
    app.run()
    assert "Came true" not in said(app)
    app.button(key="show_answer").click().run()
    assert said(app).count("**Came true.**") == 2
    assert "Look at $D$" not in said(app), "the charts need its room"
    assert not hidden(app, "diagnosis")
    app.button(key="next_scene").click().run()
    assert (run.step, run.settings.smoothing) == (40, 0.9)
    app.button(key="play_scene").click().run()
    assert run.wait_until(lambda: run.step == 60 and not run.wants_to_play, 60)
    app.run()
    assert "The equilibrium line of D is 0.45 at step 60" in said(app)
    run.update(run.settings.replace(smoothing=0.7))
    app.run()
    assert "The settings are not those of this scene." in said(app)


def hidden(app: AppTest, panel: str) -> bool:
    styles = " ".join(item.proto.body for item in app.get("html"))
    return f'[data-panel="{panel}"] > * {{ visibility: hidden; }}' in styles


def test_the_next_scene_does_not_play_by_itself(open_page: Open, shelf: Path) -> None:
    app = begin("01-small", 1, "live")
    run = run_of(app)
    run.play()
    app.button(key="lesson_again").click().run()
    assert not run.wants_to_play
    assert run.step == 0
    assert shared_engine().playing == 0
