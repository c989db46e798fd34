"""What "label smoothing 0.1" means: four conventions that are all in the wild, side by side."""

from __future__ import annotations

from typing import NamedTuple

from gan_core.theory.value import equilibrium_output, optimal_discriminator, value_surface


class Convention(NamedTuple):
    """One reading of a smoothing s, and where it puts the equilibrium."""

    name: str
    where: str
    real_label: float
    fake_label: float
    output: float  # D at p = q
    value: float  # the plain V there, in nats


def _with_labels(name: str, where: str, real_label: float, fake_label: float) -> Convention:
    d = equilibrium_output(real_label=real_label, fake_label=fake_label)
    return Convention(name, where, real_label, fake_label, d, float(value_surface(d, d)))


def conventions(smoothing: float) -> list[Convention]:
    """The four readings of s = `smoothing` in [0, 1); this project's factor is 1 - s.

    Salimans et al. 2016, section 3.4, smooth the real label only. TF-GAN moves it half as far, towards
    1/2. Libraries of classifiers spread s over the classes, here two, and so move both labels. GAN Lab
    leaves the labels alone and weighs log D with 1 - s: D* = w p / (w p + q).
    """
    weight = 1.0 - smoothing
    d = float(optimal_discriminator(weight, 1.0, real_label=1.0, fake_label=0.0))
    return [
        _with_labels("one-sided", "here; Salimans et al. 2016", weight, 0.0),
        _with_labels("half-way, real only", "TF-GAN", 1.0 - smoothing / 2, 0.0),
        _with_labels("two classes", "optax, PyTorch", 1.0 - smoothing / 2, smoothing / 2),
        Convention("weight on log D", "GAN Lab", 1.0, 0.0, d, float(value_surface(d, d))),
    ]
