"""A plan as Python text: for each construct the code that does it, which only calls the runtime."""
