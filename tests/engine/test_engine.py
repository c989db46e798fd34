"""The real trainer process: playing, pausing, changing, going back, dying, waiting its turn."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan_core import checkpoint
from gan_core.engine import client, games, pool, wire
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.history import History, StepRecord
from gan_core.settings import Settings
from tests.game import SGD, assert_whole, new_trainer, play, tiny

PATIENCE = 30.0  # seconds after which a test gives up; none takes as long


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One trainer process for all tests that leave it alive."""
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture
def mortal(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """So many trainer processes that a test may kill."""
    engine = Engine(workers=request.param)
    yield engine
    engine.stop()


@pytest.fixture
def start(engine: Engine) -> Iterator[Callable[..., RunHandle]]:
    """Starts runs on the shared trainer process and closes them after the test."""
    runs: list[RunHandle] = []

    def begin(settings: Settings | None = None) -> RunHandle:
        run = started(engine, settings)
        runs.append(run)
        return run

    yield begin
    for run in runs:
        engine.close(run)


def started(engine: Engine, settings: Settings | None = None) -> RunHandle:
    run = engine.create(settings or tiny())
    until(run, lambda: run.state == "paused")
    return run


def until(run: RunHandle, condition: Callable[[], bool]) -> None:
    """Waits for a report that makes `condition` true."""
    run.look()
    assert run.wait_until(condition, PATIENCE), f"{run.state} at step {run.step}: {run.problem}"


def answer(run: RunHandle) -> None:
    """Waits until the trainer has answered one more command, and so has sent all that came before."""
    run.update(run.settings)
    assert_answered(run)


def assert_answered(run: RunHandle) -> None:
    assert run.wait(run._serial, PATIENCE), "the trainer has not carried out the last command"


def steps_of(run: RunHandle) -> list[int]:
    return [int(step) for step in run.history.steps.columns["step"]]


def column(run: RunHandle, name: str) -> list[float]:
    return [float(value) for value in run.history.steps.columns[name]]


def evaluated(run: RunHandle, name: str) -> list[float]:
    return [float(value) for value in run.history.evaluations.columns[name]]


def assert_plays_on(run: RunHandle) -> None:
    here = run.step
    until(run, lambda: run.state == "playing" and run.step > here)


# --- Pictures and playing


def test_a_new_run_stands_still_and_shows_itself(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.8))
    assert (run.state, run.step, run.problem, run.checkpoint_step) == ("paused", 0, None, 0)
    frame = run.history.film.at(0)
    assert frame["digits"].shape == (64, 784)
    assert str(frame["digits"].dtype) == "uint8"
    assert frame["digits"].std() > 1
    assert (frame["verdicts"].shape, frame["real_verdicts"].shape) == ((64,), (16,))
    assert run.real_digits.shape == (16, 784)
    assert (run.real_digits.min(), run.real_digits.max()) == (0, 255)
    assert evaluated(run, "step") == [0]
    assert evaluated(run, "d_reference") == pytest.approx([0.4])


def test_the_pictures_are_those_of_the_game(start: Callable[..., RunHandle]) -> None:
    run, trainer = start(tiny(seed=6)), new_trainer(seed=6)
    run.step_by_hand(3, "both")
    play(trainer, 3)
    real = trainer.data.held_out[:16]
    np.testing.assert_array_equal(run.real_digits, ((real + 1) * 127.5).round().byte().numpy())
    with torch.no_grad():
        logits = trainer.discriminator(real, lambda x: torch.nn.functional.leaky_relu(x, 0.2), "eval")
    frame = run.history.film.at(math.inf)
    np.testing.assert_allclose(frame["real_verdicts"], logits.sigmoid().numpy(), atol=1e-6)


def test_playing_goes_on_by_itself_and_films(start: Callable[..., RunHandle]) -> None:
    run = start()
    run.play()
    until(run, lambda: run.step > 100 and len(run.history.film.frames) > 3)
    run.pause()
    assert run.state == "paused"
    assert_whole(run.history, run.step)
    assert run.steps_per_second >= 0
    assert evaluated(run, "step")[-1] == run.step
    assert run.checkpoint_step == run.step


def test_pause_is_exact(start: Callable[..., RunHandle]) -> None:
    run = start()
    for _ in range(3):
        run.play()
        assert_plays_on(run)
        run.pause()
        state, step = run.state, run.step
        assert state == "paused"
        assert_answered(run)
        answer(run)
        run.step_by_hand(1, "both")
        assert run.step == step + 1
        assert steps_of(run) == list(range(1, step + 2))


def test_play_until_a_step_stands_still_after_it(start: Callable[..., RunHandle]) -> None:
    run = start()
    run.play(until=37)
    until(run, lambda: not run.wants_to_play)
    assert (run.state, run.step, run.stop_at) == ("paused", 37, None)
    assert steps_of(run) == list(range(1, 38))
    assert run.history.evaluations.columns["step"][-1] == 37
    run.play(until=37)
    assert not run.wants_to_play
    run.play(until=60)
    until(run, lambda: not run.wants_to_play)
    assert run.step == 60


def test_the_step_until_which_to_play_can_be_moved_and_is_forgotten(start: Callable[..., RunHandle]) -> None:
    run = start()
    run.play(until=10**6)
    until(run, lambda: run.step > 0)
    run.play(until=run.step + 200)
    until(run, lambda: not run.wants_to_play)
    stood = run.step
    run.play(until=10**6)
    run.pause()
    run.play()
    assert run.stop_at is None
    until(run, lambda: run.step > stood)
    run.reset(tiny())
    assert run.stop_at is None


def test_a_paused_run_does_not_play_by_itself_when_others_do(
    start: Callable[..., RunHandle],
) -> None:
    still, moving = start(), start()
    still.step_by_hand(4, "both")
    moving.play()
    assert_plays_on(moving)
    answer(still)
    assert (still.step, steps_of(still)) == (4, [1, 2, 3, 4])


# --- Steps by hand


def test_the_page_plays_the_very_game_of_the_core(start: Callable[..., RunHandle]) -> None:
    settings = tiny(seed=11, smoothing=0.7, discriminator_steps=2)
    run, trainer = start(settings), new_trainer(seed=11, smoothing=0.7, discriminator_steps=2)
    run.step_by_hand(3, "both")
    run.step_by_hand(2, "discriminator")
    run.step_by_hand(2, "generator")
    records = play(trainer, 3, probe=True)
    records += [trainer.d_step(settings) for _ in range(2)] + [trainer.g_step(settings) for _ in range(2)]
    for i, name in enumerate(StepRecord._fields):
        np.testing.assert_allclose(column(run, name), [record[i] for record in records], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("who", ["both", "discriminator", "generator"])
def test_only_who_is_asked_moves(start: Callable[..., RunHandle], who: Any) -> None:
    run = start()
    run.step_by_hand(5, who)
    assert (run.state, run.step, steps_of(run)) == ("paused", 5, [1, 2, 3, 4, 5])
    d_pull, g_pull = np.array(column(run, "d_pull")), np.array(column(run, "g_pull"))
    assert np.any(d_pull != 0) == (who != "generator")
    assert np.any(g_pull != 0) == (who != "discriminator")
    assert evaluated(run, "step")[-1] == 5


# --- Settings


def test_a_change_while_playing_reaches_later_records_only(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.9))
    run.play()
    assert_plays_on(run)
    run.update(run.settings.replace(smoothing=0.7))
    until(run, lambda: column(run, "d_reference")[-1] < 0.4)
    run.pause()
    references = column(run, "d_reference")
    assert sorted(references, reverse=True) == references
    assert set(np.round(references, 12)) == {0.45, 0.35}


def test_a_change_while_standing_still_moves_the_line_at_once(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.9))
    run.update(run.settings.replace(smoothing=0.6))
    assert evaluated(run, "d_reference")[-1] == pytest.approx(0.3)
    assert run.step == 0
    run.step_by_hand(1, "both")
    assert column(run, "d_reference") == pytest.approx([0.3])


def test_a_change_of_structure_is_refused(start: Callable[..., RunHandle]) -> None:
    run = start()
    with pytest.raises(ValueError, match="new run"):
        run.update(run.settings.replace(batch_size=32))
    run.step_by_hand(1, "both")
    assert run.step == 1
    assert run.settings.batch_size == 16


# --- Starting anew, and back


def test_reset_starts_with_nothing_of_the_old_game(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.9))
    run.play()
    until(run, lambda: run.step > 50)
    run.reset(tiny(smoothing=0.7, generator_width=40))
    assert (run.state, run.step, steps_of(run)) == ("paused", 0, [])
    assert [frame.step for frame in run.history.film.frames] == [0]
    answer(run)
    run.step_by_hand(3, "both")
    assert steps_of(run) == [1, 2, 3]
    assert set(np.round(column(run, "d_reference") + evaluated(run, "d_reference"), 12)) == {0.35}
    assert run.settings.generator_hidden == "40-40"
    run.play()
    assert_plays_on(run)


def test_undo_reset_brings_back_the_game_and_its_history(start: Callable[..., RunHandle]) -> None:
    run, trainer = start(tiny(smoothing=0.8, seed=3)), new_trainer(smoothing=0.8, seed=3)
    run.step_by_hand(6, "both")
    before = steps_of(run), column(run, "d_loss")
    run.reset(tiny(smoothing=0.7, seed=3))
    run.step_by_hand(9, "both")
    run.undo_reset()
    assert (run.state, run.step, run.settings.smoothing) == ("paused", 6, 0.8)
    assert (steps_of(run), column(run, "d_loss")) == before
    assert evaluated(run, "d_reference")[-1] == pytest.approx(0.4)
    run.step_by_hand(2, "both")
    expected = [record.d_loss for record in play(trainer, 8, probe=True)]
    np.testing.assert_allclose(column(run, "d_loss"), expected, rtol=1e-6)
    run.undo_reset()  # there is nothing before it
    assert run.step == 8


def test_two_resets_of_a_playing_run_are_undone_one_by_one(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.8))
    left = []
    for smoothing in (0.7, 0.6):
        run.play()
        until(run, lambda: run.step > 3)
        run.reset(tiny(smoothing=smoothing))
        assert (run.step, steps_of(run)) == (0, [])
        left.append((run.kept[-1].settings.smoothing, steps_of_kept(run)))
    for smoothing, steps in reversed(left):
        run.undo_reset()
        assert run.settings.smoothing == smoothing
        assert steps_of(run)[: len(steps)] == steps
        assert_plays_on(run)  # as it did when it was left
        run.pause()
        assert_whole(run.history, run.step)
    assert [smoothing for smoothing, _ in left] == [0.8, 0.7]
    assert run.kept == []


def steps_of_kept(run: RunHandle) -> list[int]:
    return [int(step) for step in run.kept[-1].history.steps.columns["step"]]


def test_only_the_last_games_are_kept_on_disk_and_none_after_closing(engine: Engine) -> None:
    run = started(engine)
    for _ in range(games.KEPT_GAMES + 2):
        run.step_by_hand(1, "both")
        run.reset(tiny())
    folders = sorted(path.name for path in (engine.folder / run.name / wire.KEPT).glob("*"))
    assert folders == sorted(game.folder.name for game in run.kept)
    assert len(folders) == games.KEPT_GAMES
    run.undo_reset()
    assert len(list((engine.folder / run.name / wire.KEPT).glob("*"))) == games.KEPT_GAMES - 1
    engine.close(run)
    other = started(engine)  # once it is there, what was asked before has been done
    assert list(engine.folder.glob(f"{run.name}*")) == []
    engine.close(other)


def test_opening_a_saved_run_can_be_undone(start: Callable[..., RunHandle], tmp_path: Path) -> None:
    trainer = new_trainer(seed=8)
    play(trainer, 2)
    checkpoint.save(trainer, tmp_path / "kept")
    run = start(tiny(smoothing=0.8))
    run.step_by_hand(5, "both")
    run.open(tmp_path / "kept", trainer.settings, History())
    assert run.step == 2
    run.undo_reset()
    assert (run.step, run.settings.smoothing, steps_of(run)) == (5, 0.8, [1, 2, 3, 4, 5])


def test_after_a_reset_nothing_of_the_old_game_is_gone_back_to(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(smoothing=0.8))
    run.step_by_hand(6, "both")
    run.reset(tiny(smoothing=0.7))
    run.restore()
    assert (run.step, steps_of(run)) == (0, [])
    run.step_by_hand(1, "both")
    assert column(run, "d_reference") == pytest.approx([0.35])


def test_after_undo_reset_nothing_of_the_dropped_game_is_gone_back_to(
    start: Callable[..., RunHandle],
) -> None:
    run = start(tiny(smoothing=0.8))
    run.step_by_hand(6, "both")
    run.reset(tiny(smoothing=0.7, generator_width=40))
    run.step_by_hand(50, "both")
    run.undo_reset()
    run.restore()
    assert (run.step, steps_of(run)) == (6, [1, 2, 3, 4, 5, 6])
    run.step_by_hand(1, "both")
    assert column(run, "d_reference")[-1] == pytest.approx(0.4)
    assert run.problem is None


def test_a_saved_run_is_opened_and_goes_on(start: Callable[..., RunHandle], tmp_path: Path) -> None:
    trainer = new_trainer(seed=8, generator_width=40)
    play(trainer, 5)
    checkpoint.save(trainer, tmp_path / "kept")
    run = start()
    run.open(tmp_path / "kept", trainer.settings, run.history)
    assert (run.step, run.settings.generator_hidden) == (5, "40-40")
    run.step_by_hand(1, "both")
    assert column(run, "d_loss")[-1] == pytest.approx(play(trainer, 1)[0].d_loss, rel=1e-6)


def test_a_folder_without_a_run_is_a_problem_in_words(
    start: Callable[..., RunHandle], tmp_path: Path
) -> None:
    run = start()
    run.open(tmp_path / "nothing", tiny(), run.history)
    assert run.state == "stopped"
    assert run.problem is not None
    assert "nothing" in run.problem


def test_a_folder_without_a_run_leaves_the_game_before_it_to_go_back_to(
    start: Callable[..., RunHandle], tmp_path: Path
) -> None:
    run = start(tiny(smoothing=0.8))
    run.step_by_hand(4, "both")
    run.open(tmp_path / "nothing", tiny(generator_width=40), run.history)
    run.restore()
    assert (run.state, run.step, run.problem) == ("paused", 4, None)
    assert steps_of(run) == [1, 2, 3, 4]
    assert run.settings.generator_hidden == "32-32"  # that of the game that is really there
    run.update(run.settings.replace(smoothing=0.7))
    run.step_by_hand(1, "both")
    assert column(run, "d_reference")[-1] == pytest.approx(0.35)


# --- Out of the numbers

EXPLOSIVE = tiny(**SGD, discriminator_lr=0.1, r1_gamma=100.0, r1_interval=32)


def test_a_game_that_explodes_says_where_and_under_what(start: Callable[..., RunHandle]) -> None:
    run = start(EXPLOSIVE)
    run.play()
    until(run, lambda: run.state == "stopped")
    assert run.problem is not None
    assert f"at step {run.step + 1} (settings: " in run.problem
    for cause in ("discriminator_lr = 0.1", "r1_gamma = 100.0", "optimizer = sgd"):
        assert cause in run.problem
    assert not run.wants_to_play
    assert max(steps_of(run)) == run.step
    assert np.isfinite(column(run, "d_loss")).all()


def test_restore_goes_back_to_the_last_checkpoint_and_can_play(start: Callable[..., RunHandle]) -> None:
    run = start(tiny(**SGD, r1_gamma=0.0))
    run.step_by_hand(4, "both")
    run.update(run.settings.replace(discriminator_lr=0.1, r1_gamma=100.0, r1_interval=32, smoothing=0.7))
    run.play()
    until(run, lambda: run.state == "stopped")
    assert run.checkpoint_step == 4
    run.restore()
    assert (run.state, run.step, run.problem) == ("paused", 4, None)
    assert steps_of(run) == [1, 2, 3, 4]
    assert evaluated(run, "d_reference")[-1] == pytest.approx(0.35)  # present settings, not those saved
    run.update(run.settings.replace(discriminator_lr=1e-3, r1_gamma=0.0))
    run.play()
    assert_plays_on(run)
    run.pause()
    assert_whole(run.history, run.step)


def test_restore_of_a_playing_run_stands_still(start: Callable[..., RunHandle]) -> None:
    run = start()
    run.step_by_hand(4, "both")
    run.play()
    assert_plays_on(run)
    run.restore()
    assert (run.state, run.step, run.wants_to_play) == ("paused", 4, False)
    run.play()
    assert_plays_on(run)


def test_undoing_the_reset_of_an_exploded_game_brings_back_where_it_stopped(
    start: Callable[..., RunHandle],
) -> None:
    run = start(EXPLOSIVE)
    run.play()
    until(run, lambda: run.state == "stopped")
    run.reset(tiny())
    run.undo_reset()
    assert run.settings == EXPLOSIVE
    assert run.step > 0
    run.restore()
    assert run.state == "paused"
    assert_whole(run.history, run.step)


# --- Death


@pytest.mark.parametrize("mortal", [2], indirect=True)
def test_a_killed_trainer_is_replaced_and_its_runs_go_on(mortal: Engine) -> None:
    moving, elsewhere, still = (mortal.create(tiny(seed=seed, smoothing=0.7)) for seed in range(3))
    assert moving.worker is still.worker is not elsewhere.worker  # shared out evenly
    for run in (moving, elsewhere, still):
        until(run, lambda run=run: run.state == "paused")  # type: ignore[misc]
    elsewhere.play()
    moving.step_by_hand(7, "both")
    still.step_by_hand(3, "both")
    moving.play()
    assert_plays_on(moving)
    dead = moving.worker
    dead.process.kill()
    # Whoever looks is told at once, not when the new process is up.
    until(still, lambda: still.notice is not None and still.state == "loading")
    until(moving, lambda: moving.worker is not dead)
    until(moving, lambda: moving.state == "playing")
    until(still, lambda: still.state == "paused" and still.worker is not dead)
    assert dead.process.returncode is not None  # and it was waited for
    for run in (moving, still):
        assert run.notice is not None
        assert "The trainer process crashed at step" in run.notice
    assert "checkpoint at step 7" in str(moving.notice)
    assert (still.step, steps_of(still)) == (3, [1, 2, 3])
    assert_plays_on(moving)
    moving.pause()
    assert_whole(moving.history, moving.step)
    still.step_by_hand(1, "both")
    expected = play(new_trainer(seed=2, smoothing=0.7), 4)[-1].d_loss
    assert column(still, "d_loss")[-1] == pytest.approx(expected, rel=1e-6)

    assert_plays_on(elsewhere)  # it has noticed nothing
    assert elsewhere.notice is None
    elsewhere.pause()
    assert_whole(elsewhere.history, elsewhere.step)

    mortal.stop()
    assert [worker.process.returncode for worker in mortal.workers] == [0, 0]
    assert not mortal.folder.exists()
    mortal.stop()  # a second time is nothing


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("mortal", [1], indirect=True)
def test_a_trainer_that_talks_nonsense_is_replaced(mortal: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(mortal)
    run.step_by_hand(5, "both")
    confused = run.worker
    read = wire.read_report

    def once_garbled(raw: bytes) -> Any:
        monkeypatch.setattr(wire, "read_report", read)
        return read(raw[:-5])

    monkeypatch.setattr(wire, "read_report", once_garbled)
    run.play()
    until(run, lambda: run.worker is not confused and run.state == "playing")
    assert "checkpoint at step 5" in str(run.notice)
    assert_plays_on(run)


@pytest.mark.parametrize("mortal", [1], indirect=True)
def test_a_trainer_that_keeps_dying_is_given_up_in_words(
    mortal: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "DEATHS_ALLOWED", 1)
    run = mortal.create(tiny())
    first = run.worker
    first.process.kill()
    until(run, lambda: run.worker is not first)
    run.worker.process.kill()
    until(run, lambda: run.problem is not None)
    assert run.state == "stopped"
    assert "crashes again and again" in str(run.problem)
    run.play()  # nobody is left to hear it, and nothing breaks
    run.update(run.settings.replace(smoothing=0.7))
    late = mortal.create(tiny())
    assert (late.state, late.problem) == ("stopped", run.problem)
    mortal.stop()
    assert not mortal.folder.exists()


# --- Places


def test_one_place_and_a_queue(
    engine: Engine, start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "playing_cap", 1)
    first, second, third = start(), start(), start()
    first.play()
    second.play()
    third.play()
    assert_plays_on(first)
    assert [run.queue_place for run in (first, second, third)] == [None, 1, 2]
    assert [run.shown_state for run in (second, third)] == ["queued", "queued"]
    answer(second)
    assert second.step == 0
    version = third.version
    first.pause()
    assert_plays_on(second)
    assert (first.shown_state, third.shown_state) == ("paused", "queued")
    assert third.queue_place == 1
    assert third.version > version  # its place has changed, so its picture has to
    third.pause()  # leaves the queue
    assert third.queue_place is None
    assert third.shown_state == "paused"
    second.pause()
    assert third.step == 0


def test_a_closed_run_makes_room(
    engine: Engine, start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "playing_cap", 1)
    first, gone, second = started(engine), started(engine), start()
    first.play()
    assert_plays_on(first)
    gone.play()
    second.play()
    assert second.queue_place == 2
    engine.close(gone)
    assert second.queue_place == 1
    engine.close(first)
    assert second.queue_place is None
    assert_plays_on(second)
    assert engine.runs == [second]


def test_whoever_has_played_long_gives_way(
    engine: Engine, start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "playing_cap", 1)
    first, second = start(), start()
    first.play()
    assert_plays_on(first)
    second.play()
    monkeypatch.setattr(client, "TURN_SECONDS", 0.01)
    assert_plays_on(second)
    monkeypatch.undo()
    until(first, lambda: first.notice is not None)
    assert "Other runs were waiting" in str(first.notice)
    assert first.wants_to_play
    assert_plays_on(first)  # with the cap gone there is a place for both
    assert_plays_on(second)


def test_a_run_nobody_looks_at_stands_still(
    start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start()
    run.play()
    assert_plays_on(run)
    monkeypatch.setattr(client, "IDLE_SECONDS", 0.0)
    assert run.wait_until(lambda: run.state == "paused", PATIENCE)
    assert "nobody watched" in str(run.notice)
    assert not run.wants_to_play


def test_the_place_in_the_queue_can_be_asked_for_while_places_are_given_out(
    engine: Engine, start: Callable[..., RunHandle]
) -> None:
    # A page asks while it holds its run; whoever gives out places holds the engine and wants the run.
    run = start()
    asked = threading.Event()

    def ask() -> None:
        with run.lock:
            assert run.queue_place is None
        asked.set()

    with engine._lock:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        assert asked.wait(PATIENCE / 3), "the page and the engine wait for each other"
    thread.join(PATIENCE)


# --- Leases


def test_a_released_run_is_claimed_as_it_is(engine: Engine, start: Callable[..., RunHandle]) -> None:
    run = start()
    run.step_by_hand(3, "both")
    run.release()
    assert engine.claim(run.name) is run
    assert run.abandoned_at is None
    run.step_by_hand(1, "both")
    assert steps_of(run) == [1, 2, 3, 4]


def test_a_held_run_is_nobody_elses(
    engine: Engine, start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start()
    monkeypatch.setattr(client, "CLAIM_SECONDS", 0.2)
    assert engine.claim(run.name) is None
    assert engine.claim("no such run") is None
    run.release()
    assert engine.claim(run.name) is run
    assert engine.claim(run.name) is None


def test_every_page_of_an_owner_gets_the_run_and_nobody_else(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = engine.create(tiny(), owner="ada")
    monkeypatch.setattr(client, "CLAIM_SECONDS", 0.2)
    assert engine.claim(run.name, "ada") is run
    assert engine.claim(run.name, "bob") is None
    assert engine.claim(run.name) is None
    assert engine.find(run.name) is run
    run.release()
    assert run.abandoned_at is None, "the first page still holds it"
    run.release()
    assert run.abandoned_at is not None
    assert engine.claim(run.name, "bob") is None
    assert engine.claim(run.name, "ada") is run
    assert run.abandoned_at is None
    engine.close(run)


def test_listeners_hear_of_each_new_version(start: Callable[..., RunHandle]) -> None:
    run, heard = start(), list[int]()
    run.listeners.add(lambda: heard.append(run.version))
    before = run.version
    run.step_by_hand(1, "both")
    assert heard == list(range(before + 1, run.version + 1))
    assert heard


def test_a_page_that_reloads_waits_for_its_old_self(
    engine: Engine, start: Callable[..., RunHandle], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start()

    class ReleasedWhileWaiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if threading.current_thread() is threading.main_thread():
                run.release()
            return super().wait(timeout)

    monkeypatch.setattr(client, "CLAIM_SECONDS", PATIENCE)
    monkeypatch.setattr(engine, "_stopping", ReleasedWhileWaiting())
    assert engine.claim(run.name) is run
    assert run.abandoned_at is None


def test_a_run_nobody_comes_back_to_is_closed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(engine)
    run.step_by_hand(2, "both")
    held = started(engine)
    assert (engine.folder / run.name).is_dir()
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.05)
    run.release()
    # The watchdog's next rounds close it; the run beside it hears of them through its own reports.
    held.play()
    until(held, lambda: run.name not in engine._runs)
    assert run not in engine.runs  # which waits until the watchdog is done with it
    answer(held)
    assert not (engine.folder / run.name).exists()
    assert held in engine.runs
    assert engine.claim(run.name) is None
    engine.close(held)


def test_a_step_in_slow_motion_brings_its_moments_and_is_the_same_step(engine: Engine) -> None:
    fast, slow = engine.create(tiny(seed=3)), engine.create(tiny(seed=3))
    fast.step_by_hand(2, "both")
    slow.step_by_hand(1, "both")
    assert slow.moments == {}
    slow.step_by_hand(1, "both", slowly=True)
    for name, column in fast.history.steps.columns.items():
        np.testing.assert_array_equal(slow.history.steps.columns[name], column, err_msg=name)
    assert set(slow.moments) == {"before", "between", "after"}
    before, between, after = (slow.moments[moment] for moment in ("before", "between", "after"))
    np.testing.assert_array_equal(before["digits"], between["digits"])  # G has not moved yet
    assert not np.array_equal(before["verdicts"], between["verdicts"])  # D has
    assert not np.array_equal(between["digits"], after["digits"])
    slow.step_by_hand(1, "both")
    assert slow.moments == {}
