"""The app under a base path, behind a proxy that forwards nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.serving import Server, free_port, serve, wait_for_health

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{ }}
http {{
    access_log {folder}/requests;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location /gan/ {{
            proxy_pass {origin};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }}
        location / {{ return 404; }}
    }}
}}
"""


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[str]:
    """The app's address at a proxy that forwards /gan/ only."""
    if NGINX is None:
        assert not os.environ.get("CI"), "needs nginx, and there is none here"
        pytest.skip("needs nginx")
    port = free_port()
    with serve(base="gan") as server:
        configuration = tmp_path / "nginx.conf"
        origin = server.address.removesuffix("/gan")
        configuration.write_text(CONFIGURATION.format(folder=tmp_path, port=port, origin=origin))
        proxy = subprocess.Popen([NGINX, "-c", str(configuration), "-e", str(tmp_path / "errors")])
        try:
            address = f"http://127.0.0.1:{port}/gan"
            wait_for_health(Server(proxy, address))
            yield address
        finally:
            proxy.terminate()
            proxy.wait(10)


def test_pages_assets_and_stream_work_under_a_base_path(page: Page, proxied: str) -> None:
    missing: list[str] = []
    page.on("response", lambda got: missing.append(got.url) if got.status == 404 else None)
    page.goto(f"{proxied}/live?seed=2")
    board = page.locator(".gan-board")
    expect(board).to_have_attribute("data-state", "paused", timeout=60_000)
    page.keyboard.press("s")
    expect(board).to_have_attribute("data-step", "1", timeout=30_000)
    page.wait_for_function("Number(document.querySelector('.gan-board').dataset.drawn) > 0")
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "gan_owner"]
    assert cookie["path"] == "/gan"
    assert [url for url in missing if "_stcore" not in url] == []
