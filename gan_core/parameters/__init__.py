"""What the address of each theory page may say: names, ranges, defaults; and what its values make."""
