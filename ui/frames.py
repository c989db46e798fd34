"""What the board shows of a run at one step, and what it says of the run now."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_core.diagnosis import Diagnosis, diagnose
from gan_core.engine.handle import RunHandle
from gan_core.figures import live
from gan_core.history import History, Keyframe
from gan_core.judged_quality import fresh_of
from gan_core.presets import ALL_PRESETS, preset_of
from gan_core.settings import CLASSES, field, field_names, sample_of
from gan_core.theory.averaging import decay_in_force, memory
from gan_core.theory.objectives import Axis, Objective, references
from gan_core.theory.references import References
from ui.quality_frames import quality_panels
from ui.run_words import with_batches, words_of
from ui.slow import slow_parts
from ui.toy_frames import slice_panel, toy_figures

TITLES = {name: str(field(name).title) for name in field_names()}
LOSSES = ("d_loss", "real_loss", "fake_loss", "g_loss")
SPOKEN = {
    "value": ("real_term", "fake_term", "value_reference"),
    "losses": LOSSES,
    "saddle": ("real_term", "fake_term"),
    "outputs": ("d_real", "d_fake"),
}
"""The numbers in a panel's text: a run of another version, or one that diverged, may have none."""
ALTS = ("value", "losses", "saddle", "outputs", "diagnosis")
"""The panels of every run; the samples have one of their own."""


class Picture(NamedTuple):
    """A run at one step: what `ui/static/board.js` draws."""

    step: int
    header: dict[str, Any]  # figures, text alternatives, verdicts, diagnosis
    pixels: NDArray[np.uint8]  # [n, 784], grey values of the generated digits


def picture_of(run: RunHandle, seek: float | None) -> Picture:
    """The run as it is, or as it was at the filmed step nearest to `seek`. Hold `run.lock`."""
    history, shown = run.history, _shown(run, seek)
    # Rewound, everything stands at the filmed step nearest to the one asked for.
    upto = float(run.step if seek is None or shown is None else shown.step)
    objective = live.objective_at(history, upto, run.settings.objective)
    history = live.alike(history, objective)
    lines = references(
        real_label=run.settings.smoothing, fake_label=run.settings.fake_label, objective=objective.name
    )
    expected = None if np.isnan(lines.d_reference) else lines.d_reference
    under: dict[str, Any] = {"d_reference": expected, "objective": objective}
    line = history.reference("d_reference").at(upto)
    line = expected if line is None else line
    marks = live.change_marks(history, TITLES)
    drawn = {
        "value": live.value_figure(live.value_info(history, upto, **under), marks),
        "tug": live.tug_figure(live.tug_info(history, upto, objective=objective), marks),
        "losses": live.losses_figure(
            live.losses_info(history, upto, expected=lines, objective=objective), marks
        ),
        "gradients": live.gradients_figure(live.gradients_info(history, upto), marks),
        "saddle": live.saddle_figure(live.saddle_info(history, upto, **under)),
        "histogram": live.histogram_figure(live.histogram_info(history, upto, **under)),
        "heatmap": live.heatmap_figure(live.heatmap_info(history, upto, **under), marks),
        "means": live.means_figure(live.means_info(history, upto, **under), marks),
    }
    stopped, fresh = run.state == "stopped" and seek is None, fresh_of(run.history.results, upto)
    found = diagnose(history, upto, loss=objective.name, stopped=stopped, fresh=fresh)
    last = _numbers_at(history, upto)
    kind = sample_of(run.settings.data)
    words = with_batches(words_of(kind, objective), run.settings)
    alts = {panel: _alt(panel, last, found, objective) for panel in ALTS}
    if kind == "digits":
        samples = _digits(run, shown, upto, line, objective.axis)
        more, told = quality_panels(history, upto, marks)
        drawn |= more
        alts |= told
        each = ", a column for each class" if run.settings.conditional else ""
        alt = f"{samples['count']} generated digits at step {upto:,.0f}{each}, and real ones beside them."
        pixels = np.zeros((0, 784), np.uint8) if shown is None else shown["digits"]
    else:
        more, alt = toy_figures(run.settings, shown, history, upto, objective, line, marks)
        alts["distances"] = _distances_alt(last)
        drawn["slice"], words["slice"], alts["slice"] = slice_panel(shown, objective, words["slice"])
        drawn |= more
        samples, pixels = None, np.zeros((0, 784), np.uint8)
    header = {
        "kind": kind, "words": {name: text._asdict() for name, text in words.items()},
        "figures": drawn, "alts": alts | {"digits": alt, "samples": alt}, "digits": samples,
        "diagnosis": found._asdict(), "expect": _expect(run), "change": _last_change(marks, upto),
        **(slow_parts(run, objective, line) if seek is None else {}),
    }  # fmt: skip
    return Picture(int(upto), header, pixels)


def _digits(
    run: RunHandle, shown: Keyframe | None, upto: float, line: float | None, axis: Axis
) -> dict[str, Any]:
    """The two sheets of digits, with D's verdicts. A score is shown as it is, a probability in percent."""
    verdicts, real_verdicts = (
        [] if shown is None else shown[name].tolist() for name in ("verdicts", "real_verdicts")
    )
    return {
        "count": len(verdicts), "rows": 8, "columns": CLASSES if run.settings.conditional else 8,
        "verdicts": verdicts, "caption": _caption(run, upto),
        "real_count": len(run.real_digits), "real_verdicts": real_verdicts, "reference": line, "axis": axis,
    }  # fmt: skip


def _numbers_at(history: History, upto: float) -> dict[str, Any]:
    """The last evaluation up to a step, the last losses, and the references in force."""
    last = {name: column[-1] for name, column in history.evaluations.until(upto).items() if len(column)}
    played = history.steps.until(upto)
    last |= {name: played[name][-1] for name in LOSSES if len(played["step"])}
    return last | {
        name: at for name in References._fields if (at := history.reference(name).at(upto)) is not None
    }


def _distances_alt(last: dict[str, Any]) -> str:
    if not np.isfinite(last.get("jsd", np.nan)):
        return "Nothing has been measured yet."
    jsd, tv = (f"{last[name]:.3f} (noise floor {last[f'{name}_floor']:.3f})" for name in ("jsd", "tv"))
    return f"The Jensen-Shannon divergence is {jsd} nats, the total variation distance {tv}."


def status_of(run: RunHandle, shown: int, *, rewound: bool) -> dict[str, Any]:
    """What is true of the run now, while step `shown` is on the screen. Hold `run.lock`."""
    return {
        "frame": run.version, "game": run.game, "state": run.shown_state, "stand": stand_of(run),
        "step": shown, "last_step": run.step, "until": run.stop_at, "live": not rewound,
        "steps_per_second": run.steps_per_second, "device": run.device, "message": message_of(run),
        "keyframes": [frame.step for frame in run.history.film.frames],
    }  # fmt: skip


def stand_of(run: RunHandle) -> str:
    """What the page around the board depends on: when it changes, the page is run anew."""
    state = run.state if run.state in ("loading", "stopped") else ""
    fields = (state, run.wants_to_play, run.stop_at, run.game, len(run.kept), run.problem, run.settings)
    return hashlib.sha256(repr(fields).encode()).hexdigest()[:16]


def message_of(run: RunHandle) -> str:
    """What the run's owner should know now, or nothing."""
    if run.problem:
        return run.problem
    if run.shown_state == "queued":
        return f"Waiting for a free place: number {run.queue_place} in the queue."
    if run.state == "loading":
        if run.progress is None:
            return "Starting the trainer process …"
        return f"Downloading the full MNIST set: {run.progress:.0%}"
    if run.script:
        return f"Repeating the copied run up to step {run.stop_at:,}; then it pauses."
    return run.pending or run.notice or run.unsaved or ""


def _last_change(marks: list[live.ChangeMark], upto: float) -> str:
    """The newest change of a setting at step `upto`, with the mark it has in the charts over steps."""
    seen = [mark.text for mark in marks if mark.step <= upto + 1]
    return f"▲ {seen[-1]}" if seen else ""


def _expect(run: RunHandle) -> str:
    """What to expect of the present scene; nothing where the settings are no scene's."""
    scene = ALL_PRESETS.get(preset_of(run.settings))
    return "" if scene is None else f"Expect: {scene.expect}"


def _setting_at(run: RunHandle, name: str, step: float) -> Any:
    """What a setting was when `step` was played."""
    return run.history.changes.value_at(name, getattr(run.settings, name), step)


def _shown(run: RunHandle, seek: float | None) -> Keyframe | None:
    film = run.history.film
    if not film.frames:
        return None
    return film.frames[-1] if seek is None else film.at(seek)


def _caption(run: RunHandle, step: float) -> str:
    """Which G made the digits shown at `step`: itself, or its average with the memory it then had."""
    steps = round(memory(decay_in_force(_setting_at(run, "ema_decay", step), max(int(step) - 1, 0))))
    which = "G itself" if steps <= 1 else f"G averaged over about its last {steps:,} steps"
    return _told_of_classes(run, step) + which


def _told_of_classes(run: RunHandle, step: float) -> str:
    """What the columns are, and the share of other digits that are read as asked; nothing without classes."""
    if not run.settings.conditional:
        return ""
    read = run.history.evaluations.until(step).get("right_class", np.zeros(0))
    share = f"; of new digits {read[-1]:.0%} are read as asked" if len(read) else ""
    return f"Columns ask for 0 to 9{share}. "


def _alt(panel: str, last: dict[str, Any], found: Diagnosis, objective: Objective) -> str:
    """A panel in one sentence at the step shown, for those who do not see it.

    `last`: the last evaluation, with the references in force then.
    """
    if "d_real" not in last:
        return "Nothing has been measured yet."
    if not np.isfinite([last.get(name, np.nan) for name in SPOKEN.get(panel, ())]).all():
        return "No number was measured here."
    d = f"D's mean output is {last['d_real']:.2f} on real and {last['d_fake']:.2f} on generated samples"
    known = np.isfinite(last.get("d_reference", np.nan))
    line = f"the equilibrium line is at {last['d_reference']:.2f}" if known else "this loss has no line for D"
    unit = f" {objective.unit}".rstrip()
    match panel:
        case "value":
            v = last["real_term"] + last["fake_term"]
            return f"V is {v:.3f}{unit}; at equilibrium it is {last['value_reference']:.3f}."
        case "losses":
            parts = f"{last['real_loss']:.3f} on real and {last['fake_loss']:.3f} on generated samples"
            d_line, g_line = (_at_equilibrium(last.get(f"{name}_loss_reference")) for name in ("d", "g"))
            g_loss = f"G's loss is {last['g_loss']:.3f}; {g_line}."
            return f"D's loss is {last['d_loss']:.3f}{unit}, {parts}; {d_line}. {g_loss}"
        case "saddle":
            a, b = objective.coordinates(last["real_term"], last["fake_term"])
            return f"The run is at a = {a:.2f}, b = {b:.2f}; {line} for both."
        case "outputs":
            return f"{d}; {line}."
        case _:
            return f"{found.name}: {found.number}."


def _at_equilibrium(number: float | None) -> str:
    known = number is not None and np.isfinite(number)
    return f"at equilibrium {number:.3f}" if known else "it has no equilibrium value"
