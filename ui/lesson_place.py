"""Where a class stands in a lesson: the address says it on every page, and the tab remembers it.

The menu of pages drops what the address says, so the tab puts it back. A scene is set up when a button asks
for it, and when a link that names nothing else is opened; a reload finds the page as it was left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from gan_core.engine.handle import RunHandle
from gan_core.lessons.pages import values_of
from gan_core.lessons.records import Lesson, Scene
from gan_core.parameters.games import COLUMN_KEYS, GAMES, ROW_KEYS, START, profile_of, strategy_keys
from gan_core.parameters.saddle import own_knobs
from gan_core.presets import PLAYED, beside
from gan_core.theory import dirac
from ui.address import EVERYWHERE, NAMES, kept_everywhere, warn
from ui.games_words import PLAYS as GAMES_PLAYS
from ui.lesson_files import lesson_named
from ui.saddle_controls import PLAYS as SADDLE_PLAYS
from ui.session import current_run, restart

FILES = {
    "live": "../pages/live.py", "toy": "../pages/toy.py", "games": "../pages/games.py",
    "value": "../pages/minimax.py", "saddle": "../pages/saddle.py",
    "lab": "../pages/lab.py",
}  # fmt: skip
PLAYS = {"games": GAMES_PLAYS, "saddle": SADDLE_PLAYS}
"""Pages with a motion: the session's count of how often it was asked for."""

IN_ONE_PLACE = ("value", "losses", "distances", "quality", "path")
"""Panels of a game's page of which one is seen at a time."""

LESSON, SCENE = "lesson", "scene"
PLACE, WANTED = "lesson_place", "lesson_wanted"  # session state


class Place(NamedTuple):
    """A scene of a lesson; `number` is 1 for the first."""

    lesson: Lesson
    number: int

    @property
    def scene(self) -> Scene:
        return self.lesson.scenes[self.number - 1]

    @property
    def parameters(self) -> dict[str, str]:
        """How the address says it."""
        return {LESSON: self.lesson.name, SCENE: str(self.number)}


class Wanted(NamedTuple):
    """Asked for by a button; `set_up`: put the page as the scene says, else only open it."""

    name: str
    number: int
    set_up: bool


def want(name: str, number: int, *, set_up: bool = True) -> None:
    """A callback: go to a scene in the coming run of the script."""
    st.session_state[WANTED] = Wanted(name, number, set_up)


def leave() -> None:
    """A callback: the lesson is over, and the page stays as it is."""
    st.session_state.pop(PLACE, None)
    for name in (LESSON, SCENE):
        st.query_params.pop(name, None)


def current_place(page: str) -> Place | None:
    """Where the class stands, after what was asked for is done. May open another page."""
    if "follow" in st.query_params:  # a follower's page shows the teacher's
        return None
    wanted = st.session_state.pop(WANTED, None) or _of_a_link(page)
    if wanted is not None:
        place = _place(wanted.name, str(wanted.number))
        if place is not None:
            _go(place, page, set_up=wanted.set_up)
    place = _known()
    if place is not None:
        st.session_state[PLACE] = place.parameters
        for name, text in place.parameters.items():
            if st.query_params.get(name) != text:
                st.query_params[name] = text
    return place


def _known() -> Place | None:
    """What the address says, or what the tab remembers."""
    remembered: Mapping[str, str] = st.session_state.get(PLACE, {})
    name = st.query_params.get(LESSON, remembered.get(LESSON))
    if name is None:
        return None
    place = _place(name, st.query_params.get(SCENE, remembered.get(SCENE, "1")))
    if place is None:
        leave()
        warn([f"Left out of the address: there is no lesson ‘{name}’ with such a scene."])
    return place


def _place(name: str, number: str) -> Place | None:
    lesson = lesson_named(name)
    if lesson is None or not number.isdecimal() or not 1 <= int(number) <= len(lesson.scenes):
        return None
    return Place(lesson, int(number))


def _of_a_link(page: str) -> Wanted | None:
    """A link to a scene that was opened in a new tab, and says nothing of the page itself."""
    if PLACE in st.session_state or LESSON not in st.query_params:
        return None
    own = NAMES.get(page, set()) - set(EVERYWHERE)
    number = st.query_params.get(SCENE, "1")
    if own & set(st.query_params.to_dict()) or not number.isdecimal():
        return None
    return Wanted(st.query_params[LESSON], int(number), set_up=True)


def _go(place: Place, page: str, *, set_up: bool) -> None:
    scene = place.scene
    st.session_state[PLACE] = place.parameters
    if scene.page in PLAYED:
        if set_up:
            set_game(current_run(scene.page), scene)
    elif page == scene.page:
        set_page(scene)
    else:  # set up there: the page that is open may have controls of the same names
        st.session_state[WANTED] = Wanted(place.lesson.name, place.number, set_up)
    if page != scene.page:
        st.switch_page(FILES[scene.page], query_params={**kept_everywhere(), **place.parameters})
    st.query_params.update(place.parameters)


def set_page(scene: Scene) -> None:
    """Every control of the open theory page to the scene's value, or to its default."""
    values: dict[str, Any] = values_of(scene.page, scene.parameters)
    # A control that is not drawn must not be set: another page has one of the same name.
    if scene.page == "saddle":
        unused = set(dirac.STRENGTHS) - set(own_knobs(values["game"]))
    elif scene.page == "games":
        used = {name for names in strategy_keys(profile_of(values).game) for name in names}
        unused = {"table", *START, *ROW_KEYS, *COLUMN_KEYS} - used
    else:
        unused = set()
    st.session_state.update({name: chosen for name, chosen in values.items() if name not in unused})
    if scene.page == "games":
        from ui.payoff_table import take_table  # brings pandas, which the other pages do without

        take_table(scene.parameters.get("table", GAMES[values["game"]].table))


def set_game(run: RunHandle, scene: Scene) -> None:
    """A new game, or the running one under the scene's settings; it stands still."""
    assert scene.settings is not None
    run.pause()
    going_on = scene.settings.replace(**beside(run.settings))
    if scene.goes_on and going_on.same_structure(run.settings):
        run.update(going_on)
    else:
        restart(run, scene.settings)


def opened_panel() -> tuple[str, str] | None:
    """A name for the live scene, and the panel of IN_ONE_PLACE that it frames; None where it frames none."""
    known = st.session_state.get(PLACE)
    place = None if known is None else _place(known[LESSON], known[SCENE])
    framed = () if place is None or place.scene.page not in PLAYED else place.scene.panels
    panel = next((panel for panel in framed if panel in IN_ONE_PLACE), None)
    return None if place is None or panel is None else (f"{place.lesson.name} {place.number}", panel)


def play_scene(run: RunHandle | None, scene: Scene) -> None:
    """A callback: the game to the scene's step, or the motion of its page from the start."""
    if scene.page in PLAYED:
        assert run is not None
        run.play(until=scene.stop)
    else:
        plays = PLAYS[scene.page]
        st.session_state[plays] = st.session_state.get(plays, 0) + 1
