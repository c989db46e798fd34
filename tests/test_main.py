"""The command line: what it refuses, how it ends, and its last line, which is JSON."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from gan_core import checkpoint, data, library
from gan_core.__main__ import INTERRUPTED, arguments, main
from gan_core.history import History
from gan_core.library import Meta
from tests.game import TINY, tiny

PROJECT = Path(__file__).resolve().parents[1]
SMALL = [f"--set={name}={value}" for name, value in TINY.items()]


def run_main(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of `python -m gan_core WORDS`, run in this process."""
    monkeypatch.setattr(sys, "argv", ["gan_core", *words])
    try:
        return main()
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--steps", "0"), ("--steps", "-5"), ("--steps", "2.5"), ("--steps", "many"), ("--seconds", "0"),
        ("--seconds", "-1"), ("--seconds", "nan"), ("--seconds", "inf"), ("--seconds", "long"),
    ],
)  # fmt: skip
def test_a_length_that_is_none_is_refused(option: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        arguments().parse_args(["train", option, text])
    assert caught.value.code == 2
    assert f"argument {option}: it must be a" in (said := capsys.readouterr().err)
    assert said.endswith(f" above 0, not {text!r}.\n")


def test_a_length_is_read() -> None:
    assert arguments().parse_args(["train", "--steps", "12"]).steps == 12
    assert arguments().parse_args(["train", "--seconds", "0.5"]).seconds == 0.5


def test_the_last_line_is_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(monkeypatch, "train", "--steps", "3", "--seed", "5", *SMALL) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {
        "steps", "seconds", "steps_per_second", "d_real", "d_fake", "d_reference", "value",
        "value_reference", "diagnosis", "settings", "problem",
    } <= set(told)  # fmt: skip
    assert (told["steps"], told["problem"], told["d_reference"]) == (3, None, 0.45)
    assert (told["settings"]["seed"], told["settings"]["latent_dim"]) == (5, TINY["latent_dim"])


@pytest.mark.parametrize("change", ["smoothing=3", "colour=red", "smoothing"])
def test_a_setting_that_does_not_fit_is_refused(
    change: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "train", "--steps", "1", "--set", change) == 2
    assert change.partition("=")[0] in capsys.readouterr().err


def test_a_device_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAN_DEVICE", "tpu")
    assert run_main(monkeypatch, "train", "--steps", "1") == 2
    assert_refused_in_a_sentence(capsys.readouterr().err, "GAN_DEVICE = 'tpu' does not fit")


def assert_refused_in_a_sentence(said: str, part: str) -> None:
    assert part in said
    assert said.startswith("python -m gan_core: error: ")
    assert said.endswith(".\n")
    assert "Traceback" not in said


def test_digits_that_are_damaged_are_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "mnist_10k.npz"
    damaged.write_bytes(b"not digits")
    monkeypatch.setattr(data.digits, "bundled_digits", functools.partial(data.bundled_digits, damaged))
    assert run_main(monkeypatch, "train", "--steps", "1") == 2
    assert_refused_in_a_sentence(capsys.readouterr().err, "its SHA-256 is wrong")


def test_the_full_set_without_a_network_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = functools.partial(data.full_digits, tmp_path, ["http://127.0.0.1:9/"])
    monkeypatch.setattr(data.digits, "PAUSES", (0.0,))
    monkeypatch.setattr(data, "full_set_is_here", lambda: False)
    monkeypatch.setattr(data, "full_digits", nobody)
    assert run_main(monkeypatch, "train", "--steps", "1", "--set", "data=mnist_60k") == 2
    said = capsys.readouterr().err
    assert_refused_in_a_sentence(said, "train-images")
    assert "are used instead" not in said


def test_a_folder_that_holds_other_things_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run_main(monkeypatch, "train", "--steps", "1", "--out", str(tmp_path), *SMALL) == 2
    assert_refused_in_a_sentence(capsys.readouterr().err, "holds other things than a run")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_thesis_beside_settings_is_refused_and_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "settings.json").write_text("{}")
    assert run_main(monkeypatch, "train", "--steps", "1", "--out", str(tmp_path), *SMALL) == 2
    assert_refused_in_a_sentence(capsys.readouterr().err, "holds other things than a run")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with two runs, the second one saved last."""
    monkeypatch.setenv("GAN_DATA_DIR", str(tmp_path))
    for name, title in (("first", ""), ("second", "Lesson 3")):
        meta = Meta(name=name, title=title, state="paused")
        library.save(tmp_path / "runs" / name, meta, tiny(seed=7), History())
    return tmp_path / "runs"


@pytest.mark.usefixtures("kept")
def test_runs_are_listed_and_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "runs") == 0
    head, second, first = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "STEP", "SAVED", "STATE", "TITLE"]
    assert (first.split()[0], second.split()[0]) == ("first", "second")
    assert second.endswith("  paused  Lesson 3")
    assert run_main(monkeypatch, "runs", "--json") == 0
    assert [run["name"] for run in json.loads(capsys.readouterr().out)] == ["second", "first"]
    assert run_main(monkeypatch, "runs", "show", "second") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["title"], told["step"], told["settings"]["seed"], told["rows"]["steps"]) == (
        "Lesson 3", 0, 7, 0
    )  # fmt: skip


def test_a_run_is_deleted_and_brought_back(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "runs", "delete", "first") == 0
    assert not (kept / "first").exists()
    assert "runs undo first" in capsys.readouterr().out
    assert run_main(monkeypatch, "runs", "undo", "first") == 0
    assert (kept / "first" / "settings.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "nobody"], 1, "nobody holds no run"), (["delete", "nobody"], 1, "nobody holds no run"),
        (["undo", "nobody"], 1, "no deleted run called nobody"), (["undo", "first"], 1, "no deleted run"),
        (["show", "../first"], 2, "is not a name of a run"), (["delete", "."], 2, "is not a name of a run"),
    ],
)  # fmt: skip
def test_a_run_that_is_not_there_is_a_sentence(
    words: list[str], code: int, said: str, kept: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert run_main(monkeypatch, "runs", *words) == code
    assert said in (told := capsys.readouterr().err)
    assert "Traceback" not in told
    assert {path.name for path in kept.iterdir()} == {"first", "second"}


def test_no_runs_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAN_DATA_DIR", str(tmp_path))
    assert run_main(monkeypatch, "runs") == 0
    assert capsys.readouterr().out == f"No runs in {tmp_path / 'runs'}.\n"


def read_until(stream: IO[bytes], text: bytes) -> None:
    """Waits for `text`; fails if the stream ends without it."""
    seen = b""
    while text not in seen:
        more = os.read(stream.fileno(), 1000)
        assert more, f"it ended with {seen!r}"
        seen += more


def test_control_c_ends_the_run_and_keeps_it(tmp_path: Path) -> None:
    out = tmp_path / "run"
    program = [sys.executable, "-m", "gan_core", "train", "--seconds", "600", "--out", str(out), *SMALL]
    with subprocess.Popen(program, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            read_until(process.stderr, b"steps/s")
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == INTERRUPTED == 130
    told = json.loads(stdout.splitlines()[-1])
    assert told["problem"] == f"interrupted at step {told['steps']}"
    assert b"Traceback" not in stderr
    assert checkpoint.load(out).steps_done == told["steps"] > 0
    assert History.read(out).steps.columns["step"][-1] == told["steps"]


def test_control_c_before_there_is_a_run_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "load", press)
    assert run_main(monkeypatch, "train", "--steps", "1") == INTERRUPTED
    assert "interrupted" in capsys.readouterr().err
