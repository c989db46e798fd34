"""What the game optimises under the settings in force: two update rules, and the lines of PyTorch."""

from __future__ import annotations

import streamlit as st

from gan_core.settings import Settings
from gan_core.torch_lines import torch_lines, update_rules


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
    said = ["𝔼 is the mean over a batch; D is the sigmoid of its logit ℓ."]
    if settings.discriminator_steps > 1:
        said.append(f"D makes {settings.discriminator_steps} steps for each G step.")
    if settings.update_order == "simultaneous":
        said.append("Both players make their steps from the same point.")
    else:
        said.append("D makes its step first, then G makes its step against the new D.")
    if settings.r1_gamma and settings.r1_interval > 1:
        often = settings.r1_interval
        said.append(f"The R1 penalty is used every {often} D steps, {often} times as strong.")
    if settings.instance_noise:
        said.append(f"Every image that D sees has noise of standard deviation {settings.instance_noise:g}.")
    return said
