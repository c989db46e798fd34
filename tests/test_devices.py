"""Games on another device than the CPU, as far as that can be told without one: what is sent there is refused
beside what stayed (`tests.elsewhere`), and the numbers are those of the CPU to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from gan_core import checkpoint, data, devices
from gan_core.device_choice import choice
from gan_core.devices import Place, device_for, usable
from gan_core.measures.held_out import Pace
from gan_core.measures.pictures import shown_latents, take_pictures
from gan_core.presets import preset_settings
from gan_core.settings import Settings
from gan_core.training import CPU, GanTrainer, on_cpu
from tests.elsewhere import ELSEWHERE, pretended

# PyTorch cannot know that this device holds numbers.
pytestmark = pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter:UserWarning")

GAMES: dict[str, dict[str, Any]] = {
    "dcgan": {},
    "style": {"preset": "style_based"},
    "conditional": {"preset": "conditional_dcgan"},
    "wgan_gp": {"objective": "wgan_gp"},
    "consensus": {"rule": "consensus"},
    "lookahead": {"rule": "lookahead", "lookahead_k": 2, "spectral_norm": True},
    "optimistic": {"rule": "optimistic", "instance_noise": 0.1, "discriminator_dropout": 0.3},
    "virtual": {"virtual_batch_norm": True, "historical_averaging": 0.1, "feature_matching": 0.5},
    "momentum": {"optimizer": "sgd", "sgd_momentum": 0.5, "discriminator_batches": "mixed",
                 "discriminator_batch_norm": True},
}  # fmt: skip


def settings_of(game: str) -> Settings:
    changes = dict(GAMES[game])
    return preset_settings(changes.pop("preset", "dcgan"), batch_size=16, **changes)


def one_way(trainer: GanTrainer) -> GanTrainer:
    """With the optimisers that every device has: the fused ones of the CPU round differently."""
    for optimizer in (trainer.g_optimizer, trainer.d_optimizer):
        optimizer.param_groups[0] |= {"fused": None, "foreach": False}
    return trainer


def same_weights(one: GanTrainer, other: GanTrainer) -> bool:
    return all(
        torch.equal(mine, theirs)
        for name in ("generator", "discriminator", "average")
        for mine, theirs in zip(
            getattr(one, name).state_dict().values(), getattr(other, name).state_dict().values(), strict=True
        )
    )


@pytest.mark.parametrize("game", GAMES)
def test_a_game_elsewhere_is_the_game_of_the_cpu(game: str) -> None:
    settings = settings_of(game)
    here = one_way(GanTrainer(settings, data.load(settings)))
    with pretended() as device:
        there = GanTrainer(settings, data.load(settings), device)
        records = [there.step(settings) for _ in range(3)]
        back = on_cpu(there)
    assert {weight.device for weight in there.generator.parameters()} == {ELSEWHERE}
    assert {weight.device for weight in back.generator.parameters()} == {CPU}
    assert repr(records) == repr([here.step(settings) for _ in range(3)])
    assert same_weights(back, here)
    # What the copy remembers is what the game elsewhere did: it goes on as the one here.
    assert repr(one_way(back).step(settings)) == repr(here.step(settings))


def test_a_game_elsewhere_is_measured_and_drawn_on_the_cpu() -> None:
    settings = settings_of("conditional")
    here = one_way(GanTrainer(settings, data.load(settings)))
    here.step(settings)
    with pretended() as device:
        there = GanTrainer(settings, data.load(settings), device)
        there.step(settings)
        measured = Pace(lambda: 0.0).evaluate(there)
        pictures = take_pictures(there, shown_latents(settings), averaged=False)
    assert repr(measured.evaluation) == repr(Pace(lambda: 0.0).evaluate(here).evaluation)
    expected = take_pictures(here, shown_latents(settings), averaged=False)
    assert {name: array.tobytes() for name, array in pictures.items()} == {
        name: array.tobytes() for name, array in expected.items()
    }


@pytest.mark.parametrize("game", ["dcgan", "optimistic", "virtual"])
def test_a_game_goes_from_device_to_device_through_its_folder(game: str, tmp_path: Path) -> None:
    settings = settings_of(game)
    with pretended() as device:
        there = GanTrainer(settings, data.load(settings), device)
        there.step(settings)
        checkpoint.save(there, tmp_path / "one")
        again = checkpoint.load(tmp_path / "one", lambda _: device)
        record = again.step(settings)
        assert {weight.device for weight in again.generator.parameters()} == {ELSEWHERE}
        assert repr(record) == repr(there.step(settings))
    here = one_way(checkpoint.load(tmp_path / "one"))
    assert repr(here.step(settings)) == repr(record)


def test_tensors_of_both_devices_are_refused() -> None:
    """The check that the tests above rest on."""
    with pretended() as device:
        there = torch.ones(3).to(device)
        with pytest.raises(RuntimeError, match="tensors of both devices"):
            there + torch.ones(3)
        assert (there + 1.0).sum().item() == 6.0


def test_only_convolutional_players_leave_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "tried", lambda: Place(ELSEWHERE, "there"))
    assert device_for(Settings()) == CPU
    assert device_for(preset_settings("dcgan")) == ELSEWHERE
    assert device_for(preset_settings("style_based")) == ELSEWHERE


def test_a_gpu_is_tried_and_the_cpu_takes_over_with_a_sentence() -> None:
    with pretended() as device:
        place = Place(device, "on the GPU")
        assert usable(place) == place
    broken = usable(Place(torch.device("cuda", 63), "on the GPU"))  # no machine has that many
    assert broken.device == CPU
    assert broken.sentence.startswith("All games train on the CPU: a first step on the GPU failed (")


def test_what_is_found_is_said() -> None:
    assert devices._found({}, lambda: None) == (CPU, "All games train on the CPU: PyTorch finds no GPU.")
    told = devices._found({"GAN_DEVICE": "cpu"}, lambda: torch.device("cuda"))
    assert told == (CPU, "All games train on the CPU, as GAN_DEVICE = cpu says.")


def test_a_gpu_that_does_not_answer_is_passed_over() -> None:
    def ask() -> torch.device | None:
        raise RuntimeError("no driver")

    said = "All games train on the CPU: the GPU does not answer (RuntimeError: no driver)."
    assert devices._found({}, ask) == (CPU, said)


def test_the_choice_is_auto_or_cpu() -> None:
    assert (choice({}), choice({"GAN_DEVICE": " cpu "})) == ("auto", "cpu")
    with pytest.raises(ValueError, match=r"^GAN_DEVICE = 'tpu' does not fit: it must be auto or cpu\.$"):
        choice({"GAN_DEVICE": "tpu"})
