"""The rules on networks follow theory: two networks of one weight each, in double precision, to 1e-12."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_core.methods import METHODS, ROLES, Gradient, Kept, Memory, Player, Role
from gan_core.rules import gradient_calls, setup_of
from gan_core.settings import Rule, Settings
from gan_core.theory import methods as theory
from gan_core.theory import rates
from gan_core.theory.methods import Setup, simulate
from gan_core.theory.rates import Fate
from gan_core.theory.two_player import Floats, Quadratic, bilinear, quadratic_game

START = (1.3, -0.7)
SADDLE = Quadratic(0.5, 1.1, 0.2)
X, Y = 0.23, 0.31  # unequal step sizes: no test stands on the symmetric point
SETUPS: dict[str, Setup] = {
    "simultaneous": Setup("simultaneous", X, Y),
    "alternating": Setup("alternating", X, Y, first="y"),
    "alternating, G first": Setup("alternating", X, Y, first="x"),
    "alternating, D three times": Setup("alternating", X, Y, first="y", inner=3),
    "alternating, G twice, D three times": Setup("alternating", X, Y, first="x", inner=3, outer=2),
    "extragradient": Setup("extragradient", X, Y),
    "optimistic": Setup("optimistic", X, Y),
    "consensus": Setup("consensus", X, Y, strength=0.7),
    "lookahead": Setup("lookahead", X, Y, first="y", cycle=4, pull=0.3, base="alternating"),
    "lookahead, G first": Setup("lookahead", X, Y, first="x", cycle=5, pull=0.6, base="alternating"),
}


class OneWeight(nn.Module):
    """A network of a single number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([value], dtype=torch.float64))


class QuadraticGame:
    """G lowers f = a/2 x^2 + b x y - c/2 y^2 by its weight x, D raises it by y; `methods.Game`."""

    def __init__(self, q: Quadratic, start: tuple[float, float] = START, adam: Any = None) -> None:
        self.q, self.asked = q, 0
        self.movers: Collection[Role] = ROLES
        modules: dict[Role, OneWeight] = {
            "discriminator": OneWeight(start[1]),
            "generator": OneWeight(start[0]),
        }
        self.players = {}
        for role, module in modules.items():
            weights = list(module.parameters())
            optimizer = torch.optim.Adam(weights, betas=adam) if adam else torch.optim.SGD(weights)
            self.players[role] = Player(weights, optimizer)

    @property
    def w(self) -> tuple[float, float]:
        return float(self.weight("generator").detach()), float(self.weight("discriminator").detach())

    def weight(self, role: Role) -> Tensor:
        return self.players[role].weights[0]

    def gradient(self, role: Role, *, linked: bool = False) -> Gradient:
        self.asked += 1
        x, y = self.weight("generator"), self.weight("discriminator")
        f = (self.q.a / 2 * x * x + self.q.b * x * y - self.q.c / 2 * y * y).sum()
        loss = f if role == "generator" else -f
        return torch.autograd.grad(loss, self.weight(role), create_graph=linked)

    def further_gradient(self, role: Role) -> Gradient:
        return self.gradient(role)

    def check(self, role: Role, gradient: Gradient) -> None:
        assert all(bool(part.isfinite().all()) for part in gradient)

    @contextmanager
    def turn(self, role: Role) -> Iterator[None]:
        yield

    def moved(self, role: Role) -> None:
        pass


def path(game: QuadraticGame, setup: Setup, steps: int, memory: Memory | None = None) -> Floats:
    """[steps + 1, 2]"""
    memory, found = {} if memory is None else memory, [game.w]
    for _ in range(steps):
        METHODS[setup.method](game, setup, memory)
        found.append(game.w)
    return np.array(found)


@pytest.mark.parametrize("q", [SADDLE, bilinear(-0.9), Quadratic(-0.3, 1.2, 0.8)], ids=str)
@pytest.mark.parametrize("name", SETUPS)
def test_two_networks_of_one_weight_follow_the_simulation(name: str, q: Quadratic) -> None:
    expected = simulate(quadratic_game(q), SETUPS[name], START, 40).path
    np.testing.assert_allclose(path(QuadraticGame(q), SETUPS[name], 40), expected, rtol=0, atol=1e-12)
    assert np.abs(np.diff(expected, axis=0)).min() > 1e-9  # both move all the time


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize(
    "wrong", [(-X, Y), (X, -Y), (Y, X)], ids=["x the wrong way", "y the wrong way", "steps swapped"]
)
def test_the_comparison_sees_a_wrong_sign_and_a_swap(name: str, wrong: tuple[float, float]) -> None:
    expected = simulate(quadratic_game(SADDLE), SETUPS[name], START, 10).path
    found = path(QuadraticGame(SADDLE), SETUPS[name]._replace(eta_x=wrong[0], eta_y=wrong[1]), 10)
    assert np.abs(found - expected).max() > 1e-3


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("consensus", {"strength": -0.7}), ("lookahead", {"pull": 0.7}), ("lookahead", {"cycle": 5}),
        ("lookahead", {"first": "x"}), ("alternating", {"first": "x"}), ("alternating", {"inner": 2}),
        ("alternating", {"outer": 2}),
    ],
)  # fmt: skip
def test_the_comparison_sees_every_number_of_a_rule(name: str, wrong: dict[str, Any]) -> None:
    expected = simulate(quadratic_game(SADDLE), SETUPS[name], START, 10).path
    found = path(QuadraticGame(SADDLE), SETUPS[name]._replace(**wrong), 10)
    assert np.abs(found - expected).max() > 1e-3


def update_matrix(q: Quadratic, setup: Setup) -> Floats:
    """What the networks' step (a whole cycle, for lookahead) does to (x, y), or to (x, y) and the (x, y)
    before it."""
    columns = []
    size = 4 if setup.method == "optimistic" else 2
    for state in np.eye(size):
        game, memory = QuadraticGame(q, (state[0], state[1])), {}
        if size == 4:
            before = QuadraticGame(q, (state[2], state[3]))
            memory = {role: Kept(before.gradient(role)) for role in ROLES}
        end = path(game, setup, setup.cycle if setup.method == "lookahead" else 1, memory)[-1]
        columns.append([*end, *state[:2]][:size])
    return np.array(columns).T


@pytest.mark.parametrize("q", [SADDLE, bilinear(1.1)], ids=str)
@pytest.mark.parametrize("name", SETUPS)
def test_the_rate_of_the_networks_is_the_predicted_one(name: str, q: Quadratic) -> None:
    setup = SETUPS[name]
    largest = np.abs(np.linalg.eigvals(update_matrix(q, setup))).max()
    found = largest ** (1 / setup.cycle) if setup.method == "lookahead" else largest
    assert found == pytest.approx(float(rates.rate(q, setup)), abs=1e-12)


@pytest.mark.parametrize("q", [SADDLE, bilinear(1.1)], ids=str)
@pytest.mark.parametrize("name", SETUPS)
def test_the_verdict_on_the_networks_is_the_predicted_one(name: str, q: Quadratic) -> None:
    radius = np.hypot(*path(QuadraticGame(q), SETUPS[name], 400).T)
    change = radius[300:].max() / radius[:100].max()
    found = Fate.CONVERGES if change < 0.5 else Fate.DIVERGES if change > 2 else Fate.CYCLES
    forecast = rates.forecast(q, SETUPS[name])
    assert forecast is not None
    assert found is forecast.fate


def test_the_three_verdicts_are_all_met() -> None:
    forecasts = {name: rates.forecast(bilinear(1.1), setup) for name, setup in SETUPS.items()}
    fates = {name: forecast.fate for name, forecast in forecasts.items() if forecast is not None}
    assert (fates["simultaneous"], fates["alternating"]) == (Fate.DIVERGES, Fate.CYCLES)
    assert {fates[name] for name in ("extragradient", "optimistic", "consensus", "lookahead")} == {
        Fate.CONVERGES
    }


# --- Over Adam

BETAS = (0.4, 0.9)


class HandAdam:
    """Adam's direction for both players at once, as Kingma & Ba 2015, algorithm 1, has it."""

    def __init__(self) -> None:
        self.mean, self.square, self.t = np.zeros(2), np.zeros(2), 0

    def direction(self, v: Floats) -> Floats:
        self.t += 1
        self.mean = BETAS[0] * self.mean + (1 - BETAS[0]) * v
        self.square = BETAS[1] * self.square + (1 - BETAS[1]) * v * v
        mean, square = self.mean / (1 - BETAS[0] ** self.t), self.square / (1 - BETAS[1] ** self.t)
        return np.asarray(mean / (np.sqrt(square) + 1e-8))


def field(w: Floats) -> Floats:
    return np.array(quadratic_game(SADDLE).field(*w))


@pytest.mark.parametrize("rule", ["simultaneous", "extragradient", "optimistic", "consensus"])
def test_over_adam_the_rule_is_that_of_its_paper(rule: str) -> None:
    setup, adam, w, last = Setup(rule, X, Y, strength=0.7), HandAdam(), np.array(START), None
    steps, j = np.array([X, Y]), np.array(quadratic_game(SADDLE).jacobian(*START)).reshape(2, 2)
    expected = [w]
    for _ in range(12):
        v = field(w)
        if rule == "extragradient":  # extra-Adam: the averages take both gradients
            ahead = w - steps * adam.direction(v)
            w = w - steps * adam.direction(field(ahead))
        elif rule == "optimistic":
            u = adam.direction(v)
            w, last = w - steps * (2 * u - (u if last is None else last)), u
        else:
            w = w - steps * adam.direction(v + 0.7 * j.T @ v if rule == "consensus" else v)
        expected.append(w)
    found = path(QuadraticGame(SADDLE, adam=BETAS), setup, 12)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_simultaneous_steps_of_adam_are_the_method_adam_of_the_saddle_page() -> None:
    setup = Setup("simultaneous", X, Y)
    expected = simulate(quadratic_game(SADDLE), setup._replace(method="adam"), START, 30).path
    found = path(QuadraticGame(SADDLE, adam=theory.ADAM_BETAS), setup, 30)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


# --- One player alone


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize("still", ROLES)
def test_a_player_that_stands_still_stays_and_the_other_plays_alone(name: str, still: Role) -> None:
    setup = SETUPS[name]
    alone = setup._replace(eta_x=0.0) if still == "generator" else setup._replace(eta_y=0.0)
    game = QuadraticGame(SADDLE)
    game.movers = [role for role in ROLES if role != still]
    found = path(game, SETUPS[name], 12)
    column = 0 if still == "generator" else 1
    assert (found[:, column] == START[column]).all()
    if name != "consensus":  # there v holds the mover's gradient alone
        expected = simulate(quadratic_game(SADDLE), alone, START, 12).path
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_consensus_with_one_player_is_a_game_of_one() -> None:
    game, setup = QuadraticGame(SADDLE), SETUPS["consensus"]
    game.movers = ["generator"]
    v = SADDLE.a * START[0] + SADDLE.b * START[1]
    assert path(game, setup, 1)[1][0] == pytest.approx(START[0] - X * (v + 0.7 * SADDLE.a * v), abs=1e-14)
    flat = QuadraticGame(bilinear(1.1))
    flat.movers = ["generator"]  # its gradient does not depend on x: nothing to differentiate
    assert path(flat, setup, 1)[1][0] == pytest.approx(START[0] - X * 1.1 * START[1], abs=1e-14)


def test_each_player_counts_its_own_steps_of_a_cycle_of_lookahead() -> None:
    game, setup, memory = QuadraticGame(SADDLE), SETUPS["lookahead"], Memory()  # a cycle of four steps
    game.movers = ["discriminator"]
    path(game, setup, 3, memory)
    game.movers = ROLES
    path(game, setup, 1, memory)
    assert {role: kept.done for role, kept in memory.items()} == {"discriminator": 0, "generator": 1}


# --- What stands beside the step


def test_every_rule_of_the_settings_is_played_and_simulated_under_its_name() -> None:
    assert set(METHODS) == set(get_args(Rule)) <= set(theory.METHODS)


@pytest.mark.parametrize("rule", METHODS)
def test_a_step_costs_the_gradients_it_asks_for(rule: str) -> None:
    settings = Settings(rule=rule, discriminator_steps=3, generator_steps=2)  # type: ignore[arg-type]
    game = QuadraticGame(SADDLE)
    path(game, setup_of(settings), 1)
    products = 4 if rule == "consensus" else 0  # J^T v of both, counted as two fields
    assert gradient_calls(settings) == (game.asked + products) / 2
    expected = {"alternating": 2.5, "simultaneous": 2.5, "extragradient": 2, "consensus": 3}
    assert gradient_calls(settings) == expected.get(rule, 1)


def test_the_setup_of_the_settings_names_g_x_and_d_y() -> None:
    settings = Settings(
        rule="lookahead", first="generator", generator_lr=0.01, discriminator_lr=0.02, lookahead_k=7,
        lookahead_alpha=0.3, discriminator_steps=4,
    )  # fmt: skip
    setup = setup_of(settings)
    assert setup[:5] == ("lookahead", 0.01, 0.02, "x", 1)
    assert (setup.cycle, setup.pull, setup.base) == (7, 0.3, "alternating")
    assert setup_of(Settings(rule="consensus", consensus_gamma=0.4)).strength == 0.4
    assert setup_of(Settings(discriminator_steps=4, generator_steps=2))[3:7] == ("y", 4, 2, 1.0)


def test_a_direction_leaves_the_weights_to_the_bit_even_where_it_fails() -> None:
    player = QuadraticGame(SADDLE).players["generator"]
    before = player.copy()
    player.direction((torch.ones(1, dtype=torch.float64),))
    with pytest.raises(RuntimeError):
        player.direction((torch.ones(3, dtype=torch.float64),))
    assert torch.equal(before[0], player.weights[0])


def test_a_gradient_in_another_order_in_memory_moves_the_right_weights() -> None:
    weight = torch.zeros(4, 3, 2, 2).contiguous(memory_format=torch.channels_last).requires_grad_()
    gradient = torch.arange(48.0).reshape(4, 3, 2, 2)
    assert gradient.stride() != weight.stride()
    Player([weight], torch.optim.SGD([weight], lr=0.0, fused=True)).move((gradient,), 0.5)
    assert torch.equal(weight.detach(), -0.5 * gradient)
