"""The front door: `streamlit run app.py`.

The script is ui/main.py: beside a folder pages/ Streamlit would find the pages by itself and skip
the navigation on a first deep link.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from gan_core import log
from gan_core.bundled import DataError, bundled_digits_and_classes
from gan_core.engine.client import check_environment, shared_engine
from ui.board import asset_routes, base_path
from ui.class_socket import ClassSocket
from ui.classroom import classes
from ui.stream import Stream
from ui.visitors import Visitors


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Trainer processes and classes live as long as the server; the first are warm before the first page."""
    engine = shared_engine()
    gc.collect()
    gc.freeze()  # what is imported by now need not be searched again at every collection
    looking = asyncio.create_task(class_socket.look_after())
    try:
        yield
    finally:
        looking.cancel()
        classes.end_all()
        engine.stop()


class_socket = ClassSocket(classes)
log.configure()
try:  # as early as can be: without digits no game begins
    bundled_digits_and_classes()
    check_environment()
except (DataError, ValueError) as error:
    raise SystemExit(str(error)) from error
app = st.App(
    Path(__file__).parent / "ui" / "main.py",
    lifespan=lifespan,
    routes=[
        *asset_routes(),
        *Stream(shared_engine).routes(base_path()),
        *class_socket.routes(base_path()),
    ],
    middleware=[Middleware(Visitors, base=base_path())],
)
