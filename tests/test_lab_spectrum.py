"""Eigenvalues of the game: against a dense Jacobian that is built another way, and against known matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from gan_core.data import DataSet
from gan_core.measures.frozen import Frozen
from gan_core.measures.spectrum import (
    arnoldi,
    jacobian_transposed,
    largest_step_of,
    most_turning,
    rotation_of,
    spectrum,
)
from gan_core.training import Functions, GanTrainer
from tests.game import is_same_game, new_trainer, play
from tests.test_measure_toy import toy_trainer

BATCH = 32
GAMES: dict[str, dict[str, Any]] = {
    "default": {"r1_gamma": 0.3},
    "no penalty, minimax": {"r1_gamma": 0.0, "objective": "minimax", "smoothing": 1.0},
    "R2 and smoothing": {"r1_gamma": 0.0, "r2_gamma": 0.5, "discriminator_activation": "tanh"},
    "relativistic": {"r1_gamma": 0.0, "objective": "relativistic", "generator_activation": "gelu"},
    "feature matching, history": {
        "r1_gamma": 0.0, "smoothing": 1.0, "feature_matching": 0.4, "historical_averaging": 0.3,
        "discriminator_activation": "tanh",
    },
    "least squares, batch norm": {"r1_gamma": 0.0, "objective": "lsgan", "generator_batch_norm": True},
}


def played(**changes: Any) -> GanTrainer:
    trainer = toy_trainer("ring", **changes)
    play(trainer, 30)
    return trainer


def dense_jacobian(trainer: GanTrainer) -> Tensor:
    """J of both players' losses, [n, n], in double precision, from their formulas alone."""
    s, functions = trainer.settings, Functions.of(trainer.settings)
    # The players of `Frozen` are copies in double precision; only its samples are used besides.
    frozen = Frozen(trainer, dtype=torch.float64)
    rng = frozen.rng(3)
    real = frozen.train[torch.randperm(len(frozen.train), generator=rng)[:BATCH]].requires_grad_()
    z = frozen.latents(BATCH, rng)
    g_shapes = {name: weight.shape for name, weight in frozen.g.named_parameters()}
    d_shapes = {name: weight.shape for name, weight in frozen.d.named_parameters()}
    both = [*frozen.g.parameters(), *frozen.d.parameters()]
    at = torch.cat([weight.detach().flatten() for weight in both])
    g_size = sum(weight.numel() for weight in frozen.g.parameters())

    def unpacked(flat: Tensor, shapes: dict[str, torch.Size]) -> dict[str, Tensor]:
        parts = torch.split(flat, [math.prod(shape) for shape in shapes.values()])
        named = zip(shapes.items(), parts, strict=True)
        return {name: part.view(shape) for (name, shape), part in named}

    def losses(g: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        fake = functional_call(frozen.g, unpacked(g, g_shapes), (z, functions.generator, "eval"))
        fake = fake if fake.requires_grad else fake.requires_grad_()
        on_real, on_fake = (
            functional_call(frozen.d, unpacked(d, d_shapes), (x, functions.discriminator, "eval"))
            for x in (real, fake)
        )
        softplus = torch.nn.functional.softplus
        if s.objective == "lsgan":
            g_loss = 0.5 * (on_fake - 1).square().mean()
            d_loss = 0.5 * ((on_real - s.smoothing).square().mean() + on_fake.square().mean())
        elif s.objective == "relativistic":
            r, f = on_real - on_fake.mean(), on_fake - on_real.mean()
            g_loss = softplus(-f).mean() + softplus(r).mean()
            d_loss = (softplus(r) - s.smoothing * r).mean() + softplus(f).mean()
        else:
            g_loss = -softplus(on_fake).mean() if s.objective == "minimax" else softplus(-on_fake).mean()
            d_loss = (softplus(on_real) - s.smoothing * on_real).mean() + softplus(on_fake).mean()
        for gamma, scores, x in ((s.r1_gamma, on_real, real), (s.r2_gamma, on_fake, fake)):
            if gamma:
                (slopes,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
                d_loss = d_loss + gamma / 2 * slopes.square().sum(1).mean()
        if s.feature_matching:
            weights, hidden = unpacked(d, d_shapes), [real, fake]
            for i in range(len(frozen.d.linears) - 1):  # type: ignore[arg-type]
                layer = weights[f"linears.{i}.weight"], weights[f"linears.{i}.bias"]
                hidden = [torch.tanh(x @ layer[0].T + layer[1]) for x in hidden]
            apart = (hidden[0].mean(0) - hidden[1].mean(0)).square().sum()
            g_loss = (1 - s.feature_matching) * g_loss + s.feature_matching * apart
        for kept, flat in (("generator", g), ("discriminator", d)):
            if s.historical_averaging:
                mean = torch.cat([part.flatten().double() for part in trainer.past[kept].tensors])  # type: ignore[index]
                loss = s.historical_averaging * (flat - mean).square().sum()
                g_loss, d_loss = (g_loss + loss, d_loss) if kept == "generator" else (g_loss, d_loss + loss)
        return g_loss, d_loss

    def field(flat: Tensor) -> Tensor:
        g, d = flat[:g_size], flat[g_size:]
        g_loss, d_loss = losses(g, d)
        (of_g,) = torch.autograd.grad(g_loss, g, create_graph=True)
        (of_d,) = torch.autograd.grad(d_loss, d, create_graph=True)
        return torch.cat((of_g, of_d))

    found: Tensor = torch.autograd.functional.jacobian(field, at, vectorize=True)  # type: ignore[no-untyped-call]
    return found.detach()


@pytest.mark.parametrize("name", GAMES)
def test_leading_eigenvalues_are_those_of_the_dense_jacobian(name: str) -> None:
    trainer = played(**GAMES[name])
    dense = dense_jacobian(trainer)
    assert len(dense) < 1000
    product, size = jacobian_transposed(Frozen(trainer, dtype=torch.float64), BATCH)
    assert size == len(dense)
    u = torch.randn(size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(product(u), dense.T @ u, rtol=1e-8, atol=1e-10)

    truth = np.linalg.eigvals(dense.numpy())
    truth = truth[np.argsort(-np.abs(truth))]
    found = spectrum(trainer, batch=BATCH, vectors=60, leading=6, dtype=torch.float64)
    assert found.weights == size
    assert len(found.eigenvalues) in (5, 6)
    for eigenvalue, residual in zip(found.eigenvalues, found.residuals, strict=True):
        assert np.abs(truth - eigenvalue).min() < 1e-4 * np.abs(eigenvalue)
        assert residual < 1e-3
    np.testing.assert_allclose(np.abs(found.eigenvalues), np.abs(truth[: len(found.eigenvalues)]), rtol=1e-4)
    single = spectrum(trainer, batch=BATCH, vectors=60, leading=6)
    np.testing.assert_allclose(np.abs(single.eigenvalues), np.abs(found.eigenvalues), rtol=1e-3)


def test_both_halves_of_the_coupling_are_in_the_jacobian() -> None:
    # Minimax without smoothing is zero-sum: J_GD is minus J_DG, turned. A detached G(z) would leave J_DG = 0.
    trainer = played(**GAMES["no penalty, minimax"])
    product, size = jacobian_transposed(Frozen(trainer, dtype=torch.float64), BATCH)
    dense = torch.stack([product(row) for row in torch.eye(size, dtype=torch.float64)])  # rows: J e, of J'
    g_size = sum(weight.numel() for weight in trainer.generator.parameters())
    g_by_d, d_by_g = dense[:g_size, g_size:], dense[g_size:, :g_size]
    assert float(g_by_d.norm()) > 1e-3
    torch.testing.assert_close(g_by_d, -d_by_g.T)
    turning = np.linalg.eigvals(dense.numpy())
    assert np.abs(turning.imag).max() > 1e-3


def test_arnoldi_on_matrices_whose_eigenvalues_are_known() -> None:
    generator = torch.Generator().manual_seed(0)
    blocks = torch.diag(torch.cat((torch.tensor([0.5, 0.5]), torch.linspace(-1, 2, 28))))
    blocks[0, 1], blocks[1, 0] = -3.0, 3.0
    turned = torch.linalg.qr(torch.randn(30, 30, dtype=torch.float64, generator=generator)).Q
    matrix = turned @ blocks.double() @ turned.T
    start = torch.randn(30, dtype=torch.float64, generator=generator)
    found = arnoldi(lambda u: matrix @ u, start, 12)
    np.testing.assert_allclose(found.eigenvalues[:2], [0.5 + 3j, 0.5 - 3j], atol=1e-4)
    whole = arnoldi(lambda u: matrix @ u, start, 99)  # more than there are: the space is exhausted
    assert len(whole.eigenvalues) == 30
    np.testing.assert_allclose(whole.eigenvalues[:2], [0.5 + 3j, 0.5 - 3j], atol=1e-9)
    assert whole.residuals.max() < 1e-12
    small = arnoldi(lambda u: 2.0 * u, start, 12)  # every vector is an eigenvector
    np.testing.assert_allclose(small.eigenvalues, [2.0])


def test_a_residual_is_the_distance_from_an_eigenvector() -> None:
    generator = torch.Generator().manual_seed(1)
    matrix = torch.randn(40, 40, dtype=torch.float64, generator=generator)
    start = torch.randn(40, dtype=torch.float64, generator=generator)
    found = arnoldi(lambda u: matrix @ u, start, 10)
    krylov = [start]
    for _ in range(9):
        krylov.append(matrix @ (krylov[-1] / krylov[-1].norm()))
    basis = np.linalg.qr(torch.stack(krylov).T.numpy())[0]
    small = basis.T @ matrix.numpy() @ basis
    values, vectors = np.linalg.eig(small)
    for value, vector in zip(values, vectors.T, strict=True):
        q = basis @ vector
        residual = np.linalg.norm(matrix.numpy() @ q - value * q) / np.linalg.norm(q)
        nearest = int(np.abs(found.eigenvalues - value).argmin())
        assert found.eigenvalues[nearest] == pytest.approx(value, abs=1e-6)
        assert found.residuals[nearest] == pytest.approx(residual, rel=1e-4)


def test_a_product_that_is_no_number_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="not finite"):
        arnoldi(lambda u: u * torch.nan, torch.ones(5), 3)


def test_rotation_and_the_largest_step_follow_from_eigenvalues() -> None:
    found = np.array([2.78 + 0j, 0.05 + 0.89j, 0.05 - 0.89j, -0.3 + 0.1j])
    assert most_turning(found) == 0.05 + 0.89j
    assert rotation_of(0.05 + 0.89j) == pytest.approx(17.8)
    assert largest_step_of(found) == pytest.approx(0.126, abs=5e-4)
    # At that step the turning pair keeps its length under u -> (1 - step λ) u, and no other one grows.
    step = largest_step_of(found)
    assert abs(1 - step * found[1]) == pytest.approx(1.0)
    assert abs(1 - step * found[0]) < 1.0
    assert (rotation_of(0j), rotation_of(1j), rotation_of(3 + 0j)) == (0.0, math.inf, 0.0)
    assert math.isnan(largest_step_of(np.array([-1 + 0j])))
    assert math.isnan(rotation_of(most_turning(np.array([], complex))))


@pytest.mark.parametrize(
    "changes", [{}, {"architecture": "dcgan"}, {"conditional": True, "objective": "wgan_gp"}]
)
def test_a_spectrum_leaves_the_game_alone(changes: dict[str, Any], digits: DataSet) -> None:
    watched, alone = (new_trainer(digits, **changes) for _ in range(2))
    play(watched, 2), play(alone, 2)
    shares: list[float] = []
    one = spectrum(watched, batch=16, vectors=8, progress=shares.append)
    other = spectrum(watched, batch=16, vectors=8)
    np.testing.assert_array_equal(one.eigenvalues, other.eigenvalues)
    assert shares == [k / 8 for k in range(1, 9)]
    assert len(one.eigenvalues) == len(one.residuals) in (7, 8)
    play(watched, 2), play(alone, 2)
    assert is_same_game(watched, alone)
