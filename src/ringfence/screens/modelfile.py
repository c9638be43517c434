"""The file of the classifier: weights of one byte each, compressed, with what they were made from.

Its one rule: a file is only used if it is, byte for byte, the one whose digest was given (C561).
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, cast, final

from ringfence.core.errors import ConfigError
from ringfence.screens.features import BITS

_MAGIC: Final = b"RFSC0001"
_LENGTH: Final = struct.Struct("<I")
_MOST: Final = 4 << 20


@final
@dataclass(frozen=True, slots=True)
class Weights:
    """`weights[feature] * scale` is what a feature adds; `about` says what it was trained on."""

    weights: array[int]
    scale: float
    bias: float
    about: Mapping[str, object]


def packed(weights: Sequence[float], bias: float, about: Mapping[str, object]) -> bytes:
    """The bytes of a file."""
    scale = max(map(abs, weights)) / 127
    small = array("b", [round(weight / scale) for weight in weights])
    head = json.dumps({"bits": BITS, "scale": scale, "bias": bias, "about": about}, sort_keys=True).encode()
    return _MAGIC + _LENGTH.pack(len(head)) + head + zlib.compress(small.tobytes(), 9)


def unpacked(data: bytes, digest: str) -> Weights:
    """The weights in the bytes of a file whose SHA-256 must be `digest`. ConfigError (C561)."""
    if sha256(data).hexdigest() != digest:
        raise _damaged("it is not the file that was pinned")
    try:
        if not data.startswith(_MAGIC):
            raise ValueError
        start = len(_MAGIC) + _LENGTH.size
        (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
        head = json.loads(data[start : start + length])
        raw = zlib.decompressobj().decompress(data[start + length :], _MOST)
        if head["bits"] != BITS or len(raw) != 1 << BITS:
            raise ValueError
        return Weights(
            array("b", raw), float(head["scale"]), float(head["bias"]), cast("dict[str, object]", head["about"])
        )
    except (ValueError, KeyError, TypeError, struct.error, zlib.error):
        raise _damaged("it is damaged") from None


def _damaged(why: str) -> ConfigError:
    return ConfigError(f"the classifier's file cannot be used: {why}", code="C561", hint="install the package again")
