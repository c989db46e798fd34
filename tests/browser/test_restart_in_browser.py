"""The server is killed under a playing run, and started again."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.serving import free_port, serve
from gan_core.run_folder import meta_if_ours

PATIENCE = 120_000  # ms; the server imports PyTorch again


def saved_step(folder: Path) -> int:
    """The step that a run can be gone on with from disk; 0 before it is saved."""
    meta = meta_if_ours(folder)
    return meta.step if meta is not None else 0


def test_a_run_outlives_its_server(page: Page, tmp_path: Path) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    port = free_port()
    board = page.locator(".gan-board")
    with serve(port=port, GAN_DATA_DIR=str(tmp_path)) as first:
        page.goto(f"{first.address}/live?seed=5")
        expect(board).to_have_attribute("data-state", "paused")
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("Number(document.querySelector('.gan-board').dataset.step) > 20")
        name = re.search(r"run=([^&]+)", page.url)
        assert name is not None
        deadline = time.monotonic() + PATIENCE / 1000
        while saved_step(tmp_path / "runs" / name.group(1)) < 20:
            assert time.monotonic() < deadline, "the run is not saved"
            page.wait_for_timeout(100)
        first.process.kill()
        first.process.wait()
        expect(page.get_by_role("alert").filter(has_text="Connection lost")).to_be_visible()
        shown = int(board.get_attribute("data-step") or 0)
        assert shown > 20, "what was seen last stays on the screen"
    with serve(port=port, GAN_DATA_DIR=str(tmp_path)):
        expect(page.get_by_text("Connection lost")).to_be_hidden()
        page.wait_for_function(
            "step => Number(document.querySelector('.gan-board').dataset.step) > step", arg=shown
        )
        expect(board).to_have_attribute("data-state", "playing")
        steps = page.evaluate(
            "Array.from(document.querySelector('[data-chart=\"tug\"]')._fullData[0].x, Number)"
        )
        assert steps[0] < 20, "the history from before the restart is there"
        found = re.search(r"run=([^&]+)", page.url)
        assert found is not None
        assert found.group(1) == name.group(1)
        page.goto("about:blank")
