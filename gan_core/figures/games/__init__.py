"""Figures of the Games page: the table of payoffs, best responses, motion of the strategies."""
