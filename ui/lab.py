"""The lab page's run, its measures as buttons with progress, and its charts."""

from __future__ import annotations

import time
from collections.abc import Callable
from textwrap import wrap
from typing import Any

import streamlit as st

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.engine.lab import Job
from gan_core.figures.lab.fresh import fresh_figure
from gan_core.figures.lab.gap import gap_figure
from gan_core.figures.lab.notes import Found, empty_figure, finite
from gan_core.figures.lab.overfitting import heart_figure, heart_info, nearest_figure, outputs_figure
from gan_core.figures.lab.overtime import overtime_figure, overtime_info
from gan_core.figures.lab.path_angle import path_angle_figure
from gan_core.figures.lab.spectrum import spectrum_figure, spectrum_info
from gan_core.figures.lab.surface import surface_figure
from gan_core.figures.lab.table import table_figure
from gan_core.figures.style import Figure
from gan_core.history import Result
from gan_core.parameters.lab import CHARTS, MEASURES, options_of
from gan_core.presets import LIVE, PLAYED
from gan_core.settings import sample_of
from ui.lab_words import brief, with_words
from ui.session import current_run, run_key, take_run, this_browser

REFRESH_SHARE = 0.05
"""Of the time, at most, that a measure takes which is repeated while the run plays."""
ASKED = "lab_asked"  # session state: when each measure was repeated last
REFUSED = "lab_refused"  # session state: why a question was not taken
DIGITS_ONLY, TOYS_ONLY = ("quality",), ("path_angle",)

MEASURE_OF: dict[str, str] = {
    "fresh": "fresh_discriminator", "quality": "quality", "surface": "surface", "lab_spectrum": "spectrum",
    "gap": "duality_gap", "path_angle": "path_angle", "answers": "overfitting", "nearest": "overfitting",
}  # fmt: skip
"""The measure behind each chart; the other charts are of the run's own records."""
DRAWN: dict[str, Callable[[Found], Figure]] = {
    "fresh": fresh_figure, "quality": table_figure, "surface": surface_figure,
    "lab_spectrum": lambda found: spectrum_figure(spectrum_info(found)), "gap": gap_figure,
    "path_angle": path_angle_figure, "answers": outputs_figure, "nearest": nearest_figure,
}  # fmt: skip
SPANS = {"surface": [1, 2], "quality": [1, 2], "nearest": [2, 1]}
"""Columns and rows that a chart takes."""


def run_of_the_lab() -> tuple[RunHandle, str | None]:
    """The run that the address names, or this tab's; and a sentence where the named one cannot be had."""
    held = {page: st.session_state.get(run_key(page)) for page in PLAYED}
    name, said = st.query_params.get("run"), None
    page = next((page for page in PLAYED if held[page] is not None), LIVE)
    if name is not None and name in held.values():
        page = next(page for page in PLAYED if held[page] == name)
    elif name is not None:
        run = shared_engine().find(name)
        if run is not None and run.owner in (None, this_browser()):
            page = take_run(run)
        else:
            said = "The address names a run that is not on this server, or not yours. This is your own run."
    run = current_run(page)
    if st.query_params.get("run") != run.name:
        st.query_params["run"] = run.name
    return run, said


def ask(run: RunHandle, what: str, directions: str, step: int | None) -> None:
    """A callback: one question to the lab."""
    refused = asked(run, what, options_of(what, directions), step)
    if refused is not None:
        st.session_state[REFUSED] = refused


def asked(run: RunHandle, what: str, options: dict[str, bool | str], step: int | None = None) -> str | None:
    """Ask the lab; a sentence where the question is not taken, or another step is measured."""
    try:
        return shared_engine().lab.ask(run, what, options, step).notice
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"The lab cannot read this run ({error.strerror})."


def ask_all(run: RunHandle, view: str, directions: str, step: int | None) -> None:
    """A callback: every measure of the view that fits the run."""
    for what in measures_of(run, view):
        ask(run, what, directions, step)


def measures_of(run: RunHandle, view: str) -> list[str]:
    """The names of the measures that a view has for this game."""
    unfit = TOYS_ONLY if of_digits(run) else DIGITS_ONLY
    return [what for what, question in MEASURES.items() if question.view == view and what not in unfit]


def charts_of(run: RunHandle, view: str) -> list[str]:
    """The names of the charts that a view has for this game."""
    measured = measures_of(run, view)
    return [chart for chart in CHARTS[view] if chart not in MEASURE_OF or MEASURE_OF[chart] in measured]


def of_digits(run: RunHandle) -> bool:
    """Whether the game is played with digits."""
    return sample_of(run.settings.data) == "digits"


def refresh(run: RunHandle, view: str, directions: str) -> None:
    """Ask again at a new checkpoint, as rarely as REFRESH_SHARE says."""
    times: dict[str, float] = st.session_state.setdefault(ASKED, {})
    now = time.monotonic()
    if shared_engine().lab.active(run):
        return
    for what in measures_of(run, view):
        last = shown(run, what, directions, None)
        seconds = 0.0 if last is None else finite(last.found.get("seconds", 1.0))
        due = now - times.get(what, -1e9) >= seconds / REFRESH_SHARE
        if due and (last is None or last.step != run.checkpoint_step):
            times[what] = now
            asked(run, what, options_of(what, directions, path=False))
            return  # one at a time


def shown(run: RunHandle, what: str, directions: str, step: int | None) -> Result | None:
    """The newest result of that measure, or the one at `step`."""
    wanted = options_of(what, directions).get("directions")
    found = [
        row for row in run.history.results.of(what)
        if row.options.get("directions") == wanted and (step is None or row.step == step)
    ]  # fmt: skip
    return found[-1] if found else None


def state_of(run: RunHandle, what: str) -> Job | None:
    """The newest job of that measure, if it is under way or went wrong."""
    jobs = [job for job in shared_engine().lab.jobs(run) if job.what == what]
    return jobs[-1] if jobs and jobs[-1].state != "done" else None


def measure_row(run: RunHandle, what: str, directions: str, step: int | None) -> None:
    """A button, and under it the progress, the result in a few words, or what went wrong."""
    question, job = MEASURES[what], state_of(run, what)
    st.button(
        question.title, key=f"ask_{what}", icon=":material/science:", width="stretch", help=question.help,
        on_click=ask, args=(run, what, directions, step),
        disabled=job is not None and job.is_active,
    )  # fmt: skip
    if job is not None and job.is_active:
        st.progress(job.share, text=progress_words(job))
        st.button("Cancel", key=f"cancel_{what}", on_click=shared_engine().lab.cancel, args=(job,))
    elif job is not None and job.problem:
        st.caption(f":material/error: {job.problem}")
    elif (result := shown(run, what, directions, step)) is not None:
        st.caption(f"step {result.step:,}: {brief(what, result.found)}")


def progress_words(job: Job) -> str:
    """What an active job does, or waits for."""
    if job.state == "waiting":
        ahead = shared_engine().lab.ahead(job)
        return f"waiting, {ahead} before it" if ahead else "the lab is starting"
    doing = "repeating up to" if job.state == "repeating" else "measuring"
    return f"{doing} step {job.step:,}"


def charts(run: RunHandle, view: str, directions: str, step: int | None) -> dict[str, dict[str, Any]]:
    """The charts of a view, with their words. Hold `run.lock`."""
    drawn: dict[str, dict[str, Any]] = {}
    names = charts_of(run, view)
    for chart in names:
        if chart == "overtime":
            fresh = shown(run, MEASURE_OF["fresh"], directions, step)
            info = overtime_info(run.history, None if fresh is None else fresh.step)
            figure, words = overtime_figure(info), with_words(chart)
        elif chart == "heart":
            figure, words = heart_figure(heart_info(run.history)), with_words(chart)
        else:
            result = shown(run, MEASURE_OF[chart], directions, step)
            figure, words = _measured(run, chart, result)
        drawn[chart] = figure | {"words": words}
        if chart in SPANS and len(names) == 3:
            drawn[chart]["span"] = SPANS[chart]
    return drawn


def _measured(run: RunHandle, chart: str, result: Result | None) -> tuple[Figure, dict[str, str]]:
    what = MEASURE_OF[chart]
    if result is None:
        job = state_of(run, what)
        if job is not None and job.is_active:
            return empty_figure("Being measured …"), with_words(chart)
        refused = None if job is None or job.problem is None else "<br>".join(wrap(job.problem, 50))
        return empty_figure(refused or f"Press “{MEASURES[what].title}”."), with_words(chart)
    if chart == "nearest" and "nearest_digits" not in result.found:
        return empty_figure("A toy has no digits."), with_words(chart)
    return DRAWN[chart](result.found), with_words(chart, result.found, result.step)
