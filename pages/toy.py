"""The same game on points whose density is known: where the truth can be drawn beside it."""

from __future__ import annotations

import streamlit as st

from gan_core.presets import TOY
from ui.game_page import game_page
from ui.session import other_page

if other_page(TOY):
    st.switch_page("../pages/live.py", query_params=st.query_params.to_dict())
game_page(TOY)
