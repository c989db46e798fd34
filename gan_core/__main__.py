"""The same game without a screen: `python -m gan_core train | bench`."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import orjson

from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Settings, SettingsError

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


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m gan_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train one run and print what came of it as JSON")
    length = train.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=positive_count, metavar="N", help="train for N steps")
    length.add_argument("--seconds", type=positive_seconds, metavar="S", help="train for S seconds")
    train.add_argument("--preset", default="balanced", choices=list(PRESETS), help="where to start from")
    train.add_argument("--seed", type=int, help="the same as --set seed=N")
    train.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="changes",
        help="any setting, as often as needed",
    )  # fmt: skip
    train.add_argument("--out", type=Path, metavar="DIR", help="keep the run in this folder")
    commands.add_parser("bench", help="compare our speed with a plain notebook loop; prints JSON")
    return parser


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings a command line asks for. Raises SettingsError."""
    changes = {}
    for text in options.changes:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set wants NAME=VALUE, not {text!r}")
        changes[name] = value
    if options.seed is not None:
        changes["seed"] = options.seed
    return preset_settings(options.preset, **changes)


def main() -> int:
    """Run the command; the last line on standard output is one JSON object."""
    parser = arguments()
    options = parser.parse_args()
    try:
        return bench() if options.command == "bench" else train(parser, options)
    except KeyboardInterrupt:
        parser.exit(INTERRUPTED, f"{parser.prog}: interrupted, with nothing to show for it.\n")


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


def bench() -> int:
    """The command `bench`."""
    from benchmarks import bench as comparison

    print(orjson.dumps(comparison.bench()).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
