"""Tables and plots of reports: HTML and inline SVG that load nothing and need no script.

Its one rule: whatever a caller gives is text, and is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, final

COLOURS: Final = {"ringfence": "#0969da", "undefended": "#cf222e", "published": "#8c959f"}
_STYLE: Final = """body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}
div.wide{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:13px}
td{white-space:nowrap}th{vertical-align:bottom}
td,th{padding:.3rem .6rem;border-bottom:1px solid #d0d7de;text-align:right}
td:first-child,th:first-child{text-align:left}
figure{margin:1.5rem 0}figcaption{font-weight:600}svg{max-width:100%;height:auto}
svg text{font:12px system-ui,sans-serif}"""
_LABELS, _LENGTH, _ROW = 430, 460, 24


@final
@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot."""

    name: str
    value: float
    colour: str


def page(title: str, parts: Sequence[str]) -> str:
    """A whole document."""
    head = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title><style>{_STYLE}</style>"
    return "\n".join([head, *parts, "</html>", ""])


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table that scrolls in itself if it is too wide."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><tr>{top}</tr>{body}</table></div>"


def bars(title: str, rows: Sequence[Bar], *, most: float | None = None) -> str:
    """Horizontal bars, with a scale that ends at `most`, else at the largest."""
    longest = most if most is not None else max((row.value for row in rows), default=0.0)
    longest = longest if longest > 0 else 1.0
    height = len(rows) * _ROW + 4
    drawn = "".join(
        f"<line x1='{_LABELS + _LENGTH * part / 4:.0f}' x2='{_LABELS + _LENGTH * part / 4:.0f}' y1='0' y2='{height}' "
        "stroke='#d8dee4'/>"
        for part in range(5)
    ) + "".join(_bar(index, row, longest) for index, row in enumerate(rows))
    width = _LABELS + _LENGTH + 80
    return (
        f"<figure><figcaption>{escape(title)}</figcaption><svg viewBox='0 0 {width} {height}' width='{width}' "
        f"role='img' aria-label='{escape(title)}'>{drawn}</svg></figure>"
    )


def _bar(index: int, row: Bar, longest: float) -> str:
    y = index * _ROW
    length = _LENGTH * min(row.value, longest) / longest
    shown = f"{row.value:,.0f}" if not row.value % 1 else f"{row.value:,.1f}" if row.value >= 1 else f"{row.value:.2g}"
    return (
        f"<text x='{_LABELS - 8}' y='{y + 17}' text-anchor='end'>{escape(row.name)}</text>"
        f"<rect x='{_LABELS}' y='{y + 4}' width='{length:.1f}' height='17' fill='{escape(row.colour)}'/>"
        f"<text x='{_LABELS + length + 6:.1f}' y='{y + 17}'>{shown}</text>"
    )


def share(part: int, whole: int) -> str:
    """A part in percent."""
    return "–" if not whole else f"{100 * part / whole:.1f} %"
