"""One step of training as PyTorch would say it, and its two update rules as formulas, of any settings.

Both are texts, made without torch. `tests/test_torch_lines.py` runs the lines beside the trainer.
"""

from __future__ import annotations

from gan_core.rules import g_sees_real, mixes
from gan_core.settings import Settings, sample_of
from gan_core.torch_loops import Lines, loop_lines
from gan_core.torch_techniques import formulas_of_techniques, network_lines, technique_parts


def torch_lines(settings: Settings) -> str:
    """A program that plays `steps` steps under `settings`.

    It needs what its first lines say: the networks `D` (to scores [n]) and `G`, an iterator `batches` of real
    samples [n, features], `rng` and `steps`.
    """
    losses = [_loss_of_d(settings), _loss_of_g(settings)]
    parts = [_setup(settings), *technique_parts(settings), *losses, loop_lines(settings)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def sample_word(settings: Settings) -> str:
    """What one sample is called."""
    return "image" if sample_of(settings.data) == "digits" else "point"


def _setup(settings: Settings) -> Lines:
    scores, samples = _scores(settings), f"{sample_word(settings)}s"
    lines = [
        f"# D: network to {scores}; G: network to {samples}; batches: real {samples}, an iterator;",
        "# rng: a torch.Generator; steps: how many to play",
        "import copy",
        "import torch",
    ]
    lines[2:2] = network_lines(settings)
    if settings.conditional:
        lines.insert(2, "# the last number of each noise vector and of each image is its class, 0 to 9")
    if _is_cross_entropy(settings):
        lines.append("from torch.nn.functional import binary_cross_entropy_with_logits")
    lines += [
        "",
        _optimizer("D", settings.discriminator_lr, settings),
        _optimizer("G", settings.generator_lr, settings),
    ]
    if settings.ema_decay:
        lines.append(f"average = copy.deepcopy(G)  # draws the {samples} that are shown")
    return lines


def _scores(settings: Settings) -> str:
    return "logits" if _is_cross_entropy(settings) else "scores"


def _is_cross_entropy(settings: Settings) -> bool:
    return settings.objective in ("non_saturating", "minimax", "relativistic")


def _optimizer(player: str, rate: float, settings: Settings) -> str:
    if settings.optimizer == "sgd":
        arguments = f"lr={rate!r}, momentum={settings.sgd_momentum!r}"
        return f"optimizer_{player} = torch.optim.SGD({player}.parameters(), {arguments})"
    arguments = f"lr={rate!r}, betas=({settings.adam_beta1!r}, {settings.adam_beta2!r})"
    return f"optimizer_{player} = torch.optim.Adam({player}.parameters(), {arguments})"


def _loss_of_d(settings: Settings) -> Lines:
    real_label, fake_label = repr(settings.smoothing), repr(settings.fake_label)
    match settings.objective:
        case "lsgan":
            loss = f"squared(on_real, {real_label}) + squared(on_generated, {fake_label})"
        case "hinge":
            loss = "torch.relu(1 - on_real).mean() + torch.relu(1 + on_generated).mean()"
        case "wgan_clip" | "wgan_gp":
            loss = "on_generated.mean() - on_real.mean()"
        case "relativistic":
            of_real, of_generated = "on_real - on_generated.mean()", "on_generated - on_real.mean()"
            loss = f"bce({of_real}, {real_label}) + bce({of_generated}, {fake_label})"
        case _:
            loss = f"bce(on_real, {real_label}) + bce(on_generated, {fake_label})"
    penalties = {"real": settings.r1_gamma, "generated": settings.r2_gamma}
    lines = [
        *_labelled(settings),
        "def loss_of_d(real, generated, move):",
        *_noised(settings, "real", "generated"),
        *(f"    {name}.requires_grad_()" for name, gamma in penalties.items() if gamma),
        f"    on_real, on_generated = {_both_scores(settings)}",
        f"    loss = {loss}",
    ]
    for (name, gamma), title in zip(penalties.items(), ("R1", "R2"), strict=True):
        lines += _slope_penalty(name, gamma, title, settings.r1_interval)
    if settings.objective == "wgan_gp" and settings.gp_lambda:
        tied = "" if settings.rule == "consensus" else ".detach()"  # it differentiates by G's weights, too
        lines += [
            "    # the gradient penalty: at random points between real and generated",
            "    share = torch.rand(len(real), 1, generator=rng)",
            f"    between = torch.lerp(generated, real, share){tied}",
            *(["    between[:, -1] = real[:, -1]  # of one class"] if settings.conditional else []),
            "    between.requires_grad_()",
            "    slopes, = torch.autograd.grad(D(between).sum(), between, create_graph=True)",
            f"    loss = loss + {settings.gp_lambda!r} * (slopes.norm(dim=1) - 1).square().mean()",
        ]
    return [*lines, *_held_back("D", settings), "    return loss"]


def _both_scores(settings: Settings) -> str:
    return "D(torch.cat((real, generated))).chunk(2)" if mixes(settings) else "D(real), D(generated)"


def _held_back(player: str, settings: Settings) -> Lines:
    """The penalty of historical averaging, if it is on."""
    if not settings.historical_averaging:
        return []
    return [f"    loss = loss + {settings.historical_averaging!r} * distance({player}, past_{player})"]


def _labelled(settings: Settings) -> Lines:
    """The loss of scores with a label, where the objective has labels."""
    if settings.objective == "lsgan":
        loss = ("squared(scores, label)", "0.5 * (scores - label).square().mean()")
    elif _is_cross_entropy(settings):
        loss = (
            "bce(logits, label)",
            "binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))",
        )
    else:
        return []
    return [f"def {loss[0]}:", f"    return {loss[1]}", ""]


def _slope_penalty(name: str, gamma: float, title: str, often: int) -> Lines:
    if not gamma:
        return []
    every = f"every {often} moves of D, {often} times as strong" if often > 1 else "at every move of D"
    return [
        f"    if move % {often} == 0:  # the {title} penalty: {every}",
        f"        slopes, = torch.autograd.grad(on_{name}.sum(), {name}, create_graph=True)",
        f"        loss = loss + {gamma!r} / 2 * {often} * slopes.square().sum(1).mean()",
    ]


def _loss_of_g(settings: Settings) -> Lines:
    sees_real = g_sees_real(settings)
    match settings.objective:
        case "relativistic":
            loss = "bce(on_generated - on_real.mean(), 1.0) + bce(on_real - on_generated.mean(), 0.0)"
        case "minimax":
            loss = "-bce(on_generated, 0.0)  # minimax: log(1 - D(G(z)))"
        case "non_saturating":
            loss = "bce(on_generated, 1.0)  # non-saturating: the label is flipped, -log D(G(z))"
        case "lsgan":
            loss = "squared(on_generated, 1.0)"
        case _:
            loss = "-on_generated.mean()"
    seen = f"on_real, on_generated = {_both_scores(settings)}" if sees_real else "on_generated = D(generated)"
    if settings.objective == "relativistic":
        seen += "  # relativistic: the labels change places"
    return [
        f"def loss_of_g(generated{', real' if sees_real else ''}):",
        *_noised(settings, *(["real"] if sees_real else []), "generated"),
        f"    {seen}",
        f"    loss = {loss}",
        *_matching(settings),
        *_held_back("G", settings),
        "    return loss",
    ]


def _matching(settings: Settings) -> Lines:
    """The share of feature matching in G's loss, if it is on."""
    share = settings.feature_matching
    if not share:
        return []
    both = "D.features(torch.cat((real, generated))).chunk(2)"
    features = both if mixes(settings) else "D.features(real), D.features(generated)"
    return [
        f"    of_real, of_generated = {features}  # feature matching: their means are to be equal",
        "    matching = (of_generated.mean(0) - of_real.mean(0)).square().sum()",
        f"    loss = {1.0 - share!r} * loss + {share!r} * matching",
    ]


def _noised(settings: Settings, *names: str) -> Lines:
    """Noise on the samples that D sees, if there is any."""
    noise = settings.instance_noise
    if not noise:
        return []
    lines = []
    for name in names:
        lines.append(f"    noise = torch.randn({name}.shape, generator=rng)")
        if settings.conditional:
            lines.append("    noise[:, -1] = 0  # the class stays what it is")
        lines.append(f"    {name} = {name} + {noise!r} * noise")
    return lines


def update_rules(settings: Settings) -> tuple[str, str]:
    """What each player minimises and how it moves, in LaTeX: D's, then G's."""
    optimizer = "Adam" if settings.optimizer == "adam" else "SGD"
    rules = []
    for_d, for_g = formulas_of_techniques(settings, _formula_of_d(settings), _formula_of_g(settings))
    for player, loss, rate in (
        ("D", for_d, settings.discriminator_lr), ("G", for_g, settings.generator_lr),
    ):  # fmt: skip
        weights = rf"\theta_{player}"
        direction = _direction(optimizer, weights, player, settings)
        move = rf"{weights} &\leftarrow {weights} - {rate:g}\;{direction}"
        if player == "D" and settings.objective == "wgan_clip":
            limits = rf"-{settings.clip:g},\; {settings.clip:g}"
            move += rf" \\ {weights} &\leftarrow \text{{clip}}({weights},\; {limits})"
        rules.append(rf"\begin{{aligned}} L_{player} &= {loss} \\ {move} \end{{aligned}}")
    return rules[0], rules[1]


def _direction(optimizer: str, weights: str, player: str, settings: Settings) -> str:
    """What the rate is multiplied with, under the rule in force."""
    taken, slope = rf"\text{{{optimizer}}}", rf"\nabla_{{{weights}}} L_{player}"
    match settings.rule:
        case "extragradient":
            return rf"{taken}({slope}(\tilde\theta))"
        case "optimistic":
            return rf"(2 u_t - u_{{t-1}}),\quad u_t = {taken}({slope})"
        case "consensus":
            gamma = settings.consensus_gamma
            return rf"{taken}(\nabla_{{{weights}}} (L_{player} + \tfrac{{{gamma:g}}}{{2}}\|v\|^2))"
    return rf"{taken}({slope})"


REAL, GENERATED = "D(x)", "D(G(z))"
RELATIVE_REAL, RELATIVE_GENERATED = rf"\tilde {REAL}", rf"\tilde {GENERATED}"
MEAN = r"\mathbb{E}"


def _formula_of_d(settings: Settings) -> str:
    real_label, fake_label = settings.smoothing, settings.fake_label
    match settings.objective:
        case "lsgan":
            loss = rf"\tfrac12\,{_square(REAL, real_label)} + \tfrac12\,{_square(GENERATED, fake_label)}"
        case "hinge":
            loss = rf"{MEAN}\max(0, 1 - {REAL}) + {MEAN}\max(0, 1 + {GENERATED})"
        case "wgan_clip" | "wgan_gp":
            loss = rf"{MEAN}\,{GENERATED} - {MEAN}\,{REAL}"
        case "relativistic":
            loss = _cross_entropy(RELATIVE_REAL, real_label) + _cross_entropy(RELATIVE_GENERATED, fake_label)
        case _:
            loss = _cross_entropy(REAL, real_label) + _cross_entropy(GENERATED, fake_label)
    score = r"\ell" if _is_cross_entropy(settings) else "D"
    for gamma, at in ((settings.r1_gamma, "x"), (settings.r2_gamma, "G(z)")):
        if gamma:
            loss += rf" + \tfrac{{{gamma:g}}}{{2}}\,{MEAN}\|\nabla_x\,{score}({at})\|^2"
    if settings.objective == "wgan_gp" and settings.gp_lambda:
        loss += rf" + {settings.gp_lambda:g}\,{MEAN}(\|\nabla_x\,D(\hat x)\| - 1)^2"
    return loss


def _square(output: str, label: float) -> str:
    return rf"{MEAN}({output} - {label:g})^2" if label else rf"{MEAN}\,{output}^2"


def _cross_entropy(output: str, label: float) -> str:
    """-label E log D - (1 - label) E log(1 - D), without the terms whose weight is 0."""
    said = ((label, rf"\log {output}"), (1 - label, rf"\log(1 - {output})"))
    return "".join(rf" - {_weight(weight)}{MEAN}{term}" for weight, term in said if weight)


def _weight(weight: float) -> str:
    return "" if weight == 1 else rf"{weight:g}\,"


def _formula_of_g(settings: Settings) -> str:
    match settings.objective:
        case "minimax":
            return rf"{MEAN}\log(1 - {GENERATED})"
        case "lsgan":
            return rf"\tfrac12\,{_square(GENERATED, 1)}"
        case "hinge" | "wgan_clip" | "wgan_gp":
            return rf"-{MEAN}\,{GENERATED}"
        case "relativistic":
            return rf"-{MEAN}\log {RELATIVE_GENERATED} - {MEAN}\log(1 - {RELATIVE_REAL})"
        case _:
            return rf"-{MEAN}\log {GENERATED}"
