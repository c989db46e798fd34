"""Motion in finite games: conserved quantities, closed forms, and where the averages go."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.theory import games, learning
from gan_core.theory.flows import FLOW_STEP, unit_of_payoff
from gan_core.theory.learning import Motion, direction, motion
from gan_core.theory.payoffs import PRESETS, Game, game_of_text

START = (0.8, 0.2), (0.35, 0.65)
LOPSIDED = game_of_text("3_-1~-2_1")  # p* = 3/7, q* = 2/7
SHIFTED_ROCK = game_of_text("0_-2_1~1_0_-1~-1_2_0")


def run(game: Game, rule: str, span: int = 60, start: tuple[tuple[float, ...], ...] = START) -> Motion:
    return motion(game, rule, start[0], start[1], span)


@pytest.mark.parametrize("name", ["pennies", "gan"])
def test_the_replicator_conserves_p_1_minus_p_q_1_minus_q(name: str) -> None:
    moved = run(PRESETS[name].game, "replicator", 100)
    p, q = moved.row[:, 0], moved.column[:, 0]
    kept = p * (1 - p) * q * (1 - q)
    np.testing.assert_allclose(kept, 0.8 * 0.2 * 0.35 * 0.65, rtol=1e-4)
    assert moved.conserved is not None
    np.testing.assert_allclose(moved.conserved, kept, rtol=1e-12)
    assert np.ptp(p) > 0.5  # it does move


@pytest.mark.parametrize(
    ("game", "start"),
    [(LOPSIDED, START), (SHIFTED_ROCK, ((0.6, 0.3, 0.1), (0.2, 0.3, 0.5)))],
    ids=["lopsided", "rock"],
)
@pytest.mark.parametrize("rule", learning.FLOWS)
def test_what_is_conserved_away_from_the_even_mixture(
    game: Game, start: tuple[tuple[float, ...], ...], rule: str
) -> None:
    moved = run(game, rule, 20, start)
    assert moved.conserved is not None
    inside = slice(None) if moved.wall is None else slice(0, round(moved.wall / FLOW_STEP))
    assert len(moved.conserved[inside]) > 3
    np.testing.assert_allclose(moved.conserved[inside], moved.conserved[0], rtol=1e-4)


def test_gradient_play_goes_round_a_circle_at_a_known_pace() -> None:
    """In units of half the payoff spread: p' = 2 (q - 1/2), q' = -2 (p - 1/2): an angle of 2 per time."""
    moved = run(PRESETS["pennies"].game, "gradient", 10, ((0.7, 0.3), (0.6, 0.4)))
    angle = 2 * moved.time
    p = 0.5 + 0.2 * np.cos(angle) + 0.1 * np.sin(angle)
    q = 0.5 + 0.1 * np.cos(angle) - 0.2 * np.sin(angle)
    np.testing.assert_allclose(moved.row[:, 0], p, atol=1e-12)
    np.testing.assert_allclose(moved.column[:, 0], q, atol=1e-12)
    assert moved.conserved == pytest.approx(0.05)
    assert moved.wall is None


def test_gradient_play_tells_when_it_hits_the_wall_and_stays_inside() -> None:
    moved = run(PRESETS["pennies"].game, "gradient", 30, ((0.95, 0.05), (0.9, 0.1)))
    # It starts at distance hypot(.45, .4) > 1/2 and moves up: p' = 2 * 0.4.
    assert moved.wall is not None
    first = round(moved.wall / FLOW_STEP)
    assert moved.row[first, 0] == 1.0
    assert moved.row[first - 1, 0] < 1.0
    for path in (moved.row, moved.column):
        assert path.min() >= 0
        np.testing.assert_allclose(path.sum(axis=1), 1, atol=1e-12)


def test_both_replicators_are_the_same_flow() -> None:
    """The fast one for two actions against the one for any number, by a row nobody plays."""
    wide = game_of_text("3,1_0,2~-1,4_2,-1~-9,0_-9,0")
    small = game_of_text("3,1_0,2~-1,4_2,-1")
    two = run(small, "replicator", 20)
    three = motion(wide, "replicator", (0.8, 0.2, 0.0), START[1], 40)
    assert np.abs(three.row[:, 2]).max() == 0
    ratio = unit_of_payoff(wide) / unit_of_payoff(small)
    at = np.interp(two.time * ratio, three.time, three.row[:, 0])
    inside = two.time * ratio < 40
    np.testing.assert_allclose(two.row[inside, 0], at[inside], atol=2e-3)


@pytest.mark.parametrize("rule", learning.FLOWS)
@pytest.mark.parametrize(("row", "column"), [(0.3, 0.9), (0.65, 0.2)])
def test_directions_are_derivatives_of_ones_own_payoff(rule: str, row: float, column: float) -> None:
    """Neither player's direction may be the other's: each one's own payoff rises along its own axis."""
    game, h = game_of_text("3,1_0,2~-1,4_2,-1"), 1e-6
    unit = unit_of_payoff(game)
    x, y = np.array([row, 1 - row]), np.array([column, 1 - column])
    slopes = [
        (games.payoff_surface(game, 0, row + h, column) - games.payoff_surface(game, 0, row - h, column))
        / 2
        / h,
        (games.payoff_surface(game, 1, row, column + h) - games.payoff_surface(game, 1, row, column - h))
        / 2
        / h,
    ]
    scale = (
        np.array([row * (1 - row), column * (1 - column)]) if rule == "replicator" else np.array([0.5, 0.5])
    )
    found = direction(game, rule, x, y)
    assert [found[0][0], found[1][0]] == pytest.approx(scale * np.array(slopes, dtype=float) / unit, rel=1e-6)


@pytest.mark.parametrize("rule", learning.FLOWS)
def test_a_path_leaves_along_its_direction(rule: str) -> None:
    game = game_of_text("3,1_0,2~-1,4_2,-1")
    moved = run(game, rule, 5)
    row, column = direction(game, rule, np.array(START[0]), np.array(START[1]))
    first = (moved.row[1, 0] - moved.row[0, 0]) / 0.1, (moved.column[1, 0] - moved.column[0, 0]) / 0.1
    assert first == (pytest.approx(row[0], abs=0.03), pytest.approx(column[0], abs=0.03))


@pytest.mark.parametrize("rule", learning.RULES)
def test_everyone_ends_up_defecting(rule: str) -> None:
    moved = run(PRESETS["prisoners"].game, rule, 100)
    assert (moved.row[-1, 1], moved.column[-1, 1]) == (pytest.approx(1), pytest.approx(1))
    assert moved.conserved is None


@pytest.mark.parametrize("rule", learning.RULES)
def test_an_equilibrium_is_left_by_none(rule: str) -> None:
    for name, start in (("sexes", ((0.6, 0.4), (0.4, 0.6))), ("pennies", ((0.5, 0.5), (0.5, 0.5)))):
        moved = run(PRESETS[name].game, rule, 5, start)
        np.testing.assert_allclose(moved.row, np.broadcast_to(start[0], moved.row.shape), atol=1e-9)
        np.testing.assert_allclose(moved.column, np.broadcast_to(start[1], moved.column.shape), atol=1e-9)


@pytest.mark.parametrize(
    ("rule", "game"),
    [(rule, PRESETS["pennies"].game) for rule in learning.RULES]
    # Best responses in turn visit the corners evenly, whatever the payoffs: not for the lopsided game.
    + [(rule, LOPSIDED) for rule in learning.RULES if rule != "best_response"],
)
def test_the_path_goes_on_and_its_average_arrives(rule: str, game: Game) -> None:
    moved = run(game, rule, 1600)
    gap = games.total_regret(game, moved.row_average, moved.column_average)
    early, late = ((moved.time >= begin) & (moved.time <= 2 * begin) for begin in (25, 800))
    rate = 3 if rule == "fictitious" else 8  # 32 times as long: about 1/sqrt(T), against 1/T
    assert gap[late].max() < gap[early].max() / rate
    assert games.total_regret(game, moved.row[late], moved.column[late]).max() > 0.3


def test_best_responses_go_in_turns_the_row_player_first() -> None:
    moved = run(PRESETS["pennies"].game, "best_response", 4)
    # Column plays tails mostly, so Row goes to tails, Column to heads, Row to heads, Column to tails.
    np.testing.assert_array_equal(moved.row[1:, 0], [0, 0, 1, 1])
    np.testing.assert_array_equal(moved.column[:, 0], [0.35, 0.35, 1, 1, 0])


def test_fictitious_play_answers_the_average_with_the_start_as_its_first_round() -> None:
    game = PRESETS["sexes"].game
    moved = run(game, "fictitious", 30)
    for k in range(1, 31):
        row_before, column_before = moved.row[:k].mean(axis=0), moved.column[:k].mean(axis=0)
        found = games.replies(game, row_before, column_before)
        assert found.row_payoffs @ moved.row[k] == pytest.approx(found.row_payoffs.max())
        assert found.column_payoffs @ moved.column[k] == pytest.approx(found.column_payoffs.max())
    np.testing.assert_allclose(moved.row_average[-1], moved.row.mean(axis=0))


def test_averages_of_flows_are_integrals() -> None:
    moved = run(PRESETS["pennies"].game, "gradient", 10, ((0.7, 0.3), (0.6, 0.4)))
    t = moved.time[1:]
    mean = 0.5 + (0.2 * np.sin(2 * t) + 0.1 * (1 - np.cos(2 * t))) / (2 * t)
    np.testing.assert_allclose(moved.row_average[1:, 0], mean, atol=1e-3)


def test_time_means_the_same_whatever_the_payoffs_are_counted_in() -> None:
    one, other = game_of_text("3,1_0,2~-1,4_2,-1"), game_of_text("300,100_0,200~-100,400_200,-100")
    for rule in learning.RULES:
        np.testing.assert_allclose(run(one, rule, 9).row, run(other, rule, 9).row, atol=1e-9)


@pytest.mark.parametrize("rule", learning.RULES)
def test_a_game_of_nothing_but_zeros_moves_nobody(rule: str) -> None:
    moved = run(game_of_text("0_0~0_0"), rule, 5)
    np.testing.assert_allclose(moved.row, np.broadcast_to(START[0], moved.row.shape))


@pytest.mark.parametrize("rule", ["best_response", "fictitious"])
@pytest.mark.parametrize("unit", ["0.000001", "1", "900000"])
def test_who_moves_does_not_depend_on_the_unit_of_payoff(rule: str, unit: str) -> None:
    """A preference of 2e-7 of a payoff is one, however small the payoff."""
    game = game_of_text(f"{unit}_-{unit}~-{unit}_{unit}")
    moved = motion(game, rule, (0.5, 0.5), (0.5 + 1e-7, 0.5 - 1e-7), 5)
    assert moved.row[1].tolist() == [1.0, 0.0]
