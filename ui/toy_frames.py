"""What the board shows of a game on data whose density is known, beside what it shows of every game."""

from __future__ import annotations

from gan_core.figures import live, toy
from gan_core.figures.style import Figure
from gan_core.figures.toy.plane import modes_said
from gan_core.history import History, Keyframe
from gan_core.settings import Settings
from gan_core.theory.objectives import Objective
from gan_core.theory.toys import toy_named
from ui.words import Words


def toy_figures(
    settings: Settings,
    shown: Keyframe | None,
    history: History,
    upto: float,
    objective: Objective,
    line: float | None,
    marks: list[live.ChangeMark],
) -> tuple[dict[str, Figure], str]:
    """The figures of the samples and of their distance from the data, and the samples in one sentence.

    `line`: D's equilibrium output at step `upto`, if the objective has one.
    """
    distances = toy.distances_figure(toy.distances_info(history, upto), objective, marks)
    figures, said = sample_figures(settings, shown, objective, line)
    return {"distances": distances, **figures}, f"At step {upto:,.0f}: {said}"


def slice_panel(shown: Keyframe | None, objective: Objective, words: Words) -> tuple[Figure, Words, str]:
    """V along the last moves: the figure, `words` with what it shows, and its text alternative."""
    info = toy.slice_info(shown, objective)
    source = f"{toy.moves_said(info)} {words.source}".lstrip()
    told = words._replace(sentence=toy.slice_said(info), source=source)
    return toy.slice_figure(info), told, toy.slice_alt(info)


def sample_figures(
    settings: Settings, shown: Keyframe | None, objective: Objective, line: float | None
) -> tuple[dict[str, Figure], str]:
    """The figures of one picture, and what they show in words."""
    known = toy_named(settings.data, settings.drawn)
    if known.dimensions == 2:
        plane = toy.plane_info(shown, known, line)
        said = f"{len(plane.samples)} generated samples, and real ones. {modes_said(plane)}".strip()
        return {"samples": toy.plane_figure(plane, objective)}, said
    info = toy.line_info(
        shown, known, objective, real_label=settings.smoothing, fake_label=settings.fake_label
    )
    figures = {"samples": toy.line_figure(info, objective, line), "mapping": toy.mapping_figure(info)}
    return figures, "both densities, D, the best D, and the map from z to x."
