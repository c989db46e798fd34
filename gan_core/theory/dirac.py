"""The Dirac-GAN: the smallest GAN there is, on a line (Mescheder, Geiger & Nowozin 2018, section 2).

All real data lie at 0, all generated data at theta (x, the generator); the discriminator says "real"
with probability D(u) = sigma(psi u) at u (psi is y). The generator has won when theta = 0, the
discriminator has nothing to say when psi = 0. With f(t) = log sigma(t) the value of the plain game is

    V(theta, psi) = log D(0) + log(1 - D(theta)) = -log 2 + f(-psi theta).

The paper's own D grows where data look *fake*; ours is its mirror image, psi -> -psi, which turns the
other way round. Derived here from V, not from anyone's code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gan_core.theory.two_player import Game, Matrix, Pair, Quadratic, vector_jacobian

LOG2 = float(np.log(2.0))
CLIP = 1.0
"""WGAN keeps psi in [-CLIP, CLIP], where D is 1-Lipschitz: no method can leave this strip."""

COMPLEX_STEP = 1e-30
NOISE_ACCURACY = 1e-6
"""The largest error of value and field under instance noise up to 3, for |theta| to 4 and |psi| to 2."""

NOISE_REACH = 6.0
"""Standard deviations of noise that are summed over; beyond lies 2e-9 of it."""


def sigmoid(t: Any) -> Any:
    """1 / (1 + exp(-t)), without overflow; floats, arrays, complex numbers. f'(t) = sigmoid(-t)."""
    return 0.5 * (1.0 + np.tanh(0.5 * t))


def log_sigmoid(t: Any) -> Any:
    """f(t) = -log(1 + exp(-t))."""
    return -np.logaddexp(0.0, -np.asarray(t))


def _value(theta: Any, psi: Any) -> Any:
    return log_sigmoid(-psi * theta) - LOG2


def minimax() -> Game:
    """G lowers V, D raises it: v = (-psi f'(-psi theta), theta f'(-psi theta)), f'(-t) = sigma(t)."""
    return _regularised(lambda psi: 0.0 * psi, lambda psi: 0.0, lambda psi: 0.0, 0.0)


def r1(strength: float) -> Game:
    """D also pays strength/2 |dD's logit/du|^2 = strength/2 psi^2 at the real data (section 4.1)."""
    return _regularised(
        lambda psi: 0.5 * strength * psi * psi, lambda psi: strength * psi, lambda psi: strength, strength
    )


def _regularised(
    penalty: Callable[[Any], Any],
    slope: Callable[[Any], Any],
    curvature: Callable[[float], float],
    local_c: float,
) -> Game:
    """The minimax game with a penalty on psi, given with its first two derivatives."""

    def field(theta: Any, psi: Any) -> tuple[Any, Any]:
        s = sigmoid(psi * theta)
        return -psi * s, theta * s + slope(psi)

    def jacobian(theta: float, psi: float) -> Matrix:
        s = float(sigmoid(psi * theta))
        bend = s * (1 - s)
        mixed = s + psi * theta * bend
        return -psi * psi * bend, -mixed, mixed, theta * theta * bend + curvature(psi)

    return Game(
        lambda theta, psi: _value(theta, psi) - penalty(psi), field, jacobian, Quadratic(0.0, -0.5, local_c)
    )


def non_saturating(strength: float = 0.0) -> Game:
    """G raises log D(theta) instead: v_theta = -psi f'(psi theta). D as before, with R1 if asked for.

    The value shown is D's; G has a loss of its own, -log D(theta). The flow is not conservative:
    d(theta^2 + psi^2)/dt = -2 u tanh(u/2), u = theta psi.
    """

    def field(theta: Any, psi: Any) -> tuple[Any, Any]:
        s = sigmoid(psi * theta)
        return -psi * (1 - s), theta * s + strength * psi

    def jacobian(theta: float, psi: float) -> Matrix:
        s = float(sigmoid(psi * theta))
        bend, t = s * (1 - s), psi * theta
        return psi * psi * bend, s - 1 + t * bend, s + t * bend, theta * theta * bend + strength

    return Game(
        lambda theta, psi: _value(theta, psi) - 0.5 * strength * psi * psi,
        field, jacobian, Quadratic(0.0, -0.5, strength),
    )  # fmt: skip


def wgan() -> Game:
    """V = D(0) - D(theta) = -psi theta, D linear and clipped after every step (Arjovsky et al. 2017)."""
    return Game(
        value=lambda theta, psi: -psi * theta,
        field=lambda theta, psi: (-psi, theta),
        jacobian=lambda theta, psi: (0.0, -1.0, 1.0, 0.0),
        local=Quadratic(0.0, -1.0, 0.0),
        project=lambda w: (w[0], min(max(w[1], -CLIP), CLIP)),
    )


def wgan_gp(strength: float = 0.7, slope: float = 1.0) -> Game:
    """V = -psi theta - strength/2 (|psi| - slope)^2 (Gulrajani et al. 2017). v jumps at psi = 0."""

    def field(theta: Any, psi: Any) -> tuple[Any, Any]:
        return -psi, theta + strength * (psi - slope * np.sign(psi))

    return Game(
        value=lambda theta, psi: -psi * theta - 0.5 * strength * (np.abs(psi) - slope) ** 2,
        field=field,
        jacobian=lambda theta, psi: (0.0, -1.0, 1.0, strength),
        local=None,
    )


def instance_noise(std: float) -> Game:
    """Real and generated points carry Gaussian noise `std` before D sees them (section 3.2).

    V = E f(psi std e) + E f(-psi (theta + std e)), e standard normal. Every mean is a trapezoidal sum, so
    that nothing here is random: it converges exponentially, and the stronger the noise, the steeper is
    sigma(psi std e) and the closer its points must lie.
    """
    count = math.ceil(NOISE_REACH * max(std, 0.9) / 0.54)
    nodes = np.linspace(-NOISE_REACH, NOISE_REACH, 2 * count + 1)
    weights = np.exp(-0.5 * nodes * nodes)
    weights /= weights.sum()
    nodes /= np.sqrt(weights @ nodes**2)  # E e^2 = 1 to the last digit: near (0, 0) nothing else counts
    noise = std * nodes

    def spread(theta: Any, psi: Any) -> tuple[Any, Any, Any]:
        theta, psi = np.asarray(theta)[..., None], np.asarray(psi)[..., None]
        return theta + noise, psi, psi * noise

    def value(theta: Any, psi: Any) -> Any:
        fake, psi, real = spread(theta, psi)
        return (log_sigmoid(real) + log_sigmoid(-psi * fake)) @ weights

    def field(theta: Any, psi: Any) -> tuple[Any, Any]:
        fake, psi, real = spread(theta, psi)
        s = sigmoid(psi * fake)
        return -psi[..., 0] * (s @ weights), (fake * s - noise * sigmoid(-real)) @ weights

    def jacobian(theta: float, psi: float) -> Matrix:
        fake, _, real = spread(theta, psi)
        s, r = sigmoid(psi * fake), sigmoid(real)
        bend = s * (1 - s)
        mixed = float((s + psi * fake * bend) @ weights)
        own = float((fake * fake * bend + noise * noise * r * (1 - r)) @ weights)
        return -psi * psi * float(bend @ weights), -mixed, mixed, own

    def plain_field(theta: Any, psi: Any) -> tuple[Any, Any]:
        v = field(theta, psi)
        return (v[0], v[1]) if np.ndim(theta) or np.ndim(psi) else (float(v[0]), float(v[1]))

    return Game(value, plain_field, jacobian, Quadratic(0.0, -0.5, 0.5 * std * std))


def with_consensus(strength: float) -> Game:
    """The minimax game whose players both also lower strength/2 |v|^2: v + strength J^T v."""
    plain = minimax()

    def field(theta: Any, psi: Any) -> tuple[Any, Any]:
        # J of the plain game, written for arrays and complex numbers.
        s = sigmoid(psi * theta)
        bend = s * (1 - s)
        mixed = s + psi * theta * bend
        v = (-psi * s, theta * s)
        pull = vector_jacobian((-psi * psi * bend, -mixed, mixed, theta * theta * bend), v)
        return v[0] + strength * pull[0], v[1] + strength * pull[1]

    def jacobian(theta: float, psi: float) -> Matrix:
        # The derivative along i h, exact to rounding: no difference is taken.
        h = 1j * COMPLEX_STEP
        along = field(theta + h, psi), field(theta, psi + h)
        (xx, yx), (xy, yy) = ((float(v.imag) / COMPLEX_STEP for v in pair) for pair in along)
        return xx, xy, yx, yy

    quarter = 0.25 * strength
    return Game(plain.value, field, jacobian, Quadratic(quarter, -0.5, quarter))


def _plain(make: Callable[[], Game]) -> Callable[[float], Game]:
    return lambda strength: make()


VARIANTS: dict[str, Callable[[float], Game]] = {
    "minimax": _plain(minimax),
    "non_saturating": _plain(non_saturating),
    "wgan": _plain(wgan),
    "wgan_gp": wgan_gp,
    "instance_noise": instance_noise,
    "r1": r1,
    "non_saturating_r1": non_saturating,
    "consensus": with_consensus,
}
"""Each variant as a function of its one number: the penalty's weight, or the noise's standard deviation."""

STRENGTHS = {"wgan_gp": 0.7, "instance_noise": 0.7, "r1": 0.3, "non_saturating_r1": 0.3, "consensus": 1.0}
"""The numbers of the paper's figures; a variant not named here has none."""


def resting_cycle(eta_theta: float, eta_psi: float) -> Pair:
    """Half axes, along theta and psi, of the ellipse on which simultaneous non-saturating steps end.

    E = theta^2/eta_theta + psi^2/eta_psi changes by -2 u tanh(u/2) + (eta_theta psi^2 + eta_psi theta^2)/4
    a step, u = theta psi, up to higher orders. On an ellipse the means are -eta_theta eta_psi E^2/8 and
    eta_theta eta_psi E/4, which cancel at E = 2: a circle of radius sqrt(2 eta) where both step sizes are
    one. First order in them: 1 % too wide at 0.5, 7 % at 2. Our own derivation.

    Alternating steps, which keep the tilted ellipse of `rates.conserved` to first order, have the first
    term alone: E = 8 / (eta_theta eta_psi n) in the end, which for equal steps is a distance of
    sqrt(8 / (eta n)).
    """
    return float(np.sqrt(2 * eta_theta)), float(np.sqrt(2 * eta_psi))


def mirrored(w: Pair) -> Pair:
    """The same state in the paper's sign of psi."""
    return w[0], -w[1]
