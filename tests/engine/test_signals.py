"""Ctrl-C and SIGTERM end the server and its trainer processes quietly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.serving import PROJECT, Server, is_alive, trainers_of, wait_for_health

PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_ends_everything_quietly(number: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=PROJECT, stderr=stderr, stdout=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "TMPDIR": str(tmp_path), "GAN_DATA_DIR": str(tmp_path / "data")},
        )  # fmt: skip
    try:
        server = Server(process, f"http://127.0.0.1:{port}")
        wait_for_health(server)
        trainers = trainers_of(server)
        assert len(trainers) == 1
        runs = tmp_path / "data" / "runs"
        assert len(list(runs.iterdir())) > 1, "the trainer process notes there what it works on"
        # A terminal signals the server's process group, a service manager every process.
        os.killpg(process.pid, number)
        for pid in trainers:
            os.kill(pid, number)
        assert process.wait(PATIENCE) in (0, 1, -number, 128 + number)  # 1: Streamlit says "Aborted!"
        deadline = time.monotonic() + PATIENCE
        while any(is_alive(pid) for pid in trainers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(is_alive(pid) for pid in trainers)
        assert [path.name for path in runs.iterdir()] == [".lock"]
        assert [path.name for path in tmp_path.glob("gan-*")] == []
        assert "Traceback" not in (tmp_path / "stderr").read_text()
    finally:
        process.kill()
        process.wait(PATIENCE)
