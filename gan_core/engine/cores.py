"""How many trainer processes to run: from the processor cores that this process may use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

MOST_WORKERS = 8  # unless told otherwise
WORKERS = "GAN_WORKERS"
LIMIT = 64  # of what may be asked for
CGROUP = Path("/sys/fs/cgroup")


def worker_count(environment: Mapping[str, str] = os.environ, cores: int | None = None) -> int:
    """As many as GAN_WORKERS says; else one fewer than there are cores, at least 1, at most MOST_WORKERS.

    Raises ValueError, one sentence, if GAN_WORKERS is not a whole number from 1 to LIMIT.
    """
    told = environment.get(WORKERS)
    if told is None:
        return min(max((cores or usable_cores()) - 1, 1), MOST_WORKERS)
    return checked(told.strip(), WORKERS)


def checked(number: str | int, name: str) -> int:
    """A count of workers that somebody has asked for. Raises ValueError, one sentence."""
    fits = str(number).isascii() and str(number).isdecimal() and len(str(number)) <= 4
    if not fits or not 1 <= int(number) <= LIMIT:
        shown = str(number)[:40]
        raise ValueError(f"{name} = {shown!r} does not fit: it must be a whole number from 1 to {LIMIT}.")
    return int(number)


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Cores that this process may use: its affinity, cut by the quota of its container."""
    here = hasattr(os, "sched_getaffinity")  # not on macOS and Windows
    allowed = len(os.sched_getaffinity(0)) if here else os.cpu_count() or 2
    quota = _quota(cgroup)
    return allowed if quota is None else max(min(allowed, int(quota)), 1)


def _quota(cgroup: Path) -> float | None:
    """Cores that the container may use at once (cgroup version 2, then 1), or None without a limit."""
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not limit.isdecimal() or not period.isdecimal() or int(period) == 0:
        return None  # "max" and "-1" are no limit
    return int(limit) / int(period)
