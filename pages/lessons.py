"""The lessons: a list, and one lesson to read with its questions."""

from __future__ import annotations

import streamlit as st

from gan_core.lessons.records import Lesson, LessonError, Question
from gan_core.presets import PLAYED
from ui.address import escaped
from ui.lesson_files import lesson_named, shelf
from ui.lesson_place import want

READ = "read"
PAGES = {
    "live": "Live GAN", "toy": "Toy data", "games": "Games", "value": "Minimax value",
    "saddle": "Saddle dynamics",
}  # fmt: skip


def number_of(lesson: Lesson) -> str:
    """The number that the file's name begins with."""
    return lesson.name.split("-")[0].lstrip("0")


def card(lesson: Lesson) -> None:
    """One lesson of the list."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{number_of(lesson)}. {lesson.title}**")
        st.markdown(lesson.about)
        live = any(scene.page in PLAYED for scene in lesson.scenes)
        kind = "with the live game" if live else "on the theory pages"
        st.caption(f"{lesson.minutes} minutes · {len(lesson.scenes)} scenes {kind}")
        with st.container(horizontal=True):
            st.button("Start", key=f"start_{lesson.name}", type="primary", icon=":material/play_arrow:",
                      on_click=want, args=(lesson.name, 1))  # fmt: skip
            st.button("Read", key=f"read_{lesson.name}", icon=":material/menu_book:", on_click=read,
                      args=(lesson.name,))  # fmt: skip


def read(name: str | None) -> None:
    """A callback: the reading view of a lesson, or the list."""
    if name is None:
        st.query_params.pop(READ, None)
    else:
        st.query_params[READ] = name


def list_of_lessons() -> None:
    """All lessons, three in a row; a file with a mistake says which."""
    st.markdown("A lesson goes from scene to scene: each sets a page up, asks a question, and plays.")
    items = shelf()
    for first in range(0, len(items), 3):
        for column, item in zip(st.columns(3), items[first : first + 3], strict=False):
            with column:
                if isinstance(item, LessonError):
                    st.error(escaped(str(item)), icon=":material/error:")
                else:
                    card(item)


def reading_view(lesson: Lesson) -> None:
    """A lesson as a text: its scenes, and its questions to answer."""
    st.button("All lessons", key="all_lessons", icon=":material/arrow_back:", on_click=read, args=(None,))
    st.subheader(f"{number_of(lesson)}. {lesson.title}")
    st.markdown(lesson.about)
    for number, scene in enumerate(lesson.scenes, 1):
        with st.container(border=True):
            st.markdown(f"**{number}. {scene.title}** :small[{PAGES[scene.page]}]  \n{scene.text}")
            st.button("Open this scene", key=f"open_{number}", icon=":material/open_in_new:", on_click=want,
                      args=(lesson.name, number))  # fmt: skip
    st.subheader("Check yourself")
    for number, question in enumerate(lesson.questions, 1):
        ask(number, question, f"{lesson.name}_{number}")


def ask(number: int, question: Question, key: str) -> None:
    """A question; its answer is explained after a choice."""
    chosen = st.radio(f"{number}. {question.text}", question.choices, index=None, key=f"check_{key}")
    if chosen is None:
        return
    right = question.choices[question.answer - 1]
    if chosen == right:
        st.success(f"Right. {question.why}", icon=":material/check:")
    else:
        st.info(f"The answer is: {right} {question.why}", icon=":material/lightbulb:")


with st.container(key="lessons_page"):
    st.title("Lessons")
    chosen_lesson = lesson_named(st.query_params.get(READ, ""))
    if chosen_lesson is None:
        list_of_lessons()
    else:
        reading_view(chosen_lesson)
