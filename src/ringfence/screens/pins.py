"""The digest of the classifier's file. Its one rule: only `training/train.py` writes it."""

from __future__ import annotations

from typing import Final

CLASSIFIER: Final = "dc6833eca74fcad8df4e9d6c6d593aac55002b23314781ff6583acd9efa5640f"
