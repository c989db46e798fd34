"""A run that waits for the full data set, inside its trainer process."""

from __future__ import annotations

import time
from typing import Any

from gan_core import data
from gan_core.engine import wire

LOADING_REPORT_SECONDS = 0.34


class Loading:
    """A run that waits for the full data set."""

    def __init__(self, command: wire.Create, download: data.Download) -> None:
        self.command = command
        self.download = download
        self.play_when_ready = command.play
        self._told_at = -1e9

    def hear(self, command: wire.Command) -> None:
        """New settings, or whether to play: for when the digits are there."""
        changes: dict[str, Any] = {"serial": command.serial}
        match command:
            case wire.Play(until=until, script=script):
                self.play_when_ready, changes["until"], changes["script"] = True, until, script
            case wire.Pause():
                self.play_when_ready = False
            case wire.Update(settings=settings):
                changes["settings"] = settings
        self.command = self.command.model_copy(update=changes)

    @property
    def due(self) -> bool:
        """Whether it is time to tell how far the download is."""
        return time.monotonic() - self._told_at >= LOADING_REPORT_SECONDS

    def report(self) -> wire.Report:
        self._told_at = time.monotonic()
        return wire.Report(
            run=self.command.run, serial=self.command.serial, state="loading", step=0,
            settings=self.command.settings, steps_per_second=0.0, progress=self.download.progress,
        )  # fmt: skip
