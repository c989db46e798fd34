"""The trainer processes: how many there are, which one takes a run, and what happens when one dies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from gan_core.engine.cost import Lane
from gan_core.engine.process import WorkerProcess

DEATHS_ALLOWED = 3  # of one slot within DEATHS_SECONDS
DEATHS_SECONDS = 60.0
STOP_SECONDS = 2.0
NICENESS: dict[Lane, int] = {"shared": 5, "heavy": 10}

log = logging.getLogger(__name__)


class Slot:
    """A place for a trainer process; a process that dies is followed by another one in the same slot."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.process: WorkerProcess | None = None
        self.deaths: list[float] = []
        self.lost = False  # its processes kept dying


class Pool:
    """Slots for shared runs, and one for heavy runs. Processes start when they are first needed.

    Its lock is taken last, after those of the engine and of a run, and nothing else is taken under it.
    """

    def __init__(
        self, folder: Path, count: int, on_report: Callable[..., None], on_death: Callable[..., None]
    ) -> None:
        self._folder = folder
        self._handlers = on_report, on_death
        self._lock = threading.Lock()
        self._stopped = False
        self._slots = [*(Slot("shared") for _ in range(count)), Slot("heavy")]
        self._start(self._slots[0])  # so that the first page finds it warm

    @property
    def processes(self) -> list[WorkerProcess]:
        """Those that have been started, the dead ones of lost slots included."""
        return [slot.process for slot in self._slots if slot.process is not None]

    def choose(self, lane: Lane, load: Mapping[WorkerProcess, int]) -> WorkerProcess:
        """The process of that lane with the least load (see `Engine`), started if need be."""
        with self._lock:
            slots = [slot for slot in self._slots if slot.lane == lane]
            slot = min(slots, key=lambda slot: (slot.lost, load.get(slot.process, 0) if slot.process else 0))
            if slot.process is None:
                self._try_to_start(slot)
            if slot.process is None:  # the machine has no room for one more
                return next(other.process for other in self._slots if other.process is not None)
            return slot.process

    def lane_of(self, process: WorkerProcess) -> Lane:
        """The lane that a process belongs to."""
        return next((slot.lane for slot in self._slots if slot.process is process), "shared")

    def replace(self, dead: WorkerProcess) -> WorkerProcess | None:
        """The process that follows a dead one; None if too many died in its slot, or none can be started."""
        with self._lock:
            slot = next((slot for slot in self._slots if slot.process is dead), None)
            if slot is None or slot.lost or self._stopped:
                return None
            now = time.monotonic()
            slot.deaths = [t for t in slot.deaths if now - t < DEATHS_SECONDS] + [now]
            if len(slot.deaths) <= DEATHS_ALLOWED:
                self._try_to_start(slot)
            slot.lost = slot.process is dead
            if slot.lost:
                log.error("%s: its slot is given up after %d deaths", dead, len(slot.deaths))
            return None if slot.lost else slot.process

    def forgive(self, process: WorkerProcess) -> None:
        """The deaths in its slot came from one run, which has been stopped."""
        with self._lock:
            for slot in self._slots:
                if slot.process is process:
                    slot.deaths.clear()

    def is_lost(self, process: WorkerProcess) -> bool:
        """Whether nothing can be played in it any more."""
        return any(slot.process is process and slot.lost for slot in self._slots)

    def stop(self) -> None:
        """End all processes: together, and within STOP_SECONDS."""
        with self._lock:
            self._stopped = True
        for process in self.processes:
            process.hang_up()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes:
            process.end(deadline)
            process.forget()

    def _try_to_start(self, slot: Slot) -> None:
        try:
            self._start(slot)
        except OSError as error:
            log.error("a trainer process cannot be started: %s", error)

    def _start(self, slot: Slot) -> None:
        if not self._stopped:
            slot.process = WorkerProcess(self._folder, NICENESS[slot.lane], *self._handlers)
