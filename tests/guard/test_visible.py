"""Most texts are told by their characters to print as they stand; that is what looking at each place would say."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.guard import visible as visibility
from ringfence.guard.lookalikes import _LOOK_LATIN, _NAME, _WORD, _dressed, _looking_latin, _mixed, passing_for_others
from ringfence.guard.lookalikes import _script as script_of
from ringfence.guard.visible import visible

LETTERS = (
    "aeoPay.@-_ 19\n"
    + "аеорсНикбж"
    + "αορΩλ"
    + "éüßłŁ"
    + "𝐩ａⒶ①"
    + "漢字かな"
    + "\u0301\u200b\u202e\u00a0\u00ad⟨⟩\u2800\ufe0f"
)
TEXTS = st.one_of(st.text(LETTERS, max_size=40), st.text(max_size=20), st.text("паройНик ", max_size=20))


def place_by_place(text: str) -> frozenset[int]:
    """The definition, without what is skipped."""
    if text.isascii():
        return frozenset()
    marked = {place for place, one in enumerate(text) if _dressed(one)}
    for word in _WORD.finditer(text):
        marked |= _mixed(word)
    letters = [(letter, script) for letter in text if (script := script_of(letter)) is not None]
    others = [letter for letter, script in letters if script != "LATIN"]
    for name in _NAME.finditer(text):
        marked |= _looking_latin(name[0], name.start())
    if others and all(letter in _LOOK_LATIN for letter in others):
        marked |= _looking_latin(text, 0)
    return frozenset(marked)


@given(TEXTS)
@settings(max_examples=600, deadline=None, derandomize=True)
def test_nothing_that_passes_for_another_is_skipped(text: str) -> None:
    assert passing_for_others(text) == place_by_place(text)


@given(TEXTS)
@settings(max_examples=600, deadline=None, derandomize=True)
def test_nothing_that_does_not_print_is_skipped(text: str) -> None:
    assert visible(text) == "".join(visibility._pieces(text))


def test_each_character_is_shown_as_alone_or_not_at_all() -> None:
    for code in (*range(0x3000), *range(0xD7F0, 0xE010), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200)):
        shown = visible(f"a {chr(code)} b")
        assert shown in (f"a {chr(code)} b", f"a ⟨U+{code:04X}⟩ b")
        assert re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", shown) is None
