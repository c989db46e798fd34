"""Who may come, and who is who: middleware for every route of the app.

- A Host that `server.allowedHosts` does not name, and a page of another origin, are refused as Streamlit
  refuses them on its own routes.
- Every answer carries the usual security headers.
- A browser is known by the cookie `gan_owner`, which is set with the first page. Its runs belong to it:
  after a reload, in a second tab and after a restart of the server.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed, is_host_allowed

COOKIE = "gan_owner"
OURS = ("assets", "stream", "class")  # routes that only pages of ours may use
A_YEAR = 365 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address names the run
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Streamlit starts components from blob: addresses, and Plotly compiles its 3-D drawing.
    "Content-Security-Policy": "; ".join((
        "default-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:", "worker-src 'self' blob:", "object-src 'none'",
        "base-uri 'self'", "form-action 'self'",
    )),
}  # fmt: skip


def owner_of_cookies(cookies: Mapping[str, str]) -> str | None:
    """Whose browser sent these cookies: a name made from the secret one; None where there is none."""
    token = cookies.get(COOKIE, "")
    return hashlib.sha256(token.encode()).hexdigest()[:32] if _TOKEN.fullmatch(token) else None


class Visitors:
    """The middleware."""

    def __init__(self, app: ASGIApp, *, base: str = "") -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._is_welcome(scope, headers):
            await _refuse(scope, receive, send)
            return
        asks_for_page = "text/html" in headers.get("accept", "")  # also where the answer is "not modified"
        known = owner_of_cookies(_cookies(headers)) is not None
        new = _new_cookie(scope, self._base) if asks_for_page and not known else None

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
                if new:
                    found.append("Set-Cookie", new)
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)

    def _is_welcome(self, scope: Scope, headers: Headers) -> bool:
        host = headers.get("host")
        ours = scope["path"].startswith(tuple(f"{self._base}/{name}/" for name in OURS))
        if ours:
            return _is_origin_allowed(headers.get("origin"), host)
        return is_host_allowed(host)


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _new_cookie(scope: Scope, base: str) -> str:
    secure = "; Secure" if scope.get("scheme") in ("https", "wss") else ""
    token = secrets.token_urlsafe(24)
    return f"{COOKIE}={token}; Path={base or '/'}; Max-Age={A_YEAR}; HttpOnly; SameSite=Lax{secure}"


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403})
        return
    text = "This host or origin is not allowed. Start the server with --server.allowedHosts HOST."
    await PlainTextResponse(text, status_code=403)(scope, receive, send)
