"""Reads the documentation: its pages, their fenced blocks, their links, headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/README.md")])
_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(.*)$")
_LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block: `info` is what follows the fence; `line` is the number of its first line of content."""

    page: Path
    info: str
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[Block]:
    """All fenced blocks of a page. A fence that is not closed is an error."""
    lines = read(page).splitlines()
    start, fence, info = 0, "", ""
    for number, line in enumerate(lines, 1):
        found = _FENCE.match(line)
        if not fence and found:
            start, fence, info = number, found[1], found[2].strip()
        elif fence and line.strip() == fence:
            yield Block(page, info, start + 1, tuple(lines[start : number - 1]))
            fence = ""
    assert not fence, f"{page.name}:{start}: the block is not closed"


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    lines = read(page).splitlines()
    for block in blocks(page):
        for number in range(block.line - 2, block.line + len(block.lines)):
            lines[number] = ""
    return "\n".join(lines)


def links(page: Path) -> list[str]:
    """The targets of all links of a page."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page have on GitHub."""
    made: set[str] = set()
    for heading in re.findall(r"^#{1,6}\s+(.*)$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        number = 1
        while slug in made and f"{slug}-{number}" in made:
            number += 1
        made.add(slug if slug not in made else f"{slug}-{number}")
    return made


def rows(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    part = read(page).split(f"\n{heading}\n", 1)[1]
    found: list[list[str]] = []
    for line in part.splitlines():
        if line.startswith("|"):
            found.append([cell.strip() for cell in _CELL.split(line.strip().strip("|"))])
        elif found:
            break
    return found[2:]
