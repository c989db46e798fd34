"""How near the estimated steps per second of the New game form come to the measured ones.

`python -m benchmarks.pace`: the pace is taken from default steps, as a trainer process measures them; then
each scene is played beside the default one, on one thread, in processor time. Exit code 1 where one is off by
more than a factor of two.
"""

from __future__ import annotations

import statistics
import sys
import time

from benchmarks.bench import speed_of
from gan_core import data
from gan_core.engine.cost import Pace
from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

SCENES = ("wide_recipe", "wgan_gp", "dcgan", "conditional_dcgan", "style_based")
PAIRS = 5
SECONDS = 1.0


def measured(settings: Settings) -> tuple[float, float]:
    """Steps per second of the default game and of this one: medians of pairs."""
    games = [(GanTrainer(which, data.load(which)), which) for which in (Settings(), settings)]
    speeds: list[list[float]] = [[], []]
    for _ in range(PAIRS):
        for (trainer, which), found in zip(games, speeds, strict=True):
            found.append(speed_of(lambda t=trainer, s=which: t.step(s), SECONDS, time.process_time))  # type: ignore[misc]
    return statistics.median(speeds[0]), statistics.median(speeds[1])


def main() -> int:
    """Print a line for each scene."""
    worst = 1.0
    for scene in SCENES:
        settings = preset_settings(scene)
        with arithmetic_of_a_trainer():
            default, found = measured(settings)
        pace = Pace()
        pace.note(Settings(), 1.0 / default)
        estimated = pace.steps_per_second(settings)
        worst = max(worst, estimated / found, found / estimated)
        ratio = estimated / found
        print(f"{scene:18} estimated {estimated:.1f}, measured {found:.1f} steps/s: {ratio:.2f}", flush=True)
    return int(worst > 2.0)


if __name__ == "__main__":
    sys.exit(main())
