"""Distances between samples and a density against closed forms, and their floors against samples."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from gan_core.theory.distances import HIT_SHARE, PLANE_CELLS, distances, floors, modes_hit, shares
from gan_core.theory.toys import TOYS, Floats, toy_named

LOG2 = math.log(2)


def normals(mean: float, spread: float, count: int = 100_000) -> Floats:
    """Samples without chance: the quantiles of a normal distribution, [count, 1]."""
    normal = NormalDist(mean, spread)
    return np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count)])[:, None]


@pytest.mark.parametrize(("mean", "spread"), [(2.0, 0.9), (2.5, 0.7), (1.4, 1.0), (2.2, 0.6)])
def test_two_normal_densities_are_as_far_apart_as_the_formulas_say(mean: float, spread: float) -> None:
    found = distances(normals(mean, spread), toy_named("gaussian_1d"))
    p, q = NormalDist(2.0, 0.7), NormalDist(mean, spread)

    def kl(one: NormalDist, other: NormalDist) -> float:
        ratio = one.stdev / other.stdev
        return 0.5 * (ratio**2 - 1) - math.log(ratio) + 0.5 * ((one.mean - other.mean) / other.stdev) ** 2

    x = np.linspace(-8, 12, 20_001)
    heights = [np.array([normal.pdf(at) for at in x]) for normal in (p, q)]
    middle = np.maximum((heights[0] + heights[1]) / 2, 1e-300)
    jsd = sum(np.trapezoid(h * np.log(np.maximum(h, 1e-300) / middle), x) for h in heights) / 2
    assert found.tv == pytest.approx(1 - p.overlap(q), abs=4e-3)
    assert found.jsd == pytest.approx(jsd, rel=0.02)
    assert found.kl_forward == pytest.approx(kl(p, q), rel=0.03)
    assert found.kl_backward == pytest.approx(kl(q, p), rel=0.03)
    assert abs(found.kl_forward - found.kl_backward) > 0.01 or spread == 0.7  # they are two numbers


def test_a_shifted_uniform_density_in_closed_form() -> None:
    samples = np.linspace(-1.5, 2.5, 96_001)[:-1, None] + 1e-6  # a quarter of it shifted by 0.5
    found = distances(samples, toy_named("uniform_1d"))
    assert found.tv == pytest.approx(1 / 8, abs=1e-4)
    assert found.jsd == pytest.approx(LOG2 / 8, abs=1e-4)
    # The three empty cells have half a sample each, so KL is finite: 1/8 log of what the data have there.
    half = 0.5 / len(samples)
    assert found.kl_forward == pytest.approx(1 / 8 * math.log(1 / 24 / half), rel=1e-3)
    assert math.isfinite(found.kl_backward)
    assert found.kl_backward > 1


@pytest.mark.parametrize("name", ["ring", "blobs", "grid", "two_gaussians_1d"])
def test_total_collapse_on_one_mode_in_closed_form(name: str) -> None:
    toy, rng = toy_named(name), np.random.default_rng(1)
    k = len(toy.modes)
    spread = toy.modes[0].radius / 3
    # The islands of the ring reach a little into each other's cells.
    samples = toy.modes[1].centre + spread * rng.standard_normal((200_000, toy.dimensions))
    found = distances(samples, toy)
    p = np.array([1 / k, 1 - 1 / k])
    q = np.array([1.0, 0.0])
    middle = (p + q) / 2
    jsd = 0.5 * ((p * np.log(p / middle)).sum() - math.log(middle[0]))
    assert found.jsd == pytest.approx(jsd, abs=3e-3)
    assert found.tv == pytest.approx(1 - 1 / k, abs=3e-3)
    assert found.kl_backward == pytest.approx(math.log(k), abs=1e-2)
    assert found.kl_forward > found.kl_backward
    assert found.best_value == pytest.approx(-math.log(4) + 2 * found.jsd)
    assert modes_hit(samples, toy) == [i == 1 for i in range(k)]


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("where", [1e4, -3.1e9, math.nan, math.inf])
def test_samples_outside_the_window_have_nothing_in_common_with_the_data(name: str, where: float) -> None:
    toy = toy_named(name)
    found = distances(np.full((1000, toy.dimensions), where), toy)
    assert found.jsd == pytest.approx(LOG2, abs=2e-4)  # of the data, too, a little lies outside
    assert found.tv == pytest.approx(1.0, abs=1e-4)
    assert found.best_value == pytest.approx(0.0, abs=4e-4)
    assert all(map(math.isfinite, found))
    assert not any(modes_hit(np.full((1000, toy.dimensions), where), toy))


def test_one_number_outside_takes_the_whole_sample_outside() -> None:
    toy = toy_named("blobs")
    samples = toy.sample(2000, np.random.default_rng(0))
    samples[:1000, 1] = math.nan
    assert distances(samples, toy).tv > 0.5


@pytest.mark.parametrize("name", TOYS)
def test_samples_of_the_data_reach_the_floor(name: str) -> None:
    toy, rng = toy_named(name), np.random.default_rng(9)
    found = [distances(toy.sample(2000, rng), toy) for _ in range(8)]
    assert np.mean([f.jsd for f in found]) == pytest.approx(found[0].jsd_floor, rel=0.25)
    assert np.mean([f.tv for f in found]) == pytest.approx(found[0].tv_floor, rel=0.15)
    assert found[0][-2:] == floors(toy, 2000)
    if toy.modes:
        assert all(modes_hit(toy.sample(2000, rng), toy))


def test_the_floor_in_closed_form() -> None:
    """Of b equal cells: JSD (b - 1) / 8n, from its second order; TV from the mean deviation of a count."""
    b, n = 24, 10_000
    jsd, tv = floors(toy_named("uniform_1d"), n)
    assert jsd == pytest.approx((b - 1) / (8 * n), rel=0.15)
    assert tv == pytest.approx(0.5 * b * math.sqrt(2 / (math.pi * n) * (1 - 1 / b) / b), rel=0.1)
    assert floors(toy_named("uniform_1d"), 4 * n)[1] == pytest.approx(tv / 2, rel=0.1)


def test_cells_are_counted_up_and_across_as_the_density_is() -> None:
    cells = shares(toy_named("blobs"))[:-1].reshape(PLANE_CELLS, PLANE_CELLS)
    up, across = divmod(int(cells[:6].argmax()), PLANE_CELLS)
    assert up == 5  # the lower left one, at -2 across and -1.5 up
    assert across in (3, 4)
    transposed = toy_named("blobs").sample(20_000, np.random.default_rng(2))[:, ::-1]
    assert distances(transposed, toy_named("blobs")).tv > 0.5


@pytest.mark.parametrize(("factor", "hit"), [(0.9 * HIT_SHARE, False), (1.1 * HIT_SHARE, True)])
def test_a_mode_is_hit_with_a_part_of_the_samples_it_should_have(factor: float, hit: bool) -> None:
    toy, count = toy_named("ring"), 8000
    here = int(count / 8 * factor)
    centres = np.array([mode.centre for mode in toy.modes])
    samples = np.concatenate([np.tile(centres[2], (here, 1)), np.tile(centres[5], (count - here, 1))])
    assert modes_hit(samples, toy) == [False, False, hit, False, False, True, False, False]


def test_a_sample_beyond_the_radius_hits_nothing() -> None:
    toy = toy_named("ring")
    (across, up), radius = toy.modes[0].centre, toy.modes[0].radius
    assert modes_hit(np.tile([across + 0.99 * radius, up], (10, 1)), toy)[0]
    assert not any(modes_hit(np.tile([across + 1.01 * radius, up], (10, 1)), toy))
