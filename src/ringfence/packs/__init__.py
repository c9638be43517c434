"""Packs: rules for common tools, as TOML files beside this one. Each is short, and says why."""
