"""One step of training as PyTorch would say it, and its two update rules as formulas, of any settings.

Both are texts, made without torch. `tests/test_torch_lines.py` runs the lines beside the trainer.
"""

from __future__ import annotations

from gan_core.settings import Settings

Lines = list[str]


def torch_lines(settings: Settings) -> str:
    """A program that plays `steps` steps under `settings`.

    It needs what its first lines say: the networks `D` (to logits [n]) and `G`, an iterator `batches` of real
    images [n, 784], `rng` and `steps`.
    """
    parts = [_setup(settings), _loss_of_d(settings), _loss_of_g(settings), _loop(settings)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _setup(settings: Settings) -> Lines:
    lines = [
        "# D: network to logits; G: network to images; batches: real images, an iterator;",
        "# rng: a torch.Generator; steps: how many to play",
        "import copy",
        "import torch",
        "from torch.nn.functional import binary_cross_entropy_with_logits",
        "",
        _optimizer("D", settings.discriminator_lr, settings),
        _optimizer("G", settings.generator_lr, settings),
    ]
    if settings.ema_decay:
        lines.append("average = copy.deepcopy(G)  # draws the digits that are shown")
    return lines


def _optimizer(player: str, rate: float, settings: Settings) -> str:
    if settings.optimizer == "sgd":
        arguments = f"lr={rate!r}, momentum={settings.sgd_momentum!r}"
        return f"optimizer_{player} = torch.optim.SGD({player}.parameters(), {arguments})"
    arguments = f"lr={rate!r}, betas=({settings.adam_beta1!r}, {settings.adam_beta2!r})"
    return f"optimizer_{player} = torch.optim.Adam({player}.parameters(), {arguments})"


def _loss_of_d(settings: Settings) -> Lines:
    lines = [
        "def bce(logits, label):",
        "    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))",
        "",
        "def loss_of_d(real, generated, move):",
        *_noised(settings, "real", "generated"),
    ]
    if settings.r1_gamma:
        lines.append("    real.requires_grad_()")
    lines += [
        "    on_real, on_generated = D(real), D(generated)",
        f"    loss = bce(on_real, {settings.smoothing!r}) + bce(on_generated, {settings.fake_label!r})",
    ]
    if settings.r1_gamma:
        often = settings.r1_interval
        every = f"every {often} moves of D, {often} times as strong" if often > 1 else "at every move of D"
        lines += [
            f"    if move % {often} == 0:  # the R1 penalty: {every}",
            "        slopes, = torch.autograd.grad(on_real.sum(), real, create_graph=True)",
            f"        loss = loss + {settings.r1_gamma!r} / 2 * {often} * slopes.square().sum(1).mean()",
        ]
    return [*lines, "    return loss"]


def _loss_of_g(settings: Settings) -> Lines:
    if settings.objective == "minimax":
        loss = "-bce(D(generated), 0.0)  # minimax: log(1 - D(G(z)))"
    else:
        loss = "bce(D(generated), 1.0)  # non-saturating: the label is flipped, -log D(G(z))"
    return ["def loss_of_g(generated):", *_noised(settings, "generated"), f"    return {loss}"]


def _noised(settings: Settings, *names: str) -> Lines:
    """Noise on the images that D sees, if there is any."""
    noise = settings.instance_noise
    if not noise:
        return []
    return [f"    {name} = {name} + {noise!r} * torch.randn({name}.shape, generator=rng)" for name in names]


def _loop(settings: Settings) -> Lines:
    times, together = settings.discriminator_steps, settings.update_order == "simultaneous"
    move = "n" if times == 1 else f"{times} * n"
    lines = [
        "for n in range(steps):",
        "    real = next(batches)",
        f"    generated = G({latents_line(settings)})",
        f"    loss = loss_of_d(real, generated.detach(), {move})",
    ]
    if together:
        lines += [
            "    optimizer_G.zero_grad()",
            "    loss_of_g(generated).backward()  # simultaneous: before D moves",
        ]
    lines += _moved("D", "    ")
    if times > 1:
        lines += [
            f"    for i in range(1, {times}):  # {times} moves of D for one of G",
            f"        others = G({latents_line(settings)}).detach()",
            f"        loss = loss_of_d(next(batches), others, {move} + i)",
            *_moved("D", "        "),
        ]
    if together:
        lines.append("    optimizer_G.step()")
    else:
        lines += ["    loss = loss_of_g(generated)", *_moved("G", "    ")]
    if settings.ema_decay:
        lines += [
            f"    keep = min({settings.ema_decay!r}, (1 + n) / (10 + n))",
            "    with torch.no_grad():",
            "        for kept, now in zip(average.parameters(), G.parameters()):",
            "            kept.lerp_(now, 1 - keep)",
        ]
    return lines


def _moved(player: str, margin: str) -> Lines:
    optimizer = f"optimizer_{player}"
    return [f"{margin}{optimizer}.zero_grad()", f"{margin}loss.backward()", f"{margin}{optimizer}.step()"]


def latents_line(settings: Settings) -> str:
    """The expression that draws the noise vectors of one batch."""
    shape = f"{settings.batch_size}, {settings.latent_dim}, generator=rng"
    if settings.latent_distribution == "normal":
        return f"torch.randn({shape})"
    return f"2 * torch.rand({shape}) - 1"


def update_rules(settings: Settings) -> tuple[str, str]:
    """What each player minimises and how it moves, in LaTeX: D's, then G's."""
    optimizer = "Adam" if settings.optimizer == "adam" else "SGD"
    rules = []
    for player, loss, rate in (
        ("D", _formula_of_d(settings), settings.discriminator_lr),
        ("G", _formula_of_g(settings), settings.generator_lr),
    ):
        weights = rf"\theta_{player}"
        direction = rf"\text{{{optimizer}}}(\nabla_{{{weights}}} L_{player})"
        move = rf"{weights} &\leftarrow {weights} - {rate:g}\;{direction}"
        rules.append(rf"\begin{{aligned}} L_{player} &= {loss} \\ {move} \end{{aligned}}")
    return rules[0], rules[1]


REAL, GENERATED = "D(x)", "D(G(z))"


def _formula_of_d(settings: Settings) -> str:
    terms = [_cross_entropy(REAL, settings.smoothing), _cross_entropy(GENERATED, settings.fake_label)]
    if settings.r1_gamma:
        terms.append(rf" + \tfrac{{{settings.r1_gamma:g}}}{{2}}\,\mathbb{{E}}\|\nabla_x\,\ell(x)\|^2")
    return "".join(terms)


def _cross_entropy(output: str, label: float) -> str:
    """-label E log D - (1 - label) E log(1 - D), without the terms whose weight is 0."""
    said = ((label, rf"\log {output}"), (1 - label, rf"\log(1 - {output})"))
    return "".join(rf" - {_weight(weight)}\mathbb{{E}}{term}" for weight, term in said if weight)


def _weight(weight: float) -> str:
    return "" if weight == 1 else rf"{weight:g}\,"


def _formula_of_g(settings: Settings) -> str:
    if settings.objective == "minimax":
        return rf"\mathbb{{E}}\log(1 - {GENERATED})"
    return rf"-\mathbb{{E}}\log {GENERATED}"
