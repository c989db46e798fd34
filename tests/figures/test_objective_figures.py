"""The figures of a run under each objective: their axis, their line or none, and the height of the path."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gan_core.figures.live import (
    alike,
    heatmap_figure,
    heatmap_info,
    histogram_figure,
    histogram_info,
    losses_figure,
    losses_info,
    means_figure,
    means_info,
    objective_at,
    saddle_figure,
    saddle_info,
    tug_figure,
    tug_info,
    value_figure,
    value_info,
)
from gan_core.figures.live.closeup import closeup
from gan_core.figures.live.outputs import NO_LINE, OUTPUT, SCORE, rebinned
from gan_core.history import HISTOGRAM_BINS, Evaluation, History, StepRecord, as_block, histogram
from gan_core.theory.cross_entropy import logit
from gan_core.theory.objectives import OBJECTIVES, ORDER, Objective, references

LABELS = {"real_label": 0.9, "fake_label": 0.1}
LINED = [name for name, objective in OBJECTIVES.items() if objective.has_line]
LINELESS = [name for name in OBJECTIVES if name not in LINED]
SCORED = [name for name, objective in OBJECTIVES.items() if objective.axis == "score"]


def answers(objective: Objective, i: int) -> tuple[float, float]:
    """D's mean answers a and b at the i-th evaluation: within the box of the objective, never a = b."""
    a, b = 0.5 + 0.02 * i, 0.35 - 0.01 * i
    return (a, b) if objective.axis == "probability" or objective.has_line else (3 * a - 1, 2 * b - 1.2)


def terms(objective: Objective, a: float, b: float) -> tuple[float, float]:
    """The two parts of V of a D with these answers."""
    scores = (logit(a), logit(b)) if objective.axis == "probability" else (a, b)
    return float(objective.real_term(scores[0])), float(objective.fake_term(scores[1]))


def step_of(name: str, step: int, **changes: Any) -> StepRecord:
    lines = references(objective=name, **LABELS)
    real, fake = terms(OBJECTIVES[name], *answers(OBJECTIVES[name], 3))
    return StepRecord(
        step=step, d_loss=1.3, g_loss=0.9, real_loss=0.7, fake_loss=0.6, real_term=real, fake_term=fake,
        d_real=0.6, d_fake=0.1, d_grad_norm=0.2, g_grad_norm=0.3, d_pull=0.02, g_pull=-0.05,
        objective=ORDER.index(name), **lines._asdict(),
    )._replace(**changes)  # fmt: skip


def history_under(name: str, first: int = 0, count: int = 9, history: History | None = None) -> History:
    """`count` evaluations from step `first` on, 50 steps apart, after what `history` holds."""
    objective, history = OBJECTIVES[name], history or History()
    rows, real_histograms, fake_histograms = [], [], []
    for i in range(count):
        a, b = answers(objective, i)
        real, fake = terms(objective, a, b)
        low, high = (0.0, 1.0) if objective.axis == "probability" else (b - 1.0, a + 1.0 + 0.1 * i)
        rows.append(
            Evaluation(
                step=first + 50 * i, images=400, d_real=a, d_fake=b, real_low=a - 0.1, real_high=a + 0.1,
                fake_low=b - 0.1, fake_high=b + 0.1, real_term=real, fake_term=fake, accuracy=0.7,
                overfit_gap=0.0, d_dead=0.0, g_dead=0.0, spread=0.8, axis_low=low, axis_high=high,
                objective=ORDER.index(name), **references(objective=name, **LABELS)._asdict(),
            )
        )  # fmt: skip
        real_histograms.append(histogram(np.array([a]), low, high))
        fake_histograms.append(histogram(np.array([b]), low, high))
    block = as_block(rows)
    block |= {"real_histogram": np.stack(real_histograms), "fake_histogram": np.stack(fake_histograms)}
    history.evaluations.extend(block)
    steps = range(first + 1, first + 50 * (count - 1) + 1)
    history.steps.extend(as_block([step_of(name, step) for step in steps]))
    return history


def figures_of(history: History, objective: Objective) -> dict[str, dict[str, Any]]:
    at: dict[str, Any] = {"objective": objective}
    return {
        "value": value_figure(value_info(history, math.inf, **at)),
        "tug": tug_figure(tug_info(history, math.inf, **at)),
        "losses": losses_figure(losses_info(history, math.inf, **at)),
        "saddle": saddle_figure(saddle_info(history, math.inf, **at)),
        "histogram": histogram_figure(histogram_info(history, math.inf, **at)),
        "heatmap": heatmap_figure(heatmap_info(history, math.inf, **at)),
        "means": means_figure(means_info(history, math.inf, **at)),
    }


def axis_title(figure: dict[str, Any], axis: str) -> str:
    title = figure["layout"][axis]["title"]
    return str(title["text"] if isinstance(title, dict) else title)


def reads(part: Any) -> str:
    """All texts of a figure or a part of it."""
    if isinstance(part, dict):
        return " ".join(reads(value) for value in part.values())
    if isinstance(part, list | tuple):
        return " ".join(map(reads, part))
    return part if isinstance(part, str) else ""


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_axis_of_d_says_what_it_is(name: str) -> None:
    drawn = figures_of(history_under(name), OBJECTIVES[name])
    scored = name in SCORED
    assert axis_title(drawn["histogram"], "xaxis") == (SCORE if scored else OUTPUT)
    for panel in ("heatmap", "means"):
        assert (axis_title(drawn[panel], "yaxis") == SCORE) is scored


@pytest.mark.parametrize("name", OBJECTIVES)
def test_only_a_value_in_nats_is_said_to_be_in_nats(name: str) -> None:
    drawn = figures_of(history_under(name), OBJECTIVES[name])
    for panel in ("value", "tug", "losses", "saddle"):
        assert ("nats" in reads(drawn[panel])) is (OBJECTIVES[name].unit == "nats"), panel


@pytest.mark.parametrize("name", LINED)
def test_the_line_of_d_is_that_of_the_objective(name: str) -> None:
    info = histogram_info(history_under(name), math.inf, objective=OBJECTIVES[name])
    assert info.reference == references(objective=name, **LABELS).d_reference
    assert NO_LINE not in reads(histogram_figure(info))


def test_the_lines_are_not_all_one() -> None:
    """Labels 0.7 and 0: 0.35 where the labels move the line, 0.5 for relative scores."""
    lines = [references(objective=name, real_label=0.7, fake_label=0.0).d_reference for name in LINED]
    assert sorted(set(lines)) == [0.35, 0.5]


@pytest.mark.parametrize("name", LINELESS)
def test_a_loss_without_a_line_is_drawn_without_one_and_says_so(name: str) -> None:
    history, objective = history_under(name), OBJECTIVES[name]
    info = histogram_info(history, math.inf, objective=objective)
    assert info.reference is None
    assert NO_LINE in reads(histogram_figure(info))
    drawn = figures_of(history, objective)
    for panel in ("histogram", "heatmap", "means"):
        dashed = [t for t in drawn[panel]["data"] if "equilibrium" in str(t.get("name", ""))]
        assert all(not len(line.get("x", [])) for line in dashed if not isinstance(line["x"], dict)), panel
    names = [str(trace.get("name", "")) for trace in drawn["saddle"]["data"]]
    assert not [name for name in names if name.startswith("equilibrium")]


@pytest.mark.parametrize(
    ("name", "v"),
    [("hinge", -2.0), ("wgan_clip", 0.0), ("wgan_gp", 0.0), ("lsgan", -0.25), ("minimax", -math.log(4))],
)
def test_v_has_its_own_reference(name: str, v: float) -> None:
    """Labels 0.9 and 0.1 have the same middle as 1 and 0."""
    info = value_info(history_under(name), math.inf, objective=OBJECTIVES[name])
    assert info.reference.now == pytest.approx(v, abs=1e-12)
    assert info.values[0] <= v <= info.values[1]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_loss_has_a_line_exactly_where_the_equilibrium_fixes_it(name: str) -> None:
    info = losses_info(history_under(name), math.inf, objective=OBJECTIVES[name])
    lines = references(objective=name, **LABELS)
    for loss, expected in (
        (info.d, lines.d_loss_reference),
        (info.real, lines.real_loss_reference),
        (info.fake, lines.fake_loss_reference),
        (info.g, lines.g_loss_reference),
    ):
        assert (loss.line.now is not None) == bool(np.isfinite(expected))
        np.testing.assert_allclose(loss.line.value, expected if len(loss.line.value) else [], atol=1e-12)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_path_lies_at_the_answers_and_at_the_height_v(name: str) -> None:
    objective = OBJECTIVES[name]
    info = saddle_info(history_under(name), math.inf, objective=objective)
    truth = np.array([answers(objective, i) for i in range(9)])
    np.testing.assert_allclose(np.column_stack([info.a, info.b]), truth, atol=1e-9)
    np.testing.assert_allclose(objective.surface(info.a, info.b), info.value, atol=1e-9)
    assert not np.isclose(info.value, info.value[0]).all()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_contour_line_has_its_height(name: str) -> None:
    objective = OBJECTIVES[name]
    info = saddle_info(history_under(name), math.inf, objective=objective)
    near = closeup(info.a, info.b, info.equilibrium, objective)
    drawn = [line for line in near.contours if len(line[1])]
    assert len(drawn) >= 3
    for level, a, b in drawn:
        np.testing.assert_allclose(objective.surface(a, b), level, atol=1e-9)
        assert (b >= near.b[0] - 1e-9).all()
        assert (b <= near.b[1] + 1e-9).all()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_axes_of_the_surface_hold_the_path(name: str) -> None:
    objective = OBJECTIVES[name]
    info = saddle_info(history_under(name), math.inf, objective=objective)
    layout = saddle_figure(info)["layout"]
    for axis, path in (("xaxis", info.a), ("yaxis", info.b)):
        low, high = layout[axis]["range"]
        assert low <= path.min() <= path.max() <= high


def test_histograms_of_other_ranges_are_counted_anew_and_lose_nothing() -> None:
    shares = np.zeros((2, 4))
    shares[0, 1], shares[1, 3] = 1.0, 1.0
    # Row 0: all in [-1, 0] of [-2, 2]; row 1: all in [4.5, 6] of [0, 6].
    found = rebinned(shares, np.array([-2.0, 0.0]), np.array([2.0, 6.0]), np.linspace(-2, 6, 9))
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(found[0], [0, 1, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(found[1], [0, 0, 0, 0, 0, 0, 1 / 3, 2 / 3])


@pytest.mark.parametrize("name", SCORED)
def test_the_heat_map_of_scores_has_each_column_at_its_mean(name: str) -> None:
    info = heatmap_info(history_under(name), math.inf, objective=OBJECTIVES[name])
    middle = (info.bins[1:] + info.bins[:-1]) / 2
    truth = np.array([answers(OBJECTIVES[name], i) for i in range(9)])
    one_bin = 4.5 / HISTOGRAM_BINS  # the widest range of an evaluation, in bins
    np.testing.assert_allclose(middle @ info.real, truth[:, 0], atol=one_bin)
    np.testing.assert_allclose(middle @ info.fake, truth[:, 1], atol=one_bin)


@pytest.mark.parametrize(
    ("before", "after"), [("lsgan", "hinge"), ("non_saturating", "wgan_gp"), ("hinge", "lsgan")]
)
def test_records_under_another_objective_are_left_out(before: str, after: str) -> None:
    history = history_under(after, first=500, count=6, history=history_under(before))
    seen = alike(history, OBJECTIVES[after])
    assert seen.evaluations.columns["step"].min() == 500
    assert seen.steps.columns["step"].min() == 501
    assert len(history.evaluations.columns["step"]) == 15, "the run itself keeps them"
    assert objective_at(history, 380, "minimax").name == before
    assert objective_at(history, math.inf, "minimax").name == after


def test_both_losses_of_one_v_are_drawn_together() -> None:
    history = history_under("minimax", first=500, count=6, history=history_under("non_saturating"))
    assert alike(history, OBJECTIVES["minimax"]) is history


@pytest.mark.parametrize("name", OBJECTIVES)
def test_nothing_recorded_yet_is_drawn_too(name: str) -> None:
    for panel, figure in figures_of(History(), OBJECTIVES[name]).items():
        assert "Play" in reads(figure["layout"]), panel
