"""What a plan's text says of each of its pieces before it runs: what it may change, share, call and reach."""
