"""What all tests share: one thread, and games small enough for a test."""

from __future__ import annotations

import pytest
import torch

from gan_core import data
from gan_core.data import Digits
from gan_core.settings import Settings
from tests.game import tiny

SLOW_FIRST = ("browser", "engine", "pages", "golden")
"""Folders whose files must not begin when all others are done."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under `-n 2 --dist loadgroup` a file stays in one process, and all browser tests in the same one."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        group = "browser" if item.path.parent.name == "browser" else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: [*SLOW_FIRST, item.path.parent.name].index(item.path.parent.name))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def tiny_settings() -> Settings:
    """Narrow networks, a small batch, everything else as by default."""
    return tiny()


@pytest.fixture(scope="session")
def digits() -> Digits:
    """The digits of the repository."""
    return data.load("mnist_10k")
