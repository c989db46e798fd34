"""A new D against a G that stands still: its bound against the divergence of two known densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_core.data import DataSet
from gan_core.measures.best_answer import LOOKS, Schedule, divided, train_d
from gan_core.measures.fresh_discriminator import (
    bound_error,
    fresh_discriminator,
    jsd_bound,
    plain_value,
)
from gan_core.measures.frozen import Frozen
from gan_core.theory.toys import toy_named
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer, play
from tests.test_measure_toy import make_linear, toy_trainer

SHORT = Schedule(steps=40, rate=1e-3, batch=32)


def normal_g(mean: float, sigma: float, data: str = "two_gaussians_1d") -> GanTrainer:
    """A game whose G makes N(mean, sigma^2), and nobody else has moved."""
    trainer = toy_trainer(data, discriminator_hidden="32-32")
    for player in (trainer.generator, trainer.average):
        make_linear(player, [[sigma, 0.0, 0.0]], [mean])
    return trainer


def true_jsd(data: str, mean: float, sigma: float) -> float:
    """Of that density and N(mean, sigma^2), in nats, by a sum over a fine grid."""
    x = np.linspace(-12, 12, 48_001)
    p = toy_named(data).density(x[:, None])
    q = np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    middle = 0.5 * (p + q)

    def kl(one: np.ndarray) -> float:
        seen = one > 1e-300
        return float(np.sum(one[seen] * np.log(one[seen] / middle[seen])) * (x[1] - x[0]))

    return 0.5 * (kl(p) + kl(q))


@pytest.mark.parametrize(
    ("data", "mean", "sigma"),
    [("two_gaussians_1d", 0.0, 2.0), ("two_gaussians_1d", 1.5, 1.0), ("gaussian_1d", 1.5, 0.5)],
)
def test_on_known_densities_the_bound_is_the_divergence(data: str, mean: float, sigma: float) -> None:
    found = fresh_discriminator(normal_g(mean, sigma, data))
    truth = true_jsd(data, mean, sigma)
    assert 0.05 < truth < 0.6
    room = 0.01 + 3 * found.jsd_bound_error  # V within 0.009, so JSD within 0.005
    assert found.jsd_bound == pytest.approx(truth, abs=room)
    assert found.jsd_bound_second_seed == pytest.approx(truth, abs=room)
    assert found.jsd_bound < truth + 3 * found.jsd_bound_error
    assert found.jsd_bound_error < 0.006
    assert found.value_held_out == pytest.approx(2 * found.jsd_bound - math.log(4))
    assert abs(found.value_train - found.value_held_out) < 0.05


def test_a_perfect_g_leaves_nothing_to_find() -> None:
    found = fresh_discriminator(normal_g(2.0, 0.7, "gaussian_1d"), seeds=(1,))
    assert found.jsd_bound == pytest.approx(0.0, abs=0.005)
    assert found.right_in_100 == pytest.approx(50.0, abs=2.5)
    assert math.isnan(found.jsd_bound_second_seed)


def test_right_in_100_is_the_share_that_the_best_d_gets_right() -> None:
    found = fresh_discriminator(normal_g(0.0, 0.5, "gaussian_1d"), seeds=(1,))
    x = np.linspace(-12, 12, 48_001)
    p, q = toy_named("gaussian_1d").density(x[:, None]), np.exp(-2 * x**2) / math.sqrt(math.pi / 2)
    best = 50.0 + 25.0 * float(np.abs(p - q).sum() * (x[1] - x[0]))  # (1 + TV) / 2
    assert found.right_in_100 == pytest.approx(best, abs=1.0)
    assert best > 90.0


def test_it_is_of_the_raw_g_or_of_the_averaged_one() -> None:
    trainer = normal_g(2.0, 0.7, "gaussian_1d")
    make_linear(trainer.average, [[0.7, 0.0, 0.0]], [-2.0])
    raw = fresh_discriminator(trainer, seeds=(1,))
    averaged = fresh_discriminator(trainer, seeds=(1,), averaged=True)
    assert raw.jsd_bound < 0.01 < 0.5 < averaged.jsd_bound
    assert (raw.averaged, averaged.averaged) == (False, True)


def test_a_bound_and_its_error_are_those_of_the_formula() -> None:
    torch.manual_seed(0)
    real, fake = torch.randn(500) + 1.0, torch.randn(400) - 0.5
    outputs = real.double().sigmoid().numpy(), fake.double().sigmoid().numpy()
    v = np.log(outputs[0]).mean() + np.log1p(-outputs[1]).mean()
    assert float(plain_value(real, fake)) == pytest.approx(v, abs=1e-6)
    assert jsd_bound(v) == pytest.approx((v + math.log(4)) / 2)
    variance = np.log(outputs[0]).var(ddof=1) / 500 + np.log1p(-outputs[1]).var(ddof=1) / 400
    assert bound_error(real, fake) == pytest.approx(math.sqrt(variance) / 2, rel=1e-5)
    assert jsd_bound(float(plain_value(torch.zeros(3), torch.zeros(3)))) == pytest.approx(0.0, abs=1e-7)


def test_the_parts_are_the_training_set_divided(digits: DataSet) -> None:
    frozen = Frozen(new_trainer(digits))
    parts = divided(frozen)
    assert (len(parts.fit), len(parts.validation)) == (7000, 1000)
    both = torch.cat((parts.fit, parts.validation)).sum(1).sort().values
    torch.testing.assert_close(both, frozen.train.sum(1).sort().values)


def test_a_d_that_overfits_is_left_where_it_was_best_on_the_validation_part(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    play(trainer, 60)
    frozen = Frozen(trainer)
    frozen.train = digits.train[:24]
    found = train_d(frozen, frozen.fresh_d(1), plain_value, Schedule(100, 3e-3, 8), seed=1)
    height = found.curve[:, 1]
    assert len(found.curve) == LOOKS + 1
    assert found.best_step == found.curve[height.argmax(), 0] < 60
    assert height[-1] < height.max() - 1.0
    validation = divided(frozen).validation
    with torch.no_grad():
        fake = frozen.generated(frozen.latents(len(validation), torch.Generator().manual_seed(1)))
        v = plain_value(frozen.scores_of(found.d, validation), frozen.scores_of(found.d, fake))
    assert float(v) == pytest.approx(height.max(), abs=1e-6)


def test_nobody_trains_on_the_test_part_or_on_the_validation_part(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    strange = DataSet("mnist_10k", digits.train, torch.full_like(digits.held_out, torch.nan))
    hidden = GanTrainer(trainer.settings, strange)
    one = train_d(Frozen(trainer), Frozen(trainer).fresh_d(1), plain_value, SHORT, seed=1)
    other = train_d(Frozen(hidden), Frozen(hidden).fresh_d(1), plain_value, SHORT, seed=1)
    np.testing.assert_array_equal(one.curve, other.curve)
    assert one.value_fit == other.value_fit


@pytest.mark.parametrize(
    "changes",
    [
        {"objective": "wgan_gp"},
        {"discriminator_batch_norm": True, "discriminator_dropout": 0.3},
        {"conditional": True},
        {"architecture": "dcgan"},
        {"architecture": "style"},
    ],
)
def test_every_game_can_be_measured(changes: dict[str, object], digits: DataSet) -> None:
    trainer = new_trainer(digits, **changes)
    play(trainer, 1)
    found = fresh_discriminator(trainer, schedule=SHORT, seeds=(1,))
    assert found.jsd_bound > 0.1  # an untrained G is easily told
    assert found.right_in_100 > 75


def test_a_run_stays_as_it_is_and_a_measure_says_how_far_it_is(digits: DataSet) -> None:
    watched, alone = (new_trainer(digits) for _ in range(2))
    play(watched, 2), play(alone, 2)
    shares: list[float] = []
    first = fresh_discriminator(watched, schedule=SHORT, progress=shares.append)
    again = fresh_discriminator(watched, schedule=SHORT)
    assert first.jsd_bound == again.jsd_bound
    assert first.jsd_bound != first.jsd_bound_second_seed
    assert shares == pytest.approx([(k + 1) / (2 * LOOKS) for k in range(2 * LOOKS)])
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)

    def stop(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fresh_discriminator(watched, schedule=SHORT, progress=stop)
    play(watched, 1), play(alone, 1)
    assert is_same_game(watched, alone)


def test_a_d_whose_v_is_no_number_is_an_error(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    with torch.no_grad():
        trainer.generator.get_parameter("linears.0.bias").fill_(torch.nan)
    with pytest.raises(ArithmeticError, match="V of the new D is not finite after 2 steps"):
        fresh_discriminator(trainer, schedule=SHORT)
