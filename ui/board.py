"""The board: the whole live dashboard of one run as a single component.

`st.plotly_chart` rebuilds a chart whenever its data change, so zoom and camera are lost. The board
owns plotly.js instead and calls `Plotly.react`. Its frames come by the stream (`ui.stream`), not by runs of
the script; `ui/static/board.js` draws them.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from gan_core.engine.handle import RunHandle
from gan_core.settings import sample_of

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


def base_path() -> str:
    """What the server's own addresses begin with: nothing, or the option `server.baseUrlPath` as "/gan"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def asset_url(name: str) -> str:
    """The address of a file in `ui/static`, good for as long as the file is what it is now."""
    return f"{base_path()}/assets/{asset_version()}/{name}"


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
    return [Route(f"{base_path()}/assets/{{version}}/{{name}}", _serve)]


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


def board(
    run: RunHandle, stand: str, *, key: str, opens: tuple[str, str] | None = None
) -> None:
    """The board of `run`, fed by its stream.

    `stand`: how the run stood when the page was drawn, see `ui.frames.stand_of`; the page is run anew when a
    frame says that it stands otherwise. `opens`: the name of a scene, and the panel it brings to the front.
    """
    ticket = run.ticket if run.owner is None else ""  # an owner is known by the cookie
    data = {
        "watch": run.name, "ticket": ticket, "stand": stand, "opens": opens,
        "kind": sample_of(run.settings.data),
    }  # fmt: skip
    _mount(key=key, data=data, on_stand_change=lambda: None)
