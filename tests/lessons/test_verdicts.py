"""Claims, judged on histories written by hand, and on pages in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan_core.history import CLASS_SHARES, EVALUATION_WIDTHS, STEP_WIDTHS, Evaluation, History, StepRecord
from gan_core.lessons.claims import read_claim
from gan_core.lessons.pages import THEORY, values_of
from gan_core.lessons.quantities import COLUMNS, QUANTITIES
from gan_core.lessons.verdicts import Verdict, judge, judge_theory
from gan_core.settings import Settings

UNIT = {"x0": "1", "y0": "0", "eta_x": "1", "eta_y": "1"}
MADE = {"value", "separation", "slope_kept"}


def history() -> History:
    """D on real digits at 0.4, 0.5, 0.6 at steps 10, 20, 30, on generated ones 0.2; D's loss is the step."""
    made = History()
    steps = np.arange(1.0, 31.0)
    made.steps.extend(
        {name: np.full(30, math.nan) for name in STEP_WIDTHS} | {"step": steps, "d_loss": steps}
    )
    block = {n: np.full((3, w) if w else 3, math.nan) for n, w in EVALUATION_WIDTHS.items()}
    made.evaluations.extend(block | {
        "step": np.array([10.0, 20.0, 30.0]), "d_real": np.array([0.4, 0.5, 0.6]), "d_fake": np.full(3, 0.2),
        "real_term": np.full(3, -0.5), "fake_term": np.full(3, -0.25),
    })  # fmt: skip
    return made


def judged(text: str, settings: Settings | None = None) -> Verdict:
    return judge(read_claim(text, 1, "live", 30), history(), settings or Settings())


@pytest.mark.parametrize(
    ("text", "came_true", "number"),
    [
        ("d_real in 0.55 +- 0.06 at step 30", True, 0.6),
        ("d_real in 0.55 +- 0.04 at step 30", False, 0.6),
        ("d_real in 0.6 to 0.7", True, 0.6),
        ("d_real > 0.6", False, 0.6),
        ("d_real < 0.61", True, 0.6),
        ("mean d_real > 0.54 over steps 15 to 30", True, 0.55),
        ("lowest d_real < 0.41 over steps 1 to 30", True, 0.4),
        ("highest d_real in 0.5 +- 0.01 over steps 1 to 29", True, 0.5),
        ("d_loss is 7 at step 7", True, 7.0),
        ("deviation d_loss in 1.414 +- 0.001 over steps 6 to 10", True, math.sqrt(2)),
        ("value in -0.75 +- 0.0001", True, -0.75),
        ("separation in 0.4 ± 0.0001", True, 0.4),
        ("slope_kept in 0.8 +- 0.0001", True, 0.8),
    ],
)
def test_a_claim_is_judged_by_its_number(text: str, came_true: bool, number: float) -> None:
    verdict = judged(text)
    assert verdict.came_true is came_true
    assert verdict.number == pytest.approx(number)
    assert f"{number:.3g}".replace("-", "−")[:4] in verdict.sentence


def test_the_slope_that_is_kept_depends_on_the_loss_of_that_step() -> None:
    assert judged("slope_kept > 0", Settings(objective="minimax")).number == pytest.approx(0.2)
    changed = history()
    changed.note(Settings(objective="minimax").model_dump(), 1)
    changed.note(Settings().model_dump(), 25)
    for stop, kept in ((20, 0.2), (30, 0.8)):
        claim = read_claim("slope_kept > 0", 1, "live", stop)
        assert judge(claim, changed, Settings()).number == pytest.approx(kept)


@pytest.mark.parametrize("text", ["spread > 0 at step 30", "mean spread < 9 over steps 1 to 30",
                                  "deviation d_real < 9 over steps 1 to 30"])  # fmt: skip
def test_what_was_not_measured_has_not_come_true(text: str) -> None:
    verdict = judged(text)
    assert not verdict.came_true
    assert "was not measured" in verdict.sentence


def test_every_column_of_the_records_has_words() -> None:
    fields = set(StepRecord._fields) | set(Evaluation._fields)
    of_toys = {"jsd", "jsd_floor", "tv", "tv_floor", "modes_hit"}
    of_digits = {"fid", "fid_ema", "fid_floor", "fid_floor_sd", "classes_hit", "classes_hit_ema", "readable"}
    of_some = of_toys | {"right_class", "quality_samples"} | of_digits | set(CLASS_SHARES)
    assert set(COLUMNS) - MADE - of_some == fields - {"step", "images", "axis_low", "axis_high", "objective"}


@pytest.mark.parametrize(
    ("page", "text", "parameters", "number"),
    [
        ("value", "jsd < 0.000001", {"data_mean": "1", "g_mean": "1"}, 0.0),
        ("value", "best in -1.3863 +- 0.0001", {"g_mean": "1"}, -math.log(4)),
        ("value", "equilibrium_output in 0.45 +- 0.001", {"smoothing": "0.9"}, 0.45),
        ("value", "cost in 0.6931 +- 0.0001", {"verdict": "0.5"}, math.log(2)),
        ("value", "advantage in 99 +- 0.001", {"d_of_fake": "0.01"}, 99.0),
        ("games", "equilibria is 3", {"game": "Stag Hunt"}, 3.0),
        ("games", "value is 1", {"game": "Matching Pennies", "table": "1_2~0_-3"}, 1.0),
        ("games", "row_payoff in 2.2 +- 0.001", {"p": "1", "q": "0.4", "table": "4,1_1,1~0,0_0,0"}, 2.2),
        ("games", "p is 0.7 at step 0", {"p": "0.7"}, 0.7),
        ("saddle", "distance in 2 +- 0.001 at step 2", UNIT, 2.0),
        ("saddle", "rate in 1.0198 +- 0.0001", {}, math.sqrt(1.04)),
        ("saddle", "rival_rate in 1 +- 0.0001", {"rival": "Alternating"}, 1.0),
    ],
)  # fmt: skip
def test_a_number_of_a_page_is_the_closed_form(
    page: str, text: str, parameters: dict[str, str], number: float
) -> None:
    verdict = judge_theory(read_claim(text, 1, page, None), page, parameters)
    assert verdict.number == pytest.approx(number, abs=1e-6)
    assert verdict.came_true


def test_an_outcome_is_a_word() -> None:
    def outcome(word: str, method: str) -> Verdict:
        return judge_theory(read_claim(f"outcome is {word}", 1, "saddle", None), "saddle", {"method": method})

    assert outcome("diverges", "Simultaneous").came_true
    wrong = outcome("diverges", "Extragradient")
    assert not wrong.came_true
    assert wrong.sentence == "The predicted outcome is ‘converges’, not ‘diverges’."
    with pytest.raises(ValueError, match="is a word"):
        read_claim("outcome > 3", 1, "saddle", None)


def test_what_a_page_does_not_have_cannot_be_judged() -> None:
    verdict = judge_theory(read_claim("value > 0", 1, "games", None), "games", {})
    assert verdict.sentence == "It cannot be judged: only a zero-sum game has a value."
    late = judge_theory(read_claim("distance > 0 at step 61", 1, "saddle", None), "saddle", {})
    assert late.sentence == "It cannot be judged: the path ends at step 60."


@pytest.mark.parametrize("page", THEORY)
def test_every_number_of_a_page_can_be_had(page: str) -> None:
    parameters = {"games": {"game": "Matching Pennies"}, "saddle": {"rival": "Alternating"}}.get(page, {})
    for name, quantity in QUANTITIES[page].items():
        number = quantity.of(values_of(page, parameters), None)
        assert number in quantity.choices if quantity.choices else math.isfinite(float(number)), name


def test_what_rounding_leaves_of_zero_is_almost_0() -> None:
    verdict = judge_theory(read_claim("jsd < 0.001", 1, "value", None), "value", {"g_mean": "1.0"})
    assert verdict.number == pytest.approx(0, abs=1e-9)
    assert "is almost 0 nats" in verdict.sentence
