"""The server as it is started."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from gan_core.bundled import BUNDLED

PROJECT = BUNDLED.parent.parent


def test_damaged_digits_end_the_start_with_a_sentence(tmp_path: Path) -> None:
    for folder in ("gan_core", "ui", "pages", ".streamlit"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    shutil.copy(PROJECT / "app.py", tmp_path)
    damaged = tmp_path / "data" / BUNDLED.name
    damaged.parent.mkdir()
    damaged.write_bytes(BUNDLED.read_bytes()[:-1])
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"Cannot use {damaged} (its SHA-256 is wrong): restore" in done.stderr
    assert "Traceback" not in done.stderr
