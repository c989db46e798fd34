"""How fast the theory pages answer: `python -m benchmarks.rooms`.

From the key on a slider until the page with the last chart that changes has been painted, 3-D surfaces
included, by the browser's own clock. One Chromium at 1280x720 against the real server,
on this machine. Prints one JSON object: median, 95th percentile and count for each page, in milliseconds.
"""

from __future__ import annotations

import argparse
import math
import statistics
from typing import Any, NamedTuple

import orjson
from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import CHROMIUM, QUIET, serve

WARM_UP = 4

# Notes when a key goes down, and when the page with the last chart is painted.
STOPWATCH = """() => {
    const plots = document.querySelector('.gan-plots');
    const watch = window.watch = { down: 0, last: 0, before: plots.dataset.drawn };
    addEventListener('keydown', () => {
        Object.assign(watch, { down: performance.now(), last: 0, before: plots.dataset.drawn });
    }, true);
    new MutationObserver(() => {
        const { drawn, frame } = plots.dataset;
        if (drawn !== frame || drawn === watch.before) return;
        requestAnimationFrame(() => setTimeout(() => { watch.last = performance.now(); }));
    }).observe(plots, { attributes: true, attributeFilter: ['data-drawn'] });
}"""
SETTLED = "() => { const d = document.querySelector('.gan-plots')?.dataset; return d?.frame && d.drawn === d.frame; }"  # noqa: E501


class Scene(NamedTuple):
    """A page in some state, and the sliders to move."""

    page: str
    query: str
    sliders: tuple[str, ...]


SCENES = (
    Scene("games", "", ("p: Row plays", "q: Column plays")),
    Scene("games", "?game=Matching+Pennies", ("p: Row plays", "Time, or rounds")),
    Scene("games", "?game=Rock-Paper-Scissors", ("rock", "paper")),
    Scene("value", "", ("Mean of p_G", "Spread of p_data", "Label smoothing", "Slope of your D")),
    Scene("value", "?panel=BCE+cost", ("Output h of D", "Mean of p_G")),
    Scene("value", "?panel=G%27s+loss", ("D(G(z))", "Mean of p_G")),
    Scene("value", "?panel=Smoothing", ("Label smoothing", "Fake label")),
    Scene("value", "?panel=Activations", ("Layers", "Gain of the weights")),
    Scene("saddle", "", ("Coupling b", "Step size of x")),
    Scene("saddle", "?method=Extragradient&rival=Negative+momentum", ("Coupling b", "Step size of y")),
    Scene("saddle", "?game=Dirac-GAN,+instance+noise&method=Alternating", ("Noise σ", "Step size of θ")),
)


def answers(page: Page, name: str, count: int) -> list[float]:
    """`count` moves of the slider whose label begins with `name`: until the last chart, in ms."""
    found = []
    slider = page.get_by_role("slider", name=name).first
    low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
    key = "ArrowRight"
    for number in range(WARM_UP + count):
        now = float(slider.input_value())
        key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low or number % 5 == 0 else key
        slider.focus()
        slider.press(key)
        page.wait_for_function("() => window.watch.last > 0", polling=20)
        found.append(float(page.evaluate("watch.last - watch.down")))
    return found[WARM_UP:]


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def measure(count: int) -> dict[str, Any]:
    """Every page: all answers of all its scenes together."""
    found: dict[str, list[float]] = {}
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(30_000)
        for scene in SCENES:
            page.goto(f"{server.address}/{scene.page}{scene.query}")
            page.wait_for_function(SETTLED)
            page.evaluate(STOPWATCH)
            for slider in scene.sliders:
                times = answers(page, slider, count)
                print(scene.page, scene.query, slider, summary(times), flush=True)
                found.setdefault(scene.page, []).extend(times)
        browser.close()
    return {name: summary(times) for name, times in found.items()}


def summary(times: list[float]) -> dict[str, int]:
    """Median and 95th percentile, in ms."""
    return {
        "median": round(statistics.median(times)), "p95": round(percentile(times, 0.95)), "count": len(times),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="moves of each slider")
    print(orjson.dumps(measure(parser.parse_args().count)).decode())
