"""What a frame says of a run that has been rewound: the numbers of then, not of now."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import Change
from tests.game import tiny
from ui.frames import picture_of, status_of


@pytest.fixture(scope="module")
def run() -> Iterator[RunHandle]:
    """Three steps at smoothing 0.8, two more at 0.6."""
    engine = Engine(workers=1)
    run = engine.create(tiny(smoothing=0.8))
    assert run.wait_until(lambda: run.state == "paused", 60)
    run.step_by_hand(3, "both")
    run.update(tiny(smoothing=0.6))
    run.step_by_hand(2, "both")
    yield run
    engine.stop()


def header_of(run: RunHandle, seek: float | None) -> dict[str, Any]:
    with run.lock:
        picture = picture_of(run, seek)
        status = status_of(run, picture.step, rewound=seek is not None)
    return picture.header | status


@pytest.mark.parametrize(("seek", "step", "line"), [(None, 5, 0.3), (0.0, 0, 0.4)])
def test_the_line_of_the_verdicts_is_that_of_the_step_shown(
    run: RunHandle, seek: float | None, step: int, line: float
) -> None:
    header = header_of(run, seek)
    assert (header["step"], header["last_step"], header["live"]) == (step, 5, seek is None)
    assert header["digits"]["reference"] == pytest.approx(line)
    assert f"at step {step}," in header["alts"]["digits"]
    assert f"the equilibrium line is at {line:.2f}" in header["alts"]["outputs"]


def test_the_last_change_at_the_step_shown_stands_in_words(run: RunHandle) -> None:
    assert header_of(run, None)["change"] == "▲ Label smoothing 0.8 → 0.6 at 4"
    assert header_of(run, 0.0)["change"] == ""


def test_the_value_told_is_that_of_the_step_shown(run: RunHandle) -> None:
    table = run.history.evaluations.columns
    for seek, row in ((None, -1), (0.0, 0)):
        value = table["real_term"][row] + table["fake_term"][row]
        assert f"V is {value:.3f} nats" in header_of(run, seek)["alts"]["value"]


def test_the_losses_told_are_those_of_the_step_shown_with_their_equilibria(run: RunHandle) -> None:
    told = header_of(run, None)["alts"]["losses"]
    last = {name: column[-1] for name, column in run.history.steps.columns.items()}
    d = 0.3
    whole, g = -0.6 * math.log(d) - 1.4 * math.log(1 - d), -math.log(d)
    assert f"D's loss is {last['d_loss']:.3f} nats, {last['real_loss']:.3f} on real" in told
    assert f"at equilibrium {whole:.3f}. G's loss is {last['g_loss']:.3f}; at equilibrium {g:.3f}." in told
    assert header_of(run, 0.0)["alts"]["losses"] == "No number was measured here."


def test_where_it_is_to_stop_is_part_of_how_a_run_stands(run: RunHandle) -> None:
    header = header_of(run, None)
    assert header["until"] is None
    with run.lock:
        run.stop_at = 900
        other = header_of(run, None)
        run.stop_at = None
    assert other["until"] == 900
    assert other["stand"] != header["stand"] == header_of(run, None)["stand"]


def test_the_caption_says_the_memory_in_force_at_the_step_shown(run: RunHandle) -> None:
    """At step 5 the average keeps 5/14 of itself: 1.6 steps; the setting alone would say 1,000."""
    assert header_of(run, None)["digits"]["caption"] == "G averaged over about its last 2 steps"
    assert header_of(run, 0.0)["digits"]["caption"] == "G itself"


def lines_of(header: dict[str, Any]) -> dict[str, float]:
    """Where each part of the board draws the equilibrium output, or for V the one whose V that is."""
    figures = header["figures"]
    notes = {name: figures[name]["layout"]["annotations"] for name in figures}
    keys = {name: re.findall(r"(?:equilibrium |</span> )(0\.\d+)", notes[name][0]["text"]) for name in notes}
    edges = {name: [note["y"] for note in notes[name] if note["yref"] == "y"] for name in ("value", "means")}
    (cross,) = [t for t in figures["saddle"]["data"] if t.get("name", "").startswith("equilibrium")]
    return {
        "histogram": float(keys["histogram"][-1]), "heatmap": float(keys["heatmap"][-1]),
        "means": edges["means"][0], "cross": cross["x"][0], "digits": header["digits"]["reference"],
        "value": (1 - math.sqrt(1 - 4 * math.exp(edges["value"][0]))) / 2,
    }  # fmt: skip


def test_a_slider_moves_every_line_of_a_game_that_stands_still_at_once(run: RunHandle) -> None:
    run.update(tiny(smoothing=0.9))
    for _ in range(3):
        run.update(tiny(smoothing=0.7, ema_decay=0.0, objective="minimax"))
    header = header_of(run, None)
    assert lines_of(header) == pytest.approx(dict.fromkeys(lines_of(header), 0.35), abs=1e-9)
    assert "the equilibrium line is at 0.35" in header["alts"]["outputs"]
    assert header["diagnosis"]["number"].endswith("line 0.35") or header["diagnosis"]["name"] == "Warming up"
    for seek, line in ((0.0, 0.4), (5.0, 0.35)):
        rewound = header_of(run, seek)
        assert lines_of(rewound) == pytest.approx(dict.fromkeys(lines_of(rewound), line), abs=1e-9)


def test_moves_of_a_slider_while_a_game_stands_still_make_one_row(run: RunHandle) -> None:
    steps = run.history.evaluations.columns["step"].tolist()
    assert steps == sorted(set(steps))
    assert steps[-1] == 5


def test_a_change_is_logged_with_the_first_step_under_it(run: RunHandle) -> None:
    first, *others = run.history.changes.rows
    assert first == Change(4, "smoothing", 0.8, 0.6)
    assert sorted(others) == [
        Change(6, "ema_decay", 0.999, 0.0),
        Change(6, "objective", "non_saturating", "minimax"),
        Change(6, "smoothing", 0.6, 0.7),
    ]


def test_rewound_the_caption_speaks_of_the_average_there_was(run: RunHandle) -> None:
    run.step_by_hand(1, "both")
    assert header_of(run, None)["digits"]["caption"] == "G itself"
    assert header_of(run, 5.0)["digits"]["caption"] == "G averaged over about its last 2 steps"


def test_what_a_run_of_another_version_did_not_measure_is_not_told(run: RunHandle) -> None:
    with run.lock:
        log = run.history.evaluations
        kept = {name: column.copy() for name, column in log.columns.items()}
        log.load(kept | dict.fromkeys(("d_real", "real_term"), np.full(len(log), np.nan)), 1, len(log))
        alts = picture_of(run, None).header["alts"]
        log.load(kept, 1, len(kept["step"]))
    assert {alts[name] for name in ("value", "saddle", "outputs")} == {"No number was measured here."}
    assert not any("nan" in text for text in alts.values())
