"""The case studies: assistants with real local parts, run with and without the firewall, as usual and under attack.

Its one rule: nothing is staged. Both sides have the same tools over the same world, and what an attack did is read
from the world afterwards.
"""
