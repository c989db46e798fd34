"""The plane of both players' last moves, against networks that were really there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from gan_core.data import DataSet
from gan_core.measures import slice as slice_module
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.measures.slice import PATH, POINTS, REACH, Slices, samples_of
from gan_core.networks import Network
from gan_core.training import Functions, GanTrainer
from tests.game import clones, is_same_game, new_trainer, play
from tests.test_measure_toy import toy_trainer

NOW, BEFORE = POINTS // 2, round((REACH - 1) * (POINTS - 1) / (2 * REACH))
"""Places of 0 and of -1 on both axes."""
Weights = dict[str, torch.Tensor]


def always() -> Slices:
    """A plane with every picture, whatever it costs."""
    return Slices(share=math.inf)


def value_of(trainer: GanTrainer, g: Weights, d: Weights) -> float:
    """V of these networks on the samples of the slice, by the trainer's own players in eval mode."""
    functions, (real, z) = Functions.of(trainer.settings), samples_of(trainer)
    kept = clones(trainer.generator), clones(trainer.discriminator)
    trainer.generator.load_state_dict(g), trainer.discriminator.load_state_dict(d)
    with torch.no_grad():
        fake = trainer.generator(z, functions.generator, "eval")
        scores = (trainer.discriminator(x, functions.discriminator, "eval") for x in (real, fake))
        terms = trainer.objective.terms(*scores)
    trainer.generator.load_state_dict(kept[0]), trainer.discriminator.load_state_dict(kept[1])
    return float(sum(terms))


def both(trainer: GanTrainer) -> tuple[Weights, Weights]:
    return clones(trainer.generator), clones(trainer.discriminator)


GAMES = [
    {}, {"objective": "relativistic"}, {"objective": "hinge"}, {"objective": "lsgan"},
    {"generator_batch_norm": True, "discriminator_batch_norm": True, "discriminator_dropout": 0.3},
]  # fmt: skip


@pytest.mark.parametrize("changes", GAMES)
@pytest.mark.parametrize("name", ["ring", "two_gaussians_1d"])
def test_the_plane_holds_the_present_and_the_last_picture(name: str, changes: dict[str, object]) -> None:
    trainer, slices = toy_trainer(name, **changes), always()
    play(trainer, 20)
    slices.take(trainer)
    g_before, d_before = both(trainer)
    play(trainer, 7)
    found = slices.take(trainer)
    g_now, d_now = both(trainer)
    plane = found["slice"]
    assert plane.shape == (POINTS, POINTS)
    assert plane.dtype == np.float32
    wanted = {
        (NOW, NOW): value_of(trainer, g_now, d_now),
        (BEFORE, BEFORE): value_of(trainer, g_before, d_before),
        (NOW, BEFORE): value_of(trainer, g_before, d_now),  # rows are D's, columns are G's
        (BEFORE, NOW): value_of(trainer, g_now, d_before),
    }
    assert len({round(v, 5) for v in wanted.values()}) == 4
    assert {place: float(plane[place]) for place in wanted} == pytest.approx(wanted, abs=1e-5)
    assert np.isfinite(plane).all()


def test_a_far_corner_is_as_far_as_is_said() -> None:
    trainer, slices = toy_trainer("ring"), always()
    slices.take(trainer)
    before = both(trainer)
    play(trainer, 3)
    plane = slices.take(trainer)["slice"]
    corner = [
        {name: now[name] + REACH * (now[name] - old[name]) for name in now}
        for now, old in zip(both(trainer), before, strict=True)
    ]
    assert float(plane[-1, -1]) == pytest.approx(value_of(trainer, *corner), abs=1e-5)


def flat(player: Network) -> np.ndarray:
    return torch.nn.utils.parameters_to_vector(player.parameters()).detach().double().numpy()


def test_the_path_is_projected_on_the_plane() -> None:
    trainer, slices = toy_trainer("ring"), always()
    places, found = [], {}
    for _ in range(PATH + 2):
        play(trainer, 2)
        found = slices.take(trainer)
        places.append([flat(trainer.generator), flat(trainer.discriminator)])
    path = found["slice_path"]
    assert path.shape == (PATH, 2)
    assert path.dtype == np.float32
    assert path[-1] == pytest.approx([0, 0])
    assert path[-2] == pytest.approx([-1, -1], abs=1e-4)
    for player in (0, 1):
        now, last, old = (places[i][player] for i in (-1, -2, -PATH))
        move = now - last
        assert path[0, player] == pytest.approx((old - now) @ move / (move @ move), rel=1e-3)
        steps, length = found["slice_moves"][player]
        assert steps == 2
        assert length == pytest.approx(np.linalg.norm(move) / np.linalg.norm(now), rel=1e-4)


def test_before_both_have_moved_there_is_no_plane_and_a_player_that_stands_still_keeps_its_move() -> None:
    trainer, slices = toy_trainer("ring"), always()
    assert slices.take(trainer) == {}
    trainer.d_step(trainer.settings)
    assert slices.take(trainer) == {}
    play(trainer, 5)
    moved = slices.take(trainer)
    assert np.isnan(moved["slice_path"][:-3]).all()
    assert np.isfinite(moved["slice_path"][-3:]).all()
    still = slices.take(trainer)
    np.testing.assert_array_equal(still["slice"], moved["slice"])
    assert still["slice_path"][-2:].tolist() == [[0, 0], [0, 0]]
    trainer.d_step(trainer.settings)
    found = slices.take(trainer)
    assert found["slice_path"][-2:] == pytest.approx(np.array([[0, -1], [0, 0]]), abs=1e-4)
    assert found["slice_moves"][:, 0].tolist() == [5, 1]
    assert found["slice_moves"][0, 1] == moved["slice_moves"][0, 1]


def test_a_game_whose_pictures_are_taken_is_the_same_game() -> None:
    watched, alone = (toy_trainer("ring", discriminator_dropout=0.2) for _ in range(2))
    latents, slices = shown_latents(watched.settings), always()
    taken = []
    for _ in range(4):
        play(watched, 2), play(alone, 2)
        taken.append("slice" in take_pictures(watched, latents, slices=slices))
        parameters = [*watched.generator.parameters(), *watched.discriminator.parameters()]
        assert all(isinstance(parameter, torch.nn.Parameter) for parameter in parameters)
    assert taken == [False, True, True, True]
    assert is_same_game(watched, alone)


def test_planes_take_their_share_of_the_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, now = toy_trainer("ring"), [0.0]
    whole = slice_module.plane

    def in_2_seconds(*arguments: Any) -> Any:
        now[0] += 2.0
        return whole(*arguments)

    monkeypatch.setattr(slice_module, "plane", in_2_seconds)
    slices, steps = Slices(share=0.1, clock=lambda: now[0]), []
    slices.take(trainer)
    for _ in range(9):
        play(trainer, 1)
        found = slices.take(trainer)
        steps.append(found["slice_step"].item())
        assert found["slice_path"][-2:] == pytest.approx(np.array([[-1, -1], [0, 0]]), abs=1e-3)
        now[0] += 6.0
    assert steps == [1, 1, 1, 4, 4, 4, 7, 7, 7]
    slices.expire()
    assert slices.take(trainer)["slice_step"].item() == 9


def test_large_networks_and_digits_have_no_plane(digits: DataSet) -> None:
    trainer, slices = toy_trainer("ring", discriminator_hidden="160-160"), always()
    slices.take(trainer)
    play(trainer, 1)
    assert slices.take(trainer) == {}
    shown, slices = new_trainer(digits), always()
    latents = shown_latents(shown.settings)
    for _ in range(2):
        assert "slice" not in take_pictures(shown, latents, slices=slices)
        play(shown, 1)
