"""Whatever a URL, a name server or a redirect says: a connection goes to a public address, or there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.hostile_server import redirect
from ringfence.connectors.errors import ConnectorError, NotAllowed
from ringfence.connectors.markup import read_html
from ringfence.connectors.unseen import shown
from ringfence.connectors.web.addresses import parse_address, why_refused
from ringfence.connectors.web.hosts import host_of
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web
from ringfence.connectors.web.urls import spelled

HOSTS = (
    "a.example b.test ::1 127.0.0.1 0x7f 2130706433 é xn-- xn--a user localhost ß ::ffff: 10.0.0.1 1.1.1.1 fe80::1%lo"
)
SIGNS = "http:// https:// @ : 80 443 / ? # [ ] % %2e %00 \\ . .. 。 １ * - _ & = // \u200d ²"
PIECES = st.sampled_from([*HOSTS.split(" "), *SIGNS.split(" "), "\t", " "])
URLS = st.builds(
    lambda start, parts: start + "".join(parts),
    st.sampled_from(["", "http://", "http://"]),
    st.lists(PIECES, max_size=9),
)
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(network="127.0.0.0/8").map(str),
    st.ip_addresses(network="169.254.0.0/16").map(str),
    st.ip_addresses(network="::ffff:0:0/96").map(str),
    st.ip_addresses(network="64:ff9b::/96").map(str),
    st.sampled_from(["", "nonsense", "fe80::1%eth0", "1.1.1.1"]),
)
quick = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(url=URLS, answers=st.lists(ADDRESSES, max_size=3), location=URLS)
def test_no_connection_but_to_a_public_address(wire, names, site, url, answers, location):
    site.answers["/"] = redirect("".join(c for c in location if c.isascii() and c >= " ")[:200])
    wire.connected.clear()
    found = Web(replace(WebSettings(), robots=False, redirects=1, seconds=5), lambda host, seconds: answers)
    with pytest.raises(ConnectorError):
        found.fetch(url)
    assert [address for address, _ in wire.connected if why_refused(parse_address(address)) is not None] == []
    assert {port for _, port in wire.connected} <= {80, 443}


@quick
@given(url=URLS)
def test_a_url_has_one_spelling(url):
    try:
        once = spelled(url)
    except NotAllowed:
        return
    assert spelled(once) == once
    assert once.isascii()


@quick
@given(text=st.text(max_size=40))
def test_a_host_is_refused_or_has_one_spelling(text):
    try:
        once = host_of(text)
    except NotAllowed:
        return
    assert host_of(once) == once
    assert not set(once) & set("@/\\?#% \t\r\n[]")


@quick
@given(text=st.text(max_size=200))
def test_what_is_shown_hides_nothing(text):
    once = shown(text)
    assert shown(once) == once
    assert not set(once) & {chr(point) for point in [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0xFEFF, 0]}


TAGS = (
    "<style> </style> <details> <summary> <title> </title> <table> <td> <svg> <select> <h1> </h1> <template> <script>"
)
PARTS = (
    "< </ > p div style= a href= ' \" = / <!-- --> .x { } display:none ; color: #fff font-size: 0 -9999px "
    "transform:scale( ) , hidden @media * + ~ \\69 &#x &amp; x é"
)
MARKUP = st.lists(st.sampled_from([*TAGS.split(" "), *PARTS.split(" "), " ", "\n", "\0"]), max_size=60).map("".join)


@quick
@given(html=MARKUP)
def test_no_markup_makes_it_fail(html):
    found = read_html(html)
    assert "\0" not in found.text
    assert [line for line in found.text.split("\n") if line != " ".join(line.split())] == []
