"""Arrows as polygons: where they begin, end and how wide they are."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.figures.arrows import HEAD, outlines, rows_of
from gan_core.theory.two_player import Floats

TAIL = np.array([[0.5, 2.0], [1.0, 1.0], [-1.0, 2.0], [0.25, -1.0]])
ALONG = np.array([[0.3, 0.4], [0.0, 0.0], [0.0, -2.0], [1.0, 0.0]])


def test_an_arrow_runs_from_its_tail_to_its_tip_and_one_without_length_is_left_out() -> None:
    found = outlines(TAIL, ALONG, 0.02)
    assert found.shape == (3, 9, 2)
    np.testing.assert_array_equal(found[:, 0], TAIL[[0, 2, 3]])
    np.testing.assert_array_equal(found[:, 8], TAIL[[0, 2, 3]])
    np.testing.assert_allclose(found[:, 4], (TAIL + ALONG)[[0, 2, 3]], atol=1e-15)


def test_the_head_points_forward_and_is_wider_than_the_shaft() -> None:
    _, _, down, left, tip, right, up, _, _ = outlines(TAIL, ALONG, 0.02)[0]
    assert np.linalg.norm(up - down) == pytest.approx(0.02)
    assert np.linalg.norm(right - left) == pytest.approx(2 * HEAD[1] * 0.5)
    for corner in (left, right):
        assert (tip - corner) @ ALONG[0] == pytest.approx(HEAD[0] * 0.5**2)


def test_a_short_arrow_has_a_thin_shaft() -> None:
    _, _, down, left, _, right, up, _, _ = outlines(TAIL, ALONG, 5.0)[0]
    assert np.linalg.norm(up - down) == pytest.approx(np.linalg.norm(right - left) / 3)


def test_a_row_is_one_polygon_that_encloses_its_arrows_and_nothing_between() -> None:
    found = outlines(TAIL, ALONG, 0.02)
    line = rows_of(found)
    ends = np.flatnonzero(np.isnan(line[:, 0]))
    assert ends.tolist() == [9, 28]  # the lower row of one arrow, the upper one of two

    def area(corners: Floats) -> float:
        x, y = corners.T
        return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2

    assert area(line[:9]) == pytest.approx(area(found[2]), rel=1e-12)
    assert area(line[10:28]) == pytest.approx(area(found[0]) + area(found[1]), rel=1e-12)
    ways = np.diff(line[10:28:9], axis=0)  # from tail to tail
    np.testing.assert_array_equal(ways, [[1.5, 0.0]])
