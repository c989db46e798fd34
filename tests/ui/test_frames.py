"""What a frame says of a run that has been rewound: the numbers of then, not of now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gan_core.engine.client import Engine
from gan_core.engine.handle import RunHandle
from tests.game import tiny
from ui.frames import picture_of, status_of


@pytest.fixture(scope="module")
def run() -> Iterator[RunHandle]:
    """Three steps at smoothing 0.8, two more at 0.6."""
    engine = Engine(workers=1)
    run = engine.create(tiny(smoothing=0.8))
    assert run.wait_until(lambda: run.state == "paused", 60)
    run.step_by_hand(3, "both")
    run.update(tiny(smoothing=0.6))
    run.step_by_hand(2, "both")
    yield run
    engine.stop()


def header_of(run: RunHandle, seek: float | None) -> dict[str, Any]:
    with run.lock:
        picture = picture_of(run, seek)
        status = status_of(run, picture.step, rewound=seek is not None)
    return picture.header | status


@pytest.mark.parametrize(("seek", "step", "line"), [(None, 5, 0.3), (0.0, 0, 0.4)])
def test_the_line_of_the_verdicts_is_that_of_the_step_shown(
    run: RunHandle, seek: float | None, step: int, line: float
) -> None:
    header = header_of(run, seek)
    assert (header["step"], header["last_step"], header["live"]) == (step, 5, seek is None)
    assert header["digits"]["reference"] == pytest.approx(line)
    assert f"at step {step}," in header["alts"]["digits"]
    assert f"its equilibrium is {line:.2f}" in header["alts"]["outputs"]


def test_the_value_told_is_that_of_the_step_shown(run: RunHandle) -> None:
    table = run.history.evaluations.columns
    for seek, row in ((None, -1), (0.0, 0)):
        value = table["real_term"][row] + table["fake_term"][row]
        assert f"V is {value:.3f} nats" in header_of(run, seek)["alts"]["value"]
