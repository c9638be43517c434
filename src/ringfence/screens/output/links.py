"""Addresses in text that something may follow or load: Markdown, HTML, and addresses that stand bare.

Its one rule: too many rather than too few; what is found is a place in the text, the address, and what stands for it.
All patterns are bounded in what they look at, so that the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, final
from urllib.parse import unquote

from ringfence.screens.output.hosts import unquote_entities

Shape: TypeAlias = Literal["link", "image", "definition", "auto", "bare", "name", "tag", "joint"]


@final
@dataclass(frozen=True, slots=True)
class Link:
    """An address at a place of the text. `label` is what a reader would see instead of the address.

    A `name` is a host without a scheme and what stands behind it: words to most programs, a link to some. Its address
    begins with `//`. A `joint` is only the `](` or `]:` before an address, whose form may be too long or too nested to
    be read as a whole; a blank between its two signs undoes it. Its label is the second sign, its address "" if that
    was cut off.
    """

    start: int
    end: int
    shape: Shape
    address: str
    label: str = ""


_LABEL: Final = r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]{0,200}\]){0,500})\]"
_TITLE: Final = r"(?:\s{1,3}(?:\"[^\"]{0,300}\"|'[^']{0,300}'|\([^()]{0,300}\)))?"
_TARGET: Final = r"(<[^<>\n]{0,2000}>|(?:[^\s()<>]|\([^\s()]{0,500}\)){1,2000})"
_MARKDOWN: Final = re.compile(rf"(!?){_LABEL}\(\s{{0,3}}{_TARGET}{_TITLE}\s{{0,3}}\)")
_DEFINITION: Final = re.compile(
    rf"^[ \t>]{{0,12}}\[([^\[\]\n]{{1,200}})\]:[ \t]{{0,3}}\n?[ \t]{{0,3}}{_TARGET}{_TITLE}", re.M
)
_AUTO: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\s]{0,2000})>")
_TAG: Final = re.compile(r"<(/?[a-zA-Z!?][^<>]{0,4000})>?")
_REST: Final = r"(?:(?!\]\()[^\s<>\"'`]){1,2000}"  # up to where the label of a Markdown link ends, too
_BARE: Final = re.compile(
    rf"(?:https?|ftps?)\s{{0,1}}:(?://|\\\\|/\\|\\/){_REST}"  # whatever stands before it
    rf"|(?<![\w/.@-])(?:wss?\s{{0,1}}:(?://|\\\\|/\\|\\/){_REST}|(?:javascript|vbscript|data|file|blob):{_REST}"
    rf"|//[a-z0-9-]{{1,63}}\.{_REST}|www\.{_REST})",
    re.I,
)
# A host without a scheme, of which chats and mail programs make a link, with more than a name behind it.
_NAMED: Final = re.compile(rf"(?<![\w/.@-])(?:[\w-]{{1,63}}\.){{1,8}}[a-z]{{2,24}}\.?(?::\d{{1,5}})?[/?#]{_REST}", re.I)
_IN_TAG: Final = re.compile(
    r"=\s{0,3}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'>]{1,2000}))|url\(([^)]{0,2000})\)", re.I
)
# What an address follows in Markdown, whatever stands before: labels nest and go over lines, and so does white space.
_JOINT: Final = re.compile(r"\]([(:])(\s{0,2000})<?([^\s)<>]{0,2000})")
# What goes on behind a tab or a line break, which browsers drop from an address; a title begins otherwise.
_ON: Final = re.compile(r"(?:[\x00-\x1f]{1,20}[^\s)<>\"'(]{1,2000}){1,50}")
_SPACE: Final = re.compile(r"\s{0,8}")
_ONWARD: Final = re.compile(r"(?<![\w])(?:https?|ftps?|wss?)\s?:[\\/]|(?<==)[\\/]{2}", re.I)
_QUOTED: Final = 3  # times that an address in another may be percent-encoded
_CUT: Final = 8_000  # a segment so long may have been cut before the address
_DROPPED: Final = re.compile(r"[\x00-\x1f]+")
_CONTROLS: Final = re.compile(r"[\t\r\n\x00-\x08]")
_ADDRESS: Final = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]{2}|www\.)")


def links(text: str) -> list[Link]:
    """All addresses by their places, of those that begin together the longer one first.

    Also those inside of others: whoever leaves one as it is must look at what stands in it. What one program takes for
    the label of a harmless link is an address to another.
    """
    defined = list(_definitions(text))
    known = {one.start for one in defined}
    joints = (joint for joint in _joints(text) if joint.label == "(" or _after(text, joint.end) not in known)
    found = [*_markdown(text), *defined, *joints, *_tags(text), *_bare(text)]
    return sorted(found, key=lambda one: (one.start, -one.end))


def inside(address: str) -> Iterator[str]:
    """The addresses in an address, to which the host may send whoever asks for it."""
    for _ in range(_QUOTED):
        yield from (address[found.start() :] for found in _ONWARD.finditer(address, 1))
        unquoted = unquote(address)
        if unquoted == address:
            break
        address = unquoted


def _after(text: str, start: int) -> int:
    """Where white space ends that begins there."""
    found = _SPACE.match(text, start)
    return start if found is None else found.end()


def _markdown(text: str) -> Iterator[Link]:
    for found in _MARKDOWN.finditer(text):
        shape: Shape = "image" if found.group(1) else "link"
        yield Link(found.start(), found.end(), shape, found.group(3).strip("<>"), found.group(2))


def _definitions(text: str) -> Iterator[Link]:
    for found in _DEFINITION.finditer(text):
        yield Link(found.start(2), found.end(2), "definition", found.group(2).strip("<>"))


def _joints(text: str) -> Iterator[Link]:
    for found in _JOINT.finditer(text):
        if found[3] or len(found[2]) == 2_000 or (found.end() == len(text) >= _CUT):
            on = _ON.match(text, found.end()) if found[1] == "(" else None
            address = found[3] if on is None else found[3] + _DROPPED.sub("", on.group())
            yield Link(found.start(), found.start() + 2, "joint", address, found[1])


def _tags(text: str) -> Iterator[Link]:
    for found in _AUTO.finditer(text):
        yield Link(found.start(), found.end(), "auto", found.group(1))
    for found in _TAG.finditer(text):
        for value in _IN_TAG.finditer(found.group(1)):
            for address in _addresses(next(part for part in value.groups() if part is not None)):
                start = found.start(1) + value.start()
                yield Link(start, found.start(1) + value.end(), "tag", address)


def _addresses(value: str) -> list[str]:
    """The addresses in an attribute: one, or those of a `srcset`. Browsers read entities and drop controls in them."""
    value = _CONTROLS.sub("", unquote_entities(value))
    parts = [part.split()[0] for part in value.split(",") if part.split()]
    return [part for part in parts if _ADDRESS.match(part)] or ([value] if _ADDRESS.match(value.strip()) else [])


def _bare(text: str) -> Iterator[Link]:
    for found in _BARE.finditer(text):
        address = found.group().rstrip(".,;:!?)]}'\"*_~")
        yield Link(found.start(), found.start() + len(address), "bare", address)
    for found in _NAMED.finditer(text):
        yield Link(found.start(), found.end(), "name", "//" + found.group())
