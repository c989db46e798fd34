"""The line from one run to the trainer process that has its game: commands, answers, and moving house.

A run can be *parked*: its game is saved on disk and forgotten by the trainer process. The next command
brings it back, in whichever process is chosen then. A move is parking with something to do next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_core.engine import wire
from gan_core.engine.process import WorkerProcess


class Line:
    """Numbers and sends the commands of one run. Used under the run's lock."""

    def __init__(self, name: str, worker: WorkerProcess, choose: Callable[[], WorkerProcess]) -> None:
        self.worker = worker
        self.serial = 0  # of the last command
        self.answered = 0  # the last command that has been carried out
        self.born = 0  # serial of the Create that the present game began with
        self.unconfirmed: dict[str, Any] | None = None  # the last Create, until the trainer has told of it
        self.parked = False
        self._name = name
        self._choose = choose  # the process for this run now
        self._parking = 0  # serial of a Park that is not answered yet
        self._held: list[wire.Command] = []  # what is asked meanwhile

    @property
    def is_away(self) -> bool:
        """Whether no trainer process has the game: it is parked, or on its way."""
        return self.parked or self._parking > 0

    @property
    def is_opening(self) -> bool:
        """Whether a saved game is being read that nobody has heard of yet."""
        fields = self.unconfirmed or {}
        return fields.get("opened") is not None and not fields.get("resume")

    def create(self, **fields: Any) -> int:
        """Another game, or the same one from a checkpoint."""
        if self.parked:
            self._arrive()
        self.unconfirmed = fields
        self.born = self._send(wire.Create, fields)
        return self.born

    def send(self, kind: type[Any], resume: dict[str, Any], **fields: Any) -> int:
        """A command; a parked game is brought back for it, with the fields `resume` of a Create."""
        if self.parked:
            self._bring_back(resume)
        return self._send(kind, fields)

    def park(self) -> None:
        """Save the game and put it away; what is asked from now on waits until that is done."""
        self._parking = self._send(wire.Park, {}, hold=False)
        self.serial += 1  # for the Create that brings the game back, before what waits

    def settle(self, serial: int, *, parked: bool, resume: dict[str, Any], come_back: bool) -> None:
        """A report with this serial has come; it may be the answer to a Park.

        `come_back`: bring the game back at once, in the process that is chosen for it now.
        """
        if not self._parking or serial < self._parking:
            return
        back_as, self._parking = self._parking + 1, 0
        held, self._held = self._held, []
        if not parked:  # the disk is full, or the game has left the numbers: it stays
            self._deliver(held)
            return
        self.parked = True
        if not held and not come_back:
            return
        self._arrive()
        if not held or not isinstance(held[0], wire.Create):
            self.worker.send(self._command(wire.Create, back_as, resume))
        self._deliver(held)

    def follow(self, heir: WorkerProcess, resume: dict[str, Any]) -> None:
        """The trainer process has died, and `heir` takes its place."""
        held, self._held = self._held, []
        if self._parking:  # the serial that was set aside: what waits comes after it
            serial, self._parking = self._parking + 1, 0
        else:
            serial = self.serial = self.serial + 1
        self.worker = heir
        another = any(isinstance(command, wire.Create) for command in held)
        fields = resume
        if not another and self.unconfirmed is not None and not self.unconfirmed.get("resume"):
            # Nobody has heard of that game yet: once more, or the game before it would come back.
            fields = {**self.unconfirmed, "play": resume["play"]}
        if not another:
            self.unconfirmed, self.born = fields, serial
        if not held or not isinstance(held[0], wire.Create):
            self.worker.send(self._command(wire.Create, serial, fields))
        self._deliver(held)

    def abandon(self, heir: WorkerProcess) -> None:
        """The trainer process has died, and the game is not brought back; `heir` hears what comes next."""
        self.worker, self._held, self._parking, self.unconfirmed = heir, [], 0, None

    def close(self, *, keep: bool) -> None:
        """The last command."""
        self.serial += 1
        self.worker.send(self._command(wire.Close, self.serial, {"keep": keep}))

    def _bring_back(self, resume: dict[str, Any]) -> None:
        self._arrive()
        self._send(wire.Create, resume)

    def _arrive(self) -> None:
        self.parked = False
        self.worker = self._choose()

    def _send(self, kind: type[Any], fields: dict[str, Any], *, hold: bool = True) -> int:
        self.serial += 1
        command = self._command(kind, self.serial, fields)
        if hold and self._parking:
            self._held.append(command)
        else:
            self.worker.send(command)
        return self.serial

    def _command(self, kind: type[Any], serial: int, fields: dict[str, Any]) -> wire.Command:
        command: wire.Command = kind(run=self._name, serial=serial, **fields)
        return command

    def _deliver(self, commands: list[wire.Command]) -> None:
        for command in commands:
            self.worker.send(command)
