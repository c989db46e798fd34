"""This browser tab's run: found again after a reload, given up when the tab is closed.

The address carries what differs from the default settings, and the run's name under `run`. A run belongs
to the browser that began it, known by its cookie: a second tab with the same address shows the same run. In
somebody else's browser the address begins a game of their own under the same settings. Where a browser
refuses the cookie, as in a frame of another site, a run belongs to its tab.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from gan_core.engine.client import Engine, shared_engine
from gan_core.engine.handle import RunHandle
from gan_core.presets import FIRST, LIVE, page_of, preset_named, preset_settings
from gan_core.settings import Settings, SettingsError, make_settings
from ui.address import EVERYWHERE, belongs_elsewhere, kept_everywhere
from ui.address_bar import show_address
from ui.visitors import owner_of_cookies

RUN = "run"
PRESET = "preset"
COMPLAINTS = "complaints"
FOLLOWED = "followed"  # the address whose settings were taken last, on this visit of the page
OPENED = "opened"  # the first run of the script in this tab is over


def this_browser() -> str | None:
    """Who owns what this browser begins: a name made from its cookie; None where it refuses the cookie."""
    return owner_of_cookies(st.context.cookies)


def take_run(run: RunHandle) -> str:
    """Make a run of this browser the run of its page in this tab, which gives up the one it had there.

    Returns the page, by its place in the address.
    """
    page = page_of(run.settings)
    st.session_state[run_key(page)] = run.name
    _held_run.clear(page)
    return page


def current_run(page: str = LIVE) -> RunHandle:
    """The run of this tab on that page; a new one under the address's settings when there is none yet."""
    known = st.session_state.get(run_key(page))
    run: RunHandle = _held_run(page)
    st.session_state[run_key(page)] = run.name
    if known == run.name:
        _follow_link(run, page)
    run.look()
    return run


def run_key(page: str) -> str:
    """The session's name for the run of a page."""
    return f"{RUN}_{page}"


def other_page(page: str) -> str | None:
    """The page that shows the game which the address asks for, where that is not `page`."""
    settings, _ = settings_of_address(st.query_params.to_dict(), page)
    wanted = page_of(settings)
    return wanted if wanted != page else None


def _follow_link(run: RunHandle, page: str) -> None:
    """A link to settings, followed inside the app, starts that game in the tab's run.

    Once: what a browser sends before it has the new address says the same again.
    """
    parameters = {name: text for name, text in st.query_params.to_dict().items() if name not in EVERYWHERE}
    if RUN in parameters or parameters == st.session_state.get(FOLLOWED):
        return
    st.session_state[FOLLOWED] = parameters
    if all(belongs_elsewhere(page, name) for name in parameters):
        return
    settings, sentences = settings_of_address(parameters, page)
    complain(settings, sentences)
    if settings != run.settings:
        restart(run, settings)


def leave_game() -> None:
    """Another page is open: the same link is a new one from now on."""
    st.session_state.pop(FOLLOWED, None)


def _follow_edit(run: RunHandle, parameters: dict[str, str], page: str) -> None:
    """An address that names the run but says other settings was edited: live ones act on the running game."""
    settings, sentences = settings_of_address(parameters, page)
    complain(settings, sentences)
    if not settings.same_structure(run.settings):
        restart(run, settings)
    elif settings != run.settings:
        run.update(settings)


def restart(run: RunHandle, settings: Settings) -> None:
    """A new game that goes on playing if the old one did."""
    with run.acting:
        played = run.wants_to_play
        run.reset(settings)
        if played:
            run.play()


@st.cache_resource(scope="session", on_release=lambda run: run.release(), show_spinner=False)
def _held_run(page: str) -> RunHandle:
    # Runs again after a broken connection, which releases it: hence the name kept beside it.
    engine, parameters = shared_engine(), st.query_params.to_dict()
    owner = this_browser()
    run = _claimed(engine, st.session_state.get(run_key(page)), owner, page)
    if run is not None:
        return run
    run = _claimed(engine, parameters.get(RUN), owner, page)
    if run is not None:
        _follow_edit(run, parameters, page)
        return run
    st.session_state[FOLLOWED] = {n: text for n, text in parameters.items() if n not in EVERYWHERE}
    settings, sentences = settings_of_address(parameters, page)
    complain(settings, sentences)
    return engine.create(settings, owner)


def _claimed(engine: Engine, name: str | None, owner: str | None, page: str) -> RunHandle | None:
    """The run of that name, if it is this browser's and of this page."""
    run = engine.claim(name, owner) if name else None
    if run is not None and page_of(run.settings) != page:
        run.release()
        return None
    return run


def settings_of_address(parameters: dict[str, str], page: str = LIVE) -> tuple[Settings, list[str]]:
    """The settings an address asks for, and a sentence for each parameter that does not fit.

    `preset` names where to start from, by its name or title; every other parameter is a setting. What only
    another page reads is passed over.
    """
    good: dict[str, Any] = {}
    complaints = []
    preset = FIRST[page]
    for name, text in parameters.items():
        try:
            if name == PRESET:
                preset = preset_named(text)
            elif name != RUN and not belongs_elsewhere(page, name):
                make_settings({name: text})
                good[name] = text
        except SettingsError as error:
            complaints.append(f"Left out of the address: {error}")
    try:
        return preset_settings(preset, **good), complaints
    except SettingsError as error:  # what was drawn does not fit the data
        good.pop("drawn")
        return preset_settings(preset, **good), [*complaints, f"Left out of the address: {error}"]


def write_address(run: RunHandle) -> None:
    """Let the address say what is being played, and by which run."""
    wanted = {RUN: run.name, **address_of(run.settings), **kept_everywhere()}
    show_address(page_of(run.settings), wanted)
    # In the first run Streamlit would write too early, see ui/address_bar.py. Later it must: what it has not
    # written itself, it does not send to a server that has been started again.
    if st.session_state.setdefault(OPENED, False) and st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
    st.session_state[OPENED] = True


def address_of(settings: Settings) -> dict[str, str]:
    """The parameters of a link that opens a game like this one, on the page that shows it."""
    first = preset_settings(FIRST[page_of(settings)])
    return {name: str(value) for name, value in settings.difference(first).items()}


def link_to(settings: Settings) -> str:
    """A whole link, to be sent to a class; it carries no run, so everyone plays their own."""
    page = page_of(settings)
    parts = urlsplit(str(st.context.url or ""))
    path = parts.path.rstrip("/")
    path = path if path.endswith(page) else f"{path}/{page}"
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(address_of(settings)), ""))


def complain(settings: Settings, sentences: list[str]) -> None:
    """Say `sentences` on the page for as long as the run is under `settings`."""
    st.session_state[COMPLAINTS] = (settings, sentences)


def complaints(run: RunHandle) -> list[str]:
    """What to tell the owner of this tab."""
    settings, sentences = st.session_state.get(COMPLAINTS, (None, []))
    return sentences if settings == run.settings else []


def on_gpu(settings: Settings) -> bool:
    """Whether a game of these settings is trained on a GPU, as far as it is known by now."""
    machine = shared_engine().machine
    return machine is not None and machine.gpu and settings.architecture != "perceptron"


def engine_facts() -> str:
    """Which digits and which processors are in use, in one line."""
    engine = shared_engine()
    processes = "one process" if engine.worker_count == 1 else f"{engine.worker_count} processes"
    told = engine.machine
    trained = "" if told is None else f"{told.sentence} "  # a trainer process has not started yet
    where = "" if engine.keeps_runs else " until the server stops, because their folder cannot be used"
    return (
        "Digits: 10,000 of MNIST come with the app; 2,000 of them are held out. The full 60,000 are offered "
        f"under New game. {trained}Training runs in {processes}: {engine.playing} of at most "
        f"{engine.playing_cap} runs are playing now. Paused runs are kept in memory up to "
        f"{engine.memory_budget / 1e6:,.0f} MB, the others on disk{where}. "
        "MNIST by LeCun, Cortes and Burges, CC BY-SA 3.0."
    )
