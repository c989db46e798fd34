"""Finite games against the definitions, closed forms and the games everyone knows."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from gan_core.theory import games
from gan_core.theory.equilibria import Equilibria, equilibria, is_equilibrium
from gan_core.theory.payoffs import PRESETS, Exact, Floats, Game, game_of_text, made_zero_sum

KNOWN = {  # game: equilibria as (row, column, payoffs), Pareto-optimal cells
    "prisoners": ([((0, 1), (0, 1), (1, 1))], [[1, 1], [1, 0]]),
    "pennies": (
        [((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2)), (0, 0))],
        [[1, 1], [1, 1]],
    ),
    "rock": ([((Fraction(1, 3),) * 3, (Fraction(1, 3),) * 3, (0, 0))], [[1] * 3] * 3),
    "stag": (
        [
            ((1, 0), (1, 0), (4, 4)),
            ((0, 1), (0, 1), (2, 2)),
            (
                (Fraction(2, 3), Fraction(1, 3)),
                (Fraction(2, 3), Fraction(1, 3)),
                (Fraction(8, 3), Fraction(8, 3)),
            ),
        ],
        [[1, 0], [0, 0]],
    ),
    "sexes": (
        [
            ((1, 0), (1, 0), (3, 2)),
            ((0, 1), (0, 1), (2, 3)),
            (
                (Fraction(3, 5), Fraction(2, 5)),
                (Fraction(2, 5), Fraction(3, 5)),
                (Fraction(6, 5), Fraction(6, 5)),
            ),
        ],
        [[1, 0], [0, 1]],
    ),
    "gan": ([((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2)), (0, 0))], [[1, 1], [1, 1]]),
}


def random_table(rng: np.random.Generator, m: int, n: int, top: int) -> Exact:
    return tuple(
        tuple(Fraction(int(value)) for value in line) for line in rng.integers(-top, top + 1, (m, n))
    )


def random_games(count: int, top: int) -> list[Game]:
    """Games of 2 x 2 to 4 x 4 with whole payoffs up to `top`; small ones have many ties."""
    rng = np.random.default_rng(20140610)
    shapes = [(int(m), int(n)) for m, n in rng.integers(2, 5, (count, 2))]
    return [Game(random_table(rng, m, n, top), random_table(rng, m, n, top)) for m, n in shapes]


def pays_no_better(game: Game, x: Floats, y: Floats) -> bool:
    """The definition, by trying every pure action of either player."""
    m, n = game.shape
    now_row, now_column = x @ game.a @ y, x @ game.b @ y
    rows = [np.eye(m)[i] @ game.a @ y for i in range(m)]
    columns = [x @ game.b @ np.eye(n)[j] for j in range(n)]
    return bool(max(rows) <= now_row + 1e-9 and max(columns) <= now_column + 1e-9)


def as_floats(found: Equilibria) -> set[tuple[float, ...]]:
    return {tuple(round(float(p), 9) for p in (*item.row, *item.column)) for item in found.items}


@pytest.mark.parametrize("name", KNOWN)
def test_the_known_games(name: str) -> None:
    expected, pareto = KNOWN[name]
    game = PRESETS[name].game
    found = equilibria(game)
    assert [(item.row, item.column, item.payoffs) for item in found.items] == expected
    assert not found.degenerate
    np.testing.assert_array_equal(games.pareto_optimal(game), np.array(pareto, dtype=bool))


@pytest.mark.parametrize(("top", "at_least"), [(1, 20), (9, 200), (60, 400)])
def test_random_games_500(top: int, at_least: int) -> None:
    """Each equilibrium passes a best-response check; an even count only in games said to be degenerate."""
    flagged = 0
    for game in random_games(500, top):
        found = equilibria(game)
        assert found.items  # Nash 1950
        for item in found.items:
            x, y = np.array(item.row, dtype=float), np.array(item.column, dtype=float)
            assert (x.sum(), y.sum()) == (pytest.approx(1), pytest.approx(1))
            assert min(x.min(), y.min()) >= 0
            assert pays_no_better(game, x, y)
            assert float(games.total_regret(game, x, y)[0]) < 1e-12
        assert found.degenerate or len(found.items) % 2 == 1
        flagged += found.degenerate
    assert 500 - flagged >= at_least


def equal_supports(game: Game) -> set[tuple[float, ...]]:
    """All equilibria of a game without ties, in floating point: solve every pair of equal supports."""
    m, n = game.shape
    found = set()
    for size in range(1, min(m, n) + 1):
        for rows, columns in product(combinations(range(m), size), combinations(range(n), size)):
            sides = []
            for table, own, other in ((game.b.T, rows, columns), (game.a, columns, rows)):
                # The other player's used actions pay alike; the probabilities add up to 1.
                system = np.block([[table[np.ix_(other, own)], -np.ones((size, 1))], [np.ones((1, size)), 0]])
                if abs(np.linalg.det(system)) < 1e-9:
                    break
                full = np.zeros(table.shape[1])
                full[list(own)] = np.linalg.solve(system, [*[0.0] * size, 1.0])[:size]
                sides.append(full)
            if len(sides) == 2 and min(s.min() for s in sides) > -1e-9 and pays_no_better(game, *sides):
                found.add(tuple(round(float(p), 9) + 0.0 for p in np.concatenate(sides)))
    return found


def test_none_is_missed_where_there_are_no_ties() -> None:
    compared = 0
    for game in random_games(300, 1000):
        found = equilibria(game)
        if not found.degenerate:
            assert as_floats(found) == equal_supports(game)
            compared += 1
    assert compared > 280


def test_every_stable_cell_is_among_the_equilibria_and_no_other_pure_one() -> None:
    for game in random_games(200, 3):
        pure = {(item.row.index(1), item.column.index(1)) for item in equilibria(game).items if item.is_pure}
        assert pure == set(games.pure_equilibria(game))


@pytest.mark.parametrize(
    ("text", "count", "infinite"),
    [
        ("0_0~0_0", 4, True),  # all zeros: everything
        ("1,1_1,1~1,1_1,1", 4, True),
        ("1,1_0,0~0,0_0,0", 2, False),  # a tie, yet finitely many
        ("1,1_1,0~0,0_0,0", 1, False),
        ("1,1_1,1~0,0_2,2", 3, True),  # (first, first to 1/2) is a whole segment
    ],
)
def test_degenerate_games_are_said_to_be_so(text: str, count: int, infinite: bool) -> None:
    found = equilibria(game_of_text(text))
    assert (len(found.items), found.degenerate, found.infinite) == (count, True, infinite)


def test_between_two_equilibria_that_share_a_strategy_all_are() -> None:
    for game in random_games(200, 1):
        items = equilibria(game).items
        for one, other in combinations(items, 2):
            if one.row == other.row:
                middle = tuple((p + q) / 3 + p / 3 for p, q in zip(one.column, other.column, strict=True))
                assert is_equilibrium(game, one.row, middle)


def test_what_is_no_equilibrium_is_refused() -> None:
    game = PRESETS["sexes"].game
    assert is_equilibrium(game, (Fraction(3, 5), Fraction(2, 5)), (Fraction(2, 5), Fraction(3, 5)))
    assert not is_equilibrium(game, (Fraction(2, 5), Fraction(3, 5)), (Fraction(3, 5), Fraction(2, 5)))
    assert not is_equilibrium(game, (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    assert not is_equilibrium(game, (Fraction(1), Fraction(1)), (Fraction(1), Fraction(1)))


def test_a_zero_sum_game_has_one_value_and_both_curves_meet_there() -> None:
    """Weak duality makes it a proof: a floor that equals a ceiling is the value."""
    for game in map(made_zero_sum, random_games(200, 20)):
        values = {item.payoffs[0] for item in equilibria(game).items}
        assert len(values) == 1
        item = equilibria(game).items[0]
        floor = games.floor_of(game, np.array(item.row, dtype=float))[0]
        ceiling = games.ceiling_of(game, np.array(item.column, dtype=float))[0]
        assert floor == pytest.approx(ceiling, abs=1e-12)
        assert floor == pytest.approx(float(values.pop()), abs=1e-12)


def test_no_strategy_is_above_the_ceiling() -> None:
    rng = np.random.default_rng(2)
    game = made_zero_sum(random_games(1, 9)[0])
    m, n = game.shape
    floors = games.floor_of(game, rng.dirichlet(np.ones(m), 400))
    ceilings = games.ceiling_of(game, rng.dirichlet(np.ones(n), 400))
    assert floors.max() <= ceilings.min()


def test_the_closed_form_of_two_by_two() -> None:
    rng = np.random.default_rng(7)
    solved = 0
    for _ in range(300):
        game = made_zero_sum(Game(random_table(rng, 2, 2, 30), random_table(rng, 2, 2, 30)))
        saddle = games.saddle_2x2(game)
        assert (saddle is None) == bool(games.pure_equilibria(game))
        if saddle is not None:
            (item,) = equilibria(game).items
            assert (item.row[0], item.column[0], item.payoffs[0]) == saddle
            solved += 1
    assert solved > 50


def test_regret_is_what_the_best_action_would_add() -> None:
    game = PRESETS["prisoners"].game
    found = games.replies(game, [0.8, 0.2], [0.3, 0.7])
    # Row against q = 0.3: cooperate 0.9, defect 5 * 0.3 + 0.7 = 2.2; gets 0.8 * 0.9 + 0.2 * 2.2 = 1.16.
    assert found.row_payoffs == pytest.approx([0.9, 2.2])
    assert [found.row_payoff, found.row_regret] == pytest.approx([1.16, 1.04])
    # Column against p = 0.8: cooperate 2.4, defect 4 + 0.2 = 4.2; gets 0.3 * 2.4 + 0.7 * 4.2 = 3.66.
    assert found.column_payoffs == pytest.approx([2.4, 4.2])
    assert [found.column_payoff, found.column_regret] == pytest.approx([3.66, 0.54])


def test_moving_one_strategy_leaves_what_the_others_actions_regret_alone() -> None:
    game = PRESETS["stag"].game
    one, other = (games.replies(game, x, [0.3, 0.7]) for x in ([0.9, 0.1], [0.2, 0.8]))
    np.testing.assert_array_equal(one.row_payoffs, other.row_payoffs)
    assert one.row_regret > other.row_regret  # hare is best against q = 0.3


def test_total_regret_of_matching_pennies() -> None:
    """|2p - 1| + |2q - 1|."""
    p, q = np.random.default_rng(1).uniform(size=(2, 60))
    gap = games.total_regret(
        PRESETS["pennies"].game, np.column_stack([p, 1 - p]), np.column_stack([q, 1 - q])
    )
    np.testing.assert_allclose(gap, abs(2 * p - 1) + abs(2 * q - 1), atol=1e-12)


@pytest.mark.parametrize("player", [0, 1])
def test_reply_curves_hold_best_responses_only(player: int) -> None:
    rng = np.random.default_rng(9)
    for _ in range(200):
        game = Game(random_table(rng, 2, 2, 3), random_table(rng, 2, 2, 3))
        curve = games.reply_curve(game, player)
        if curve is None:
            assert not np.ptp(game.a if player == 0 else game.b, axis=player).any()
            continue
        for share in rng.uniform(size=8):
            for start, end in pairwise(curve):
                p, q = start + share * (end - start)
                found = games.replies(game, [p, 1 - p], [q, 1 - q])
                assert (found.row_regret, found.column_regret)[player] < 1e-12
        others = curve[:, 1 - player]
        assert (others[0], others[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("player", [0, 1])
def test_the_surface_is_the_expected_payoff(player: int) -> None:
    game = game_of_text("3,-1_0.5,4~-2,7_6,1/3")
    p, q = np.array([0.2, 0.9, 0.45]), np.array([0.7, 0.35, 0.1])
    found = games.payoff_surface(game, player, p, q)
    table = (game.a, game.b)[player]
    truth = [[a, 1 - a] @ table @ [b, 1 - b] for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(found, truth, rtol=1e-12)


@pytest.mark.parametrize("scale", ["0.000001", "0.0001", "0.01", "1", "999999"])
def test_a_regret_is_0_in_an_equilibrium_alone_whatever_the_payoffs_are(scale: str) -> None:
    game = game_of_text(f"{scale},{scale}_0,0~0,0_{scale},{scale}")
    for p in (0.9, 0.52, 0.5 + 1e-9):
        found = games.replies(game, [p, 1 - p], [1 - p, p])
        expected = float(scale) * p * (2 * p - 1)
        assert (found.row_regret, found.column_regret) == pytest.approx((expected, expected))
        assert found.row_best.tolist() == [False, True]
    even = games.replies(game, [0.9, 0.1], [0.5, 0.5])
    assert even.row_regret == 0.0
    assert even.row_best.all()


def test_a_small_regret_beside_large_payoffs_is_not_lost() -> None:
    game = game_of_text("999999,0~999999.000001,0")
    found = games.replies(game, [1.0, 0.0], [1.0])
    assert found.row_regret == pytest.approx(1e-6)
    assert found.row_best.tolist() == [False, True]


def test_rounding_is_no_regret() -> None:
    game = PRESETS["rock"].game
    found = games.replies(game, [1 / 3, 1 / 3, 1 - 2 / 3], [0.1 + 0.2, 0.3, 0.4])
    exact = games.replies(game, [1 / 3] * 3, [1 / 3] * 3)
    assert found.column_regret == exact.row_regret == exact.column_regret == 0.0
    assert found.row_regret == pytest.approx(0.1)
