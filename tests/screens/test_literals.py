"""Texts that are searched for at once are found where a pattern for each finds them, however wide gaps are."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.screens.literals import OTHER, Literals

words = st.text("abn", min_size=1, max_size=3)
# One to three words; some with a space at an end, or with a letter that is not of ASCII.
texts = st.builds(
    lambda before, parts, other, after: before + " ".join(parts) + other + after,
    st.sampled_from(("", " ", OTHER)),
    st.lists(words, min_size=1, max_size=3),
    st.sampled_from(("", f"{OTHER}b")),
    st.sampled_from(("", " ")),
)
copies = st.lists(st.one_of(words, st.sampled_from((" ", "  ", "   ", " " * 7, " " * 150))), max_size=14)


def pattern_of(text: str) -> str:
    """The same as a pattern: a gap inside is one space or more, each other sign stands for itself."""
    inside = text[1:-1] if len(text) > 1 else ""
    made = text[0] + re.sub(" ", " +", inside) + (text[-1] if len(text) > 1 else "")
    return made.replace(OTHER, " ")


@given(st.lists(texts, min_size=1, max_size=6, unique=True), copies)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_what_a_pattern_finds_is_found(listed: list[str], parts: list[str]) -> None:
    copy = f" {''.join(parts)} "
    found: list[tuple[int, int]] = []
    Literals((text, 0, number) for number, text in enumerate(listed)).find(copy.encode(), found)
    for number, text in enumerate(listed):
        places = {one.start() for one in re.finditer(f"(?={pattern_of(text)})", copy)}
        assert places <= {place for what, place in found if what == number}, text


def test_nothing_else_is_found() -> None:
    found: list[tuple[int, int]] = []
    search = Literals([("ignore all", 0, 1), (" send ", 1, 2), ("ab", 0, 3), ("ignore   x", 0, 4)])
    search.find(b" ignore them all, resend ", found)
    assert found == []
    search.find(b" ignore    all of it; send ab", found)
    assert sorted(found) == [(1, 1), (2, 22), (3, 27)]


def test_a_gap_may_be_as_wide_as_the_text() -> None:
    found: list[tuple[int, int]] = []
    Literals([("a b c", 0, 7)]).find(b"a" + b" " * 4_000 + b"b" + b" " * 4_000 + b"c ", found)
    assert found == [(7, 0)]


def test_nothing_to_search_for_finds_nothing() -> None:
    found: list[tuple[int, int]] = []
    Literals([]).find(b"anything", found)
    assert found == []
