"""Measures as jobs in the real lab process: results, cancelling, a death, and a run that is left alone."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gan_core import checkpoint, library
from gan_core.engine import lab, wire
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.engine.lab import CRASHED, NOT_STARTED, Job
from gan_core.engine.lab import QUICK as QUICK_ONES
from gan_core.history import History
from gan_core.measures.lab import LAB, measure
from gan_core.parameters.inside import PICTURES
from tests.game import new_trainer, tiny

PATIENCE = 60.0
QUICK = {"vectors": 4, "batch": 16}
SLOW = {"vectors": 4000, "batch": 256}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(workers=1)
    yield engine
    engine.stop()


@pytest.fixture
def run(engine: Engine) -> Iterator[RunHandle]:
    """At step 40, with a change on the way."""
    run = engine.create(tiny(seed=5), "teacher")
    assert run.wait_until(lambda: run.state == "paused", PATIENCE)
    play_to(run, 20)
    run.update(run.settings.replace(smoothing=0.7))
    play_to(run, 40)
    yield run
    engine.close(run)


def play_to(run: RunHandle, step: int) -> None:
    run.play(until=step)
    assert run.wait_until(lambda: run.step == step and run.state == "paused", PATIENCE)


def ended(run: RunHandle, job: Job) -> Job:
    """The run notes each result, so waiting on the run is enough; a failure is heard in the next quarter."""
    until(run, lambda: not job.is_active)
    return job


def until(run: RunHandle, condition: Callable[[], bool]) -> None:
    for _ in range(int(4 * PATIENCE)):
        if run.wait_until(condition, 0.25):
            return
    raise AssertionError("it never came")


def found(run: RunHandle, job: Job) -> dict[str, object]:
    result = run.history.results.at(job.step, job.what, job.options)
    assert result is not None
    return result.found


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    """Up to the seconds it took."""
    return {**one, "seconds": 0} == {**other, "seconds": 0}


def test_a_job_finds_what_the_measure_finds_on_that_checkpoint(engine: Engine, run: RunHandle) -> None:
    job = ended(run, engine.lab.ask(run, "spectrum", QUICK))
    trainer = checkpoint.load(engine.folder / run.name / wire.CHECKPOINTS / f"{40:012d}")
    assert (job.state, job.step, job.problem) == ("done", 40, None)
    assert same(found(run, job), measure(trainer, "spectrum", options=QUICK))


def test_an_earlier_step_is_repeated_first_under_its_own_settings(engine: Engine, run: RunHandle) -> None:
    job = ended(run, engine.lab.ask(run, "spectrum", QUICK, step=30))
    trainer = new_trainer(seed=5)
    for step in range(1, 31):
        trainer.step(tiny(seed=5) if step <= 20 else tiny(seed=5, smoothing=0.7))
    assert job.step == 30
    assert same(found(run, job), measure(trainer, "spectrum", options=QUICK))


def test_the_run_plays_on_bit_for_bit(engine: Engine, run: RunHandle) -> None:
    job = engine.lab.ask(run, "fresh_discriminator")
    play_to(run, 60)
    ended(run, job)
    trainer = new_trainer(seed=5)
    losses = [
        trainer.step(tiny(seed=5) if step <= 20 else tiny(seed=5, smoothing=0.7)).d_loss
        for step in range(1, 61)
    ]
    assert run.history.steps.columns["d_loss"].tolist() == losses
    assert job.state == "done"


def test_a_question_is_answered_once_and_saved_with_the_run(engine: Engine, run: RunHandle) -> None:
    job = ended(run, engine.lab.ask(run, "spectrum", QUICK))
    again = engine.lab.ask(run, "spectrum", QUICK)
    assert (again.state, again.step) == ("done", job.step)
    other = engine.lab.ask(run, "spectrum", {**QUICK, "batch": 8})
    assert other.serial != job.serial
    assert ended(run, other).state == "done"
    engine.save(run)
    saved = library.read(engine.folder / run.name).history.results
    assert saved.at(40, "spectrum", QUICK) == run.history.results.at(40, "spectrum", QUICK)


def test_results_go_with_the_step_when_the_run_goes_back(run: RunHandle, engine: Engine) -> None:
    ended(run, engine.lab.ask(run, "spectrum", QUICK))
    ended(run, engine.lab.ask(run, "spectrum", QUICK, step=30))
    assert [row.step for row in run.history.until(35).results.rows] == [30]
    assert [row.step for row in run.history.results.of("spectrum")] == [30, 40]


def test_a_cancelled_job_ends_and_the_next_one_is_heard(engine: Engine, run: RunHandle) -> None:
    slow, job = engine.lab.ask(run, "spectrum", SLOW), engine.lab.ask(run, "spectrum", QUICK)
    until(run, lambda: slow.state == "measuring")
    assert (engine.lab.ahead(slow), engine.lab.ahead(job)) == (0, 1)
    engine.lab.cancel(slow)
    assert engine.lab.ahead(job) == 0
    assert ended(run, job).state == "done"
    assert slow.state == "cancelled"
    assert run.history.results.at(40, "spectrum", SLOW) is None


def test_runs_take_turns(engine: Engine, run: RunHandle) -> None:
    other = engine.create(tiny(seed=6))
    assert other.wait_until(lambda: other.state == "paused", PATIENCE)
    slow = engine.lab.ask(run, "spectrum", SLOW)
    mine = [engine.lab.ask(run, "spectrum", {**QUICK, "batch": batch}) for batch in (8, 9, 10)]
    others = [engine.lab.ask(other, "spectrum", {**QUICK, "batch": batch}) for batch in (8, 9)]
    assert [engine.lab.ahead(job) for job in others] == [1, 3]
    assert [engine.lab.ahead(job) for job in (slow, *mine)] == [0, 2, 4, 5]
    engine.lab.cancel(slow)
    assert {ended(other, job).state for job in others} == {ended(run, job).state for job in mine} == {"done"}
    engine.close(other)


def test_the_quick_measures_are_the_pictures_of_the_page() -> None:
    assert set(QUICK_ONES) == set(PICTURES.values())


def test_pictures_come_first_and_a_game_that_was_left_comes_last(engine: Engine, run: RunHandle) -> None:
    slow = engine.lab.ask(run, "spectrum", SLOW)
    of_the_game_before = engine.lab.ask(run, "spectrum", QUICK)
    run.reset(tiny(seed=7))
    play_to(run, 20)
    job, picture = engine.lab.ask(run, "spectrum", QUICK), engine.lab.ask(run, "walk", {"seed": 3})
    assert [engine.lab.ahead(each) for each in (picture, job, of_the_game_before)] == [1, 2, 3]
    engine.lab.cancel(slow)
    assert {ended(run, each).state for each in (picture, job, of_the_game_before)} == {"done"}


def test_a_closed_run_is_not_measured_any_more(engine: Engine, run: RunHandle) -> None:
    other = engine.create(tiny(seed=6))
    assert other.wait_until(lambda: other.state == "paused", PATIENCE)
    slow, waiting = (engine.lab.ask(other, "spectrum", options) for options in (SLOW, QUICK))
    until(other, lambda: slow.state == "measuring")
    engine.close(other)
    assert (slow.state, waiting.state) == ("cancelled", "cancelled")
    assert ended(run, engine.lab.ask(run, "spectrum", QUICK)).state == "done"


def test_a_process_that_cannot_be_started_is_said(
    engine: Engine, run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(lab, "Child", refuse)
    new = lab.Lab(engine.folder)
    jobs = [new.ask(run, "spectrum", {**QUICK, "batch": batch}) for batch in (8, 9)]
    assert [(job.state, job.problem) for job in jobs] == [("failed", NOT_STARTED)] * 2
    monkeypatch.undo()
    assert ended(run, new.ask(run, "spectrum", QUICK)).state == "done"
    new.stop()


def test_what_does_not_fit_is_said_in_a_sentence(engine: Engine, run: RunHandle) -> None:
    jobs = [engine.lab.ask(run, "surface", {"directions": "up"}), engine.lab.ask(run, "nonsense")]
    said = [ended(run, job).problem for job in jobs]
    assert said == [
        "directions = 'up': it must be one of update, path, random.",
        f"there is no measure called 'nonsense', only {', '.join(LAB)}.",
    ]


def test_a_death_costs_the_job_under_way_and_no_other(engine: Engine, run: RunHandle) -> None:
    slow, job = engine.lab.ask(run, "spectrum", SLOW), engine.lab.ask(run, "spectrum", QUICK)
    until(run, lambda: slow.state == "measuring")
    assert engine.lab._process is not None
    engine.lab._process.process.send_signal(signal.SIGKILL)
    assert ended(run, job).state == "done"
    assert (slow.state, slow.problem) == ("failed", CRASHED)


def test_copies_of_checkpoints_are_gone_with_their_jobs(engine: Engine, run: RunHandle) -> None:
    job = engine.lab.ask(run, "spectrum", QUICK)
    assert job.checkpoint is not None
    assert job.checkpoint.is_dir()
    ended(run, job)
    assert list((engine.folder / lab.FOLDER).iterdir()) == []


def test_a_file_of_results_that_is_damaged_is_named(tmp_path: Path, run: RunHandle, engine: Engine) -> None:
    ended(run, engine.lab.ask(run, "spectrum", QUICK))
    folder = tmp_path / "run"
    folder.mkdir()
    run.history.write(folder)
    assert History.read(folder).results.rows == run.history.results.rows
    (folder / "results.json").write_text('[{"step": -1, "what": "spectrum", "options": {}, "found": {}}]')
    with pytest.raises(ValueError, match=r"run holds no run that can be opened: results\.json is damaged"):
        History.read(folder)
