"""HTML to text: what runs, styles or is hidden is gone, the rest keeps its order, and no page takes squared time."""

from __future__ import annotations

import time

import pytest

from ringfence.connectors.markup import read_html


def test_what_runs_or_styles_is_not_text_and_blocks_are_lines():
    html = (
        "<head><title> A\n b </title><style>s{}</style></head><body onload='x()'>one<script>two</script> <b>th</b>ree"
        "<!-- four --><noscript>five</noscript><p>six<br>seven</p><template>eight</template>"
        "<table><tr><th>Price</th><td>9 EUR</td></tr></table><iframe>ten</iframe></body>"
    )
    found = read_html(html)
    assert (found.title, found.text) == ("A b", "one three\nsix\nseven\nPrice: 9 EUR")


def test_the_pass_before_the_parser_keeps_text_and_links():
    found = read_html(
        "<p>1 < 2 & 3 <4</p><a class=x href=/y?a=1&amp;b=2>l</a> <A data-href=no HREF = '/z\"q'>m</A>"
        "<!-- <a href='no'> --> e<!DOCTYPE x>nd <a title='x>y' href=\"/w\">w</a>"
    )
    assert found.text == "1 < 2 & 3 <4\nl m end w"
    assert [link.target for link in found.links] == ["/y?a=1&b=2", '/z"q', "/w"]


BOMBS = {
    "attributes": "<a " + " ".join(f"x{n}" for n in range(400_000)) + ">",
    "depth": "<div>" * 800_000,
    "tags without end": '<a b="' * 600_000,
    "comments without end": "<!--" * 1_000_000,
    "closing tags": "<div>" * 12_000 + "</p>" * 100_000,
    "signs": "<" * 2_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_markup_takes_squared_time(name):
    begun = time.process_time()
    read_html(BOMBS[name])
    assert time.process_time() - begun < 20


def test_what_is_cut_off_is_said():
    note = "[the rest of the document was left out: it has too many elements, or a tag without end]"
    assert read_html("<i>x</i>" * 30_000).text.splitlines()[-1] == note
    assert read_html("before <a b").text.splitlines() == ["before", note]


@pytest.mark.parametrize("html", ["", "\0", "<", "<!-->", "<a href>", "text only", "<div>" * 100_000 + "deep"])
def test_no_markup_is_too_strange(html):
    read_html(html)
