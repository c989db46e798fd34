"""Records the golden games: `python -m tests.golden.record`. Only an issue may ask for it.

Each game is played for STEPS steps on the bundled digits and evaluated at EVALUATED_AT, twice: in single
precision, as it is always played, and in double. A game is chaotic: another processor's rounding, 1e-7 in a
single step, has grown to more than 1 in single precision after 200 steps. There the double one must agree,
whose 1e-16 grows to less than 1e-5. Beside the numbers stands the arithmetic they were made with, since only
on the same one can the single one be met to the bit.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from gan_core import data
from gan_core.history import HISTOGRAMS, Array, as_block
from gan_core.measures.held_out import HeldOut, evaluate
from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.training import GanTrainer, arithmetic_of_a_trainer

FILE = Path(__file__).parent / "games.npz"
GAMES = ("balanced", "course_recipe", "two_sided_smoothing", "saturating_loss", "three_layers_batch_norm")
"""The default game and four presets: together every loss, order of layers and label there is."""
STEPS = 200
EVALUATED_AT = (0, 100, 200)
PRECISIONS = {"single": torch.float32, "double": torch.float64}


def arithmetic() -> str:
    """Which processor, torch and instruction set compute here."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if "model name" in line] if cpu.exists() else []
    processor = names[0].partition(": ")[2] if names else platform.processor()
    return f"{processor}; torch {torch.__version__}; {torch.backends.cpu.get_cpu_capability()}"


def play(preset: str, precision: str) -> dict[str, Array]:
    """`steps.NAME` [STEPS] and `evaluations.NAME` [3] or [3, bins] of one game; see PRECISIONS."""
    dtype, digits = PRECISIONS[precision], data.load(Settings())
    with arithmetic_of_a_trainer(), default_dtype(dtype):
        digits = data.DataSet(digits.name, digits.train.to(dtype), digits.held_out.to(dtype))
        trainer = GanTrainer(preset_settings(preset), digits)
        records, evaluations = [], []
        for step in range(STEPS + 1):
            if step in EVALUATED_AT:
                evaluations.append(evaluate(trainer))
            if step < STEPS:
                records.append(trainer.step(trainer.settings))
    steps = {f"steps.{name}": column for name, column in as_block(records).items()}
    return steps | {f"evaluations.{name}": column for name, column in _block(evaluations).items()}


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """New tensors of this precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _block(evaluations: list[HeldOut]) -> dict[str, Array]:
    histograms = {name: np.stack([getattr(found, name) for found in evaluations]) for name in HISTOGRAMS}
    return as_block([found.evaluation for found in evaluations]) | histograms


def main() -> None:
    columns = {
        f"{game}/{precision}/{name}": column
        for game in GAMES for precision in PRECISIONS for name, column in play(game, precision).items()
    }  # fmt: skip
    np.savez_compressed(FILE, allow_pickle=False, arithmetic=np.array(arithmetic()), **columns)


if __name__ == "__main__":
    main()
