"""The digest of the classifier's file. Its one rule: only `training/train.py` writes it."""

from __future__ import annotations

from typing import Final

CLASSIFIER: Final = "9735c1430a8ff7c4e26bb3c2d461c316f23b64883cee45e165d9b1ba4e94059b"
