"""Leading eigenvalues of one plain step of the game, beside the unit circle."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gan_core.figures.lab.notes import Found, finite
from gan_core.figures.style import DASHES, REFERENCE, VALUE, Figure, axis, faded, key, layout, typed
from gan_core.theory.two_player import Complexes, Floats

SHARE = 0.5
"""The step that is drawn, as a share of the largest stable one."""
USUAL_STEP = 0.05
"""Where no eigenvalue has a largest stable step."""


class SpectrumInfo(NamedTuple):
    """Eigenvalues λ of the Jacobian, and those of a plain simultaneous step: 1 - ηλ."""

    eigenvalues: Complexes  # [k]
    residuals: Floats  # [k], |J q - λ q|
    step: float  # η
    multipliers: Complexes  # [k]


def spectrum_info(found: Found) -> SpectrumInfo:
    """With η half of the largest stable step."""
    eigenvalues = np.array([complex(finite(re), finite(im)) for re, im in found["eigenvalues"]])
    largest = finite(found["largest_step"])
    step = SHARE * largest if math.isfinite(largest) else USUAL_STEP
    residuals = np.array([finite(r) for r in found["residuals"]])
    return SpectrumInfo(eigenvalues, residuals, step, np.asarray(1.0 - step * eigenvalues, complex))


def complex_text(value: complex) -> str:
    """A complex number as people write it."""
    if not value.imag:
        return f"{value.real:.3g}".replace("-", "−")
    sign = "+" if value.imag > 0 else "−"
    return f"{value.real:.3g} {sign} {abs(value.imag):.3g} i".replace("-", "−")


def spectrum_figure(info: SpectrumInfo) -> Figure:
    """As on the page Saddle dynamics: inside the circle a distance shrinks, outside it grows."""
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = {
        "type": "scatter",
        "mode": "lines",
        "x": typed(np.cos(turn)),
        "y": typed(np.sin(turn)),
        "line": {"color": REFERENCE, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }
    radius = info.step * info.residuals
    halos = {
        "type": "scatter",
        "mode": "markers",
        "x": typed(info.multipliers.real),
        "y": typed(info.multipliers.imag),
        "error_x": {"type": "data", "array": radius.tolist(), "color": faded(VALUE, 0.5), "width": 0},
        "error_y": {"type": "data", "array": radius.tolist(), "color": faded(VALUE, 0.5), "width": 0},
        "marker": {"symbol": "x", "size": 9, "color": VALUE},
        "text": [
            f"λ = {complex_text(value)}<br>residual {rest:.2g}"
            for value, rest in zip(info.eigenvalues, info.residuals, strict=True)
        ],
        "hovertemplate": "%{text}<br>1 − ηλ: %{x:.3f} + %{y:.3f} i<extra></extra>",
    }
    farthest = float(np.abs(info.multipliers).max(initial=0.0))
    reach = 1.25 if farthest <= 1.2 else 1.15 * farthest
    return {
        "data": [circle, halos],
        "layout": layout(
            axis("real part of 1 − ηλ", (-reach, reach)),
            axis("imaginary part", (-reach, reach), scaleanchor="x", scaleratio=1),
            [],
            above=[
                key(
                    ("✕", VALUE, f"a step with η = {info.step:.2g}, bars: residuals"),
                    (DASHES, REFERENCE, "modulus 1"),
                )
            ],
            right=14,
        ),
    }
