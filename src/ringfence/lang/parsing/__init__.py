"""Text to IR: what reads it, and a small rule for each construct that the language has."""
