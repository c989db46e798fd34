"""A run that waits for the full data set: what is asked of it meanwhile is not lost."""

from __future__ import annotations

import io
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from gan_core import data
from gan_core.engine import wire
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
