"""What is looked at before a plan runs: names, calls, classes, and what a whole plan says of itself."""
