"""The minimax page: its panels, its numbers and its scenes."""

from __future__ import annotations

from typing import Any

from gan_core.parameters.knobs import Knob, knob_of_setting, reader
from gan_core.settings import choices
from gan_core.typed import Read, one_of, option_title

# The address holds the title of a panel.
CHARTS = {
    "Two densities": ("densities", "outputs", "map", "ladder"), "BCE cost": ("terms", "batch", "float"),
    "G's loss": ("losses", "slopes", "pull"),
    "Losses": ("loss_parts", "loss_rise", "best_d", "loss_push"),
    "Smoothing": ("optimum", "pull_back", "fade"), "Activations": ("functions", "derivatives", "surviving"),
}  # fmt: skip
PANELS = tuple(CHARTS)

# The address holds the title of an activation, and of a loss.
ACTIVATIONS = {option_title(name): name for name in choices("generator_activation") or ()}
LOSSES = {option_title(name): name for name in choices("objective") or ()}

KNOBS = {
    "data_mean": Knob("Mean of p_data", -3.0, 3.0, 1.0, 0.05, "The position of the real data on the x axis."),
    "data_spread": Knob("Spread of p_data", 0.2, 2.0, 1.0, 0.05, "Standard deviation of each Gaussian."),
    "data_share": Knob("Second bump of p_data", 0.0, 0.5, 0.0, 0.05,
                       "0: one Gaussian. Above 0: this share of the data is in a second one, mirrored at x = "
                       "0."),
    "g_mean": Knob("Mean of p_G", -4.0, 4.0, -1.0, 0.05, "The position of G's samples on the x axis."),
    "g_spread": Knob("Spread of p_G", 0.2, 3.0, 1.0, 0.05, "Standard deviation of each Gaussian."),
    "g_share": Knob("Second bump of p_G", 0.0, 0.5, 0.0, 0.05,
                    "The share of G's samples in a second Gaussian, mirrored at x = 0."),
    "smoothing": knob_of_setting("smoothing", 1.0),
    "fake_label": knob_of_setting("fake_label", 0.0),
    "d_slope": Knob("Slope of your D", -10.0, 10.0, 1.0, 0.1, "Your D is sigmoid(slope · (x − midpoint))."),
    "d_midpoint": Knob("Midpoint of your D", -4.0, 4.0, 0.5, 0.05, "The x at which your D answers 0.5."),
    "label": Knob("Label y of the image", 0.0, 1.0, 1.0, 0.05, "1: real, 0: generated, between: smoothed."),
    "verdict": Knob("Output h of D", 0.01, 0.99, 0.3, 0.01, "The probability of “real” that D answers."),
    "d_of_fake": Knob("D(G(z))", 0.01, 0.99, 0.01, 0.01, "D's output for a generated sample."),
    "leaky_slope": knob_of_setting("leaky_slope", 0.2),
    "layers": Knob("Layers", 1, 50, 20, 1, "The number of layers in backpropagation."),
    "gain": Knob("Gain of the weights", 0.5, 3.0, 1.0, 0.05,
                 "Standard deviation of a weight times √(width of the layer). √2 = 1.41 suits ReLU (He)."),
    "spread": Knob("Spread of the inputs", 0.1, 4.0, 1.0, 0.1, "Standard deviation of the inputs of a unit."),
}  # fmt: skip

EXPECTED: dict[str, Read] = {name: reader(declared) for name, declared in KNOBS.items()} | {
    "panel": one_of(PANELS), "activation": one_of(list(ACTIVATIONS)), "loss": one_of(list(LOSSES)),
}  # fmt: skip
DEFAULTS: dict[str, Any] = {name: declared.default for name, declared in KNOBS.items()} | {
    "panel": PANELS[0], "activation": next(iter(ACTIVATIONS)), "loss": option_title("lsgan"),
}  # fmt: skip

# What differs from the defaults in each scene; a scene sets all sliders of the first panel.
SCENES: dict[str, dict[str, Any]] = {
    "p_G ≠ p_data": {},
    "p_G = p_data: equilibrium": {"g_mean": 1.0, "d_slope": 0.0, "d_midpoint": 0.0},
    "Smoothing moves the equilibrium": {"g_mean": 0.5, "smoothing": 0.7},
}
