"""What all tests share: one thread, and games small enough for a test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from xdist.scheduler import LoadFileScheduling

from gan_core import data
from gan_core.data import DataSet
from gan_core.settings import Settings
from tests.game import tiny

SLOW_FIRST = ("browser", "engine", "pages", "golden")
"""Folders whose files must not begin when all others are done."""


REAL_PROCESSES = ("browser", "engine", "ui")
"""Folders whose tests start servers and trainer processes."""


OF_RUNS = ("live", "follow", "class", "restart")
"""Browser tests that take half of the time of all."""


class Schedule(LoadFileScheduling):  # type: ignore[misc]  # xdist brings no types
    """Under `-n 3`: a file stays in one process, and browser tests in two, each with a browser of its own."""

    def _split_scope(self, nodeid: str) -> str:
        _, browser, name = nodeid.partition("tests/browser/test_")
        if browser:
            return "browser of runs" if name.startswith(OF_RUNS) else "browser"
        return str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Schedule:
    return Schedule(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under `-n 3` slow folders begin first.

    A test of real processes that fails is tried once more, and named at the end of the report: browsers,
    servers and trainers share a few cores, and what is late is not wrong. A fault fails twice.
    """
    for item in items:
        if item.path.parent.name in REAL_PROCESSES:
            item.add_marker(pytest.mark.flaky(reruns=1))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: [*SLOW_FIRST, item.path.parent.name].index(item.path.parent.name))


# Runs of the tests, and of the servers they start, are saved where nobody looks for their own.
os.environ["GAN_DATA_DIR"] = tempfile.mkdtemp(prefix="gan-tests-")


@pytest.fixture(autouse=True, scope="session")
def _data_goes() -> Iterator[None]:
    yield
    shutil.rmtree(os.environ["GAN_DATA_DIR"], ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def tiny_settings() -> Settings:
    """Narrow networks, a small batch, everything else as by default."""
    return tiny()


@pytest.fixture(scope="session")
def digits() -> DataSet:
    """The digits of the repository."""
    return data.load(Settings())
