"""V on a plane through the players' weights: against the run's own V, and against every point on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gan_core.data import DataSet
from gan_core.measures.directions import Directions, filter_normalised_random, last_adam_update, last_update
from gan_core.measures.frozen import Frozen
from gan_core.measures.surface import surface
from gan_core.training import Functions, GanTrainer
from tests.game import is_same_game, new_trainer, play
from tests.test_measure_toy import toy_trainer

DIGITS: dict[str, dict[str, Any]] = {
    "default": {},
    "batch norm in D": {"discriminator_batch_norm": True, "discriminator_dropout": 0.2},
    "classes": {"conditional": True},
    "least squares": {"objective": "lsgan", "discriminator_activation": "tanh"},
    "WGAN": {"objective": "wgan_clip", "clip": 0.1},
    "one layer": {"discriminator_hidden": "24", "generator_hidden": "24"},
}


def played(digits: DataSet, steps: int = 12, **changes: Any) -> GanTrainer:
    trainer = new_trainer(digits, **changes)
    play(trainer, steps)
    return trainer


def run_value(trainer: GanTrainer, samples: int) -> float:
    """V by the trainer's own networks, on the samples of the surface."""
    functions, frozen = Functions.of(trainer.settings), Frozen(trainer)
    z = frozen.latents(samples, frozen.rng(2))
    with torch.no_grad():
        fake = trainer.generator(z, functions.generator, "eval")
        real = trainer.discriminator(trainer.held_out(samples), functions.discriminator, "eval")
        terms = trainer.objective.terms(real, trainer.discriminator(fake, functions.discriminator, "eval"))
    return float(sum(terms))


@pytest.mark.parametrize("name", DIGITS)
def test_the_centre_is_the_present_game(name: str, digits: DataSet) -> None:
    trainer = played(digits, **DIGITS[name])
    found = surface(trainer, last_adam_update(trainer), points=5, samples=100)
    assert found.value_here == found.value[2, 2]
    assert found.value_here == pytest.approx(run_value(trainer, 100), abs=1e-6)
    assert found.moves[2] == 0.0


@pytest.mark.parametrize("name", DIGITS)
def test_the_quick_way_gives_what_every_point_gives_alone(
    name: str, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = played(digits, **DIGITS[name])
    directions = last_adam_update(trainer)
    plain = surface(trainer, directions, points=7, samples=64, reach=0.2, plain=True)
    monkeypatch.setattr("gan_core.measures.surface._Plane.agrees", lambda plane, reach: True)
    quick = surface(trainer, directions, points=7, samples=64, reach=0.2)
    np.testing.assert_allclose(quick.value, plain.value, atol=1e-5)
    assert np.ptp(plain.value) > 1e-3  # there is something to agree on


def test_points_of_the_plane_are_games_with_moved_weights(digits: DataSet) -> None:
    trainer = played(digits)
    directions = last_adam_update(trainer)
    found = surface(trainer, directions, points=5, samples=50, reach=0.3)
    rng = np.random.default_rng(0)
    for row, column in rng.integers(0, 5, (6, 2)):
        moved = new_trainer(digits)
        for player, other, direction, move in (
            (moved.generator, trainer.generator, directions.g, found.moves[column]),
            (moved.discriminator, trainer.discriminator, directions.d, found.moves[row]),
        ):
            player.load_state_dict(other.state_dict())
            with torch.no_grad():
                for weight, step in zip(player.parameters(), direction, strict=True):
                    weight.add_(step, alpha=float(move))
        moved.steps_done = trainer.steps_done
        assert found.value[row, column] == pytest.approx(run_value(moved, 50), abs=1e-5)


@pytest.mark.parametrize("changes", [{"objective": "relativistic"}, {"architecture": "dcgan"}])
def test_what_has_no_quick_way_goes_point_by_point(changes: dict[str, Any], digits: DataSet) -> None:
    trainer = played(digits, 3, **changes)
    directions = last_adam_update(trainer)
    found = surface(trainer, directions, points=3, samples=20)
    plain = surface(trainer, directions, points=3, samples=20, plain=True)
    np.testing.assert_array_equal(found.value, plain.value)
    assert found.value_here == pytest.approx(run_value(trainer, 20), abs=1e-5)


def test_a_first_layer_that_is_not_what_it_seems_is_noticed(
    digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = played(digits)
    directions = last_adam_update(trainer)
    plain = surface(trainer, directions, points=3, samples=20, plain=True)
    monkeypatch.setattr("gan_core.measures.surface._Tail.scores", lambda tail, products: products.now[:, 0])
    found = surface(trainer, directions, points=3, samples=20)
    np.testing.assert_array_equal(found.value, plain.value)


def test_a_saddle_is_recognised_and_its_absence_too() -> None:
    trainer = toy_trainer("gaussian_1d")
    play(trainer, 1)
    # D's last bias alone moves: V = log s(c) + log(1 - s(c)) is highest at c = 0, where D = 1/2 everywhere.
    with torch.no_grad():
        for weight in trainer.discriminator.parameters():
            weight.zero_()
    g = [torch.zeros_like(weight) for weight in trainer.generator.parameters()]
    d = [torch.zeros_like(weight) for weight in trainer.discriminator.parameters()]
    d[-1] += 1.0
    found = surface(trainer, Directions(g, d, "the level of D", 1.0), points=9)
    assert found.value_here == pytest.approx(-np.log(4), abs=1e-6)
    assert found.is_maximum_along_d
    assert not found.is_minimum_along_g  # G does not matter: V is flat along it
    assert (found.gain_of_d, found.gain_of_g, found.slope_g, found.curvature_g) == (0.0, 0.0, 0.0, 0.0)
    assert found.slope_d == pytest.approx(0.0, abs=1e-5)
    assert found.curvature_d == pytest.approx(-0.5, abs=0.02)  # of -softplus(c) - softplus(-c) at 0
    with torch.no_grad():
        trainer.discriminator.get_parameter("linears.2.bias").fill_(1.0)
    moved = surface(trainer, Directions(g, d, "the level of D", 1.0), points=9)
    assert not moved.is_maximum_along_d
    assert moved.gain_of_d == pytest.approx(-np.log(4) - moved.value_here, abs=1e-5)
    assert moved.slope_d < 0


def test_the_last_update_is_read_from_adam_as_it_is_from_two_moments(digits: DataSet) -> None:
    before, after = played(digits, 12), played(digits, 13)
    told, remembered = last_update(before, after), last_adam_update(after)
    for one, other in ((told.g, remembered.g), (told.d, remembered.d)):
        flat, same = (torch.cat([part.flatten() for part in parts]) for parts in (one, other))
        assert float(torch.cosine_similarity(flat, same, dim=0)) == pytest.approx(1.0, abs=1e-4)
        assert float(flat.norm()) == pytest.approx(float(same.norm()), rel=1e-5)
    length = torch.cat([weight.detach().flatten() for weight in after.generator.parameters()]).norm()
    found = torch.cat([part.flatten() for part in told.g]).norm()
    assert float(found) == pytest.approx(float(length), rel=1e-5)


def test_a_player_that_has_not_moved_has_no_last_update(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    with pytest.raises(ValueError, match="the generator has not moved"):
        last_update(trainer, trainer)
    with pytest.raises(ValueError, match="remembers no move of the generator"):
        last_adam_update(trainer)
    with pytest.raises(ValueError, match="must be an odd number"):
        surface(trainer, filter_normalised_random(0)(trainer), points=4)


def test_random_directions_have_the_rows_of_the_weights(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    drawn, again = filter_normalised_random(3)(trainer), filter_normalised_random(3)(trainer)
    for weight, step, same in zip(trainer.discriminator.parameters(), drawn.d, again.d, strict=True):
        assert torch.equal(step, same)
        if weight.dim() > 1:
            torch.testing.assert_close(step.norm(dim=1), weight.detach().norm(dim=1))
        else:
            assert not step.any()


def test_a_surface_leaves_the_game_alone_and_can_be_ended(digits: DataSet) -> None:
    watched, alone = played(digits, 4), played(digits, 4)
    one = surface(watched, last_adam_update(watched), points=5, samples=30)
    other = surface(watched, last_adam_update(watched), points=5, samples=30)
    np.testing.assert_array_equal(one.value, other.value)
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)
    shares: list[float] = []
    surface(watched, last_adam_update(watched), points=5, samples=30, progress=shares.append)
    assert shares == [0.2, 0.4, 0.6, 0.8, 1.0]

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        surface(watched, last_adam_update(watched), points=5, samples=30, progress=stop)
