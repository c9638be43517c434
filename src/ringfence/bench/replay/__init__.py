"""Attacks that succeeded on agents without a firewall, replayed as plans.

Its one rule: a replay gives the attacker more than the firewall would: a plan that has the attacker's call in it.
"""
