"""Figures of the Saddle dynamics page: paths, predicted rates, the map of outcomes."""
