"""The lessons of this installation: the files in lessons/, read again when one has changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gan_core.lessons.reading import find_lessons, read_lesson
from gan_core.lessons.records import Lesson, LessonError

FOLDER = Path(__file__).parents[1] / "lessons"


def shelf() -> list[Lesson | LessonError]:
    """Every lesson in the order of the files; in place of one with a mistake, the mistake."""
    return [_read(path, path.stat().st_mtime_ns) for path in find_lessons(FOLDER)]


def lesson_named(name: str) -> Lesson | None:
    """The lesson whose file has this name without its ending; None without one that can be read."""
    return next((item for item in shelf() if isinstance(item, Lesson) and item.name == name), None)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> Lesson | LessonError:
    try:
        return read_lesson(path)
    except LessonError as error:
        return error
