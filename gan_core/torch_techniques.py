"""What the improved techniques add to the program that `torch_lines` shows. Texts, made without torch."""

from __future__ import annotations

from gan_core.rules import mixes
from gan_core.settings import Settings
from gan_core.torch_loops import Lines


def network_lines(settings: Settings) -> Lines:
    """What the program needs to know of the networks, as comments."""
    lines = []
    if settings.spectral_norm:
        lines.append("# each layer of D has a buffer `left` (u), and uses its weights W as W / |W^T u|")
    if settings.minibatch_discrimination:
        lines.append("# D's last layer also gets the closeness of each image to the others of its kind")
    if settings.virtual_batch_norm:
        lines.append("# G normalises each row with one fixed reference batch: virtual batch norm")
    if settings.feature_matching:
        lines.append("# D.features: the last hidden layer [n, units]")
    return lines


def technique_parts(settings: Settings) -> list[Lines]:
    """Functions that stand before the losses."""
    parts = []
    if settings.spectral_norm:
        parts.append([
            "@torch.no_grad()",
            "def power_iteration():  # spectral norm: u follows the weights",
            "    for layer in D.modules():",
            '        if hasattr(layer, "left"):',
            "            W = layer.weight.flatten(1)",
            "            right = W.T @ layer.left",
            "            left = W @ (right / right.norm())",
            "            layer.left.copy_(left / left.norm())",
        ])  # fmt: skip
    if settings.historical_averaging:
        parts.append([
            "past_D, past_G = copy.deepcopy(D), copy.deepcopy(G)  # the means of their weights",
            "",
            "def distance(network, past):  # historical averaging",
            "    pairs = zip(network.parameters(), past.parameters())",
            "    return sum((now - mean.detach()).square().sum() for now, mean in pairs)",
        ])  # fmt: skip
    return parts


def batch_caveat(settings: Settings) -> str:
    """That D's output depends on its batch, and what V then is; nothing where it does not."""
    if settings.discriminator_batch_norm:
        if mixes(settings):
            return "With batch norm D(x) depends on its batch, here of both kinds; V uses running statistics."
        return (
            "With batch norm D(x) depends on its batch, here of one kind; V uses running statistics of both "
            "kinds, so it is not the V that D raises."
        )
    if settings.minibatch_discrimination:
        return "D(x) depends on how close x is to the other images of its batch."
    return ""


def technique_notes(settings: Settings) -> list[str]:
    """What the formulas leave out of the techniques in force, a sentence each."""
    caveat = batch_caveat(settings)
    said = [caveat] if caveat else []
    if settings.spectral_norm:
        said.append("D uses the weights W of each layer as W / σ(W), σ being their largest singular value.")
    if settings.virtual_batch_norm:
        said.append("G normalises each sample with one fixed reference batch.")
    if settings.feature_matching:
        said.append("f is D's last hidden layer. The chart of losses shows G's loss without this term.")
    if settings.historical_averaging:
        said.append("θ̄ is the mean of a player's weights over all steps since historical averaging is on.")
    return said


def formulas_of_techniques(settings: Settings, for_d: str, for_g: str) -> tuple[str, str]:
    """What each player minimises, in LaTeX, with what the techniques change in it."""
    share, weight = settings.feature_matching, settings.historical_averaging
    if share:
        matching = rf"{share:g}\,\|\mathbb{{E}} f(G(z)) - \mathbb{{E}} f(x)\|^2"
        for_g = matching if share == 1 else rf"{1 - share:g}\,({for_g}) + {matching}"
    if weight:
        for_d, for_g = (
            loss + rf" + {weight:g}\,\|\theta_{player} - \bar\theta_{player}\|^2"
            for player, loss in (("D", for_d), ("G", for_g))
        )
    return for_d, for_g
