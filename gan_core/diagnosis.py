"""What is going on in the game, in a word and with the numbers behind it.

Every rule looks at the last WINDOW evaluations, so that one lucky batch decides nothing. The first
that holds names the state, and what spoils the other numbers comes first: divergence; a collapsed G,
whatever D says of its one image; a G that makes mostly one class; labels so new that D has not answered
to them; a D at its labels; a D whose held-out answers are another story than its own digits'; a swing, of
which the mean says nothing. Only then the distance from the line, from near to far: D cannot tell,
balanced, ahead; and for the rest, behind.

What is compared with the line is what is printed beside it: the evaluations since the line last moved.

Some losses have no line for D (hinge, WGAN): what counts there is how often D is right, half way between
its two mean scores, and for the hinge loss its margins and its V. The slope of G's loss by a score is 1
there, whatever the score: a sure D does not take G's gradient away.

No state is called the end of the game: a D that cannot tell may be a weak D. What the quality of G's digits
says, and a new D, stands beside it (`judged_quality`); and a G that makes one class only is called by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from gan_core.history import Array, History
from gan_core.judged_quality import (
    Fresh,
    Judged,
    fresh_said,
    is_far,
    judged_quality,
    missing_said,
    mostly,
    quality_said,
)
from gan_core.theory.cross_entropy import Kind, slope_kept
from gan_core.theory.objectives import OBJECTIVES, references
from gan_core.verdict_words import Tone, words_under

WINDOW = 8  # evaluations judged together, some seconds of training
MIN_EVALUATIONS = 4  # fewer say nothing about noise or swings
DIVERGED_VALUE = -10.0  # nats of V: wrong by a factor e^5 on real *and* on fake, on average
DIVERGED_LOSS = 15.0  # nats of D's loss, ten times its equilibrium value of at most 1.386
COLLAPSED_SPREAD = 0.3  # fakes this alike are one blurred digit; healthy runs pass 0.75 within 600 steps
OPENED_SPREAD = 0.6  # what a G must have reached for a fall from it to be news
FALLEN_SHARE = 0.25  # of its own best spread: below it even a G that never opened has lost its variety
OPENING_STEPS = 1000  # a G that never got there is given so many: an untrained one starts at 0.02 to 0.23
SATURATED_SHARE = 0.1  # of the top label: D(fake) below it, D(real) as close to the label
OVERFIT_GAP = 0.05  # in D's output; regularised runs stay below 0.01, spoilt ones reach 0.14 to 0.26
OVERFIT_ERRORS = 3.0  # standard errors of the window's mean the gap must exceed: one in 700 by chance
SWING = 0.1  # RMS of a mean's distance from the line around its trend, in either half of the window
SWING_WINDOW = 16  # evaluations, all of them: a slow rotation needs more than WINDOW to show its period
SWING_TURNS = 3  # crossings of the trend: one is a drift, two a bend, three a swing
ON_LINE = 0.02  # distance of both means from the line; the default run ends within 0.01
COIN = 0.05  # distance of balanced accuracy from 1/2: four times its noise on 1,000 + 1,000 images
NEAR_LINE = 0.1  # distance of both means; runs whose digits improve steadily stay within it
FAIR = 0.75  # balanced accuracy above which D wins, wherever its means lie; the default run stays below 0.7
HINGE_VALUE = float(references(real_label=1.0, fake_label=0.0, objective="hinge").value_reference)
NEAR_HINGE_VALUE = 0.2  # a tenth below the value of a D that answers 0 to everything
MEMORISED_SHARE = 1 / 3  # of what D tells apart on held-out samples; digits: below a tenth at first
SHRUNK = 0.05  # of the gap of the scores: less than this is no progress of G
LEAD = 0.05  # D(real) - D(fake) below which nobody can be said to lead, about the wobble of the means


class Diagnosis(NamedTuple):
    """A state of the game; controls in `advice` stand in “quotes”, as labelled in `settings`."""

    name: str
    tone: Tone
    number: str  # what the judgement rests on
    sentence: str
    advice: str


class Evidence(NamedTuple):
    """What the rules look at; arrays hold one number for each of the last evaluations, [n]."""

    stopped: bool  # something outside the game's numbers ended it
    loss: str  # what G minimises at that step
    last_step: float  # the latest anything was recorded at, 0 if nothing was
    evaluations: int  # rows of the evaluation log
    d_loss: Array
    finite: bool
    line: float  # equilibrium output under the labels in force; NaN if it is not known
    real: Array  # D's mean on held-out real images, last WINDOW, but none from before the line last moved
    fake: Array
    accuracy: Array
    value: Array  # V in nats, last WINDOW
    gap: Array  # D on its own digits minus D on held-out ones
    spread: Array
    best_spread: float  # of the whole run
    long: tuple[Array, Array]  # `real` and `fake` minus `line`, last SWING_WINDOW
    long_scores: tuple[Array, Array]  # `real` and `fake`, last SWING_WINDOW
    quality: Judged | None  # of G's digits, the newest


def diagnose(
    history: History,
    upto: float | None = None,
    *,
    loss: str,
    stopped: bool = False,
    fresh: Fresh | None = None,
) -> Diagnosis:
    """The state of the game at training step `upto`; None is the present.

    `loss`: what G minimises then. `stopped`: the game cannot go on from there, for a reason that need
    not be in the numbers. `fresh`: what a new discriminator said last, up to that step.
    """
    seen = gather(history, np.inf if upto is None else upto, loss=loss, stopped=stopped)
    name, numbers = judge(seen)
    tone, sentence, advice = words_under(OBJECTIVES[loss], name)
    if name == "D cannot tell":
        sentence = " ".join(filter(None, (sentence, quality_said(seen.quality), fresh_said(fresh))))
        tone = "watch" if is_far(seen.quality) else tone
    return Diagnosis(name, tone, numbers, sentence, advice)


def judge(seen: Evidence) -> tuple[str, str]:
    """Name of the state and the numbers behind it: the first rule that holds, see the module's text."""
    if seen.last_step > 0 and (numbers := _diverged(seen)):
        return "Diverged", numbers
    if seen.stopped:
        return "Stopped", f"at step {seen.last_step:,.0f}"
    if seen.last_step <= 0:  # the engine evaluates once before the first move
        return "Not started", "0 steps"
    if seen.evaluations < MIN_EVALUATIONS:
        return "Warming up", f"{seen.evaluations} of {MIN_EVALUATIONS} evaluations"
    for name, rule in RULES if OBJECTIVES[seen.loss].has_line else RULES_WITHOUT_LINE:
        if numbers := rule(seen):
            return (f"G makes mostly {mostly(seen.quality)}s" if rule is _one_class else name), numbers
    return "D is behind", _outputs(seen)


def gather(history: History, upto: float, *, loss: str, stopped: bool) -> Evidence:
    """The evidence up to and including step `upto`."""
    steps, rows = history.steps.until(upto), history.evaluations.until(upto)
    last = {name: column[-WINDOW:] for name, column in rows.items()}
    vital = [rows[name] for name in ("d_real", "d_fake", "real_term", "fake_term")]
    vital += [steps[name] for name in ("d_loss", "g_loss", "d_grad_norm", "g_grad_norm")]
    line = history.reference("d_reference").at(upto)
    fresh = _since_line_moved(last["d_reference"], line)
    return Evidence(
        stopped=stopped,
        loss=loss,
        last_step=max([0.0, *steps["step"][-1:], *rows["step"][-1:]]),
        evaluations=len(rows["step"]),
        d_loss=steps["d_loss"][-WINDOW:],
        finite=all(map(_stays_finite, vital)),
        line=np.nan if line is None else line,
        real=last["d_real"][fresh:],
        fake=last["d_fake"][fresh:],
        accuracy=last["accuracy"][fresh:],
        value=last["real_term"] + last["fake_term"],
        gap=last["overfit_gap"],
        spread=last["spread"],
        best_spread=float(np.nanmax(rows["spread"], initial=0.0)),
        long=(_long(rows, "d_real"), _long(rows, "d_fake")),
        long_scores=(rows["d_real"][-SWING_WINDOW:], rows["d_fake"][-SWING_WINDOW:]),
        quality=judged_quality(rows),
    )


def _stays_finite(column: Array) -> bool:
    """Whether the newest numbers are numbers; a column that holds none at all was not measured."""
    known = np.isfinite(column)
    return bool(known[-WINDOW:].all() or (not known.any() and np.isnan(column).all()))


def _since_line_moved(lines: Array, line: float | None) -> int:
    """The first of the evaluations, judged by their lines [n], since the line has been where it is now."""
    elsewhere = np.flatnonzero(~np.isclose(lines, np.nan if line is None else line, rtol=0, equal_nan=True))
    return int(elsewhere[-1]) + 1 if len(elsewhere) else 0


def _long(rows: Mapping[str, Array], name: str) -> Array:
    """A mean's distance from the line of its time: a line that moves is no swing of the players."""
    return (rows[name] - rows["d_reference"])[-SWING_WINDOW:]


def swing(series: Array) -> tuple[float, int]:
    """How far a series [n] swings around its straight trend, and how often it crosses it.

    The smaller RMS of its two halves: what swings only at first is settling, as every game does.
    """
    time = np.arange(len(series)) - (len(series) - 1) / 2
    centred = series - series.mean()
    rest = centred - time * (time @ centred) / (time @ time)
    halves = np.array_split(rest, 2)
    return min(float(np.sqrt((half**2).mean())) for half in halves), int((np.diff(np.sign(rest)) != 0).sum())


def _outputs(seen: Evidence, last: int = WINDOW) -> str:
    real, generated = (f"{mean[-last:].mean():.2f}" for mean in (seen.real, seen.fake))
    line = f", {_line(seen)}" if OBJECTIVES[seen.loss].has_line else ""
    return f"D(real) {real}, D(generated) {generated}{line}".replace("-", "−")


def _line(seen: Evidence) -> str:
    return "equilibrium line " + f"{seen.line:.3f}".removesuffix("0")


def _outputs_and_hits(seen: Evidence) -> str:
    """Means alone may lie on the line while single images are told apart: both are needed."""
    accuracy = float(seen.accuracy.mean())
    return _outputs(seen) + (f"; right on {100 * accuracy:.0f} of 100 samples" if accuracy >= 0 else "")


def _off_line(seen: Evidence) -> float:
    """Distance from the line of the mean that is farther off."""
    return max(abs(float(mean.mean()) - seen.line) for mean in (seen.real, seen.fake))


def _diverged(seen: Evidence) -> str:
    if not seen.finite:
        return "an output, a loss or a gradient is no longer a number"
    objective = OBJECTIVES[seen.loss]
    if objective.family == "wasserstein":  # its scores have no natural size: 15 may be little
        return ""
    value = float(seen.value.mean()) if len(seen.value) else 0.0
    loss = float(np.median(seen.d_loss)) if len(seen.d_loss) else 0.0
    far = value < DIVERGED_VALUE or loss > DIVERGED_LOSS
    v, d_loss = (f"{size:.1f} {objective.unit}".rstrip() for size in (value, loss))
    return f"V {v}, D's loss {d_loss}".replace("-", "−") if far else ""


def _collapsed(seen: Evidence) -> str:
    if not np.isfinite(seen.spread).any():
        return ""
    spread = float(np.nanmedian(seen.spread))
    judged = seen.best_spread >= OPENED_SPREAD or seen.last_step >= OPENING_STEPS
    fallen = spread < FALLEN_SHARE * seen.best_spread
    if not ((judged or fallen) and spread < COLLAPSED_SPREAD):
        return ""
    variety = f"variety of G's samples: {spread:.0%} of that of real ones"
    return "; ".join(filter(None, (variety, missing_said(seen.quality))))


def _one_class(seen: Evidence) -> str:
    digit = mostly(seen.quality)
    if digit is None or seen.quality is None:
        return ""
    return f"{seen.quality.shares[digit]:.0%} of {seen.quality.samples} generated digits are {digit}s"


def _not_measured(seen: Evidence) -> str:
    known = np.isfinite(seen.line) and np.isfinite(seen.real).all() and np.isfinite(seen.fake).all()
    return "" if known else "no outputs of D"


def _new_labels(seen: Evidence) -> str:
    if len(seen.real) >= MIN_EVALUATIONS or not len(seen.value):
        return ""
    return _outputs(seen, 1) if len(seen.real) else _line(seen)


def _saturated(seen: Evidence, loss: Kind) -> str:
    # With one-sided smoothing the real label is twice the line; with a fake label D stays within 1.
    top = min(2 * seen.line, 1.0)
    at_labels = (seen.real >= (1 - SATURATED_SHARE) * top) & (seen.fake <= SATURATED_SHARE * top)
    if seen.loss != loss or not at_labels[-MIN_EVALUATIONS:].all():
        return ""
    kept = slope_kept(float(seen.fake[-MIN_EVALUATIONS:].mean()), kind=loss)
    return f"{_outputs(seen, MIN_EVALUATIONS)}; {kept:.0%} of D's gradient passed on to G"


def _overfits(seen: Evidence) -> str:
    gap = seen.gap[np.isfinite(seen.gap)]
    if len(gap) < MIN_EVALUATIONS:
        return ""
    mean, error = float(gap.mean()), float(gap.std(ddof=1)) / len(gap) ** 0.5
    overfits = mean > OVERFIT_GAP and mean > OVERFIT_ERRORS * error
    return f"D(training samples) − D(held-out samples) = {mean:.2f} ± {error:.2f}" if overfits else ""


def _oscillating(seen: Evidence) -> str:
    if len(seen.long[0]) < SWING_WINDOW:
        return ""
    swings = [swing(distance) for distance in seen.long]
    size, turns = max((s for s in swings if s[0] >= SWING and s[1] >= SWING_TURNS), default=(0.0, 0))
    if not turns:
        return ""
    crossed = f"crosses its trend {turns} times in {SWING_WINDOW} evaluations"
    return f"D's mean output oscillates by ±{size:.2f} and {crossed}"


def _cannot_tell(seen: Evidence) -> str:
    coin = abs(float(seen.accuracy.mean()) - 0.5) <= COIN
    return _outputs_and_hits(seen) if coin and _off_line(seen) <= ON_LINE else ""


def _no_outputs(seen: Evidence) -> str:
    known = np.isfinite(seen.real).all() and np.isfinite(seen.fake).all()
    return "" if known and len(seen.real) else "no outputs of D"


def _chance(seen: Evidence) -> str:
    coin = abs(float(seen.accuracy.mean()) - 0.5) <= COIN
    return _outputs_and_hits(seen) if coin and not _worse_than_nothing(seen) else ""


def _worse_than_nothing(seen: Evidence) -> bool:
    """Whether V under the hinge loss is below that of a D which answers 0 to everything."""
    hinge = OBJECTIVES[seen.loss].family == "hinge"
    return hinge and float(seen.value.mean()) < HINGE_VALUE - NEAR_HINGE_VALUE


def _beyond_margins(seen: Evidence) -> str:
    """D's means are beyond both margins of the hinge loss; a WGAN has none."""
    beyond = (seen.real >= 1.0) & (seen.fake <= -1.0)
    if OBJECTIVES[seen.loss].family != "hinge" or not beyond[-MIN_EVALUATIONS:].all():
        return ""
    return _outputs(seen, MIN_EVALUATIONS)


def _memorises(seen: Evidence) -> str:
    """As `_overfits`, but in parts of what D tells apart: the size of a score says nothing by itself."""
    gap, apart = seen.gap[np.isfinite(seen.gap)], float((seen.real - seen.fake).mean())
    if len(gap) < MIN_EVALUATIONS:
        return ""
    mean, error = float(gap.mean()), float(gap.std(ddof=1)) / len(gap) ** 0.5
    if not (mean > MEMORISED_SHARE * abs(apart) and mean > OVERFIT_ERRORS * error):
        return ""
    return f"D(training samples) − D(held-out samples) = {mean:.2g}; D(real) − D(generated) = {apart:.2g}"


def _gap_stays(seen: Evidence) -> str:
    """A WGAN's D that wins, and whose difference of scores has not shrunk over SWING_WINDOW evaluations."""
    apart = seen.long_scores[0] - seen.long_scores[1]
    if OBJECTIVES[seen.loss].family != "wasserstein" or len(apart) < SWING_WINDOW or not _wins(seen):
        return ""
    early, late = (float(half.mean()) for half in np.array_split(apart, 2))
    if late < (1 - SHRUNK) * early:
        return ""
    return f"D(real) − D(generated) went from {early:.3g} to {late:.3g} in {SWING_WINDOW} evaluations"


def _not_winning(seen: Evidence) -> str:
    accuracy = float(seen.accuracy.mean())
    right_way = not accuracy < 0.5 - COIN  # an accuracy that was not measured decides nothing
    behind = not right_way or _worse_than_nothing(seen)
    return "" if behind or _wins(seen) else _outputs_and_hits(seen)


def _balanced(seen: Evidence) -> str:
    return _outputs_and_hits(seen) if _off_line(seen) <= NEAR_LINE and not _wins(seen) else ""


def _wins(seen: Evidence) -> bool:
    return float(seen.accuracy.mean()) > FAIR


def _ahead(seen: Evidence) -> str:
    leads = float((seen.real - seen.fake).mean()) >= LEAD
    return _outputs_and_hits(seen) if leads or _wins(seen) else ""


RULES: tuple[tuple[str, Callable[[Evidence], str]], ...] = (
    ("G collapsed", _collapsed),
    ("G makes mostly one digit", _one_class),
    ("Not measured", _not_measured),
    ("New labels", _new_labels),
    ("D saturated: the minimax loss is flat", partial(_saturated, loss="minimax")),
    ("D saturated: G's loss is still steep", partial(_saturated, loss="non_saturating")),
    ("D overfits", _overfits),
    ("Oscillating", _oscillating),
    ("D cannot tell", _cannot_tell),
    ("Balanced", _balanced),
    ("D is ahead", _ahead),
)
"""In order of precedence. A rule answers with the numbers behind it, or with nothing if it does not hold."""

RULES_WITHOUT_LINE: tuple[tuple[str, Callable[[Evidence], str]], ...] = (
    ("G collapsed", _collapsed),
    ("G makes mostly one digit", _one_class),
    ("Not measured", _no_outputs),
    ("D beyond its margins", _beyond_margins),
    ("D overfits", _memorises),
    ("D cannot tell", _chance),
    ("Balanced", _not_winning),
    ("D is ahead: the gap stays", _gap_stays),
    ("D is ahead", lambda seen: _outputs_and_hits(seen) if _wins(seen) else ""),
)
"""For losses under which D may answer any one score at equilibrium: what counts is how often it is right."""
