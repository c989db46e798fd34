"""Pictures from inside a generator: walks, a digit as asked, mixtures of styles, feature maps."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import numpy as np
import orjson
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from gan_core.data import DataSet
from gan_core.history.packed import packed, unpacked
from gan_core.history.results import PICTURES, PICTURES_KEPT, Result, Results
from gan_core.measures.classifier import load
from gan_core.measures.feature_maps import activated, feature_maps
from gan_core.measures.generator import Maker, pictures_of
from gan_core.measures.lab import measure
from gan_core.measures.mixing import COUNT, mixing
from gan_core.measures.walk import COLUMNS, ROWS, choose_digit, linear, spherical, walk
from gan_core.networks import StyleGenerator, activation_function, draw_latents, with_class
from gan_core.networks.style import GAIN
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer, play
from tests.test_measure_toy import toy_trainer

LEAKY = activation_function("leaky_relu", 0.2)
GAMES: dict[str, dict[str, Any]] = {
    "perceptron": {},
    "dcgan": {"architecture": "dcgan"},
    "style": {"architecture": "style"},
    "conditional": {"conditional": True},
    "conditional dcgan": {"conditional": True, "architecture": "dcgan"},
}
FITTING = {
    "walk": set(GAMES), "choose_digit": {"conditional", "conditional dcgan"}, "mixing": {"style"},
    "feature_maps": set(GAMES),
}  # fmt: skip


def game(name: str, digits: DataSet, steps: int = 4, **changes: Any) -> GanTrainer:
    """A game whose G and its average are two networks."""
    trainer = new_trainer(digits, **GAMES[name], **changes)
    play(trainer, steps)
    return trainer


def noise(trainer: GanTrainer, count: int, seed: int) -> Tensor:
    """The noise vectors of that seed, without classes."""
    rng = torch.Generator().manual_seed(seed)
    return draw_latents(count, trainer.settings.replace(conditional=False), rng)


@torch.no_grad()
def made(trainer: GanTrainer, z: Tensor, digit: int | None = None) -> NDArray[np.uint8]:
    """What the averaged G makes, [n, 28, 28], by its own forward pass."""
    told = z if digit is None else with_class(z, torch.full((len(z),), digit))
    images = trainer.average(told, LEAKY, "eval")[:, :784].numpy()
    rounded: NDArray[np.uint8] = np.clip(np.round((images + 1) * 127.5), 0, 255).astype(np.uint8)
    return rounded.reshape(-1, 28, 28)


def assert_alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> None:
    """The same grey values, as far as sums in another order give the same ones."""
    assert one.shape == other.shape
    assert np.abs(one.astype(int) - other).max() <= 1


# --- Walks


@pytest.mark.parametrize("name", GAMES)
def test_a_walk_begins_and_ends_at_the_pictures_of_its_noise_vectors(name: str, digits: DataSet) -> None:
    trainer = game(name, digits)
    digit = 7 if trainer.settings.conditional else None
    found = walk(trainer, seed=11, digit=7)
    z = noise(trainer, 2 * ROWS, 11)
    assert found.pictures.shape == (ROWS, COLUMNS, 28, 28)
    assert_alike(found.pictures[:, 0], made(trainer, z[:ROWS], digit))
    assert_alike(found.pictures[:, -1], made(trainer, z[ROWS:], digit))
    assert found.path == "spherical"
    assert (found.digit, found.other) == (digit, digit)
    assert not np.array_equal(found.pictures[:, 0], walk(trainer, seed=12, digit=7).pictures[:, 0])


def test_the_middle_of_a_walk_is_on_the_arc_or_on_the_line(digits: DataSet) -> None:
    trainer = game("perceptron", digits)
    a, b = noise(trainer, 2 * ROWS, 0).split(ROWS)  # type: ignore[no-untyped-call]
    lengths = [end.norm(dim=1, keepdim=True) for end in (a, b)]
    between = a / lengths[0] + b / lengths[1]  # half way along an arc lies the sum of both directions
    middle = between / between.norm(dim=1, keepdim=True) * (lengths[0] + lengths[1]) / 2
    assert_alike(walk(trainer).pictures[:, COLUMNS // 2], made(trainer, middle))
    even = game("perceptron", digits, latent_distribution="uniform")
    a, b = noise(even, 2 * ROWS, 0).split(ROWS)  # type: ignore[no-untyped-call]
    found = walk(even)
    assert found.path == "linear"
    assert_alike(found.pictures[:, COLUMNS // 2], made(even, (a + b) / 2))


def test_an_arc_keeps_its_speed_and_its_length() -> None:
    a, b = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 4.0]])
    third = spherical(a, b, 1 / 3)
    assert third[0].tolist() == pytest.approx([8 / 3 * math.cos(math.pi / 6), 8 / 3 * math.sin(math.pi / 6)])
    assert linear(a, b, 1 / 3)[0].tolist() == pytest.approx([4 / 3, 4 / 3])
    assert spherical(a, 2 * a, 0.25)[0].tolist() == pytest.approx([2.5, 0.0])


@pytest.mark.parametrize("name", ["conditional", "conditional dcgan"])
def test_a_walk_between_classes_ends_at_both_and_passes_between_their_vectors(
    name: str, digits: DataSet
) -> None:
    trainer = game(name, digits)
    found = walk(trainer, between="classes", digit=3, other=8, seed=2)
    z = noise(trainer, ROWS, 2)
    assert_alike(found.pictures[:, 0], made(trainer, z, 3))
    assert_alike(found.pictures[:, -1], made(trainer, z, 8))
    assert (found.path, found.digit, found.other) == ("linear", 3, 8)
    with torch.no_grad():  # a class 5 whose vector lies half way
        table = cast(Tensor, trainer.average.classes)
        table[5] = (table[3] + table[8]) / 2
    assert_alike(found.pictures[:, COLUMNS // 2], made(trainer, z, 5))


def test_a_chosen_digit_is_of_that_class_and_counted_as_it_is_read(digits: DataSet) -> None:
    trainer = game("conditional", digits, steps=60)
    found = choose_digit(trainer, digit=4, seed=3)
    pictures = found.pictures.reshape(-1, 28, 28)
    assert_alike(pictures, made(trainer, noise(trainer, len(pictures), 3), 4))
    read = load().read(torch.from_numpy(pictures.reshape(-1, 784) / 127.5 - 1).float()).classes.numpy()
    assert np.mean(read == found.read_as.ravel()) > 0.95  # grey values are rounded
    assert found.right == (found.read_as == 4).sum()
    assert found.asked == found.read_as.size == len(pictures)


# --- Styles


def test_the_diagonal_of_the_mixtures_is_the_plain_picture(digits: DataSet) -> None:
    trainer = game("style", digits)
    for crossing in (1, 2, 3):
        found = mixing(trainer, seed=5, crossing=crossing)
        plain = made(trainer, noise(trainer, COUNT, 5))
        assert_alike(found.sources, plain)
        assert_alike(found.pictures[range(COUNT), range(COUNT)], plain)


def test_a_row_gives_the_first_layers_and_a_column_the_others(digits: DataSet) -> None:
    trainer = game("style", digits, steps=30)
    g = cast(StyleGenerator, trainer.average)
    w = g.styles(noise(trainer, COUNT, 0), LEAKY)
    for crossing in (1, 2, 3):
        per_layer = [w[1:2]] * crossing + [w[4:5]] * (4 - crossing)
        with torch.no_grad():
            image = pictures_of(g.made_of(per_layer, LEAKY), 1)[0]
        assert_alike(mixing(trainer, crossing=crossing).pictures[1, 4], image)
    few, many = (mixing(trainer, crossing=crossing).pictures for crossing in (1, 3))
    assert not np.array_equal(few[1, 4], many[1, 4])


def test_truncation_to_0_makes_one_picture_and_half_way_lies_between(digits: DataSet) -> None:
    trainer = game("style", digits, steps=30)
    whole, half, none = (mixing(trainer, psi=psi) for psi in (1.0, 0.5, 0.0))
    assert (none.pictures == none.pictures[0, 0]).all()
    assert not (half.pictures == half.pictures[0, 0]).all()
    spread = [float(found.sources.std(0).mean()) for found in (whole, half, none)]
    assert spread[0] > spread[1] > spread[2] == 0.0
    g = cast(StyleGenerator, trainer.average)
    with torch.no_grad():
        mean = g.styles(noise(trainer, 20_000, 1), LEAKY).mean(0, keepdim=True)
        middle = pictures_of(g.made_of([mean] * 4, LEAKY), 1)[0]
    assert np.abs(middle.astype(int) - none.pictures[0, 0]).mean() < 2  # another 20,000 noise vectors


def test_noise_is_off_unless_asked_for_and_always_the_same(digits: DataSet) -> None:
    trainer = game("style", digits)
    still = mixing(trainer)
    assert np.array_equal(still.pictures, mixing(trainer).pictures)
    with torch.no_grad():
        cast(StyleGenerator, trainer.average).noise.copy_(torch.tensor([0.5, 0.5, 0.5]))
    off, on, again = mixing(trainer), mixing(trainer, noise=True), mixing(trainer, noise=True)
    assert np.array_equal(off.pictures, still.pictures)
    assert np.array_equal(on.pictures, again.pictures)
    change = np.abs(on.pictures.astype(int) - off.pictures).mean()
    assert change == pytest.approx(on.noise_changes, rel=0.05)
    assert change > 1
    assert on.noise_strength.tolist() == [0.5, 0.5, 0.5]


# --- Feature maps


def test_the_last_feature_maps_lead_to_the_picture(digits: DataSet) -> None:
    for name in ("dcgan", "conditional dcgan", "style", "perceptron"):
        trainer = game(name, digits)
        digit = 6 if trainer.settings.conditional else None
        found = feature_maps(trainer, seed=9, digit=6)
        maker = Maker(trainer, averaged=True)
        last = activated(maker, maker.asked(maker.noise(1, 9), 6))[-1]
        picture = np.asarray(last_layer(trainer, last[None], noise(trainer, 1, 9)))
        shown = made(trainer, noise(trainer, 1, 9), digit)[0]
        assert_alike(found.picture, shown)
        assert_alike(np.round((picture + 1) * 127.5).astype(np.uint8).reshape(28, 28), shown)
        drawn = found.low[-1] + found.maps[-1] / 255 * (found.high[-1] - found.low[-1])
        np.testing.assert_allclose(drawn, last, atol=(found.high[-1] - found.low[-1]) / 500)


@torch.no_grad()
def last_layer(trainer: GanTrainer, maps: Tensor, z: Tensor) -> Tensor:
    """The images of the last hidden layer's activations, by the formulas."""
    g: Any = trainer.average
    if trainer.settings.architecture == "perceptron":
        return torch.tanh(cast(nn.Linear, g.linears[-1])(maps.flatten(1)))
    if trainer.settings.architecture == "dcgan":
        return torch.tanh(F.pixel_shuffle(g.convolutions[-1](maps), 2))
    style = g.styles(z, LEAKY) @ (g.affine[-1] / 8).T + g.affine_bias[-1]  # 64 numbers of w
    x = GAIN * maps * style[:, :, None, None]
    x = F.conv2d(x, g.to_grey / 12, g.to_grey_bias, padding=1)  # 16 channels of 3 x 3
    return torch.tanh(F.pixel_shuffle(x, 2))


def test_maps_have_the_shapes_of_the_layers(digits: DataSet) -> None:
    shapes = {
        "perceptron": [(32, 1, 1), (32, 1, 1)],
        "dcgan": [(32, 7, 7), (16, 14, 14)],
        "style": [(32, 7, 7), (16, 14, 14), (16, 14, 14)],
    }
    for name, expected in shapes.items():
        found = feature_maps(game(name, digits, steps=1))
        assert [layer.shape for layer in found.maps] == expected
        for layer in found.maps:
            assert (layer.min(), layer.max()) == (0, 255)


# --- All of them


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("what", FITTING)
def test_each_leaves_the_game_alone_and_is_json_or_a_sentence(what: str, name: str, digits: DataSet) -> None:
    watched, alone = (game(name, digits) for _ in range(2))
    shares: list[float] = []
    if name in FITTING[what]:
        told = json.loads(orjson.dumps(measure(watched, what, shares.append, {"seed": 4})))
        raw = measure(watched, what, options={"seed": 4})
        assert {**told, "seconds": 0} == {**raw, "seconds": 0}
        assert shares[-1] == 1.0
        assert len(orjson.dumps(told)) < 120_000
        pictures = unpacked(told.get("pictures", told.get("picture")))
        assert pictures.shape[-2:] == (28, 28)
        own = unpacked(measure(watched, what, options={"seed": 4, "averaged": False}).get("pictures", []))
        assert what == "feature_maps" or not np.array_equal(own, pictures)
    else:
        with pytest.raises(ValueError, match=r"only: this G"):
            measure(watched, what)
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)


@pytest.mark.parametrize("what", FITTING)
def test_points_have_no_pictures(what: str) -> None:
    with pytest.raises(ValueError, match=r"G makes points here, no pictures: the data are ring"):
        measure(toy_trainer("ring"), what)


@pytest.mark.parametrize(
    ("what", "options", "sentence"),
    [
        ("walk", {"between": "digits"}, "between = 'digits': it must be noise or classes"),
        ("walk", {"between": "classes"}, "a walk between classes needs a class-conditional game"),
        ("walk", {"seed": -1}, "seed = -1: it must be a whole number from 0 to 2147483647"),
        ("walk", {"digit": 10}, "digit = 10: it must be a whole number from 0 to 9"),
        ("mixing", {"crossing": 4}, "crossing = 4: it must be a whole number from 1 to 3"),
        ("mixing", {"crossing": True}, "crossing = True: it must be a whole number"),
        ("mixing", {"psi": 1.6}, r"psi = 1.6: it must be a number from 0 to 1.5"),
        ("mixing", {"psi": math.nan}, r"psi = nan: it must be a number"),
        ("feature_maps", {"seed": 0.5}, r"seed = 0.5: it must be a whole number"),
    ],
)
def test_options_that_do_not_fit_are_a_sentence(
    what: str, options: dict[str, Any], sentence: str, digits: DataSet
) -> None:
    with pytest.raises(ValueError, match=sentence):
        measure(game("style", digits, steps=0), what, options=options)


def test_packed_pictures_come_back_and_damaged_ones_are_refused() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5)).astype(np.uint8)
    told = json.loads(orjson.dumps(packed(pictures)))
    assert np.array_equal(unpacked(told), pictures)
    assert np.array_equal(unpacked(pictures.tolist()), pictures)
    for damage in ({"shape": [2, 3, 4, 6]}, {"shape": [9999, 9999]}, {"zlib": "AAAA"}, {"shape": None}):
        with pytest.raises(ValueError, match="these are no packed pictures"):
            unpacked(told | damage)


def test_a_run_keeps_few_pictures_and_knows_which_measures_make_them() -> None:
    assert set(PICTURES) == set(FITTING)
    results = Results()
    for step in range(2 * PICTURES_KEPT):
        results.add(Result(step, "walk", {}, {}))
        results.add(Result(step, "quality", {}, {}))
    assert [row.step for row in results.of("walk")] == list(range(PICTURES_KEPT, 2 * PICTURES_KEPT))
    assert len(results.of("quality")) == 2 * PICTURES_KEPT
