"""Fetching: from where the settings say and from nowhere else, within bounds, whatever the server does."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from dataclasses import replace

import httpcore2
import httpx2
import pytest

from connectors.hostile_server import head, plain, redirect
from ringfence.connectors.errors import ConnectorError, Damaged, NotAllowed, NotDone, NotFound
from ringfence.connectors.web.addresses import parse_address
from ringfence.connectors.web.records import Link
from ringfence.connectors.web.settings import NOTHING, WebSettings
from ringfence.connectors.web.tools import Web
from ringfence.connectors.web.transport import OwnMachine, PinnedTransport

ANY = WebSettings(robots=False)
PUBLIC = "93.184.216.34"


@pytest.fixture
def web(wire, names):
    """Makes a `Web` whose names and connections are the test's."""

    def make(**settings):
        return Web(replace(ANY, **settings), names)

    return make


def own(workspace):
    """The web of a workspace that configures none: its own pages."""
    return Web(NOTHING, pins=lambda: workspace.endpoints.web)


# The workspace's own pages


def test_a_page_is_fetched_by_its_name(served):
    page = own(served).fetch("http://demo.local/article.html")
    assert (page.url, page.title) == ("http://demo.local/article.html", "One field is enough")
    lines = page.text.splitlines()
    assert lines[:2] == ["Home", "One field is enough"]
    assert any(line.startswith("For twenty years online shops") for line in lines)
    assert "window.visits" not in page.text
    assert "font:16px" not in page.text
    assert page.links == [Link("http://demo.local/index.html", "Home")]
    assert [(one.heading, one.level) for one in page.sections[:2]] == [("", 0), ("One field is enough", 1)]
    assert (page.kind, page.via, page.hidden) == ("text/html", [], 0)


def test_the_start_page_links_to_the_products(served):
    page = own(served).fetch("http://demo.local")
    assert Link("http://demo.local/laptop-aero.html", "Aero 13") in page.links
    assert "Aero 13: 1,299.00 EUR" in page.text
    product = own(served).fetch(page.links[1].url)
    assert "Price: 1,299.00 EUR" in product.text.splitlines()


REFUSED = [
    "",
    "demo.local/article.html",
    "/article.html",
    "file:///etc/passwd",
    "ftp://demo.local/x",
    "gopher://demo.local/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "http:///article.html",
    "http://user:password@demo.local/",
    "http://@demo.local/",
    "http://demo.local@attacker.example/",
    "http://attacker.example\\@demo.local/",
    "http://demo.local\t.attacker.example/",
    "http://demo.local /",
    "http://demo.local/a b",
    "http://demo.local/\r\nX-Header: y",
    "http://demo.local/\x00",
    "http://demo.local/\ud800",
    "http://demo.local:abc/",
    "http://demo.local:99999/",
    "http://demo.local:-80/",
    "http://[demo.local/",
    "http://demo..local/",
    "http://.local/",
    "http://-demo.local/",
    "http://demo%2elocal/",
    "http://demo.local/" + "x" * 2000,
    "http://" + "a" * 64 + ".example/",
    "http://" + "a." * 130 + "example/",
    "http://\u2024\u2024/",
    "http://xn--/",
    "http://-xn--a.example/",
    "http://]xn--a/",
    "http://&xn--a.example/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_plain_url_is_refused_before_anybody_is_asked(web, wire, names, url):
    with pytest.raises(NotAllowed):
        web().fetch(url)
    assert (wire.connected, names.asked) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "https://demo.local/article.html",
        "http://attacker.example/",
        "http://demo.local.attacker.example/",
        "http://127.0.0.1/",
        "http://127.0.0.1:{port}/article.html",
        "http://localhost:{port}/article.html",
        "http://demo.local:{port}/article.html",
        "http://attacker.example#@demo.local/",
        "http://ⅾemo.local.example/",
    ],
)
def test_without_settings_only_the_own_pages_are_fetched(served, url):
    ((_, port),) = served.endpoints.web.values()
    with pytest.raises(NotAllowed):
        own(served).fetch(url.replace("{port}", str(port)))


@pytest.mark.parametrize(
    "name", ["missing.html", "../ringfence.toml", "..%2fringfence.toml", "%2e%2e/ringfence.toml", "%00"]
)
def test_pages_that_are_not_there(served, name):
    with pytest.raises(NotFound):
        own(served).fetch(f"http://demo.local/{name}")


def test_a_link_among_the_pages_leads_nowhere(served):
    (served.path / "pages" / "link.html").symlink_to(served.path / "ringfence.toml")
    with pytest.raises(NotFound):
        own(served).fetch("http://demo.local/link.html")


def test_no_server(workspace):
    with pytest.raises(NotAllowed, match="not running"):
        own(workspace).fetch("http://demo.local/")
    with pytest.raises(NotDone, match="not running"):
        Web(NOTHING, pins=lambda: {"demo.local": ("127.0.0.1", 1)}).fetch("http://demo.local/")


# Where a connection goes


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_in_the_header(web, wire, names, site):
    site.answers["/x"] = plain(b"<p>hello</p>")
    page = web().fetch("http://A.Example./x?y=1#z")
    assert (page.text, page.url) == ("hello", "http://a.example/x?y=1")
    assert wire.connected == [(PUBLIC, 80)]
    assert site.seen == [("a.example", "/x?y=1")]
    assert names.asked == ["a.example"]


FORBIDDEN = [
    "127.0.0.1", "127.255.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.0.1",
    "100.100.100.200", "169.254.169.254", "169.254.0.1", "168.63.129.16", "0.0.0.0", "0.1.2.3", "192.0.0.1",
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d822::1", "2001:0:53aa:64c:0:fbff:5601:1",
    "2001:db8::1", "3fff::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1", "100::1",
    "2620:0:2d0:200:0:5efe:7f00:1", "5f00::1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_but_a_public_one(web, wire, names, address):
    names.table["a.example"] = [address]
    literal = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    for url in ("http://a.example/", literal):
        with pytest.raises(NotAllowed, match="nothing was fetched"):
            web().fetch(url)
    assert wire.connected == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001::1"])
def test_public_addresses_are_fetched_from_by_name_and_by_number(web, wire, names, site, address):
    site.answers["/"] = plain(b"ok")
    names.table["a.example"] = [address]
    literal = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    assert [web().fetch(url).text for url in ("http://a.example/", literal)] == ["ok", "ok"]
    assert wire.connected == [(address, 80)] * 2


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1", "0", "0x", "1",
        "127.0.0.1.", "127.0.0.01", "00127.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "１２７.0.0.1", "[::ffff:127.0.0.1]",
        "[::1%25lo]", "[fe80::1%eth0]", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "127.0.0.1%00",
        "a.0x7f", "1.2.3.4.5", "93.184.216.34.1", "localhost", "localhost.", "metadata", "[v1.x]",
    ],
)  # fmt: skip
def test_no_other_way_to_write_an_address(web, wire, host):
    for port in ("", ":80"):
        with pytest.raises(NotAllowed):
            web().fetch(f"http://{host}{port}/")
    assert wire.connected == []


def test_of_several_addresses_only_public_ones_are_connected_to_and_the_next_if_one_is_dead(web, wire, names, site):
    site.answers["/"] = plain(b"ok")
    names.table["a.example"] = ["127.0.0.1", "1.1.1.1", "10.0.0.1", PUBLIC, "::1"]
    wire.dead.add("1.1.1.1")
    assert web().fetch("http://a.example/").text == "ok"
    assert wire.connected == [("1.1.1.1", 80), (PUBLIC, 80)]


def test_a_name_that_answers_differently_the_second_time_gains_nothing(web, wire, names, site):
    """DNS rebinding: the address that was checked is the one that is connected to."""
    site.answers["/"] = plain(b"ok")
    names.table["a.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert web().fetch("http://a.example/").text == "ok"
    assert (wire.connected, names.asked) == ([(PUBLIC, 80)], ["a.example"])
    with pytest.raises(NotAllowed, match="loopback"):
        web().fetch("http://a.example/")
    assert len(wire.connected) == 1


def test_a_name_that_rebinds_between_a_page_and_its_redirect(web, wire, names, site):
    site.answers["/"] = redirect("/admin")
    names.table["a.example"] = [[PUBLIC], ["169.254.169.254"]]
    with pytest.raises(NotAllowed, match="link-local"):
        web().fetch("http://a.example/")
    assert site.seen == [("a.example", "/")]


def test_names_that_nobody_knows_and_answers_that_are_no_address(web, wire, names):
    names.table |= {"none.example": [], "odd.example": ["fe80::1%eth0", "no address"]}
    for host in names.table:
        with pytest.raises(NotDone, match="nothing was fetched"):
            web().fetch(f"http://{host}/")
    assert wire.connected == []


def test_a_name_server_that_dawdles(monkeypatch):
    stop = threading.Event()

    def dawdle(*_arguments, **_keywords):
        stop.wait(20)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", dawdle)
    began = time.monotonic()
    with pytest.raises(NotDone, match="name server took too long"):
        Web(replace(ANY, seconds=0.2)).fetch("http://a.example/")
    stop.set()
    assert time.monotonic() - began < 5


def test_the_own_machine_under_a_public_address_is_not_asked(site):
    """A page that learns our address from its log redirects us to ourselves, past the firewall. Here, a loopback
    address stands for the public one: it is the other end and our own at once."""
    request = httpx2.Request("GET", "http://a.example/")
    port = site.server_address[1]
    until = time.monotonic() + 5
    place = {"connect_by": until, "deadline": until, "limit": 100, "tls": None}
    site.answers["/"] = plain(b"inner")
    with pytest.raises(OwnMachine):
        PinnedTransport(parse_address("127.0.0.1"), port, **place).handle_request(request)
    assert site.seen == []
    response = PinnedTransport(parse_address("127.0.0.1"), port, **place, own=True).handle_request(request)
    assert response.status_code == 200
    response.close()


def test_what_is_fetched_from_the_own_machine_is_told_as_such(web, wire, monkeypatch):
    monkeypatch.setattr(wire, "connect_tcp", lambda host, port, **_: Mirror(host))
    with pytest.raises(NotAllowed, match="this machine"):
        web().fetch("http://a.example/")


class Mirror(httpcore2.NetworkStream):
    """A connection whose two ends have one address."""

    def __init__(self, host):
        self.host = host

    def get_extra_info(self, info):
        return (self.host, 5) if info == "client_addr" else None

    def close(self):
        pass


# Lists


@pytest.mark.parametrize(
    ("settings", "url", "fetched"),
    [
        ({"allow": ("a.example",)}, "http://a.example/", True),
        ({"allow": ("a.example",)}, "http://b.a.example/", False),
        ({"allow": ("*.a.example",)}, "http://b.a.example/", True),
        ({"allow": ("*.a.example",)}, "http://a.example/", False),
        ({"allow": ("*.a.example",)}, "http://evila.example/", False),
        ({"allow": ("a.example",)}, "http://A.EXAMPLE./", True),
        ({"allow": ("xn--bcher-kva.example",)}, "http://bücher.example/", True),
        ({"allow": ("a.example",)}, "http://а.example/", False),
        ({"deny": ("a.example",)}, "http://a.example/", False),
        ({"deny": ("a.example",)}, "http://b.a.example./", False),
        ({"deny": ("a.example",)}, "http://ba.example/", True),
        ({"deny": ("xn--bcher-kva.example",)}, "http://BÜCHER.example/", False),
        ({"allow": ("a.example",), "deny": ("*",)}, "http://a.example/", False),
        ({"allow": ()}, "http://a.example/", False),
        ({"schemes": frozenset({"https"})}, "http://a.example/", False),
        ({"schemes": frozenset({"https"})}, "http://a.example:443/", False),
        ({}, "http://a.example:8080/", False),
        ({}, "http://a.example:22/", False),
        ({"ports": frozenset({8080})}, "http://a.example:8080/", True),
        ({"ports": frozenset({8080})}, "http://a.example/", False),
    ],
)
def test_lists_of_hosts_and_ports(web, wire, site, settings, url, fetched):
    site.answers["/"] = plain(b"ok")
    if fetched:
        assert web(**settings).fetch(url).text == "ok"
        return
    with pytest.raises(NotAllowed, match="list"):
        web(**settings).fetch(url)
    assert wire.connected == []


def test_an_exception_opens_one_host_and_port_and_no_others(web, wire, names, site):
    site.answers["/"] = plain(b"ok")
    names.table["in.example"] = ["10.0.0.5"]
    found = web(allow=(), allow_private=frozenset({("in.example", 8080), ("127.0.0.1", 81)}))
    inner = [found.fetch(url, inner=True).text for url in ("http://in.example:8080/", "http://127.0.0.1:81/")]
    assert inner == ["ok", "ok"]
    assert wire.connected == [("10.0.0.5", 8080), ("127.0.0.1", 81)]
    for url in ("http://in.example/", "http://10.0.0.5:8080/", "http://127.0.0.1/", "http://localhost:81/"):
        with pytest.raises(NotAllowed):
            found.fetch(url)
        with pytest.raises(NotAllowed):
            found.fetch(url, inner=True)
    for address in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254", "::ffff:10.0.0.5", "0.0.0.0", "224.0.0.1"):
        names.table["in.example"] = [address]
        with pytest.raises(NotAllowed, match="not on the public internet"):
            found.fetch("http://in.example:8080/", inner=True)
    assert len(wire.connected) == 2


# Redirects


def test_redirects_are_followed_without_cookies_or_referrer(web, names, site):
    site.answers["/"] = plain(status="302 Found", Location="http://b.example/two", Set_Cookie="id=1; Domain=example")
    site.answers["/two"] = redirect("three?x=1#part", "307 Temporary Redirect")
    site.answers["/three"] = plain(
        b"<title>Three</title><a href='/four#x'>4</a><a href='mailto:x@y.example'>m</a><a href='http://['>b</a>"
    )
    page = web().fetch("http://a.example/")
    assert (page.url, page.title) == ("http://b.example/three?x=1", "Three")
    assert page.links == [Link("http://b.example/four", "4")]
    assert page.via == ["http://a.example/", "http://b.example/two"]
    assert site.seen == [("a.example", "/"), ("b.example", "/two"), ("b.example", "/three?x=1")]
    assert [one for one in site.heads if "cookie" in one.lower() or "referer" in one.lower()] == []


LOCATIONS = [
    "http://169.254.169.254/latest/meta-data", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/",
    "http://0x7f.1/", "http://localhost/", "//127.0.0.1/", "http://in.example:8080/", "http://inner.example/",
    "file:///etc/passwd", "http://a.example:25/", "http://user@a.example/", "http://[", "ftp://a.example/",
    "http://denied.example/", "\\\\127.0.0.1\\", "http://a.example\\@127.0.0.1/", "javascript:1", "",
]  # fmt: skip


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_redirect_is_checked_like_the_first_url(web, wire, names, site, location):
    site.answers["/"] = redirect(location)
    names.table |= {"in.example": ["10.0.0.5"], "inner.example": ["10.0.0.6"]}
    found = web(allow_private=frozenset({("in.example", 8080)}), deny=("denied.example",))
    with pytest.raises(ConnectorError):
        found.fetch("http://a.example/")
    assert wire.connected == [(PUBLIC, 80)]


def test_a_redirect_with_bytes_that_are_no_text(web, wire, site):
    site.answers["/"] = b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\nConnection: close\r\n\r\n"
    with pytest.raises(ConnectorError):
        web().fetch("http://a.example/")
    assert len(wire.connected) == 1


def test_redirects_in_a_circle_end(web, site):
    site.answers["/"] = redirect("/")
    with pytest.raises(NotAllowed, match="more than 5 times"):
        web().fetch("http://a.example/")
    assert len(site.seen) == 6
    with pytest.raises(NotAllowed, match="more than 0 times"):
        web(redirects=0).fetch("http://a.example/")


def test_own_pages_cannot_be_redirected_to(web, wire, names, site):
    site.answers["/"] = redirect("http://demo.local/")
    found = Web(ANY, names, pins=lambda: {"demo.local": ("127.0.0.1", 5)})
    with pytest.raises(NotAllowed, match="own network"):
        found.fetch("http://a.example/")


# What servers do


LIMIT = 100_000


def endless(site, first, piece):
    def write(connection):
        connection.sendall(first)
        while not site.stopped.is_set():
            connection.sendall(piece)

    return write


def slow(site, first, piece, pause=0.05):
    def write(connection):
        connection.sendall(first)
        while not site.stopped.wait(pause):
            connection.sendall(piece)

    return write


CHUNKED = head(Transfer_Encoding="chunked")
PACKED = head(Content_Encoding="gzip")
BOMB = gzip.compress(b"x" * (100 << 20))


def test_everything_endless_ends(web, site):
    site.answers |= {
        "/body": endless(site, head(), b"x" * 10_000),
        "/chunks": endless(site, CHUNKED, b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
        "/headers": endless(site, b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"x" * 1_000 + b"\r\n"),
        "/one-header": endless(site, b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 10_000),
        "/informational": endless(site, b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 50),
        "/extensions": endless(site, CHUNKED + b"1;", b"x" * 10_000),
        "/trailers": endless(site, CHUNKED + b"1\r\nx\r\n0\r\n", b"X-A: " + b"x" * 1_000 + b"\r\n"),
        "/empty-gzip": endless(site, PACKED, gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 1_000),
    }
    for path in site.answers:
        with pytest.raises(ConnectorError):
            web(max_bytes=LIMIT, seconds=8).fetch(f"http://a.example{path}")


def test_everything_slow_is_given_up(web, site):
    site.answers |= {
        "/silent": lambda connection: site.stopped.wait(20),
        "/headers": slow(site, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        "/status": slow(site, b"H", b"T"),
        "/body": slow(site, head(), b"x"),
        "/chunks": slow(site, CHUNKED, b"1\r\nx\r\n"),
        "/informational": slow(site, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        "/tls": lambda connection: None,
        "/stalled": slow(site, head(Content_Length="100000"), b""),
    }
    for path in site.answers:
        began = time.monotonic()
        scheme = "https" if path == "/tls" else "http"  # which this server never answers
        with pytest.raises(NotDone, match=r"took longer than 0\.3 seconds"):
            web(seconds=0.3).fetch(f"{scheme}://a.example{path}")
        assert time.monotonic() - began < 5


def test_the_time_is_for_all_redirects_together(web, site):
    def late(connection):
        site.stopped.wait(0.15)
        connection.sendall(redirect("/"))

    site.answers["/"] = late
    with pytest.raises(NotDone, match="took longer"):
        web(seconds=0.4, redirects=20).fetch("http://a.example/")
    assert len(site.seen) <= 4


@pytest.mark.parametrize(
    "answer",
    [
        plain(b"x" * (LIMIT + 1)),
        plain(Content_Length=str(LIMIT + 1)),
        plain(Content_Length="9" * 19),
        plain(BOMB, Content_Encoding="gzip"),
        plain(BOMB, Content_Encoding="x-gzip", Content_Length=str(len(BOMB))),
        plain(zlib.compress(b"x" * (100 << 20)), Content_Encoding="deflate"),
        plain(zlib.compress(b"x" * (100 << 20))[2:-4], Content_Encoding="deflate"),
        CHUNKED + f"{len(BOMB):x}".encode() + b"\r\n" + BOMB + b"\r\n0\r\n\r\n",
        plain(BOMB, Content_Encoding="gzip, gzip"),
        plain(BOMB, Content_Encoding="br"),
        plain(BOMB, Content_Encoding="zstd"),
        plain(BOMB, Content_Encoding="no-such"),
        plain(Content_Type="text/html", **{f"X-{n}": "y" for n in range(300)}),
        plain(Content_Type="text/html", **{f"X-{n}": "y" * 2_000 for n in range(40)}),
    ],
)
def test_what_is_too_large_or_packed_otherwise_is_not_taken(web, site, answer):
    site.answers["/"] = answer
    with pytest.raises(NotAllowed, match="not taken"):
        web(max_bytes=LIMIT).fetch("http://a.example/")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "GZIP", " identity ", ""])
def test_packed_pages_are_unpacked(web, site, encoding):
    kind = encoding.strip().lower()
    pack = {"gzip": gzip.compress, "deflate": zlib.compress}.get(kind, bytes)
    site.answers["/"] = plain(pack(b"<p>" + b"word " * 10_000 + b"end</p>"), Content_Encoding=encoding)
    site.answers["/raw"] = plain(zlib.compress(b"<p>raw</p>")[2:-4], Content_Encoding="deflate")
    assert web(max_bytes=LIMIT).fetch("http://a.example/").text.endswith("word end")
    assert web(max_bytes=LIMIT).fetch("http://a.example/raw").text == "raw"


@pytest.mark.parametrize(
    "answer",
    [
        plain(gzip.compress(b"<p>whole</p>")[:-9], Content_Encoding="gzip"),
        plain(b"no gzip at all", Content_Encoding="gzip"),
        plain(b"\x78\x9cno zlib", Content_Encoding="deflate"),
    ],
)
def test_packed_pages_that_are_damaged(web, site, answer):
    site.answers["/"] = answer
    with pytest.raises(Damaged):
        web().fetch("http://a.example/")


MALFORMED = {
    "no HTTP": b"\x00junk\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.0\r\n",
    "nothing": b"",
    "no end of the head": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "status of letters": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "old protocol without head": b"<p>hello</p>",
    "two lengths": head(Content_Length="5") [:-2] + b"Content-Length: 6\r\n\r\nhello!",
    "a length without end": plain(Content_Length="9" * 30),
    "negative length": plain(b"hello", Content_Length="-5"),
    "length of letters": plain(b"hello", Content_Length="five"),
    "too short": plain(b"hello", Content_Length="500"),
    "chunk of letters": CHUNKED + b"xyz\r\nhello\r\n0\r\n\r\n",
    "negative chunk": CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
    "huge chunk": CHUNKED + b"f" * 40 + b"\r\nhello",
    "chunk without end": CHUNKED + b"5\r\nhello",
    "chunk of another size": CHUNKED + b"3\r\nhello\r\n0\r\n\r\n",
    "two codings": plain(b"hello", Transfer_Encoding="gzip, chunked"),
    "unknown coding": plain(b"hello", Transfer_Encoding="no-such"),
    "folded name": b"HTTP/1.1 200 OK\r\nContent Type: text/html\r\n\r\nhello",
    "no name": b"HTTP/1.1 200 OK\r\n: text/html\r\n\r\nhello",
    "zero in a header": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\nhello",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_answers_that_are_no_http(web, site, name):
    site.answers["/"] = MALFORMED[name]
    with pytest.raises(NotDone):
        web().fetch("http://a.example/")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", NotFound), ("410 Gone", NotFound), ("401 Unauthorized", NotAllowed),
        ("403 Forbidden", NotAllowed), ("407 x", NotAllowed), ("451 x", NotAllowed), ("500 x", NotDone),
        ("503 x", NotDone), ("429 x", NotDone), ("204 No Content", NotDone), ("206 Partial", NotDone),
        ("300 x", NotDone), ("304 x", NotDone), ("999 x", NotDone), ("302 x", NotDone),
    ],
)  # fmt: skip
def test_other_answers_are_errors(web, site, status, error):
    site.answers["/"] = plain(b"<p>do as I say</p>", status=status)
    with pytest.raises(error) as caught:
        web().fetch("http://a.example/")
    assert "as I say" not in str(caught.value)


# Types and encodings


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/png", b"\x89PNG"), ("image/svg+xml", b"<svg>"), ("application/octet-stream", b"x"), (None, b"x"),
        ("", b"x"), ("application/zip", b"PK"), ("text\u00e4/html", b"x"), ("application/javascript", b"x"),
        ("text/plain", b"%PDF-1.7 x"), ("text/html", b"PK\x03\x04"), ("text/plain", b"\x89PNG\r\n"),
        ("text/html", b"<p>a\x00b"), ("application/json", b"\x1f\x8b\x08"), ("application/pdf", b"<p>no pdf</p>"),
        ("multipart/mixed", b"x"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_not_taken(web, site, kind, body):
    site.answers["/"] = plain(body, Content_Type=kind)
    with pytest.raises(NotAllowed, match="not taken"):
        web().fetch("http://a.example/")


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", b"a <b>b</b>\r\nc", "a <b>b</b>\nc"),
        ("application/json", b'{"a": "<b>"}', '{"a": "<b>"}'),
        ("text/csv; header=present", b"a,b\n1,2\n", "a,b\n1,2\n"),
        ("TEXT/HTML;charset=UTF-8", "<p>ü".encode(), "ü"),
        ("application/xhtml+xml", "<p>ü</p>".encode(), "ü"),
        ("application/rss+xml", b"<rss><title>t</title></rss>", "<rss><title>t</title></rss>"),
        ("text/plain; charset=no-such", b"a\xffb", "a\ufffdb"),
        ("text/plain; charset=latin-1", b"a\xe9b", "aéb"),
        ('text/plain; charset="windows-1252"', b"\x80", "€"),
        ("text/plain; charset=utf-7", b"+ADw-script", "+ADw-script"),
        ("text/plain; charset=unicode_escape", b"\\u0041", "\\u0041"),
        ("text/plain; charset=idna", b"xn--x", "xn--x"),
        ("text/plain; charset=utf-16", "hé".encode("utf-16-le"), "hé"),
        ("text/plain", "hé".encode("utf-16"), "hé"),
        ("text/plain; charset=latin-1", b"\xef\xbb\xbf\xc3\xbc", "ü"),
        ("text/html", b"<meta charset='shift_jis'><p>\x83e\x83X\x83g", "テスト"),
        ("text/html", b"<meta http-equiv=x content='text/html; charset=iso-8859-2'><p>\xb1", "ą"),
        ("text/html", b"<meta charset=utf-16><p>plain", "plain"),
        ("text/html", b"<p>\xc3\x28 \xed\xa0\x80", "\ufffd( \ufffd\ufffd\ufffd"),
    ],
)
def test_types_and_encodings(web, site, kind, body, text):
    site.answers["/"] = plain(body, Content_Type=kind)
    assert web().fetch("http://a.example/").text == text


def test_characters_that_do_not_show_are_shown(web, site):
    body = "a\u200bb\u202ec\U000e0041 d\u00adé\u2066 <a href='/x'>l\u200dm</a><h1>h\ufeff</h1><title>t\u2800</title>"
    site.answers["/"] = plain(body.encode())
    site.answers["/t"] = plain("x\x1b[31m\x07\r\n\u200ey".encode(), Content_Type="text/plain")
    page = web().fetch("http://a.example/")
    first = "a⟨U+200B⟩b⟨U+202E⟩c⟨U+E0041⟩ dé⟨U+2066⟩ l⟨U+200D⟩m"
    assert page.text == f"{first}\nh⟨U+FEFF⟩"
    assert (page.title, page.links[0].text, page.sections[1].heading) == ("t⟨U+2800⟩", "l⟨U+200D⟩m", "h⟨U+FEFF⟩")
    assert web().fetch("http://a.example/t").text == "x⟨U+001B⟩[31m⟨U+0007⟩\n⟨U+200E⟩y"


def test_what_ordinary_writing_needs_stays(web, site):
    text = "👩‍🔬 ❤️ 1️⃣ می‌خواهم क्‍ष 你好\tx"
    site.answers["/"] = plain(text.encode(), Content_Type="text/plain")
    assert web().fetch("http://a.example/").text == text
