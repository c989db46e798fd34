"""The pictures of saddle dynamics: what is drawn is what was played, and x is not y."""

from __future__ import annotations

import base64
import math
from functools import partial
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from gan_core.figures.relief import LIFT
from gan_core.figures.saddle import (
    convergence_map,
    distance,
    dynamics,
    players,
    prediction,
    simulation,
    spectrum,
)
from gan_core.figures.saddle.simulation import Simulation, Trajectory
from gan_core.figures.style import DISCRIMINATOR, GENERATOR, Figure
from gan_core.theory import dirac
from gan_core.theory.methods import METHODS, Setup, simulate
from gan_core.theory.rates import Fate
from gan_core.theory.two_player import Floats, Game, Quadratic, bilinear, quadratic_game

START = (0.9, -0.4)


def numbers(spec: Any) -> Floats:
    """What the browser reads from a typed array."""
    flat = np.frombuffer(base64.b64decode(spec["bdata"]), "<f4").astype(float)
    return flat.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else flat


def simulation_of(
    *setups: Setup,
    game: Game | None = None,
    steps: int = 20,
    per_call: bool = False,
    start: tuple[float, float] = START,
) -> Simulation:
    game = game or quadratic_game(Quadratic(0.1, 1.2, 0.3))
    trajectories = tuple(Trajectory(s.method, s, simulate(game, s, start, steps)) for s in setups)
    return Simulation(game, "x, who lowers f", "y, who raises f", "f", trajectories, per_call)


def constant(v_x: float, v_y: float) -> Game:
    """A field that is the same everywhere."""
    return Game(
        lambda x, y: v_x * x - v_y * y,
        lambda x, y: (v_x + 0 * x, v_y + 0 * y),
        lambda x, y: (0.0,) * 4,
        None,
    )


def figures_of(simulated: Simulation) -> dict[str, Any]:
    return {
        "surface": dynamics.surface_figure(dynamics.surface_info(simulated)),
        "field": dynamics.field_figure(dynamics.field_info(simulated)),
        "radius": distance.radius_figure(distance.radius_info(simulated)),
        "spectrum": spectrum.spectrum_figure(spectrum.spectrum_info(simulated)),
        "map": convergence_map.map_figure(convergence_map.map_info(simulated, 2.0, 3.0)),
        "players": players.players_figure(players.players_info(simulated)),
    }


# ---------------------------------------------------------------- the field


@pytest.mark.parametrize(
    ("v", "way"), [((-1.0, 0.0), (1, 0)), ((0.0, -1.0), (0, 1)), ((1.0, -0.5), (-1, 0.5))]
)
def test_a_constant_field_is_drawn_where_it_points(v: Any, way: Any) -> None:
    simulated = simulation_of(Setup("simultaneous", 0.2, 0.2), game=constant(*v))
    along = dynamics.drawn_steps(dynamics.field_info(simulated))
    unit = along / np.linalg.norm(along, axis=1)[:, None]
    np.testing.assert_allclose(unit, np.tile(np.array(way) / math.hypot(*way), (len(unit), 1)), atol=1e-12)


def test_the_identity_field_points_away_from_the_origin_on_its_own_axis() -> None:
    """-v = (x, 0): arrows lie along x alone, and lead outward; a swapped axis would lead along y."""
    game = Game(lambda x, y: -x * x / 2, lambda x, y: (-x, 0 * y), lambda x, y: (-1.0, 0.0, 0.0, 0.0), None)
    info = dynamics.field_info(simulation_of(Setup("simultaneous", 0.2, 0.2), game=game))
    np.testing.assert_allclose(info.step, np.column_stack([0.2 * info.tail[:, 0], 0 * info.tail[:, 1]]))
    figure = dynamics.field_figure(info)
    x, y = (numbers(figure["data"][0][axis]) for axis in "xy")
    whole = ~np.isnan(x)
    x, y = x[whole].reshape(-1, 9), y[whole].reshape(-1, 9)
    assert len(x) == info.step.any(axis=1).sum()
    tail, tip = (x[:, 0], y[:, 0]), (x[:, 4], y[:, 4])
    np.testing.assert_allclose(tip[1], tail[1], atol=1e-6)
    assert ((tip[0] - tail[0]) * tail[0] > 0).all()


def test_arrows_are_what_one_simultaneous_step_does() -> None:
    setup = Setup("simultaneous", 0.05, 0.4)
    info = dynamics.field_info(simulation_of(setup))
    for tail, step in zip(info.tail[::17], info.step[::17], strict=True):
        end = simulate(quadratic_game(Quadratic(0.1, 1.2, 0.3)), setup, tuple(tail), 1).path[-1]
        np.testing.assert_allclose(end - tail, step, atol=1e-14)


def test_without_any_push_there_is_no_arrow() -> None:
    figure = dynamics.field_figure(dynamics.field_info(simulation_of(Setup("simultaneous", 0.0, 0.0))))
    assert len(numbers(figure["data"][0]["x"])) == 0


def test_the_path_is_drawn_with_x_to_the_right_and_y_upward() -> None:
    simulated = simulation_of(Setup("alternating", 0.2, 0.3))
    figure = dynamics.field_figure(dynamics.field_info(simulated))
    path = next(trace for trace in figure["data"] if trace.get("name") == "alternating")
    np.testing.assert_allclose(numbers(path["x"]), simulated.trajectories[0].record.path[:, 0], rtol=1e-6)
    np.testing.assert_allclose(numbers(path["y"]), simulated.trajectories[0].record.path[:, 1], rtol=1e-6)
    assert numbers(path["x"])[0] == pytest.approx(START[0])


# ---------------------------------------------------------------- the motion


@pytest.mark.parametrize("method", METHODS)
def test_the_motion_visits_every_point_of_the_path(method: str) -> None:
    simulated = simulation_of(Setup(method, 0.2, 0.2, inner=2))
    trajectory = simulated.trajectories[0]
    made = simulation.timeline(simulated, trajectory).strokes
    spots = simulation.stands(trajectory.record, made)
    np.testing.assert_array_equal(spots[:: simulation.parts(simulated)], trajectory.record.path)


@pytest.mark.parametrize(("who", "ink", "coordinate"), [("x", GENERATOR, 0), ("y", DISCRIMINATOR, 1)])
def test_each_players_stroke_wears_its_colour_and_moves_its_coordinate(
    who: str, ink: str, coordinate: int
) -> None:
    figure = dynamics.field_figure(dynamics.field_info(simulation_of(Setup("alternating", 0.2, 0.3))))
    strokes = [m for m in figure["motion"] if figure["data"][m["trace"]].get("line", {}).get("color") == ink]
    assert len(strokes) == 1
    ends = np.stack([numbers(strokes[0][axis]) for axis in "xy"], axis=2)[:, :2]
    drawn = ends[np.isfinite(ends).all(axis=(1, 2))]
    assert len(drawn) > 10
    moved = np.abs(drawn[:, 1] - drawn[:, 0])
    assert (moved[:, coordinate] > 1e-6).all()
    np.testing.assert_array_equal(moved[:, 1 - coordinate], 0.0)


@pytest.mark.parametrize(("first", "order"), [("x", (True, False)), ("y", (False, True))])
def test_slow_motion_shows_the_first_player_first(first: Any, order: tuple[bool, bool]) -> None:
    simulated = simulation_of(Setup("alternating", 0.2, 0.3, first=first))
    record, made = (
        simulated.trajectories[0].record,
        simulation.timeline(simulated, simulated.trajectories[0]).strokes,
    )
    shown = [np.isfinite(simulation.trails(record, made, who)[1]).any() for who in ("x", "y")]
    assert tuple(shown) == order  # after the first of two parts
    assert all(np.isfinite(simulation.trails(record, made, who)[2]).any() for who in ("x", "y"))
    assert not any(np.isfinite(simulation.trails(record, made, who)[0]).any() for who in ("x", "y"))


def test_per_gradient_call_the_dearer_method_moves_half_as_often() -> None:
    setups = Setup("simultaneous", 0.1, 0.1), Setup("extragradient", 0.1, 0.1)
    simulated = simulation_of(*setups, per_call=True)
    parts = simulation.parts(simulated)
    assert simulation.ticks(simulated) == 40
    sim, extra = (
        simulation.stands(p.record, simulation.timeline(simulated, p).strokes) for p in simulated.trajectories
    )
    np.testing.assert_array_equal(sim[::parts][:21], simulated.trajectories[0].record.path)
    np.testing.assert_array_equal(extra[:: 2 * parts], simulated.trajectories[1].record.path)


def test_movers_name_traces_that_are_there_and_have_all_positions() -> None:
    simulated = simulation_of(Setup("lookahead", 0.2, 0.2), Setup("alternating", 0.2, 0.2, inner=3))
    positions = simulation.ticks(simulated) * simulation.parts(simulated) + 1
    for figure in figures_of(simulated).values():
        for mover in figure.get("motion", []):
            trace = figure["data"][mover["trace"]]
            assert list(trace["x"]) == []
            assert all(len(numbers(mover[axis])) == positions for axis in "xyz" if axis in mover)


# ---------------------------------------------------------------- the surface


def test_heights_are_the_game_with_x_along_x() -> None:
    simulated = simulation_of(Setup("simultaneous", 0.1, 0.1), game=constant(3.0, -1.0))
    mesh = dynamics.surface_figure(dynamics.surface_info(simulated))["data"][0]
    triangles = np.stack([numbers(mesh[k]) for k in "ijk"]).astype(int)
    x, y, z = (numbers(mesh[axis])[triangles] for axis in "xyz")
    np.testing.assert_allclose(z, 3 * x + y, atol=1e-5)
    corners = np.stack([numbers(mesh[axis]) for axis in "xy"], axis=1)
    sides = [corners[triangles[b]] - corners[triangles[a]] for a, b in ((0, 1), (0, 2))]
    area = np.abs(sides[0][:, 0] * sides[1][:, 1] - sides[0][:, 1] * sides[1][:, 0]).sum() / 2
    assert area == pytest.approx((2 * simulation.SPAN) ** 2, rel=1e-6)  # every part of the square, once


def test_the_scale_of_heights_keeps_still_while_the_coupling_moves_a_little() -> None:
    """Plotly scales a scene by its data: two corners beyond all triangles hold it at the axis' ends."""
    figures = [
        dynamics.surface_figure(
            dynamics.surface_info(simulation_of(Setup("simultaneous", 0.1, 0.1), game=game))
        )
        for game in (quadratic_game(Quadratic(0.0, b, 0.0)) for b in (1.0, 1.05))
    ]
    for figure in figures:
        low, high = figure["layout"]["scene"]["zaxis"]["range"]
        heights = numbers(figure["data"][0]["z"])
        assert (heights.min(), heights.max()) == (low, high) == (-5.0, 5.0)
        assert not np.isin([625, 626], [numbers(figure["data"][0][k]) for k in "ijk"]).any()


def test_marks_in_3d_are_no_smaller_than_flat_ones() -> None:
    """Plotly draws type of the same size smaller in 3-D."""
    drawn = figures_of(simulation_of(Setup("simultaneous", 0.1, 0.1)))
    spatial, flat = drawn["surface"]["layout"]["scene"], drawn["field"]["layout"]
    for name in ("xaxis", "yaxis", "zaxis"):
        assert spatial[name]["tickfont"]["size"] > flat["xaxis"]["tickfont"]["size"]


def test_a_path_in_3d_lies_on_the_surface_and_ends_at_its_edge() -> None:
    simulated = simulation_of(Setup("simultaneous", 0.5, 0.5), game=quadratic_game(bilinear(1.0)), steps=30)
    info = dynamics.surface_info(simulated)
    figure = dynamics.surface_figure(info)
    path = next(t for t in figure["data"] if t["type"] == "scatter3d" and t.get("line", {}).get("width") == 5)
    x, y, z = (numbers(path[axis]) for axis in "xyz")
    inside = np.isfinite(x)
    assert 0 < inside.sum() < len(x)
    np.testing.assert_allclose(z[inside], (x * y)[inside] + LIFT * np.ptp(info.span), atol=1e-5)


# ---------------------------------------------------------------- predictions


def test_the_dashed_line_is_the_simulation_where_the_rate_is_exact() -> None:
    simulated = simulation_of(Setup("extragradient", 0.4, 0.4), game=quadratic_game(bilinear(1.0)))
    (found,) = distance.radius_info(simulated).distances
    np.testing.assert_allclose(found.line, found.radius, rtol=1e-9)


def test_per_gradient_call_distances_are_drawn_over_calls() -> None:
    simulated = simulation_of(Setup("extragradient", 0.4, 0.4), Setup("consensus", 0.2, 0.2), per_call=True)
    first, second = distance.radius_info(simulated).distances
    np.testing.assert_array_equal(first.time, 2.0 * np.arange(21))
    np.testing.assert_array_equal(second.time, 3.0 * np.arange(21))


def test_divergence_is_written_on_the_picture() -> None:
    simulated = simulation_of(Setup("simultaneous", 1.5, 1.5), game=quadratic_game(bilinear(2.0)), steps=200)
    at = simulated.trajectories[0].record.diverged_at
    texts = [n["text"] for n in figures_of(simulated)["radius"]["layout"]["annotations"]]
    assert f"simultaneous: diverged at step {at}" in texts


def test_the_dashed_line_lies_over_its_curve() -> None:
    simulated = simulation_of(Setup("extragradient", 0.4, 0.4), game=quadratic_game(bilinear(1.0)))
    curve, line = figures_of(simulated)["radius"]["data"][:2]
    assert (line["line"]["dash"], curve["line"].get("dash")) == ("dash", None)
    assert line["line"]["width"] < curve["line"]["width"]


@pytest.mark.parametrize(
    ("setup", "game", "start"),
    [
        (Setup("simultaneous", 0.2, 0.2), dirac.non_saturating(), (1.0, 1.0)),  # inward, though (0, 0) repels
        (Setup("alternating", 0.2, 0.2), dirac.non_saturating(), (0.05, 0.05)),  # modulus 1: undecided
        (Setup("simultaneous", 0.0, 0.2), quadratic_game(bilinear(1.0)), (1.0, 0.5)),  # drifts
        (Setup("simultaneous", 0.2, 0.0), quadratic_game(Quadratic(0.5, 1, 0.5)), (1.0, 0.5)),  # rests
        (Setup("adam", 0.2, 0.2), quadratic_game(bilinear(1.0)), (1.0, 0.5)),
    ],
)
def test_no_line_is_drawn_where_a_rate_would_mislead(setup: Setup, game: Game, start: Any) -> None:
    simulated = simulation_of(setup, game=game, start=start, steps=300)
    assert np.isnan(distance.radius_info(simulated).distances[0].line).all()
    picture = figures_of(simulated)["radius"]
    assert len(picture["data"]) == 2  # the curve and its dot
    assert "predicted" not in picture["layout"]["annotations"][0]["text"]


@pytest.mark.parametrize(
    ("game", "start", "near"), [(dirac.r1(0.3), (1.0, 0.5), slice(-60, None)),
                                (dirac.minimax(), (0.03, 0.02), slice(0, 60))],
)  # fmt: skip
def test_a_nonlinear_game_is_predicted_where_its_path_is_near(game: Game, start: Any, near: slice) -> None:
    simulated = simulation_of(Setup("simultaneous", 0.2, 0.2), game=game, start=start, steps=300)
    (found,) = distance.radius_info(simulated).distances
    drawn = np.isfinite(found.line)
    assert drawn.any()
    assert (found.radius[drawn] <= distance.CLOSE).all()
    ratio = found.line[near] / found.radius[near]
    assert ratio.max() / ratio.min() < 1.5  # along the curve, but for its wobble
    assert "near (0, 0)" in figures_of(simulated)["radius"]["layout"]["annotations"][0]["text"]


@pytest.mark.parametrize(
    ("setup", "game", "said"),
    [
        (Setup("simultaneous", 0.2, 0.2), dirac.non_saturating(), ": × 1.0050 a step, so it repels"),
        (Setup("alternating", 0.2, 0.2), dirac.non_saturating(), ": × 1.0000 a step, so it is undecided"),
        (Setup("simultaneous", 0.2, 0.2), dirac.r1(0.3), "near (0, 0): × 0.9747 a step, so it attracts"),
        (Setup("simultaneous", 0.2, 0.2), dirac.wgan_gp(), "no prediction"),
        (Setup("simultaneous", 0.0, 0.0), dirac.wgan_gp(), "no player ever moves"),
        (Setup("adam", 0.0, 0.0), quadratic_game(bilinear(1.0)), "no player ever moves"),
        (Setup("simultaneous", 0.0, 0.2), quadratic_game(bilinear(1.0)), "it drifts"),
        (Setup("extragradient", 0.01, 0.01), quadratic_game(bilinear(0.05)), "× 0.999999875 a step"),
    ],
)  # fmt: skip
def test_the_sentence_says_how_far_the_prediction_holds(setup: Setup, game: Game, said: str) -> None:
    simulated = simulation_of(setup, game=game)
    assert said in prediction.prediction_text(simulated, simulated.trajectories[0])


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("adam", "lookahead")])
def test_the_map_says_what_the_simulation_does(method: str) -> None:
    info = convergence_map.map_info(simulation_of(Setup(method, 0.3, 0.15, strength=0.6)), 2.0, 3.0)
    assert info.outcome is not None
    for row, column in ((5, 7), (20, 30), (40, 10), (10, 50), (55, 55), (50, 3)):
        eta, b = info.eta[column], info.coupling[row]
        q = Quadratic(0.1, b, 0.3)
        record = simulate(quadratic_game(q), Setup(method, eta, eta / 2, strength=0.6), START, 4000)
        shrunk = record.radius[-1] < 1e-3 * record.radius[0]
        came = Fate.DIVERGES if record.diverged_at else Fate.CONVERGES if shrunk else Fate.CYCLES
        assert info.outcome[row, column] == came, (eta, b)


@pytest.mark.parametrize(
    ("etas", "mover", "fate", "here"),
    [
        ((0.0, 0.3), "y", Fate.DRIFTS, 0.3),
        ((0.3, 0.0), "x", Fate.DRIFTS, 0.3),
        ((0.0, 0.0), "x", Fate.CYCLES, 0.0),
    ],
)
def test_the_map_has_ground_for_a_player_who_stands_still(
    etas: Any, mover: str, fate: Fate, here: float
) -> None:
    simulated = simulation_of(Setup("alternating", *etas), game=quadratic_game(bilinear(1.0)))
    info = convergence_map.map_info(simulated, 2.0, 3.0)
    assert info.outcome is not None
    assert info.outcome[10, 10] == fate
    assert info.here == (here, 1.0)
    assert f"η of {mover}" in convergence_map.map_figure(info)["layout"]["xaxis"]["title"]["text"]


@pytest.mark.parametrize(("method", "word"), [("simultaneous", "repels"), ("alternating", "undecided")])
def test_the_map_of_a_game_that_bends_speaks_of_its_middle(method: str, word: str) -> None:
    simulated = simulation_of(Setup(method, 0.2, 0.2), game=dirac.non_saturating())
    words = [text for text, *_ in words_of(figures_of(simulated)["map"])]
    assert word in words
    assert "diverges" not in words
    assert "cycles" not in words


@pytest.mark.parametrize("eta", [0.2, 0.9])
def test_a_word_on_the_map_stands_on_its_own_ground_and_not_on_the_dot(eta: float) -> None:
    info = convergence_map.map_info(simulation_of(Setup("simultaneous", eta, eta)), 2.0, 3.0)
    assert info.outcome is not None
    assert info.here is not None
    words = words_of(convergence_map.map_figure(info))
    assert len(words) == 2
    for word, x, y in words:
        under = (np.abs(info.eta - x) < 0.25)[None, :] & (np.abs(info.coupling - y) < 0.15)[:, None]
        assert {prediction.OUTCOMES[Fate(kind)] for kind in info.outcome[under]} == {word}
        assert abs(x - info.here[0]) > 0.25 or abs(y - info.here[1]) > 0.15


def words_of(figure: Figure) -> list[tuple[str, float, float]]:
    """What is written on a chart, and where."""
    return [
        (text.removeprefix("<b>").removesuffix("</b>"), x, y)
        for trace in figure["data"]
        if trace.get("mode") == "text"
        for text, x, y in zip(trace["text"], trace["x"], trace["y"], strict=True)
    ]


def test_the_map_tells_step_size_from_coupling() -> None:
    """Simultaneous, a = 0.1, c = 0.3, eta_y = eta_x: stable iff eta < (a + c)/(ac + b^2)."""
    info = convergence_map.map_info(simulation_of(Setup("simultaneous", 0.2, 0.2)), 2.0, 3.0)
    eta, b = np.meshgrid(info.eta, info.coupling)
    turning = b > 0.2  # |a - c| < 2b: complex eigenvalues, for which the limit holds
    stable = eta < 0.4 / (0.03 + b * b)
    assert info.outcome is not None
    np.testing.assert_array_equal((info.outcome == Fate.CONVERGES)[turning], stable[turning])
    heat = convergence_map.map_figure(info)["data"][0]
    np.testing.assert_allclose(numbers(heat["x"]), info.eta, rtol=1e-6)
    assert numbers(heat["z"]).shape == (len(info.coupling), len(info.eta))
    assert info.here == (0.2, 1.2)


def test_eigenvalues_are_drawn_in_the_complex_plane() -> None:
    simulated = simulation_of(Setup("simultaneous", 0.2, 0.2), game=quadratic_game(Quadratic(0.5, 1.0, 0.5)))
    marks = [t for t in figures_of(simulated)["spectrum"]["data"] if t["mode"] == "markers"]
    assert sorted(zip(numbers(marks[0]["x"]), numbers(marks[0]["y"]), strict=True)) == [
        pytest.approx((0.9, -0.2)), pytest.approx((0.9, 0.2)),
    ]  # fmt: skip


def test_both_axes_of_the_field_have_one_scale() -> None:
    layout = figures_of(simulation_of(Setup("simultaneous", 0.2, 0.2)))["field"]["layout"]
    assert (layout["yaxis"]["scaleanchor"], layout["yaxis"]["scaleratio"]) == ("x", 1)
    tails = dynamics.field_info(simulation_of(Setup("simultaneous", 0.2, 0.2))).tail
    cells = [np.diff(np.unique(tails[:, i].round(9))) for i in (0, 1)]
    assert all(np.allclose(cell, cells[0][0]) for cell in cells)  # square ones
    assert np.abs(tails).max(axis=0) == pytest.approx((simulation.WIDE, 1.6))


def test_a_path_that_diverges_leaves_the_players_picture_once() -> None:
    """b = 3, steps of 1: it crosses the picture at every step, further out each time."""
    simulated = simulation_of(Setup("alternating", 1.0, 1.0), game=quadratic_game(bilinear(3.0)), steps=300)
    x, y = (numbers(trace["y"]) for trace in figures_of(simulated)["players"]["data"])
    far = np.maximum(np.abs(x), np.abs(y)) > players.FAR
    assert far.tolist() == [False] * (len(x) - 1) + [True]


def test_a_dirac_gan_names_its_players() -> None:
    simulated = simulation_of(Setup("alternating", 0.2, 0.2), game=dirac.minimax())
    simulated = simulated._replace(x_name="θ (G), where it puts its data", y_name="ψ (D), its logit’s slope")
    drawn = figures_of(simulated)
    for chart in ("field", "players"):
        text = drawn[chart]["layout"]["annotations"][0]["text"]
        assert "θ (G)" in text
        assert "x" not in text.replace("px", "")
    assert drawn["field"]["motion"][0]["moves"] == ["θ (G) moves", "ψ (D) moves"]
    assert "θ (G)" in drawn["map"]["layout"]["xaxis"]["title"]["text"]


def test_players_are_drawn_in_their_colours() -> None:
    simulated = simulation_of(Setup("simultaneous", 0.2, 0.2))
    x, y = figures_of(simulated)["players"]["data"]
    assert (x["line"]["color"], y["line"]["color"]) == (GENERATOR, DISCRIMINATOR)
    np.testing.assert_allclose(numbers(x["y"]), simulated.trajectories[0].record.path[:, 0], rtol=1e-6)
    np.testing.assert_allclose(numbers(y["y"]), simulated.trajectories[0].record.path[:, 1], rtol=1e-6)


@pytest.mark.parametrize("first", ["x", "y"])
def test_what_is_conserved_is_shown_for_alternating_bilinear_steps_alone(first: Any) -> None:
    game = quadratic_game(bilinear(1.3))
    info = players.players_info(simulation_of(Setup("alternating", 0.2, 0.3, first=first), game=game))
    assert info.conserved is not None
    assert np.ptp(info.conserved) < 1e-9 * abs(info.conserved[0])
    setup = Setup("alternating", 0.2, 0.2)
    others = (simulation_of(Setup("simultaneous", 0.2, 0.2), game=game), simulation_of(setup),
              simulation_of(setup, game=dirac.minimax()))  # fmt: skip
    for other in others:
        assert players.players_info(other).conserved is None


# ---------------------------------------------------------------- all of them


def dirac_simulation(name: str) -> Simulation:
    return simulation_of(Setup("lookahead", 0.3, 0.2), game=dirac.VARIANTS[name](0.5))


SCENES = {
    "plain": lambda: simulation_of(Setup("simultaneous", 0.2, 0.2)),
    "two methods": lambda: simulation_of(
        Setup("extragradient", 0.2, 0.2), Setup("adam", 0.1, 0.1), per_call=True
    ),
    "adam": lambda: simulation_of(Setup("adam", 0.1, 0.1)),
    "still": lambda: simulation_of(Setup("momentum", 0.0, 0.0)),
    "at once": lambda: simulation_of(Setup("alternating", 1e9, 1e9)),
    **{name: partial(dirac_simulation, name) for name in dirac.VARIANTS},
}


@pytest.mark.parametrize("make", SCENES.values(), ids=SCENES)
def test_every_figure_is_valid_plain_and_named(make: Any) -> None:
    for name, figure in figures_of(make()).items():
        bare = {key: figure[key] for key in ("data", "layout")}
        assert orjson.loads(orjson.dumps(figure)) == figure
        go.Figure(bare)
        layout = figure["layout"]
        axes = layout["scene"] if name == "surface" else layout
        assert all(axes[axis]["title"]["text"] for axis in ("xaxis", "yaxis"))
        assert not {"title", "paper_bgcolor", "plot_bgcolor", "template"} & layout.keys()


def test_the_origin_has_a_radius_axis_too() -> None:
    game = quadratic_game(bilinear(1.0))
    setup = Setup("simultaneous", 0.2, 0.2)
    simulated = Simulation(
        game, "x", "y", "f", (Trajectory("s", setup, simulate(game, setup, (0.0, 0.0), 5)),), False
    )
    assert distance.radius_figure(distance.radius_info(simulated))["layout"]["yaxis"]["range"] == [-1.0, 1.0]
