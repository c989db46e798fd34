"""The board: the whole live dashboard of one run as a single component, fed by one message a frame.

`st.plotly_chart` rebuilds a chart whenever its data change, so zoom and camera are lost. The board
owns plotly.js instead and calls `Plotly.react`. A frame is a JSON header (figures, words, verdicts)
followed by raw grey values of the digits; `ui/static/board.js` draws it.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

_STATIC = Path(__file__).parent / "static"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".webp": "image/webp"}


def _plotly_js() -> Path:
    """plotly.min.js inside the plotly package, found without importing it."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _files() -> dict[str, Path]:
    """What a browser may ask for: name in the URL to file on disk. Nothing else is served."""
    files = {path.name: path for path in sorted(_STATIC.iterdir()) if path.suffix in _MEDIA_TYPES}
    return {**files, "plotly.min.js": _plotly_js()}


@cache
def asset_version() -> str:
    """Changes when any served file changes, so that browsers may keep each URL forever."""
    digest = hashlib.sha256()
    for name, path in _files().items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def asset_url(name: str) -> str:
    """The address of a file in `ui/static`, good for as long as the file is what it is now."""
    return f"/assets/{asset_version()}/{name}"


_packed: dict[tuple[Path, int], bytes] = {}
_packing = Lock()


def _gzipped(path: Path) -> bytes:
    """The file compressed: once per content, at the first request (plotly.js takes 0.2 s)."""
    key = (path, path.stat().st_mtime_ns)
    with _packing:
        if key not in _packed:
            _packed[key] = gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
        return _packed[key]


def _serve(request: Request) -> Response:
    """One asset. Not async: Starlette then runs it in a thread, where compressing blocks nobody."""
    path = _files().get(request.path_params["name"])
    if path is None:
        return Response("not found", status_code=404)
    media_type = _MEDIA_TYPES[path.suffix]
    if path.suffix == ".webp" or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(path, media_type=media_type, headers=_FOREVER)
    headers = {**_FOREVER, "Content-Encoding": "gzip"}
    return Response(_gzipped(path), media_type=media_type, headers=headers)


def asset_routes() -> list[BaseRoute]:
    """The routes `st.App` needs: the board's own files and plotly.js.

    The version in the URL is for the browser's cache only and is not compared: a page opened before
    an edit of `board.js` finds its files too.
    """
    return [Route("/assets/{version}/{name}", _serve)]


_LOADER = """
const NOT_LOADED = "The charts could not be loaded. Start the app with: streamlit run app.py";
let loaded;

export default async function (component) {
  try {
    loaded ??= import(window.location.origin + "MODULE");
    return await (await loaded).render(component);
  } catch (error) {
    console.error(error);
    component.parentElement.querySelector("ROOT")?.remove();
    let note = component.parentElement.querySelector(".gan-missing");
    if (!note) {
      note = component.parentElement.appendChild(document.createElement("p"));
      note.className = "gan-missing";
      note.setAttribute("role", "alert");
    }
    note.textContent = NOT_LOADED;
  }
}
"""


def loader(module: str, root: str) -> str:
    """The script of a component whose real code is `ui/static/<module>`, drawing into `root`.

    Streamlit sends this text again with every mount, so it only fetches the module. It runs from a
    blob: address, against which a path cannot be resolved; hence the origin.
    """
    return _LOADER.replace("MODULE", asset_url(module)).replace("ROOT", root)


# isolate_styles=False: plotly.js writes its own style sheet into the page's head, which a shadow
# root would not see. Our rules all start with .gan-board instead.
_mount = st.components.v2.component("gan_board", js=loader("board.js", ".gan-board"), isolate_styles=False)


def encode_frame(header: dict[str, Any], payload: bytes) -> bytes:
    """One message: uint32 little-endian length of the header, the header as JSON, the payload.

    `payload`: the grey values (0 black, 255 white) of the fakes, then of the real digits, 784 bytes
    each. NaN and infinity in the header become null, which Plotly draws as a gap.
    """
    text = orjson.dumps(header, option=orjson.OPT_SERIALIZE_NUMPY)
    return len(text).to_bytes(4, "little") + text + payload


def board(frame: bytes, *, key: str, on_seek: Callable[[], None]) -> None:
    """Shows `frame`. `on_seek` is called when the viewer asks for a step: read it with `seek_of`."""
    _mount(key=key, data=frame, on_seek_change=on_seek)


def seek_of(key: str, game: int) -> float | None:
    """The step of `game` the viewer of board `key` wants to see, or None for live."""
    wish = st.session_state.get(key, {}).get("seek")
    return float(wish["step"]) if wish and wish["game"] == game else None
