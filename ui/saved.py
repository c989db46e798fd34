"""Runs kept by `python -m gan_core train --out runs/NAME`, to be opened on the Live page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gan_core.engine.handle import RunHandle
from gan_core.history import History
from gan_core.settings import SettingsError, read_settings
from ui.session import complain

RUNS = Path(__file__).resolve().parent.parent / "runs"


def saved_runs() -> list[str]:
    """Names of the folders under runs/ that hold a run, newest first."""
    found = [path.parent for path in RUNS.glob("*/settings.json")]
    return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def open_saved(run: RunHandle) -> None:
    """A box of saved runs, and the button that opens one in this tab."""
    names = saved_runs()
    if not names:
        st.caption("Runs kept with `python -m gan_core train --seconds 60 --out runs/NAME` open here.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Open a saved run", names, key="saved_run")
        st.button("Open", key="open_saved", icon=":material/folder_open:", on_click=_open, args=(run, name))


def _open(run: RunHandle, name: str) -> None:
    folder = RUNS / name
    try:
        settings, history = read_settings(folder / "settings.json"), History.read(folder)
    except (SettingsError, ValueError) as error:
        complain(run.settings, [str(error)])
        return
    run.open(folder, settings, history)
