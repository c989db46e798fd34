"""What a teacher's page says of itself to its class, checked: its panels, its pointer, its earlier step."""

from __future__ import annotations

import math
from typing import TypedDict

MOST_PANELS, LONGEST_NAME = 12, 40


class Stage(TypedDict):
    """What the page shows, as `stageOf` of ui/static/stage.js gives it."""

    present: bool  # presentation mode
    panels: list[str]  # those that fill the screen; empty: all
    solo: str | None  # the panel that is alone on the screen
    black: bool


class Point(TypedDict):
    """Where the pointer is: a panel, and a place in its box, 0 to 1 from its upper left corner."""

    panel: str
    x: float
    y: float


class Seek(TypedDict):
    """An earlier step of a game."""

    step: int
    game: int


class Motion(TypedDict):
    """Where the points of a theory page are, and whether they move on from there."""

    at: int  # position, see ui/static/motion.js
    playing: bool
    slow: bool


def checked_stage(stage: object) -> Stage | None:
    """Raises ValueError for what is no stage."""
    if stage is None:
        return None
    if not isinstance(stage, dict):
        raise ValueError("no stage")
    panels, solo = stage.get("panels", []), stage.get("solo")
    if not isinstance(panels, list) or len(panels) > MOST_PANELS or not all(map(_is_name, panels)):
        raise ValueError("no panels")
    if solo is not None and not _is_name(solo):
        raise ValueError("no panel")
    present, black = stage.get("present") is True, stage.get("black") is True
    return {"present": present, "panels": panels, "solo": solo, "black": black}


def checked_point(point: object) -> Point | None:
    """Raises ValueError for what is no point of a panel."""
    if point is None:
        return None
    if not isinstance(point, dict) or not _is_name(point.get("panel")):
        raise ValueError("no point")
    return {"panel": point["panel"], "x": _share(point.get("x")), "y": _share(point.get("y"))}


def checked_seek(seek: object) -> Seek | None:
    """Raises ValueError for what is no step of a game."""
    if seek is None:
        return None
    if not isinstance(seek, dict) or not all(type(seek.get(name)) is int for name in ("step", "game")):
        raise ValueError("no step")
    return {"step": seek["step"], "game": seek["game"]}


def checked_motion(motion: object) -> Motion | None:
    """Raises ValueError for what is no motion."""
    if motion is None:
        return None
    if not isinstance(motion, dict) or type(motion.get("at")) is not int:
        raise ValueError("no position")
    return {"at": motion["at"], "playing": motion.get("playing") is True, "slow": motion.get("slow") is True}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NAME


def _share(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no place in a panel")
    return round(min(max(float(value), 0.0), 1.0), 4)
