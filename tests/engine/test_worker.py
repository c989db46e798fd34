"""The loop of a trainer process: who plays next, whose trouble it is, and runs that wait for their data."""

from __future__ import annotations

import io
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from gan_core import checkpoint, data
from gan_core.engine import wire
from gan_core.engine.mark import Mark, Place
from gan_core.engine.run import Run
from gan_core.engine.saving import checkpoints
from gan_core.engine.worker import Worker
from tests.game import tiny


class Slow:
    """A download that ends when the test says so."""

    def __init__(self) -> None:
        self.state: data.State = "running"
        self.progress = 0.25
        self.error: str | None = None

    def start(self) -> Self:
        return self


class Office(Worker):
    """A worker without a process, whose reports can be read."""

    def reports(self) -> list[wire.Report]:
        assert isinstance(self.outbox, io.BytesIO)
        pipe = io.BytesIO(self.outbox.getvalue())
        found = []
        while pipe.tell() < len(pipe.getvalue()):
            found.append(wire.read_report(wire.receive(pipe))[0])
        return found

    def do(self, *commands: wire.Command) -> None:
        for command in commands:
            self._carry_out(command)

    def look_after(self) -> None:
        for loading in list(self.loading.values()):
            self._look_after(loading)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(data, "full_set_is_here", lambda: False)
    monkeypatch.setattr(data, "Download", Slow)
    return Office(tmp_path, queue.SimpleQueue(), io.BytesIO())


FULL = tiny(data="mnist_60k", smoothing=0.9)


def fail(office: Office) -> None:
    assert isinstance(office.download, Slow)
    office.download.state, office.download.error = "failed", "No network: 10,000 digits are used."


def test_a_run_that_waits_tells_how_far_the_download_is(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=FULL))
    office.look_after()
    told = office.reports()[-1]
    assert (told.state, told.progress, told.step, told.settings) == ("loading", 0.25, 0, FULL)


@pytest.mark.parametrize(
    "command",
    [
        lambda: wire.Play(run="a", serial=2),
        lambda: wire.Pause(run="a", serial=2),
        lambda: wire.Step(run="a", serial=2, count=3, who="both"),
        lambda: wire.Update(run="a", serial=2, settings=FULL),
        lambda: wire.Watch(run="a", serial=2, on=False),
    ],
)
def test_a_run_that_waits_answers_at_once(office: Office, command: Callable[[], wire.Command]) -> None:
    office.do(wire.Create(run="a", serial=1, settings=FULL), command())
    told = office.reports()[-1]
    assert (told.serial, told.state) == (2, "loading")


@pytest.mark.parametrize("last", ["play", "pause"])
def test_what_is_asked_while_loading_holds_once_the_digits_are_there(office: Office, last: str) -> None:
    office.do(
        wire.Create(run="a", serial=1, settings=FULL),
        wire.Update(run="a", serial=2, settings=FULL.replace(smoothing=0.7)),
        wire.Play(run="a", serial=3),
    )
    if last == "pause":
        office.do(wire.Pause(run="a", serial=4))
    fail(office)
    office.look_after()
    told = office.reports()[-1]
    assert told.notice == "No network: 10,000 digits are used."
    assert (told.serial, told.settings) == (3 if last == "play" else 4, tiny(smoothing=0.7))
    assert office.loading == {}
    run = office.runs["a"]
    assert run.state == ("playing" if last == "play" else "paused")
    assert run.trainer.step(run.trainer.settings).d_reference == pytest.approx(0.35)


def test_two_runs_share_one_download(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=FULL))
    download = office.download
    office.do(wire.Create(run="b", serial=1, settings=FULL))
    assert office.download is download
    assert set(office.loading) == {"a", "b"}
    office.do(wire.Close(run="a", serial=2))
    assert set(office.loading) == {"b"}


def test_a_command_for_a_run_that_is_gone_is_nothing(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=tiny()))
    count = len(office.reports())
    office.do(wire.Close(run="a", serial=2), wire.Play(run="a", serial=3))
    assert len(office.reports()) == count


def test_a_download_is_told_three_times_a_second_at_most(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 50.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    office.do(wire.Create(run="a", serial=1, settings=FULL))
    before = len(office.reports())
    for _ in range(200):  # two seconds of steps of a run beside it
        office.look_after()
        now += 0.01
    assert 4 <= len(office.reports()) - before <= 6


def new_games(office: Office, *names: str, **changes: float) -> None:
    for serial, name in enumerate(names):
        office.do(wire.Create(run=name, serial=serial, settings=tiny(**changes), play=True))


def test_whoever_has_had_least_time_plays_next(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    new_games(office, "long", "short", "shorter")
    costs = {"long": 3.0, "short": 0.5, "shorter": 0.25}
    made = dict.fromkeys(costs, 0)

    def advance(run: Run) -> None:
        made[run.name] += 1
        run.used += costs[run.name]

    monkeypatch.setattr(Run, "advance", advance)
    for _ in range(76):
        office._advance()
    assert made == {"long": 4, "short": 24, "shorter": 48}


def test_a_newcomer_begins_where_the_others_are(office: Office) -> None:
    new_games(office, "a", "b")
    office.runs["a"].used, office.runs["b"].used = 40.0, 30.0
    office.do(wire.Create(run="c", serial=9, settings=tiny()), wire.Play(run="c", serial=10))
    assert office.runs["c"].used == 30.0
    office.do(wire.Pause(run="a", serial=11))
    office.runs["b"].used = 90.0
    office.runs["c"].used = 80.0
    office.do(wire.Play(run="a", serial=12))
    assert office.runs["a"].used == 80.0


def test_many_new_games_hold_up_neither_commands_nor_steps(office: Office) -> None:
    new_games(office, "old")
    for i in range(20):
        office.inbox.put(wire.Create(run=f"new {i}", serial=1, settings=tiny()))
        office.inbox.put(wire.Play(run=f"new {i}", serial=2))
    office.inbox.put(wire.Pause(run="old", serial=9))
    assert office._hear()
    office._carry_out_waiting()
    assert office.runs["old"].state == "paused"
    assert set(office.runs) == {"old", "new 0"}  # one game is built, then it is time for a step
    for _ in range(20):
        office._carry_out_waiting()
    assert [run.state for run in office.runs.values()] == ["paused"] + 20 * ["playing"]


def test_a_command_during_steps_by_hand_comes_after_them(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=tiny()))
    office.inbox.put(wire.Step(run="a", serial=2, count=3, who="both"))
    office.inbox.put(wire.Update(run="a", serial=3, settings=tiny(smoothing=0.7)))
    for _ in range(3):
        assert office._hear()
        office._carry_out_waiting()
        office._advance()
    assert office.runs["a"].trainer.settings.smoothing == 0.9
    office._carry_out_waiting()
    told = office.reports()[-1]
    assert (told.serial, told.step, told.settings.smoothing) == (3, 3, 0.7)


def test_a_command_that_fails_stops_the_run_it_is_for_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_games(office, "a", "b")
    office.do(wire.Update(run="a", serial=5, settings=tiny(batch_size=32)))  # no page sends this
    told = office.reports()[-1]
    assert (told.run, told.serial, told.state) == ("a", 5, "stopped")
    assert "the command 'update' failed (ValueError: these settings need a new run" in str(told.problem)
    assert office.runs["b"].state == "playing"

    def no_memory(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(checkpoint, "load", no_memory)
    office.do(wire.Create(run="a", serial=6, settings=tiny(), opened="/some/folder"))
    told = office.reports()[-1]
    assert (told.serial, told.state) == (6, "stopped")
    assert "the game cannot be built (MemoryError" in str(told.problem)


def test_a_damaged_checkpoint_falls_back_to_the_one_before_it(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=tiny()))
    for serial in (2, 3):
        office.do(wire.Step(run="a", serial=serial, count=serial, who="both"))
        while office.runs["a"].active:
            office._advance()
    newest, older = checkpoints(office.folder / "a" / wire.CHECKPOINTS)
    assert (newest.name, older.name) == ("000000000005", "000000000002")
    (newest / "trainer.safetensors").write_bytes(b"damaged")
    office.do(wire.Create(run="a", serial=9, settings=tiny(), resume=True))
    told = office.reports()[-1]
    assert (told.state, told.step, told.checkpoint_step) == ("paused", 2, 2)
    assert checkpoints(office.folder / "a" / wire.CHECKPOINTS) == [older]
    (older / "trainer.safetensors").unlink()
    office.do(wire.Create(run="a", serial=10, settings=tiny(), resume=True))
    assert office.reports()[-1].state == "stopped"
    assert "trainer.safetensors is missing" in str(office.reports()[-1].problem)


def test_a_checkpoint_that_a_process_died_of_is_passed_over(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=tiny()))
    for serial in (2, 3):
        office.do(wire.Step(run="a", serial=serial, count=1, who="both"))
        office._advance()
    office.do(wire.Create(run="a", serial=4, settings=tiny(), resume=True, before=2))
    assert office.reports()[-1].step == 1


def test_a_left_game_is_kept_also_where_its_process_has_forgotten_it(office: Office) -> None:
    office.do(wire.Create(run="a", serial=1, settings=tiny()))
    office.do(wire.Step(run="a", serial=2, count=1, who="both"))
    office._advance()
    kept = office.folder / "a" / wire.KEPT / "2"
    office.do(wire.Park(run="a", serial=3))
    assert office.reports()[-1].parked
    assert office.runs == {}
    office.do(wire.Create(run="a", serial=4, settings=tiny(), keep=str(kept)))
    assert office.reports()[-1].not_kept is None
    assert checkpoint.load(kept).steps_done == 1
    office.do(wire.Create(run="a", serial=5, settings=tiny(), keep=str(kept.with_name("4"))))
    assert office.reports()[-1].not_kept == str(kept.with_name("4"))  # nobody had moved in it


def test_the_mark_says_what_is_done_and_then_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = Mark.create(office.folder / "mark")
    office._mark = Mark(office.folder / "mark")
    new_games(office, "a")
    assert mark.read() is None
    seen = []
    monkeypatch.setattr(Run, "advance", lambda run: seen.append(mark.read()))
    office._advance()
    assert seen == [Place("a", "step", 1)]
    assert mark.read() is None
