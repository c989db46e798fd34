"""The loop of the program that `torch_lines` shows, for each update rule. Texts, made without torch."""

from __future__ import annotations

from gan_core.rules import WITH_COUNTS, g_sees_real
from gan_core.settings import CLASSES, Settings

Lines = list[str]

STEP, FURTHER = "    ", "        "  # margins: in a step, and in a loop of further moves


def loop_lines(settings: Settings) -> Lines:
    """`steps` steps under the rule in force, and what stands before them."""
    bodies = {
        "simultaneous": _simultaneous, "alternating": _alternating, "extragradient": _extragradient,
        "optimistic": _optimistic, "consensus": _consensus, "lookahead": _lookahead,
    }  # fmt: skip
    before = {
        "lookahead": ["slow_D, slow_G = copy.deepcopy(D), copy.deepcopy(G)  # where a cycle begins"],
        "optimistic": ["last = {}  # what each optimiser did to the weights in the step before"],
    }.get(settings.rule, [])
    body = [*_past(settings), *bodies[settings.rule](settings), *_average(settings)]
    return [*before, "for n in range(steps):", *body]


def latents_line(settings: Settings) -> str:
    """The expression that draws the noise vectors of one batch."""
    shape = f"{settings.batch_size}, {settings.latent_dim}, generator=rng"
    normal = settings.latent_distribution == "normal"
    z = f"torch.randn({shape})" if normal else f"2 * torch.rand({shape}) - 1"
    if not settings.conditional:
        return z
    return f"torch.cat(({z}, torch.randint({CLASSES}, ({settings.batch_size}, 1), generator=rng)), 1)"


def _simultaneous(settings: Settings) -> Lines:
    return [
        *_batch(settings),
        f"{STEP}loss = loss_of_d(real, generated.detach(), {_move(settings)})",
        *_gradient_of_g(settings, STEP, "simultaneous: before D moves"),
        *_moved("D", STEP),
        *_after_d(settings, STEP),
        *_further_of_d(settings),
        f"{STEP}optimizer_G.step()",
        *_further_of_g(settings),
    ]


def _alternating(settings: Settings) -> Lines:
    of_d = [
        f"{STEP}loss = loss_of_d(real, generated.detach(), {_move(settings)})",
        *_moved("D", STEP), *_after_d(settings, STEP), *_further_of_d(settings),
    ]  # fmt: skip
    of_g = [f"{STEP}loss = {_loss_of_g(settings)}", *_moved("G", STEP), *_further_of_g(settings)]
    if settings.first == "discriminator":
        return [*_batch(settings), *of_d, *of_g]
    again = f"{STEP}generated = G(z)  # of the new G"
    return [*_batch(settings, keeps_z=True), *of_g, again, *of_d]


def _lookahead(settings: Settings) -> Lines:
    k, alpha = settings.lookahead_k, settings.lookahead_alpha
    return [
        *_alternating(settings),
        f"{STEP}if (n + 1) % {k} == 0:  # lookahead: both return part of the way",
        f"{STEP}    with torch.no_grad():",
        f"{STEP}        for slow, network in ((slow_D, D), (slow_G, G)):",
        f"{STEP}            for start, now in zip(slow.parameters(), network.parameters()):",
        f"{STEP}                now.copy_(start.lerp_(now, {alpha!r}))",
    ]


def _extragradient(settings: Settings) -> Lines:
    return [
        *_batch(settings, keeps_z=True)[:-1],
        f"{STEP}weights = [*D.parameters(), *G.parameters()]",
        f"{STEP}starts = [weight.detach().clone() for weight in weights]",
        f"{STEP}for looks_ahead in (True, False):  # extragradient: twice on the same batch",
        f"{FURTHER}generated = G(z)",
        f"{FURTHER}loss = loss_of_d(real, generated.detach(), n)",
        *_both_gradients(settings, FURTHER),
        f"{FURTHER}if not looks_ahead:  # come back, and step with the gradient seen there",
        f"{FURTHER}    with torch.no_grad():",
        f"{FURTHER}        for weight, start in zip(weights, starts):",
        f"{FURTHER}            weight.copy_(start)",
        f"{FURTHER}optimizer_D.step()",
        f"{FURTHER}optimizer_G.step()",
        *_after_d(settings, STEP),
    ]


def _optimistic(settings: Settings) -> Lines:
    return [
        *_batch(settings),
        f"{STEP}loss = loss_of_d(real, generated.detach(), n)",
        *_both_gradients(settings, STEP),
        f"{STEP}for network, optimizer in ((D, optimizer_D), (G, optimizer_G)):",
        f"{FURTHER}starts = [weight.detach().clone() for weight in network.parameters()]",
        f"{FURTHER}optimizer.step()",
        f"{FURTHER}with torch.no_grad():  # optimistic: twice this change, minus the last one",
        f"{FURTHER}    change = [weight - start for weight, start in zip(network.parameters(), starts)]",
        f"{FURTHER}    earlier = last.get(network, change)",
        f"{FURTHER}    for weight, new, old in zip(network.parameters(), change, earlier):",
        f"{FURTHER}        weight += new - old",
        f"{FURTHER}last[network] = change",
        *_after_d(settings, STEP),
    ]


def _consensus(settings: Settings) -> Lines:
    return [
        *_batch(settings),
        f"{STEP}weights = [*D.parameters(), *G.parameters()]",
        f"{STEP}loss = loss_of_d(real, generated, n)",
        f"{STEP}v = torch.autograd.grad(loss, D.parameters(), create_graph=True)",
        f"{STEP}v += torch.autograd.grad({_loss_of_g(settings)}, G.parameters(), create_graph=True)",
        f"{STEP}half = sum(part.square().sum() for part in v) / 2  # consensus: both also lower it",
        f"{STEP}slopes = torch.autograd.grad(half, weights, materialize_grads=True)",
        f"{STEP}for weight, part, slope in zip(weights, v, slopes):",
        f"{STEP}    weight.grad = part.detach() + {settings.consensus_gamma!r} * slope",
        f"{STEP}optimizer_D.step()",
        *_after_d(settings, STEP),
        f"{STEP}optimizer_G.step()",
    ]


# Parts


def _batch(settings: Settings, *, keeps_z: bool = False) -> Lines:
    z = latents_line(settings)
    drawn = [f"{STEP}z = {z}", f"{STEP}generated = G(z)"] if keeps_z else [f"{STEP}generated = G({z})"]
    return [f"{STEP}real = next(batches)", *drawn]


def _counts(settings: Settings) -> tuple[int, int]:
    """Moves of D and of G in a step."""
    if settings.rule not in WITH_COUNTS:
        return 1, 1
    return settings.discriminator_steps, settings.generator_steps


def _move(settings: Settings) -> str:
    """The number of D's moves before this step."""
    times, _ = _counts(settings)
    return "n" if times == 1 else f"{times} * n"


def _loss_of_g(settings: Settings, generated: str = "generated", real: str = "real") -> str:
    return f"loss_of_g({generated}{f', {real}' if g_sees_real(settings) else ''})"


def _gradient_of_g(settings: Settings, margin: str, why: str) -> Lines:
    return [f"{margin}optimizer_G.zero_grad()", f"{margin}{_loss_of_g(settings)}.backward()  # {why}"]


def _both_gradients(settings: Settings, margin: str) -> Lines:
    """G's first: what it leaves in D's is then taken away."""
    return [
        *_gradient_of_g(settings, margin, "both gradients at the same point"),
        f"{margin}optimizer_D.zero_grad()",
        f"{margin}loss.backward()",
    ]


def _further_of_d(settings: Settings) -> Lines:
    times, _ = _counts(settings)
    if times == 1:
        return []
    return [
        f"{STEP}for i in range(1, {times}):  # {times} moves of D in a step",
        f"{FURTHER}others = G({latents_line(settings)}).detach()",
        f"{FURTHER}loss = loss_of_d(next(batches), others, {_move(settings)} + i)",
        *_moved("D", FURTHER),
        *_after_d(settings, FURTHER),
    ]


def _further_of_g(settings: Settings) -> Lines:
    _, times = _counts(settings)
    if times == 1:
        return []
    others = f"G({latents_line(settings)})"
    return [
        f"{STEP}for i in range(1, {times}):  # {times} moves of G in a step",
        f"{FURTHER}loss = {_loss_of_g(settings, others, 'next(batches)')}",
        *_moved("G", FURTHER),
    ]


def _moved(player: str, margin: str) -> Lines:
    optimizer = f"optimizer_{player}"
    return [f"{margin}{optimizer}.zero_grad()", f"{margin}loss.backward()", f"{margin}{optimizer}.step()"]


def _after_d(settings: Settings, margin: str) -> Lines:
    clipping = [
        f"{margin}with torch.no_grad():",
        f"{margin}    for clipped in D.parameters():",
        f"{margin}        clipped.clamp_(-{settings.clip!r}, {settings.clip!r})",
    ]
    return [
        *(clipping if settings.objective == "wgan_clip" else []),
        *([f"{margin}power_iteration()"] if settings.spectral_norm else []),
    ]


def _past(settings: Settings) -> Lines:
    """The means of historical averaging."""
    if not settings.historical_averaging:
        return []
    return [
        f"{STEP}with torch.no_grad():",
        f"{STEP}    for past, network in ((past_D, D), (past_G, G)):",
        f"{STEP}        for mean, now in zip(past.parameters(), network.parameters()):",
        f"{STEP}            mean.lerp_(now, 1 / (n + 1))",
    ]


def _average(settings: Settings) -> Lines:
    if not settings.ema_decay:
        return []
    return [
        f"{STEP}keep = min({settings.ema_decay!r}, (1 + n) / (10 + n))",
        f"{STEP}with torch.no_grad():",
        f"{STEP}    for kept, now in zip(average.parameters(), G.parameters()):",
        f"{STEP}        kept.lerp_(now, 1 - keep)",
    ]
