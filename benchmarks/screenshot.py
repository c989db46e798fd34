"""The README's pictures, the live page as usual and presented, the lab: `python -m benchmarks.screenshot`.

With `--all DIR`, every page, as usual and presented, at 1280x720 and 1920x1080, light and dark: to look at
before a release.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.serving import CHROMIUM, PROJECT, QUIET, serve

STEPS = 1200
SIZES = ((1280, 720), (1920, 1080))
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def shoot(
    browser: Browser, url: str, target: Path, size: tuple[int, int], scheme: Scheme, steps: int
) -> None:
    """Open `url`, play `steps` if it is the live page, and keep a picture."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(600_000)
    page.goto(url)
    if "/live" in url:
        page.locator(".st-key-play button").click()
        page.wait_for_function(
            "steps => Number(document.querySelector('.gan-board')?.dataset.step) >= steps", arg=steps
        )
        if target.stem == "lab":
            measure(page)
    page.wait_for_timeout(3000)
    page.screenshot(path=target)
    context.close()


def measure(page: Page) -> None:
    """From the live page to the lab's saddle, with all that it shows there."""
    page.locator(".st-key-play button").click()
    page.get_by_role("link", name="Lab", exact=True).click()
    page.locator(".st-key-view").get_by_text("Saddle", exact=True).click()
    page.get_by_role("button", name="Measure all").click()
    page.mouse.move(0, 0)  # no help over the picture
    page.locator(".st-key-lab_measures").get_by_text("D could gain").wait_for()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        if options.all is None:
            (PROJECT / "docs").mkdir(exist_ok=True)
            for name, query in (("live", ""), ("present", "?present=1"), ("lab", "")):
                target = PROJECT / "docs" / f"{name}.png"
                shoot(browser, f"{server.address}/live{query}", target, SIZES[0], "light", options.steps)
            return
        options.all.mkdir(parents=True, exist_ok=True)
        pages = ("", "lessons", "games", "value", "saddle", "live", "lab")
        places = [(page or "home", page) for page in pages]
        places += [(f"{page}-presented", f"{page}?present=1") for page in pages[2:]]
        for (name, place), size, scheme in product(places, SIZES, SCHEMES):
            target = options.all / f"{name}-{size[0]}-{scheme}.png"
            shoot(browser, f"{server.address}/{place}", target, size, scheme, options.steps)


if __name__ == "__main__":
    main()
