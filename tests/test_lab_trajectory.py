"""Main directions of a path through the weights: known paths, and the walk that goes nowhere."""

from __future__ import annotations

import math

import pytest
import torch

from gan_core.data import DataSet
from gan_core.measures.surface import surface
from gan_core.measures.trajectory import random_walk_share, trajectory
from gan_core.networks import Network
from gan_core.training import GanTrainer
from tests.game import new_trainer, play


def shifted(trainer: GanTrainer, g: list[torch.Tensor], d: list[torch.Tensor], digits: DataSet) -> GanTrainer:
    """The same game with these added to the weights of its players."""
    moved = new_trainer(digits)
    for player, source, steps in (
        (moved.generator, trainer.generator, g),
        (moved.discriminator, trainer.discriminator, d),
    ):
        player.load_state_dict(source.state_dict())
        with torch.no_grad():
            for weight, step in zip(player.parameters(), steps, strict=True):
                weight.add_(step)
    return moved


def noise(player: Network, rng: torch.Generator) -> list[torch.Tensor]:
    return [torch.empty(weight.shape).normal_(generator=rng) for weight in player.parameters()]


def flat(parts: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([part.flatten() for part in parts])


def test_a_straight_path_is_its_own_direction(digits: DataSet) -> None:
    trainer, rng = new_trainer(digits), torch.Generator().manual_seed(0)
    g, d = noise(trainer.generator, rng), noise(trainer.discriminator, rng)
    moments = [
        shifted(trainer, [0.1 * k * step for step in g], [-0.2 * k * step for step in d], digits)
        for k in (0, 1, 2, 5)
    ]
    found = trajectory(moments)
    assert found.explained_g == pytest.approx(1.0, abs=1e-6)
    assert found.explained_d == pytest.approx(1.0, abs=1e-6)
    assert float(torch.cosine_similarity(flat(found.directions.g), flat(g), dim=0)) == pytest.approx(1.0)
    assert float(torch.cosine_similarity(flat(found.directions.d), flat(d), dim=0)) == pytest.approx(-1.0)
    length = flat([weight.detach() for weight in moments[-1].generator.parameters()]).norm()
    assert float(flat(found.directions.g).norm()) == pytest.approx(float(length), rel=1e-5)


def test_a_random_walk_explains_what_chance_explains(digits: DataSet) -> None:
    moments, rng = [new_trainer(digits)], torch.Generator().manual_seed(0)
    for _ in range(19):
        last = moments[-1]
        moments.append(shifted(last, noise(last.generator, rng), noise(last.discriminator, rng), digits))
    found = trajectory(moments)
    assert found.explained_by_chance == random_walk_share(20)
    assert found.explained_g == pytest.approx(found.explained_by_chance, abs=0.02)
    assert found.explained_d == pytest.approx(found.explained_by_chance, abs=0.02)


def test_the_share_of_a_long_random_walk_is_that_of_the_paper() -> None:
    assert random_walk_share(600) == pytest.approx(6 / math.pi**2, abs=2e-3)


def test_the_path_of_a_game_gives_a_plane_and_is_not_disturbed(digits: DataSet) -> None:
    moments = []
    for steps in (5, 10, 15):
        trainer = new_trainer(digits)
        play(trainer, steps)
        moments.append(trainer)
    found = trajectory(moments)
    assert 0.5 < found.explained_g <= 1.0
    plane = surface(moments[-1], found.directions, points=5, samples=50)
    assert plane.kind == "the main direction of each player's path"
    assert float(plane.value.max() - plane.value.min()) > 1e-3


def test_too_short_a_path_and_one_that_stands_still_are_refused(digits: DataSet) -> None:
    trainer = new_trainer(digits)
    with pytest.raises(ValueError, match="2 moments: a path needs at least three"):
        trajectory([trainer, trainer])
    with pytest.raises(ValueError, match="the generator has not moved"):
        trajectory([trainer, trainer, trainer])
