"""Every toy: its density, its samples and the probability of its cells say the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.drawn import BINS, STEPS, encode_points, encode_sketch
from gan_core.settings import choices, sample_of
from gan_core.theory.distances import edges, shares
from gan_core.theory.toys import TOYS, WINDOW, Floats, Steps, Toy, toy_named

SKETCH = encode_sketch([(5 * bin) % 64 for bin in range(BINS)])
CORNERS = encode_points([(0, 0), (STEPS - 1, 0), (1000, 3000)])
CASES = [(name, "") for name in TOYS] + [("sketch_1d", SKETCH), ("points", CORNERS)]


def integral(toy: Toy) -> Floats:
    """Of the density over each cell: Gauss's rule, and many midpoints where the density has jumps."""
    grid = edges(toy)
    places, weights = np.polynomial.legendre.leggauss(8)
    if isinstance(toy, Steps):
        places, weights = (np.arange(200) + 0.5) / 100 - 1, np.full(200, 0.01)
    cells, n, half = len(grid) - 1, len(places), (grid[1] - grid[0]) / 2
    at = (grid[:-1, None] + half * (1 + places)).ravel()
    if toy.dimensions == 1:
        return np.asarray(toy.density(at[:, None]).reshape(cells, n) @ weights * half)
    up, across = np.meshgrid(at, at, indexing="ij")
    heights = toy.density(np.column_stack([across.ravel(), up.ravel()])).reshape(cells, n, cells, n)
    return np.asarray(np.einsum("injm,n,m->ij", heights, weights, weights) * half**2)


@pytest.mark.parametrize(("name", "drawn"), CASES)
def test_the_cells_are_the_integral_of_the_density(name: str, drawn: str) -> None:
    toy = toy_named(name, drawn)
    tolerance = 2e-4 if isinstance(toy, Steps) else 1e-9  # a jump may lie within a part of a cell
    np.testing.assert_allclose(toy.cells(edges(toy)), integral(toy), atol=tolerance)


@pytest.mark.parametrize(("name", "drawn"), CASES)
def test_the_samples_fall_into_the_cells_as_often_as_they_should(name: str, drawn: str) -> None:
    toy, count = toy_named(name, drawn), 40_000
    samples = toy.sample(count, np.random.default_rng(5))
    assert samples.shape == (count, toy.dimensions)
    columns = [samples[:, i] for i in reversed(range(toy.dimensions))]
    grid = edges(toy)
    found = np.histogramdd(columns, [grid] * toy.dimensions)[0] / count
    expected = toy.cells(grid)
    spread = np.sqrt(np.maximum(expected, 1 / count) / count)
    assert np.abs((found - expected) / spread).max() < 6
    assert found.sum() == pytest.approx(expected.sum(), abs=6 / math.sqrt(count))


@pytest.mark.parametrize(("name", "drawn"), CASES)
def test_all_shares_sum_to_one_and_nearly_all_lies_in_the_window(name: str, drawn: str) -> None:
    toy = toy_named(name, drawn)
    assert shares(toy).sum() == pytest.approx(1.0, abs=1e-12)
    assert shares(toy).min() >= 0
    assert shares(toy)[-1] < (0.6 if drawn == CORNERS else 1e-4)


def test_every_data_set_but_the_digits_is_a_toy_of_its_dimensions() -> None:
    names = [name for name in choices("data") or () if not name.startswith("mnist")]
    assert sorted(names) == sorted(TOYS)
    for name in TOYS:
        assert toy_named(name).dimensions == (1 if sample_of(name) == "line" else 2)  # type: ignore[arg-type]
        assert toy_named(name) is toy_named(name, "")
        assert toy_named(name).name == name


def test_the_mixtures_on_a_line_are_the_formulas() -> None:
    def normal(x: Floats, mean: float, spread: float) -> Floats:
        return np.asarray(np.exp(-((x - mean) ** 2) / (2 * spread**2)) / (spread * math.sqrt(2 * math.pi)))

    x = np.linspace(-4.5, 4.3, 97)
    np.testing.assert_allclose(toy_named("gaussian_1d").density(x[:, None]), normal(x, 2.0, 0.7))
    both = 0.5 * normal(x, -2.0, 0.5) + 0.5 * normal(x, 2.0, 0.5)
    np.testing.assert_allclose(toy_named("two_gaussians_1d").density(x[:, None]), both)
    np.testing.assert_allclose(toy_named("uniform_1d").density(x[:, None]), np.where(abs(x) < 2, 0.25, 0.0))


def test_a_density_in_a_plane_at_its_centres() -> None:
    ring = toy_named("ring")
    alone = 1 / (8 * 2 * math.pi * 0.25**2)
    centres = np.array([mode.centre for mode in ring.modes])
    np.testing.assert_allclose(np.hypot(*centres.T), 2.0)
    np.testing.assert_allclose(ring.density(centres), alone, rtol=1e-6)
    beside = centres[0] + np.array([0.25, 0.0])
    np.testing.assert_allclose(ring.density(beside[None]), alone * math.exp(-0.5), rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in TOYS if toy_named(name).modes])
def test_modes_are_named_by_where_they_lie(name: str) -> None:
    modes = toy_named(name).modes
    assert len({mode.name for mode in modes}) == len(modes)
    assert sum(mode.share for mode in modes) == pytest.approx(1.0)
    for mode in modes:
        across = mode.centre[0]
        assert ("left" in mode.name) == (across < -0.45)
        assert ("right" in mode.name) == (across > 0.45)
        if len(mode.centre) == 2 and name != "line":
            up = mode.centre[1]
            assert any(word in mode.name for word in ("upper", "top")) == (up > 0.5)


def test_a_drawing_left_over_changes_no_other_toy() -> None:
    assert toy_named("ring", CORNERS) is toy_named("ring")
    assert toy_named("points", CORNERS) is not toy_named("points")


def test_no_two_islands_touch() -> None:
    for name in ("ring", "grid", "line", "blobs"):
        modes = toy_named(name).modes
        centres = np.array([mode.centre for mode in modes])
        apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
        assert apart[apart > 0].min() > 2 * modes[0].radius


def test_a_sketch_is_as_high_as_it_was_drawn() -> None:
    toy = toy_named("sketch_1d", encode_sketch([0] * 32 + [7] * 16 + [21] * 16))
    low, high = toy.window
    middles = low + (high - low) * (np.arange(BINS) + 0.5) / BINS
    height = 1 / (4 * 16 * (high - low) / BINS)
    np.testing.assert_allclose(
        toy.density(middles[:, None]), np.repeat([0, height, 3 * height], [32, 16, 16]), rtol=1e-12
    )
    np.testing.assert_array_equal(toy.density(np.array([[low - 0.1], [high + 0.1]])), 0.0)


def test_drawn_points_lie_where_they_were_drawn() -> None:
    low, high = WINDOW
    toy = toy_named("points", encode_points([(0, STEPS - 1), (STEPS // 2, 0), (STEPS - 1, STEPS // 4)]))
    centres = np.array([(low, high), (0.0, low), (high, low / 2)])
    peaks = toy.density(centres)
    np.testing.assert_allclose(peaks, 1 / (3 * 2 * math.pi * 0.1**2), rtol=1e-4)


def test_a_drawing_that_fits_no_toy_is_refused() -> None:
    with pytest.raises(ValueError, match="drawn points are"):
        toy_named("points", "AAAA")
    with pytest.raises(ValueError, match="a drawn density is"):
        toy_named("sketch_1d", "AAAA")
    with pytest.raises(KeyError):
        toy_named("swirl")
