"""What the game played when it was last agreed on, to be met by every later version."""
