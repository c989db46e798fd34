"""G from inside: the controls of a picture, and the picture, made again when a control or the run has moved.

A picture takes the lab some hundredths of a second, so nobody has to press a button for it; an earlier step
takes a button, because the game is repeated up to there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from gan_core.engine.client import shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.engine.lab import Job
from gan_core.figures.lab.inside import digit_figure, feature_maps_figure, mixing_figure, walk_figure
from gan_core.figures.lab.notes import Found, empty_figure
from gan_core.figures.style import Figure
from gan_core.history import Result
from gan_core.parameters.inside import (
    BETWEEN,
    CROSSINGS,
    DEFAULTS,
    DIGITS,
    MOST_SEED,
    PICTURES,
    PSI,
    controls_of,
    options_of,
    why_not,
)
from ui.inside_words import with_words
from ui.lab import asked, progress_words

DRAWN: dict[str, Callable[[Found], Figure]] = {
    "walk": walk_figure, "choose_digit": digit_figure, "mixing": mixing_figure,
    "feature_maps": feature_maps_figure,
}  # fmt: skip
SPAN = [2, 2]  # the whole grid


def choose_picture() -> str:
    """The measure behind the picture that is chosen."""
    chosen = st.radio("Picture", tuple(PICTURES), key="picture", bind="query-params")
    return PICTURES[chosen]


def _between() -> str:
    chosen = st.segmented_control(
        "Between", tuple(BETWEEN), default=DEFAULTS["between"], required=True, key="between",
        bind="query-params",
    )  # fmt: skip
    return BETWEEN[chosen]


def _digit(name: str, label: str) -> int:
    first = DIGITS.index(DEFAULTS[name])
    return st.selectbox(label, DIGITS, index=first, key=name, bind="query-params")


CONTROLS: dict[str, Callable[[], Any]] = {
    "between": _between,
    "digit": lambda: _digit("digit", "Class"),
    "other": lambda: _digit("other", "To class"),
    "crossing": lambda: st.segmented_control(
        "Crossing after layer", CROSSINGS, default=DEFAULTS["crossing"], required=True, key="crossing",
        bind="query-params", help="The layers up to there take the style of the row.",
    ),
    "psi": lambda: st.slider(
        "Truncation ψ", PSI.low, PSI.high, PSI.default, PSI.step, key="psi", bind="query-params",
        help="Below 1 the styles are nearer to their mean: cleaner pictures, less variety.",
    ),
    "noise": lambda: st.toggle(
        "Noise", DEFAULTS["noise"], key="noise", bind="query-params",
        help="A random number for each place of the first three layers, as in training.",
    ),
    "noise_seed": lambda: st.number_input(
        "Noise vectors, seed", 0, MOST_SEED, DEFAULTS["noise_seed"], key="noise_seed", bind="query-params",
        help="The same seed gives the same noise vectors at every step.",
    ),
    "averaged": lambda: st.toggle(
        "Averaged G", DEFAULTS["averaged"], key="averaged", bind="query-params",
        help="The average of G over its last steps, as on the live page. Off: G itself.",
    ),
}  # fmt: skip


def choose_options(run: RunHandle, what: str) -> dict[str, Any]:
    """The controls of that picture, and its options as they stand."""
    values: dict[str, Any] = {}
    if "between" in controls_of(what, run.settings, values):
        values["between"] = CONTROLS["between"]()
    for name in controls_of(what, run.settings, values):
        if name not in values:
            values[name] = CONTROLS[name]()
    return options_of(what, run.settings, values)


def shown(run: RunHandle, what: str, options: dict[str, Any], step: int | None) -> Result | None:
    """The newest picture under these options, or the one at `step`."""
    found = [
        row for row in run.history.results.of(what)
        if row.options == options and (step is None or row.step == step)
    ]  # fmt: skip
    return found[-1] if found else None


def last_job(run: RunHandle, what: str, options: dict[str, Any]) -> Job | None:
    """The newest one of that picture under these options."""
    jobs = [job for job in shared_engine().lab.jobs(run) if (job.what, job.options) == (what, options)]
    return jobs[-1] if jobs else None


def follow(run: RunHandle, what: str, options: dict[str, Any], *, again: bool) -> str | None:
    """Ask for the picture if there is none under these options, or the run has gone on since.

    `again`: also while it plays. Returns why it cannot be asked.
    """
    if shared_engine().lab.active(run):
        return None
    newest, have = run.checkpoint_step or 0, shown(run, what, options, None)
    is_old = have is None or (have.step != newest and (again or not run.wants_to_play))
    job = last_job(run, what, options)
    failed = job is not None and job.state == "failed" and job.step == newest
    return asked(run, what, options) if is_old and not failed else None


def status(run: RunHandle, what: str, options: dict[str, Any]) -> None:
    """How far the picture is, or what went wrong."""
    job = last_job(run, what, options)
    if job is not None and job.is_active:
        st.progress(job.share, text=progress_words(job))
        if job.state == "repeating":
            st.button("Cancel", key="cancel_picture", on_click=shared_engine().lab.cancel, args=(job,))
    elif job is not None and job.problem:
        st.caption(f":material/error: {job.problem}")


def picture(run: RunHandle, what: str, options: dict[str, Any], step: int | None) -> dict[str, Any]:
    """The chart with its words; until it is made, the last one of another setting. Hold `run.lock`."""
    unfit = why_not(what, run.settings)
    result = None if unfit else shown(run, what, options, step)
    if result is None and unfit is None and step is None:
        older = run.history.results.of(what)
        result = older[-1] if older else None
    if result is None:
        figure, words = empty_figure(unfit or "Not made yet."), with_words(what)
    else:
        figure, words = DRAWN[what](result.found), with_words(what, result.found, result.step)
    return figure | {"words": words, "span": SPAN}
