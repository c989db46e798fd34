"""The same game without a screen: `python -m gan_core train | measure | lesson | runs | bench`."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from gan_core import device_choice, library, log
from gan_core.presets import ALL_PRESETS, preset_settings
from gan_core.settings import Settings, SettingsError
from gan_core.typed import whole_number_of

INTERRUPTED = 130
"""What a shell reports of a program ended by Ctrl-C: 128 and the signal's number."""


def positive_count(text: str) -> int:
    """A whole number above 0, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number <= 0:
        raise argparse.ArgumentTypeError(f"it must be a whole number above 0, not {text!r}.")
    return number


def positive_seconds(text: str) -> float:
    """A finite number above 0, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"it must be a number of seconds above 0, not {text!r}.")
    return number


def whole_step(text: str) -> int:
    """A step of a run, 0 or above, for argparse."""
    step = whole_number_of(text)
    if step is None or not 0 <= step < 10**12:
        raise argparse.ArgumentTypeError(f"it must be a whole number from 0 on, not {text!r}.")
    return step


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds with commas between them, for argparse."""
    found = [whole_number_of(part) for part in text.split(",")]
    seeds = tuple(seed for seed in found if seed is not None and 0 <= seed < 2**31)
    if len(seeds) < len(found):
        raise argparse.ArgumentTypeError(f"it must be whole numbers such as 0,1, not {text!r}.")
    return seeds


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m gan_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train one run and print its result as JSON")
    length = train.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=positive_count, metavar="N", help="train for N steps")
    length.add_argument("--seconds", type=positive_seconds, metavar="S", help="train for S seconds")
    train.add_argument("--preset", default="balanced", choices=list(ALL_PRESETS), metavar="NAME",
                       help=f"the preset to start from: {', '.join(ALL_PRESETS)}")  # fmt: skip
    train.add_argument("--seed", type=int, help="the same as --set seed=N")
    train.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="changes",
        help="change a setting; can be repeated",
    )  # fmt: skip
    train.add_argument("--out", type=Path, metavar="DIR", help="keep the run in this folder")
    measure = commands.add_parser("measure", help="measure a saved run; prints JSON")
    measure.add_argument("run", type=Path, metavar="RUN_DIR", help="the folder of a run")
    measure.add_argument("--what", required=True, metavar="NAME",
                         help="such as fresh_discriminator; any other word lists them all")  # fmt: skip
    measure.add_argument("--step", type=whole_step, metavar="N",
                         help="measure at step N, which is played again where no checkpoint holds it; "
                              "the newest checkpoint unless told")  # fmt: skip
    lesson = commands.add_parser("lesson", help="play lessons and check their claims; prints JSON")
    lesson.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a lesson's file")
    lesson.add_argument("--seeds", type=seeds_of, default=(0, 1), metavar="0,1",
                        help="seeds on which live scenes are played; 0,1 unless told")  # fmt: skip
    add_runs(commands.add_parser("runs", help="list, show, delete and undelete the runs the app has kept"))
    commands.add_parser("bench", help="compare the speed with that of a plain notebook loop; prints JSON")
    return parser


def add_runs(parser: argparse.ArgumentParser) -> None:
    """The command line of `runs`."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    actions = parser.add_subparsers(dest="action", metavar="{show,delete,undo} NAME")
    for action, what in (
        ("show", "print all that is known of one run"),
        ("delete", "move a run to the trash, which is emptied after a week"),
        ("undo", "bring a deleted run back"),
    ):
        actions.add_parser(action, help=what).add_argument("name", metavar="NAME")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings a command line asks for. Raises SettingsError."""
    changes = {}
    for text in options.changes:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set needs NAME=VALUE, not {text!r}")
        changes[name] = value
    if options.seed is not None:
        changes["seed"] = options.seed
    return preset_settings(options.preset, **changes)


def main() -> int:
    """Run the command; the last line on standard output is one JSON object."""
    parser = arguments()
    options = parser.parse_args()
    log.configure()
    try:
        device_choice.choice()
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    try:
        if options.command == "runs":
            return runs(parser, options)
        if options.command == "measure":
            return measure(parser, options)
        if options.command == "lesson":
            return lesson(parser, options)
        return bench() if options.command == "bench" else train(parser, options)
    except KeyboardInterrupt:
        parser.exit(INTERRUPTED, f"{parser.prog}: interrupted before there was a result.\n")


def train(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """The command `train`."""
    from gan_core import unattended

    try:
        settings = settings_of(options)
        outcome = unattended.train(settings, steps=options.steps, seconds=options.seconds, out=options.out)
    except SettingsError as error:
        parser.error(str(error))
    except unattended.CannotTrainError as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    print(orjson.dumps(outcome.summary).decode())
    if outcome.interrupted:
        return INTERRUPTED
    return 1 if outcome.summary["problem"] else 0


def measure(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """The command `measure`: 2 for a run, a step or a measure that cannot be had."""
    from gan_core import measuring

    try:
        found = measuring.measure(options.run, options.what, options.step)
    except measuring.CannotMeasureError as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    print(orjson.dumps(found).decode())
    return 0


def lesson(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """The command `lesson`: 1 where a claim failed, 2 for a file with a mistake."""
    from gan_core.lessons import playing, reading
    from gan_core.lessons.records import LessonError

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    try:
        lessons = [reading.read_lesson(path) for path in options.files]
        judged = [item for read in lessons for item in playing.check(read, options.seeds, tell)]
    except (LessonError, playing.CannotTrainError) as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    failed = [item.as_json() for item in judged if not item.verdict.came_true]
    print(orjson.dumps({"lessons": len(lessons), "claims": len(judged), "failed": failed}).decode())
    return 1 if failed else 0


def runs(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """The command `runs`: 0 when done, 1 where there is no such run, 2 for a name that is none."""
    root = library.runs_root()
    if options.action is None:
        found = library.list_runs(root)
        print(as_json([meta.model_dump() for meta in found]) if options.json else table_of(found, root))
        return 0
    try:
        folder = library.folder_of(root, options.name)
    except library.LibraryError as error:
        parser.error(str(error))
    try:
        if options.action == "show":
            print(as_json(shown(folder)))
        elif options.action == "delete":
            library.delete(folder)
            print(f"Deleted {options.name}. To bring it back: {parser.prog} runs undo {options.name}")
        else:
            library.undelete(root, options.name)
            print(f"{options.name} is back.")
    except (library.LibraryError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def shown(folder: Path) -> dict[str, Any]:
    """All that is known of one run, ready for JSON. Raises LibraryError."""
    run = library.read(folder)
    recorded = {"steps": len(run.history.steps), "evaluations": len(run.history.evaluations)}
    pictures, changes = len(run.history.film.frames), len(run.history.changes.rows)
    rows = recorded | {"pictures": pictures, "changes": changes}
    where = {"folder": str(folder), "rows": rows}
    return run.meta.model_dump() | where | {"settings": run.settings.model_dump()}


def table_of(found: list[library.Meta], root: Path) -> str:
    """The runs, one a line."""
    if not found:
        return f"No runs in {root}."
    rows = [("NAME", "STEP", "SAVED", "STATE", "TITLE")] + [
        (meta.name, f"{meta.step:,}", time.strftime("%Y-%m-%d %H:%M", time.localtime(meta.saved)), meta.state,
         meta.title)
        for meta in found
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_json(value: object) -> str:
    """Indented for reading."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def bench() -> int:
    """The command `bench`."""
    from benchmarks import bench as comparison

    print(orjson.dumps(comparison.bench()).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
