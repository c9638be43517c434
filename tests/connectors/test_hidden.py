"""What a page does not show is not in its text; what is shown is; and what gets through is written down."""

from __future__ import annotations

import re

import pytest

from connectors.hidden_ways import SEEN, THROUGH
from docs.pages import ROOT, rows
from ringfence.connectors.markup import read_html

MARK = "SECRET-ORDER"


def page(ways):
    """One page with all ways, and a sign before and after each of them."""
    parts = [f"<section>before{n}{html.replace('X', MARK)}</section>" for n, html in enumerate(ways)]
    return "<!doctype html><html><body>" + "\n".join(parts) + "<p>the end</p></body></html>"


@pytest.mark.parametrize("name", SEEN)
def test_each_way_to_hide_text_is_seen(name):
    found = read_html(f"<p>one</p>{SEEN[name].replace('X', MARK)}")
    assert MARK not in found.text + found.title.replace(MARK, "", name == "title in the body")
    assert found.text.startswith("one")
    assert all(MARK not in section.text + section.heading for section in found.sections)


ALONE = {"sheet not closed", "every element", "title in the body", "metadata", "sheet with strings"}


def test_a_page_with_all_of_them():
    ways = [html for name, html in SEEN.items() if name not in ALONE and "<style" not in html]
    found = read_html(page(ways))
    assert MARK not in found.text
    assert re.findall(r"before(\d+)", found.text) == [str(n) for n in range(len(ways))]
    assert found.text.endswith("the end")
    assert found.hidden >= 50


@pytest.mark.parametrize("name", THROUGH)
def test_what_gets_through_does(name):
    """If one of these fails, it is seen now: move it to SEEN and out of docs/web.md."""
    assert MARK in read_html(THROUGH[name].replace("X", MARK)).text


def test_the_table_in_the_docs_names_what_gets_through():
    assert [row[0] for row in rows(ROOT / "docs" / "web.md", "### What still gets through")] == list(THROUGH)


@pytest.mark.parametrize(
    "html",
    [
        "<p>X</p>",
        '<p style="display:none;display:block">X</p>',
        "<style>.x{display:none}</style><p class=x style='display:block'>X</p>",
        "<style>.x{display:none} p.x{display:block}</style><p class=x>X</p>",
        "<style>.x{display:none}</style><p class=xx>X</p>",
        "<style>.a .x{display:none}</style><p class=x>X</p>",
        "<style>.a > .x{display:none}</style><div class=a><i><b class=x>X</b></i></div>",
        "<style>@media print{.x{display:none}}</style><p class=x>X</p>",
        "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>X</p>",
        "<style>@keyframes k{from{opacity:0}}</style><p>X</p>",
        "<!-- <style>p{display:none}</style> --><p>X</p>",
        "<script>var s = '<style>p{display:none}</style>'</script><p>X</p>",
        "<style>/* p{display:none} */</style><p>X</p>",
        '<div style="visibility:hidden"><p style="visibility:visible">X</p></div>',
        '<div style="font-size:0"><p style="font-size:16px">X</p></div>',
        '<div style="background:#000"><p style="color:#fff">X</p></div>',
        '<div style="color:#fff"><p style="background:#123">X</p></div>',
        '<div style="color:#fff;background:url(dark.png)">X</div>',
        '<h1 style="color:transparent;background:linear-gradient(red,blue);-webkit-background-clip:text">X</h1>',
        '<p style="text-indent:2em">X</p>',
        '<p style="margin:-10px">X</p>',
        '<p style="position:absolute;top:50%;left:50%;transform:translate(-50%,-50%)">X</p>',
        '<p style="transform:rotate(90deg) scale(1.5)">X</p>',
        '<p style="overflow:hidden;width:50%">X</p>',
        '<p style="clip-path:inset(5%)">X</p>',
        '<p style="opacity:0.6">X</p>',
        '<p style="font:bold 12px/1.5 serif">X</p>',
        '<p style="color:inherit">X</p>',
        '<p style="height:0">X</p>',
        "<details open><summary>more</summary>X</details>",
        "<details><summary>X</summary>more</details>",
        "<dialog open>X</dialog>",
        "<textarea>X</textarea>",
        "<p>a</p></p></div></b>X",
        "<xmp><b>X</b></xmp>",
        "<title>a</title><p>X",
        '<a href="/x" style="color:inherit">X</a>',
        "<button>X</button>",
        "<p style>X</p>",
        "<p style=';;:;a:;:b'>X</p>",
        "<p style='color:nonsense;font-size:calc(1px + 2em);left:;width:-'>X</p>",
        "<p r=5 style='color:red'>X</p>",
    ],
)
def test_what_is_shown_is_in_the_text(html):
    assert MARK in read_html(html.replace("X", MARK)).text


def test_the_attributes_of_a_page_cannot_be_swapped():
    """The walk knows attributes by a number that only the pass before the parser writes."""
    found = read_html('<p style="display:none">a</p><p r="0">b</p><p\tr=0/r=0>c</p><p R=0>d</p>')
    assert (found.text, found.hidden) == ("b\nc\nd", 1)


def test_links_of_what_is_hidden_are_left_out():
    found = read_html(
        '<a href=/a>a</a><a href=/b style="display:none">b</a><p hidden><a href=/c>c</a></p>'
        '<a href=/d style="color:#fff">d</a><a href=/e><img src=x></a>'
    )
    assert [(link.target, link.text) for link in found.links] == [("/a", "a"), ("/e", "")]


def test_the_work_for_style_sheets_is_bounded():
    import time

    bombs = [
        "<style>" + "a " * 5 + "b{display:none}</style>" + "<a>" * 8_000 + "<b>x</b>" * 4_000,
        "<style>" + "".join(f".x{n}{{color:red}}" for n in range(100_000)) + "</style><p class=x1>x",
        "<style>" + "*{color:red}" * 5_000 + "</style>" + "<p>x</p>" * 1_000,
        "<style>" + "i ~ i ~ i ~ b{display:none}</style>" + "<i></i>" * 20_000 + "<b>x</b>",
        "<style>" + "{" * 200_000 + "</style>x",
        "<style>" + "/*" * 500_000 + "</style>x",
        "<style>" + '"' * 1_000_000 + "</style>x",
        "<p style='" + "a:" * 500_000 + "'>x",
        "<p class='" + "a " * 500_000 + "'>x",
        "<p style='transform:" + "scale(" * 100_000 + "'>x",
        "<p style='color:" + "(" * 3_000 + "'>x",
    ]
    for bomb in bombs:
        began = time.process_time()
        read_html(bomb)
        assert time.process_time() - began < 20
