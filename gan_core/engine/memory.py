"""How much memory runs take in all processes together, estimated, and how much they may take."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Mapping

from gan_core.engine.cost import parameter_counts
from gan_core.history import Film
from gan_core.rules import REMEMBERING
from gan_core.settings import Settings

BUDGET = "GAN_MEMORY_MB"
DEFAULT_MB = 600
FRAME = 53_000  # bytes of a film's frame: 64 digits, and verdicts on them
LOGS = 600_000  # records of a run, at most
PER_RUN = 100_000  # whatever the settings are
ORDER = 64_000  # of the data


def memory_budget(environment: Mapping[str, str] = os.environ) -> int:
    """Bytes for runs that are kept, from GAN_MEMORY_MB. Raises ValueError, one sentence."""
    told = environment.get(BUDGET, str(DEFAULT_MB)).strip()
    if not (told.isascii() and told.isdecimal() and len(told) <= 9):
        raise ValueError(f"{BUDGET} = {told[:40]!r} does not fit: it must be a whole number of megabytes.")
    return int(told) * 10**6


def trainer_bytes(settings: Settings, steps: int) -> int:
    """What a trainer process holds of a run: nothing to speak of before its first step."""
    if steps == 0:
        return PER_RUN // 10
    d, g = parameter_counts(settings)
    # float32: the weights and two moments of each player, the average of G, and what the rule remembers, and
    # the means of historical averaging.
    kept = (settings.rule in REMEMBERING) + (settings.historical_averaging > 0)
    return 4 * (3 * d + 4 * g + kept * (d + g)) + ORDER + PER_RUN


def history_bytes(film: Film) -> int:
    """What the web process holds of a game."""
    return FRAME * len(film.frames) + (LOGS if len(film.frames) > 1 else PER_RUN // 10)


def give_back_memory() -> None:
    """Return to the system what the C library keeps after networks were freed (glibc only)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
