"""The lesson bar above every page: where the class stands, the question, and whether the claim came true."""

from __future__ import annotations

import streamlit as st

from gan_core.engine.handle import RunHandle
from gan_core.lessons.records import Question, Scene
from gan_core.lessons.verdicts import Verdict, judge, judge_scene
from gan_core.presets import PLAYED, beside
from gan_core.settings import is_live, trait
from ui.classroom import Classroom, classroom_of_owner
from ui.controls import MAIN, control_key
from ui.lesson_place import PLAYS, Place, current_place, leave, play_scene, want
from ui.session import current_run, this_browser
from ui.sharing import HIDDEN

FOLDED, SHOWN = "lesson_folded", "lesson_shown"  # session state
HEIGHT, FOLDED_HEIGHT = 108, 44
"""Pixels, taken from the page's charts; the bar scrolls where its words need more."""

COUNT_SECONDS = 1.0
COVER = (
    "content: 'Hidden until the answer is shown'; position: absolute; inset: 45% 0 auto;"
    "text-align: center; font-size: 1.3em;"
)
CAME_TRUE = ":green[:material/check_circle:] **Came true.**"
DID_NOT = ":red[:material/cancel:] **Did not come true.**"
MARK = "outline: 3px solid light-dark(#0072b2, #56b4e9); outline-offset: {}px; border-radius: 0.3rem;"


def lesson_bar(page: str) -> None:
    """The bar, if a lesson is being given; `page` is the open one's place in the address."""
    st.session_state[HIDDEN] = ()
    place = current_place(page)
    if place is None:
        return
    scene, room = place.scene, classroom_of_owner(this_browser())
    if room is not None:
        _take_back_other_questions(place, room)
    run = current_run(scene.page) if scene.page in PLAYED else None
    folded = bool(st.session_state.get(FOLDED, False))
    shown = _is_answered(place, room)
    is_open = page == scene.page
    if is_open and not shown:
        st.session_state[HIDDEN] = scene.hidden
    low = folded or not is_open
    st.html(f"<style>{_style(scene, run, is_open=is_open, shown=shown, low=low)}</style>")
    with st.container(key="lesson_bar"):
        # Beside a game that has been judged the charts need the room, and the text has been read.
        is_judged = shown and run is not None and scene.stop is not None and run.step >= scene.stop
        brief = folded or is_judged
        _head(place, is_open=is_open, folded=folded, brief=brief)
        if low:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=not shown,
                          key="lesson_row"):  # fmt: skip
            said = _verdicts_said(scene, run) if shown else []
            if scene.question is not None:
                if shown:
                    said.insert(0, _answered(place, scene.question))
                else:
                    _ask_question(place, scene.question)
            _play_button(scene, run)
            st.markdown("&ensp; ".join(said), width="stretch")


def _head(place: Place, *, is_open: bool, folded: bool, brief: bool) -> None:
    """Title, scene and, unless it is to be `brief`, its text; the buttons that lead on."""
    scene, last = place.scene, len(place.lesson.scenes)
    with st.container(horizontal=True, wrap=False, gap="small", key="lesson_head"):
        where = f":small[{place.lesson.title} · {place.number} of {last}]"
        text = " — you have left this scene"
        if is_open:
            text = "" if brief else f" — {' '.join(scene.text.split())}"
        st.markdown(f"{where} **{scene.title}**{text}", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall",
                          width="content", key="lesson_buttons"):  # fmt: skip
            if not is_open:
                st.button("To the scene", key="lesson_return", icon=":material/reply:", type="primary",
                          on_click=want, args=(place.lesson.name, place.number),
                          kwargs={"set_up": scene.page not in PLAYED})  # fmt: skip
            st.button("Back", key="last_scene", icon=":material/arrow_back:", disabled=place.number == 1,
                      on_click=want, args=(place.lesson.name, place.number - 1))  # fmt: skip
            if place.number < last:
                st.button("Next", key="next_scene", icon=":material/arrow_forward:", type="primary",
                          on_click=want, args=(place.lesson.name, place.number + 1))  # fmt: skip
            else:
                with st.container(key="next_scene", width="content"):  # Page Down leads there
                    st.page_link("../pages/lessons.py", label="Questions", icon=":material/quiz:",
                                 query_params={"read": place.lesson.name})  # fmt: skip
            if is_open:
                st.button("Again", key="lesson_again", on_click=want, args=(place.lesson.name, place.number))
                st.button("Unfold" if folded else "Fold", key="lesson_fold", on_click=_fold)
            st.button("Leave", key="lesson_leave", on_click=leave)


def _fold() -> None:
    st.session_state[FOLDED] = not st.session_state.get(FOLDED, False)


def _key_of(place: Place) -> tuple[str, int]:
    return place.lesson.name, place.number


def _is_answered(place: Place, room: Classroom | None) -> bool:
    """Whether the answer has been shown, here or beside the question that the class was asked."""
    question = place.scene.question
    if question is None or _key_of(place) in st.session_state.get(SHOWN, set()):
        return True
    asked = room.question if room is not None and _is_asked(question, room) else None
    if asked is None or asked.is_open:
        return False
    _note_answer(place)
    return True


def _note_answer(place: Place) -> None:
    st.session_state[SHOWN] = st.session_state.get(SHOWN, set()) | {_key_of(place)}


def _take_back_other_questions(place: Place, room: Classroom) -> None:
    """What another scene of this lesson has asked does not stand over this one."""
    others = [scene.question for scene in place.lesson.scenes if scene is not place.scene and scene.question]
    if any(_is_asked(question, room) for question in others):
        room.close_question()


def _prediction_key(place: Place) -> str:
    return f"prediction_{place.lesson.name}_{place.number}"


def _ask_question(place: Place, question: Question) -> None:
    """The question with its choices: pressed, one is the teacher's own prediction."""
    room = classroom_of_owner(this_browser())
    st.markdown(f"**{question.text}**", width="content")
    st.pills("Prediction", question.choices, key=_prediction_key(place), label_visibility="collapsed",
             width="content", persist_state="session")  # fmt: skip
    if room is not None:
        _ask_the_class(question, room)
    st.button("Show the answer", key="show_answer", icon=":material/lightbulb:", on_click=_show,
              args=(place, question, room))  # fmt: skip


def _ask_the_class(question: Question, room: Classroom) -> None:
    """The class that follows is asked, and then counted while it answers."""
    if _is_asked(question, room):
        with st.container(key="class_answers", width="content"):  # follow.css: the question is here already
            st.fragment(_count, run_every=COUNT_SECONDS)(room)
        return
    st.button("Ask the class", key="ask_class", icon=":material/how_to_vote:", on_click=room.ask,
              args=(question.text, question.choices, question.answer - 1))  # fmt: skip


def _is_asked(question: Question, room: Classroom) -> bool:
    """Whether this is what the class was asked last."""
    return room.question is not None and room.question.text == question.text.strip()


def _count(room: Classroom) -> None:
    if room.question is None or not room.question.is_open:  # shown or taken back meanwhile
        st.rerun()
    st.markdown(f"{room.answered} of {room.followers} answered", width="content")


def _show(place: Place, question: Question, room: Classroom | None) -> None:
    """The answer, here and to the class that was asked."""
    _note_answer(place)
    if room is not None and _is_asked(question, room):
        room.show_answer()


def _answered(place: Place, question: Question) -> str:
    """What is right, what was predicted, and why."""
    mine, room = st.session_state.get(_prediction_key(place)), classroom_of_owner(this_browser())
    right = question.choices[question.answer - 1]
    tally = room.tally if room is not None and _is_asked(question, room) else []
    counted = f" {tally[question.answer - 1]} of {sum(tally)} in the class said so." if any(tally) else ""
    said = "" if mine is None else f" You predicted: {mine}."
    return f":green[:material/lightbulb:] **{right.rstrip('.')}.**{counted}{said} {question.why}"


def _play_button(scene: Scene, run: RunHandle | None) -> None:
    """To the scene's step, or the motion of its page."""
    if scene.page not in PLAYED and scene.page not in PLAYS:
        return
    label = f"Play to step {scene.stop:,}" if scene.stop is not None else "Play"
    done = run is not None and (run.state == "stopped" or run.step >= (scene.stop or 0))
    on_the_way = run is not None and run.wants_to_play
    st.button(label, key="play_scene", icon=":material/play_arrow:", on_click=play_scene, args=(run, scene),
              disabled=done or on_the_way)  # fmt: skip


def _verdicts_said(scene: Scene, run: RunHandle | None) -> list[str]:
    """Each claim once its step is reached: came true or not, with the number."""
    said = []
    for verdict in verdicts_of(scene, run):
        mark = CAME_TRUE if verdict.came_true else DID_NOT
        said.append(f"{mark} {verdict.sentence}")
    if run is not None and _differs(scene, run):
        said.append(":material/info: The settings are not those of this scene.")
    return said


def verdicts_of(scene: Scene, run: RunHandle | None) -> list[Verdict]:
    """Of a theory page as the scene sets it; of a game that has reached the scene's step."""
    if run is None:
        return judge_scene(scene)
    with run.lock:
        if scene.stop is None or run.step < scene.stop:
            return []
        return [judge(claim, run.history, run.settings) for claim in scene.claims]


def _differs(scene: Scene, run: RunHandle) -> bool:
    """Whether the game is played under other settings than the scene's; the seed and the digits are free."""
    assert scene.settings is not None
    changes = set(run.settings.difference(scene.settings))
    return bool(changes - set(beside(run.settings)))


def _style(scene: Scene, run: RunHandle | None, *, is_open: bool, shown: bool, low: bool) -> str:
    """Room for the bar; on the scene's page its panels and its control are outlined, and some are hidden."""
    rules = [f":root {{ --lesson-bar: {FOLDED_HEIGHT if low else HEIGHT}px; }}"]
    if is_open:
        panels = [f'[data-panel="{panel}"]' for panel in scene.panels]
        rules += [f"{panel} {{ {MARK.format(-2)} }}" for panel in panels]
        rules += [f':root {{ --scene-panels: "{" ".join(scene.panels)}"; }}']  # read by ui/static/stage.js
        rules += [f".st-key-{key} {{ {MARK.format(3)} }}" for key in _control_keys(scene, run)]
        hidden = () if shown else scene.hidden
        for panel in hidden:
            rules.append(f'[data-panel="{panel}"] {{ position: relative; }}')
            rules.append(f'[data-panel="{panel}"] > * {{ visibility: hidden; }}')
            rules.append(f'[data-panel="{panel}"]::after {{ {COVER} }}')
    return " ".join(rules)


def _control_keys(scene: Scene, run: RunHandle | None) -> list[str]:
    """The style classes of the one control to move, and of what it may stand in."""
    name = scene.control
    if name is None:
        return []
    if run is None:
        return [name]
    if not is_live(name):
        return [f"new_game_{run.game}"]
    player = str(trait(name, "player"))
    return [control_key(run, name), *([] if name in MAIN.get(player, ()) else [f"more_{player}"])]
