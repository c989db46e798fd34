"""The live MNIST GAN."""

from __future__ import annotations

import streamlit as st

from gan_core.presets import LIVE
from ui.game_page import game_page
from ui.session import other_page

if other_page(LIVE):
    st.switch_page("../pages/toy.py", query_params=st.query_params.to_dict())
game_page(LIVE)
