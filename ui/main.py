"""The script Streamlit runs: every page, whichever address it was opened at."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import streamlit as st

from gan_core.presets import PLAYED
from ui.address_bar import one_entry_a_page
from ui.lesson_bar import lesson_bar
from ui.present import presentation
from ui.session import leave_game
from ui.sharing import class_strip

NAME = "GAN Equilibrium Explorer"
STATIC = Path(__file__).parent / "static"
# In the page itself: a browser asks for an icon again whenever the address changes, as it does with every
# slider, and the server would answer just while it runs the script.
ICON = f"data:image/png;base64,{b64encode((STATIC / 'icon.png').read_bytes()).decode()}"

# Before the navigation, which else names the icon of the menu, and a browser fetches that from another host.
st.set_page_config(page_icon=ICON, layout="wide")
page = st.navigation(
    [
        st.Page("../pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("../pages/lessons.py", title="Lessons", icon=":material/school:", url_path="lessons"),
        st.Page("../pages/games.py", title="Games", icon=":material/grid_view:", url_path="games"),
        st.Page("../pages/minimax.py", title="Minimax value", icon=":material/balance:", url_path="value"),
        st.Page("../pages/saddle.py", title="Saddle dynamics", icon=":material/cyclone:", url_path="saddle"),
        st.Page("../pages/live.py", title="Live GAN", icon=":material/play_circle:", url_path="live"),
        st.Page("../pages/toy.py", title="Toy data", icon=":material/scatter_plot:", url_path="toy"),
        st.Page("../pages/lab.py", title="Lab", icon=":material/science:", url_path="lab"),
        st.Page("../pages/follow.py", title="Follow", url_path="follow", visibility="hidden"),
    ],
    position="top",
)
title = NAME if page.url_path == "" else f"{page.title} · {NAME}"
st.set_page_config(page_title=title)
st.html(STATIC / "page.css")
one_entry_a_page()
class_strip()
if page.url_path not in PLAYED:
    leave_game()
lesson_bar(page.url_path)
presentation(page.url_path)
page.run()
