"""An evaluation against a direct computation, and against players whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_core.data import DataSet
from gan_core.history import HISTOGRAM_BINS
from gan_core.measures.held_out import EVALUATION_SHARE, Pace, evaluate, spread
from gan_core.training import GanTrainer
from tests.game import clones, forward, is_same_game, new_trainer, play


def constant_d(digits: DataSet, output: float, **changes: float) -> GanTrainer:
    """A game whose D answers `output` to everything."""
    trainer = new_trainer(digits, **changes)
    with torch.no_grad():
        trainer.discriminator.get_parameter("linears.2.weight").zero_()
        trainer.discriminator.get_parameter("linears.2.bias").fill_(math.log(output / (1 - output)))
    return trainer


def latents(trainer: GanTrainer, count: int) -> torch.Tensor:
    """Those of the evaluation at hand: fixed by seed and step."""
    rng = torch.Generator().manual_seed(trainer.settings.seed * 1_000_003 + trainer.steps_done)
    return torch.empty(count, trainer.settings.latent_dim).normal_(generator=rng)


def test_an_evaluation_is_what_both_players_do_on_held_out_digits(digits: DataSet) -> None:
    trainer = new_trainer(digits, smoothing=0.8, seed=2)
    play(trainer, 25)
    held_out = evaluate(trainer)
    found = held_out.evaluation

    z = latents(trainer, 2000).double().numpy()
    fake = np.tanh(forward(clones(trainer.generator), z))
    d = clones(trainer.discriminator)
    outputs = {
        name: 1 / (1 + np.exp(-forward(d, images)[:, 0]))
        for name, images in (
            ("real", digits.held_out.double().numpy()), ("fake", fake),
            ("trained on", digits.train[:2000].double().numpy()),
        )
    }  # fmt: skip
    real, made = outputs["real"], outputs["fake"]
    assert found.step == 25
    assert (found.d_real, found.d_fake) == pytest.approx((real.mean(), made.mean()), abs=1e-5)
    assert (found.real_term, found.fake_term) == pytest.approx(
        (np.log(real).mean(), np.log(1 - made).mean()), abs=1e-5
    )
    assert found.value == pytest.approx(np.log(real).mean() + np.log(1 - made).mean(), abs=1e-5)
    bands = (found.real_low, found.real_high, found.fake_low, found.fake_high)
    assert bands == pytest.approx([*np.quantile(real, [0.1, 0.9]), *np.quantile(made, [0.1, 0.9])], abs=1e-5)
    assert found.overfit_gap == pytest.approx(outputs["trained on"].mean() - real.mean(), abs=1e-5)
    assert found.accuracy == pytest.approx(((real > 0.4).mean() + (made < 0.4).mean()) / 2, abs=2e-3)
    assert found.d_reference == pytest.approx(0.4)
    assert found.value_reference == pytest.approx(math.log(0.4 * 0.6))
    for name, shares in (("real", held_out.real_histogram), ("fake", held_out.fake_histogram)):
        counts, _ = np.histogram(outputs[name], HISTOGRAM_BINS, (0.0, 1.0))
        np.testing.assert_allclose(shares, counts / 2000, atol=2e-3)
        assert shares.sum() == pytest.approx(1.0)
    assert abs(found.d_real - found.d_fake) > 0.01


@pytest.mark.parametrize("output", [0.3, 0.7])
def test_a_d_with_one_answer_is_measured_as_such(digits: DataSet, output: float) -> None:
    found = evaluate(constant_d(digits, output)).evaluation
    assert found.d_real == pytest.approx(output, abs=1e-6)
    assert found.d_fake == pytest.approx(output, abs=1e-6)
    assert found.real_term == pytest.approx(math.log(output), abs=1e-6)
    assert found.fake_term == pytest.approx(math.log(1 - output), abs=1e-6)
    assert (found.accuracy, found.overfit_gap) == (0.5, 0.0)
    assert found.real_low == found.real_high == found.fake_low


def test_accuracy_is_measured_at_the_equilibrium_output_not_at_one_half(digits: DataSet) -> None:
    # D answers every real digit 0.47 and every fake 0.43: a perfect score at the line 0.45, a coin's at 0.5.
    trainer = constant_d(digits, 0.5)
    with torch.no_grad():
        for parameter in trainer.generator.parameters():
            parameter.zero_()  # G paints grey, 0 everywhere
        d = trainer.discriminator
        for parameter in d.parameters():
            parameter.zero_()
        # One unit per layer counts how far an image is from grey in its corner, which is -1 in all digits.
        d.get_parameter("linears.0.weight")[0, 0] = -1.0
        d.get_parameter("linears.1.weight")[0, 0] = 1.0
        low, high = math.log(0.43 / 0.57), math.log(0.47 / 0.53)
        d.get_parameter("linears.2.weight")[0, 0] = high - low
        d.get_parameter("linears.2.bias").fill_(low)
    found = evaluate(trainer).evaluation
    assert (found.d_real, found.d_fake) == pytest.approx((0.47, 0.43), abs=1e-5)
    assert found.accuracy == 1.0
    trainer.adopt(trainer.settings.replace(smoothing=1.0))
    assert evaluate(trainer).evaluation.accuracy == 0.5


def test_looking_changes_nothing_and_sees_the_same_twice(digits: DataSet) -> None:
    watched, alone = (new_trainer(digits, discriminator_batch_norm=True) for _ in range(2))
    play(watched, 3), play(alone, 3)
    one, again = evaluate(watched), evaluate(watched)
    assert one.evaluation == again.evaluation
    np.testing.assert_array_equal(one.fake_histogram, again.fake_histogram)
    assert is_same_game(watched, alone)


def test_fakes_are_fresh_at_each_step(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    first = evaluate(trainer).evaluation
    trainer.steps_done += 1  # the same players, one step later
    second = evaluate(trainer).evaluation
    assert first.d_real == second.d_real
    assert first.fake_term != second.fake_term


@pytest.mark.parametrize(("activation", "dead"), [("relu", 1.0), ("leaky_relu", 0.0)])
def test_dead_units_are_counted_in_both_players(digits: DataSet, activation: str, dead: float) -> None:
    trainer = new_trainer(
        digits, generator_activation=activation, discriminator_activation=activation,
        generator_batch_norm=False,
    )  # fmt: skip
    with torch.no_grad():
        for player in (trainer.generator, trainer.discriminator):
            player.get_parameter("linears.0.bias").fill_(-1000.0)
            player.get_parameter("linears.1.bias").fill_(-1000.0)
    found = evaluate(trainer).evaluation
    assert (found.d_dead, found.g_dead) == (dead, dead)


def test_spread_is_the_rms_distance_of_two_different_images(digits: DataSet) -> None:
    images = digits.held_out[:40]
    plain = images.double().numpy()
    squares = [((a - b) ** 2).sum() for i, a in enumerate(plain) for b in plain[:i]]
    assert spread(images) == pytest.approx(math.sqrt(np.mean(squares)), rel=1e-4)
    # In float32 a difference of large numbers: half a per cent of what real digits have.
    assert spread(images[:1].repeat(40, 1)) < 0.01 * spread(images)


def test_spread_is_relative_to_real_digits_and_a_collapsed_g_has_none(digits: DataSet) -> None:
    trainer = new_trainer(digits, generator_batch_norm=False)
    with torch.no_grad():
        trainer.generator.get_parameter("linears.0.weight").zero_()  # deaf to z
    assert evaluate(trainer).evaluation.spread < 0.01

    fewer = DataSet("fewer", digits.train, digits.held_out[:600])
    trainer = new_trainer(fewer)
    fake = np.tanh(forward(clones(trainer.generator), latents(trainer, 600).double().numpy()))
    both = [math.sqrt(2 * x.var(axis=0, ddof=1).sum()) for x in (fake, fewer.held_out.double().numpy())]
    assert evaluate(trainer).evaluation.spread == pytest.approx(both[0] / both[1], rel=1e-3)


def test_evaluations_cost_no_more_than_their_share() -> None:
    now = 100.0
    costs = iter([0.0, 3.0, 0.0, 0.0])

    def clock() -> float:
        nonlocal now
        now += next(costs, 0.0)
        return now

    trainer, pace = new_trainer(), Pace(clock)
    pace.evaluate(trainer)  # takes three seconds of that clock
    for seconds in (1.0, 3.0 / EVALUATION_SHARE - 1.0 - 0.01):
        now += seconds
        assert not pace.due()
    now += 0.02
    assert pace.due()
    assert not pace.due(at_least=1e6)
