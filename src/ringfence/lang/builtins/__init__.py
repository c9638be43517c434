"""The built-in functions, types, methods and modules of the plan language."""
