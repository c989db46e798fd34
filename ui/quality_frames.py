"""What the board shows of the quality of generated digits, beside what it shows of every game."""

from __future__ import annotations

from gan_core.figures import live
from gan_core.figures.style import Figure
from gan_core.history import History


def quality_panels(
    history: History, upto: float, marks: list[live.ChangeMark]
) -> tuple[dict[str, Figure], dict[str, str]]:
    """The figures of both panels by chart, and each panel in one sentence."""
    info, path = live.quality_info(history, upto), live.path_info(history, upto)
    figures = {
        "fid": live.quality_figure(info, marks), "covered": live.classes_figure(info),
        "path": live.path_figure(path),
    }  # fmt: skip
    return figures, {"quality": _quality_alt(info), "path": _path_alt(path)}


def _quality_alt(info: live.QualityInfo) -> str:
    if info.fid.now is None:
        return "The quality has not been measured yet."
    floor = "" if info.floor is None else f"; that of as many real digits is {info.floor.mean:.1f}"
    hit = "" if info.hit.now is None else f" G covers {info.hit.now.value:.0f} of 10 classes."
    return f"FID of {info.samples} digits of G is {info.fid.now.value:.1f}{floor}.{hit}"


def _path_alt(info: live.PathInfo) -> str:
    if info.now is None:
        return "FID and D's distance from its line have not been measured together yet."
    at = f"At step {info.step[info.now]:,.0f} D's mean output is {info.distance[info.now]:.3f} from its line"
    return f"{at} and FID is {info.fid[info.now]:.1f}."
