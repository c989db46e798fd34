"""What the quality of G's digits adds to the diagnosis: on histories written by hand, and on a short run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from gan_core.data import DataSet
from gan_core.diagnosis import Diagnosis, diagnose
from gan_core.history import CLASS_SHARES, History, Result, Results, as_block
from gan_core.judged_quality import (
    Fresh,
    Judged,
    fresh_of,
    fresh_said,
    is_far,
    judged_quality,
    missing_said,
    mostly,
    quality_said,
)
from gan_core.measures import classifier
from gan_core.measures.held_out import Pace, evaluations_block
from tests.figures.figure_histories import evaluation, history_of, step_record
from tests.game import new_trainer, play

SHARES = (0.13, 0.12, 0.0, 0.2, 0.15, 0.0, 0.14, 0.16, 0.0, 0.1)
EVEN = (0.1,) * 10


def judged(shares: tuple[float, ...] = SHARES, **changes: Any) -> Judged:
    return Judged(900.0, 500, 88.0, 7.2, 1.1, 0.9, shares)._replace(**changes)


def with_quality(found: Judged | None, *, at: int = 900, count: int = 41, **columns: Any) -> History:
    """Evaluations each 25 steps, the quality measured once, at step `at`."""
    rows = [evaluation(25 * i, **columns) for i in range(count)]
    history = history_of([step_record(25 * (count - 1))], rows)
    if found is None:
        return history
    log = history.evaluations
    here = log.columns["step"] == at
    told = {
        "quality_samples": found.samples, "fid": found.fid, "fid_floor": found.floor,
        "fid_floor_sd": found.floor_sd, "readable": found.readable,
        **dict(zip(CLASS_SHARES, found.shares, strict=True)),
    }  # fmt: skip
    block = {name: column.copy() for name, column in log.columns.items()}
    log.extend(block | {name: np.where(here, value, np.nan) for name, value in told.items()})
    return history


def test_the_newest_measured_numbers_up_to_the_step_count() -> None:
    history = with_quality(judged())
    assert judged_quality(history.evaluations.until(1000)) == judged()
    assert judged_quality(history.evaluations.until(899)) is None
    assert judged_quality(with_quality(None).evaluations.columns) is None


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (SHARES, "no 2, 5 or 8 among 500 generated digits"),
        ((0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0), "no 9 among 500 generated digits"),
        ((0.3, 0.024, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.026, 0.1), "almost no 1 among 500 generated digits"),
        ((0.0, 0.0, 0.0, 0.98, 0.0, 0.0, 0.0, 0.0, 0.02, 0.0), "only 3 among 500 generated digits"),
        ((0.0, 0.0, 0.0, 0.5, 0.0, 0.1, 0.0, 0.4, 0.0, 0.0), "only 3, 5 and 7 among 500 generated digits"),
        (EVEN, ""),
    ],
)
def test_missing_classes_are_named(shares: tuple[float, ...], said: str) -> None:
    assert missing_said(judged(shares)) == said


def test_what_does_not_look_like_digits_has_no_classes() -> None:
    noise = judged((0.0,) * 8 + (1.0, 0.0), readable=0.03)
    assert missing_said(noise) == "3% of 500 generated images look like digits"
    assert mostly(noise) is None
    assert missing_said(None) == ""


@pytest.mark.parametrize(
    ("share", "readable", "digit"), [(0.8, 0.5, 1), (0.799, 0.9, None), (0.9, 0.499, None)]
)
def test_four_fifths_of_readable_digits_are_mostly_one_class(
    share: float, readable: float, digit: int | None
) -> None:
    rest = (1 - share) / 9
    shares = (rest, share, *(rest,) * 8)
    assert mostly(judged(shares, readable=readable)) == digit


def test_fid_is_far_beyond_three_spreads_of_its_floor() -> None:
    assert is_far(judged(fid=7.2 + 3.3 + 1e-6))
    assert not is_far(judged(fid=7.2 + 3.3 - 1e-6))
    assert not is_far(None)
    assert quality_said(judged(fid=85.6)) == (
        "FID is 86; of as many real digits it is 7: G's digits are still different."
    )
    assert "as near as real ones" in quality_said(judged(fid=8.0))


def test_a_new_d_is_quoted_with_its_step() -> None:
    assert fresh_said(Fresh(600.0, 83.4)) == "A new D still tells 83 of 100 samples (measured at step 600)."
    assert fresh_said(Fresh(1200.0, 52.0)).startswith("A new D cannot tell either: it is right on 52 of 100")
    assert fresh_said(None) == ""


def on_line(found: Judged | None, fresh: Fresh | None = None) -> Diagnosis:
    history = with_quality(found, d_real=0.46, d_fake=0.445, accuracy=0.52)
    return diagnose(history, loss="non_saturating", fresh=fresh)


def test_a_d_that_cannot_tell_is_followed_by_quality_and_a_new_d() -> None:
    plain = on_line(None)
    assert (plain.name, plain.tone) == ("D cannot tell", "good")
    assert "FID" not in plain.sentence
    far = on_line(judged(EVEN, fid=290.0), Fresh(900.0, 91.0))
    assert (far.name, far.tone) == ("D cannot tell", "watch")
    assert far.sentence.startswith(plain.sentence)
    assert "FID is 290" in far.sentence
    assert far.sentence.endswith("A new D still tells 91 of 100 samples (measured at step 900).")
    near = on_line(judged(EVEN, fid=8.0))
    assert (near.tone, "as near as real ones" in near.sentence) == ("good", True)


def test_a_collapsed_g_names_the_missing_digits() -> None:
    history = with_quality(judged(), spread=0.1, count=49)
    found = diagnose(history, loss="minimax")
    assert found.name == "G collapsed"
    assert found.number.endswith("of that of real ones; no 2, 5 or 8 among 500 generated digits")


def test_a_g_of_one_class_is_called_by_it_whatever_d_says() -> None:
    shares = (0.0, 0.91, 0.02, 0.0, 0.02, 0.0, 0.0, 0.0, 0.05, 0.0)
    for loss, outputs in (("minimax", (0.89, 0.02)), ("hinge", (0.46, 0.44))):
        history = with_quality(judged(shares), d_real=outputs[0], d_fake=outputs[1], spread=0.61)
        found = diagnose(history, loss=loss)
        assert (found.name, found.tone) == ("G makes mostly 1s", "bad")
        assert found.number == "91% of 500 generated digits are 1s"
        assert "1s" in found.sentence
        before = diagnose(history, 800, loss=loss)  # not measured yet
        assert before.name != "G makes mostly 1s"


def test_a_short_run_whose_g_has_learned_one_digit_is_named(digits: DataSet) -> None:
    """A real game whose G is set to paint one real 3, and what z changes of it."""
    trainer = new_trainer(digits, seed=4, generator_batch_norm=False)
    threes = digits.train[classifier.load().read(digits.train[:3000]).classes.eq(3).nonzero()[:, 0]]
    with torch.no_grad():
        last = trainer.generator.get_parameter("linears.2.weight")
        last.mul_(0.2)
        bias = torch.atanh(threes[0].clamp(-0.999, 0.999))
        trainer.generator.get_parameter("linears.2.bias").copy_(bias)
    history, pace = History(), Pace(lambda: 0.0)
    for _ in range(5):
        history.steps.extend(as_block(play(trainer, 1, who="discriminator")))
        history.evaluations.extend(evaluations_block([pace.evaluate(trainer, quality=True)]))
    found = diagnose(history, loss=trainer.settings.objective)
    assert found.name == "G makes mostly 3s"
    assert math.isclose(sum(history.evaluations.columns[name][-1] for name in CLASS_SHARES), 1.0)


def test_the_labs_answer_counts_from_its_step_on() -> None:
    results = Results()
    for step, right in ((40, 97.5), (20, 88.0)):
        results.add(Result(step, "fresh_discriminator", {}, {"right_in_100": right}))
    results.add(Result(30, "overfitting", {}, {"auc_seen": 0.5}))
    assert fresh_of(results, 19) is None
    assert fresh_of(results, 39) == Fresh(20.0, 88.0)
    assert fresh_of(results, 40) == Fresh(40.0, 97.5)
