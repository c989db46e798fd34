"""Who is let in, what every answer carries, and how a browser is known again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from typing import NamedTuple

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.ui.serving import served
from ui.visitors import COOKIE, HEADERS, Visitors, owner_of_cookies

PAGE = {"accept": "text/html"}


async def page(request: Request) -> Response:
    return HTMLResponse("a page")


async def asset(request: Request) -> Response:
    return PlainTextResponse("an asset")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def app(base: str = "") -> Starlette:
    routes = [
        Route(f"{base}/live", page), Route(f"{base}/assets/1/x.js", asset),
        WebSocketRoute(f"{base}/stream/x", stream), WebSocketRoute(f"{base}/_stcore/stream", stream),
    ]  # fmt: skip
    return Starlette(routes=routes, middleware=[Middleware(Visitors, base=base)])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served(app()) as address:
        yield address


@pytest.fixture(autouse=True)
def _hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"server.allowedHosts": ["localhost", "127.0.0.1"]}
    real = st.config.get_option
    monkeypatch.setattr(st.config, "get_option", lambda name: options.get(name, real(name)))


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    text: str


def get(server: str, path: str, **headers: str) -> Answer:
    connection = HTTPConnection(server, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read().decode())


@pytest.mark.parametrize("path", ["/live", "/assets/1/x.js", "/nowhere"])
def test_a_host_that_is_not_ours_gets_nothing(server: str, path: str) -> None:
    refused = get(server, path, host="evil.example")
    assert refused.status == 403
    assert "allowedHosts" in refused.text
    assert get(server, path).status == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize(
    ("origin", "refused"), [("", False), ("http://{}", False), ("http://evil.example", True)]
)
def test_stream_and_assets_are_for_pages_of_ours(server: str, origin: str, refused: bool) -> None:
    headers = {"origin": origin.format(server)} if origin else {}
    assert get(server, "/assets/1/x.js", **headers).status == (403 if refused else 200)
    if refused:
        with pytest.raises(InvalidStatus) as answer:
            connect(f"ws://{server}/stream/x", additional_headers=headers)
        assert answer.value.response.status_code == 403
    else:
        with connect(f"ws://{server}/stream/x", additional_headers=headers) as socket:
            assert socket.response is not None
            assert socket.response.status_code == 101


@pytest.mark.parametrize("path", ["/live", "/assets/1/x.js"])
def test_every_answer_carries_the_security_headers(server: str, path: str) -> None:
    found = get(server, path).headers
    assert {name: found.get(name) for name in HEADERS} == HEADERS


def test_a_browser_gets_one_cookie_with_its_first_page_and_keeps_it(server: str) -> None:
    assert get(server, "/assets/1/x.js").headers.get("set-cookie") is None
    said = get(server, "/live", **PAGE).headers["set-cookie"]
    assert re.fullmatch(
        rf"{COOKIE}=[A-Za-z0-9_-]{{32}}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", said
    )
    cookie = said.partition(";")[0]
    assert get(server, "/live", cookie=f"other=1; {cookie}", **PAGE).headers.get("set-cookie") is None
    forged = get(server, "/live", cookie=f"{COOKIE}=forged", **PAGE)
    assert forged.headers.get("set-cookie") is not None


def test_the_cookie_is_for_https_alone_there_and_for_the_base_path() -> None:
    with served(app("/gan")) as address:  # whose proxy says how it was asked
        secure = {**PAGE, "x-forwarded-proto": "https"}
        said = get(address, "/gan/live", **secure).headers["set-cookie"]
    assert said.endswith("; Secure")
    assert "Path=/gan;" in said


def test_an_owner_is_not_named_by_the_secret_itself() -> None:
    one, other = owner_of_cookies({COOKIE: "a" * 32}), owner_of_cookies({COOKIE: "b" * 32})
    assert one is not None
    assert one != other
    assert "a" * 32 not in one
    for bad in ("", "short", "a" * 31 + "!", "a" * 33):
        assert owner_of_cookies({COOKIE: bad}) is None
    assert owner_of_cookies({}) is None
