"""One run without a page: trained here and now, summed up, kept in a folder."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from gan_core import checkpoint, data
from gan_core.diagnosis import diagnose
from gan_core.history import HISTOGRAMS, History, StepRecord, as_block
from gan_core.measures.held_out import Pace
from gan_core.networks import draw_latents
from gan_core.settings import Settings
from gan_core.training import Functions, GanTrainer, NotFiniteError

EVALUATIONS = 400  # of a whole run, at most; the summary rests on the last fifth of it
PROGRESS_SECONDS = 0.5
FULL_HISTORY = 200_000  # rows of the history file before neighbours are merged


class OutputError(RuntimeError):
    """The folder for the results cannot be used; one sentence."""


def train(
    settings: Settings, *, steps: int | None, seconds: float | None, out: Path | None
) -> dict[str, Any]:
    """Train for `steps` or `seconds`, with progress on standard error; keep the run in `out`.

    Returns what `python -m gan_core train` prints. d_real, d_fake and value are means over the last
    fifth of the run, on held-out digits and fresh fakes. Raises OutputError before training if `out`
    cannot be written to, DataError if the digits are missing.
    """
    if out is not None:
        prepare(out)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    trainer = GanTrainer(settings, digits_for(settings))
    history = History(step_capacity=FULL_HISTORY, evaluation_capacity=2 * EVALUATIONS)
    started = time.monotonic()
    problem = play(trainer, history, steps=steps, seconds=seconds)
    elapsed = time.monotonic() - started
    if out is not None:
        keep(trainer, history, out)
    return summary(trainer, history, elapsed, problem)


def play(trainer: GanTrainer, history: History, *, steps: int | None, seconds: float | None) -> str | None:
    """Train and record; why it stopped early, or None."""
    started = told = time.monotonic()
    pace = Pace(time.monotonic)
    waiting: list[StepRecord] = []
    problem = None
    take_stock(trainer, history, waiting, pace)
    while not problem:
        now = time.monotonic()
        done = trainer.steps_done / steps if steps else (now - started) / (seconds or math.inf)
        if done >= 1.0:
            break
        try:
            waiting.append(trainer.step(trainer.settings))
        except NotFiniteError as error:
            problem = str(error)
        if pace.due():
            take_stock(trainer, history, waiting, pace)
        if now - told >= PROGRESS_SECONDS:
            tell(trainer, history, done, now - started)
            told = now
    take_stock(trainer, history, waiting, pace)
    print(file=sys.stderr)
    return problem


def take_stock(trainer: GanTrainer, history: History, waiting: list[StepRecord], pace: Pace) -> None:
    """The records that wait, and one evaluation, into the history."""
    if waiting:
        history.steps.extend(as_block(waiting))
        waiting.clear()
    held_out = pace.evaluate(trainer)
    block = as_block([held_out.evaluation])
    history.evaluations.extend(block | {name: getattr(held_out, name)[None] for name in HISTOGRAMS})


def tell(trainer: GanTrainer, history: History, done: float, elapsed: float) -> None:
    """Progress, on one line of standard error."""
    last = {name: column[-1] for name, column in history.evaluations.columns.items()}
    print(
        f"\r{done:4.0%}  step {trainer.steps_done:,}  {trainer.steps_done / elapsed:.0f} steps/s  "
        f"D real {last['d_real']:.3f}  fake {last['d_fake']:.3f}  line {last['d_reference']:.3f}   ",
        end="", file=sys.stderr, flush=True,
    )  # fmt: skip


def summary(trainer: GanTrainer, history: History, elapsed: float, problem: str | None) -> dict[str, Any]:
    """The run in numbers, ready for JSON."""
    table = history.evaluations.columns
    late = table["step"] >= 0.8 * trainer.steps_done
    value = table["real_term"] + table["fake_term"]
    return {
        "steps": trainer.steps_done,
        "seconds": round(elapsed, 3),
        "steps_per_second": round(trainer.steps_done / elapsed, 2),
        "d_real": float(np.mean(table["d_real"][late])),
        "d_fake": float(np.mean(table["d_fake"][late])),
        "d_reference": float(table["d_reference"][-1]),
        "value": float(np.mean(value[late])),
        "value_reference": float(table["value_reference"][-1]),
        "accuracy": float(np.mean(table["accuracy"][late])),
        "overfit_gap": float(np.mean(table["overfit_gap"][late])),
        "spread": float(np.mean(table["spread"][late])),
        "diagnosis": diagnose(history).name,
        "problem": problem,
        "settings": trainer.settings.model_dump(),
    }


def digits_for(settings: Settings) -> data.Digits:
    """The digits asked for; the full set is fetched first, with progress. Raises DataError."""
    if settings.data == "mnist_60k" and not data.full_set_is_here():
        download = data.Download().start()
        while download.wait(PROGRESS_SECONDS) == "running":
            print(f"\rFetching MNIST: {download.progress:.0%} ", end="", file=sys.stderr, flush=True)
        if download.state == "failed":
            raise data.DataError(str(download.error))
    return data.load(settings.data)


def prepare(out: Path) -> None:
    """Make sure that `out` can take a run: new, empty, or a run that may be written over."""
    try:
        if out.is_dir() and any(out.iterdir()) and not (out / "settings.json").exists():
            raise OutputError(f"{out} holds other things than a run: name an empty or a new folder.")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written to ({error.strerror}).") from error


def keep(trainer: GanTrainer, history: History, out: Path) -> None:
    """Checkpoint, history and a sheet of samples: what the Live page opens again."""
    checkpoint.save(trainer, out)
    history.write(out)
    rng = torch.Generator().manual_seed(trainer.settings.seed)
    z = draw_latents(64, trainer.settings, rng)
    with torch.no_grad():
        images = trainer.average(z, Functions.of(trainer.settings).generator, "eval")
    grid = images.nan_to_num(-1.0).add(1).mul(127.5).clamp(0, 255).byte().reshape(8, 8, 28, 28)
    sheet = Image.fromarray(grid.permute(0, 2, 1, 3).reshape(224, 224).numpy())
    sheet.resize((896, 896), Image.Resampling.NEAREST).save(out / "samples.png")
