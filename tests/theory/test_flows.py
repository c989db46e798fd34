"""The replicator: the simplex, shifts of payoffs, what is conserved, and a plain integration beside it."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.theory.flows import replicator
from gan_core.theory.learning import motion
from gan_core.theory.payoffs import Floats, Game, game_of_text, made_zero_sum

ROCK = game_of_text("0_-1_1~1_0_-1~-1_1_0")
ROCK_AND_ONE = game_of_text("1_0_2~2_1_0~0_2_1")  # every payoff of the row player is higher by 1
SMALL = game_of_text("3,1_0,2~-1,4_2,-1")
WIDE = game_of_text("3,1_0,2_1,-1~-1,4_2,-1_0,3")
START = (0.5, 0.3, 0.2), (0.2, 0.5, 0.3)
STARTS: dict[int, tuple[float, ...]] = {2: (0.8, 0.2), 3: (0.5, 0.3, 0.2)}


def shifted(game: Game, row: int, column: int) -> Game:
    """The game with a number added to all payoffs of each player."""
    tables = ((game.row, row), (game.column, column))
    first, second = (tuple(tuple(p + by for p in line) for line in table) for table, by in tables)
    return Game(first, second)


def plain(game: Game, x: Floats, y: Floats, time: float, h: float) -> tuple[Floats, Floats]:
    """The end of the path by small Runge-Kutta steps on the probabilities themselves."""
    a, b = (game.a / (max(game.spans) / 2), game.b / (max(game.spans) / 2))

    def slope(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        row, column = a @ y, x @ b
        return x * (row - x @ row), y * (column - y @ column)

    for _ in range(round(time / h)):
        k1 = slope(x, y)
        k2 = slope(x + h / 2 * k1[0], y + h / 2 * k1[1])
        k3 = slope(x + h / 2 * k2[0], y + h / 2 * k2[1])
        k4 = slope(x + h * k3[0], y + h * k3[1])
        x, y = (w + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i, w in enumerate((x, y)))
        x, y = x / x.sum(), y / y.sum()
    return x, y


def test_payoffs_above_zero_turn_as_plain_rock_paper_scissors() -> None:
    one, other = (motion(game, "replicator", *START, 100) for game in (ROCK_AND_ONE, ROCK))
    np.testing.assert_allclose(one.row, other.row, atol=1e-12)
    np.testing.assert_allclose(one.column, other.column, atol=1e-12)
    assert one.conserved is not None
    np.testing.assert_allclose(one.conserved, one.conserved[0], rtol=1e-4)
    assert np.ptp(one.row[:, 0]) > 0.3  # it does move


@pytest.mark.parametrize("by", [1, -1, 10, -10, 1000, -1000])
@pytest.mark.parametrize("game", [ROCK, SMALL, WIDE], ids=["3x3", "2x2", "2x3"])
def test_a_number_added_to_all_payoffs_of_a_player_changes_no_path(game: Game, by: int) -> None:
    m, n = game.shape
    expected = motion(game, "replicator", STARTS[m], STARTS[n], 40)
    for row, column in ((by, 0), (0, by), (by, -by)):
        found = motion(shifted(game, row, column), "replicator", STARTS[m], STARTS[n], 40)
        np.testing.assert_allclose(found.row, expected.row, atol=1e-12)
        np.testing.assert_allclose(found.column, expected.column, atol=1e-12)


def test_zero_sum_paths_of_other_shapes_stay_on_the_simplex_and_are_right() -> None:
    rng = np.random.default_rng(8)
    for number in range(12):
        payoffs = rng.integers(-5, 6, (2, 3))
        text = "~".join("_".join(map(str, line)) for line in payoffs.tolist())
        game = made_zero_sum(game_of_text(text))
        x, y = rng.dirichlet([1, 1]), rng.dirichlet([1, 1, 1])
        moved = motion(game, "replicator", tuple(x.tolist()), tuple(y.tolist()), 100)
        for path in (moved.row, moved.column):
            assert path.min() >= 0
            np.testing.assert_allclose(path.sum(axis=1), 1, atol=1e-12)
        if number < 3:
            row, column = plain(game, x, y, 20, 0.02)
            np.testing.assert_allclose(moved.row[200], row, atol=1e-4)
            np.testing.assert_allclose(moved.column[200], column, atol=1e-4)


def test_two_actions_each_follow_the_same_path() -> None:
    moved = motion(SMALL, "replicator", (0.8, 0.2), (0.35, 0.65), 20)
    row, column = plain(SMALL, np.array([0.8, 0.2]), np.array([0.35, 0.65]), 20, 0.02)
    np.testing.assert_allclose(moved.row[-1], row, atol=1e-5)
    np.testing.assert_allclose(moved.column[-1], column, atol=1e-5)


def test_what_has_almost_died_out_comes_back() -> None:
    """From a probability of 1e-18, whose complement rounds to 1, along p' = 2 p (1 - p)."""
    game = game_of_text("2,0_2,0~0,0_0,0")
    small = 1e-18
    x, _ = replicator(game, np.array([small, 1.0]), np.array([0.5, 0.5]), 400)
    time = 0.1 * np.arange(401)
    expected = 1 / (1 + np.exp(-2 * time) / small)
    np.testing.assert_allclose(x[:, 0], expected, rtol=1e-10)


def test_long_paths_do_not_overflow() -> None:
    game = game_of_text("9,0_9,0_9,0~0,0_0,0_0,0")
    x, y = replicator(game, np.array([0.2, 0.8]), np.array(START[0]), 6000)
    assert x[-1].tolist() == [1.0, 0.0]
    np.testing.assert_allclose(y, np.broadcast_to(START[0], y.shape), atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3)])
def test_an_action_nobody_plays_is_never_played(shape: tuple[int, int]) -> None:
    game = SMALL if shape == (2, 2) else ROCK
    x = np.eye(shape[0])[0]
    row, _ = replicator(game, x, np.array(STARTS[shape[1]]), 50)
    np.testing.assert_array_equal(row, np.broadcast_to(x, row.shape))
