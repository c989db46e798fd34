"""Figures of the Minimax value page: densities, losses, smoothing, activations."""
