"""Everything that is true about the game without a screen. Never imports streamlit."""
