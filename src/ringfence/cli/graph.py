"""The data-flow graph for a terminal, as Mermaid, as SVG and as a page of its own.

Its one rule: untrusted flows differ in colour and in shape, and the legend says so; nothing here refers to anything
outside of the text it makes.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ringfence.cli.foretell import STYLES, argument_text, readers_text, sign, trust_text
from ringfence.cli.picture import Edge, Layout, Node, Picture, draw, layout
from ringfence.guard.visible import visible
from ringfence.session.setup import PlannedRun

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["draw", "html", "mermaid", "svg", "terminal"]

LEGEND_RISKY: Final = "may hold untrusted text"
LEGEND_SAFE: Final = "trusted only"
_COLOURS: Final = {"allow": "#1a7f37", "ask": "#9a6700", "deny": "#cf222e", "depends": "#9a6700", "": "#57606a"}
_RED: Final = "#cf222e"
_GREY: Final = "#57606a"


def terminal(picture: Picture) -> RenderableType:
    """For each call and the answer, what reaches it: trusted `<──`, untrusted `<╍╍!`."""
    from rich.text import Text

    names = {node.id: node for node in picture.nodes}
    text = Text()
    for node in picture.nodes:
        incoming = [edge for edge in picture.edges if edge.target == node.id]
        text.append("● " if node.kind == "call" else "◇ " if node.kind == "given" else "◆ ")
        text.append(node.title, style="bold" if node.effect == "write" else "")
        text.append(f"  {node.detail}", style="dim")
        if node.verdict:
            text.append(f"  {node.sign}", style=STYLES[node.verdict])
        if node.swayed:
            text.append("  whether it is called may depend on untrusted data", style="red")
        text.append("\n")
        width = max((len(edge.label) for edge in incoming), default=0)
        for edge in incoming:
            source = names[edge.source]
            arrow, style = ("<╍╍!", "red") if edge.risky else ("<──", "green")
            text.append(f"    {edge.label:<{width}} ")
            text.append(f"{arrow:<4} {source.title} ({source.detail})\n", style=style)
    text.append(f"<──  {LEGEND_SAFE}", style="green")
    text.append(f"    <╍╍! {LEGEND_RISKY}", style="red")
    return text


def mermaid(picture: Picture) -> str:
    """A Mermaid flowchart."""
    names = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    lines = ["flowchart LR"]
    for node in picture.nodes:
        left, right = {"call": ("[", "]"), "given": ("[/", "/]"), "answer": ("([", "])")}[node.kind]
        label = "<br/>".join(_mermaid_text(part) for part in _lines(node))
        lines.append(f'    {names[node.id]}{left}"{label}"{right}:::{node.verdict or "other"}')
    for edge in picture.edges:
        label = ("⚠ " if edge.risky else "") + edge.label
        arrow = "-.->" if edge.risky else "-->"
        shown = f'|"{_mermaid_text(label)}"| ' if label else " "
        lines.append(f"    {names[edge.source]} {arrow}{shown}{names[edge.target]}")
    risky = [str(index) for index, edge in enumerate(picture.edges) if edge.risky]
    if risky:
        lines.append(f"    linkStyle {','.join(risky)} stroke:{_RED},color:{_RED}")
    lines += [f"    classDef {name or 'other'} stroke:{colour}" for name, colour in _COLOURS.items()]
    lines.append(f"    %% dotted, red, with a warning sign: {LEGEND_RISKY}; solid: {LEGEND_SAFE}")
    return "\n".join(lines)


def _mermaid_text(text: str) -> str:
    return "".join(c if c.isalnum() or c in " _.,:()?✓✗~⚠-" else f"#{ord(c)};" for c in text)


def _lines(node: Node) -> list[str]:
    made = [node.title, node.detail]
    if node.verdict:
        made.append(node.sign)
    return made


# SVG

_ROW: Final = 92
_HEIGHT: Final = 62
_GAP: Final = 130
_CHAR: Final = 8
_MARGIN: Final = 24
_LEGEND: Final = 44


def svg(picture: Picture) -> str:
    """The graph as one SVG element, with a legend, without any reference to the outside."""
    plan = layout(picture)
    widths = _widths(plan, picture)
    spots = _spots(plan, widths)
    width = max(sum(widths) + _GAP * max(len(widths) - 1, 0) + 2 * _MARGIN, 560)
    height = max((len(layer) for layer in plan.layers), default=1) * _ROW + 2 * _MARGIN + _LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="ui-sans-serif, system-ui, sans-serif" font-size="13" role="img">',
        "<title>Data flow of the plan</title>",
        f"<defs>{_arrow('safe', _GREY)}{_arrow('risky', _RED)}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    boxes = {node.id: _box(node, plan, widths) for node in picture.nodes}
    parts += [_edge_svg(edge, plan, spots, boxes, number) for number, edge in enumerate(picture.edges)]
    parts += [_node_svg(node, spots[node.id], boxes[node.id]) for node in picture.nodes]
    return "\n".join([*parts, _legend_svg(height), "</svg>"])


def _widths(plan: Layout, picture: Picture) -> list[int]:
    """By layer, the width of its widest box."""
    nodes = {node.id: node for node in picture.nodes}
    found = [
        max((len(line) for name in layer if name in nodes for line in _lines(nodes[name])), default=4)
        for layer in plan.layers
    ]
    return [max(110, longest * _CHAR + 24) for longest in found]


def _spots(plan: Layout, widths: list[int]) -> dict[str, tuple[float, float]]:
    """The centre of everything."""
    tallest = max((len(layer) for layer in plan.layers), default=1)
    made: dict[str, tuple[float, float]] = {}
    left = float(_MARGIN)
    for width, layer in zip(widths, plan.layers, strict=True):
        top = _MARGIN + (tallest - len(layer)) * _ROW / 2
        for row, name in enumerate(layer):
            made[name] = (left + width / 2, top + row * _ROW + _ROW / 2)
        left += width + _GAP
    return made


def _box(node: Node, plan: Layout, widths: list[int]) -> int:
    return next(widths[x] for x, layer in enumerate(plan.layers) if node.id in layer)


def _arrow(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    )


def _edge_svg(
    edge: Edge, plan: Layout, spots: dict[str, tuple[float, float]], boxes: dict[str, int], number: int
) -> str:
    colour, marker = (_RED, "risky") if edge.risky else (_GREY, "safe")
    dashes = ' stroke-dasharray="7 4"' if edge.risky else ""
    start = (spots[edge.source][0] + boxes[edge.source] / 2, spots[edge.source][1])
    end = (spots[edge.target][0] - boxes[edge.target] / 2, spots[edge.target][1])
    if edge in plan.routes:
        points = [start, *(spots[name] for name in plan.routes[edge]), end]
        path, label = _curve(points), ((points[-2][0] + end[0]) / 2, (points[-2][1] + end[1]) / 2)
    else:  # back in a loop: over the boxes
        over = min(start[1], end[1]) - _HEIGHT * 0.8
        path = f"M{start[0]:.0f} {start[1]:.0f}C{start[0] + 60:.0f} {over:.0f} {end[0] - 60:.0f} {over:.0f} "
        path, label = f"{path}{end[0]:.0f} {end[1]:.0f}", ((start[0] + end[0]) / 2, over + 14)
    text = ("⚠ " if edge.risky else "") + edge.label
    shift = 7 + 13 * (number % 2)  # two edges into the same box share their middle
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{2 if edge.risky else 1.5}"{dashes} '
        f'marker-end="url(#{marker})"/>'
        f'<text x="{label[0]:.0f}" y="{label[1] - shift:.0f}" text-anchor="middle" fill="{colour}" '
        f'font-size="12">{escape(text)}</text>'
    )


def _curve(points: list[tuple[float, float]]) -> str:
    made = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (x + to_x) / 2
        made += f"C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
    return made


def _node_svg(node: Node, spot: tuple[float, float], width: int) -> str:
    colour = _COLOURS[node.verdict]
    x, y = spot[0] - width / 2, spot[1] - _HEIGHT / 2
    radius = _HEIGHT / 2 if node.kind == "answer" else 4 if node.effect == "write" else 12
    stroke = 3 if node.effect == "write" else 1.5
    dashes = ' stroke-dasharray="3 3"' if node.swayed else ""
    lines = _lines(node)
    first = spot[1] + 5 - 9 * (len(lines) - 1)
    texts = "".join(
        f'<text x="{spot[0]:.0f}" y="{first + 18 * index:.0f}" text-anchor="middle" '
        f"{_text_style(index, colour)}>{escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width}" height="{_HEIGHT}" rx="{radius:.0f}" fill="#f6f8fa" '
        f'stroke="{colour}" stroke-width="{stroke}"{dashes}/>{texts}'
    )


def _text_style(index: int, colour: str) -> str:
    return ('font-weight="600" fill="#1f2328"', f'fill="{_GREY}"', f'fill="{colour}"')[index]


def _legend_svg(height: int) -> str:
    y = height - _MARGIN
    return (
        f'<line x1="{_MARGIN}" y1="{y}" x2="{_MARGIN + 40}" y2="{y}" stroke="{_GREY}" stroke-width="1.5" '
        f'marker-end="url(#safe)"/><text x="{_MARGIN + 50}" y="{y + 4}" fill="#1f2328">{LEGEND_SAFE}</text>'
        f'<line x1="{_MARGIN + 160}" y1="{y}" x2="{_MARGIN + 200}" y2="{y}" stroke="{_RED}" stroke-width="2" '
        f'stroke-dasharray="7 4" marker-end="url(#risky)"/>'
        f'<text x="{_MARGIN + 210}" y="{y + 4}" fill="{_RED}">⚠ {LEGEND_RISKY}</text>'
        f'<text x="{_MARGIN + 390}" y="{y + 4}" fill="{_GREY}">thick frame: write</text>'
    )


# HTML

_STYLE: Final = """\
body{font:15px/1.5 ui-sans-serif,system-ui,sans-serif;color:#1f2328;background:#fff;margin:2rem auto;max-width:72rem;
padding:0 1rem}h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}pre{background:#f6f8fa;padding:1rem;
overflow:auto;border-radius:6px}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid #d0d7de;vertical-align:top;overflow-wrap:anywhere}.risky{color:#cf222e}.safe{color:#1a7f37}
.allow{color:#1a7f37}.ask,.depends{color:#9a6700}.deny{color:#cf222e;font-weight:600}.picture{overflow:auto}"""


def html(picture: Picture, planned: PlannedRun, request: str, trusted: frozenset[str]) -> str:
    """One page: request, picture, forecast and plan. It loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    heads = ("line", "call", "expected", "argument", "comes from", "trust", "readers")
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>Plan {planned.plan_hash[:12]}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_html(request)}</h1>",
            f"<p>Plan {planned.plan_hash}, dialect {planned.checked.dialect}. Nothing has run.</p>",
            f'<h2>Data flow</h2><div class="picture">{svg(picture)}</div>',
            f"<h2>Forecast</h2><table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>",
            *_forecast_rows(planned, trusted),
            f"</table><h2>Plan</h2><pre>{_html(planned.text)}</pre></body></html>",
        ]
    )


def _forecast_rows(planned: PlannedRun, trusted: frozenset[str]) -> list[str]:
    rows = []
    for call in planned.forecast.calls:
        verdict = f'<td class="{call.verdict}">{sign(call)}</td>'
        head = f"<td>{call.site.span.line}</td><td>{_html(call.tool)}</td>{verdict}"
        for argument in call.arguments:
            trust = trust_text(argument.bounds, trusted)
            rows.append(
                f"<tr>{head}<td>{_html(argument.name)}</td><td>{_html(argument_text(argument, planned.forecast))}</td>"
                f'<td class="{"safe" if trust == "trusted" else "risky"}">{_html(trust)}</td>'
                f"<td>{_html(readers_text(argument.bounds))}</td></tr>"
            )
            head = "<td></td><td></td><td></td>"
        if not call.arguments:
            rows.append(f"<tr>{head}<td></td><td></td><td></td><td></td></tr>")
    return rows


def _html(text: str) -> str:
    return "\n".join(escape(visible(line)) for line in text.split("\n"))
