"""Messages between the web process and the lab process: JSON alone, framed as in `gan_core.engine.wire`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gan_core.engine.wire import Scheduled
from gan_core.history.results import Option
from gan_core.settings import Settings


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    job: int


class Measure(_Message):
    """Measure the game that stands in `checkpoint`, or at the first step of `settings` without one.

    With `until`, first repeat the steps up to that one; `script`: settings that come into force on the way.
    `key` names this moment of this game: two questions about one moment read it once.
    """

    kind: Literal["measure"] = "measure"
    key: str
    what: str
    options: dict[str, Option]
    checkpoint: str | None
    settings: Settings
    until: int | None
    script: tuple[Scheduled, ...]


class Cancel(_Message):
    """Nobody waits for that job any more."""

    kind: Literal["cancel"] = "cancel"


Command = Measure | Cancel
_COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="kind")])

Stage = Literal["repeating", "measuring", "done", "failed", "cancelled"]


class Report(_Message):
    """How far a job is; `found` by field, with null where a number is not finite."""

    stage: Stage
    share: float = 0.0  # of this stage, 0 to 1
    problem: str | None = None  # why it failed, a sentence
    found: dict[str, Any] | None = None


def pack_command(command: Command) -> bytes:
    return command.model_dump_json().encode()


def read_command(raw: bytes) -> Command:
    """Raises pydantic.ValidationError on anything that is not a command."""
    return _COMMAND.validate_json(raw)


def pack_report(report: Report) -> bytes:
    return orjson.dumps(report.model_dump())


def read_report(raw: bytes) -> tuple[Report]:
    """Raises pydantic.ValidationError on anything that is not a report."""
    return (Report(**orjson.loads(raw)),)
