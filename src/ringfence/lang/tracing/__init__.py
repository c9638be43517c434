"""The walk over a plan that makes the graph of its forecast: for each construct, what it lets reach what."""
