"""The app on a free port and a Chromium to look at it, for the browser tests and the benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
STDERR = 2
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Server(NamedTuple):
    """A running app."""

    process: subprocess.Popen[bytes]
    address: str


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(base: str = "", *, port: int | None = None, **environment: str) -> Iterator[Server]:
    """The app as `make run` starts it, at `base` if named, on a free port if none is named.

    What it prints goes to stderr: stdout is for results. Raises RuntimeError if it does not come up.
    """
    port = port or free_port()
    options = ["--server.baseUrlPath", base] if base else []
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *options],
        cwd=PROJECT, env={**os.environ, **environment}, stdout=STDERR,
    )  # fmt: skip
    server = Server(process, f"http://127.0.0.1:{port}" + (f"/{base}" if base else ""))
    try:
        wait_for_health(server)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def wait_for_health(server: Server, seconds: float = 60.0) -> None:
    """Until the server answers. Raises RuntimeError when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            health = f"{server.address}/_stcore/health"
            with urllib.request.urlopen(health, timeout=2) as answer:  # noqa: S310
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")


def trainers_of(server: Server) -> list[int]:
    """The trainer processes that the server has started."""
    threads = Path(f"/proc/{server.process.pid}/task").iterdir()
    found = [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]
    return [pid for pid in found if b"gan_core.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_alive(pid: int) -> bool:
    """Whether the process still runs."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
