"""The plots component: what its charts show while a motion plays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 30_000  # ms; a busy machine is slow, not wrong
SURFACE = """document.querySelector('.gan-plots [data-chart="surface"]')"""


@pytest.mark.parametrize(
    ("page_name", "scene"), [("games", "The GAN as a game"), ("saddle", "Look ahead and they arrive")]
)
def test_a_new_surface_is_drawn_while_the_motion_of_its_scene_plays(
    page: Page, address: str, page_name: str, scene: str
) -> None:
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(f"{address}/{page_name}")
    plots = page.locator(".gan-plots")
    expect(plots).to_have_attribute("data-motion", "still")
    page.wait_for_function(f"{SURFACE}?.dataset.drawn")
    before = page.evaluate(f"{SURFACE}.dataset.drawn")
    page.get_by_role("button", name=scene).click()
    page.wait_for_function(f"old => {SURFACE}.dataset.drawn !== old", arg=before)
    assert plots.get_attribute("data-motion") == "playing"
