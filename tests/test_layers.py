"""Who may import whom. The table is DESIGN.md section 2, and every file has its row."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[1]
OURS = ("gan_core", "ui", "pages", "app", "benchmarks", "tests")
ANY_LIBRARY = None


class Room(NamedTuple):
    """A row of the table; names stand for themselves and all below them."""

    ours: tuple[str, ...] = ()
    libraries: tuple[str, ...] | None = ()  # None: any but torch and what brings it
    lazily: tuple[str, ...] = ()  # libraries a function may import


TRAINING = (
    "gan_core.settings", "gan_core.theory", "gan_core.history", "gan_core.bundled", "gan_core.data",
    "gan_core.networks", "gan_core.losses", "gan_core.rules", "gan_core.optimisers", "gan_core.methods",
    "gan_core.step_game",
    "gan_core.training",
)  # fmt: skip
WEB_ENGINE = (
    "gan_core.engine.wire", "gan_core.engine.mark", "gan_core.engine.cost", "gan_core.engine.cores",
    "gan_core.engine.process", "gan_core.engine.pool", "gan_core.engine.memory", "gan_core.engine.line",
    "gan_core.engine.games", "gan_core.engine.record", "gan_core.engine.fork", "gan_core.engine.handle",
    "gan_core.engine.shelf", "gan_core.engine.lab_wire", "gan_core.engine.lab", "gan_core.engine.client",
)  # fmt: skip
LIBRARY = ("gan_core.folders", "gan_core.run_folder", "gan_core.library")
SIGHT = (
    "gan_core.figures", "gan_core.diagnosis", "gan_core.judged_quality", "gan_core.history",
    "gan_core.parameters", "gan_core.theory",
)  # fmt: skip
LESSONS = (
    "gan_core.lessons.pages", "gan_core.lessons.reading", "gan_core.lessons.records",
    "gan_core.lessons.verdicts",
)  # fmt: skip
DEVICES = ("gan_core.devices", "gan_core.device_choice")
TORCH = ("torch", "torchvision", "safetensors")

ROOMS: dict[str, Room] = {
    "gan_core.typed": Room(),
    "gan_core.drawn": Room(),
    "gan_core.renamed": Room(),
    "gan_core.settings": Room(
        ("gan_core.settings", "gan_core.drawn", "gan_core.renamed", "gan_core.typed"), ("pydantic",)
    ),
    "gan_core.rules": Room(("gan_core.settings", "gan_core.theory")),
    "gan_core.torch_loops": Room(("gan_core.rules", "gan_core.settings")),
    "gan_core.torch_techniques": Room(("gan_core.rules", "gan_core.settings", "gan_core.torch_loops")),
    "gan_core.torch_lines": Room(
        ("gan_core.rules", "gan_core.settings", "gan_core.torch_loops", "gan_core.torch_techniques")
    ),
    "gan_core.substeps": Room(
        ("gan_core.history", "gan_core.rules", "gan_core.settings", "gan_core.torch_loops")
    ),
    "gan_core.presets_toy": Room(),
    "gan_core.presets": Room(("gan_core.presets_toy", "gan_core.settings", "gan_core.typed")),
    "gan_core.theory": Room(("gan_core.theory", "gan_core.drawn", "gan_core.typed"), ("numpy",)),
    "gan_core.history": Room(
        ("gan_core.history", "gan_core.renamed", "gan_core.theory"), ("numpy",), lazily=("pyarrow",)
    ),
    "gan_core.verdict_words": Room(("gan_core.theory",)),
    "gan_core.judged_quality": Room(("gan_core.history", "gan_core.theory"), ("numpy",)),
    "gan_core.diagnosis": Room(
        ("gan_core.history", "gan_core.judged_quality", "gan_core.theory", "gan_core.verdict_words"),
        ("numpy",),
    ),
    "gan_core.bundled": Room(libraries=("numpy",)),
    "gan_core.data": Room(
        ("gan_core.bundled", "gan_core.data", "gan_core.settings", "gan_core.theory"), ("numpy", "torch"),
        lazily=("torchvision",),
    ),
    "gan_core.networks": Room(("gan_core.networks", "gan_core.settings"), ("torch",)),
    "gan_core.losses": Room(("gan_core.settings", "gan_core.theory"), ("torch",)),
    "gan_core.optimisers": Room(("gan_core.settings",), ("torch",)),
    "gan_core.methods": Room(("gan_core.optimisers", "gan_core.settings", "gan_core.theory"), ("torch",)),
    "gan_core.step_game": Room(TRAINING, ("torch",)),
    "gan_core.training": Room(TRAINING, ("torch",)),
    "gan_core.folders": Room(("gan_core.history",)),
    "gan_core.run_folder": Room(("gan_core.folders",), ("pydantic",)),
    "gan_core.library": Room((*LIBRARY, "gan_core.history", "gan_core.settings"), ("platformdirs",)),
    "gan_core.device_choice": Room(),
    "gan_core.devices": Room(
        (*TRAINING, "gan_core.device_choice", "gan_core.presets"), ("torch",)
    ),
    "gan_core.checkpoint": Room((*TRAINING, "gan_core.folders"), ("torch", "safetensors")),
    "gan_core.measures": Room((*TRAINING, "gan_core.measures"), ("torch", "numpy", "safetensors")),
    "gan_core.engine.wire": Room(("gan_core.settings",), ("numpy", "orjson", "pydantic")),
    "gan_core.engine.mark": Room(),
    "gan_core.engine.cores": Room(),
    "gan_core.engine.cost": Room(("gan_core.rules", "gan_core.settings")),
    "gan_core.engine.memory": Room(
        ("gan_core.engine.cost", "gan_core.history", "gan_core.rules", "gan_core.settings")
    ),
    "gan_core.engine.process": Room(("gan_core.engine.wire", "gan_core.engine.mark")),
    "gan_core.engine.pool": Room(("gan_core.engine.process", "gan_core.engine.cost")),
    "gan_core.engine.line": Room(("gan_core.engine.process", "gan_core.engine.wire")),
    "gan_core.engine.games": Room(("gan_core.history", "gan_core.settings"), ("numpy",)),
    "gan_core.engine.record": Room((*WEB_ENGINE, "gan_core.history", "gan_core.settings"), ("numpy",)),
    "gan_core.engine.fork": Room((*WEB_ENGINE, "gan_core.folders", "gan_core.history", "gan_core.settings")),
    "gan_core.engine.handle": Room(
        (*WEB_ENGINE, "gan_core.library", "gan_core.history", "gan_core.settings"), ("numpy",)
    ),
    "gan_core.engine.shelf": Room((*WEB_ENGINE, *LIBRARY, "gan_core.bundled", "gan_core.history")),
    "gan_core.engine.client": Room(
        (*WEB_ENGINE, *LIBRARY, "gan_core.device_choice", "gan_core.history", "gan_core.settings"), ("numpy",)
    ),
    "gan_core.engine.lab_wire": Room(
        ("gan_core.engine.wire", "gan_core.history", "gan_core.settings"), ("orjson", "pydantic")
    ),
    "gan_core.engine.lab": Room((*WEB_ENGINE, "gan_core.folders", "gan_core.history")),
    "gan_core.engine.lab_process": Room(
        (
            *TRAINING, *DEVICES, "gan_core.checkpoint", "gan_core.measures", "gan_core.engine.lab_wire",
            "gan_core.engine.wire",
        )
    ),
    "gan_core.engine.saving": Room((*TRAINING, "gan_core.checkpoint", "gan_core.folders")),
    "gan_core.engine.run": Room(
        (
            *TRAINING, *DEVICES, "gan_core.checkpoint", "gan_core.measures", "gan_core.engine.wire",
            "gan_core.engine.saving",
        ),
        ("torch", "numpy"),
    ),
    "gan_core.engine.source": Room(
        (
            *TRAINING, *DEVICES, "gan_core.checkpoint", "gan_core.folders", "gan_core.engine.run",
            "gan_core.engine.saving", "gan_core.engine.wire",
        ),
    ),
    "gan_core.engine.worker": Room(
        (
            *TRAINING, *DEVICES, "gan_core.checkpoint", "gan_core.engine.run", "gan_core.engine.saving",
            "gan_core.engine.source", "gan_core.engine.wire", "gan_core.engine.mark",
            "gan_core.engine.memory", "gan_core.engine.loading",
        ),
        ("torch", "numpy"),
    ),
    "gan_core.engine.loading": Room((*TRAINING, "gan_core.engine.wire")),
    "gan_core.engine.pipes": Room(
        (*TRAINING, "gan_core.engine.wire", "gan_core.engine.mark", "gan_core.engine.worker")
    ),
    "gan_core.engine.__main__": Room(
        ("gan_core.log", "gan_core.engine.pipes", "gan_core.engine.lab_process")
    ),
    "gan_core.log": Room(),
    "gan_core.engine": Room(),
    "gan_core.figures": Room(
        ("gan_core.figures", "gan_core.history", "gan_core.theory", "gan_core.typed"), ("numpy", "plotly")
    ),
    "gan_core.parameters": Room(
        (
            "gan_core.parameters", "gan_core.figures", "gan_core.theory", "gan_core.rules",
            "gan_core.settings", "gan_core.typed",
        ),
    ),
    "gan_core.lessons": Room(
        (
            "gan_core.lessons", "gan_core.parameters", "gan_core.figures", "gan_core.history",
            "gan_core.theory", "gan_core.presets", "gan_core.settings", "gan_core.typed",
        ),
        ("numpy",),
    ),
    "gan_core.lessons.playing": Room(
        (
            *TRAINING, *DEVICES, "gan_core.lessons", "gan_core.measures", "gan_core.presets",
            "gan_core.unattended",
        ),
    ),
    "gan_core.unattended": Room(
        (*TRAINING, *DEVICES, *LIBRARY, "gan_core.checkpoint", "gan_core.measures", "gan_core.diagnosis"),
        ("torch", "numpy", "PIL"),
    ),
    "gan_core.measuring": Room(
        (*TRAINING, *DEVICES, *LIBRARY, "gan_core.checkpoint", "gan_core.measures", "gan_core.unattended")
    ),
    "gan_core.__main__": Room(
        (
            "gan_core.device_choice", "gan_core.settings", "gan_core.presets", "gan_core.library",
            "gan_core.unattended", "gan_core.measuring", "gan_core.lessons", "gan_core.log",
            "gan_core.typed", "benchmarks",
        ),
        ("orjson",),
    ),
    "gan_core": Room(),
    "ui": Room(
        (
            *SIGHT, *WEB_ENGINE, *LIBRARY, *LESSONS, "gan_core.settings", "gan_core.presets",
            "gan_core.typed", "gan_core.rules", "gan_core.torch_lines", "gan_core.torch_techniques",
            "gan_core.substeps", "ui",
        ),
        ANY_LIBRARY,
    ),
    "pages": Room(
        (*SIGHT, *WEB_ENGINE, *LESSONS, "gan_core.settings", "gan_core.presets", "gan_core.typed", "ui"),
        ANY_LIBRARY,
    ),
    "app": Room(("gan_core.bundled", "gan_core.log", "gan_core.engine.client", "ui"), ANY_LIBRARY),
}


class Import(NamedTuple):
    """One import of a file, spelt out as far as the project's own files go."""

    module: str
    at_top: bool  # in force as soon as the file is imported


def is_module(name: str) -> bool:
    path = PROJECT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def imports_of(source: str) -> Iterator[Import]:
    """Every import, those in functions and those for the type checker included."""
    tree = ast.parse(source)
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        at_top = id(node) not in inner
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where things come from"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                mine = node.module.split(".")[0] in OURS and is_module(whole)
                yield Import(whole if mine else node.module, at_top)


def room_of(module: str) -> str:
    """The most special row that holds `module`."""
    fitting = [row for row in ROOMS if module == row or module.startswith(f"{row}.")]
    assert fitting, f"{module} has no room in the table"
    found = max(fitting, key=len)
    plain = found in ("gan_core", "gan_core.engine")
    assert not plain or module == found, f"{module} has no room in the table"
    return found


def violations(module: str, source: str) -> list[str]:
    """What `module` imports and may not."""
    room = ROOMS[room_of(module)]
    found = []
    for name, at_top in imports_of(source):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names:
            continue
        if top in OURS:
            fine = any(name == ours or name.startswith(f"{ours}.") for ours in room.ours)
        elif room.libraries is None:
            fine = top not in TORCH
        else:
            fine = top in room.libraries or (not at_top and top in room.lazily)
        if not fine:
            found.append(f"{module} imports {name}")
    return found


def files() -> list[Path]:
    folders = [PROJECT / name for name in ("gan_core", "ui", "pages")]
    return sorted([PROJECT / "app.py", *(path for folder in folders for path in folder.rglob("*.py"))])


def module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", files(), ids=module_of)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    assert violations(module_of(path), path.read_text()) == []


def test_every_room_is_lived_in() -> None:
    lived_in = {room_of(module_of(path)) for path in files()}
    assert lived_in == set(ROOMS)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("gan_core.theory.value", "import torch"),
        ("gan_core.theory.value", "from gan_core.settings import Settings"),
        ("gan_core.history", "import pyarrow as pa"),
        ("gan_core.history", "import torch"),
        ("gan_core.losses", "import streamlit as st"),
        ("gan_core.losses", "from gan_core.training import GanTrainer"),
        ("gan_core.training", "from gan_core import checkpoint"),
        ("gan_core.training", "from gan_core.engine import wire"),
        ("gan_core.measures.held_out", "import gan_core.engine.run"),
        ("gan_core.figures.live.value", "def f():\n    import torch"),
        ("gan_core.figures.live.value", "from gan_core import training"),
        ("gan_core.figures.live.value", "import streamlit"),
        ("gan_core.engine.handle", "import torch"),
        ("gan_core.engine.client", "from gan_core.training import Who"),
        ("gan_core.engine.client", "def f():\n    from gan_core import checkpoint"),
        ("gan_core.engine.wire", "from gan_core.engine.run import Run"),
        ("ui.frames", "import torchvision"),
        ("ui.frames", "from gan_core import data"),
        ("ui.session", "from gan_core.engine.worker import Worker"),
        ("pages.live", "import torch.nn as nn"),
        ("pages.live", "from gan_core.networks import PIXELS"),
        ("pages.live", "import pages.home"),
        ("app", "from gan_core.training import GanTrainer"),
    ],
)
def test_a_forbidden_import_is_caught(module: str, line: str) -> None:
    assert len(violations(module, line)) == 1


def test_a_file_without_a_room_is_caught() -> None:
    with pytest.raises(AssertionError, match="has no room"):
        violations("gan_core.secret", "import math")


def printed_by(program: str) -> str:
    """What a process of its own prints; with what went wrong, if anything did."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else done.stdout + done.stderr


def test_what_the_web_process_imports_brings_no_torch() -> None:
    program = (
        "import sys, gan_core.engine.client, gan_core.figures.live, gan_core.diagnosis, ui.frames\n"
        "import gan_core.library, gan_core.lessons.reading, gan_core.lessons.verdicts\n"
        "print(sorted({'torch', 'torchvision', 'safetensors', 'pyarrow'} & set(sys.modules)))"
    )
    assert printed_by(program) == "[]"


def test_a_game_brings_no_compiler() -> None:
    program = (
        "import sys, time\n"
        "from gan_core.measures.held_out import Pace\n"
        "from tests.game import new_trainer\n"
        "for name in ('adam', 'sgd'):\n"
        "    trainer = new_trainer(optimizer=name)\n"
        "    trainer.step(trainer.settings)\n"
        "    Pace(time.monotonic).evaluate(trainer)\n"
        "print(trainer.steps_done, 'torch._dynamo' in sys.modules)"
    )
    assert printed_by(program) == "1 False"


def test_the_core_brings_no_streamlit() -> None:
    program = (
        "import sys, gan_core.engine.worker, gan_core.unattended, gan_core.engine.client\n"
        "import gan_core.figures.live, gan_core.figures.games.table, gan_core.figures.saddle.simulation\n"
        "print('streamlit' in sys.modules)"
    )
    assert printed_by(program) == "False"
