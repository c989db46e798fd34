"""What can be measured on the real networks, without touching the game."""
