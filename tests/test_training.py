"""The trainer against hand computations: who moves, on what, by how much, and what the record says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_core import losses
from gan_core.data import DataSet
from gan_core.measures.held_out import evaluate
from gan_core.networks import Network
from gan_core.settings import choices
from gan_core.theory import value
from gan_core.training import (
    PROBE_EVERY,
    Batches,
    Functions,
    GanTrainer,
    NotFiniteError,
    references_of,
)
from tests.game import (
    PLAIN,
    SGD,
    Floats,
    Players,
    clones,
    forward,
    is_same_game,
    new_trainer,
    next_batch,
    play,
    same,
    same_records,
    terms,
    tiny,
)

EVERYTHING: dict[str, Any] = {
    "generator_batch_norm": True, "discriminator_batch_norm": True, "discriminator_dropout": 0.3,
    "generator_dropout": 0.2, "instance_noise": 0.1, "discriminator_steps": 2, "adam_beta1": 0.5,
    "smoothing": 0.8,
}  # fmt: skip
"""All that could make one player, or a measurement, disturb the game."""


def vector(network: Network) -> Tensor:
    """All weights in one, a copy."""
    return torch.cat([parameter.detach().flatten().clone() for parameter in network.parameters()])


# --- Who moves


@pytest.mark.parametrize("changes", [{}, EVERYTHING, PLAIN, {"optimizer": "sgd", "sgd_momentum": 0.9}])
def test_a_step_of_d_leaves_g_and_its_average_as_they_are(changes: dict[str, Any]) -> None:
    trainer = new_trainer(**changes)
    play(trainer, 3)
    g, average, d = clones(trainer.generator), clones(trainer.average), clones(trainer.discriminator)
    trainer.d_step(trainer.settings)
    assert same(g, clones(trainer.generator))
    assert same(average, clones(trainer.average))
    assert not same(d, clones(trainer.discriminator))


@pytest.mark.parametrize("changes", [{}, EVERYTHING, PLAIN, {"optimizer": "sgd", "sgd_momentum": 0.9}])
def test_a_step_of_g_leaves_d_as_it_is(changes: dict[str, Any]) -> None:
    trainer = new_trainer(**changes)
    play(trainer, 3)
    g, average, d = clones(trainer.generator), clones(trainer.average), clones(trainer.discriminator)
    moves = trainer.d_moves
    trainer.g_step(trainer.settings)
    assert same(d, clones(trainer.discriminator))
    assert trainer.d_moves == moves
    assert not same(g, clones(trainer.generator))
    assert not same(average, clones(trainer.average))


@pytest.mark.parametrize("count", [1, 4])
def test_d_moves_as_often_as_asked_before_g_moves_once(count: int) -> None:
    trainer = new_trainer(discriminator_steps=count, batch_size=32)
    play(trainer, 3)
    assert (trainer.d_moves, trainer.steps_done, trainer.batches.cursor) == (3 * count, 3, 3 * count * 32)
    trainer.d_step(trainer.settings)
    assert trainer.d_moves == 4 * count


RULES: dict[str, dict[str, Any]] = {
    **{rule: {"rule": rule} for rule in choices("rule") or ()},
    "generator first": {"first": "generator", "generator_steps": 2, "discriminator_steps": 2},
    "lookahead, generator first": {"rule": "lookahead", "first": "generator", "lookahead_k": 2},
}
WITH_ALL: list[dict[str, Any]] = [{}, EVERYTHING, {"optimizer": "sgd", "sgd_momentum": 0.5, **PLAIN}]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("changes", WITH_ALL, ids=["default", "everything", "sgd"])
def test_under_every_rule_a_player_that_stands_still_keeps_every_bit(
    rule: str, changes: dict[str, Any]
) -> None:
    trainer = new_trainer(**changes | RULES[rule])
    play(trainer, 3)
    for who, still, mover in (("discriminator", "generator", "discriminator"),
                              ("generator", "discriminator", "generator")):  # fmt: skip
        for _ in range(5):  # a whole cycle of lookahead
            before, others = clones(getattr(trainer, still)), clones(getattr(trainer, mover))
            average, moves = clones(trainer.average), trainer.d_moves
            (record,) = play(trainer, 1, who=who, probe=True)
            assert same(before, clones(getattr(trainer, still)))
            assert not same(others, clones(getattr(trainer, mover)))
            assert same(average, clones(trainer.average)) is (still == "generator")
            assert (trainer.d_moves > moves) is (who == "discriminator")
            pulls = {"discriminator": record.d_pull, "generator": record.g_pull}
            assert pulls[still] == 0.0 != pulls[mover]


@pytest.mark.parametrize("rule", RULES)
def test_under_every_rule_probing_leaves_the_game_alone(rule: str) -> None:
    probed, unprobed = (new_trainer(**EVERYTHING | RULES[rule]) for _ in range(2))
    with_probe, without = play(probed, 6, probe=True), play(unprobed, 6, probe=False)
    assert is_same_game(probed, unprobed)
    assert [(r.d_loss, r.g_loss) for r in with_probe] == [(r.d_loss, r.g_loss) for r in without]


@pytest.mark.parametrize("rule", RULES)
def test_under_every_rule_the_record_is_of_the_weights_before_the_first_move(rule: str) -> None:
    trainer = new_trainer(**PLAIN, **RULES[rule])
    play(trainer, 5)
    (real, z), before = next_batch(trainer), Players.of(trainer)
    record = trainer.step(trainer.settings, probe=True)
    assert (record.real_term, record.fake_term) == pytest.approx(terms(before, real, z), abs=2e-6)
    after, returned = sum(terms(Players.of(trainer), real, z)), rule == "lookahead, generator first"
    added = record.real_term + record.fake_term + record.d_pull + record.g_pull
    assert (added == pytest.approx(after, abs=3e-6)) is not returned  # a return is no player's step


@pytest.mark.parametrize("rule", [name for name in RULES if "first" not in name and name != "lookahead"])
def test_d_loss_and_gradient_are_the_same_under_every_rule_at_the_same_weights(rule: str) -> None:
    plain, ours = new_trainer(rule="simultaneous"), new_trainer(**RULES[rule])
    one, other = play(plain, 1)[0], play(ours, 1)[0]
    assert (one.d_loss, one.d_grad_norm, one.d_real) == (other.d_loss, other.d_grad_norm, other.d_real)
    if rule != "alternating":
        assert (one.g_loss, one.g_grad_norm) == (other.g_loss, other.g_grad_norm)


def test_each_player_makes_as_many_moves_as_asked() -> None:
    trainer = new_trainer(generator_steps=3, **SGD, **PLAIN)
    g, moves = trainer.players["generator"], []
    move, g.move = g.move, lambda gradient, rate: (moves.append(rate), move(gradient, rate))  # type: ignore
    play(trainer, 2)
    assert len(moves) == 6
    play(trainer, 1, who="discriminator")
    assert len(moves) == 6


def test_another_rule_comes_into_force_in_the_middle_of_a_game() -> None:
    trainer = new_trainer()
    play(trainer, 2)
    for rule in [*(choices("rule") or ()), "lookahead", "optimistic", "lookahead"]:
        record = trainer.step(trainer.settings.replace(rule=rule))
        assert math.isfinite(record.d_loss)
        remembers = {"discriminator", "generator"} if rule in ("optimistic", "lookahead") else set()
        assert set(trainer.memory) == remembers
    assert trainer.memory["generator"].done == 1


def test_extragradient_moves_by_the_gradients_one_step_ahead_on_the_same_batch() -> None:
    rates: dict[str, Any] = {"discriminator_lr": 0.05, "generator_lr": 0.05}
    plain, ours = (new_trainer(**{**SGD, **PLAIN, **rates}, rule=rule)
                   for rule in ("simultaneous", "extragradient"))  # fmt: skip
    start = vector(plain.discriminator), vector(plain.generator)
    batch = plain.rng.get_state()
    play(plain, 1)  # where the look ahead ends
    ahead = vector(plain.discriminator), vector(plain.generator)
    plain.rng.set_state(batch)
    plain.batches.cursor, plain.batches.order = 0, torch.empty(0, dtype=torch.int64)
    play(plain, 1)
    play(ours, 1)
    for origin, one, two, network in zip(
        start, ahead, (vector(plain.discriminator), vector(plain.generator)),
        (ours.discriminator, ours.generator), strict=True,
    ):  # fmt: skip
        torch.testing.assert_close(vector(network), origin + (two - one), rtol=0, atol=1e-6)
        assert float((vector(network) - one).abs().max()) > 1e-5


def test_a_look_ahead_that_leaves_the_numbers_stops_the_game_where_it_was() -> None:
    trainer = new_trainer(rule="extragradient", **SGD, **PLAIN)
    play(trainer, 1)
    before = vector(trainer.discriminator), vector(trainer.generator)
    player = trainer.players["generator"]
    real_move = player.move

    def move(gradient: Any, rate: float) -> None:
        real_move(tuple(part + math.inf for part in gradient), rate)

    player.move = move  # type: ignore[method-assign]
    with pytest.raises(NotFiniteError, match="is not finite at step 2"):
        play(trainer, 1)
    assert torch.equal(before[0], vector(trainer.discriminator))
    assert torch.equal(before[1], vector(trainer.generator))


# --- Looking changes nothing, seeds decide everything


def test_probing_leaves_the_game_alone() -> None:
    probed, unprobed = new_trainer(**EVERYTHING), new_trainer(**EVERYTHING)
    with_probe, without = play(probed, 6, probe=True), play(unprobed, 6, probe=False)
    assert is_same_game(probed, unprobed)
    measured = [record.d_loss for record in with_probe]
    assert measured == [record.d_loss for record in without]
    assert all(math.isfinite(record.real_term) and math.isfinite(record.g_pull) for record in with_probe)
    assert all(math.isnan(record.real_term) and math.isnan(record.g_pull) for record in without)


def test_evaluating_leaves_the_game_alone() -> None:
    watched, unwatched = new_trainer(**EVERYTHING), new_trainer(**EVERYTHING)
    records = []
    for _ in range(6):
        evaluate(watched)
        records += play(watched, 1)
    assert same_records(records, play(unwatched, 6))
    assert is_same_game(watched, unwatched)


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
def test_equal_seeds_play_the_same_game_and_others_another(changes: dict[str, Any]) -> None:
    one, same_seed, other = (new_trainer(seed=seed, **changes) for seed in (3, 3, 4))
    records = play(one, 12)
    torch.manual_seed(99)  # nothing depends on the global random numbers
    assert same_records(records, play(same_seed, 12))
    assert is_same_game(one, same_seed)
    assert not same_records(records, play(other, 12))


def test_two_games_in_one_process_do_not_disturb_each_other() -> None:
    alone = play(new_trainer(seed=3, **EVERYTHING), 5)
    one, other = new_trainer(seed=3, **EVERYTHING), new_trainer(seed=4)
    together = []
    for _ in range(5):
        together += play(one, 1)
        play(other, 1)
    assert same_records(alone, together)


def test_probes_come_every_so_many_steps() -> None:
    records = play(new_trainer(), 2 * PROBE_EVERY + 1)
    probed = [record.step for record in records if math.isfinite(record.d_pull)]
    assert probed == [1, PROBE_EVERY + 1, 2 * PROBE_EVERY + 1]


# --- Settings in force


def test_live_settings_act_on_the_next_step_and_on_later_records_only() -> None:
    trainer = new_trainer(smoothing=0.9)
    records = play(trainer, 3)
    changed = trainer.settings.replace(smoothing=0.7, fake_label=0.1)
    records.append(trainer.step(changed))
    records += play(trainer, 1)
    assert [record.d_reference for record in records] == pytest.approx([0.45] * 3 + [0.4] * 2)
    assert [record.value_reference for record in records] == pytest.approx(
        [math.log(0.45 * 0.55)] * 3 + [math.log(0.4 * 0.6)] * 2
    )


def test_the_labels_in_force_are_those_of_the_loss() -> None:
    trainer = new_trainer(smoothing=0.7, fake_label=0.2, **PLAIN)
    real, z = next_batch(trainer)
    fake = np.tanh(forward(clones(trainer.generator), z))
    real_logits, fake_logits = (forward(clones(trainer.discriminator), x)[:, 0] for x in (real, fake))
    d_real, d_fake = (1 / (1 + np.exp(-logits)) for logits in (real_logits, fake_logits))
    record = play(trainer, 1)[0]
    expected = -(0.7 * np.log(d_real) + 0.3 * np.log(1 - d_real)).mean()
    expected -= (0.2 * np.log(d_fake) + 0.8 * np.log(1 - d_fake)).mean()
    assert record.d_loss == pytest.approx(expected, rel=1e-5)
    assert record.d_real == pytest.approx(d_real.mean(), rel=1e-5)
    assert record.d_fake == pytest.approx(d_fake.mean(), rel=1e-5)
    assert abs(d_real.mean() - d_fake.mean()) > 1e-4


def test_a_change_of_structure_is_refused() -> None:
    trainer = new_trainer()
    with pytest.raises(ValueError, match="new run"):
        trainer.step(trainer.settings.replace(discriminator_hidden="64-64"))
    assert trainer.steps_done == 0
    assert trainer.settings.discriminator_hidden == "32-32"


def test_swapping_an_activation_keeps_every_weight() -> None:
    trainer = new_trainer()
    play(trainer, 2)
    g, d = clones(trainer.generator), clones(trainer.discriminator)
    trainer.adopt(trainer.settings.replace(generator_activation="tanh", discriminator_activation="elu"))
    assert same(g, clones(trainer.generator))
    assert same(d, clones(trainer.discriminator))
    swapped, kept = new_trainer(), new_trainer()
    play(swapped, 2), play(kept, 2)
    after = swapped.step(swapped.settings.replace(discriminator_activation="tanh")), play(kept, 1)[0]
    assert after[0].d_real != after[1].d_real


@pytest.mark.parametrize("who", ["generator", "discriminator"])
def test_twice_the_learning_rate_is_exactly_twice_that_one_update(who: str) -> None:
    moves = []
    for factor in (1, 4):
        trainer = new_trainer(**SGD, discriminator_lr=1e-2, generator_lr=1e-2)
        play(trainer, 2)
        rate = {f"{who}_lr": factor * 1e-2}
        before = vector(getattr(trainer, who))
        trainer.step(trainer.settings.replace(**rate))
        moves.append(vector(getattr(trainer, who)) - before)
    assert float(moves[0].abs().max()) > 1e-5
    torch.testing.assert_close(moves[1], 4 * moves[0], rtol=1e-3, atol=3e-7)


def test_a_change_of_the_learning_rate_keeps_adams_memory() -> None:
    beta1, beta2, rates = 0.5, 0.9, [1e-3] * 4 + [7e-3] * 2
    trainer = new_trainer(adam_beta1=beta1, adam_beta2=beta2)
    weights = vector(trainer.discriminator).double()
    mean, square = torch.zeros_like(weights), torch.zeros_like(weights)
    for step, rate in enumerate(rates, start=1):
        trainer.step(trainer.settings.replace(discriminator_lr=rate))
        grads = [parameter.grad for parameter in trainer.discriminator.parameters()]
        gradient = torch.cat([grad.flatten() for grad in grads if grad is not None]).double()
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        corrected = mean / (1 - beta1**step), square / (1 - beta2**step)
        weights = weights - rate * corrected[0] / (corrected[1].sqrt() + 1e-8)
        torch.testing.assert_close(vector(trainer.discriminator).double(), weights, rtol=0, atol=2e-5)


# --- What the record says


@pytest.mark.parametrize("changes", [PLAIN, {}, {"instance_noise": 0.3}, PLAIN | {"instance_noise": 0.3}])
def test_both_terms_of_v_are_those_of_the_batch_before_the_move(changes: dict[str, Any]) -> None:
    trainer = new_trainer(leaky_slope=0.3, **changes)
    play(trainer, 5)
    (real, z), before = next_batch(trainer), Players.of(trainer)
    record = trainer.step(trainer.settings, probe=True)
    expected = terms(before.with_statistics_of(Players.of(trainer)), real, z)
    assert (record.real_term, record.fake_term) == pytest.approx(expected, abs=2e-6)
    assert abs(expected[0] - expected[1]) > 1e-3


@pytest.mark.parametrize("changes", [PLAIN, {}, {"discriminator_steps": 3, "smoothing": 0.7}])
def test_the_tug_of_war_adds_up_to_the_change_of_v(changes: dict[str, Any]) -> None:
    trainer = new_trainer(**changes)
    play(trainer, 5)
    (real, z), before = next_batch(trainer), Players.of(trainer)
    record = trainer.step(trainer.settings, probe=True)
    after = Players.of(trainer)
    moved_d_only = before.with_statistics_of(after)._replace(d=after.d)
    heights = [
        sum(terms(players, real, z)) for players in (before.with_statistics_of(after), moved_d_only, after)
    ]
    assert record.d_pull + record.g_pull == pytest.approx(heights[2] - heights[0], abs=3e-6)
    assert record.d_pull == pytest.approx(heights[1] - heights[0], abs=3e-6)
    assert abs(record.d_pull) > 1e-4
    assert abs(record.g_pull) > 1e-4


def test_a_player_that_stands_still_pulls_nothing() -> None:
    trainer = new_trainer(**PLAIN)
    d_only, g_only = trainer.d_step(trainer.settings), trainer.g_step(trainer.settings)
    assert d_only.g_pull == 0.0 != d_only.d_pull
    assert g_only.d_pull == 0.0 != g_only.g_pull


def test_a_small_step_pulls_by_the_squared_length_of_the_gradient() -> None:
    # V is what D climbs and G, in the minimax game, descends: dV = +-lr |grad V|^2 to first order.
    rate = 1e-3
    trainer = new_trainer(
        **PLAIN, **SGD, smoothing=1.0, objective="minimax", discriminator_lr=rate, generator_lr=rate
    )
    d_only, g_only = trainer.d_step(trainer.settings), trainer.g_step(trainer.settings)
    assert d_only.d_pull == pytest.approx(rate * d_only.d_grad_norm**2, rel=0.03)
    assert d_only.d_pull > 0
    trainer.adopt(trainer.settings.replace(generator_lr=0.1))
    g_only = trainer.g_step(trainer.settings)
    assert g_only.g_pull == pytest.approx(-0.1 * g_only.g_grad_norm**2, rel=0.05)
    assert g_only.g_pull < 0


# --- Hand-made moves


def g_gradient(trainer: GanTrainer, z: Floats, d: dict[str, Tensor]) -> list[Tensor]:
    """Of the flipped-label loss with respect to G's weights, against the discriminator `d`."""
    functions = Functions.of(trainer.settings)
    fake = trainer.generator(torch.tensor(z, dtype=torch.float32), functions.generator, "oppose")
    hidden = functions.discriminator(fake @ d["linears.0.weight"].T + d["linears.0.bias"])
    logits = hidden @ d["linears.1.weight"].T + d["linears.1.bias"]
    loss = -torch.log(torch.sigmoid(logits)).mean()
    return list(torch.autograd.grad(loss, list(trainer.generator.parameters())))


@pytest.mark.parametrize("order", ["simultaneous", "alternating"])
def test_g_answers_the_d_of_its_order_of_moves(order: str) -> None:
    trainer = new_trainer(
        **PLAIN, **SGD, rule=order, discriminator_layers=1, discriminator_lr=0.1, generator_lr=0.1
    )
    play(trainer, 2)
    _, z = next_batch(trainer)
    d_before, g_before = clones(trainer.discriminator), vector(trainer.generator)
    at_old = torch.cat([g.flatten() for g in g_gradient(trainer, z, d_before)])
    saved = clones(trainer.generator)
    trainer.step(trainer.settings)
    move = vector(trainer.generator) - g_before
    trainer.generator.load_state_dict(saved)
    at_new = torch.cat([g.flatten() for g in g_gradient(trainer, z, clones(trainer.discriminator))])
    expected, wrong = (at_old, at_new) if order == "simultaneous" else (at_new, at_old)
    torch.testing.assert_close(move, -0.1 * expected, rtol=1e-3, atol=1e-7)
    assert float((move + 0.1 * wrong).abs().max()) > 20 * float((move + 0.1 * expected).abs().max())


@pytest.mark.parametrize("interval", [1, 3])
def test_the_penalty_comes_every_so_many_moves_and_that_much_stronger(interval: int) -> None:
    # D has one hidden layer of tanh, so the slope of its logit is v^T diag(1 - tanh^2) W.
    gamma, rate = 7.0, 1e-2
    trainer = new_trainer(
        **SGD, generator_batch_norm=False, discriminator_layers=1, discriminator_activation="tanh",
        r1_gamma=gamma, r1_interval=interval, discriminator_lr=rate, smoothing=0.8,
    )  # fmt: skip
    for move in range(4):
        real, z = next_batch(trainer)
        d = trainer.discriminator.parameters()
        weights = [parameter.detach().double().requires_grad_() for parameter in d]
        matrix, bias, readout, offset = weights
        x, fake = torch.tensor(real), torch.tensor(np.tanh(forward(clones(trainer.generator), z)))
        hidden = torch.tanh(x @ matrix.T + bias)
        real_output = torch.sigmoid(hidden @ readout[0] + offset)
        fake_output = torch.sigmoid(torch.tanh(fake @ matrix.T + bias) @ readout[0] + offset)
        goal = -(0.8 * real_output.log() + 0.2 * (1 - real_output).log()).mean()
        goal = goal - (1 - fake_output).log().mean()
        if move % interval == 0:
            slopes = ((1 - hidden**2) * readout[0]) @ matrix
            goal = goal + interval * gamma / 2 * (slopes**2).sum(1).mean()
        gradient = torch.cat([g.flatten() for g in torch.autograd.grad(goal, weights)])
        before = vector(trainer.discriminator).double()
        record = trainer.d_step(trainer.settings)
        after = vector(trainer.discriminator).double()
        torch.testing.assert_close(after, before - rate * gradient, rtol=0, atol=1e-6)
        assert record.d_grad_norm == pytest.approx(float(gradient.norm()), rel=1e-4)
        plain = losses.OBJECTIVES["minimax"].of_d(
            torch.logit(real_output), torch.logit(fake_output), real_label=0.8, fake_label=0.0
        ).total
        # the penalty is not part of the loss that is shown
        assert record.d_loss == pytest.approx(float(plain.detach()), rel=1e-5)


@pytest.mark.parametrize("kind", ["non_saturating", "minimax"])
def test_the_parts_of_ds_loss_and_every_reference_are_recorded_under_the_labels_in_force(kind: str) -> None:
    trainer = new_trainer(**PLAIN, smoothing=0.7, fake_label=0.1, objective=kind)
    for alpha, beta in ((0.7, 0.1), (0.9, 0.0)):
        before, (real, z) = Players.of(trainer), next_batch(trainer)
        changed = trainer.settings.replace(smoothing=alpha, fake_label=beta)
        record = trainer.step(changed)
        images = np.tanh(forward(before.g, z))
        parts = []
        for x, label in ((real, alpha), (images, beta)):
            output = 1 / (1 + np.exp(-forward(before.d, x)[:, 0]))
            parts.append(-(label * np.log(output) + (1 - label) * np.log(1 - output)).mean())
        assert (record.real_loss, record.fake_loss) == pytest.approx(parts, rel=1e-5)
        assert record.d_loss == pytest.approx(sum(parts), rel=1e-5)
        d = (alpha + beta) / 2
        expected = -math.log(d) if kind == "non_saturating" else math.log(1 - d)
        assert record.g_loss_reference == pytest.approx(expected)
        objective = value.objective_at_equilibrium(real_label=alpha, fake_label=beta)
        assert record.d_loss_reference == pytest.approx(-objective)
        evaluation = evaluate(trainer).evaluation
        assert evaluation.real_loss_reference == record.real_loss_reference
        assert evaluation.g_loss_reference == record.g_loss_reference


def test_the_penalty_flattens_d_at_real_images(digits: DataSet) -> None:
    lengths = []
    for gamma in (0.0, 20.0):
        trainer = new_trainer(r1_gamma=gamma, r1_interval=2)
        play(trainer, 60)
        images = digits.held_out[:200].clone().requires_grad_()
        logits = trainer.discriminator(images, Functions.of(trainer.settings).discriminator, "eval")
        (slopes,) = torch.autograd.grad(logits.sum(), images)
        lengths.append(float(slopes.norm(dim=1).mean()))
    assert lengths[1] < 0.5 * lengths[0]


@pytest.mark.parametrize(("decay", "memory"), [(0.0, 0.0), (0.999, 0.1), (0.05, 0.05)])
def test_the_average_starts_short_and_follows_g(decay: float, memory: float) -> None:
    trainer = new_trainer(ema_decay=decay)
    before = clones(trainer.average)
    play(trainer, 1)
    now, average = clones(trainer.generator), clones(trainer.average)
    for name, tensor in average.items():
        if tensor.is_floating_point():
            expected = memory * before[name] + (1 - memory) * now[name]
            torch.testing.assert_close(tensor, expected, rtol=0, atol=1e-6)
    assert same(average, now) is (decay == 0.0)


# --- Out of the numbers


@pytest.mark.parametrize(
    ("player", "tensor"), [("discriminator", "linears.1.bias"), ("generator", "linears.0.weight")]
)
def test_a_poisoned_weight_stops_the_game_with_step_and_quantity(player: str, tensor: str) -> None:
    trainer = new_trainer()
    play(trainer, 3)
    with torch.no_grad():
        getattr(trainer, player).get_parameter(tensor).fill_(math.nan)
    other = trainer.generator if player == "discriminator" else trainer.discriminator
    before = vector(other)
    with pytest.raises(NotFiniteError, match="the discriminator's loss is not finite at step 4") as caught:
        play(trainer, 1)
    assert (caught.value.step, caught.value.quantity) == (4, "the discriminator's loss")
    assert trainer.steps_done == 3
    assert torch.equal(before, vector(other))


def test_a_game_that_explodes_is_stopped_before_g_moves() -> None:
    trainer = new_trainer(**SGD, discriminator_lr=0.1, r1_gamma=100.0, r1_interval=32)
    with pytest.raises(NotFiniteError, match="is not finite at step") as caught:
        play(trainer, 100)
    assert caught.value.step == trainer.steps_done + 1
    assert vector(trainer.generator).isfinite().all()


# --- Everything can be chosen


@pytest.mark.parametrize(
    "changes",
    [
        *[{"generator_activation": name} for name in choices("generator_activation") or ()],
        *[{"discriminator_activation": name} for name in choices("discriminator_activation") or ()],
        *[{"objective": name} for name in choices("objective") or ()],
        *[{"optimizer": name} for name in choices("optimizer") or ()],
        *[{"latent_distribution": name} for name in choices("latent_distribution") or ()],
        *[{"rule": name} for name in choices("rule") or ()],
        *[{"generator_layers": n, "discriminator_layers": n} for n in (1, 3)],
        {"discriminator_batch_norm": True, "discriminator_dropout": 0.5, "instance_noise": 1.0},
    ],
    ids=str,
)
def test_every_choice_moves_both_players(changes: dict[str, Any]) -> None:
    trainer = new_trainer(**changes)
    before = vector(trainer.generator), vector(trainer.discriminator)
    record = trainer.step(trainer.settings, probe=True)
    unknown = {name for name, number in record._asdict().items() if not np.isfinite(number)}
    lines = references_of(trainer.settings)._asdict()
    assert unknown == {name for name, line in lines.items() if np.isnan(line)}
    for old, player in zip(before, (trainer.generator, trainer.discriminator), strict=True):
        assert not torch.equal(old, vector(player))
        assert vector(player).isfinite().all()


def test_no_two_choices_play_the_same_game() -> None:
    seen = []
    for changes in (
        {}, {"generator_activation": "relu"}, {"objective": "minimax"}, {"optimizer": "sgd"},
        {"latent_distribution": "uniform"}, {"rule": "simultaneous"}, {"instance_noise": 0.2},
        {"discriminator_dropout": 0.2}, {"r1_gamma": 1.0}, {"adam_beta1": 0.5}, {"adam_beta2": 0.9},
    ):  # fmt: skip
        trainer = new_trainer(**changes)
        play(trainer, 3)
        seen.append(vector(trainer.generator))
    for i, one in enumerate(seen):
        assert not any(torch.equal(one, other) for other in seen[:i])


# --- Batches


def numbered(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.float32).repeat(784, 1).T.contiguous()


def test_every_image_comes_once_a_round_in_a_new_order() -> None:
    batches = Batches(numbered(48), None, 16, torch.Generator().manual_seed(1))
    rounds = [torch.cat([batches.next()[:, 0] for _ in range(3)]) for _ in range(3)]
    for order in rounds:
        assert torch.equal(order.sort().values, torch.arange(48.0))
    assert not torch.equal(rounds[0], rounds[1])
    assert not torch.equal(rounds[1], rounds[2])


def test_a_remainder_too_small_for_a_batch_waits_for_another_round() -> None:
    batches = Batches(numbered(40), None, 16, torch.Generator().manual_seed(1))
    seen = [torch.cat([batches.next()[:, 0] for _ in range(2)]).tolist() for _ in range(12)]
    assert all(len(order) == len(set(order)) == 32 for order in seen)
    assert len({number for order in seen for number in order}) == 40


def test_a_batch_is_a_copy(digits: DataSet) -> None:
    batches = Batches(digits.train, None, 16, torch.Generator().manual_seed(1))
    total = float(digits.train.sum(dtype=torch.float64))
    batches.next().fill_(7.0)
    assert float(digits.train.sum(dtype=torch.float64)) == total


def test_references_in_the_record_are_those_of_the_theory() -> None:
    record = play(new_trainer(smoothing=0.8, fake_label=0.05), 1)[0]
    assert record.d_reference == value.equilibrium_output(real_label=0.8, fake_label=0.05)
    assert record.value_reference == value.value_at_equilibrium(real_label=0.8, fake_label=0.05)
    assert tiny(smoothing=0.8).smoothing == 0.8
