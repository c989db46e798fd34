"""Closed forms of the game, in NumPy only."""
