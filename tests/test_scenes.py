"""What a preset's sentence promises is seen in a short real run."""

from __future__ import annotations

import statistics
from typing import Any

from gan_core.data import DataSet
from gan_core.history import Evaluation
from gan_core.measures.held_out import evaluate
from gan_core.presets import preset_settings
from gan_core.training import GanTrainer


def played(preset: str, digits: DataSet, steps: int, **changes: Any) -> tuple[float, Evaluation]:
    """G's mean gradient norm over the last quarter of `steps`, and the players after them."""
    trainer = GanTrainer(preset_settings(preset, **changes), digits)
    norms = [trainer.step(trainer.settings).g_grad_norm for _ in range(steps)]
    return statistics.fmean(norms[-steps // 4 :]), evaluate(trainer).evaluation


def test_the_saturating_loss_starves_g_where_the_other_feeds_it(digits: DataSet) -> None:
    starved, players = played("saturating_loss", digits, 320)
    fed, _ = played("saturating_loss", digits, 320, generator_loss="non_saturating")
    assert players.d_fake < 0.1
    assert players.d_real > 0.8
    assert starved < fed / 5
    _, limited = played("saturating_spectral", digits, 320)
    assert limited.d_fake > players.d_fake + 0.05


def test_deep_sigmoids_need_batch_norm_to_make_many_images(digits: DataSet) -> None:
    _, without = played("three_layers", digits, 200)
    _, with_norm = played("three_layers_batch_norm", digits, 200)
    assert without.spread < 0.05
    assert with_norm.spread > 0.3


def test_virtual_batch_norm_keeps_deep_sigmoids_from_making_one_image(digits: DataSet) -> None:
    _, virtual = played("three_layers_virtual", digits, 200)
    assert virtual.spread > 0.25


def test_d_that_sees_a_batch_keeps_g_from_making_one_image(digits: DataSet) -> None:
    _, without = played("collapse", digits, 200)
    _, players = played("collapse_minibatch", digits, 200)
    assert without.spread < 0.1
    assert players.spread > 0.2


def test_batch_norm_in_d_tells_single_images_apart_if_batches_are_mixed(digits: DataSet) -> None:
    _, separate = played("batches_separate", digits, 200)
    _, mixed = played("batches_mixed", digits, 200)
    assert abs(separate.d_real - separate.d_fake) < 0.1
    assert mixed.d_real - mixed.d_fake > 0.2
    assert separate.real_term + separate.fake_term < mixed.real_term + mixed.fake_term - 0.2
