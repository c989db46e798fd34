"""Runs kept by `python -m gan_core train --out runs/NAME` or by the app, to be opened on the Live page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gan_core import library
from gan_core.engine.handle import RunHandle
from gan_core.presets import page_of
from ui.session import complain

RUNS = Path(__file__).resolve().parent.parent / "runs"
LISTED_SECONDS = 2.0  # the page is run at every click, and each run on disk is a file to be read


@st.cache_data(ttl=LISTED_SECONDS, show_spinner=False)
def saved_runs() -> dict[str, Path]:
    """What is offered, newest first: the folders under runs/, and titled runs of the app without an owner."""
    named = {path.name: path for path in library.run_folders(RUNS)}
    root = library.runs_root()
    kept = [meta for meta in library.list_runs(root) if meta.title and meta.owner is None]
    return named | {f"{meta.title} ({meta.name})": root / meta.name for meta in kept}


def open_saved(run: RunHandle) -> None:
    """A box of saved runs, and the button that opens one in this tab."""
    folders = saved_runs()
    if not folders:
        st.caption("Runs of `python -m gan_core train --seconds 60 --out runs/NAME` can be opened here.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Open a saved run", list(folders), key="saved_run")
        args = (run, folders[name])
        st.button("Open", key="open_saved", icon=":material/folder_open:", on_click=_open, args=args)


def _open(run: RunHandle, folder: Path) -> None:
    try:
        saved = library.open_folder(folder)
    except library.LibraryError as error:
        complain(run.settings, [str(error)])
        return
    if page_of(saved.settings) != page_of(run.settings):
        where = "Toy data" if page_of(saved.settings) == "toy" else "Live GAN"
        complain(run.settings, [f"{folder.name} is a run of the page {where}: open it there."])
        return
    if saved.checkpoint is None:
        run.reset(saved.settings)
    else:
        run.open(saved.checkpoint, saved.settings, saved.history)
