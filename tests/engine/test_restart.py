"""Runs outlive their pages and their server: what is on disk is what was played."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_core import checkpoint, library
from gan_core.engine import client
from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from gan_core.engine.shelf import locked_root
from tests.game import play, tiny

PATIENCE = 60.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def engine_on(root: Path) -> Engine:
    return Engine(workers=1, folder=root)


@pytest.fixture
def engine(root: Path) -> Iterator[Engine]:
    engine = engine_on(root)
    yield engine
    engine.stop()


def started(engine: Engine, owner: str | None = "ada") -> RunHandle:
    run = engine.create(tiny(seed=3), owner)
    assert run.wait_until(lambda: run.state == "paused", PATIENCE)
    return run


def steps_of(run: RunHandle) -> list[int]:
    return [int(step) for step in run.history.steps.columns["step"]]


def test_after_a_stop_the_run_goes_on_where_it_stood(root: Path, engine: Engine) -> None:
    run = started(engine)
    run.step_by_hand(4, "both")
    run.update(run.settings.replace(smoothing=0.7))
    run.step_by_hand(2, "both")
    pictures, created = run.history.film.frames[-1]["digits"].copy(), run.created
    engine.stop()

    again = engine_on(root)
    assert again.claim(run.name, "bob") is None
    back = again.claim(run.name, "ada")
    assert back is not None
    assert back is not run
    assert back.wait_until(lambda: back.state == "paused", PATIENCE)
    assert (back.step, steps_of(back)) == (6, [1, 2, 3, 4, 5, 6])
    assert (back.settings, back.created) == (run.settings, created)
    np.testing.assert_array_equal(back.history.film.frames[-1]["digits"], pictures)
    assert [(row.step, row.field, row.new) for row in back.history.changes.rows] == [(5, "smoothing", 0.7)]
    assert not back.wants_to_play
    back.step_by_hand(1, "both")
    assert steps_of(back) == [1, 2, 3, 4, 5, 6, 7]
    again.stop()


def test_a_run_that_played_plays_on_when_its_page_is_back(root: Path, engine: Engine) -> None:
    run = started(engine)
    run.play()
    assert run.wait_until(lambda: run.step > 20, PATIENCE)
    engine.stop()
    stood = run.step

    again = engine_on(root)
    found = again.find(run.name)  # somebody who only watches does not make it play
    assert found is not None
    assert found.wait_until(lambda: found.state == "paused", PATIENCE)
    assert found.step == stood
    assert again.claim(run.name, "ada") is found
    assert found.wait_until(lambda: found.step > stood + 5, PATIENCE)
    again.stop()


def test_a_killed_server_costs_no_more_than_a_checkpoint(root: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from gan_core.engine.client import Engine\n"
        "from tests.game import tiny; engine = Engine(workers=1, folder=Path(sys.argv[1]))\n"
        "run = engine.create(tiny(), 'ada'); run.wait_until(lambda: run.state == 'paused', 60); run.play()\n"
        "while True:\n"
        "    run.look(); print(run.name, run.step, run.checkpoint_step, flush=True); time.sleep(0.05)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program, str(root)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    saved: set[str] = set()
    for line in server.stdout:  # until two checkpoints were told
        name, step, checkpoint = line.split()
        saved |= {checkpoint} - {"None", "0"}
        if len(saved) >= 2:
            break
    server.kill()
    server.wait()
    again = engine_on(root)
    back = again.claim(name, "ada")
    assert back is not None
    assert back.wait_until(lambda: back.state != "loading", PATIENCE)
    assert steps_of(back)[0] <= back.history.steps.stride
    assert back.step >= min(int(number) for number in saved)
    assert steps_of(back)[-1] >= int(min(saved, key=int))
    assert back.wait_until(lambda: back.step > int(step), PATIENCE), "it plays on by itself"
    with back.lock:
        rows, stride = steps_of(back), back.history.steps.stride
    assert np.diff(rows).max() <= 2 * stride, "no step is missing between the checkpoint and what came then"
    again.stop()


def test_a_run_nobody_comes_back_to_is_put_away_and_comes_back(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(engine)
    run.play()
    assert run.wait_until(lambda: run.step > 3, PATIENCE)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.1)
    beside = started(engine)
    run.release()
    beside.play()
    assert beside.wait_until(lambda: run not in engine.runs, PATIENCE)
    beside.pause()
    stood = steps_of(run)[-1]
    assert [meta.name for meta in library.list_runs(root) if meta.name == run.name] == [run.name]
    monkeypatch.setattr(client, "GRACE_SECONDS", 30.0)
    back = engine.claim(run.name, "ada")
    assert back is not None
    assert back.wait_until(lambda: back.state == "paused", PATIENCE)
    assert (back.step, back.wants_to_play) == (stood, False)


def test_a_game_nobody_has_moved_in_leaves_nothing(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(engine)
    beside = started(engine)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.0)
    run.release()
    beside.play()
    assert beside.wait_until(lambda: run not in engine.runs, PATIENCE)
    beside.pause()
    assert not (root / run.name).exists()
    assert engine.claim(run.name, "ada") is None


def test_another_game_never_meets_the_records_of_the_one_before(root: Path, engine: Engine) -> None:
    run = started(engine)
    run.step_by_hand(5, "both")
    run.reset(tiny(seed=8))
    run.step_by_hand(2, "both")
    engine.stop()
    again = engine_on(root)
    back = again.claim(run.name, "ada")
    assert back is not None
    assert back.wait_until(lambda: back.state == "paused", PATIENCE)
    assert (back.settings.seed, back.step, steps_of(back)) == (8, 2, [1, 2])
    again.stop()


def test_a_run_goes_on_from_the_checkpoint_that_its_records_reach_to(root: Path, engine: Engine) -> None:
    run = started(engine)
    run.step_by_hand(6, "both")
    engine.stop()
    folder = root / run.name / "checkpoints"
    trainer = checkpoint.load(folder / "000000000006")
    play(trainer, 3)
    checkpoint.save(trainer, folder / "000000000009")  # its process was killed before it could tell
    again = engine_on(root)
    back = again.claim(run.name, "ada")
    assert back is not None
    assert back.wait_until(lambda: back.state == "paused", PATIENCE)
    back.step_by_hand(1, "both")
    assert (back.step, steps_of(back)) == (7, [1, 2, 3, 4, 5, 6, 7])
    again.stop()


def test_a_run_that_cannot_be_read_is_not_deleted(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(engine)
    run.step_by_hand(2, "both")
    engine.stop()
    for file in (root / run.name / "checkpoints").glob("*/generator.safetensors"):
        file.write_bytes(b"damaged")
    again = engine_on(root)
    broken = again.find(run.name)
    assert broken is not None
    assert broken.wait_until(lambda: broken.state == "stopped", PATIENCE)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.1)
    beside = started(again)
    beside.play()
    assert beside.wait_until(lambda: broken not in again.runs, PATIENCE)
    beside.pause()
    again.stop()
    assert steps_of(broken) == [1, 2]
    assert (root / run.name / "history.parquet").exists()
    assert (root / run.name / "checkpoints" / "000000000002").is_dir()


def test_a_disk_that_refuses_is_said_and_training_goes_on(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(engine)
    run.step_by_hand(1, "both")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(library, "save", full)
        run.step_by_hand(1, "both")
        assert run.wait_until(lambda: run.unsaved is not None, PATIENCE)
        assert "No space left on device" in str(run.unsaved)
        run.step_by_hand(1, "both")
        assert run.step == 3
    assert run.wait_until(lambda: run.unsaved is None, PATIENCE), "there is room again"


def test_two_servers_do_not_write_the_same_runs(root: Path) -> None:
    first, held = locked_root(root)
    second, other = locked_root(root)
    assert (first, second) == (root, root.with_name("runs-2"))
    assert held is not None
    held.close()
    assert locked_root(root)[0] == root
    assert other is not None
    other.close()


@pytest.mark.parametrize("name", ["../runs", "a/b", "", "x" * 65, ".lock", "%2e%2e", "\0"])
def test_a_name_from_an_address_stays_inside(engine: Engine, name: str) -> None:
    assert engine.find(name) is None
    assert engine.claim(name, "ada") is None


def test_signals_end_the_server_and_keep_the_run(root: Path) -> None:
    program = (
        "import sys, signal; from pathlib import Path; from gan_core.engine.client import Engine\n"
        "from tests.game import tiny; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "engine = Engine(workers=1, folder=Path(sys.argv[1]))\n"
        "run = engine.create(tiny(), 'ada'); run.wait_until(lambda: run.state == 'paused', 60)\n"
        "run.step_by_hand(3, 'both'); print(run.name, flush=True); signal.pause()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program, str(root)], stdout=subprocess.PIPE, text=True, start_new_session=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stdout is not None
    name = server.stdout.readline().strip()
    os.killpg(server.pid, signal.SIGINT)
    server.wait(PATIENCE)
    assert library.read(root / name).meta.step == 3
