"""What each objective gives on digits and on the ring of eight: the tables of docs/objectives.md.

Every scene is played for 180 s of one core's time, seeds 0 and 1, two games at once: on a machine that is
busy with other things the table takes longer, and says the same. A row holds means over the last fifth of the
steps up to that moment, on held-out samples and as many generated ones, and the diagnosis there. On the ring,
JSD and the modes hit are those of the averaged G.
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
from gan_core.settings import sample_of
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer
from gan_core.unattended import Recording, data_for

DIGITS = ("balanced", "lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic")
RING = ("ring", "ring_lsgan", "ring_hinge", "ring_wgan_clip", "ring_wgan_gp", "ring_relativistic")
OWN = {"digits": ("variety", "right"), "plane": ("JSD (floor)", "modes hit")}
"""What a table says of the samples, by the kind of a sample."""
MEANS = ("spread", "accuracy", "d_real", "d_fake", "jsd", "jsd_floor", "modes_hit")


class Row(NamedTuple):
    """One game at one moment."""

    scene: str
    seed: int
    seconds: int
    steps: int
    means: dict[str, float]  # those of MEANS that were measured, and "value"
    lines: tuple[float, float]  # of D's output and of V; NaN: none
    modes: int  # hit at the end; 0 on digits
    says: str

    def __str__(self) -> str:
        mean, (d, v) = self.means, self.lines
        own = (
            [f"{mean['jsd']:.3f} ({mean['jsd_floor']:.3f})", f"{self.modes} of 8"]
            if "jsd" in mean
            else [f"{mean[name]:.0%}" for name in ("spread", "accuracy")]
        )
        cells = [
            ALL_PRESETS[self.scene].title, self.seed, self.seconds, f"{self.steps:,}", *own,
            *(f"{mean[name]:.3f}" for name in ("d_real", "d_fake")),
            "none" if np.isnan(d) else f"{d:.3f}", f"{mean['value']:.3f}", f"{v:.3f}", self.says,
        ]  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |".replace("-0.000", "0.000").replace("| -", "| −")


def play(scene: str, seed: int, moments: Sequence[int]) -> list[Row]:
    """One game, measured at each of these moments, in seconds of processor time."""
    settings = preset_settings(scene, seed=seed)
    rows: list[Row] = []
    with arithmetic_of_a_trainer():
        recording = Recording(GanTrainer(settings, data_for(settings)))
        started = time.process_time()
        for moment in moments:
            try:
                while time.process_time() - started < moment:
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
    means = {name: float(table[name][late].mean()) for name in MEANS if name in table}
    means["value"] = float((table["real_term"] + table["fake_term"])[late].mean())
    lines = float(table["d_reference"][-1]), float(table["value_reference"][-1])
    modes = int(table["modes_hit"][-1]) if "modes_hit" in table else 0
    says = diagnose(recording.history, loss=recording.trainer.settings.objective).name
    return Row(scene, seed, moment, steps, means, lines, modes, says)


def head(scene: str) -> str:
    """The first two lines of the table that this scene stands in."""
    own = OWN[sample_of(preset_settings(scene).data)]
    names = ["scene", "seed", "s", "steps", *own, "D real", "D generated", "line", "V", "V at eq.", "says"]
    return f"| {' | '.join(names)} |\n{'|---' * len(names)}|"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.objectives", description=__doc__)
    every = (*DIGITS, *RING)
    parser.add_argument("scenes", nargs="*", default=every, metavar="SCENE", help=", ".join(ALL_PRESETS))
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 180])
    options = parser.parse_args()
    jobs = [(scene, seed, sorted(options.seconds)) for scene in options.scenes for seed in (0, 1)]
    told = ""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for (scene, *_), rows in zip(jobs, pool.map(play, *zip(*jobs, strict=True)), strict=True):
            if head(scene) != told:
                told = head(scene)
                print(f"\n{told}", flush=True)
            print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
