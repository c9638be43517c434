"""The models around a plan: planner, quarantine, composer, and the offline stand-in for all of them.

Nothing here is trusted to be right: what a model writes is a plan to check, or data to validate and label.
"""
