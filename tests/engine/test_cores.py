"""How many trainer processes a machine gets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gan_core.engine.client import Engine
from gan_core.engine.cores import LIMIT, usable_cores, worker_count
from gan_core.engine.memory import memory_budget


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (3, 2), (8, 7), (9, 8), (64, 8)])
def test_one_fewer_than_cores_and_eight_at_most(cores: int, workers: int) -> None:
    assert worker_count({}, cores) == workers


def test_whoever_runs_it_may_say_how_many() -> None:
    assert worker_count({"GAN_WORKERS": " 12 "}, 2) == 12


@pytest.mark.parametrize("told", ["0", "-1", "two", "", "1.5", "²", str(LIMIT + 1), "9" * 5000])
def test_an_unusable_count_is_one_sentence(told: str) -> None:
    with pytest.raises(ValueError, match=r"^GAN_WORKERS = '.{0,40}' does not fit: .* from 1 to 64\.$"):
        worker_count({"GAN_WORKERS": told}, 2)


def test_the_engine_refuses_an_unusable_count_before_it_starts_anything() -> None:
    with pytest.raises(ValueError, match="workers = '0' does not fit"):
        Engine(workers=0)


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 6),
        ({"cpu.max": "max 100000\n"}, 6),
        ({"cpu.max": "250000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "900000 100000\n"}, 6),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 6),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
    ],
)
def test_affinity_and_the_quota_of_the_container_both_count(
    files: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert usable_cores(tmp_path) == cores


def test_the_memory_budget_is_in_megabytes() -> None:
    assert memory_budget({}) == 600_000_000
    assert memory_budget({"GAN_MEMORY_MB": "50"}) == 50_000_000
    with pytest.raises(ValueError, match=r"^GAN_MEMORY_MB = 'much' does not fit"):
        memory_budget({"GAN_MEMORY_MB": "much"})
