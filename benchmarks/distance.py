"""How far from equilibrium five scenes are after a minute, and after five: the table of docs/distance.md.

Every scene is played for 300 s of one core's time, seeds 0 and 1. At each moment a new discriminator is
trained against G (`fresh_discriminator`), the digits are compared with real ones (`quality_of`), and the
spectrum of the game is taken with 60 vectors, so that turning pairs have time to show. What is measured does
not count as time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.players import played
from gan_core.measures.fresh_discriminator import fresh_discriminator
from gan_core.measures.quality import quality_of
from gan_core.measures.spectrum import spectrum
from gan_core.presets import ALL_PRESETS
from gan_core.settings import Settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

SCENES = ("balanced", "course_recipe", "unregularised", "weak_discriminator", "dcgan")
BATCH, VECTORS = 128, 60
NAMES = (
    "scene", "seed", "s", "steps", "D real", "D generated", "JSD at least", "second seed",
    "new D: right of 100", "FID", "FID, averaged G", "classes", "KL", "rotation",
)  # fmt: skip


def rows_of(scene: str, seed: int, moments: Sequence[int]) -> list[str]:
    """One game: a row at each of these moments."""
    rows: list[str] = []
    with arithmetic_of_a_trainer():
        for moment, trainer, _, d_real, d_fake in played(scene, seed, moments):
            fresh, found = fresh_discriminator(trainer), quality_of(trainer)
            turning = "" if is_convolutional(trainer.settings) else _rotation(trainer)
            rows.append(
                f"| {ALL_PRESETS[scene].title} | {seed} | {moment} | {trainer.steps_done:,} | {d_real:.3f} | "
                f"{d_fake:.3f} | {fresh.jsd_bound:.3f} | {fresh.jsd_bound_second_seed:.3f} | "
                f"{fresh.right_in_100:.0f} | {found['fid']:.1f} | {found['fid_ema']:.1f} | "
                f"{found['classes_hit']:.0f} | {found['kl_to_uniform']:.3f} | {turning} |"
            )
    return rows


def is_convolutional(settings: Settings) -> bool:
    """Whether a spectrum with so many vectors would take minutes."""
    return settings.architecture != "perceptron"


def _rotation(trainer: GanTrainer) -> str:
    """The largest |Im|/|Re| of the converged eigenvalues."""
    value = spectrum(trainer, batch=BATCH, vectors=VECTORS).rotation
    return "" if math.isnan(value) else f"{value:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distance", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=SCENES, metavar="SCENE", help=", ".join(ALL_PRESETS))
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 300])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    jobs = [(scene, seed, sorted(options.seconds)) for scene in options.scenes for seed in (0, 1)]
    print(f"| {' | '.join(NAMES)} |", "|---" * len(NAMES) + "|", sep="\n", flush=True)
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        for rows in pool.map(rows_of, *zip(*jobs, strict=True)):
            print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
