"""A copy of a run plays on exactly as the run did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.engine.saving import path_of
from gan_core.folders import checkpoint_steps
from tests.game import tiny

PATIENCE = 60.0
MEASURED = ("step", "d_loss", "g_loss", "d_real", "d_fake", "d_grad_norm", "g_grad_norm", "d_reference")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture
def run(engine: Engine) -> Iterator[RunHandle]:
    """The teacher's, with steps by hand, and two changes on the way."""
    run = engine.create(tiny(seed=3), "teacher")
    assert run.wait_until(lambda: run.state == "paused", PATIENCE)
    play_to(run, 20)
    run.update(run.settings.replace(smoothing=0.7))
    play_to(run, 33)
    run.step_by_hand(2, "both")
    run.update(run.settings.replace(generator_lr=0.001))
    play_to(run, 60)
    yield run
    engine.close(run)


def play_to(run: RunHandle, step: int) -> None:
    run.play(until=step)
    assert run.wait_until(lambda: run.step == step and run.state == "paused", PATIENCE)


def copied(engine: Engine, run: RunHandle, step: int) -> RunHandle:
    copy = engine.fork(run, step, "student")
    assert copy.wait_until(lambda: copy.state == "paused" and not copy.wants_to_play, PATIENCE)
    assert engine.claim(copy.name, "student") is copy
    return copy


def records(run: RunHandle, first: int, last: int) -> dict[str, list[float]]:
    columns = run.history.steps.columns
    chosen = (columns["step"] >= first) & (columns["step"] <= last)
    return {name: columns[name][chosen].tolist() for name in MEASURED}


def changes(run: RunHandle) -> list[tuple[int, str, object]]:
    return [(row.step, row.field, row.new) for row in run.history.changes.rows]


@pytest.mark.parametrize("step", [0, 7, 20, 34, 60])
def test_a_copy_plays_on_exactly_as_the_original_did(engine: Engine, run: RunHandle, step: int) -> None:
    copy = copied(engine, run, step)
    assert copy.step == step
    assert records(copy, 1, step) == records(run, 1, step)
    assert changes(copy) == [row for row in changes(run) if row[0] <= step + 1]
    assert copy.settings.smoothing == (0.7 if step >= 20 else 0.9)
    for at, smoothing in ((21, 0.7), (36, None)):  # what its owner does then is what the original's did
        if step < at - 1:
            play_to(copy, at - 1)
            new = {"smoothing": smoothing} if smoothing else {"generator_lr": 0.001}
            copy.update(copy.settings.replace(**new))
    play_to(copy, 75)
    play_to(run, 75)
    assert records(copy, step + 1, 75) == records(run, step + 1, 75)
    first, second = (handle.history.film.frames[-1]["digits"] for handle in (run, copy))
    np.testing.assert_array_equal(second, first)
    assert (copy.owner, run.owner) == ("student", "teacher")
    engine.close(copy)


def test_a_copy_of_a_run_that_plays_stands_where_it_was_asked_for(engine: Engine, run: RunHandle) -> None:
    run.play()
    assert run.wait_until(lambda: run.step > 80, PATIENCE)
    copy = copied(engine, run, run.step - 5)
    run.pause()
    assert copy.step >= 75
    play_to(copy, run.step)
    assert records(copy, run.step, run.step)["d_loss"] == records(run, run.step, run.step)["d_loss"]
    engine.close(copy)


def test_the_copy_and_the_original_have_nothing_in_common(engine: Engine, run: RunHandle) -> None:
    copy = copied(engine, run, 60)
    film, rows = len(run.history.film.frames), changes(run)
    copy.update(copy.settings.replace(smoothing=0.5))
    copy.step_by_hand(3, "both")
    assert (run.step, run.settings.smoothing) == (60, 0.7)
    assert (len(run.history.film.frames), changes(run)) == (film, rows)
    own = engine.folder / run.name / "checkpoints"
    engine.close(copy)
    assert path_of(own, 60).is_dir()
    run.restore()
    assert run.wait_until(lambda: run.state == "paused", PATIENCE)
    assert run.step == 60


def test_steps_of_one_player_are_not_repeated_and_the_copy_says_so(engine: Engine, run: RunHandle) -> None:
    run.step_by_hand(1, "discriminator")
    for step in (90, 91, 92):
        play_to(run, step)
    kept = [step for step, _ in checkpoint_steps(engine.folder / run.name / "checkpoints")]
    assert kept == [92, 91, 90]
    copy = copied(engine, run, 62)
    assert copy.step == 90
    assert copy.notice is not None
    assert "at step 90, not at 62" in copy.notice
    before = copied(engine, run, 50)  # not yet alone
    assert (before.step, before.notice) == (50, None)
    for each in (copy, before):
        engine.close(each)


def test_a_change_of_its_owner_ends_the_repeating(engine: Engine, run: RunHandle) -> None:
    copy = engine.fork(run, 50, "student")
    copy.update(copy.settings.replace(smoothing=0.55))
    assert copy.wait_until(lambda: copy.state == "paused" and not copy.wants_to_play, PATIENCE)
    assert copy.settings.smoothing == 0.55
    assert copy.script == ()
    engine.close(copy)
