"""Every state is reached, away from symmetric points, and leaves it at the threshold it names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gan_core import diagnosis, settings, verdict_words
from gan_core.diagnosis import Diagnosis
from gan_core.history import HISTOGRAM_BINS, Evaluation, History, StepRecord, as_block
from gan_core.theory import value
from gan_core.theory.cross_entropy import Kind

TINY = 1e-9
NAN = math.nan
FLAT, STEEP = "D saturated: the minimax loss is flat", "D saturated: G's loss is still steep"
LABELS = {"real_label": 0.8, "fake_label": 0.0}
LINE = value.equilibrium_output(**LABELS)
Series = float | Callable[[int], float]


def diagnose(
    history: History, upto: float | None = None, *, loss: Kind = "minimax", stopped: bool = False
) -> Diagnosis:
    """Of a game in which G plays the minimax loss, unless another is named."""
    return diagnosis.diagnose(history, upto, loss=loss, stopped=stopped)


def _at(series: Series, i: int) -> float:
    return series(i) if callable(series) else series


def _step(step: int, **changes: Any) -> StepRecord:
    return StepRecord(
        step=step, d_loss=1.2, g_loss=0.8, real_term=-0.6, fake_term=-0.3, d_real=0.55, d_fake=0.3,
        d_grad_norm=0.1, g_grad_norm=0.2, d_pull=0.01, g_pull=-0.02,
        d_reference=LINE, value_reference=value.value_at_equilibrium(**LABELS),
    )._replace(**changes)  # fmt: skip


def _run(
    real: Series = 0.46, fake: Series = 0.37, count: int = 40, step: StepRecord | None = None,
    **columns: Series,
) -> History:  # fmt: skip
    """`count` evaluations, 20 steps apart; a series is one number or a function of the row."""
    history = History()
    history.steps.extend(as_block([step or _step(20 * (count - 1))]))
    rows = []
    for i in range(count):
        a, b = _at(real, i), _at(fake, i)
        rows.append(
            Evaluation(
                step=20 * i, images=500, d_real=a, d_fake=b, real_low=a, real_high=a, fake_low=b, fake_high=b,
                real_term=math.log(a), fake_term=math.log1p(-b), accuracy=0.7, overfit_gap=0.0,
                d_dead=0.0, g_dead=0.0, spread=0.8, d_reference=LINE,
                value_reference=value.value_at_equilibrium(**LABELS),
            )._replace(**{name: _at(series, i) for name, series in columns.items()})  # type: ignore[arg-type]
        )  # fmt: skip
    if not rows:
        return history
    nothing = np.zeros((count, HISTOGRAM_BINS))
    history.evaluations.extend(as_block(rows) | {"real_histogram": nothing, "fake_histogram": nothing})
    return history


def _swing(middle: float, size: float, period: float) -> Series:
    """A sine with standard deviation `size` over whole periods."""
    return lambda i: middle + size * math.sqrt(2) * math.sin(2 * math.pi * (i + 0.5) / period)


STATES: dict[str, tuple[History, str, str]] = {
    "nothing recorded": (History(), "Not started", "idle"),
    "measured before the first move": (_run(count=1, step=_step(0)), "Not started", "idle"),
    "three evaluations": (_run(count=3), "Warming up", "idle"),
    "no evaluation yet": (_run(count=0, step=_step(5)), "Warming up", "idle"),
    "an answer is no number": (_run(real_term=lambda i: math.nan if i == 39 else -1.0), "Diverged", "bad"),
    "a loss is infinite": (_run(step=_step(780, g_loss=math.inf)), "Diverged", "bad"),
    "huge loss": (_run(step=_step(780, d_loss=40.0)), "Diverged", "bad"),
    "V fell": (_run(fake_term=-25.0), "Diverged", "bad"),
    "G fell from variety": (_run(spread=lambda i: 0.9 if i < 20 else 0.1), "G collapsed", "bad"),
    "G never opened": (_run(spread=0.16, count=52), "G collapsed", "bad"),
    "D at its labels": (_run(0.79, 0.02), FLAT, "bad"),
    "D at its labels, the other loss": (_run(0.79, 0.02), STEEP, "watch"),
    "D's outputs are unknown": (_run(d_real=math.nan), "Not measured", "idle"),
    "the line has just moved": (_run(d_reference=lambda i: LINE if i < 37 else 0.25), "New labels", "watch"),
    "D beyond its label": (_run(0.97, 0.03), FLAT, "bad"),
    "D knows its digits": (
        _run(0.6, 0.2, overfit_gap=lambda i: 0.2 + 0.02 * (-1) ** i),
        "D overfits",
        "watch",
    ),
    "the means swing": (_run(_swing(0.5, 0.15, 8), _swing(0.3, 0.12, 8)), "Oscillating", "watch"),
    "only the fakes swing": (_run(0.45, _swing(0.35, 0.15, 8)), "Oscillating", "watch"),
    "a coin": (_run(0.41, 0.395, accuracy=0.53), "D cannot tell", "good"),
    "on the line and yet telling": (_run(0.41, 0.395, accuracy=0.66), "Balanced", "good"),
    "close": (_run(0.47, 0.33), "Balanced", "good"),
    "close, and D right on more than three of four": (_run(0.47, 0.33, accuracy=0.76), "D is ahead", "watch"),
    "on the line in the mean alone": (_run(0.41, 0.4, accuracy=0.76), "D is ahead", "watch"),
    "far": (_run(0.65, 0.2), "D is ahead", "watch"),
    "both above the line": (_run(0.7, 0.6), "D is ahead", "watch"),
    "off the line together": (_run(0.57, 0.56, accuracy=0.51), "D is behind", "watch"),
    "the wrong way round": (_run(0.25, 0.6, accuracy=0.2), "D is behind", "watch"),
}


def _scores(real: Series, fake: Series, v: Series, *, count: int = 40, **columns: Series) -> History:
    """D's means under a loss without a line, at scores where a probability cannot be."""
    nowhere = {"d_reference": NAN}
    terms = {"d_real": real, "d_fake": fake, "real_term": v, "fake_term": 0.0}
    step = _step(20 * (count - 1), **nowhere)
    return _run(count=count, step=step, **nowhere, **terms, **columns)


WITHOUT_LINE: dict[str, tuple[str, History, str]] = {
    "hinge: a coin": ("hinge", _scores(0.31, 0.29, -2.02, accuracy=0.52), "D cannot tell"),
    "hinge: a coin at V far from -2": ("hinge", _scores(2.4, 2.4, -3.4, accuracy=0.51), "D is behind"),
    "hinge: sure": ("hinge", _scores(1.2, -1.1, -0.2, accuracy=0.97), "D beyond its margins"),
    "hinge: one margin only": ("hinge", _scores(1.2, -0.9, -0.3, accuracy=0.97), "D is ahead"),
    "hinge: between": ("hinge", _scores(0.4, -0.2, -1.5, accuracy=0.7), "Balanced"),
    "hinge: the wrong way round": ("hinge", _scores(-0.4, 0.3, -2.7, accuracy=0.3), "D is behind"),
    "hinge: V fell": ("hinge", _scores(-8.0, 9.0, -19.0, accuracy=0.3), "Diverged"),
    "hinge: D knows its own samples": (
        "hinge", _scores(0.4, -0.2, -1.5, overfit_gap=lambda i: 0.21 + 0.01 * (-1) ** i), "D overfits"
    ),
    "WGAN: a coin far from 0": ("wgan_clip", _scores(37.02, 37.01, 0.01, accuracy=0.53), "D cannot tell"),
    "WGAN: large scores are no divergence": ("wgan_gp", _scores(-140.0, -120.0, -20.0), "Balanced"),
    "WGAN: no margins": ("wgan_gp", _scores(3.0, -3.0, 6.0, accuracy=0.7), "Balanced"),
    "WGAN: the gap stays": ("wgan_clip", _scores(5.2, 3.1, 2.1, accuracy=0.9), "D is ahead: the gap stays"),
    "WGAN: the gap shrinks": (
        "wgan_gp", _scores(lambda i: 9 - 0.2 * i, 0.5, 3.0, accuracy=0.9), "D is ahead"
    ),
    "WGAN: not known": ("wgan_gp", _scores(NAN, 0.5, 3.0), "Not measured"),
    "WGAN: no number": ("wgan_gp", _scores(0.7, 0.5, lambda i: NAN if i > 37 else 0.2), "Diverged"),
    "WGAN: G's samples alike": ("wgan_clip", _scores(0.7, 0.5, 0.2, spread=0.1, count=52), "G collapsed"),
}  # fmt: skip


@pytest.mark.parametrize(("loss", "history", "name"), WITHOUT_LINE.values(), ids=WITHOUT_LINE)
def test_a_loss_without_a_line_is_judged_by_how_often_d_is_right(
    loss: str, history: History, name: str
) -> None:
    found = diagnosis.diagnose(history, loss=loss)
    assert found.name == name
    assert "equilibrium line" not in found.number
    assert "nats" not in found.number


def _hinge(v: float, *, accuracy: float = 0.7, overfit_gap: float = 0.0) -> History:
    return _scores(0.5, 0.2, v, accuracy=accuracy, overfit_gap=overfit_gap)


EDGES_OF_SCORES: dict[str, tuple[str, History, History]] = {
    "coin": ("D cannot tell", _hinge(-2.1, accuracy=0.55 - TINY), _hinge(-2.1, accuracy=0.55 + TINY)),
    "V of a coin": ("D cannot tell", _hinge(TINY - 2.2, accuracy=0.5), _hinge(-2.2 - TINY, accuracy=0.5)),
    "V": ("Balanced", _hinge(TINY - 2.2), _hinge(-2.2 - TINY)),
    "real margin": ("D beyond its margins", _scores(1.0, -1.5, -0.4), _scores(1 - TINY, -1.5, -0.4)),
    "generated margin": ("D beyond its margins", _scores(1.5, -1.0, -0.4), _scores(1.5, TINY - 1, -0.4)),
    "own samples": ("D overfits", _hinge(-1.7, overfit_gap=0.1 + 1e-6), _hinge(-1.7, overfit_gap=0.1 - 1e-6)),
    "fair": ("Balanced", _hinge(-1.7, accuracy=0.75 - TINY), _hinge(-1.7, accuracy=0.75 + TINY)),
    "wrong": ("D is behind", _hinge(-2.0, accuracy=0.45 - TINY), _hinge(-2.0, accuracy=0.45 + TINY)),
}


@pytest.mark.parametrize(("name", "within", "beyond"), EDGES_OF_SCORES.values(), ids=EDGES_OF_SCORES)
def test_every_threshold_on_scores_is_an_edge(name: str, within: History, beyond: History) -> None:
    assert diagnosis.diagnose(within, loss="hinge").name == name
    assert diagnosis.diagnose(beyond, loss="hinge").name != name


def test_a_gap_of_scores_that_shrinks_by_a_twentieth_is_progress() -> None:
    def shrinking(share: float) -> History:
        return _scores(lambda i: 3.0 if i < 32 else 1.0 + 2 * (1 - share), 1.0, 1.0, accuracy=0.9)

    assert diagnosis.diagnose(shrinking(0.05 - TINY), loss="wgan_clip").name == "D is ahead: the gap stays"
    assert diagnosis.diagnose(shrinking(0.05 + TINY), loss="wgan_clip").name == "D is ahead"
    assert diagnosis.diagnose(shrinking(0.0), loss="hinge").name == "D is ahead", "scores of a fixed size"


def test_a_sure_d_under_scores_is_not_said_to_take_the_gradient_away() -> None:
    sure = diagnosis.diagnose(WITHOUT_LINE["hinge: sure"][1], loss="hinge")
    ahead = diagnosis.diagnose(WITHOUT_LINE["WGAN: the gap shrinks"][1], loss="wgan_gp")
    assert "does not vanish" in sure.sentence
    assert "does not vanish" in ahead.sentence


@pytest.mark.parametrize(
    ("real", "fake", "line", "accuracy", "name"),
    [
        (0.41, 0.395, 0.4, 0.53, "D cannot tell"),
        (0.47, 0.33, 0.4, 0.7, "Balanced"),
        (1.05, -0.1, 0.45, 0.97, "D is ahead"),
        (0.7, 0.68, 0.45, 0.5, "D is behind"),
    ],
)
def test_lsgan_is_judged_by_its_line_and_has_no_flat_loss(
    real: float, fake: float, line: float, accuracy: float, name: str
) -> None:
    """A score of the squared loss lies between the labels, as a probability; sure is not saturated."""
    terms: dict[str, Any] = {"d_real": real, "d_fake": fake, "real_term": -0.5 * (real - 1) ** 2}
    terms |= {"fake_term": -0.5 * fake**2, "accuracy": accuracy, "d_reference": line}
    game = _run(step=_step(780, d_reference=line), **terms)
    assert diagnosis.diagnose(game, loss="lsgan").name == name


def test_the_line_of_the_relativistic_loss_does_not_move_with_the_labels() -> None:
    game = _run(0.515, 0.49, step=_step(780, d_reference=0.5), d_reference=0.5, accuracy=0.54)
    found = diagnosis.diagnose(game, loss="relativistic")
    assert (found.name, "equilibrium line 0.50" in found.number) == ("D cannot tell", True)


@pytest.mark.parametrize(("history", "name", "tone"), STATES.values(), ids=STATES)
def test_every_state_is_reached(history: History, name: str, tone: str) -> None:
    found = diagnose(history, loss="non_saturating" if name == STEEP else "minimax")
    assert (found.name, found.tone) == (name, tone)
    assert all(found)


def test_the_states_above_are_all_there_are() -> None:
    elsewhere = {name for _, _, name in WITHOUT_LINE.values()}
    by_quality = {f"G makes mostly {digit}s" for digit in range(10)}  # tests/test_judged_quality.py
    here = {name for _, name, _ in STATES.values()} | {"Stopped"} | elsewhere
    assert here | by_quality == set(verdict_words.WORDS)


def test_a_game_that_cannot_go_on_is_not_asked_to_play() -> None:
    found = diagnose(STATES["measured before the first move"][0], stopped=True)
    assert (found.name, found.tone, found.number) == ("Stopped", "bad", "at step 0")
    assert "Play" not in found.advice
    assert diagnose(_run(), stopped=True).number == "at step 780"
    assert diagnose(_run(fake_term=-25.0), stopped=True).name == "Diverged"


def _sure(real: float, fake: float) -> History:
    return _run(2 * LINE * real, 2 * LINE * fake)


def _gap(mean: float, error: float) -> History:
    """Eight gaps with this mean and standard error, in turn above and below."""
    half = error * math.sqrt(7)
    return _run(0.6, 0.2, overfit_gap=lambda i: mean + half * (-1) ** i)


def _bend(i: int) -> float:
    """Down and up again over the last 16 evaluations: as wide as a swing, but two turns only."""
    return 0.3 + 0.6 * ((i - 31.5) / 7.5) ** 2 if i >= 24 else 0.45


SHARE = diagnosis.SATURATED_SHARE
EDGES: dict[str, tuple[str, History, History]] = {
    "V": ("Diverged", _run(real_term=-5 - TINY, fake_term=-5.0), _run(real_term=-5 + TINY, fake_term=-5.0)),
    "loss": ("Diverged", _run(step=_step(780, d_loss=15.01)), _run(step=_step(780, d_loss=15.0))),
    "evaluations": ("Warming up", _run(count=3), _run(count=4)),
    "spread": (
        "G collapsed",
        _run(spread=lambda i: 0.9 if i < 20 else 0.3 - TINY),
        _run(spread=lambda i: 0.9 if i < 20 else 0.3),
    ),
    "opened": (
        "G collapsed",
        _run(spread=lambda i: 0.6 if i == 0 else 0.2, count=12),
        _run(spread=lambda i: 0.6 - TINY if i == 0 else 0.2, count=12),
    ),
    "fallen": (
        "G collapsed",
        _run(spread=lambda i: 0.2 if i == 0 else 0.05 - TINY, count=12),
        _run(spread=lambda i: 0.2 if i == 0 else 0.05, count=12),
    ),
    "never opened": ("G collapsed", _run(spread=0.1, count=51), _run(spread=0.1, count=50)),
    "real at its label": (
        FLAT, _sure(1 - SHARE + TINY, 0.01), _sure(1 - SHARE - TINY, 0.01)
    ),
    "fake at its label": (
        FLAT, _sure(0.99, SHARE - TINY), _sure(0.99, SHARE + TINY)
    ),
    "sure for long enough": (
        FLAT,
        _run(lambda i: 0.79 if i >= 36 else 0.6, 0.01),
        _run(lambda i: 0.79 if i >= 37 else 0.6, 0.01),
    ),
    "gap": ("D overfits", _gap(0.05 + TINY, 0.001), _gap(0.05 - TINY, 0.001)),
    "gap and its noise": ("D overfits", _gap(0.09, 0.09 / 3.01), _gap(0.09, 0.09 / 2.99)),
    "swing": ("Oscillating", _run(_swing(0.5, 0.115, 8), 0.3), _run(_swing(0.5, 0.095, 8), 0.3)),
    "turns": ("Oscillating", _run(_swing(0.5, 0.2, 12), 0.3), _run(_bend, 0.3)),
    "long enough": (
        "Oscillating", _run(_swing(0.5, 0.2, 8), 0.3, count=16), _run(_swing(0.5, 0.2, 8), 0.3, count=15)
    ),
    "coin": (
        "D cannot tell", _run(0.41, 0.39, accuracy=0.55 - TINY), _run(0.41, 0.39, accuracy=0.55 + TINY)
    ),
    "worse than a coin": (
        "D cannot tell", _run(0.41, 0.39, accuracy=0.45 + TINY), _run(0.41, 0.39, accuracy=0.45 - TINY)
    ),
    "on the line, real": (
        "D cannot tell", _run(0.42 - TINY, 0.4, accuracy=0.5), _run(0.42 + TINY, 0.4, accuracy=0.5)
    ),
    "on the line, fake": (
        "D cannot tell", _run(0.41, 0.38 + TINY, accuracy=0.5), _run(0.41, 0.38 - TINY, accuracy=0.5)
    ),
    "near the line, real": ("Balanced", _run(0.5 - TINY, 0.35), _run(0.5 + TINY, 0.35)),
    "near the line, fake": ("Balanced", _run(0.45, 0.3 + TINY), _run(0.45, 0.3 - TINY)),
    "fair": ("Balanced", _run(0.47, 0.36, accuracy=0.75 - TINY), _run(0.47, 0.36, accuracy=0.75 + TINY)),
    "answers to new labels": (
        "New labels",
        _run(d_reference=lambda i: LINE if i < 37 else 0.25),
        _run(d_reference=lambda i: LINE if i < 36 else 0.25),
    ),
    "lead": ("D is ahead", _run(0.6, 0.55 - TINY), _run(0.6, 0.55 + TINY)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "within", "beyond"), EDGES.values(), ids=EDGES)
def test_every_threshold_is_an_edge(name: str, within: History, beyond: History) -> None:
    assert diagnose(within).name == name
    assert diagnose(beyond).name != name


def test_the_window_is_the_last_eight_evaluations() -> None:
    assert diagnose(_run(fake_term=lambda i: -100.0 if i == 31 else -0.5)).name == "Balanced"
    assert diagnose(_run(fake_term=lambda i: -100.0 if i == 32 else -0.5)).name == "Diverged"


def test_rewinding_judges_the_step_shown() -> None:
    history = _run(lambda i: 0.45 if i < 20 else 0.79, lambda i: 0.36 if i < 20 else 0.01)
    assert diagnose(history, 380).name == "Balanced"
    assert diagnose(history, 20 * 19.99).name == "Balanced"
    assert diagnose(history).name == FLAT
    assert diagnose(history, 0).name == "Not started"


def test_each_evaluation_is_held_against_the_line_of_its_time() -> None:
    moved = _run(lambda i: 0.41 if i < 36 else 0.49, lambda i: 0.39 if i < 36 else 0.47, accuracy=0.5,
                 d_reference=lambda i: 0.4 if i < 36 else 0.48)  # fmt: skip
    found = diagnose(moved)
    assert found.name == "D cannot tell"
    assert "equilibrium line 0.48" in found.number


def test_a_line_that_moves_is_no_swing() -> None:
    """Smoothing dragged there and back, again and again, and the means follow."""

    def line(i: int) -> float:
        return 0.45 if i % 8 < 4 else 0.2

    followed = _run(lambda i: line(i) + 0.03, lambda i: line(i) - 0.03, d_reference=line)
    assert diagnose(followed).name == "Balanced"
    assert diagnose(_run(lambda i: line(i) + 0.03, 0.3)).name == "Oscillating"


def test_six_evaluations_around_one_drag_of_the_slider_are_no_swing() -> None:
    """The line goes from 0.45 to 0.33; the means follow it late and too far."""
    late = (0.60, 0.33, 0.58, 0.22, 0.50, 0.20)
    dragged = _run(lambda i: late[i], 0.33, count=6, d_reference=lambda i: 0.45 if i < 3 else 0.33)
    assert diagnose(dragged).name != "Oscillating"


def test_a_start_that_settles_is_no_swing() -> None:
    """The means of a default run start 0.2 above and below, and meet within 8 of 16 evaluations."""

    def settling(sign: float) -> Series:
        return lambda i: 0.4 + sign * 0.5 * 0.6**i * math.cos(math.pi * i / 2)

    start = _run(settling(1.0), settling(-1.0), count=16, spread=0.8)
    rows = start.evaluations.columns
    assert max(rows["d_real"]) - min(rows["d_real"]) > 0.4
    assert diagnose(start).name == "Balanced"


def test_a_run_that_settled_and_then_swings_is_caught() -> None:
    swinging = _swing(0.45, 0.15, 8)
    assert callable(swinging)
    assert diagnose(_run(lambda i: 0.45 if i < 24 else swinging(i), 0.35)).name == "Oscillating"


def test_balanced_says_what_d_still_tells_apart() -> None:
    assert diagnose(_run(0.47, 0.36, accuracy=0.62)).number.endswith("line 0.40; right on 62 of 100 samples")
    assert diagnose(_run(0.41, 0.395, accuracy=0.53)).number.endswith("; right on 53 of 100 samples")


def test_the_worst_comes_first() -> None:
    """A collapsed G before a saturated D, a saturated D before one that overfits."""
    spoilt: dict[str, Any] = {"overfit_gap": 0.3, "spread": lambda i: 0.9 if i < 20 else 0.05}
    assert diagnose(_run(0.79, 0.01, **spoilt)).name == "G collapsed"
    assert diagnose(_run(0.79, 0.01, overfit_gap=0.3)).name.startswith("D saturated")
    assert diagnose(_run(0.79, 0.01, fake_term=-30.0, **spoilt)).name == "Diverged"
    assert diagnose(_run(_swing(0.5, 0.2, 8), 0.3, overfit_gap=0.3)).name == "D overfits"


def test_the_numbers_are_those_measured() -> None:
    assert diagnose(_run(0.97, 0.03)).number.startswith(
        "D(real) 0.97, D(generated) 0.03, equilibrium line 0.40; "
    )
    lately = _run(lambda i: 0.79 if i >= 36 else 0.6, lambda i: 0.01 if i >= 36 else 0.3)
    assert diagnose(lately).number.startswith("D(real) 0.79, D(generated) 0.01, equilibrium line 0.40; ")
    line = {"step": _step(780, d_reference=0.475), "d_reference": 0.475}
    ahead = "D(real) 0.60, D(generated) 0.20, equilibrium line 0.475; right on 70 of 100 samples"
    assert diagnose(_run(0.6, 0.2, **line)).number == ahead  # type: ignore[arg-type]
    assert diagnose(_run(spread=0.16, count=60)).number.startswith("variety of G's samples: 16% of ")


def test_what_was_not_measured_decides_nothing() -> None:
    assert diagnose(_run(spread=math.nan, overfit_gap=math.nan)).name == "Balanced"


@pytest.mark.parametrize("size", [0.05, 0.3])
def test_a_swing_is_measured_around_its_trend(size: float) -> None:
    time = np.arange(64.0)
    wave = size * math.sqrt(2) * np.sin(2 * np.pi * (time + 0.5) / 8)
    measured, turns = diagnosis.swing(np.asarray(wave + 0.3 - 0.01 * time, float))
    assert measured == pytest.approx(size, rel=0.02)
    assert turns == 15
    assert diagnosis.swing(0.2 + 0.03 * time)[0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("table", [verdict_words.WORDS, verdict_words.WITHOUT_LINE])
@pytest.mark.parametrize("name", verdict_words.WORDS)
def test_advice_names_controls_as_they_are_labelled(name: str, table: dict[str, verdict_words.Words]) -> None:
    labels = {settings.field(setting).title for setting in settings.field_names()}
    _, sentence, advice = table.get(name, verdict_words.WORDS[name])
    assert set(re.findall("“(.*?)”", advice)) <= labels
    assert "converge" not in f"{name} {sentence} {advice}".lower()


def test_a_d_that_cannot_tell_is_not_called_the_goal() -> None:
    found: Diagnosis = diagnose(STATES["a coin"][0])
    assert "not sufficient" in found.sentence


@pytest.mark.parametrize(
    ("loss", "name", "kept"), [("minimax", FLAT, "2%"), ("non_saturating", STEEP, "98%")]
)
def test_a_sure_d_is_judged_by_the_slope_that_the_loss_of_g_passes_on(
    loss: Kind, name: str, kept: str
) -> None:
    found = diagnose(_run(0.79, 0.02), loss=loss)
    assert found.name == name
    assert found.number.endswith(f"; {kept} of D's gradient passed on to G")
    assert ("“Loss”" in found.advice) is (loss == "minimax")
    assert "vanish" not in f"{found.name} {found.sentence}"


def test_what_is_judged_is_what_is_printed() -> None:
    """Smoothing 0.9 to 0.5, and D answers as before: most rows lie close to the line of their time."""

    def line(i: int) -> float:
        return 0.45 if i < 34 else 0.25

    after = _run(0.43, 0.40, accuracy=0.55, d_reference=line)
    found = diagnose(after)
    assert (found.name, "near the equilibrium line" in found.sentence) == ("D is behind", False)
    assert found.number == "D(real) 0.43, D(generated) 0.40, equilibrium line 0.25"


def test_a_line_that_moved_in_a_game_that_stands_still_is_in_force_at_once() -> None:
    history = _run(0.47, 0.36)
    last = {name: column[-1:] for name, column in history.evaluations.columns.items()}
    history.evaluations.extend(last | {"d_reference": np.array([0.3])})
    found = diagnose(history)
    assert (found.name, found.number) == (
        "New labels",
        "D(real) 0.47, D(generated) 0.36, equilibrium line 0.30",
    )
    assert diagnose(history, 760).name == "Balanced"


def test_labels_moved_while_playing_are_new_before_anything_is_measured_under_them() -> None:
    history = _run(0.47, 0.36)
    history.steps.extend(as_block([_step(781, d_reference=0.35)]))
    found = diagnose(history)
    assert (found.name, found.number) == ("New labels", "equilibrium line 0.35")


def test_balanced_says_that_it_says_nothing_about_the_digits() -> None:
    assert "The samples can still be poor" in diagnose(_run(0.47, 0.36)).sentence


def test_columns_that_another_version_did_not_write_decide_nothing() -> None:
    history = _run(0.47, 0.36, accuracy=math.nan, real_term=math.nan, d_dead=math.nan)
    found = diagnose(history)
    assert (found.name, found.number) == (
        "Balanced",
        "D(real) 0.47, D(generated) 0.36, equilibrium line 0.40",
    )


def test_a_swing_is_found_also_when_the_log_has_been_merged() -> None:
    """RMS 0.14 with a period of eight evaluations, merged eight to one, would be zero."""
    swinging = _swing(0.5, 0.14, 8)
    history = _run(swinging, 0.3, count=3600)
    assert history.evaluations.stride >= 8
    assert diagnose(history).name == "Oscillating"


def test_a_run_of_which_only_the_steps_are_known_is_not_called_diverged() -> None:
    history = _run()
    for log in (history.steps, history.evaluations):
        unknown = {name: np.full_like(column, math.nan) for name, column in log.columns.items()}
        log.load(unknown | {"step": log.columns["step"]}, 1, 0)
    assert diagnose(history).name == "Not measured"
