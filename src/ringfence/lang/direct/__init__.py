"""The top of a plan runs once: it is performed from the tree, and code is made of what repeats."""
