"""The pictures of the Games page show the numbers of the theory, each where it belongs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from gan_core.figures.games import motion as motion_figures
from gan_core.figures.games import payoffs as payoff_figures
from gan_core.figures.games import table
from gan_core.figures.games import time as time_figures
from gan_core.figures.games import value as value_figures
from gan_core.figures.games.numbers import amount, chances, payoff_text, share_text
from gan_core.figures.games.table import Profile
from gan_core.figures.games.words import equilibria_rows, equilibria_said
from gan_core.figures.relief import LIFT, MARK_LIFT
from gan_core.figures.style import DISCRIMINATOR, GENERATOR, Figure
from gan_core.theory import games as theory
from gan_core.theory.learning import RULES, Motion, direction, motion
from gan_core.theory.payoffs import PRESETS, Floats, action_names, game_of_text

SPAN = 12
TABLES = {
    **{name: preset.table for name, preset in PRESETS.items()},
    "lopsided": "3,1_0,2~-1,4_2,-1",
    "zeros": "0_0~0_0",
    "one cell": "2,3",
    "one row": "1,2_4,0_1/3,5",
    "huge": "999999,123456.78_-5,2~0,0_-999999,1",
    "tiny": "0.000001,0.000001_0,0~0,0_0.000001,0.000001",
    "wide": "1,2_3,4_0,1_2,-3_5,0~5,6_-1,2_3,3_1,1_2.5,4",
    "five": "~".join("_".join(f"{(3 * i + 2 * j) % 7},{(i * j) % 5}" for j in range(5)) for i in range(5)),
}


def profile_of(name: str) -> Profile:
    game = game_of_text(TABLES[name])
    preset = PRESETS.get(name, PRESETS["prisoners"])
    weights = np.array([0.5, 0.2, 0.1, 0.15, 0.05])
    row, column = (
        tuple((w / w.sum()).tolist()) for w in (weights[: game.shape[0]], weights[::-1][-game.shape[1] :])
    )
    return Profile(game, preset.players, *action_names(preset, game), row, column)


def moved(profile: Profile, rule: str = "replicator") -> Motion:
    return motion(profile.game, rule, profile.row, profile.column, SPAN)


def drawings(profile: Profile, rule: str) -> Iterator[tuple[Figure, str]]:
    path = moved(profile, rule)
    marks, replies = table.table_info(profile), table.replies_info(profile)
    yield table.table_figure(marks), table.table_said(marks)
    yield table.replies_figure(replies), table.replies_said(replies)
    payoffs = payoff_figures.payoffs_info(profile)
    yield payoff_figures.payoffs_figure(payoffs), payoff_figures.payoffs_said(payoffs)
    if profile.game.is_zero_sum:
        value = value_figures.minimax_info(profile)
        yield value_figures.minimax_figure(value), value_figures.minimax_said(value)
    if profile.game.shape == (2, 2):
        square = motion_figures.square_info(profile, path)
        yield motion_figures.square_figure(square), motion_figures.square_said(square)
        for player in (0, 1):
            surface = value_figures.surface_info(profile, path, player)
            yield value_figures.surface_figure(surface), value_figures.surface_said(surface)
    simplex = motion_figures.simplex_info(profile, path)
    yield motion_figures.simplex_figure(simplex), motion_figures.simplex_said(simplex)
    over = time_figures.time_info(profile, path)
    yield time_figures.time_figure(over), time_figures.time_said(over)


def numbers(spec: Any) -> Floats:
    """What `style.typed` has packed."""
    if isinstance(spec, list):
        return np.array(spec, dtype=float)  # None becomes NaN
    found = np.frombuffer(base64.b64decode(spec["bdata"]), dtype="<f4").astype(float)
    return found.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else found


def trace(figure: Figure, name: str) -> dict[str, Any]:
    return next(item for item in figure["data"] if item.get("name") == name)


def points(item: dict[str, Any], axes: str = "xy") -> Floats:
    return np.column_stack([numbers(item[name]) for name in axes])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", TABLES)
def test_every_picture_is_valid_plain_and_has_its_sentence(name: str, rule: str) -> None:
    for figure, said in drawings(profile_of(name), rule):
        bare = {part: figure[part] for part in ("data", "layout")}
        assert orjson.loads(orjson.dumps(bare)) == bare
        go.Figure(bare)
        assert said.endswith(".")
        assert len(said) < 120  # two lines of a panel of 300 px
        assert " now" not in said  # while the dot moves, a sentence must say which moment it means
        for axis in figure["layout"]:
            if axis.startswith("xaxis"):
                assert figure["layout"][axis]["title"]["text"]


@pytest.mark.parametrize("name", TABLES)
def test_what_moves_ends_where_it_is_drawn(name: str) -> None:
    for figure, _ in drawings(profile_of(name), "replicator"):
        for mover in figure.get("motion", []):
            last = numbers(mover["x"])[-1], numbers(mover["y"])[-1]
            assert points(figure["data"][mover["trace"]])[-1] == pytest.approx(last)
            assert len(numbers(mover["x"])) == len(moved(profile_of(name)).time)


def table_of(name: str) -> Figure:
    return table.table_figure(table.table_info(profile_of(name)))


def payoffs_of(figure: Figure, who: str) -> dict[str, Any]:
    return trace(figure, f"payoffs of {who}")


def grounds_of(figure: Figure, who: str) -> list[Floats]:
    """The corners of each ground, [4, 2]."""
    drawn = points(trace(figure, f"best responses of {who}")).reshape(-1, 6, 2)
    assert np.isnan(drawn[:, 5]).all()
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 4])
    return list(drawn[:, :4])


def test_the_table_marks_best_replies_in_their_players_colours() -> None:
    figure = table_of("prisoners")
    # defect is Row's best reply in both columns
    assert payoffs_of(figure, "Row")["text"] == ["3", "0", "<b>5</b>", "<b>1</b>"]
    assert payoffs_of(figure, "Column")["text"] == ["3", "<b>5</b>", "0", "<b>1</b>"]
    for who, colour, cells in (
        ("Row", GENERATOR, [(1, 0), (1, 1)]),
        ("Column", DISCRIMINATOR, [(0, 1), (1, 1)]),
    ):
        assert trace(figure, f"best responses of {who}")["line"]["color"] == colour
        assert [(int(y), int(x)) for x, y in (box.min(axis=0) for box in grounds_of(figure, who))] == cells


@pytest.mark.parametrize("name", ["prisoners", "pennies", "rock", "five"])
def test_the_ground_of_a_payoff_lies_in_its_cell_around_its_number(name: str) -> None:
    """On no border, across no dotted frame, and clear of the other player's payoff."""
    figure = table_of(name)
    frame = next(s for s in figure["layout"]["shapes"] if s["line"].get("dash") == "dot")
    inset = frame["x0"] - int(frame["x0"])
    for who in (0, 1):
        player = profile_of(name).players[who]
        at = points(payoffs_of(figure, player))
        grounds = grounds_of(figure, player)
        assert grounds
        for ground in grounds:
            (x0, y0), (x1, y1) = ground.min(axis=0), ground.max(axis=0)
            i, j = int(y0), int(x0)
            assert inset < x0 - j < x1 - j < 1 - inset
            assert inset < y0 - i < y1 - i < 1 - inset
            assert np.isclose(at, ((x0 + x1) / 2, (y0 + y1) / 2)).all(axis=1).sum() == 1
            assert (y0 - i >= 0.5, y1 - i <= 0.5) == (who == 0, who == 1)


def test_cells_are_shaded_by_their_probability_and_actions_say_theirs() -> None:
    figure = table_of("lopsided")
    profile = profile_of("lopsided")
    shade = trace(figure, "probability")
    assert (shade["zmin"], shade["zmax"]) == (0, 1)
    for i, p in enumerate(profile.row):
        for j, q in enumerate(profile.column):
            assert shade["z"][shade["y"].index(i + 0.5)][shade["x"].index(j + 0.5)] == pytest.approx(p * q)
    assert trace(figure, "row chances")["text"] == [f"{p}\u00a0" for p in chances(profile.row)]
    assert trace(figure, "column chances")["text"] == chances(profile.column)
    assert trace(figure, "row chances")["y"] == figure["layout"]["yaxis"]["tickvals"]
    assert trace(figure, "column chances")["x"] == figure["layout"]["xaxis"]["tickvals"]


def test_payoffs_in_the_table_are_short_and_whole_on_hover() -> None:
    figure = table_of("huge")
    row, column = payoffs_of(figure, "Row"), payoffs_of(figure, "Column")
    assert row["text"] == ["<b>999999</b>", "<b>−5</b>", "0", "−999999"]
    assert column["text"][0] == "<b>123k</b>"
    assert column["customdata"][0] == "123456.78: a best response"


def test_one_cell_is_and_many_cells_are() -> None:
    assert table.table_said(table.table_info(profile_of("stag"))) == (
        "Equilibrium: (stag, stag), (hare, hare). 1 of 4 cells is Pareto-optimal."
    )
    assert table.table_said(table.table_info(profile_of("prisoners"))).endswith(
        "3 of 4 cells are Pareto-optimal."
    )
    assert table.table_said(table.table_info(profile_of("zeros"))).startswith("4 cells are equilibria.")


def test_the_table_frames_equilibria_and_dots_what_is_pareto_optimal() -> None:
    shapes = table_of("prisoners")["layout"]["shapes"]
    framed = [(s["y0"], s["x0"]) for s in shapes if s["line"]["width"] == 4]
    dotted = [(int(s["y0"]), int(s["x0"])) for s in shapes if s["line"].get("dash") == "dot"]
    assert framed == [(1, 1)]
    assert dotted == [(0, 0), (0, 1), (1, 0)]


def marks_of(figure: Figure, name: str) -> list[dict[str, Any]]:
    """Both players' marks of that name, the row player's first."""
    return [item for item in figure["data"] if item.get("name") == name]


@pytest.mark.parametrize("who", [0, 1])
def test_the_regret_is_drawn_from_what_is_got_to_the_best_bar(who: int) -> None:
    profile = profile_of("lopsided")
    figure = table.replies_figure(table.replies_info(profile))
    found = theory.replies(profile.game, profile.row, profile.column)
    payoffs, got = ((found.row_payoffs, found.row_payoff), (found.column_payoffs, found.column_payoff))[who]
    assert figure["data"][who]["y"] == pytest.approx(payoffs.tolist())
    level, gap = (marks_of(figure, name)[who] for name in ("level", "regret"))
    assert (*level["y"], gap["y"][0]) == pytest.approx((got, got, got))
    assert gap["y"][1] == pytest.approx(max(figure["data"][who]["y"]))
    assert level["xaxis"] == gap["xaxis"] == figure["data"][who]["xaxis"] == ("x", "x2")[who]


@pytest.mark.parametrize("name", ["prisoners", "rock", "five", "one row"])
def test_the_regret_stands_beside_the_last_bar(name: str) -> None:
    figure = table.replies_figure(table.replies_info(profile_of(name)))
    layout = figure["layout"]
    for who, axis in enumerate(("xaxis", "xaxis2")):
        last = figure["data"][who]["x"][-1] + (1 - layout["bargap"]) / 2
        gap = marks_of(figure, "regret")[who]
        assert last + 0.1 < gap["x"][0] < layout[axis]["range"][1]


@pytest.mark.parametrize(("payoff", "p", "row"), [("0.0001", 0.9, "0.000072"), ("0.01", 0.52, "0.000208")])
def test_small_payoffs_make_no_equilibrium(payoff: str, p: float, row: str) -> None:
    profile = profile_of("prisoners")._replace(
        game=game_of_text(f"{payoff},{payoff}_0,0~0,0_{payoff},{payoff}"), row=(p, 1 - p), column=(1 - p, p)
    )
    info = table.replies_info(profile)
    said, (label,) = table.replies_said(info), marks_of(table.replies_figure(info), "label")[0]["text"]
    assert "equilibrium" not in said
    assert f"Row could gain {row} alone with ‘defect’" in said
    assert label.endswith(f"regret {row}</b>")


def test_almost_an_equilibrium_is_said_to_be_almost_one() -> None:
    """The mixed equilibrium of the Stag Hunt, 2/3, lies between two positions of a slider."""
    profile = profile_of("stag")
    said = {
        p: table.replies_said(table.replies_info(profile._replace(row=(p, 1 - p), column=(p, 1 - p))))
        for p in (2 / 3, 0.67, 0.8)
    }
    assert said[2 / 3] == "No player can do better alone: both regrets are 0. This is an equilibrium."
    assert said[0.67].startswith(
        "Almost an equilibrium: Row could gain 0.0033 alone with ‘stag’; Column could gain 0.0033"
    )
    assert said[0.8].startswith("Row could gain 0.08 alone")


def test_numbers_are_short_and_only_0_reads_0() -> None:
    written = {
        -0.0: "0", 0.5: "0.50", 1.28: "1.28", -0.6: "−0.60", 2.0: "2", 0.0384: "0.0384", 123.4: "123",
        5678.9: "5679", 719999.28: "720k", 39505.45: "39.5k", -999999.0: "−1M", 8e-5: "0.00008",
        3e-7: "3·10⁻⁷", -1.5e-13: "−1.5·10⁻¹³",
    }  # fmt: skip
    assert {value: amount(value) for value in written} == written
    assert chances((0.08, 0.037)) == ["0.080", "0.037"]
    assert chances((0.8, 0.2)) == ["0.80", "0.20"]
    assert [payoff_text(Fraction(-1, 3), room) for room in (4, 3)] == ["−1/3", "−0.333"]


def test_dragging_a_strategy_does_not_move_the_axes() -> None:
    profiles = [profile_of("stag")._replace(row=row) for row in ((0.1, 0.9), (0.9, 0.1))]
    for figures in (
        [table.replies_figure(table.replies_info(profile)) for profile in profiles],
        [payoff_figures.payoffs_figure(payoff_figures.payoffs_info(profile)) for profile in profiles],
    ):
        first, second = (figure["layout"]["yaxis"]["range"] for figure in figures)
        assert first == second


@pytest.mark.parametrize("name", ["pennies", "rock", "gan"])
def test_floor_and_ceiling_meet_at_the_value(name: str) -> None:
    info = value_figures.minimax_info(profile_of(name))
    assert info.floor.max() == pytest.approx(info.value)
    assert info.ceiling.min() == pytest.approx(info.value)
    assert info.floor.max() <= info.ceiling.min() + 1e-12
    now = value_figures.minimax_figure(info)["data"][-1]
    assert now["y"] == [info.row_set[1], info.column_set[1]]


def test_the_dots_lie_on_their_curves() -> None:
    info = value_figures.minimax_info(profile_of("pennies"))
    for (x, y), curve in ((info.row_set, info.floor), (info.column_set, info.ceiling)):
        assert curve[np.flatnonzero(np.isclose(info.at, x))[0]] == pytest.approx(y)


def test_p_runs_along_x_and_q_along_y_in_path_and_arrows() -> None:
    """An identity field: every arrow is the theory's direction at its own tail."""
    profile = profile_of("lopsided")
    info = motion_figures.square_info(profile, moved(profile))
    path = points(trace(motion_figures.square_figure(info), "path"))
    assert path[0] == pytest.approx([profile.row[0], profile.column[0]])
    flow = points(trace(motion_figures.square_figure(info), "arrows"))
    flow = flow[~np.isnan(flow[:, 0])].reshape(-1, 9, 2)
    tails, tips = flow[:, 0], flow[:, 4]
    assert len(tails) == len(info.tails)
    scales = []
    for tail, tip in zip(tails, tips, strict=True):
        (dp, _), (dq, _) = direction(
            profile.game, "replicator", np.array([tail[0], 1 - tail[0]]), np.array([tail[1], 1 - tail[1]])
        )
        assert np.cross([*(tip - tail), 0], [dp, dq, 0])[2] == pytest.approx(0, abs=1e-5)
        scales.append(float((tip - tail) @ [dp, dq] / (dp**2 + dq**2)))
    assert min(scales) > 0
    assert np.ptp(scales) == pytest.approx(0, abs=1e-3)
    lengths = np.linalg.norm(tips - tails, axis=1)
    assert lengths.max() == pytest.approx(motion_figures.ARROW_LENGTH, rel=1e-4)


def test_p_and_q_are_equally_long_so_that_a_circle_is_round() -> None:
    drawn = motion_figures.square_figure(
        motion_figures.square_info(profile_of("pennies"), moved(profile_of("pennies")))
    )
    x, y = drawn["layout"]["xaxis"], drawn["layout"]["yaxis"]
    assert (y["scaleanchor"], y.get("scaleratio", 1)) == ("x", 1)
    assert x["constrain"] == y["constrain"] == "domain"  # else Plotly would show more than 0 to 1
    assert x["range"] == y["range"] == [0.0, 1.0]


@pytest.mark.parametrize(("rule", "end"), [("replicator", "time 12"), ("best_response", "round 12")])
def test_sentences_say_at_which_moment_the_path_ends(rule: str, end: str) -> None:
    profile = profile_of("pennies")
    path = moved(profile, rule)
    square = motion_figures.square_said(motion_figures.square_info(profile, path))
    p, q = chances((float(path.row[-1, 0]), float(path.column[-1, 0])))
    assert f" at {end}: (p, q) = ({p}, {q}), time average (" in square
    assert f" at {end}; " in time_figures.time_said(time_figures.time_info(profile, path))


def test_everything_stands_just_over_the_surface_and_says_its_height() -> None:
    profile = profile_of("lopsided")
    for player, payoffs in enumerate((profile.game.a, profile.game.b)):
        info = value_figures.surface_info(profile, moved(profile), player)
        surface, *others = value_figures.surface_figure(info)["data"]
        corners = np.unique([numbers(surface[index]) for index in "ijk"])  # the others only hold the scale
        assert len(corners) == value_figures.SURFACE_POINTS**2
        for p, q, z in points(surface, "xyz")[corners.astype(int)]:
            assert z == pytest.approx(np.array([p, 1 - p]) @ payoffs @ np.array([q, 1 - q]), abs=1e-5)
        for item in others:
            lift = (LIFT if item["mode"] == "lines" else MARK_LIFT) * (info.span[1] - info.span[0])
            for (p, q, z), said in zip(points(item, "xyz"), item["text"], strict=True):
                payoff = np.array([p, 1 - p]) @ payoffs @ np.array([q, 1 - q])
                assert z == pytest.approx(payoff + lift, abs=1e-5)
                assert float(said) == pytest.approx(payoff, rel=1e-3, abs=1e-5)


def test_a_strategy_lies_between_the_corners_of_what_it_plays() -> None:
    profile = profile_of("rock")
    info = motion_figures.simplex_info(profile, moved(profile))
    assert info.paths[0][0] == pytest.approx(np.array(profile.row) @ info.corners[0])
    assert info.corners[0][:, 0].max() < 0 < info.corners[1][:, 0].min()  # Row left, Column right
    assert info.equilibria[1][0] == pytest.approx(info.corners[1].mean(axis=0))


def test_over_time_shows_regret_and_the_conserved_quantity() -> None:
    profile = profile_of("pennies")
    info = time_figures.time_info(profile, moved(profile))
    figure = time_figures.time_figure(info)
    kept = numbers(trace(figure, "conserved")["y"])
    p, q = profile.row[0], profile.column[0]
    assert kept == pytest.approx(p * (1 - p) * q * (1 - q), rel=1e-4)
    assert info.formula == "p(1 − p) q(1 − q)"
    assert numbers(trace(figure, "regret")["y"])[0] == pytest.approx(abs(2 * p - 1) + abs(2 * q - 1))
    none = time_figures.time_info(profile, moved(profile, "fictitious"))
    assert "yaxis2" not in time_figures.time_figure(none)["layout"]
    assert "No conserved quantity" in time_figures.time_said(none)


def test_equilibria_in_words() -> None:
    said, cut = equilibria_said(profile_of("sexes"))
    mixed = "(3/5 opera + 2/5 football; 2/5 opera + 3/5 football) pays 6/5, 6/5"
    assert said == f"3 equilibria: (opera; opera) pays 3, 2 · (football; football) pays 2, 3 · {mixed}."
    assert not cut
    cut_short = equilibria_said(profile_of("sexes"), room=100, beside_list=90)
    assert cut_short == (f"{said.split(' · (3/5')[0]} · and 1 more.", True)
    assert equilibria_said(profile_of("sexes"), room=20, beside_list=20) == (
        "3 equilibria, too long for this line.", True,
    )  # fmt: skip
    assert [row["Row"] for row in equilibria_rows(profile_of("sexes"))][-1] == "3/5 opera + 2/5 football"
    assert equilibria_said(profile_of("zeros")) == (
        "All payoffs are 0, so any two strategies are an equilibrium.",
        False,
    )
    assert equilibria_said(profile_of("prisoners")) == ("One equilibrium: (defect; defect) pays 1, 1.", False)


def test_fractions_stay_fractions_while_they_can_be_read() -> None:
    values = Fraction(-1), Fraction(-2, 3), Fraction(-1, 1234), Fraction(77, 213), Fraction(10**7 + 1, 100)
    assert [share_text(value) for value in values] == ["−1", "−2/3", "−0.00081", "0.362", "100k"]
