"""One run without a page: trained here and now, summed up, kept in a folder."""

from __future__ import annotations

import errno
import math
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gan_core import checkpoint, data, run_folder
from gan_core.bundled import DataError
from gan_core.devices import device_for
from gan_core.diagnosis import diagnose
from gan_core.history import Array, History, Keyframe, StepRecord, as_block
from gan_core.measures.held_out import Pace, evaluations_block
from gan_core.measures.pictures import ROWS, Pictures, shown_latents, take_pictures
from gan_core.measures.quality_curve import is_due
from gan_core.measures.slice import Slices
from gan_core.run_folder import Meta
from gan_core.settings import Settings
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer

EVALUATIONS = 400  # of a whole run, at most; the summary rests on the last fifth of it
PROGRESS_SECONDS = 0.5
FULL_HISTORY = 200_000  # rows of the history file before neighbours are merged


class CannotTrainError(RuntimeError):
    """The run cannot begin: no digits, or no folder for what comes of it; one sentence."""


class Outcome(NamedTuple):
    """What came of a run."""

    summary: dict[str, Any]  # ready for JSON
    interrupted: bool


def train(settings: Settings, *, steps: int | None, seconds: float | None, out: Path | None) -> Outcome:
    """Train for `steps` or `seconds`, or until Ctrl-C, with progress on standard error; keep it in `out`.

    The summary is what `python -m gan_core train` prints. d_real, d_fake and value are means over the
    last fifth of the run, on held-out digits and fresh fakes. Raises CannotTrainError before training.
    """
    if out is not None:
        out = prepare(out)
    with arithmetic_of_a_trainer():
        recording = Recording(GanTrainer(settings, data_for(settings), device_for(settings)))
        started = time.monotonic()
        with interruptible() as interrupted:
            problem = play(recording, interrupted, steps=steps, seconds=seconds)
        elapsed = time.monotonic() - started
        if out is not None:
            problem = keep(recording, out) or problem
        told = summary(recording.trainer, recording.history, elapsed, problem)
    return Outcome(told, interrupted.is_set())


@contextmanager
def interruptible() -> Iterator[Event]:
    """Set by Ctrl-C, so that the step being made is finished; a second Ctrl-C ends the program at once."""
    interrupted = Event()

    def ask(*_: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


class Recording:
    """A game and all that is recorded of it."""

    def __init__(self, trainer: GanTrainer) -> None:
        self.trainer = trainer
        self.history = History(step_capacity=FULL_HISTORY, evaluation_capacity=2 * EVALUATIONS)
        self.pictures: Pictures
        self._latents = shown_latents(trainer.settings)
        self._slices = Slices()
        self._pace = Pace(time.monotonic)
        self._waiting: list[StepRecord] = []
        self.take_stock()

    def step(self) -> None:
        """One step, and an evaluation if its time has come. Raises NotFiniteError."""
        self._waiting.append(self.trainer.step(self.trainer.settings))
        if self._pace.due() or is_due(self.trainer):
            self.take_stock()

    def take_stock(self, *, quality: bool = False) -> None:
        """The records that wait, an evaluation and a picture, into the history.

        `quality`: with the columns of quality, even where they are not due.
        """
        if self._waiting:
            self.history.steps.extend(as_block(self._waiting))
            self._waiting.clear()
        measured = self._pace.evaluate(self.trainer, quality=quality)
        self.history.evaluations.extend(evaluations_block([measured]))
        self.pictures = take_pictures(self.trainer, self._latents, slices=self._slices)
        self.history.film.append(Keyframe(self.trainer.steps_done, self.pictures))


def play(recording: Recording, interrupted: Event, *, steps: int | None, seconds: float | None) -> str | None:
    """Train and record; why it stopped early, or None."""
    trainer, problem = recording.trainer, None
    started = told = time.monotonic()
    while not problem:
        now = time.monotonic()
        done = trainer.steps_done / steps if steps else (now - started) / (seconds or math.inf)
        if done >= 1.0:
            break
        if interrupted.is_set():
            problem = f"interrupted at step {trainer.steps_done}"
            break
        try:
            recording.step()
        except NotFiniteError as error:
            problem = str(error)
        if now - told >= PROGRESS_SECONDS:
            tell(trainer, recording.history, done, now - started)
            told = now
    recording.take_stock(quality=True)
    print(file=sys.stderr)
    return problem


def tell(trainer: GanTrainer, history: History, done: float, elapsed: float) -> None:
    """Progress, on one line of standard error."""
    last = {name: column[-1] for name, column in history.evaluations.columns.items()}
    line = _number(last["d_reference"])
    at = "" if line is None else f"equilibrium line {line:.3f}"
    print(
        f"\r{done:4.0%}  step {trainer.steps_done:,}  {trainer.steps_done / elapsed:.0f} steps/s  "
        f"D(real) {last['d_real']:.3f}  D(generated) {last['d_fake']:.3f}  {at}   ",
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
        "device": trainer.device.type,
        "d_real": float(np.mean(table["d_real"][late])),
        "d_fake": float(np.mean(table["d_fake"][late])),
        "d_reference": _number(table["d_reference"][-1]),
        "value": float(np.mean(value[late])),
        "value_reference": _number(table["value_reference"][-1]),
        "accuracy": float(np.mean(table["accuracy"][late])),
        "overfit_gap": float(np.mean(table["overfit_gap"][late])),
        "spread": float(np.mean(table["spread"][late])),
        **_toy_summary(table, late),
        **_quality_summary(table),
        **({"right_class": float(np.mean(table["right_class"][late]))} if "right_class" in table else {}),
        "diagnosis": diagnose(history, loss=trainer.settings.objective).name,
        "problem": problem,
        "settings": trainer.settings.model_dump(),
    }


def _number(value: float) -> float | None:
    """`value`, or None where there is none: this objective has no such line."""
    return float(value) if math.isfinite(value) else None


def _quality_summary(table: Mapping[str, Array]) -> dict[str, Any]:
    """What only digits have: the newest numbers of quality."""
    names = ("fid", "fid_ema", "fid_floor", "fid_floor_sd", "classes_hit")
    known = {name: table[name][np.isfinite(table[name])] for name in names if name in table}
    return {name: float(column[-1]) for name, column in known.items() if len(column)}


def _toy_summary(table: Mapping[str, Array], late: NDArray[np.bool_]) -> dict[str, Any]:
    """What only data of a known density have: means over the same part of the run, modes at its end."""
    if "jsd" not in table:
        return {}
    means = {name: float(np.mean(table[name][late])) for name in ("jsd", "jsd_floor", "tv", "tv_floor")}
    return means | {name: int(table[name][-1]) for name in ("modes", "modes_hit")}


def data_for(settings: Settings) -> data.DataSet:
    """The data asked for; the full set is fetched first, with progress. Raises CannotTrainError."""
    try:
        if settings.data == "mnist_60k" and not data.full_set_is_here():
            return data.full_digits(report=tell_fetched)
        return data.load(settings)
    except DataError as error:
        raise CannotTrainError(str(error)) from error


def tell_fetched(resource: data.Resource, received: int) -> None:
    """How much of a file has come, on one line of standard error."""
    share = received / resource.packed
    print(f"\rDownloading {resource.name}: {share:.0%}   ", end="", file=sys.stderr, flush=True)


def prepare(out: Path) -> Path:
    """Make sure that `out` can take a run: new, empty, or a run of ours and nothing else."""
    out = out.resolve()  # it is replaced as a whole, which "." is not able to be
    try:
        refuse_to_replace(out)
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "the folder it lies in is read-only")
    except OSError as error:
        raise CannotTrainError(f"{out} cannot be written to ({error.strerror}).") from error
    return out


def refuse_to_replace(out: Path) -> None:
    """Raises CannotTrainError where `out` holds anything that a new run must not take the place of."""
    if not out.is_dir() or not any(out.iterdir()):
        return
    try:
        run_folder.refuse_foreign(out)
    except run_folder.LibraryError as error:
        if (out / "meta.json").exists():
            raise CannotTrainError(f"{error} Name an empty or a new folder.") from error
        if (out / "settings.json").exists() and (out / "state.json").exists():
            problem = "holds a run of an earlier version of this app: name a new folder"
            raise CannotTrainError(f"{out} {problem}.") from error
        problem = "holds other things than a run: name an empty or a new folder"
        raise CannotTrainError(f"{out} {problem}.") from error


def keep(recording: Recording, out: Path) -> str | None:
    """Checkpoint, history and a sheet of samples: what the Live page opens again. Why not, or None.

    All is written beside `out`, which is replaced in the end, if it is still ours to replace.
    """
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        write_run(recording, part, out.name)
        refuse_to_replace(out)
        replace(part, out)
    except (OSError, CannotTrainError) as error:
        return f"The run could not be kept ({getattr(error, 'strerror', '') or error})"
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return None


def write_run(recording: Recording, folder: Path, name: str) -> None:
    """The files of a run into a folder that is not there yet."""
    checkpoint.save(recording.trainer, folder)
    recording.history.write(folder)
    if "digits" in recording.pictures:
        digits = recording.pictures["digits"].reshape(ROWS, -1, 28, 28)
        sheet = Image.fromarray(digits.transpose(0, 2, 1, 3).reshape(28 * ROWS, -1))
        large = sheet.resize((4 * sheet.width, 4 * sheet.height), Image.Resampling.NEAREST)
        large.save(folder / "samples.png")
    step, now = recording.trainer.steps_done, time.time()
    run_folder.write_meta(folder, Meta(name=name, title=name, created=now, saved=now, step=step))


def replace(part: Path, out: Path) -> None:
    """`part` takes the place of `out`, which is deleted afterwards, or put back where that fails."""
    aside = part.with_name(f"{part.name}.old")
    os.replace(out, aside)
    try:
        os.replace(part, out)
    except OSError:
        os.replace(aside, out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
