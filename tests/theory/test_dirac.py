"""The Dirac-GAN: derived fields against differences of V, and the radii and rates of the literature."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gan_core.theory import dirac
from gan_core.theory.dirac import STRENGTHS, VARIANTS
from gan_core.theory.methods import METHODS, Setup, simulate
from gan_core.theory.rates import Fate, forecast, multipliers
from gan_core.theory.two_player import Complexes, Game, Pair

ZERO_SUM = ("minimax", "wgan", "wgan_gp", "instance_noise", "r1")
POINTS = [(0.7, -0.4), (-1.3, 0.6), (0.2, 1.7), (1.1, 0.9)]
H = 0.2  # step size of the table
TINY = 1e-6


def the(name: str) -> Game:
    return VARIANTS[name](STRENGTHS.get(name, 0.0))


def slope(function: Callable[[float], float], at: float) -> float:
    return (function(at + TINY) - function(at - TINY)) / (2 * TINY)


def sorted_roots(values: Complexes) -> Complexes:
    return np.sort_complex(np.round(np.asarray(values, complex), 12))


@pytest.mark.parametrize("name", ZERO_SUM)
@pytest.mark.parametrize("point", POINTS)
def test_the_field_is_the_slope_of_the_value(name: str, point: Pair) -> None:
    game, (theta, psi) = the(name), point
    v = game.field(theta, psi)
    assert v[0] == pytest.approx(slope(lambda t: float(game.value(t, psi)), theta), abs=1e-8)
    assert v[1] == pytest.approx(-slope(lambda p: float(game.value(theta, p)), psi), abs=1e-8)


@pytest.mark.parametrize("point", POINTS)
def test_the_value_is_that_of_a_gan_with_its_data_on_two_points(point: Pair) -> None:
    theta, psi = point
    d = [1 / (1 + math.exp(-psi * u)) for u in (0.0, theta)]
    assert float(dirac.minimax().value(*point)) == pytest.approx(math.log(d[0]) + math.log(1 - d[1]))
    loss = slope(lambda t: math.log1p(math.exp(-psi * t)), theta)  # -log D(theta)
    assert dirac.non_saturating().field(*point)[0] == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize("point", POINTS)
def test_consensus_adds_the_gradient_of_half_the_squared_field(point: Pair) -> None:
    plain, game = dirac.minimax(), dirac.with_consensus(0.8)

    def energy(theta: float, psi: float) -> float:
        v = plain.field(theta, psi)
        return float(0.5 * (v[0] ** 2 + v[1] ** 2))

    theta, psi = point
    pull = (slope(lambda t: energy(t, psi), theta), slope(lambda p: energy(theta, p), psi))
    expected = [v + 0.8 * g for v, g in zip(plain.field(*point), pull, strict=True)]
    assert game.field(*point) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("point", POINTS)
def test_the_jacobian_is_the_slope_of_the_field(name: str, point: Pair) -> None:
    field, (theta, psi) = the(name).field, point
    measured = [
        slope(along, at)
        for player in (0, 1)
        for along, at in (
            (lambda t, player=player: float(field(t, psi)[player]), theta),
            (lambda p, player=player: float(field(theta, p)[player]), psi),
        )
    ]
    game = the(name)
    assert game.jacobian(theta, psi) == pytest.approx(measured, abs=1e-8)


@pytest.mark.parametrize("name", VARIANTS)
def test_arrays_and_numbers_give_the_same_field(name: str) -> None:
    game = the(name)
    thetas, psis = (np.array(axis) for axis in zip(*POINTS, strict=True))
    whole = game.field(thetas, psis)
    for i, point in enumerate(POINTS):
        assert game.field(*point) == pytest.approx((whole[0][i], whole[1][i]), abs=1e-15)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "wgan_gp"])
def test_the_local_game_is_the_jacobian_at_the_equilibrium(name: str) -> None:
    game = the(name)
    assert game.field(0.0, 0.0) == pytest.approx((0.0, 0.0), abs=1e-15)
    assert game.local is not None
    a, b, c = game.local
    assert game.jacobian(0.0, 0.0) == pytest.approx((a, b, -b, c), abs=1e-15)


def flow_eigenvalues(game: Game) -> Complexes:
    return sorted_roots(np.linalg.eigvals(-np.array(game.jacobian(0.0, 0.0)).reshape(2, 2)))


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_without_help_the_flow_only_turns(name: str) -> None:
    np.testing.assert_allclose(flow_eigenvalues(the(name)), [-0.5j, 0.5j], atol=1e-12)


def test_wgan_turns_twice_as_fast() -> None:
    np.testing.assert_allclose(flow_eigenvalues(the("wgan")), [-1j, 1j], atol=1e-12)


@pytest.mark.parametrize("std", [0.3, 0.7, 1.2, 1.9])
def test_instance_noise_pulls_inward(std: float) -> None:
    root = np.sqrt(complex(std**4 / 16 - 0.25))
    expected = sorted_roots(np.array([-(std**2) / 4 - root, -(std**2) / 4 + root]))
    np.testing.assert_allclose(flow_eigenvalues(dirac.instance_noise(std)), expected, atol=1e-10)


def by_fine_sum(std: float, theta: float, psi: float) -> tuple[float, float, float]:
    """V, v_theta and v_psi under noise, by Simpson's rule on 48,001 points."""
    e = np.linspace(-12.0, 12.0, 48_001)
    weights = np.exp(-e * e / 2) * np.where(np.arange(len(e)) % 2, 4.0, 2.0) / 6000 / math.sqrt(2 * math.pi)
    real, fake = std * e, theta + std * e
    d_real, d_fake = (1 / (1 + np.exp(-psi * u)) for u in (real, fake))
    value = -np.logaddexp(0, -psi * real) - np.logaddexp(0, psi * fake)
    rises = real * (1 - d_real) - fake * d_fake  # dV/dpsi for one e
    return float(value @ weights), float(-psi * d_fake @ weights), float(-rises @ weights)


@pytest.mark.parametrize("std", [0.05, 0.35, 0.7, 1.0, 1.5, 2.0, 3.0])
def test_noise_is_averaged_to_its_accuracy_to_the_ends_of_the_view(std: float) -> None:
    game = dirac.instance_noise(std)
    for theta in (-4.0, -1.3, 0.0, 0.45, 4.0):
        for psi in (-2.0, -0.6, 0.1, 2.0):
            found = float(game.value(theta, psi)), *game.field(theta, psi)
            assert found == pytest.approx(by_fine_sum(std, theta, psi), abs=dirac.NOISE_ACCURACY)


@pytest.mark.parametrize("strength", [0.3, 0.99, 1.0, 1.7])
@pytest.mark.parametrize("make", [dirac.r1, dirac.non_saturating])
def test_r1_is_critically_damped_at_strength_1(make: Callable[[float], Game], strength: float) -> None:
    root = np.sqrt(complex(strength**2 / 4 - 0.25))
    expected = sorted_roots(np.array([-strength / 2 - root, -strength / 2 + root]))
    np.testing.assert_allclose(flow_eigenvalues(make(strength)), expected, atol=1e-7)
    assert (abs(root.imag) > 1e-6) == (strength < 1)


def test_consensus_pulls_inward_by_a_quarter_of_its_strength() -> None:
    game = dirac.with_consensus(0.6)
    np.testing.assert_allclose(flow_eigenvalues(game), [-0.15 - 0.5j, -0.15 + 0.5j], atol=1e-12)


# Radii after 500 steps of 0.2 from (1, 1) in the paper's sign: simultaneous, alternating with one and
# with five steps of D for each of G, who moves first.
TABLE = {
    ("minimax", None): (3.0969, 1.4210, 1.8453),
    ("non_saturating", None): (0.6402, 0.2839, 0.1389),
    ("wgan", None): (1.0022, 1.0241, 0.9169),
    ("wgan_gp", 0.7): (1.8018, 1.2211, 0.7163),
    ("instance_noise", 0.7): (5.7e-5, 4e-6, 0.0),
    ("r1", 0.3): (3e-6, 0.0, 0.0),
    ("r1", 1.0): (0.0, 0.0, 0.0),
    ("non_saturating_r1", 0.3): (2e-6, 0.0, 0.0),
    ("consensus", 1.0): (0.0, 0.0, 10.97),
}


@pytest.mark.parametrize(("variant", "radii"), TABLE.items(), ids=str)
def test_the_nine_pictures(variant: tuple[str, float | None], radii: tuple[float, ...]) -> None:
    name, strength = variant
    game = VARIANTS[name](strength or 0.0)
    setups = [
        Setup("simultaneous", H, H), Setup("alternating", H, H), Setup("alternating", H, H, inner=5),
    ]  # fmt: skip
    for setup, expected in zip(setups, radii, strict=True):
        record = simulate(game, setup, dirac.mirrored((1.0, 1.0)), 500)
        close = 5e-7 if expected < 1e-3 else 5e-5 if expected < 10 else 5e-3
        assert record.radius[-1] == pytest.approx(expected, abs=close), setup


@pytest.mark.parametrize("alternate", [1, 2, 5])
@pytest.mark.parametrize("h", [0.3, 1.6, 2.05])
def test_alternating_multipliers_leave_the_circle_past_2(alternate: int, h: float) -> None:
    game = dirac.minimax().local
    assert game is not None
    found = multipliers(game, Setup("alternating", h, h, inner=alternate))
    alpha = math.sqrt(alternate) * h * 0.5
    root = np.sqrt(complex((1 - alpha**2 / 2) ** 2 - 1))
    expected = np.array([1 - alpha**2 / 2 - root, 1 - alpha**2 / 2 + root])
    assert found is not None
    np.testing.assert_allclose(sorted_roots(found), sorted_roots(expected), atol=1e-9)
    assert (np.abs(found).max() > 1 + 1e-6) == (alpha > 2)


def flow(game: Game, w: Pair, time: float, dt: float) -> Pair:
    """The flow along -v by classical Runge-Kutta, error about dt^4."""

    def move(w: Pair, v: Pair, by: float) -> Pair:
        return w[0] - by * v[0], w[1] - by * v[1]

    for _ in range(round(time / dt)):
        k1 = game.field(*w)
        k2 = game.field(*move(w, k1, dt / 2))
        k3 = game.field(*move(w, k2, dt / 2))
        k4 = game.field(*move(w, k3, dt))
        mean = tuple((p + 2 * q + 2 * r + s) / 6 for p, q, r, s in zip(k1, k2, k3, k4, strict=True))
        w = move(w, (mean[0], mean[1]), dt)
    return w


@pytest.mark.parametrize("name", ["minimax", "wgan"])
def test_the_flow_keeps_its_distance(name: str) -> None:
    start = (0.8, -0.3)
    end = flow(the(name), start, 20.0, 0.02)
    assert math.hypot(*end) == pytest.approx(math.hypot(*start), abs=1e-9)
    assert math.dist(start, end) > 0.1  # it did move


@pytest.mark.parametrize("point", POINTS)
def test_the_non_saturating_flow_does_not(point: Pair) -> None:
    v, u = dirac.non_saturating().field(*point), point[0] * point[1]
    growth = -2 * (point[0] * v[0] + point[1] * v[1])
    assert growth == pytest.approx(-2 * u * math.tanh(u / 2), abs=1e-14)


def test_the_non_saturating_flow_arrives_like_one_over_root_t() -> None:
    half = flow(dirac.non_saturating(), (1.0, -1.0), 2000.0, 0.2)
    end = flow(dirac.non_saturating(), half, 2000.0, 0.2)
    late, later = (abs(math.hypot(*w) * math.sqrt(t / 8) - 1) for w, t in ((half, 2000), (end, 4000)))
    assert later < late < 2e-3
    assert later < 1e-3


@pytest.mark.parametrize(("h", "radius"), [(0.05, 0.3162), (0.1, 0.4471), (0.2, 0.6318)])
def test_simultaneous_non_saturating_steps_end_on_a_circle(h: float, radius: float) -> None:
    setup = Setup("simultaneous", h, h)
    for start in ((1.0, -1.0), (0.3, -0.1)):  # from outside and from inside
        record = simulate(dirac.non_saturating(), setup, start, round(1500 / h))
        turn = record.radius[-round(4 * math.pi / h) :]  # one turn at speed 1/2
        assert turn.mean() == pytest.approx(radius, abs=5e-4)
        assert dirac.resting_cycle(h, h) == pytest.approx((radius, radius), rel=2e-3)


@pytest.mark.parametrize("etas", [(0.2, 0.05), (0.1, 0.5), (1.0, 0.2)])
def test_with_unequal_steps_it_is_an_ellipse(etas: Pair) -> None:
    record = simulate(dirac.non_saturating(), Setup("simultaneous", *etas), (1.0, 1.0), 6000)
    widest = np.abs(record.path[-1000:]).max(axis=0)
    assert dirac.resting_cycle(*etas) == pytest.approx(widest, rel=0.01)


@pytest.mark.parametrize("start", [(1.0, 0.5), (-2.0, 1.0)])
@pytest.mark.parametrize(("h", "first"), [(0.1, "x"), (0.5, "y")])
def test_alternating_non_saturating_steps_creep_inward(h: float, first: Any, start: Pair) -> None:
    setup, steps = Setup("alternating", h, h, first=first), round(1000 / h)
    late = simulate(dirac.non_saturating(), setup, start, steps).radius[-round(2 * math.pi / h) :]
    assert late.mean() == pytest.approx(math.sqrt(8 / 1000), rel=0.02)  # half a turn: the ellipse is tilted


@pytest.mark.parametrize("method", METHODS)
def test_no_method_leaves_the_strip_of_the_clip(method: str) -> None:
    path = simulate(dirac.wgan(), Setup(method, 0.4, 0.7), (1.0, 0.5), 2000).path
    assert np.abs(path[:, 1]).max() <= dirac.CLIP
    assert np.abs(path[:, 0]).max() < 5.0


NEARBY = [name for name in VARIANTS if name != "wgan_gp"]


@pytest.mark.parametrize("name", NEARBY)
@pytest.mark.parametrize("method", ["simultaneous", "alternating", "extragradient", "optimistic", "momentum"])
def test_a_tiny_circle_grows_or_shrinks_at_the_local_rate(name: str, method: str) -> None:
    game, setup = the(name), Setup(method, 0.3, 0.2)
    assert game.local is not None
    found = forecast(game.local, setup)
    assert found is not None
    radius = simulate(game, setup, (1e-5, -2e-5), 400).radius
    # The mean slope of log r; a turn takes at least 20 steps, its wobble averages out.
    slope = np.polyfit(np.arange(100, 401), np.log(radius[100:]), 1)[0]
    assert slope == pytest.approx(math.log(found.rate), abs=2e-3)
    if abs(found.rate - 1) > 2e-3:
        assert (radius[-1] < radius[100]) == (found.fate is Fate.CONVERGES)


def test_at_its_own_strength_noise_makes_simultaneous_steps_arrive() -> None:
    game, setup = the("instance_noise"), Setup("simultaneous", H, H)
    assert game.local is not None
    found = forecast(game.local, setup)
    assert found is not None
    assert found.fate is Fate.CONVERGES
    assert simulate(game, setup, (1.0, 0.5), 300).radius[-1] < 0.01
