"""The state of one run, and what generated code calls: where it is, what it binds, what it calls, what it has used."""
