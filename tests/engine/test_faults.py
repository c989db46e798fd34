"""What goes wrong in real trainer processes, and what is lost by it: at most one run's last steps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_core import checkpoint
from gan_core.engine import process, record
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import History
from gan_core.settings import Settings
from tests.game import assert_whole, new_trainer, play, tiny

PATIENCE = 60.0


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One engine for all tests that leave it alive."""
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Engine]]:
    """An engine whose trainer processes die where the test says so."""
    engines: list[Engine] = []

    def begin(**where: object) -> Engine:
        monkeypatch.setattr(process, "MODULE", "tests.engine.deadly")
        monkeypatch.setenv("DEADLY", json.dumps(where))
        engines.append(Engine(workers=1))
        return engines[0]

    yield begin
    for engine in engines:
        engine.stop()


def until(run: RunHandle, condition: Callable[[], bool]) -> None:
    run.look()
    assert run.wait_until(condition, PATIENCE), f"{run.state} at step {run.step}: {run.problem}, {run.notice}"


def started(engine: Engine, settings: Settings) -> RunHandle:
    run = engine.create(settings)
    until(run, lambda: run.state == "paused")
    return run


def assert_plays_on(run: RunHandle) -> None:
    here = run.step
    until(run, lambda: run.state == "playing" and run.step > here)


def steps_of(history: History) -> list[int]:
    return [int(step) for step in history.steps.columns["step"]]


def losses_of(run: RunHandle) -> list[float]:
    return [float(loss) for loss in run.history.steps.columns["d_loss"]]


# --- A process that dies


def test_a_run_that_kills_its_process_twice_at_one_step_is_stopped_and_the_others_go_on(
    deadly: Callable[..., Engine],
) -> None:
    engine = deadly(seed=13, step=6)
    other, killer = started(engine, tiny(seed=1)), started(engine, tiny(seed=13))
    other.play()
    assert_plays_on(other)
    killer.play()
    until(killer, lambda: killer.state == "stopped")
    assert killer.problem == (
        "Stopped: the trainer process crashed twice at step 7 of this run. Change its settings."
    )
    assert_plays_on(other)
    assert "The trainer process crashed at step" in str(other.notice)
    other.pause()
    assert_whole(other.history, other.step)
    killer.reset(tiny(seed=1))  # another game is played in the same run
    killer.play()
    assert_plays_on(killer)


def test_a_saved_run_that_kills_the_process_does_so_once(
    deadly: Callable[..., Engine], tmp_path: Path
) -> None:
    trainer = new_trainer()
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "poisoned")
    engine = deadly(folder="poisoned")
    run = started(engine, tiny(seed=3))
    run.step_by_hand(4, "both")
    run.open(tmp_path / "poisoned", trainer.settings, History())
    until(run, lambda: run.state == "stopped")
    assert "crashed when it opened this run" in str(run.problem)
    run.undo_reset()
    until(run, lambda: run.state == "paused" and run.problem is None)
    assert (run.step, steps_of(run.history)) == (4, [1, 2, 3, 4])
    assert len(engine.workers) == 1


def test_a_death_before_the_first_word_of_a_new_game_does_not_bring_back_the_old_one(
    deadly: Callable[..., Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = deadly()
    run = started(engine, tiny(seed=3, smoothing=0.8))
    run.step_by_hand(5, "both")
    wait = RunHandle.wait

    def kill_first(run: RunHandle, serial: int, seconds: float = 3.0) -> bool:
        if serial == run.game:  # the new game has just been asked for
            run.worker.process.kill()
        return wait(run, serial, PATIENCE)

    monkeypatch.setattr(RunHandle, "wait", kill_first)
    monkeypatch.setattr(run.worker, "send", lambda command: None)  # and is not heard
    with run.lock:
        run.worker.process.kill()
    run.reset(tiny(seed=3, smoothing=0.7))
    until(run, lambda: run.state == "paused")
    assert (run.step, steps_of(run.history), run.settings.smoothing) == (0, [], 0.7)
    monkeypatch.undo()
    run.undo_reset()
    assert (run.step, steps_of(run.history), run.settings.smoothing) == (5, [1, 2, 3, 4, 5], 0.8)


def test_a_death_is_told_with_the_step_on_disk(engine: Engine) -> None:
    run = started(engine, tiny(seed=5))
    run.step_by_hand(3, "both")
    run.checkpoint_step = 1  # what was reported last may be older than what is saved
    dead = run.worker
    dead.process.kill()
    until(run, lambda: run.worker is not dead and run.state == "paused")
    assert str(run.notice).endswith("The run continued from its checkpoint at step 3.")
    assert steps_of(run.history) == [1, 2, 3]
    engine.close(run)


# --- The disk


def test_where_the_folder_vanished_the_run_is_saved_again(engine: Engine) -> None:
    run = started(engine, tiny(seed=5))
    run.step_by_hand(3, "both")
    shutil.rmtree(engine.folder)
    run.step_by_hand(1, "both")
    assert run.checkpoint_step == 4
    assert run.notice is None
    assert (engine.folder / run.name / "checkpoints" / "000000000004").is_dir()
    engine.close(run)


def unthinned(run: RunHandle) -> RunHandle:
    """The run with a history that keeps each step as a row, however fast it plays."""
    with run.lock:
        run.history = History(step_capacity=200_000)
    return run


def test_a_run_that_cannot_be_saved_says_so_until_it_can(engine: Engine) -> None:
    run = unthinned(started(engine, tiny(seed=5)))
    in_the_way = engine.folder / run.name
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.write_text("a file where the folder should be")
    run.play()
    until(run, lambda: run.notice is not None)
    assert "cannot be saved" in str(run.notice)
    assert_plays_on(run)
    in_the_way.unlink()
    until(run, lambda: run.notice is None)
    assert run.checkpoint_step is not None
    assert_plays_on(run)
    run.pause()
    assert_whole(run.history, run.step)
    engine.close(run)


# --- Moving and resting


def test_a_run_moves_to_the_other_process_and_back_bit_for_bit(engine: Engine) -> None:
    run, trainer = unthinned(started(engine, tiny(seed=7))), new_trainer(seed=7)
    run.step_by_hand(4, "both")
    shared = run.worker
    run._heavy_by_measure = True  # as if its steps had been slow
    until(run, lambda: run.worker is not shared and run.state == "paused")
    assert engine.lane_of(run.worker) == "heavy"
    assert len(engine.workers) == 2
    game = run.game
    run.play()
    assert_plays_on(run)
    with run.lock:
        run._moved_at, run._heavy_by_measure = -1e9, False  # as if the settings had changed
    until(run, lambda: run.worker is shared)
    assert_plays_on(run)  # it was playing, and still is
    run.pause()
    assert run.game == game
    assert_whole(run.history, run.step)
    expected = play(trainer, 4, probe=True) + play(trainer, run.step - 4)
    np.testing.assert_array_equal(losses_of(run), [record.d_loss for record in expected])
    engine.close(run)


def test_a_run_that_is_slower_than_its_settings_promise_leaves_its_neighbours(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, neighbour = started(engine, tiny(seed=7)), started(engine, tiny(seed=8))
    slow.step_by_hand(1, "both")
    assert engine.lane_of(slow.worker) == "shared"
    neighbour.play()
    assert_plays_on(neighbour)
    monkeypatch.setattr(record, "HEAVY_SECONDS", 1e-6)
    slow.step_by_hand(1, "both")
    monkeypatch.undo()
    until(slow, lambda: engine.lane_of(slow.worker) == "heavy" and slow.state == "paused")
    slow.step_by_hand(1, "both")
    until(slow, lambda: slow.step == 3)  # its process may have to start first
    assert steps_of(slow.history) == [1, 2, 3]
    assert engine.lane_of(neighbour.worker) == "shared"
    for run in (slow, neighbour):
        engine.close(run)


def test_a_heavy_game_begins_in_its_own_process_and_the_game_before_it_is_kept(engine: Engine) -> None:
    run = started(engine, tiny(seed=7))
    run.step_by_hand(2, "both")
    run.reset(tiny(discriminator_width=1024, generator_width=1024))
    until(run, lambda: run.state == "paused" and run.step == 0)
    assert engine.lane_of(run.worker) == "heavy"
    run.step_by_hand(1, "both")
    run.undo_reset()
    until(run, lambda: run.state == "paused" and run.step == 2)
    assert engine.lane_of(run.worker) == "shared"
    assert steps_of(run.history) == [1, 2]
    engine.close(run)


def test_over_the_memory_budget_unwatched_runs_go_to_disk_and_come_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan_core.engine.client.WATCHED_SECONDS", 0.1)
    run, trainer = started(engine, tiny(seed=7)), new_trainer(seed=7)
    never_played = started(engine, tiny(seed=8))
    for _ in range(3):
        run.step_by_hand(1, "both")
    film = [(frame.step, frame["digits"].tobytes()) for frame in run.history.film.frames]
    version = run.version
    monkeypatch.setattr(engine, "memory_budget", 1)
    assert run.wait_until(lambda: run.is_parked, PATIENCE)
    assert not never_played.is_parked  # it has nothing to put away
    monkeypatch.setattr(engine, "memory_budget", 10**9)
    assert (run.state, run.step, run.shown_state) == ("paused", 3, "paused")
    assert run.version > version
    assert [frame.step for frame in run.history.film.frames] == [3]
    run.look()
    assert [(frame.step, frame["digits"].tobytes()) for frame in run.history.film.frames] == film
    assert run.is_parked
    run.step_by_hand(1, "both")
    assert not run.is_parked
    expected = play(trainer, 4, probe=True)
    np.testing.assert_array_equal(losses_of(run), [record.d_loss for record in expected])
    for one in (run, never_played):
        engine.close(one)


# --- Waiting that runs out


def test_a_pause_that_takes_long_is_finished_counted_and_shown(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(engine, tiny(seed=7))
    run.play()
    assert_plays_on(run)
    wait = RunHandle.wait
    monkeypatch.setattr(RunHandle, "wait", lambda run, serial, seconds=0.0: wait(run, serial, 0.0))
    with run.lock:  # so that no answer can come in between
        run.pause()
        assert run.pending == record.FINISHING
        assert run.is_busy
    until(run, lambda: run.pending is None)
    assert run.state == "paused"
    run.play()
    assert_plays_on(run)
    with run.lock:
        before = run.step
        run.reset(tiny(seed=8))
        assert run.step == before  # nothing has been heard of the last steps
    until(run, lambda: run.step == 0 and run.state == "paused")
    (left,) = run.kept
    assert steps_of(left.history)[-1] >= before
    monkeypatch.undo()
    run.undo_reset()
    run.pause()
    assert_whole(run.history, run.step)  # the last step before the reset included
    assert len(steps_of(run.history)) >= len(steps_of(left.history)) > 0
    engine.close(run)
