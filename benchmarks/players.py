"""What each kind of player gives on digits: the table of docs/players.md.

Every scene is played for 180 s of one core's time, seeds 0 and 1, two games at once. FID and the class that a
digit is read as are those of the shipped classifier (`gan_core.measures.quality`), of 2,000 generated digits
against the 2,000 held-out ones; D's means are those of the last fifth of the steps, on held-out digits. What
is measured does not count as time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from gan_core import data
from gan_core.measures.held_out import evaluate
from gan_core.measures.pictures import ROWS, shown_latents, take_pictures
from gan_core.measures.quality import quality_of
from gan_core.presets import ALL_PRESETS, preset_settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

SCENES = ("balanced", "dcgan", "conditional", "conditional_dcgan", "style_based")
EVALUATED_EVERY = 2.0  # seconds
NAMES = (
    "scene", "seed", "s", "steps", "steps/s", "FID", "FID, averaged G", "floor", "right class", "averaged G",
    "D real", "D generated",
)  # fmt: skip


class Played(NamedTuple):
    """A game after so many seconds of processor time spent in steps."""

    moment: int  # seconds
    trainer: GanTrainer
    steps_per_second: float
    d_real: float  # D's mean outputs on held-out and generated samples, over the last fifth of the steps
    d_fake: float


def played(scene: str, seed: int, moments: Sequence[int]) -> Iterator[Played]:
    """One game at each of these moments, in seconds."""
    settings = preset_settings(scene, seed=seed)
    trainer = GanTrainer(settings, data.load(settings))
    used, due, seen = 0.0, 0.0, []
    for moment in moments:
        while used < moment:
            started = time.process_time()
            trainer.step(settings)
            used += time.process_time() - started
            if used >= due:
                due = used + EVALUATED_EVERY
                seen.append(evaluate(trainer).evaluation)
        late = [row for row in seen if row.step >= 0.8 * trainer.steps_done] or seen[-1:]
        d_real, d_fake = (sum(getattr(row, n) for row in late) / len(late) for n in ("d_real", "d_fake"))
        yield Played(moment, trainer, trainer.steps_done / used, d_real, d_fake)


def play(scene: str, seed: int, moments: Sequence[int], pictures: Path | None) -> list[str]:
    """One game: a row at each of these moments."""
    rows: list[str] = []
    with arithmetic_of_a_trainer():
        for moment, trainer, speed, d_real, d_fake in played(scene, seed, moments):
            found = quality_of(trainer)
            asked = ("right_class", "right_class_ema")
            right = [f"{found[name]:.3f}" if name in found else "" for name in asked]
            rows.append(
                f"| {ALL_PRESETS[scene].title} | {seed} | {moment} | {trainer.steps_done:,} | {speed:.0f} | "
                f"{found['fid']:.1f} | {found['fid_ema']:.1f} | {found['fid_floor']:.1f} | "
                f"{' | '.join(right)} | {d_real:.3f} | {d_fake:.3f} |"
            )
            if pictures is not None:
                _draw(trainer, pictures / f"{scene}_{seed}_{moment}.png")
    return rows


def _draw(trainer: GanTrainer, path: Path) -> None:
    digits = take_pictures(trainer, shown_latents(trainer.settings))["digits"]
    columns = len(digits) // ROWS
    sheet = digits.reshape(ROWS, columns, 28, 28).transpose(0, 2, 1, 3).reshape(ROWS * 28, columns * 28)
    Image.fromarray(sheet).resize((columns * 56, ROWS * 56)).save(path)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.players", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=SCENES, metavar="SCENE", help=", ".join(ALL_PRESETS))
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 30, 60, 180])
    parser.add_argument("--pictures", type=Path, help="a folder for the sheets of digits")
    options = parser.parse_args()
    jobs = [
        (scene, seed, sorted(options.seconds), options.pictures)
        for scene in options.scenes for seed in (0, 1)
    ]  # fmt: skip
    print(f"| {' | '.join(NAMES)} |", "|---" * len(NAMES) + "|", sep="\n", flush=True)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for rows in pool.map(play, *zip(*jobs, strict=True)):
            print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
