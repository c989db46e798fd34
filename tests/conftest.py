"""What all tests share: one thread, and games small enough for a test."""

from __future__ import annotations

import pytest
import torch

from gan_core import data
from gan_core.data import Digits
from gan_core.settings import Settings
from tests.game import tiny


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
