"""What the live page costs and how fast it answers: `python -m benchmarks.page`.

One Chromium at 1280x720 against the real server, on this machine: times include everything from the
click to the drawn chart. Prints one JSON object: medians in milliseconds and all single figures.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import CHROMIUM, QUIET, serve

ROUNDS = 7
FRAME_SECONDS = 20.0
BOARD = "document.querySelector('.gan-board')?.dataset"
VALUE_LINE = """Array.from(document.querySelector('[data-chart="value"]')?._fullData
    ?.find(trace => trace.line?.shape === 'hv')?.y ?? [], Number).at(-1)"""


def measure() -> dict[str, Any]:
    """Every figure of the page."""
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(30_000)
        page.goto(f"{server.address}/live")
        page.wait_for_function(f"{BOARD}?.state === 'paused'")
        first = [first_picture(page) for _ in range(ROUNDS)]
        play(page)
        page.wait_for_function(f"Number({BOARD}.step) > 100")
        slider = [slider_to_line(page) for _ in range(ROUNDS)]
        cost = frame_cost(page, server.process.pid)
        paused = [pause(page) for _ in range(ROUNDS)]
        browser.close()
    return {
        "play_to_first_picture_ms": statistics.median(first), "all_first_pictures_ms": first,
        "slider_to_moved_line_ms": statistics.median(slider), "all_sliders_ms": slider,
        "pause_ms": statistics.median(ms for ms, _ in paused),
        "steps_after_pause": sum(extra for _, extra in paused),
        **cost,
    }  # fmt: skip


def first_picture(page: Page) -> float:
    """From the click on Play of a fresh game to charts drawn from a trained step, in ms."""
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function(f"{BOARD}.step === '0' && {BOARD}.state === 'paused'")
    started = time.perf_counter()
    play(page)
    page.wait_for_function(f"Number({BOARD}.step) > 0")
    elapsed = 1000 * (time.perf_counter() - started)
    page.keyboard.press("k")
    page.wait_for_function(f"{BOARD}.state === 'paused'")
    return round(elapsed)


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=False).first.click()


def slider_to_line(page: Page) -> float:
    """From a key on the smoothing slider to the equilibrium line of V drawn elsewhere, in ms."""
    before = page.evaluate(VALUE_LINE)
    slider = page.get_by_role("slider", name="Label smoothing")
    slider.focus()
    started = time.perf_counter()
    slider.press("ArrowLeft")
    page.wait_for_function(f"{VALUE_LINE} !== {before}", polling=10)
    return round(1000 * (time.perf_counter() - started))


def frame_cost(page: Page, pid: int) -> dict[str, float]:
    """Frames per second, and the server's CPU time for each, while one viewer watches."""
    first, used, started = frames(page), cpu_seconds(pid), time.perf_counter()
    page.wait_for_timeout(1000 * FRAME_SECONDS)
    shown, elapsed = frames(page) - first, time.perf_counter() - started
    return {
        "frames_per_second": round(shown / elapsed, 2),
        "server_cpu_ms_per_frame": round(1000 * (cpu_seconds(pid) - used) / shown, 2),
    }


def pause(page: Page) -> tuple[float, int]:
    """From the key to a page that says paused, in ms; and the steps made afterwards."""
    started = time.perf_counter()
    page.keyboard.press("k")
    page.wait_for_function(f"{BOARD}.state === 'paused'", polling=10)
    elapsed = 1000 * (time.perf_counter() - started)
    stood = int(page.evaluate(f"{BOARD}.step"))
    page.keyboard.press("s")  # one step by hand: whatever lies between is a step too many
    page.wait_for_function(f"Number({BOARD}.step) > {stood}")
    extra = int(page.evaluate(f"{BOARD}.step")) - stood - 1
    page.keyboard.press("k")
    page.wait_for_function(f"{BOARD}.state === 'playing'")
    return round(elapsed), extra


def frames(page: Page) -> int:
    return int(page.evaluate(f"{BOARD}.frame"))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(orjson.dumps(measure()).decode())
