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

from gan_core.figures import games, games_motion, games_payoffs, games_time, games_value
from gan_core.figures.games import Scene
from gan_core.figures.games_words import equilibria_rows, equilibria_said, share_text
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
    "wide": "1,2_3,4_0,1_2,-3_5,0~5,6_-1,2_3,3_1,1_2.5,4",
    "five": "~".join("_".join(f"{(3 * i + 2 * j) % 7},{(i * j) % 5}" for j in range(5)) for i in range(5)),
}


def scene_of(name: str) -> Scene:
    game = game_of_text(TABLES[name])
    preset = PRESETS.get(name, PRESETS["prisoners"])
    weights = np.array([0.5, 0.2, 0.1, 0.15, 0.05])
    row, column = (
        tuple((w / w.sum()).tolist()) for w in (weights[: game.shape[0]], weights[::-1][-game.shape[1] :])
    )
    return Scene(game, preset.players, *action_names(preset, game), row, column)


def moved(scene: Scene, rule: str = "replicator") -> Motion:
    return motion(scene.game, rule, scene.row, scene.column, SPAN)


def drawings(scene: Scene, rule: str) -> Iterator[tuple[Figure, str]]:
    path = moved(scene, rule)
    marks, replies = games.table_info(scene), games.replies_info(scene)
    yield games.table_figure(marks), games.table_said(marks)
    yield games.replies_figure(replies), games.replies_said(replies)
    payoffs = games_payoffs.payoffs_info(scene)
    yield games_payoffs.payoffs_figure(payoffs), games_payoffs.payoffs_said(payoffs)
    if scene.game.is_zero_sum:
        value = games_value.minimax_info(scene)
        yield games_value.minimax_figure(value), games_value.minimax_said(value)
    if scene.game.shape == (2, 2):
        square = games_motion.square_info(scene, path)
        yield games_motion.square_figure(square), games_motion.square_said(square)
        for player in (0, 1):
            surface = games_value.surface_info(scene, path, player)
            yield games_value.surface_figure(surface), games_value.surface_said(surface)
    simplex = games_motion.simplex_info(scene, path)
    yield games_motion.simplex_figure(simplex), games_motion.simplex_said(simplex)
    over = games_time.time_info(scene, path)
    yield games_time.time_figure(over), games_time.time_said(over)


def numbers(spec: Any) -> Floats:
    """What `style.typed` has packed."""
    if isinstance(spec, list):
        return np.array(spec, dtype=float)
    found = np.frombuffer(base64.b64decode(spec["bdata"]), dtype="<f4").astype(float)
    return found.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else found


def trace(figure: Figure, name: str) -> dict[str, Any]:
    return next(item for item in figure["data"] if item.get("name") == name)


def points(item: dict[str, Any], axes: str = "xy") -> Floats:
    return np.column_stack([numbers(item[name]) for name in axes])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", TABLES)
def test_every_picture_is_valid_plain_and_has_its_sentence(name: str, rule: str) -> None:
    for figure, said in drawings(scene_of(name), rule):
        bare = {part: figure[part] for part in ("data", "layout")}
        assert orjson.loads(orjson.dumps(bare)) == bare
        go.Figure(bare)
        assert said.endswith(".")
        assert len(said) < 200
        for axis in figure["layout"]:
            if axis.startswith("xaxis"):
                assert figure["layout"][axis]["title"]["text"]


@pytest.mark.parametrize("name", TABLES)
def test_what_moves_ends_where_it_is_drawn(name: str) -> None:
    for figure, _ in drawings(scene_of(name), "replicator"):
        for mover in figure.get("motion", []):
            last = numbers(mover["x"])[-1], numbers(mover["y"])[-1]
            assert points(figure["data"][mover["trace"]])[-1] == pytest.approx(last)
            assert len(numbers(mover["x"])) == len(moved(scene_of(name)).time)


def test_the_table_marks_best_replies_in_their_players_colours() -> None:
    scene = scene_of("prisoners")
    row, column = games.table_figure(games.table_info(scene))["data"]
    assert row["text"] == ["3", "0", "<b>5</b>", "<b>1</b>"]  # defect is Row's best reply in both columns
    assert column["text"] == ["3", "<b>5</b>", "0", "<b>1</b>"]
    assert (row["marker"]["line"]["color"], column["marker"]["line"]["color"]) == (GENERATOR, DISCRIMINATOR)
    assert row["marker"]["line"]["width"] == [0, 0, 1.5, 1.5]


def test_the_table_frames_what_is_stable_and_dots_what_is_pareto_optimal() -> None:
    shapes = games.table_figure(games.table_info(scene_of("prisoners")))["layout"]["shapes"]
    framed = [(s["y0"], s["x0"]) for s in shapes if s["line"]["width"] == 4]
    dotted = [(int(s["y0"]), int(s["x0"])) for s in shapes if s["line"].get("dash") == "dot"]
    assert framed == [(1, 1)]
    assert dotted == [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("who", [0, 1])
def test_the_regret_is_drawn_from_what_is_got_to_the_best_bar(who: int) -> None:
    scene = scene_of("lopsided")
    figure = games.replies_figure(games.replies_info(scene))
    found = theory.replies(scene.game, scene.row, scene.column)
    payoffs, got = ((found.row_payoffs, found.row_payoff), (found.column_payoffs, found.column_payoff))[who]
    assert figure["data"][who]["y"] == pytest.approx(payoffs.tolist())
    level, gap = figure["layout"]["shapes"][2 * who : 2 * who + 2]
    assert (level["y0"], level["y1"], gap["y0"]) == pytest.approx((got, got, got))
    assert gap["y1"] == pytest.approx(max(figure["data"][who]["y"]))


def test_dragging_a_strategy_does_not_move_the_axes() -> None:
    scenes = [scene_of("stag")._replace(row=row) for row in ((0.1, 0.9), (0.9, 0.1))]
    for figures in (
        [games.replies_figure(games.replies_info(scene)) for scene in scenes],
        [games_payoffs.payoffs_figure(games_payoffs.payoffs_info(scene)) for scene in scenes],
    ):
        first, second = (figure["layout"]["yaxis"]["range"] for figure in figures)
        assert first == second


@pytest.mark.parametrize("name", ["pennies", "rock", "gan"])
def test_floor_and_ceiling_meet_at_the_value(name: str) -> None:
    info = games_value.minimax_info(scene_of(name))
    assert info.floor.max() == pytest.approx(info.value)
    assert info.ceiling.min() == pytest.approx(info.value)
    assert info.floor.max() <= info.ceiling.min() + 1e-12
    now = games_value.minimax_figure(info)["data"][-1]
    assert now["y"] == [info.row_now[1], info.column_now[1]]


def test_the_dots_lie_on_their_curves() -> None:
    info = games_value.minimax_info(scene_of("pennies"))
    for (x, y), curve in ((info.row_now, info.floor), (info.column_now, info.ceiling)):
        assert curve[np.flatnonzero(np.isclose(info.at, x))[0]] == pytest.approx(y)


def test_p_runs_along_x_and_q_along_y_in_path_and_arrows() -> None:
    """An identity field: every arrow is the theory's direction at its own tail."""
    scene = scene_of("lopsided")
    info = games_motion.square_info(scene, moved(scene))
    path = points(trace(games_motion.square_figure(info), "path"))
    assert path[0] == pytest.approx([scene.row[0], scene.column[0]])
    flow = points(trace(games_motion.square_figure(info), "flow")).reshape(-1, 7, 2)
    scales = []
    for tail, tip in flow[:, :2]:
        (dp, _), (dq, _) = direction(
            scene.game, "replicator", np.array([tail[0], 1 - tail[0]]), np.array([tail[1], 1 - tail[1]])
        )
        assert np.cross([*(tip - tail), 0], [dp, dq, 0])[2] == pytest.approx(0, abs=1e-5)
        scales.append(float((tip - tail) @ [dp, dq] / (dp**2 + dq**2)))
    assert min(scales) > 0
    assert np.ptp(scales) == pytest.approx(0, abs=1e-3)
    lengths = np.linalg.norm(flow[:, 1] - flow[:, 0], axis=1)
    assert lengths.max() == pytest.approx(games_motion.ARROW_LENGTH, rel=1e-4)


def test_heads_point_forward() -> None:
    scene = scene_of("lopsided")
    flow = points(trace(games_motion.square_figure(games_motion.square_info(scene, moved(scene))), "flow"))
    for tail, tip, _, left, at, right, _ in flow.reshape(-1, 7, 2):
        assert at == pytest.approx(tip)
        for end in (left, right):
            assert (end - tip) @ (tip - tail) < 0


def test_everything_on_the_surface_lies_on_it() -> None:
    scene = scene_of("lopsided")
    for player, table in enumerate((scene.game.a, scene.game.b)):
        figure = games_value.surface_figure(games_value.surface_info(scene, moved(scene), player))
        assert figure["data"][0]["type"] == "mesh3d"
        for item in figure["data"]:
            for p, q, z in points(item, "xyz"):
                assert z == pytest.approx(np.array([p, 1 - p]) @ table @ np.array([q, 1 - q]), abs=1e-5)


def test_a_strategy_lies_between_the_corners_of_what_it_plays() -> None:
    scene = scene_of("rock")
    info = games_motion.simplex_info(scene, moved(scene))
    assert info.paths[0][0] == pytest.approx(np.array(scene.row) @ info.corners[0])
    assert info.corners[0][:, 0].max() < 0 < info.corners[1][:, 0].min()  # Row left, Column right
    assert info.equilibria[1][0] == pytest.approx(info.corners[1].mean(axis=0))


def test_over_time_shows_regret_and_the_conserved_quantity() -> None:
    scene = scene_of("pennies")
    info = games_time.time_info(scene, moved(scene))
    figure = games_time.time_figure(info)
    kept = numbers(trace(figure, "conserved")["y"])
    p, q = scene.row[0], scene.column[0]
    assert kept == pytest.approx(p * (1 - p) * q * (1 - q), rel=1e-4)
    assert info.formula == "p(1 − p) q(1 − q)"
    assert numbers(trace(figure, "regret now")["y"])[0] == pytest.approx(abs(2 * p - 1) + abs(2 * q - 1))
    none = games_time.time_info(scene, moved(scene, "fictitious"))
    assert "yaxis2" not in games_time.time_figure(none)["layout"]
    assert "No quantity" in games_time.time_said(none)


def test_equilibria_in_words() -> None:
    said, cut = equilibria_said(scene_of("sexes"))
    mixed = "(3/5 opera + 2/5 football; 2/5 opera + 3/5 football) pays 6/5, 6/5"
    assert said == f"3 equilibria: (opera; opera) pays 3, 2 · (football; football) pays 2, 3 · {mixed}."
    assert not cut
    assert equilibria_said(scene_of("sexes"), room=60)[0].endswith("pays 2, 3 · and 1 more.")
    assert [row["Row"] for row in equilibria_rows(scene_of("sexes"))][-1] == "3/5 opera + 2/5 football"
    assert equilibria_said(scene_of("zeros"))[0].startswith(
        "All payoffs are 0, so everything is an equilibrium"
    )
    assert equilibria_said(scene_of("prisoners")) == ("One equilibrium: (defect; defect) pays 1, 1.", False)


def test_fractions_stay_fractions_while_they_can_be_read() -> None:
    texts = [share_text(value) for value in (Fraction(-1), Fraction(-2, 3), Fraction(-1, 123))]
    assert texts == ["−1", "−2/3", "−0.008"]
