"""G from inside, as a person sees it: pictures that come by themselves, controls, both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 60_000  # ms; the lab process has to be started


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)


def sheets(page: Page, chart: str) -> list[str]:
    """The images of a chart, as they are drawn."""
    images = page.locator(f'[data-chart="{chart}"] .im image')
    expect(images.first).to_be_visible()
    found = [image.get_attribute("xlink:href") or image.get_attribute("href") for image in images.all()]
    return [source for source in found if source]


def test_a_walk_is_drawn_by_itself_and_anew_for_another_seed(page: Page, address: str) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/lab?view=Inside+G")
    (walk,) = sheets(page, "walk")
    assert walk.startswith("data:image/png;base64,")
    box = page.locator('[data-chart="walk"] .im image').bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(11 / 5, rel=0.02)  # pictures are square
    assert box["width"] > 600
    seed = page.get_by_role("spinbutton", name="Noise vectors, seed")
    seed.fill("7")
    seed.press("Enter")
    page.wait_for_url("**noise_seed=7**")
    expect(page.locator('[data-chart="walk"] .im image')).not_to_have_attribute("xlink:href", walk)
    assert problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_and_controls_are_accessible_in_both_themes(theme: str, page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{address}/lab?view=Inside+G&picture=feature+maps")
    assert len(sheets(page, "feature_maps")) == 3  # two hidden layers, and the picture
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    ours = [rule for rule in found if any(".gan-plots" in str(node["target"]) for node in rule["nodes"])]
    assert ours == []
    page.get_by_text("style mixing").click()
    expect(page.locator('[data-chart="mixing"]')).to_contain_text("This G has no styles.")
