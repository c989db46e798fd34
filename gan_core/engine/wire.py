"""Messages between the web process and a trainer process.

A message is a length (8 bytes, little-endian), a JSON header and raw arrays. Commands are JSON
alone. Nothing is pickled, so no message can run code.
"""

from __future__ import annotations

import struct
from typing import IO, Annotated, Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gan_core.settings import Settings

HEADER = 4
"""Where the header of a message begins: behind its own length."""
MACHINE = b'{"machine":'

LARGEST = 64 * 2**20
"""No honest message comes near this many bytes."""

CHECKPOINTS, KEPT, FILMS = "checkpoints", "kept", "films"
"""Folders inside the folder of a run: checkpoints of its present game, games it has left, films put away."""

State = Literal["loading", "paused", "playing", "queued", "stopped"]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Command(_Message):
    run: str
    serial: int  # grows with each command; a report names the last one carried out


class Scheduled(_Message):
    """Live settings that come into force with a step."""

    step: int
    settings: Settings


class Create(_Command):
    """Build the game anew; or continue the one saved in the folder `opened`, under these live settings.

    `resume`: continue from this run's own newest checkpoint of a step below `before`; without one, from
    `opened` or from the first step. `keep`: the folder in which the present game is saved. `play`: at once,
    and stand still after the step `until`; `script` as in Play.
    """

    kind: Literal["create"] = "create"
    settings: Settings
    opened: str | None = None
    keep: str | None = None
    resume: bool = False
    before: int | None = None
    play: bool = False
    until: int | None = None
    script: tuple[Scheduled, ...] = ()


class Play(_Command):
    """Play; with `until`, stand still once that step is made.

    `script`: settings to be put in force on the way, in the order of their steps.
    """

    kind: Literal["play"] = "play"
    until: int | None = None
    script: tuple[Scheduled, ...] = ()


class Pause(_Command):
    kind: Literal["pause"] = "pause"


class Step(_Command):
    """Play `count` steps, whoever moves in them, and stand still.

    `slowly`: report the pictures of each moment of the last one, too.
    """

    kind: Literal["step"] = "step"
    count: int = Field(ge=1, le=1000)
    who: Literal["both", "discriminator", "generator"]
    slowly: bool = False


class Update(_Command):
    """New live settings; they act on the next step."""

    kind: Literal["update"] = "update"
    settings: Settings


class Watch(_Command):
    """Whether somebody is looking: an unwatched run reports rarely and trains the more."""

    kind: Literal["watch"] = "watch"
    on: bool


class Park(_Command):
    """Save the game and forget it: a Create with `resume` continues it later, or in another process."""

    kind: Literal["park"] = "park"


class Close(_Command):
    """Forget the run, and delete its folder or, to `keep` it, save the game."""

    kind: Literal["close"] = "close"
    keep: bool = False


Command = Create | Play | Pause | Step | Update | Watch | Park | Close
_COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="kind")])


class Report(_Message):
    """How a run stands; the arrays beside it are named in `gan_core.engine.run`."""

    run: str
    serial: int
    state: State
    step: int
    settings: Settings
    settings_since: int = 1  # the first step that is played under them
    device: str = "cpu"  # that it is trained on, as PyTorch calls it
    steps_per_second: float
    problem: str | None = None  # why it stopped, a sentence
    notice: str | None = None  # what the run's owner should know, a sentence
    progress: float | None = None  # of a download, 0 to 1
    checkpoint_step: int | None = None
    saving: str | None = None  # why the run cannot be saved at present, a sentence
    hold_seconds: float = 0.0  # processor time of its longest usual piece of work: a step or an evaluation
    step_seconds: float = 0.0  # processor time of a training step, smoothed; 0: none made yet
    parked: bool = False  # the process has saved and forgotten this run
    not_kept: str | None = None  # the folder of a left game that could not be saved, or had no step


class Machine(_Message):
    """What a trainer process has to offer."""

    sentence: str  # where games are trained, for a person
    gpu: bool  # whether convolutional ones are on a GPU


def pack_machine(machine: Machine) -> bytes:
    return _framed({"machine": machine.model_dump()})


def read_machine(raw: bytes) -> Machine | None:
    """None for any other message, whose header is then read once, by `read_report`."""
    return Machine(**_unframed(raw)[0]["machine"]) if raw.startswith(MACHINE, HEADER) else None


def pack_command(command: Command) -> bytes:
    return command.model_dump_json().encode()


def read_command(raw: bytes) -> Command:
    """Raises pydantic.ValidationError on anything that is not a command."""
    return _COMMAND.validate_json(raw)


def pack_report(report: Report, arrays: dict[str, NDArray[Any]]) -> bytes:
    shapes = {name: (array.dtype.str, array.shape) for name, array in arrays.items()}
    raw = [np.ascontiguousarray(array).tobytes() for array in arrays.values()]
    return _framed({"report": report.model_dump(), "arrays": shapes}, *raw)


def read_report(raw: bytes) -> tuple[Report, dict[str, NDArray[Any]]]:
    """The inverse of `pack_report`; the arrays are read-only views into `raw`."""
    header, at = _unframed(raw)
    arrays = {}
    for name, (dtype, shape) in header["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(raw, np.dtype(dtype), count, at).reshape(shape)
        at += arrays[name].nbytes
    return Report(**header["report"]), arrays


def _framed(header: dict[str, Any], *parts: bytes) -> bytes:
    packed = orjson.dumps(header)
    return b"".join((struct.pack("<I", len(packed)), packed, *parts))


def _unframed(raw: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the arrays begin."""
    (length,) = struct.unpack_from("<I", raw)
    return orjson.loads(raw[HEADER : HEADER + length]), HEADER + length


def send(pipe: IO[bytes], message: bytes) -> None:
    """Raises OSError once the other side is gone."""
    pipe.write(struct.pack("<Q", len(message)) + message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The next message. Raises EOFError once the other side is gone, or speaks nonsense."""
    (length,) = struct.unpack("<Q", _exactly(pipe, 8))
    if length > LARGEST:
        raise EOFError(f"a message of {length} bytes is no message")
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = bytearray()
    while len(data) < count:  # an unbuffered pipe hands out what it has
        part = pipe.read(count - len(data))
        if not part:
            raise EOFError("the other side is gone")
        data += part
    return bytes(data)
