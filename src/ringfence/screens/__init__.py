"""Screens: what looks at text and says what it may be. Telemetry and friction, never the boundary.

Its one rule: nothing is safe because a screen was silent. A screen finds, names and scores; what a finding does is
configured (`screens/settings.py`), and every guarantee of the product holds with all screens switched off.
"""
