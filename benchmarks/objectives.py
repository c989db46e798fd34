"""What each objective gives on digits: `.venv/bin/python -m benchmarks.objectives`, a table for docs/objectives.md.

Every scene is played for 180 s on one core, seeds 0 and 1, two games at once. A row holds means over the last
fifth of the time up to 60 s and up to 180 s, on held-out digits and as many generated ones, and the diagnosis
at that moment. Steps depend on the machine; where it is shared, they are fewer.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np

from gan_core.diagnosis import diagnose
from gan_core.presets import ALL_PRESETS, preset_settings
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer
from gan_core.unattended import Recording, data_for

SCENES = ("balanced", "lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic")
HEAD = "| scene | seed | s | steps | variety | right | D real | D generated | line | V | V at eq. | says |"
MEANS = ("spread", "accuracy", "d_real", "d_fake")


class Row(NamedTuple):
    """One game at one moment."""

    scene: str
    seed: int
    seconds: int
    steps: int
    means: dict[str, float]  # MEANS, and "value"
    lines: tuple[float, float]  # of D's output and of V; NaN: none
    says: str

    def __str__(self) -> str:
        mean, (d, v) = self.means, self.lines
        cells = [
            ALL_PRESETS[self.scene].title, self.seed, self.seconds, f"{self.steps:,}", f"{mean['spread']:.0%}",
            f"{mean['accuracy']:.0%}", *(f"{mean[name]:.3f}" for name in ("d_real", "d_fake")),
            "none" if np.isnan(d) else f"{d:.3f}", f"{mean['value']:.3f}", f"{v:.3f}", self.says,
        ]  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |".replace("-0.000", "0.000").replace("| -", "| −")


def play(scene: str, seed: int, moments: Sequence[int]) -> list[Row]:
    """One game, measured at each of these moments, in seconds."""
    settings = preset_settings(scene, seed=seed)
    rows: list[Row] = []
    with arithmetic_of_a_trainer():
        recording = Recording(GanTrainer(settings, data_for(settings)))
        started = time.monotonic()
        for moment in moments:
            try:
                while time.monotonic() - started < moment:
                    recording.step()
            except NotFiniteError as error:
                print(f"{scene}, seed {seed}: {error}", file=sys.stderr)
                break
            recording.take_stock()
            rows.append(_row(recording, scene, seed, moment))
    return rows


def _row(recording: Recording, scene: str, seed: int, moment: int) -> Row:
    table, steps = recording.history.evaluations.columns, recording.trainer.steps_done
    late = table["step"] >= 0.8 * steps
    means = {name: float(table[name][late].mean()) for name in MEANS}
    means["value"] = float((table["real_term"] + table["fake_term"])[late].mean())
    lines = float(table["d_reference"][-1]), float(table["value_reference"][-1])
    says = diagnose(recording.history, loss=recording.trainer.settings.objective).name
    return Row(scene, seed, moment, steps, means, lines, says)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.objectives", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=SCENES, metavar="SCENE", help=", ".join(ALL_PRESETS))
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 180])
    options = parser.parse_args()
    jobs = [(scene, seed, sorted(options.seconds)) for scene in options.scenes for seed in (0, 1)]
    print(HEAD, "|".join(["", *["---"] * HEAD.count("| "), ""]), sep="\n", flush=True)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for rows in pool.map(play, *zip(*jobs, strict=True)):
            print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
