"""The front door: `streamlit run app.py`.

The script is ui/main.py: beside a folder pages/ Streamlit would find the pages by itself and skip
the navigation on a first deep link.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from gan_core import log
from gan_core.bundled import DataError, bundled_images
from gan_core.engine.client import check_environment, shared_engine
from ui.board import asset_routes, base_path
from ui.stream import Stream
from ui.visitors import Visitors


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """The trainer processes live as long as the server, and are warm before the first page."""
    engine = shared_engine()
    gc.collect()
    gc.freeze()  # what is imported by now need not be searched again at every collection
    try:
        yield
    finally:
        engine.stop()


log.configure()
try:  # as early as can be: without digits no game begins
    bundled_images()
    check_environment()
except (DataError, ValueError) as error:
    raise SystemExit(str(error)) from error
app = st.App(
    Path(__file__).parent / "ui" / "main.py",
    lifespan=lifespan,
    routes=[*asset_routes(), *Stream(shared_engine).routes(base_path())],
    middleware=[Middleware(Visitors, base=base_path())],
)
