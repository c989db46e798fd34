"""What is measured and drawn of a game on a known density, with players whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_core import data
from gan_core.history import Keyframe
from gan_core.measures.held_out import evaluate
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.measures.toy import LINE_BINS, MEASURED, SAMPLES, measure_toy, take_toy_pictures, toy_of
from gan_core.networks import Network
from gan_core.settings import make_settings
from gan_core.theory.distances import distances, shares
from gan_core.theory.toys import toy_named
from gan_core.training import GanTrainer
from tests.game import clones, forward, is_same_game, new_trainer, play

WEIGHT, BIAS = 0.5, 0.25


def toy_trainer(name: str, **changes: object) -> GanTrainer:
    """A small game on that density."""
    small = {"generator_hidden": "8-8", "discriminator_hidden": "8-8", "generator_batch_norm": False,
             "latent_dim": 3, "batch_size": 16}  # fmt: skip
    settings = make_settings({**small, "data": name, **changes})
    return GanTrainer(settings, data.load(settings))


def make_linear(player: Network, weights: list[list[float]], bias: list[float]) -> None:
    """The player becomes x -> weights x + bias, for inputs above -100: units pass what is positive."""
    lift = 100.0
    with torch.no_grad():
        for parameter in player.parameters():
            parameter.zero_()
        first, second, last = (player.get_parameter(f"linears.{i}.weight") for i in range(3))
        used = min(first.shape[1], len(weights[0]))
        for i in range(used):
            first[i, i] = second[i, i] = 1.0
            player.get_parameter("linears.0.bias")[i] = lift
        given = torch.tensor(weights)
        last[:, :used] = given[:, :used]
        player.get_parameter("linears.2.bias").copy_(torch.tensor(bias) - lift * given[:, :used].sum(1))


def players(trainer: GanTrainer) -> tuple[Network, Network]:
    return trainer.generator, trainer.average


# --- Columns


@pytest.mark.parametrize(("name", "mode"), [("ring", 3), ("blobs", 1), ("two_gaussians_1d", 0)])
def test_a_g_that_makes_one_point_hits_one_mode(name: str, mode: int) -> None:
    trainer, toy = toy_trainer(name), toy_named(name)
    centre = list(toy.modes[mode].centre)
    for player in players(trainer):
        make_linear(player, [[0.0, 0.0, 0.0]] * toy.dimensions, centre)
    found = measure_toy(trainer)
    assert (found["modes"], found["modes_hit"]) == (len(toy.modes), 1)
    p = max(shares(toy)) * (1 + 1e-9)  # of the cell that holds the centre, or of its equal neighbour
    assert found["tv"] == pytest.approx(1 - p, abs=0.02)
    assert found["best_value"] == pytest.approx(-math.log(4) + 2 * found["jsd"])
    assert found["jsd"] > 5 * found["jsd_floor"]


def test_a_perfect_g_comes_to_the_floor() -> None:
    trainer, toy = toy_trainer("gaussian_1d"), toy_named("gaussian_1d")
    for player in players(trainer):
        make_linear(player, [[0.7, 0.0, 0.0]], [2.0])
    found = measure_toy(trainer)
    assert found["jsd"] < 2 * found["jsd_floor"]
    assert found["tv"] < 1.5 * found["tv_floor"]
    for player in players(trainer):
        make_linear(player, [[0.7, 0.0, 0.0]], [2.5])
    p_to_q = measure_toy(trainer)
    assert p_to_q["tv"] == pytest.approx(math.erf(0.5 / (2 * 0.7) / math.sqrt(2)), abs=2 * found["tv_floor"])
    assert p_to_q["kl_backward"] == pytest.approx(0.5**2 / (2 * 0.7**2), rel=0.15)
    assert toy_of(trainer) is toy


def test_an_evaluation_brings_the_columns_of_its_toy_and_draws_nothing_from_the_game() -> None:
    watched, alone = toy_trainer("ring"), toy_trainer("ring")
    play(watched, 3), play(alone, 3)
    more = evaluate(watched).more
    assert more == measure_toy(watched)
    assert list(more) == ["jsd", "tv", "kl_forward", "kl_backward", "best_value", "jsd_floor", "tv_floor",
                          "modes", "modes_hit"]  # fmt: skip
    take_pictures(watched, shown_latents(watched.settings))
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)
    assert measure_toy(watched) != more


def test_digits_have_no_such_columns(digits: data.DataSet) -> None:
    trainer = new_trainer(digits)
    assert evaluate(trainer).more == {}
    with pytest.raises(ValueError, match="the density of mnist_10k is not known"):
        measure_toy(trainer)


# --- Pictures


def test_the_picture_of_a_line_has_both_players_on_it() -> None:
    trainer = toy_trainer("gaussian_1d")
    for player in players(trainer):
        make_linear(player, [[0.7, 0.0, 0.0]], [2.0])
    make_linear(trainer.discriminator, [[WEIGHT]], [BIAS])
    picture = take_pictures(trainer, shown_latents(trainer.settings))
    assert {name: array.shape for name, array in picture.items()} == {
        "q": (120,), "d_curve": (241,), "map_z": (101,), "map_x": (101,),
    }  # fmt: skip
    np.testing.assert_allclose(picture["map_x"], 2 + 0.7 * picture["map_z"], atol=1e-4)
    assert (picture["map_z"][0], picture["map_z"][-1]) == (-2.0, 2.0)
    x = np.linspace(-5, 5, 241)
    np.testing.assert_allclose(picture["d_curve"], 1 / (1 + np.exp(-(WEIGHT * x + BIAS))), atol=1e-5)
    toy = toy_named("gaussian_1d")
    exact = toy.cells(np.linspace(-5, 5, LINE_BINS + 1))
    assert np.abs(picture["q"] - exact).max() < 5 * math.sqrt(exact.max() / SAMPLES["line"])
    assert picture["q"].sum() == pytest.approx(1.0, abs=2e-3)


def test_the_picture_of_a_plane_has_x_across_and_y_up() -> None:
    trainer = toy_trainer("blobs")
    g = [[0.5, 0.0, 0.0], [0.0, 0.25, 0.0]]
    for player in players(trainer):
        make_linear(player, g, [1.0, -1.0])
    d = np.array([0.4, -0.9])
    make_linear(trainer.discriminator, [d.tolist()], [BIAS])
    latents = shown_latents(trainer.settings)
    picture = take_pictures(trainer, latents)
    assert {name: array.shape for name, array in picture.items()} == {
        "samples": (500, 2), "d_map": (41, 41), "warp": (15, 15, 2), "slopes": (100, 2),
    }  # fmt: skip
    assert all(array.dtype == np.float32 for array in picture.values())
    np.testing.assert_allclose(picture["samples"], latents.numpy() @ np.array(g).T + [1.0, -1.0], atol=1e-4)
    at = np.linspace(-3, 3, 41)
    logits = d[0] * at[None, :] + d[1] * at[:, None] + BIAS  # [up, across]
    np.testing.assert_allclose(picture["d_map"], 1 / (1 + np.exp(-logits)), atol=1e-4)
    z = np.linspace(-2, 2, 15)
    np.testing.assert_allclose(picture["warp"][:, 0, 0], 1.0 + 0.5 * z, atol=1e-4)
    np.testing.assert_allclose(picture["warp"][0, :, 1], -1.0 + 0.25 * z, atol=1e-4)
    # G minimises -log D(x), whose slope is -(1 - D(x)) d: the arrows show where the samples should go.
    answers = 1 / (1 + np.exp(-(picture["samples"][:100].astype(float) @ d + BIAS)))
    np.testing.assert_allclose(picture["slopes"], (1 - answers)[:, None] * d, atol=1e-4)


@pytest.mark.parametrize(
    ("objective", "slope"),
    [("minimax", lambda s: 1 / (1 + math.exp(-s))), ("hinge", lambda s: 1.0), ("wgan_gp", lambda s: 1.0),
     ("lsgan", lambda s: 1.0 - s)],
)  # fmt: skip
def test_the_arrows_follow_the_loss_in_force(objective: str, slope: object) -> None:
    trainer = toy_trainer("ring", objective=objective)
    d = np.array([0.6, 0.3])
    make_linear(trainer.discriminator, [d.tolist()], [BIAS])
    picture = take_pictures(trainer, shown_latents(trainer.settings))
    scores = picture["samples"][:100].astype(float) @ d + BIAS
    sizes = picture["slopes"] @ d / (d @ d)
    wanted = np.array([slope(s) for s in scores])  # type: ignore[operator]
    np.testing.assert_allclose(picture["slopes"], sizes[:, None] * d, atol=1e-4)
    ratios = sizes / wanted
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-3)
    assert ratios[0] > 0.4


def test_a_relative_d_is_drawn_against_the_mean_of_the_samples() -> None:
    trainer = toy_trainer("ring", objective="relativistic")
    d = np.array([0.6, 0.3])
    make_linear(trainer.discriminator, [d.tolist()], [BIAS])
    picture = take_pictures(trainer, shown_latents(trainer.settings))
    mean = (picture["samples"] @ d).mean()
    at = np.linspace(-3, 3, 41)
    logits = d[0] * at[None, :] + d[1] * at[:, None] - mean
    np.testing.assert_allclose(picture["d_map"], 1 / (1 + np.exp(-logits)), atol=1e-4)


def test_the_picture_is_of_the_averaged_g_or_of_the_one_that_is_asked_for() -> None:
    trainer = toy_trainer("moons", latent_dim=1, latent_distribution="uniform")
    play(trainer, 5)
    latents = shown_latents(trainer.settings)
    for player in players(trainer):
        picture = take_toy_pictures(trainer, latents, player)
        made = forward(clones(player), latents.double().numpy())
        np.testing.assert_allclose(picture["samples"], made, atol=1e-4)
    np.testing.assert_array_equal(picture["warp"][:, 0], picture["warp"][:, 7])  # z has one number only
    assert Keyframe(5, dict(picture)).step == 5


def test_the_distances_are_of_as_many_samples_as_is_said() -> None:
    trainer = toy_trainer("grid")
    found, floor = measure_toy(trainer), distances(np.zeros((MEASURED["plane"], 2)), toy_named("grid"))
    assert (found["jsd_floor"], found["tv_floor"]) == (floor.jsd_floor, floor.tv_floor)
