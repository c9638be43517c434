"""The built-in functions and types: a module for each kind of what they give, and all their names."""
