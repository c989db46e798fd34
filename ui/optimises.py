"""What the game optimises under the settings in force: two update rules, and the lines of PyTorch."""

from __future__ import annotations

import streamlit as st

from gan_core.rules import rule_notes
from gan_core.settings import Settings
from gan_core.torch_lines import sample_word, torch_lines, update_rules
from gan_core.torch_techniques import technique_notes


def optimises(settings: Settings) -> None:
    """A popover of the live page, with the formulas and, one press further, a program."""
    with st.popover("Formulas", icon=":material/function:", key="optimises", help="What does it optimise?"):
        st.markdown("**What does it optimise?** In each step, each player makes its own loss a bit smaller.")
        for_d, for_g = update_rules(settings)
        st.markdown("**Discriminator** D")
        st.latex(for_d)
        st.markdown("**Generator** G")
        st.latex(for_g)
        st.caption(" ".join(notes(settings)))
        with st.expander("The same in PyTorch"):
            st.code(torch_lines(settings), language="python")


def notes(settings: Settings) -> list[str]:
    """What the formulas leave out, a sentence each."""
    said = ["𝔼 is the mean over a batch.", *_objective_notes(settings)]
    said += rule_notes(settings)
    used = [name for name, gamma in (("R1", settings.r1_gamma), ("R2", settings.r2_gamma)) if gamma]
    if used and settings.r1_interval > 1:
        often = settings.r1_interval
        penalties = "penalty is" if len(used) == 1 else "penalties are"
        said.append(
            f"The {' and '.join(used)} {penalties} used every {often} D steps, {often} times as strong."
        )
    if settings.instance_noise:
        noise = f"noise of standard deviation {settings.instance_noise:g}"
        said.append(f"Every {sample_word(settings)} that D sees has {noise}.")
    return [*said, *technique_notes(settings)]


def _objective_notes(settings: Settings) -> list[str]:
    """What D's output is, and the signs of this objective alone."""
    match settings.objective:
        case "non_saturating" | "minimax":
            return ["D is the sigmoid of its logit ℓ."]
        case "relativistic":
            return [
                "ℓ is D's logit. D̃ is the sigmoid of ℓ minus the mean of ℓ over the other kind: "
                "D̃(x) = σ(ℓ(x) − 𝔼 ℓ(G(z))), D̃(G(z)) = σ(ℓ(G(z)) − 𝔼 ℓ(x))."
            ]
    said = ["D gives a score: there is no sigmoid."]
    if settings.objective == "wgan_gp" and settings.gp_lambda:
        word = sample_word(settings)
        said.append(f"x̂ is a random {word} on the line between a real and a generated one.")
    if settings.objective == "wgan_clip":
        said.append("clip puts each weight of D that is beyond these limits back to the limit.")
    return said
