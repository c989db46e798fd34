"""The declaration of every hyperparameter: its name, type, default, range, help, unit, and when it acts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Activation = Literal["leaky_relu", "relu", "elu", "gelu", "tanh", "sigmoid"]
Player = Literal["discriminator", "generator", "game"]

Data = Literal[
    "mnist_10k", "mnist_60k", "gaussian_1d", "two_gaussians_1d", "uniform_1d", "sketch_1d", "ring", "grid",
    "line", "blobs", "moons", "spiral", "points",
]  # fmt: skip
Objective = Literal[
    "non_saturating", "minimax", "lsgan", "hinge", "wgan_clip", "wgan_gp", "relativistic"
]  # fmt: skip

Architecture = Literal["perceptron", "dcgan", "style"]
Rule = Literal[
    "simultaneous", "alternating", "extragradient", "optimistic", "lookahead", "consensus"
]  # fmt: skip


def _knob(
    default: Any, label: str, help: str, *, player: Player, live: bool,
    low: float | None = None, high: float | None = None, log: bool = False, unit: str = "",
) -> Any:  # fmt: skip
    return Field(
        default,
        ge=low,
        le=high,
        title=label,
        description=help,
        json_schema_extra={"player": player, "live": live, "log": log, "unit": unit},
    )


class Fields(BaseModel):
    """The fields alone; `Settings` adds what they must fulfil together."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Live, discriminator
    smoothing: float = _knob(
        0.9, "Label smoothing",
        "The label of a real image when D learns: 1 is off, 0.9 is the usual one-sided smoothing. It moves "
        "the equilibrium line to (label smoothing + fake label) / 2.",
        player="discriminator", live=True, low=0.5, high=1.0,
    )
    fake_label: float = _knob(
        0.0, "Fake label",
        "The label of a generated image when D learns (the literature calls generated images fake). Above 0 "
        "the smoothing is two-sided, and G gets less gradient where its images are worst.",
        player="discriminator", live=True, low=0.0, high=0.3,
    )
    discriminator_lr: float = _knob(
        1e-3, "Learning rate of D",
        "Step size of D's optimiser. When you change it, Adam's averages are kept.",
        player="discriminator", live=True, low=1e-6, high=1e-1, log=True, unit="per step",
    )
    discriminator_activation: Activation = _knob(
        "leaky_relu", "Activation in D",
        "The function after each hidden layer of D. When you change it, the weights are kept.",
        player="discriminator", live=True,
    )
    discriminator_steps: int = _knob(
        1, "D steps per G step", "How many steps D makes, one after the other, when it is D's turn.",
        player="discriminator", live=True, low=1, high=10, unit="steps",
    )
    r1_gamma: float = _knob(
        5.0, "R1 penalty",
        "Weight γ of the penalty on the slope of D at real images; 0 is off. A higher value brings D's "
        "outputs closer to the equilibrium line.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )
    r2_gamma: float = _knob(
        0.0, "R2 penalty", "Weight γ of the penalty on the slope of D at generated images; 0 is off.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )
    r1_interval: int = _knob(
        4, "R1 and R2 interval",
        "n: the R1 and R2 penalties are used at every n-th D step, n times as strong.",
        player="discriminator", live=True, low=1, high=32, unit="D steps",
    )
    instance_noise: float = _knob(
        0.0, "Instance noise",
        "Standard deviation of the noise that is added to every image for D, real or generated.",
        player="discriminator", live=True, low=0.0, high=2.0, unit="grey levels; images go from −1 to 1",
    )

    clip: float = _knob(
        0.01, "Weight clipping",
        "After each step of D, its weights are put back between −c and c. Only for WGAN with clipping.",
        player="discriminator", live=True, low=1e-3, high=1.0, log=True,
    )
    gp_lambda: float = _knob(
        10.0, "Gradient penalty",
        "Weight λ of the penalty on slopes of D that are not 1, between real and generated images. Only for "
        "WGAN-GP.",
        player="discriminator", live=True, low=0.0, high=100.0,
    )

    discriminator_batches: Literal["separate", "mixed"] = _knob(
        "separate", "Batches of D",
        "For batch norm in D. separate: real and generated images pass through D in two batches, each "
        "normalised by itself, so D can tell them apart by what a whole batch has in common. mixed: both in "
        "one batch, with the same statistics.",
        player="discriminator", live=True,
    )

    # Live, generator
    generator_lr: float = _knob(
        1e-3, "Learning rate of G",
        "Step size of G's optimiser. When you change it, Adam's averages are kept.",
        player="generator", live=True, low=1e-6, high=1e-1, log=True, unit="per step",
    )
    generator_activation: Activation = _knob(
        "leaky_relu", "Activation in G",
        "The function after each hidden layer of G. When you change it, the weights are kept.",
        player="generator", live=True,
    )
    ema_decay: float = _knob(
        0.999, "Averaging of G",
        "The digits on the page come from a running average of G's weights. This is the share of the average "
        "that is kept at each step; 0 shows G itself. Training uses G itself.",
        player="generator", live=True, low=0.0, high=0.9999,
    )

    # Live, both
    objective: Objective = _knob(
        "non_saturating", "Loss",
        "What the players minimise. non-saturating: cross-entropy, and G minimises −log D(G(z)), the loss "
        "with flipped labels. minimax: G minimises log(1 − D(G(z))); its gradient is nearly 0 while D "
        "recognises generated images. LSGAN: squared errors. hinge and WGAN: D gives scores without a limit. "
        "relativistic: D compares real with generated images.",
        player="generator", live=True,
    )
    feature_matching: float = _knob(
        0.0, "Feature matching",
        "The share of G's loss that is the squared distance between the means of D's last hidden layer on "
        "real and on generated samples; the rest is the loss above. 0 is off, 1 is that distance alone.",
        player="generator", live=True, low=0.0, high=1.0,
    )
    historical_averaging: float = _knob(
        0.0, "Historical averaging",
        "Weight c of a penalty for both players: the squared distance of their weights from the mean of all "
        "their weights since it is on. 0 is off.",
        player="generator", live=True, low=0.0, high=1.0,
    )
    rule: Rule = _knob(
        "alternating", "Update rule",
        "alternating: one player makes its step, then the other one against the new opponent. simultaneous: "
        "both step from the same point. extragradient: both look one step ahead on the same batch, come back "
        "and step with the gradient seen there. optimistic: twice the present step minus the last one. "
        "lookahead: alternating steps, and after every k of them both return part of the way. consensus: "
        "both also make |v|²/2 smaller, where v holds both gradients.",
        player="generator", live=True,
    )
    first: Literal["discriminator", "generator"] = _knob(
        "discriminator", "Who moves first", "Whose turn comes first in a step, where the players take turns.",
        player="generator", live=True,
    )
    generator_steps: int = _knob(
        1, "G steps in a row", "How many steps G makes, one after the other, when it is G's turn.",
        player="generator", live=True, low=1, high=10, unit="steps",
    )
    lookahead_k: int = _knob(
        5, "Cycle length k", "Lookahead: after every k steps each player returns part of the way.",
        player="generator", live=True, low=1, high=20, unit="steps",
    )
    lookahead_alpha: float = _knob(
        0.5, "Kept share α",
        "Lookahead: the share of the way of k steps that is kept. 0: back to the start of the cycle, 1: not "
        "back.",
        player="generator", live=True, low=0.0, high=1.0,
    )
    consensus_gamma: float = _knob(
        1.0, "Consensus strength γ", "Consensus: the weight of |v|²/2, which both players also make smaller.",
        player="generator", live=True, low=0.0, high=10.0,
    )
    # It stands beside D, where the slope matters most
    leaky_slope: float = _knob(
        0.2, "Leaky slope, D and G", "Slope of leaky ReLU for negative inputs, in both networks.",
        player="discriminator", live=True, low=0.0, high=0.9,
    )

    # Structural, game
    data: Data = _knob(
        "mnist_10k", "Data",
        "MNIST 10k comes with the app. MNIST 60k is the full training set; it is downloaded once. The others "
        "are small data sets of points whose density is known.",
        player="game", live=False,
    )
    drawn: str = _knob(
        "", "Drawn data", "The points or the density that were drawn by hand, as text.",
        player="game", live=False,
    )
    architecture: Architecture = _knob(
        "perceptron", "Networks",
        "perceptron: fully connected layers, as wide as the hidden layers say. DCGAN: small convolutional "
        "networks of a fixed size. style: the D of DCGAN, and a G whose noise vector sets the style of each "
        "layer. The last two are for digits only.",
        player="game", live=False,
    )
    conditional: bool = _knob(
        False, "Class-conditional",
        "G is told which digit to make, and D which digit it is shown: the game is about pairs of image and "
        "class. For digits only.",
        player="game", live=False,
    )
    optimizer: Literal["adam", "sgd"] = _knob(
        "adam", "Optimiser", "The rule that changes the weights. Each player has its own, of the same kind.",
        player="game", live=False,
    )
    adam_beta1: float = _knob(
        0.0, "Adam beta 1",
        "The share of Adam's mean gradient that is kept at each step. 0 is no momentum: fewer oscillations.",
        player="game", live=False, low=0.0, high=0.99,
    )
    adam_beta2: float = _knob(
        0.999, "Adam beta 2", "The share of Adam's mean squared gradient that is kept at each step.",
        player="game", live=False, low=0.0, high=0.9999,
    )
    sgd_momentum: float = _knob(
        0.0, "SGD momentum", "The share of the last change that is added to the next one. Only for SGD.",
        player="game", live=False, low=0.0, high=0.99,
    )
    batch_size: int = _knob(
        64, "Batch size", "The number of real images, and of generated ones, in each step of a player.",
        player="game", live=False, low=8, high=512, unit="images",
    )
    seed: int = _knob(
        0, "Seed", "The same seed and settings give the same run, bit for bit, on the same machine.",
        player="game", live=False, low=0, high=2**31 - 1,
    )

    # Structural, discriminator
    discriminator_hidden: str = _knob(
        "128-128", "Hidden layers of D",
        "Units of each fully connected layer between the data and D's output: 128-256-512 is three layers. "
        "Only for perceptrons.",
        player="discriminator", live=False, unit="units",
    )
    discriminator_batch_norm: bool = _knob(
        False, "Batch norm in D",
        "Normalises each hidden unit over the batch: D's output then depends on the whole batch.",
        player="discriminator", live=False,
    )
    discriminator_dropout: float = _knob(
        0.0, "Dropout in D",
        "The share of D's hidden units that are set to 0, at random, in each training step.",
        player="discriminator", live=False, low=0.0, high=0.8,
    )

    spectral_norm: bool = _knob(
        False, "Spectral norm in D",
        "Divides the weights of each layer of D by their largest singular value: no layer then makes a "
        "difference between two inputs larger.",
        player="discriminator", live=False,
    )
    minibatch_discrimination: bool = _knob(
        False, "Minibatch discrimination",
        "D also sees how alike the images of one batch are, so it notices when G makes the same image again "
        "and again. For digits only.",
        player="discriminator", live=False,
    )

    # Structural, generator
    latent_dim: int = _knob(
        100, "Latent dimensions", "Length of the noise vector z that G turns into an image.",
        player="generator", live=False, low=1, high=256,
    )
    latent_distribution: Literal["normal", "uniform"] = _knob(
        "normal", "Latent distribution",
        "Where each number of z comes from. normal: the standard normal. uniform: between −1 and 1.",
        player="generator", live=False,
    )
    generator_hidden: str = _knob(
        "128-128", "Hidden layers of G",
        "Units of each fully connected layer between the noise vector z and G's output: 128-256-512 is "
        "three layers. Only for perceptrons.",
        player="generator", live=False, unit="units",
    )
    generator_batch_norm: bool = _knob(
        True, "Batch norm in G", "Normalises each hidden unit over the batch.",
        player="generator", live=False,
    )
    virtual_batch_norm: bool = _knob(
        False, "Virtual batch norm in G",
        "In place of batch norm: each sample is normalised with one fixed reference batch, and no longer "
        "with the others of its batch. G's work doubles. For perceptron and DCGAN.",
        player="generator", live=False,
    )
    generator_dropout: float = _knob(
        0.0, "Dropout in G",
        "The share of G's hidden units that are set to 0, at random, in each training step.",
        player="generator", live=False, low=0.0, high=0.8,
    )
