"""The charts of the lab, from its results (`gan_core.history.results`) and from the records of the run."""
