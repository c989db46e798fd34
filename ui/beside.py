"""Two runs beside each other on the lab page: this one, and a saved one, at the same second of training."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import streamlit as st

from gan_core import library
from gan_core.engine.client import shared_engine
from gan_core.engine.cost import step_cost
from gan_core.engine.handle import RunHandle
from gan_core.figures.lab.beside import (
    Played,
    floor_of,
    gap_course_figure,
    gap_info,
    grid_figure,
    grid_info,
    quality_course_figure,
    quality_info,
)
from gan_core.figures.lab.notes import empty_figure
from gan_core.library import SavedRun
from gan_core.settings import Settings, sample_of
from ui.beside_words import course_words, grid_words
from ui.live_words import title_of
from ui.saved import saved_runs
from ui.session import this_browser

DEFAULT_STEP = 1 / 180
"""Seconds of a step of the default game on one core: docs/players.md measured 180 to 187 steps a second."""
GRAIN = 10  # seconds: the slider's end moves so far at a time
KEPT = 4  # other runs in memory
SPAN = [1, 2]  # of a sheet of digits


def seconds_of_a_step(settings: Settings) -> float:
    """Of one core, estimated from the size of the networks."""
    return step_cost(settings) * DEFAULT_STEP


def this_run(run: RunHandle) -> Played | None:
    """The run of the lab; None where it has no digits."""
    if sample_of(run.settings.data) != "digits":
        return None
    return Played(f"this run, {title_of(run.settings)}", run.history, seconds_of_a_step(run.settings))


def others(run: RunHandle) -> dict[str, Path]:
    """What `run` can be compared with: saved runs of everybody, and all of this browser."""
    root, me = shared_engine().folder, this_browser()
    own = [
        meta for meta in library.list_runs(root)
        if me is not None and meta.owner == me and meta.name != run.name and meta.step > 0
    ]  # fmt: skip
    named = {f"{meta.title or meta.name}, step {meta.step:,}": root / meta.name for meta in own}
    return saved_runs() | named


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _read(folder: Path, saved_at: float) -> SavedRun:
    """A saved run; read again when it has been saved again."""
    return library.open_folder(folder)


def choose_other(run: RunHandle) -> Played | None:
    """A box of runs; the one that is chosen, or None and a sentence."""
    folders = others(run)
    if not folders:
        st.caption("There is no other run yet. Give a run a title on “Live GAN”, or keep one by "
                   "`python -m gan_core train --seconds 60 --out runs/NAME`.")  # fmt: skip
        return None
    name = st.selectbox("The other run", list(folders), key="beside_run")
    try:
        saved = _read(folders[name], folders[name].stat().st_mtime)
    except (library.LibraryError, OSError) as error:
        st.caption(f":material/error: {error}")
        return None
    if sample_of(saved.settings.data) != "digits":
        st.caption("That run is of points: choose a run of digits.")
        return None
    return Played(f"other run, {title_of(saved.settings)}", saved.history, seconds_of_a_step(saved.settings))


def choose_second(runs: list[Played]) -> float:
    """The second that both sheets show: the last that all runs have reached, or the one that is asked for."""
    last = min(run.last for run in runs)
    if not st.toggle("Another second", key="beside_choose",
                     help="Off: the last second of training that both runs have reached."):  # fmt: skip
        return last
    end = max(GRAIN, GRAIN * math.ceil(max(run.last for run in runs) / GRAIN))
    return float(st.slider("Second of training", 0, end, min(end, math.ceil(last)), key="beside_second"))


def charts(here: Played | None, other: Played | None, second: float) -> dict[str, dict[str, Any]]:
    """Two sheets of digits, and both runs over seconds. Hold the lock of the run that plays."""
    runs = [played for played in (here, other) if played is not None]
    drawn: dict[str, dict[str, Any]] = {}
    for name, played in (("here", here), ("other", other)):
        if played is None:
            figure, words = empty_figure("No digits to show."), grid_words(name, None)
        else:
            grid = grid_info(played, second)
            figure, words = grid_figure(grid), grid_words(name, grid)
        drawn[name] = figure | {"words": words, "span": SPAN}
    end = max((played.last for played in runs), default=0.0) or 1.0
    qualities = [quality_info(played, second) for played in runs]
    gaps = [gap_info(played, second) for played in runs]
    floor = next((found for found in map(floor_of, runs) if found is not None), None)
    drawn["both_quality"] = quality_course_figure(qualities, end, floor) | {
        "words": course_words("both_quality", qualities)
    }
    drawn["both_gaps"] = gap_course_figure(gaps, end) | {"words": course_words("both_gaps", gaps)}
    return drawn
