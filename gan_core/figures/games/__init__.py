"""Figures of the Games page: the table of payoffs, best replies, motion of the strategies."""
