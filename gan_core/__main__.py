"""The same game without a screen: `python -m gan_core train | bench`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Settings, SettingsError


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m gan_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train one run and print what came of it as JSON")
    length = train.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, metavar="N", help="train for N steps")
    length.add_argument("--seconds", type=float, metavar="S", help="train for S seconds")
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
    if options.command == "bench":
        from benchmarks.bench import bench

        print(orjson.dumps(bench()).decode())
        return 0
    from gan_core.unattended import OutputError, train

    try:
        settings = settings_of(options)
        result = train(settings, steps=options.steps, seconds=options.seconds, out=options.out)
    except (SettingsError, OutputError) as error:
        parser.error(str(error))
    print(orjson.dumps(result).decode())
    return 1 if result["problem"] else 0


if __name__ == "__main__":
    sys.exit(main())
