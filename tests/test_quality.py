"""Quality measures against closed forms, second implementations, and sets whose answer is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import data
from gan_core.bundled import DataError
from gan_core.data import DataSet, bundled_classes
from gan_core.measures import classifier, pixels, quality
from gan_core.settings import make_settings
from gan_core.training import GanTrainer
from tests.game import is_same_game, new_trainer, play, same_records

Floats = NDArray[np.float64]


def gaussian(count: int, dimensions: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.empty(count, dimensions, dtype=torch.float64).normal_(shift, scale, generator=rng)


def random_covariance(seed: int, dimensions: int = 6) -> Floats:
    """Not diagonal, and of full rank."""
    root = gaussian(dimensions, dimensions, seed)
    covariance: Floats = (root @ root.T).numpy()
    return covariance


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """A quarter of the held-out digits: most tests need no more."""
    return DataSet("mnist_10k", digits.train, digits.held_out[:500])


# The classifier


def test_the_classifier_reads_held_out_digits_as_its_file_states(digits: DataSet) -> None:
    found = classifier.load()
    right = quality.right_class(digits.held_out, bundled_classes()[1])
    assert right >= 0.98
    assert right == pytest.approx(found.held_out_accuracy, abs=0.002)


def test_labels_are_in_the_order_of_the_digits(digits: DataSet) -> None:
    train, held_out = bundled_classes()
    assert len(train) == len(digits.train)
    assert len(held_out) == len(digits.held_out)
    assert quality.right_class(digits.train[:500], train[:500]) > 0.98
    assert quality.right_class(digits.train[:500], train[1:501]) < 0.2


def test_a_reading_is_the_same_every_time_and_in_every_company(digits: DataSet) -> None:
    found = classifier.load()
    assert torch.equal(found.features(digits.held_out), found.features(digits.held_out))
    alone = found.probabilities(digits.held_out[300:301])
    assert torch.allclose(alone, found.probabilities(digits.held_out)[300:301], atol=1e-5)
    assert torch.allclose(found.probabilities(digits.held_out).sum(1), torch.ones(2000), atol=1e-5)
    assert found.features(digits.held_out).shape == (2000, classifier.FEATURES)
    assert not found.training
    assert not any(weight.requires_grad for weight in found.parameters())


def test_a_damaged_classifier_is_refused_with_a_sentence(tmp_path: Path) -> None:
    content = bytearray(classifier.WEIGHTS.read_bytes())
    content[-1] ^= 1
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(content)
    with pytest.raises(DataError, match=r"its SHA-256 is wrong\): restore data/digit_classifier"):
        classifier.load(damaged)
    with pytest.raises(DataError, match="No such file"):
        classifier.load(tmp_path / "missing.safetensors")


# FID


def test_frechet_distance_of_diagonal_gaussians() -> None:
    """Then it is ‖μ1 − μ2‖² + Σ (s1 − s2)², with standard deviations s."""
    mean, other_mean = np.array([0.0, 1.0, -2.0]), np.array([0.5, 1.0, 1.0])
    sds, other_sds = np.array([1.0, 0.2, 3.0]), np.array([2.0, 0.5, 0.0])
    expected = 0.25 + 9.0 + 1.0 + 0.09 + 9.0
    found = quality.frechet(mean, np.diag(sds**2), other_mean, np.diag(other_sds**2))
    assert found == pytest.approx(expected, rel=1e-12)


def test_frechet_distance_against_the_eigenvalues_of_the_product() -> None:
    one, other = random_covariance(1), random_covariance(2)
    zero = np.zeros(len(one))
    shared = np.sqrt(np.linalg.eigvals(one @ other).astype(complex)).real.sum()
    expected = np.trace(one) + np.trace(other) - 2 * shared
    assert quality.frechet(zero, one, zero, other) == pytest.approx(expected, rel=1e-9)
    assert quality.frechet(zero, other, zero, one) == pytest.approx(expected, rel=1e-9)


def test_fid_of_a_set_with_itself_is_zero_and_a_shift_counts_squared() -> None:
    features = gaussian(300, 8, seed=0)
    assert quality.fid(features, features) == pytest.approx(0.0, abs=1e-9)
    assert quality.fid(features, features + 0.5) == pytest.approx(8 * 0.25, rel=1e-9)
    assert quality.fid(features, 3 * features) == pytest.approx(
        4 * float(features.var(0).sum()) + 4 * float(features.mean(0).square().sum()), rel=1e-9
    )


def test_fid_of_equal_distributions_is_its_null_bias() -> None:
    dimensions, count = 16, 1000
    bias = (dimensions + dimensions * (dimensions + 1) / 4) * 2 / count
    values = [
        quality.fid(gaussian(count, dimensions, seed), gaussian(count, dimensions, 100 + seed))
        for seed in range(20)
    ]
    assert np.mean(values) == pytest.approx(bias, rel=0.1)


# KID


def test_kid_against_a_sum_over_all_pairs() -> None:
    one, other = gaussian(7, 3, seed=0).numpy(), gaussian(5, 3, seed=1, shift=0.5).numpy()

    def mean_kernel(x: Floats, y: Floats, *, apart: bool) -> float:
        values = [
            (float(a @ b) / 3 + 1) ** 3
            for i, a in enumerate(x)
            for j, b in enumerate(y)
            if not apart or i != j
        ]
        return float(np.mean(values))

    expected = (
        mean_kernel(one, one, apart=True)
        + mean_kernel(other, other, apart=True)
        - 2 * mean_kernel(one, other, apart=False)
    )
    assert quality.kid(torch.from_numpy(one), torch.from_numpy(other)) == pytest.approx(expected, rel=1e-9)


def test_kid_of_equal_distributions_lies_around_zero_with_its_null_sd() -> None:
    pairs = [  # not around 0, so that some samples are alike to all others
        (gaussian(200, 4, seed, shift=1.0), gaussian(120, 4, 1000 + seed, shift=1.0)) for seed in range(150)
    ]
    values = np.array([quality.kid(one, other) for one, other in pairs])
    sd = float(np.mean([quality.kid_null_sd(one, other) for one, other in pairs]))
    assert abs(values.mean()) < 3 * sd / math.sqrt(len(values))
    assert (values < 0).mean() > 0.3  # unbiased: not pushed above 0
    assert values.std() == pytest.approx(sd, rel=0.2)
    assert quality.kid(gaussian(200, 4, 0, shift=1.0), gaussian(120, 4, 1, shift=1.5)) > 5 * sd


# Precision and recall


def test_equal_sets_have_precision_and_recall_one() -> None:
    features = gaussian(200, 5, seed=0)
    assert quality.precision_and_recall(features, features.flip(0)) == (1.0, 1.0)


def test_a_collapsed_set_has_precision_one_and_recall_zero() -> None:
    real = gaussian(200, 5, seed=0)
    collapsed = real[:1].expand(200, 5) + 1e-3 * gaussian(200, 5, seed=1)
    precision, recall = quality.precision_and_recall(collapsed, real)
    assert precision == 1.0
    assert recall <= 0.005
    far = quality.precision_and_recall(real + 100.0, real)
    assert far == (0.0, 0.0)


def test_precision_and_recall_by_hand() -> None:
    """On a line. The second neighbours are 10, 2, 1, 1, 1.5 away, and 6, 5.5, 5.5, 6."""
    real = torch.tensor([[-9.0], [0.0], [1.0], [2.0], [2.5]])
    generated = torch.tensor([[3.0], [3.5], [9.0], [9.5]])
    precision, recall = quality.precision_and_recall(generated, real, neighbours=2)
    assert precision == 0.5  # 9 and 9.5 are too far from all real ones
    assert recall == pytest.approx(0.8)  # -9 is too far from all generated ones
    assert quality.precision_and_recall(real, generated, neighbours=2) == (recall, precision)


# Classes


def test_equal_shares_hit_all_classes_at_zero_divergence() -> None:
    classes = torch.arange(10).repeat(30)
    assert quality.classes_hit(classes) == 10
    assert quality.kl_to_uniform(classes) == pytest.approx(0.0, abs=1e-12)


def test_a_collapsed_generator_hits_one_class(few: DataSet) -> None:
    found = quality.quality(few.held_out[7].repeat(300, 1), few.held_out, few.train)
    assert found.classes_hit == 1
    assert found.kl_to_uniform == pytest.approx(math.log(10))
    assert found.classifier_score == pytest.approx(1.0, abs=1e-4)
    assert found.precision == 1.0
    assert found.recall <= 1 / 500  # but for that digit itself
    assert found.fid > 20 * found.fid_floor
    assert found.kid > 50 * found.kid_floor


def test_a_few_strays_do_not_hit_a_class() -> None:
    few = torch.cat([torch.zeros(980, dtype=torch.int64), torch.ones(20, dtype=torch.int64)])
    assert quality.classes_hit(few) == 1
    assert quality.classes_hit(torch.cat([few, torch.ones(6, dtype=torch.int64)])) == 2


def test_divergence_of_equally_frequent_classes_is_its_null_bias() -> None:
    rng = torch.Generator().manual_seed(0)
    values = [quality.kl_to_uniform(torch.randint(10, (1000,), generator=rng)) for _ in range(400)]
    assert np.mean(values) == pytest.approx(quality.kl_null(1000), rel=0.1)


def test_score_of_sure_and_unsure_readings() -> None:
    features = torch.zeros(1000, 1)
    sure = torch.eye(10).repeat(100, 1).clamp(1e-12).log()
    assert quality.classifier_score(classifier.Reading(features, sure)) == pytest.approx(10.0, rel=1e-6)
    unsure = torch.full((1000, 10), 0.1).log()
    assert quality.classifier_score(classifier.Reading(features, unsure)) == pytest.approx(1.0)
    two = torch.eye(10)[:2].repeat(500, 1).clamp(1e-12).log()
    assert quality.classifier_score(classifier.Reading(features, two)) == pytest.approx(2.0, rel=1e-6)


# All together


def test_real_digits_reach_what_is_stated_for_real_digits(digits: DataSet) -> None:
    found = quality.quality(digits.train[2000:4000], digits.held_out, digits.train)
    assert 0 < found.fid < 2 * found.fid_floor
    assert abs(found.kid) < 4 * found.kid_floor
    assert found.classes_hit == 10
    assert found.kl_to_uniform < 4 * found.kl_floor
    assert found.kl_floor < found.kl_real < 4 * found.kl_floor
    assert found.classifier_score == pytest.approx(found.score_real, abs=0.15)
    assert found.precision == pytest.approx(found.precision_real, abs=0.05)
    assert found.recall == pytest.approx(found.recall_real, abs=0.05)


def test_floors_are_those_of_the_same_number_of_digits(few: DataSet) -> None:
    one = quality.quality(few.train[3000:3100], few.held_out, few.train)
    more = quality.quality(few.train[3000:3400], few.held_out, few.train)
    assert one.fid_floor > 1.5 * more.fid_floor
    assert one.kid_floor > 1.5 * more.kid_floor
    assert one.kl_floor == 4 * more.kl_floor
    parts = [quality.quality(few.train[i : i + 100], few.held_out, few.train) for i in range(0, 800, 100)]
    distances = np.array([part.fid for part in parts])
    own = parts[0]
    assert own.fid_floor == pytest.approx(distances.mean(), rel=1e-9)
    assert own.fid_floor_sd == pytest.approx(distances.std(ddof=1), rel=1e-9)
    assert (own.precision, own.recall) == (own.precision_real, own.recall_real)


def test_other_real_digits_are_not_taken_for_the_ones_kept(few: DataSet) -> None:
    generated = few.train[3000:3100]
    whole = quality.quality(generated, few.held_out, few.train)
    part = quality.quality(generated, few.held_out[:300], few.train)
    other = quality.quality(generated, few.held_out, few.train[1000:])
    assert part.fid != whole.fid
    assert part.fid_floor != whole.fid_floor
    assert other.fid == whole.fid
    assert other.fid_floor != whole.fid_floor
    assert quality.quality(generated, few.held_out, few.train) == whole


@pytest.mark.parametrize("spoilt", [torch.zeros(4, 784), torch.full((20, 784), math.nan)])
def test_what_cannot_be_measured_is_refused(digits: DataSet, spoilt: Tensor) -> None:
    with pytest.raises(ValueError, match="5 generated digits or more, with finite values"):
        quality.quality(spoilt, digits.held_out, digits.train)


def test_a_run_is_the_same_with_and_without_the_measure(few: DataSet) -> None:
    measured, plain = new_trainer(few, seed=3), new_trainer(few, seed=3)
    records = play(measured, 12)
    drawn = torch.get_rng_state()
    first = quality.quality_of(measured, samples=200)
    assert quality.quality_of(measured, samples=200) == first  # fixed by seed and step
    assert torch.equal(torch.get_rng_state(), drawn)
    records += play(measured, 8)
    assert same_records(records, play(plain, 20))
    assert is_same_game(measured, plain)


def test_g_and_its_average_are_both_measured(few: DataSet) -> None:
    trainer = new_trainer(few, seed=1)
    same = quality.quality_of(trainer, samples=200)
    assert same["fid"] == same["fid_ema"]  # the average starts as G
    assert set(quality.Quality._fields) <= set(same)
    assert not {f"{name}_ema" for name in quality.SCALE} & set(same)
    with torch.no_grad():  # a G that paints one picture, and an average that does not know of it
        trainer.generator.get_parameter("linears.2.weight").zero_()
        picture = torch.atanh(few.train[0].clamp(-0.99, 0.99))
        trainer.generator.get_parameter("linears.2.bias").copy_(picture)
    collapsed = quality.quality_of(trainer, samples=200)
    assert collapsed["fid_ema"] == same["fid_ema"]
    assert collapsed["fid"] != same["fid"]
    assert collapsed["classes_hit"] == 1
    assert collapsed["recall"] == 0


def test_a_toy_is_not_measured_as_digits() -> None:
    settings = make_settings({"data": "ring"})
    with pytest.raises(ValueError, match="for digits"):
        quality.quality_of(GanTrainer(settings, data.load(settings)), samples=50)


# Pixels


def test_parzen_against_a_direct_sum() -> None:
    generated, validation, test = (gaussian(30, 4, seed, scale=0.5).float() for seed in range(3))
    found = pixels.parzen(generated, validation, test)

    def mean_log(points: Tensor, sd: float) -> float:
        apart = (points[:, None].double() - generated[None].double()) / 2  # on [0, 1]
        density = (apart / sd).square().sum(2).div(-2).exp() / (sd * math.sqrt(2 * math.pi)) ** 4
        return float(density.mean(1).log().mean())

    best = max(pixels.PARZEN_SDS, key=lambda sd: mean_log(validation, sd))
    assert found.sd == best
    assert found.mean == pytest.approx(mean_log(test, best), abs=1e-4)
    assert pixels.PARZEN_SDS[0] == pytest.approx(0.1)
    assert pixels.PARZEN_SDS[-1] == pytest.approx(1.0)


def test_parzen_prefers_digits_to_noise(digits: DataSet) -> None:
    validation, test = digits.held_out[:100], digits.held_out[100:400]
    noise = gaussian(500, 784, seed=0).float().clamp(-1, 1)
    ours = pixels.parzen(digits.train[:500], validation, test)
    assert ours.mean > pixels.parzen(noise, validation, test).mean + 100
    assert 0.1 < ours.sd < 0.4
    assert 0 < ours.standard_error < 30


def test_a_copied_digit_is_found(digits: DataSet) -> None:
    copies = digits.train[[7000, 3, 3]].clone()
    copies[2, 400] += 0.25
    found = pixels.nearest(copies, digits.train)
    assert found.rows.tolist() == [7000, 3, 3]
    assert found.distance.tolist() == [0.0, 0.0, 0.25]
    others = pixels.nearest(digits.held_out[:600], digits.train)
    direct = torch.cdist(digits.held_out[500:510].double(), digits.train.double()).min(1)
    assert torch.equal(others.rows[500:510], direct.indices)
    assert torch.allclose(others.distance[500:510].double(), direct.values, rtol=1e-5)
