"""Arrows as polygons: where they begin, end and how wide they are."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from gan_core.figures.arrows import HEAD, arrows, outlines
from gan_core.theory.two_player import Floats

TAIL = np.array([[0.5, -0.2], [1.0, 1.0], [-1.0, 2.0]])
ALONG = np.array([[0.3, 0.4], [0.0, 0.0], [0.0, -2.0]])


def test_an_arrow_runs_from_its_tail_to_its_tip_and_one_without_length_is_left_out() -> None:
    found = outlines(TAIL, ALONG, 0.02)
    assert found.shape == (2, 8, 2)
    np.testing.assert_allclose(found[:, [0, 6]].mean(axis=1), TAIL[[0, 2]], atol=1e-15)
    np.testing.assert_allclose(found[:, 3], (TAIL + ALONG)[[0, 2]], atol=1e-15)
    np.testing.assert_array_equal(found[:, 7], found[:, 0])


def test_all_arrows_are_one_polygon_that_encloses_them_and_nothing_between() -> None:
    drawn = arrows(TAIL, ALONG, 0.02)
    x, y = (np.frombuffer(base64.b64decode(drawn[axis]["bdata"]), "<f4").astype(float) for axis in "xy")
    assert np.isfinite([x, y]).all()

    def area(x: Floats, y: Floats) -> float:
        return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2

    alone = sum(area(*arrow.T) for arrow in outlines(TAIL, ALONG, 0.02))
    assert area(x, y) == pytest.approx(alone, rel=1e-5)
    np.testing.assert_allclose((x[16:], y[16:]), outlines(TAIL, ALONG, 0.02)[::-1, 0].T, rtol=1e-6)


def test_the_head_points_forward_and_is_wider_than_the_shaft() -> None:
    (_, down, left, tip, right, up, _, _), _ = outlines(TAIL, ALONG, 0.02)
    assert np.linalg.norm(up - down) == pytest.approx(0.02)
    assert np.linalg.norm(right - left) == pytest.approx(2 * HEAD[1] * 0.5)
    for corner in (left, right):
        assert (tip - corner) @ ALONG[0] == pytest.approx(HEAD[0] * 0.5**2)


def test_a_short_arrow_has_a_thin_shaft() -> None:
    (_, down, left, _, right, up, *_), *_ = outlines(TAIL, ALONG, 5.0)
    assert np.linalg.norm(up - down) == pytest.approx(np.linalg.norm(right - left) / 3)
