"""The digest of the classifier's file. Its one rule: only `training/train.py` writes it."""

from __future__ import annotations

from typing import Final

CLASSIFIER: Final = "efa5216c9f86abf6df19a36f069fd7ffe60bd61efd5a38676c8a943b65eac6b0"
