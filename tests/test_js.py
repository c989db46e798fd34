"""The page's scripts as far as they need no browser, by Node's own test runner."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ui.board import _files

NODE = shutil.which("node")
FILES = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))


@pytest.mark.skipif(NODE is None and not os.environ.get("CI"), reason="needs Node, and there is none here")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem.removesuffix(".test"))
def test_a_script_does_what_its_tests_say(file: Path) -> None:
    assert NODE is not None, "the tests of the scripts need Node, and there is none here"
    done = subprocess.run(
        [NODE, "--test", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_only_node_reads_is_not_served() -> None:
    assert "package.json" not in _files()
    assert "motion.js" in _files()
