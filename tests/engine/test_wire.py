"""Messages come out as they went in, and nonsense ends the conversation."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from gan_core.engine import wire
from gan_core.settings import Settings
from tests.game import tiny

SETTINGS = tiny(smoothing=0.7, discriminator_lr=3.3e-4, generator_loss="minimax", seed=2**31 - 1)
COMMANDS: list[wire.Command] = [
    wire.Create(run="a", serial=1, settings=SETTINGS),
    wire.Create(run="a", serial=2, settings=SETTINGS, opened="/some/where", resume=True),
    wire.Play(run="a", serial=3),
    wire.Pause(run="a", serial=4),
    wire.Step(run="a", serial=5, count=1000, who="generator"),
    wire.Update(run="a", serial=6, settings=SETTINGS),
    wire.Watch(run="a", serial=7, on=False),
    wire.Park(run="a", serial=8),
    wire.Close(run="ö", serial=9),
]
REPORTS = [
    wire.Report(run="a", serial=9, state="playing", step=12, settings=SETTINGS, steps_per_second=123.456),
    wire.Report(
        run="a", serial=9, state="stopped", step=12, settings=Settings(), steps_per_second=0.1,
        problem="Ünwell.", notice="A sentence.", progress=0.25, checkpoint_step=10,
    ),
]  # fmt: skip
ARRAYS: list[dict[str, NDArray[Any]]] = [
    {},
    {
        "steps.step": np.array([1.0, np.nan, -np.inf, 1e-300]),
        "digits": np.arange(12, dtype="u1").reshape(3, 4),
    },
    {"empty": np.empty(0), "no rows": np.empty((0, 40)), "last": np.array([[0.5]])},
    {"turned": np.arange(6, dtype=np.float64).reshape(2, 3).T},
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_every_command_is_read_back(command: wire.Command) -> None:
    read = wire.read_command(wire.pack_command(command))
    assert read == command
    assert type(read) is type(command)


def test_no_command_is_left_out() -> None:
    assert {type(command) for command in COMMANDS} == set(wire.Command.__args__)


@pytest.mark.parametrize("report", REPORTS, ids=["playing", "stopped"])
@pytest.mark.parametrize("arrays", ARRAYS, ids=["none", "some", "empty", "turned"])
def test_every_report_is_read_back(report: wire.Report, arrays: dict[str, NDArray[Any]]) -> None:
    read, columns = wire.read_report(wire.pack_report(report, arrays))
    assert read == report
    assert list(columns) == list(arrays)
    for name, array in arrays.items():
        assert columns[name].dtype == array.dtype
        assert columns[name].shape == array.shape
        np.testing.assert_array_equal(columns[name], array)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"nonsense", b"[]", b'{"kind": "explode", "run": "a", "serial": 1}',
        b'{"kind": "play", "run": "a"}',
        b'{"kind": "step", "run": "a", "serial": 1, "count": 0, "who": "both"}',
        b'{"kind": "step", "run": "a", "serial": 1, "count": 1, "who": "nobody"}',
        b'{"kind": "play", "run": "a", "serial": 1, "extra": 2}',
        b'{"kind": "update", "run": "a", "serial": 1, "settings": {"smoothing": 7}}',
    ],
)  # fmt: skip
def test_what_is_no_command_is_refused(raw: bytes) -> None:
    with pytest.raises(ValidationError):
        wire.read_command(raw)


def test_a_command_is_json_and_nothing_else() -> None:
    for command in COMMANDS:
        assert json.loads(wire.pack_command(command))["kind"] == command.kind


# --- The pipe


class Dribble(io.BytesIO):
    """A pipe that hands out one byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1, size or 0))


def framed(*messages: bytes) -> bytes:
    pipe = io.BytesIO()
    for message in messages:
        wire.send(pipe, message)
    return pipe.getvalue()


def test_messages_come_out_one_by_one_in_order() -> None:
    messages = [b"first", b"", b"\x00" * 100]
    pipe = io.BytesIO(framed(*messages))
    assert [wire.receive(pipe) for _ in messages] == messages
    with pytest.raises(EOFError):
        wire.receive(pipe)


def test_a_pipe_may_hand_out_what_it_has() -> None:
    pipe = Dribble(framed(b"first", b"second"))
    assert [wire.receive(pipe), wire.receive(pipe)] == [b"first", b"second"]


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 9, 12])
def test_a_truncated_stream_is_its_end(kept: int) -> None:
    whole = framed(b"first")
    assert len(whole) == 13
    with pytest.raises(EOFError):
        wire.receive(io.BytesIO(whole[:kept]))


@pytest.mark.parametrize("length", [wire.LARGEST + 1, 2**63, 2**64 - 1])
def test_an_absurd_length_is_the_end_and_nothing_is_read(length: int) -> None:
    pipe = io.BytesIO(struct.pack("<Q", length) + b"x" * 100)
    with pytest.raises(EOFError, match=str(length)):
        wire.receive(pipe)
    assert pipe.tell() == 8
