"""Decoders: what is written in another way, put back into plain text in its place.

    Decoder(name, trigger, pieces)

`trigger` is a pattern that is searched for in linear time, all triggers at once; only where it is found `pieces`
looks closer and says which parts of the text stand for which others.

Its one rule: a decoder answers with text that reads as text, or with nothing; its work and its answer are bounded by
the text that it is given, which is a block of a few thousand characters.
"""

from __future__ import annotations

from ringfence.screens.decoders.alphabets import ALPHABETS
from ringfence.screens.decoders.bases import BASES
from ringfence.screens.decoders.columns import COLUMNS
from ringfence.screens.decoders.decoder import Decoder
from ringfence.screens.decoders.escapes import ESCAPES
from ringfence.screens.decoders.runs import RUNS
from ringfence.screens.decoders.shifts import SHIFTS
from ringfence.screens.decoders.spelled import SPELLED
from ringfence.screens.decoders.split import SPLITS

DECODERS: tuple[Decoder, ...] = (*RUNS, *COLUMNS, *BASES, *ESCAPES, *SHIFTS, *ALPHABETS, *SPELLED, *SPLITS)

__all__ = ["DECODERS", "Decoder"]
