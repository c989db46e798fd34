"""The minimax page's figures: valid, plain, and drawn from the numbers they claim to show."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest
import torch
from numpy.typing import NDArray

from gan_core import losses
from gan_core.figures import Figure
from gan_core.figures.minimax import activations, costs, generator, objectives, smoothing
from gan_core.figures.minimax import value as value_figures
from gan_core.figures.minimax.value import Labels, X
from gan_core.theory import densities
from gan_core.theory.best_d import best_d, pushes, surplus
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES
from gan_core.theory.value import PLAIN_VALUE, equilibrium_output, optimal_discriminator
from gan_core.typed import option_title

P, Q = Bumps(1.4, 0.8, 0.3), Bumps(-0.7, 1.3)
LABELS = Labels(0.8, 0.1)
SLOPE, MIDPOINT = 1.7, 0.4
NUMBERS = value_figures.numbers_of(P, Q, LABELS, SLOPE, MIDPOINT)
CHOSEN = activations.activations_info("gelu", 0.3, layers=12, gain=1.2, spread=0.9)

FIGURES: dict[str, Callable[[], Figure]] = {
    "densities": lambda: value_figures.densities_figure(value_figures.densities_info(P, Q)),
    "outputs": lambda: value_figures.outputs_figure(
        value_figures.outputs_info(P, Q, LABELS, SLOPE, MIDPOINT)
    ),
    "map": lambda: value_figures.map_figure(value_figures.map_info(P, Q)),
    "ladder": lambda: value_figures.ladder_figure(NUMBERS),
    "terms": lambda: costs.terms_figure(costs.terms_info(0.3, 0.9)),
    "batch": lambda: costs.batch_figure(costs.batch_info(P, Q, LABELS, SLOPE, MIDPOINT)),
    "float": lambda: costs.float_figure(costs.float_info()),
    "losses": lambda: generator.generator_figure(generator.generator_info(0.05), "losses"),
    "slopes": lambda: generator.generator_figure(generator.generator_info(0.05), "slopes"),
    "pull": lambda: generator.pull_figure(generator.pull_info(P, Q)),
    "loss_parts": lambda: objectives.parts_figure(objectives.losses_info(OBJECTIVES["lsgan"])),
    "loss_rise": lambda: objectives.rise_figure(objectives.losses_info(OBJECTIVES["lsgan"])),
    "best_d": lambda: objectives.best_figure(objectives.best_info(OBJECTIVES["lsgan"], P, Q)),
    "loss_push": lambda: objectives.push_figure(objectives.best_info(OBJECTIVES["lsgan"], P, Q)),
    "optimum": lambda: smoothing.optimum_figure(smoothing.optimum_info(LABELS)),
    "pull_back": lambda: smoothing.pull_back_figure(smoothing.pull_back_info(LABELS)),
    "fade": lambda: smoothing.fade_figure(smoothing.fade_info(LABELS)),
    "functions": lambda: activations.shape_figure(CHOSEN, "functions"),
    "derivatives": lambda: activations.shape_figure(CHOSEN, "derivatives"),
    "surviving": lambda: activations.surviving_figure(CHOSEN),
}


def numbers(spec: Any) -> NDArray[np.float64]:
    """What a trace holds, however it was written."""
    if isinstance(spec, dict):
        flat = np.frombuffer(base64.b64decode(spec["bdata"]), "<f4").astype(float)
        return flat.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else flat
    return np.asarray(spec, float)


def drawn(figure: Figure, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    trace = next(trace for trace in figure["data"] if trace.get("name") == name)
    return numbers(trace["x"]), numbers(trace["y"])


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_figure_is_valid_plain_and_leaves_the_theme_to_the_page(draw: Callable[[], Figure]) -> None:
    figure = draw()
    assert orjson.loads(orjson.dumps(figure)) == figure
    layout = figure["layout"]
    go.Figure({"data": figure["data"], "layout": layout})
    assert layout["uirevision"] == "keep"
    assert "title" not in layout
    assert not {"paper_bgcolor", "plot_bgcolor", "template"} & layout.keys()
    named = [axis for axis in ("xaxis", "yaxis") if "ticktext" not in layout[axis] or axis == "yaxis"]
    assert all(layout[axis]["title"]["text"] for axis in named)
    assert any(char.isdigit() for char in figure["words"]["alt"])


# --- Two densities


def test_the_densities_are_drawn_as_they_are() -> None:
    figure = FIGURES["densities"]()
    for name, bumps in (("p_data", P), ("p_G", Q)):
        x, y = drawn(figure, name)
        np.testing.assert_allclose(y, densities.density(x, bumps), atol=1e-5)
    assert figure["layout"]["yaxis"]["range"][1] > densities.density(X, P).max()


def test_d_star_own_d_and_line_are_drawn_from_the_theory() -> None:
    figure = FIGURES["outputs"]()
    x, best = drawn(figure, "D*")
    p, q = densities.density(x, P), densities.density(x, Q)
    expected = optimal_discriminator(p, q, real_label=0.8, fake_label=0.1)
    np.testing.assert_allclose(best, expected, atol=1e-5)
    x, own = drawn(figure, "your D")
    np.testing.assert_allclose(own, 1 / (1 + np.exp(-1.7 * (x - 0.4))), atol=1e-5)
    (line,) = [trace for trace in figure["data"] if trace["line"].get("dash") == "dash"]
    assert line["y"] == [equilibrium_output(real_label=0.8, fake_label=0.1)] * 2 == [pytest.approx(0.45)] * 2


def test_the_numbers_are_those_of_the_theory() -> None:
    assert NUMBERS.best == pytest.approx(-math.log(4) + 2 * NUMBERS.jsd, abs=1e-8)
    assert NUMBERS.own < NUMBERS.best
    assert NUMBERS.own == densities.value_of(P, Q, densities.logistic(SLOPE, MIDPOINT))
    assert NUMBERS.smoothed == densities.value_of_best(P, Q, real_label=0.8, fake_label=0.1)
    assert (NUMBERS.kl_pq, NUMBERS.kl_qp) == (densities.kl(P, Q), densities.kl(Q, P))
    assert NUMBERS.equilibrium == pytest.approx(0.45)
    assert PLAIN_VALUE < NUMBERS.smoothed < NUMBERS.best < 0


def test_the_map_has_means_to_the_right_and_spreads_upward() -> None:
    figure = FIGURES["map"]()
    ground = figure["data"][0]
    x, y, z = (numbers(ground[axis]) for axis in "xyz")
    assert z.shape == (len(y), len(x))
    for row, column in ((3, 30), (20, 8)):
        g = Bumps(float(x[column]), float(y[row]), Q.share)
        assert z[row, column] == pytest.approx(densities.value_of_best(P, g), abs=1e-4)
    now_x, now_y = drawn(figure, "G now")
    assert [now_x.item(), now_y.item()] == pytest.approx([-0.7, 1.3])
    best_x, best_y = drawn(figure, "minimum")
    lowest = densities.cost_map(P, Q.share).lowest
    assert [best_x.item(), best_y.item()] == pytest.approx([lowest.mean, lowest.spread])
    assert [x[0], x[-1], y[0], y[-1]] == pytest.approx([-4.0, 4.0, 0.2, 3.0])


def test_the_lines_of_the_map_are_named_at_their_heights() -> None:
    names = FIGURES["map"]()["data"][1]
    assert len(names["text"]) >= 2
    for text, mean, spread in zip(names["text"], names["x"], names["y"], strict=True):
        level = float(text.replace("−", "-"))
        assert densities.value_of_best(P, Bumps(mean, spread, Q.share)) == pytest.approx(level, abs=5e-3)


def test_two_equal_minima_are_both_drawn() -> None:
    info = value_figures.map_info(Bumps(2.5, 0.4, 0.5), Bumps(1.0, 1.0, 0.1))
    x, _ = drawn(value_figures.map_figure(info), "minimum")
    assert len(x) == 2
    assert x[0] == pytest.approx(-x[1])


def test_the_ladder_stands_at_its_heights_and_says_so_when_one_is_too_low() -> None:
    figure = FIGURES["ladder"]()
    for name, height in (("best D", NUMBERS.best), ("D* under your labels", NUMBERS.smoothed),
                         ("your D", NUMBERS.own)):  # fmt: skip
        _, y = drawn(figure, name)
        assert y[1] == pytest.approx(height)
    low = NUMBERS._replace(own=-9.87)
    figure = value_figures.ladder_figure(low)
    assert drawn(figure, "your D")[1][1] == value_figures.DEEPEST
    assert "below the chart: <b>−9.870</b>" in [trace.get("text", [""])[-1] for trace in figure["data"]]


# --- Costs


@pytest.mark.parametrize(("output", "label"), [(0.3, 1.0), (0.3, 0.0), (0.62, 0.9)])
def test_the_cost_is_its_weighted_terms(output: float, label: float) -> None:
    info = costs.terms_info(output, label)
    assert [info.real_term, info.fake_term] == pytest.approx([-math.log(output), -math.log(1 - output)])
    assert info.cost == pytest.approx(label * info.real_term + (1 - label) * info.fake_term)
    x, y = drawn(costs.terms_figure(info), "cost")
    at = int(np.abs(x - output).argmin())
    assert y[at] == pytest.approx(-label * math.log(x[at]) - (1 - label) * math.log(1 - x[at]), rel=1e-4)


def test_the_batchs_means_are_what_d_trains_with() -> None:
    info = costs.batch_info(P, Q, LABELS, SLOPE, MIDPOINT)
    real, fake = (torch.from_numpy(SLOPE * (x - MIDPOINT)) for x in (info.real_x, info.fake_x))
    of_d = losses.OBJECTIVES["non_saturating"].of_d
    expected = of_d(real, fake, real_label=0.8, fake_label=0.1).total
    assert sum(info.means) == pytest.approx(float(expected), rel=1e-12)
    assert info.means[0] != pytest.approx(info.means[1], abs=0.01)


def test_the_batchs_loss_is_near_minus_v() -> None:
    info = costs.batch_info(P, Q, Labels(), SLOPE, MIDPOINT)
    # Eight middles of equally likely slices miss the tails, where a wrong D pays most.
    assert NUMBERS.own < -sum(info.means) < NUMBERS.own + 0.1


def test_the_table_by_value_is_float32() -> None:
    rows = {row.logit: row for row in costs.float_rows()}
    assert rows[5.0].from_probabilities == pytest.approx(rows[5.0].from_logits, rel=1e-5)
    assert rows[15.0].from_logits == pytest.approx(15.0, abs=1e-5)
    # Between 1 - 2^-24 and 1 there is no float32: these are the last steps of the stairs.
    assert rows[15.0].from_probabilities == pytest.approx(-math.log(6 * 2**-24), rel=1e-6)
    assert rows[16.5].from_probabilities == pytest.approx(24 * math.log(2), abs=0.7)
    assert math.isinf(rows[17.0].from_probabilities)
    assert all(row.from_logits == pytest.approx(row.logit, abs=0.007) for row in rows.values())


def test_the_losses_of_g_and_their_slopes_at_the_chosen_output() -> None:
    info = generator.generator_info(0.01)
    assert info.losses == pytest.approx({"non_saturating": -math.log(0.01), "minimax": math.log(0.99)})
    assert info.slopes == pytest.approx({"non_saturating": 0.99, "minimax": 0.01})
    assert info.advantage == pytest.approx(99.0)
    x, y = drawn(generator.generator_figure(info, "slopes"), "minimax")
    np.testing.assert_allclose(y, x, rtol=1e-5)
    x, y = drawn(generator.generator_figure(info, "losses"), "non-saturating")
    np.testing.assert_allclose(y, -np.log(x), rtol=1e-4, atol=1e-4)


def test_the_push_is_towards_the_data_and_the_saturating_one_weaker_where_g_is() -> None:
    info = generator.pull_info(Bumps(1.0, 1.0), Bumps(-1.0, 1.0))
    # D* = sigmoid(2 x), whose logit has the slope 2.
    np.testing.assert_allclose(info.pushes["non_saturating"], 2 / (1 + np.exp(2 * X)), rtol=1e-9)
    np.testing.assert_allclose(info.pushes["minimax"], 2 / (1 + np.exp(-2 * X)), rtol=1e-9)
    assert info.means["minimax"] < info.means["non_saturating"] / 3
    swapped = generator.pull_info(Bumps(-1.0, 1.0), Bumps(1.0, 1.0))
    assert (swapped.pushes["non_saturating"] < 0).all()
    low, high = generator.pull_figure(swapped)["layout"]["yaxis"]["range"]
    assert low < -2 < 0 < high


# --- Smoothing


def test_the_optimum_is_a_line_from_label_to_label() -> None:
    x, y = drawn(FIGURES["optimum"](), "D*")
    np.testing.assert_allclose(y, 0.1 + 0.7 * x, atol=1e-6)
    middle_x, middle_y = drawn(FIGURES["optimum"](), "p_G = p_data")
    assert [middle_x.item(), middle_y.item()] == pytest.approx([0.5, 0.45])


def test_the_slope_turns_at_the_labels_logit_or_never() -> None:
    info = smoothing.pull_back_info(LABELS)
    assert (info.real_label, info.chosen) == (0.8, True)
    assert info.turns_at == pytest.approx(math.log(4))
    assert (info.slope > 0).any()
    plain = smoothing.pull_back_info(Labels())
    assert plain.real_label == pytest.approx(0.9)
    assert not plain.chosen
    assert plain.turns_at == pytest.approx(math.log(9))
    figure = smoothing.pull_back_figure(plain)
    assert "for comparison" in figure["words"]["alt"]
    _, never = drawn(figure, "label 1")
    assert (never < 0).all()


def test_one_sided_keeps_the_gradient_that_a_fake_label_kills() -> None:
    one_sided = smoothing.fade_info(Labels(0.9, 0.0))
    assert not one_sided.chosen
    assert one_sided.far[0] == pytest.approx(1.999, abs=5e-4)
    assert one_sided.far[1] == pytest.approx(0.0053, abs=5e-5)
    assert "1.999" in smoothing.fade_figure(one_sided)["words"]["alt"]
    two_sided = smoothing.fade_info(Labels(0.9, 0.3))
    assert two_sided.chosen
    assert two_sided.far[1] < one_sided.far[1] < two_sided.far[0]


# --- Activations


@pytest.mark.parametrize("chosen", ["relu", "sigmoid"])
def test_the_chosen_activation_is_the_strong_one_and_drawn_last(chosen: str) -> None:
    info = activations.activations_info(chosen, 0.2, layers=5, gain=1.0, spread=1.0)
    for figure in (
        activations.shape_figure(info, "functions"), activations.shape_figure(info, "derivatives"),
        activations.surviving_figure(info),
    ):  # fmt: skip
        last = figure["data"][-1]
        assert last["name"] == option_title(chosen)
        assert last["line"]["width"] > max(trace["line"]["width"] for trace in figure["data"][:-1])


def test_what_survives_is_drawn_over_the_layers_and_named() -> None:
    figure = FIGURES["surviving"]()
    x, y = drawn(figure, "GELU")
    np.testing.assert_allclose(x, np.arange(13))
    np.testing.assert_allclose(y, y[1] ** np.arange(13), rtol=1e-5)
    low, high = figure["layout"]["yaxis"]["range"]
    notes = [note for note in figure["layout"]["annotations"] if "y" in note and note.get("yref") != "paper"]
    heights = sorted(note["y"] for note in notes)
    assert len(heights) == 6
    assert low <= heights[0]
    assert heights[-1] <= high
    assert min(np.diff(heights)) > (high - low) / 30


# --- Losses


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_loss_is_drawn_as_the_theory_has_it(name: str) -> None:
    game = OBJECTIVES[name]
    figure = objectives.parts_figure(objectives.losses_info(game))
    x, real = drawn(figure, "real")
    np.testing.assert_allclose(real, game.real_loss(x, real_label=1.0), atol=1e-4)
    x, rise = drawn(objectives.rise_figure(objectives.losses_info(game)), game.title)
    np.testing.assert_allclose(rise, -game.generator_slope(x), atol=1e-4)
    beside = [trace["name"] for trace in figure["data"] if trace["line"].get("dash") == "dot"]
    assert beside == ([] if name == "non_saturating" else ["cross-entropy, real", "generated"])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_best_d_is_drawn_with_its_distance(name: str) -> None:
    game = OBJECTIVES[name]
    info = objectives.best_info(game, P, Q)
    figure, push = objectives.best_figure(info), objectives.push_figure(info)
    distance = objectives.distance_of(info)
    if game.relative:
        assert "no best D" in figure["words"]["alt"]
        assert math.isnan(distance.value)
        return
    _, best = drawn(figure, "best D")
    np.testing.assert_allclose(best, game.output(best_d(game, X, P, Q).score), atol=1e-4)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low <= best.min() < best.max() <= high
    _, pushed = drawn(push, game.title)
    np.testing.assert_allclose(pushed, pushes(game, X, P, Q), atol=1e-3, rtol=1e-5)
    expected = {
        "JSD": NUMBERS.jsd, "Total variation": NUMBERS.tv,
        "Pearson χ²": float(np.trapezoid((_p - _q) ** 2 / (_p + _q), _x)) / 2,
        "Wasserstein-1": float(np.trapezoid(np.abs(surplus(_x, P, Q)), _x)),
    }[distance.name]  # fmt: skip
    assert distance.value == pytest.approx(expected, abs=1e-3)


_x = densities.grid(P, Q)
_p, _q = densities.density(_x, P), densities.density(_x, Q)
