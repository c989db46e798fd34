"""Home: what this is, a picture that moves, where to start, what it runs on."""

from __future__ import annotations

import streamlit as st

from gan_core.presets import PRESETS
from ui.board import asset_url
from ui.session import PRESET, engine_facts

FILM = "The default run, steps 0 to 12,000: D's outputs on real and on generated digits meet at 0.45."
SCENES = ("balanced", "no_smoothing", "course_recipe", "strong_discriminator", "unregularised", "collapse")

st.title("GAN Equilibrium Explorer")
st.markdown(
    "A generator makes digits out of noise, and a discriminator says how likely each one is real. "
    "They play one game with one value: the discriminator raises it, the generator lowers it. "
    "Here both learn before your eyes, every knob acts on the running game, and the equilibrium they "
    "play for is drawn from the same formula that trains them."
)
left, right = st.columns([2.2, 1], gap="large")
with left:
    # Not st.image, which makes a still of it.
    st.html(f'<img src="{asset_url("first_minute.webp")}" alt="{FILM}" class="film">')
    st.caption(FILM)
with right:
    st.page_link("../pages/live.py", label="**Start the live game**", icon=":material/play_circle:")
    st.caption("Then press Play, or the key K.")
    st.markdown("**Or begin with a scene**")
    for name in SCENES:
        st.page_link(
            "../pages/live.py", label=PRESETS[name].title, help=PRESETS[name].expect,
            query_params={PRESET: name},
        )  # fmt: skip
st.caption(engine_facts())
