"""Gradient play inside the simplices: the projected flow, against small projected steps and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.theory.gradient_play import gradient_play
from gan_core.theory.learning import motion
from gan_core.theory.payoffs import Floats, Game, game_of_text

TIED = game_of_text("-1,2_-3,-2_-3,3_-2,-2~2,-3_2,-1_1,-1_3,-1")
TIED_START = (0.7547, 0.2453), (0.1305, 0.1386, 0.6776, 0.0533)
CORNER = game_of_text("0,-1_0,1~1,0_1,0")


def nearest(point: Floats) -> Floats:
    """The nearest vector of probabilities: `point` less the one number that makes it add up to 1."""
    low, high = point.min() - 1.0, point.max()
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(point - middle, 0).sum() > 1 else (low, middle)
    return np.asarray(np.maximum(point - high, 0.0))


def small_steps(game: Game, x: Floats, y: Floats, time: float, h: float) -> tuple[Floats, Floats]:
    """The end of the projected flow by Euler steps, projected one by one: error of order h."""
    unit = max(game.spans) / 2
    for _ in range(round(time / h)):
        x, y = nearest(x + h / unit * (game.a @ y)), nearest(y + h / unit * (x @ game.b))
    return x, y


def random_game(rng: np.random.Generator, m: int, n: int, largest: int) -> Game:
    """Whole payoffs, so that ties are frequent."""
    cells = rng.integers(-largest, largest + 1, (m, n, 2)).tolist()
    return game_of_text("~".join("_".join(f"{a},{b}" for a, b in line) for line in cells))


def test_it_rests_where_what_is_left_ties() -> None:
    moved = motion(TIED, "gradient", *TIED_START, 40)
    np.testing.assert_allclose(moved.row[15:], np.broadcast_to([0, 1], moved.row[15:].shape), atol=1e-9)
    expected = np.broadcast_to([0, 0, 1, 0], moved.column[15:].shape)
    np.testing.assert_allclose(moved.column[15:], expected, atol=1e-9)


def test_an_equilibrium_on_the_wall_is_not_left() -> None:
    """The row player's lower action pays more; against it both columns pay 0."""
    moved = motion(CORNER, "gradient", (0.0, 1.0), (0.5, 0.5), 40)
    assert np.unique(moved.row, axis=0).tolist() == [[0.0, 1.0]]
    assert np.unique(moved.column, axis=0).tolist() == [[0.5, 0.5]]


def test_the_way_along_a_wall_is_known() -> None:
    """Matching Pennies from p = 1, q = 0.9: q' = -1 until q = 1/2, then a circle of radius 1/2 inside."""
    game = game_of_text("1_-1~-1_1")
    moved = motion(game, "gradient", (1.0, 0.0), (0.9, 0.1), 4)
    assert moved.wall == 0.0
    t = moved.time
    along, angle = t < 0.4, np.maximum(2 * (t - 0.4), 0.0)
    np.testing.assert_allclose(moved.row[:, 0], 0.5 + 0.5 * np.cos(angle), atol=1e-6)
    np.testing.assert_allclose(
        moved.column[:, 0], np.where(along, 0.9 - t, 0.5 - 0.5 * np.sin(angle)), atol=1e-6
    )


@pytest.mark.parametrize("seed", range(6))
def test_small_projected_steps_end_at_the_same_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m, n = ((2, 3), (3, 3), (4, 2), (3, 4), (1, 3), (5, 2))[seed]
    game = random_game(rng, m, n, 4)
    x, y = rng.dirichlet(np.ones(m)), rng.dirichlet(np.ones(n))
    row, column, _ = gradient_play(game, x, y, 30)
    expected = small_steps(game, x, y, 3.0, 4e-3)
    np.testing.assert_allclose(row[-1], expected[0], atol=1.5e-2)
    np.testing.assert_allclose(column[-1], expected[1], atol=1.5e-2)


def test_two_step_sizes_agree_in_games_full_of_ties() -> None:
    rng = np.random.default_rng(4)
    for _ in range(40):
        m, n = rng.integers(1, 5, 2).tolist()
        game = random_game(rng, m, n, 2)
        x, y = (w / w.sum() for w in (rng.integers(0, 4, k) + np.eye(k)[0] for k in (m, n)))
        row, column, wall = gradient_play(game, x, y, 100)
        finer = gradient_play(game, x, y, 400, 0.025)
        np.testing.assert_allclose(row, finer[0][::4], atol=1e-5)
        np.testing.assert_allclose(column, finer[1][::4], atol=1e-5)
        assert (wall is None) == (finer[2] is None)
        for path in (row, column):
            assert path.min() >= 0
            np.testing.assert_allclose(path.sum(axis=1), 1, atol=1e-10)


def test_actions_freed_together_do_not_stop_the_clock() -> None:
    """Two actions of equal pay are freed at once, and with them the column's third ceases to tie."""
    game = game_of_text("0,1_-2,-1_3,-1~-1,1_-2,-3_0,-1~0,-2_-2,-3_-1,3~-2,1_2,-1_-1,0")
    row, column, _ = gradient_play(game, np.array([0, 0.8, 0, 0.2]), np.array([0.4, 0.6, 0]), 60)
    finer = gradient_play(game, np.array([0, 0.8, 0, 0.2]), np.array([0.4, 0.6, 0]), 600, 0.01)
    np.testing.assert_allclose(row, finer[0][::10], atol=1e-5)
    np.testing.assert_allclose(column, finer[1][::10], atol=1e-5)
