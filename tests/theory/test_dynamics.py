"""Methods on quadratic games: every closed form against direct simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gan_core.theory import two_player
from gan_core.theory.methods import METHODS, Setup, gradient_calls, order_of, simulate
from gan_core.theory.rates import (
    Fate,
    conserved,
    fates,
    forecast,
    largest_stable_step,
    multipliers,
    orbit,
    rate,
    update,
)
from gan_core.theory.two_player import DEMOS, Floats, Pair, Quadratic, bilinear, quadratic_game

START = (0.9, -0.4)


def setup_of(method: str, eta: float, **more: Any) -> Setup:
    return Setup(method, eta, eta, **more)


def update_matrix(q: Quadratic, setup: Setup, steps: int = 1) -> Floats:
    """The linear map of `steps` steps of a method without memory, from its action on the axes."""
    game = quadratic_game(q)
    ends = [simulate(game, setup, axis, steps).path[-1] for axis in ((1.0, 0.0), (0.0, 1.0))]
    return np.array(ends).T


def measured_rate(q: Quadratic, setup: Setup, steps: int = 3000) -> float:
    """By which factor a long path really shrinks a step; the point is put back to distance 1 each time."""
    game, w, logs = quadratic_game(q), START, []
    for _ in range(steps):
        w, _, _ = METHODS[setup.method](game, setup, w, None)
        size = math.hypot(*w)
        w = (w[0] / size, w[1] / size)
        logs.append(math.log(size))
    return math.exp(np.mean(logs[steps // 2 :]))


# Per step on f = xy, by step size: the columns of the standard comparison.
PER_STEP = {
    0.05: (1.001249, 1, 0.998752, 0.998746, 0.998752, 0.951315, 0.999062, 0.998434),
    0.1: (1.004988, 1, 0.995038, 0.994936, 0.995037, 0.905539, 0.996237, 0.993698),
    0.2: (1.019804, 1, 0.980612, 0.978906, 0.980581, 0.824621, 0.984820, 0.974132),
    0.3: (1.044031, 1, 0.958175, 0.948683, 0.957826, 0.761577, 0.965635, 0.938933),
    0.5: (1.118034, 1, 0.901388, 0.707107, 0.894427, 0.707107, 0.916729, 0.787349),
    1.0: (1.414214, 1, 1.0, 1.931852, 0.707107, 1.0, 1.201124, 0.971642),
}
COLUMNS: list[tuple[str, dict[str, Any]]] = [
    ("simultaneous", {}), ("alternating", {}), ("extragradient", {}), ("optimistic", {}), ("proximal", {}),
    ("consensus", {"strength": 1.0}), ("lookahead", {"base": "simultaneous"}),
    ("lookahead", {"base": "alternating"}),
]  # fmt: skip


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=lambda i: f"{COLUMNS[i][0]}{i}")
@pytest.mark.parametrize("eta", PER_STEP)
def test_rates_on_the_bilinear_game(eta: float, column: int) -> None:
    method, more = COLUMNS[column]
    found = rate(bilinear(1.0), setup_of(method, eta, **more))
    assert found == pytest.approx(PER_STEP[eta][column], abs=6e-7)


QUADRATIC = {
    Quadratic(0.5, 1, 0.5): (0.921954, 0.9, 0.884590, 0.885092, 0.894427, 0.800391, 0.813941),
    Quadratic(1, 2, 0.2): (0.963328, 0.876356, 0.798438, 0.782504, 0.842750, 0.548817, 0.544059),
}


@pytest.mark.parametrize("q", QUADRATIC)
def test_rates_on_quadratic_games(q: Quadratic) -> None:
    order = [name for name, _ in COLUMNS if name != "lookahead"] + ["symplectic"]
    for method, expected in zip(order, QUADRATIC[q], strict=True):
        assert rate(q, setup_of(method, 0.2, strength=0.5)) == pytest.approx(expected, abs=6e-7), method


@pytest.mark.parametrize(("beta", "expected"), [(-0.25, 0.96693), (0.0, 1.0), (0.5, 1.26922)])
def test_negative_momentum_converges_and_positive_diverges(beta: float, expected: float) -> None:
    setup = setup_of("momentum", 0.5, momentum=beta)
    assert rate(bilinear(1.0), setup) == pytest.approx(expected, abs=6e-6)


GAMES = [Quadratic(0, 1.3, 0), Quadratic(0.5, 1, 0.5), Quadratic(1, 2, 0.2), Quadratic(-0.3, 1.5, 0.8)]
MEMORYLESS = ("simultaneous", "alternating", "proximal", "extragradient", "consensus", "symplectic")
STEPS = [(0.2, 0.2), (0.3, 0.11), (0.05, 0.4)]


def assert_same_roots(found: Any, expected: Any, close: float) -> None:
    found, expected = np.asarray(found).ravel(), np.asarray(expected).ravel()
    assert len(found) == len(expected)
    for root in expected:
        assert np.abs(found - root).min() < close
    for root in found:
        assert np.abs(expected - root).min() < close


@pytest.mark.parametrize("q", GAMES, ids=str)
@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("first", ["x", "y"])
@pytest.mark.parametrize("method", MEMORYLESS)
def test_multipliers_are_the_eigenvalues_of_the_simulated_step(
    q: Quadratic, steps: Pair, first: Any, method: str
) -> None:
    for inner in (1, 3) if method == "alternating" else (1,):
        setup = Setup(method, *steps, first=first, inner=inner, strength=0.4)
        assert_same_roots(multipliers(q, setup), np.linalg.eigvals(update_matrix(q, setup)), 1e-9)


@pytest.mark.parametrize("q", GAMES, ids=str)
@pytest.mark.parametrize("base", ["simultaneous", "alternating"])
@pytest.mark.parametrize(("cycle", "pull"), [(5, 0.5), (3, 0.8), (8, 0.3)])
def test_lookahead_multipliers_are_those_of_a_whole_cycle(
    q: Quadratic, base: Any, cycle: int, pull: float
) -> None:
    setup = Setup("lookahead", 0.3, 0.17, cycle=cycle, pull=pull, base=base)
    assert_same_roots(multipliers(q, setup), np.linalg.eigvals(update_matrix(q, setup, cycle)), 1e-9)


@pytest.mark.parametrize("q", GAMES, ids=str)
@pytest.mark.parametrize(("method", "beta"), [("optimistic", 0), ("momentum", -0.3), ("momentum", 0.4)])
def test_methods_with_memory_obey_their_characteristic_polynomial(
    q: Quadratic, method: str, beta: float
) -> None:
    """Cayley-Hamilton: four steps back, with the polynomial's coefficients, give nothing."""
    setup = Setup(method, 0.25, 0.15, momentum=beta)
    found = multipliers(q, setup)
    assert found is not None
    path = simulate(quadratic_game(q), setup, START, 12).path
    for t in range(1, 8):  # from 1 on the memory is the method's own
        window = path[t : t + 5][::-1]
        np.testing.assert_allclose(np.poly(found).real @ window, 0.0, atol=1e-9 * np.abs(window).max())


@pytest.mark.parametrize("q", GAMES, ids=str)
@pytest.mark.parametrize("first", ["x", "y"])
@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("adam", "lookahead")])
def test_the_update_is_the_simulated_step_itself(q: Quadratic, first: Any, method: str) -> None:
    """Not its eigenvalues alone: the order of play tilts M and leaves those."""
    setup = Setup(method, 0.25, 0.15, first=first, momentum=-0.3, strength=0.4)
    m = update(q, setup)
    assert m is not None
    path = simulate(quadratic_game(q), setup, START, 6).path
    for t in range(1, 6):
        before = path[t] if len(m) == 2 else np.concatenate([path[t], path[t - 1]])
        np.testing.assert_allclose((m @ before)[:2], path[t + 1], atol=1e-13)


@pytest.mark.parametrize("b", [0.4, 1.0, 2.3])
@pytest.mark.parametrize("etas", STEPS)
def test_simultaneous_steps_grow_by_exactly_one_plus_u_squared(b: float, etas: Pair) -> None:
    u2 = b * b * etas[0] * etas[1]
    record = simulate(quadratic_game(bilinear(b)), Setup("simultaneous", *etas), START, 40)
    energy = record.path[:, 0] ** 2 / etas[0] + record.path[:, 1] ** 2 / etas[1]
    np.testing.assert_allclose(energy[1:] / energy[:-1], 1 + u2, rtol=1e-12)


@pytest.mark.parametrize(("first", "sign"), [("x", -1), ("y", 1)])
@pytest.mark.parametrize("etas", STEPS)
def test_alternating_steps_conserve_a_tilted_ellipse(first: Any, sign: int, etas: Pair) -> None:
    b, setup = 1.4, Setup("alternating", *etas, first=first)
    x, y = simulate(quadratic_game(bilinear(b)), setup, START, 400).path.T
    kept = x**2 / etas[0] + y**2 / etas[1] + sign * b * x * y
    np.testing.assert_allclose(kept, kept[0], rtol=1e-9)
    said = conserved(b, setup, x, y)
    assert said is not None
    np.testing.assert_allclose(said, kept, rtol=1e-12)
    other = x**2 / etas[0] + y**2 / etas[1] - sign * b * x * y
    assert np.ptp(other) > 1e-3  # with the tilt of the other order nothing is conserved


def test_the_ellipse_has_these_half_axes() -> None:
    eta = 0.4
    path = simulate(quadratic_game(bilinear(1.0)), setup_of("alternating", eta), START, 20000).path
    energy = START[0] ** 2 + START[1] ** 2 - eta * START[0] * START[1]
    along, across = (path @ way / math.sqrt(2) for way in (np.array([1, 1]), np.array([1, -1])))
    assert np.abs(along).max() == pytest.approx(math.sqrt(energy / (1 - eta / 2)), rel=1e-6)
    assert np.abs(across).max() == pytest.approx(math.sqrt(energy / (1 + eta / 2)), rel=1e-6)


@pytest.mark.parametrize("u", [0.3, 1.1, 1.9])
def test_an_alternating_step_turns_by_twice_the_arcsine_of_half_u(u: float) -> None:
    found = multipliers(bilinear(1.0), setup_of("alternating", u))
    assert found is not None
    assert abs(np.angle(found[0])) == pytest.approx(2 * math.asin(u / 2), abs=1e-12)


def test_past_2_alternating_steps_diverge() -> None:
    u = 2.1
    half = u * u / 2 - 1
    assert rate(bilinear(u), setup_of("alternating", 1.0)) == pytest.approx(half + math.sqrt(half**2 - 1))


@pytest.mark.parametrize("q", GAMES, ids=str)
@pytest.mark.parametrize("method", ["simultaneous", "extragradient", "proximal", "alternating", "consensus"])
def test_a_simulated_path_shrinks_by_the_declared_rate(q: Quadratic, method: str) -> None:
    setup = setup_of(method, 0.2, strength=0.5)
    assert measured_rate(q, setup) == pytest.approx(rate(q, setup), abs=1e-3)


def test_extragradient_is_best_at_one_over_root_2_and_stable_below_1() -> None:
    u = np.linspace(0.01, 1.2, 2000)
    rates = rate(bilinear(1.0), Setup("extragradient", u, u))
    np.testing.assert_allclose(rates, np.sqrt(1 - u**2 + u**4), rtol=1e-12)
    assert u[np.argmin(rates)] == pytest.approx(1 / math.sqrt(2), abs=1e-3)
    assert rates.min() == pytest.approx(math.sqrt(3) / 2, abs=1e-6)
    assert ((rates < 1) == (u < 1)).all()


def test_optimistic_steps_are_best_at_one_half_and_stable_below_one_over_root_3() -> None:
    u = np.linspace(0.01, 1.2, 2000)
    rates = rate(bilinear(1.0), Setup("optimistic", u, u))
    small = np.sqrt((1 + np.sqrt(np.maximum(1 - 4 * u**2, 0))) / 2)
    large = 0.5 * np.sqrt(1 + (2 * u + np.sqrt(np.maximum(4 * u**2 - 1, 0))) ** 2)
    np.testing.assert_allclose(rates, np.where(u <= 0.5, small, large), rtol=1e-9)
    assert u[np.argmin(rates)] == pytest.approx(0.5, abs=1e-3)
    assert ((rates < 1) == (u < 1 / math.sqrt(3))).all()


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("method", ["consensus", "symplectic"])
def test_consensus_and_the_symplectic_adjustment_are_one_on_the_bilinear_game(
    strength: float, method: str
) -> None:
    b, eta = 1.3, np.linspace(0.001, 2, 4000)
    rates = rate(bilinear(b), Setup(method, eta, eta, strength=strength))
    np.testing.assert_allclose(rates, np.hypot(1 - eta * strength * b * b, eta * b), rtol=1e-12)
    limit, best = 2 * strength / (1 + (strength * b) ** 2), strength / (1 + (strength * b) ** 2)
    assert ((rates < 1) == (eta < limit)).all()
    assert eta[np.argmin(rates)] == pytest.approx(best, abs=1e-3)
    assert rates.min() == pytest.approx(1 / math.sqrt(1 + (strength * b) ** 2), abs=1e-6)


@pytest.mark.parametrize("u", [0.1, 0.3, 0.8])
@pytest.mark.parametrize(("k", "alpha"), [(5, 0.5), (7, 0.3)])
def test_lookahead_closed_forms_on_the_bilinear_game(u: float, k: int, alpha: float) -> None:
    r, turn = math.sqrt(1 + u * u), math.atan(u)
    spiral = (1 - alpha) ** 2 + 2 * alpha * (1 - alpha) * r**k * math.cos(k * turn) + (alpha * r**k) ** 2
    circle = 1 - 4 * alpha * (1 - alpha) * math.sin(k * math.asin(u / 2)) ** 2
    for base, square in (("simultaneous", spiral), ("alternating", circle)):
        setup = setup_of("lookahead", u, cycle=k, pull=alpha, base=base)
        assert rate(bilinear(1.0), setup) ** k == pytest.approx(math.sqrt(square), rel=1e-12)


def test_a_lookahead_cycle_may_be_too_long() -> None:
    setup = setup_of("lookahead", 0.3, cycle=20)
    assert rate(bilinear(1.0), setup) ** 20 == pytest.approx(1.648, abs=5e-4)


@pytest.mark.parametrize("q", [Quadratic(0.5, 1, 0.5), Quadratic(1, 2, 0.2)])
def test_simultaneous_steps_are_stable_below_a_limit_and_best_at_half_of_it(q: Quadratic) -> None:
    limit = largest_stable_step(q)
    assert limit == pytest.approx((q.a + q.c) / (q.a * q.c + q.b**2))
    said = [forecast(q, setup_of("simultaneous", limit * share)) for share in (0.98, 1.0, 1.02)]
    assert [found.fate for found in said if found] == [Fate.CONVERGES, Fate.CYCLES, Fate.DIVERGES]
    assert rate(q, setup_of("simultaneous", limit / 2)) == min(
        rate(q, setup_of("simultaneous", limit * share)) for share in np.linspace(0.1, 0.9, 81)
    )


@pytest.mark.parametrize("beta", np.linspace(-0.9, 0.9, 19))
def test_simultaneous_heavy_ball_diverges_whatever_its_momentum(beta: float) -> None:
    """mu^2 - (1 + beta -+ iu) mu + beta = 0: not one of our methods, but why it is not."""
    u = 0.3
    roots = np.roots([1, -(1 + beta - 1j * u), beta])
    assert np.abs(roots).max() > 1


@pytest.mark.parametrize(("method", "expected"), [("alternating", True), ("simultaneous", False)])
def test_the_mean_path_of_alternating_steps_arrives(method: str, expected: bool) -> None:
    setup, game = setup_of(method, 0.3), quadratic_game(bilinear(1.0))
    matrix, count = update_matrix(bilinear(1.0), setup), 200
    mean = simulate(game, setup, START, count - 1).path.mean(axis=0)
    total = (np.linalg.matrix_power(matrix, count) - np.eye(2)) @ np.linalg.inv(matrix - np.eye(2)) @ START
    np.testing.assert_allclose(mean, total / count, rtol=1e-9)
    assert (float(np.hypot(*mean)) < 0.05) is expected


DEMO_TABLE = {
    "saddle": (True, True, (0.6, 0.35, 0.2, 0.11)),
    "minimax": (False, True, (0.0, 0.5, 0.8, 0.245)),
    "stable": (False, True, (0.5, 0.75, 0.26, 0.02)),
    "impostor": (False, False, (0.5, 0.0, -0.3, -0.92)),
}


@pytest.mark.parametrize("name", DEMO_TABLE)
def test_the_four_quadratic_games(name: str) -> None:
    q, (nash, minimax, attractions) = DEMOS[name], DEMO_TABLE[name]
    assert (two_player.is_local_nash(q), two_player.is_local_minimax(q)) == (nash, minimax)
    for timescale, expected in zip((1, 2, 5, 50), attractions, strict=True):
        assert two_player.eigenvalues(q, timescale).real.min() == pytest.approx(expected, abs=6e-3)


@pytest.mark.parametrize("q", [*DEMOS.values(), *GAMES], ids=str)
def test_field_value_and_jacobian_of_a_quadratic_game_agree(q: Quadratic) -> None:
    game, (x, y), d = quadratic_game(q), (0.7, -1.2), 1e-5
    v = game.field(x, y)
    assert v[0] == pytest.approx((game.value(x + d, y) - game.value(x - d, y)) / (2 * d), abs=1e-9)
    assert v[1] == pytest.approx((game.value(x, y - d) - game.value(x, y + d)) / (2 * d), abs=1e-9)
    matrix = np.array(game.jacobian(x, y)).reshape(2, 2)
    np.testing.assert_allclose(matrix @ (x, y), v, atol=1e-14)
    assert_same_roots(two_player.eigenvalues(q), np.linalg.eigvals(matrix), 1e-12)


@pytest.mark.parametrize("q", [Quadratic(0.5, 1, 0.8), Quadratic(1, 2, 0.2)])
def test_the_duality_gap_is_what_both_best_answers_gain(q: Quadratic) -> None:
    game, (x, y), answers = quadratic_game(q), (0.6, -0.35), np.linspace(-8, 8, 400_001)
    gap = game.value(x, answers).max() - game.value(answers, y).min()
    assert two_player.duality_gap(q, x, y) == pytest.approx(gap, abs=1e-8)


def test_the_duality_gap_in_a_box() -> None:
    game, (x, y), answers = quadratic_game(bilinear(-1.3)), (0.6, -0.35), np.linspace(-2, 2, 1001)
    gap = game.value(x, answers).max() - game.value(answers, y).min()
    assert two_player.bilinear_duality_gap(-1.3, 2.0, x, y) == pytest.approx(gap, abs=1e-12)


# ---------------------------------------------------------------- what becomes of it

EDGES = [(0.2, 0.2), (0.0, 0.2), (0.2, 0.0), (0.0, 0.0), (0.8, 0.8), (1.0, 1.0), (0.4, 0.1)]
KINDS = [bilinear(1.0), bilinear(2.5), bilinear(0.0), Quadratic(0.5, 1, 0.5), Quadratic(0, 0, 1),
         Quadratic(1, 0, -1), Quadratic(-1, 1, 1), Quadratic(2, 2, -1), Quadratic(-2, 5, 2)]  # fmt: skip
STARTS = [(1.0, 0.5), (0.0, 0.5), (1.0, 0.0)]
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("simultaneous", {}), ("alternating", {}), ("alternating", {"inner": 3, "first": "y"}),
    ("proximal", {}), ("extragradient", {}), ("optimistic", {}), ("consensus", {}), ("symplectic", {}),
    ("lookahead", {}), ("lookahead", {"base": "alternating", "pull": 0.0}),
    ("lookahead", {"base": "alternating", "pull": 1.0, "cycle": 2}), ("momentum", {}),
]  # fmt: skip


def came(q: Quadratic, setup: Setup, start: Pair, steps: int) -> set[Fate]:
    """What a long path does, as far as it can be told by looking."""
    record = simulate(quadratic_game(q), setup, start, steps)
    if record.diverged_at:
        return {Fate.DIVERGES}
    path, radius = record.path, record.radius
    if np.abs(path - path[0]).max() < 1e-12:
        return {Fate.STANDS}
    early, late = (radius[i * steps // 4 : (i + 1) * steps // 4].max() for i in (1, 3))
    if late > 1.2 * early:
        return {Fate.DRIFTS, Fate.DIVERGES}
    if radius[-1] < 1e-3 * radius[0]:
        return {Fate.CONVERGES}
    way = np.abs(np.diff(path[-steps // 4 :], axis=0)).sum()
    if way < 0.1 * radius[-1]:
        return {Fate.RESTS}
    return {Fate.CONVERGES} if late < 0.9 * early else {Fate.CYCLES}


@pytest.mark.parametrize(("method", "more"), WAYS, ids=str)
def test_a_fate_foretold_is_the_fate_that_comes(method: str, more: dict[str, Any]) -> None:
    """All games x step sizes x starts, the awkward ones among them."""
    met = set()
    for q in KINDS:
        for etas in EDGES:
            for start in STARTS:
                setup = Setup(method, *etas, **more)
                found = forecast(q, setup, start)
                assert found is not None
                assert found.fate in came(q, setup, start, 400), (q, etas, start, found)
                met.add(found.fate)
    assert len(met) >= 2


@pytest.mark.parametrize(
    ("q", "method", "etas", "fate"),
    [
        (bilinear(1.0), "simultaneous", (0.0, 0.2), Fate.DRIFTS),
        (bilinear(1.0), "extragradient", (0.2, 0.0), Fate.DRIFTS),
        (bilinear(1.0), "optimistic", (0.2, 0.0), Fate.DRIFTS),
        (bilinear(1.0), "momentum", (0.0, 0.2), Fate.DRIFTS),
        (bilinear(2.5), "alternating", (0.8, 0.8), Fate.DRIFTS),  # u = 2, a rounding more in floats
        (bilinear(1.25), "alternating", (1.6, 1.6), Fate.DRIFTS),
        (bilinear(1.0), "alternating", (1.99, 1.99), Fate.CYCLES),
        (bilinear(2.0), "alternating", (1.01, 1.0), Fate.DIVERGES),
        (bilinear(1.0), "extragradient", (1.0, 1.0), Fate.CYCLES),
        (bilinear(0.05), "extragradient", (0.01, 0.01), Fate.CONVERGES),  # 1 - 1.25e-7 a step
        (bilinear(0.05), "simultaneous", (0.01, 0.01), Fate.DIVERGES),
        (bilinear(0.05), "alternating", (0.01, 0.01), Fate.CYCLES),  # multipliers 0.001 apart
        (bilinear(1.0), "alternating", (0.0, 0.0), Fate.STANDS),
        (bilinear(0.0), "lookahead", (0.2, 0.2), Fate.STANDS),
        (Quadratic(0, 0, 1), "momentum", (0.2, 0.2), Fate.RESTS),
        (Quadratic(0.5, 1, 0.5), "simultaneous", (0.2, 0.0), Fate.RESTS),
        (Quadratic(-1, 1, 1), "simultaneous", (0.3, 0.3), Fate.DRIFTS),  # D J is nilpotent
    ],
)
def test_fates_at_the_edges(q: Quadratic, method: str, etas: Pair, fate: Fate) -> None:
    setup = Setup(method, *etas)
    assert fates(q, setup) == fate
    found = forecast(q, setup, (0.9, -0.4))
    assert found is not None
    assert found.fate == fate


def test_a_drift_grows_by_as_much_each_step() -> None:
    record = simulate(quadratic_game(bilinear(1.0)), Setup("simultaneous", 0.0, 0.2), (1.0, 0.5), 60)
    np.testing.assert_allclose(np.diff(record.path, axis=0), [(0.0, 0.2)] * 60, atol=1e-12)
    assert record.radius[[0, -1]] == pytest.approx([1.118, 12.54], abs=5e-3)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "adam"])
def test_the_equilibrium_stands_still_whatever_becomes_of_others(method: str) -> None:
    assert forecast(bilinear(1.3), setup_of(method, 0.9), (0.0, 0.0)) == (1.0, Fate.STANDS)


def test_a_player_alone_on_its_axis_has_its_own_fate() -> None:
    q, setup = Quadratic(1.0, 0.0, -1.0), setup_of("alternating", 0.2)
    for start, factor, fate in (
        ((0.7, 0.0), 0.8, Fate.CONVERGES), ((0.0, 0.7), 1.2, Fate.DIVERGES), ((0.7, 0.7), 1.2, Fate.DIVERGES),
    ):  # fmt: skip
        found = forecast(q, setup, start)
        assert found is not None
        assert found.rate == pytest.approx(factor)
        assert found.fate is fate


def test_arrays_of_games_get_the_fates_of_each() -> None:
    b, eta = np.linspace(0, 3, 7)[:, None], np.linspace(0, 2, 9)
    for method, more in WAYS:
        whole = fates(Quadratic(0.0, b, 0.0), Setup(method, eta, eta, **more))  # type: ignore[arg-type]
        assert whole is not None
        for i, j in ((0, 3), (2, 0), (4, 4), (5, 8), (6, 2)):
            one = fates(bilinear(float(b[i, 0])), Setup(method, float(eta[j]), float(eta[j]), **more))
            assert whole[i, j] == one, (method, i, j)


@pytest.mark.parametrize("b", [1.3, -0.7])
@pytest.mark.parametrize(
    ("method", "etas", "first"),
    [("alternating", (0.3, 0.2), "x"), ("alternating", (0.3, 0.2), "y"), ("extragradient", (0.1, 0.4), "x")],
)
def test_who_follows_whom_and_by_how_much(b: float, method: str, etas: Pair, first: Any) -> None:
    """The phases of both players' sinusoids, fitted to the path, differ as the eigenvector says."""
    setup = Setup(method, *etas, first=first)
    found, mu = orbit(bilinear(b), setup), multipliers(bilinear(b), setup)
    assert found is not None
    assert mu is not None
    path = simulate(quadratic_game(bilinear(b)), setup, START, 200).path
    path = path / float(np.abs(mu[0])) ** np.arange(len(path))[:, None]  # extragradient spirals in
    angle = 2 * np.pi * np.arange(len(path)) / found.steps
    waves = np.column_stack([np.cos(angle), np.sin(angle)])
    fit, rest, *_ = np.linalg.lstsq(waves, path, rcond=None)
    assert rest.max() < 1e-20
    phase = np.arctan2(fit[1], fit[0])  # of cos(angle - phase)
    lag = (phase[1] - phase[0] + np.pi) % (2 * np.pi) - np.pi
    assert found.lag == pytest.approx(lag / (2 * np.pi), abs=1e-9)
    assert (found.lag > 0) == (b > 0)
    assert abs(found.lag) == pytest.approx(0.25, abs=0.08)


def test_nothing_turns_where_the_multipliers_are_real() -> None:
    assert orbit(Quadratic(2, 0.1, 0.5), setup_of("simultaneous", 0.2)) is None
    assert orbit(bilinear(1.0), setup_of("adam", 0.2)) is None


# ---------------------------------------------------------------- the record


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("first", ["x", "y"])
def test_moves_lead_from_each_point_of_the_path_to_the_next(method: str, first: Any) -> None:
    setup = Setup(method, 0.2, 0.3, first=first, inner=3)
    record = simulate(quadratic_game(Quadratic(0.3, 1, 0.1)), setup, START, 12)
    assert record.moves.shape == (12, len(record.movers), 2, 2)
    np.testing.assert_array_equal(record.moves[:, -1, 1], record.path[1:])
    for stroke, who in enumerate(record.movers):
        start, end = record.moves[:, stroke, 0], record.moves[:, stroke, 1]
        if who != "both":  # a player moves its own coordinate only
            other = 1 if who == "x" else 0
            np.testing.assert_array_equal(start[:, other], end[:, other])
    first_player = next(start for start, who in zip(record.moves[:, :, 0].transpose(1, 0, 2), record.movers,
                                                    strict=True) if who != "both")  # fmt: skip
    np.testing.assert_array_equal(first_player, record.path[:-1])


@pytest.mark.parametrize(("first", "movers"), [("x", ("x", "y", "y")), ("y", ("y", "y", "x"))])
def test_alternating_movers_answer_what_they_see(first: Any, movers: tuple[str, ...]) -> None:
    setup = Setup("alternating", 0.2, 0.3, first=first, inner=2)
    assert order_of(setup) == movers
    q = Quadratic(0.5, 1.1, 0.4)
    record = simulate(quadratic_game(q), setup, START, 1)
    x, y = START
    for who in movers:
        if who == "x":
            x -= 0.2 * (q.a * x + q.b * y)
        else:
            y -= 0.3 * (q.c * y - q.b * x)
    assert record.path[-1] == pytest.approx((x, y), abs=1e-15)


def test_divergence_is_named_by_its_step_and_ends_the_path() -> None:
    record = simulate(quadratic_game(bilinear(1.0)), setup_of("simultaneous", 1.0), (1.0, 0.0), 500)
    # |w| = 2^(n/2) along the axes and the diagonals in turn: |x| + |y| passes 1e6 at n = 39.
    assert record.diverged_at == 39
    assert len(record.path) == 39
    assert np.isfinite(record.path).all()


def test_a_step_that_overflows_at_once_diverges_at_1() -> None:
    record = simulate(quadratic_game(bilinear(1e200)), setup_of("alternating", 1e200), (1.0, 1.0), 5)
    assert (record.diverged_at, len(record.path)) == (1, 1)
    assert record.moves.shape == (0, 2, 2, 2)


def test_step_size_0_stands_still() -> None:
    for method in METHODS:
        record = simulate(quadratic_game(bilinear(1.0)), setup_of(method, 0.0), START, 5)
        np.testing.assert_array_equal(record.path, [START] * 6)


@pytest.mark.parametrize(
    ("method", "calls"),
    [("simultaneous", 1), ("extragradient", 2), ("optimistic", 1), ("consensus", 3), ("symplectic", 3)],
)
def test_a_step_costs(method: str, calls: float) -> None:
    assert gradient_calls(setup_of(method, 0.1)) == calls
    record = simulate(quadratic_game(bilinear(1.0)), setup_of(method, 0.1), START, 4)
    np.testing.assert_array_equal(record.calls, calls * np.arange(5))


def test_adam_moves_by_its_step_size_at_first_and_has_no_rate() -> None:
    setup = Setup("adam", 0.1, 0.3)
    record = simulate(quadratic_game(bilinear(1.0)), setup, (0.5, 0.25), 1)
    np.testing.assert_allclose(record.path[1], (0.5 - 0.1, 0.25 + 0.3), atol=1e-7)
    assert rate(bilinear(1.0), setup) is None


def test_the_proximal_point_is_where_its_own_step_ends_off_the_quadratic_too() -> None:
    from gan_core.theory import dirac

    game, setup = dirac.instance_noise(0.6), Setup("proximal", 0.7, 0.4)
    record = simulate(game, setup, (1.2, -0.8), 3)
    for before, after in zip(record.path, record.path[1:], strict=False):
        v = np.array(game.field(*after))
        np.testing.assert_allclose(after + np.array([0.7, 0.4]) * v, before, atol=1e-12)
