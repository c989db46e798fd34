"""Data sets of points: drawn once for all, as torch tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_core import data
from gan_core.bundled import DataError
from gan_core.data.points import HELD_OUT, TRAIN, load_points
from gan_core.drawn import encode_sketch
from gan_core.settings import make_settings
from gan_core.theory.distances import distances
from gan_core.theory.toys import TOYS, toy_named


@pytest.mark.parametrize("name", TOYS)
def test_a_toy_is_loaded_with_its_density(name: str) -> None:
    found = data.load(make_settings({"data": name}))
    assert (found.name, found.toy) == (name, toy_named(name))
    for samples, count in ((found.train, TRAIN), (found.held_out, HELD_OUT)):
        assert samples.shape == (count, toy_named(name).dimensions)
        assert samples.dtype == torch.float32
        measured = distances(samples.double().numpy(), toy_named(name))
        assert measured.jsd < 2 * measured.jsd_floor


def test_the_points_are_the_same_whenever_they_are_drawn_and_none_is_in_both_parts() -> None:
    first = load_points("spiral", "")
    load_points.cache_clear()
    again = load_points("spiral", "")
    assert again is not first
    assert torch.equal(again.train, first.train)
    assert torch.equal(again.held_out, first.held_out)
    assert len(np.unique(torch.cat([first.train, first.held_out]).numpy(), axis=0)) == TRAIN + HELD_OUT
    other = load_points("moons", "")
    assert not torch.equal(other.train, first.train)


def test_what_was_drawn_is_what_is_loaded() -> None:
    left = encode_sketch([9] * 32 + [0] * 32)
    found = data.load(make_settings({"data": "sketch_1d", "drawn": left}))
    assert found.train.max() <= 0
    assert found.train.min() < -4.9
    assert data.load(make_settings({"data": "sketch_1d"})).train.max() > 1


def test_a_drawing_that_cannot_be_read_is_an_error_of_the_data() -> None:
    with pytest.raises(DataError, match=r"cannot be read: drawn points are .* not 4 letters\."):
        load_points("points", "AAAA")


def test_few_sets_are_kept_in_memory() -> None:
    assert (load_points.cache_info().maxsize or 1_000) <= 16
