"""Fetching: from the table's hosts and nowhere else, within bounds, with scripts and styles gone."""

from __future__ import annotations

import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from ringfence.connectors import web
from ringfence.connectors.errors import ConnectorError, NotAllowed, NotDone, NotFound
from ringfence.connectors.markup import read_html
from ringfence.connectors.web import fetch


def test_a_page_is_fetched_by_its_name(served):
    page = fetch("http://demo.local/article.html", served.endpoints.web)
    assert (page.url, page.title) == ("http://demo.local/article.html", "One field is enough")
    lines = page.text.splitlines()
    assert lines[:2] == ["Home", "One field is enough"]
    assert any(line.startswith("For twenty years online shops") for line in lines)
    assert "window.visits" not in page.text
    assert "font:16px" not in page.text
    assert page.links == ["http://demo.local/index.html"]


def test_the_start_page_links_to_the_products(served):
    page = fetch("http://demo.local", served.endpoints.web)
    assert "http://demo.local/laptop-aero.html" in page.links
    assert "Aero 13: 1,299.00 EUR" in page.text
    product = fetch(page.links[1], served.endpoints.web)
    assert "Price: 1,299.00 EUR" in product.text.splitlines()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "demo.local/article.html",
        "/article.html",
        "file:///etc/passwd",
        "ftp://demo.local/x",
        "gopher://demo.local/",
        "data:text/html,hello",
        "javascript:alert(1)",
        "https://demo.local/article.html",
        "http://attacker.example/",
        "http://127.0.0.1/",
        "http://127.0.0.1:{port}/article.html",
        "http://localhost:{port}/article.html",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://demo.local:{port}/article.html",
        "http://demo.local@attacker.example/",
        "http://user:password@demo.local/",
        "http://attacker.example#@demo.local/",
        "http://attacker.example\\@demo.local/",
        "http://demo.local\t.attacker.example/",
        "http://demo.local /",
        "http://demo.local/a b",
        "http://demo.local/\r\nX-Header: y",
        "http://demo.local.attacker.example/",
        "http://ⅾemo.local.example/",
        "http://demo.local:abc/",
        "http://demo.local:99999/",
        "http://[demo.local/",
        "http://demo.local/" + "x" * 2000,
    ],
)
def test_everything_else_is_refused(served, url):
    ((_, port),) = served.endpoints.web.values()
    with pytest.raises(NotAllowed):
        fetch(url.replace("{port}", str(port)), served.endpoints.web)


@pytest.mark.parametrize(
    "name", ["missing.html", "../ringfence.toml", "..%2fringfence.toml", "%2e%2e/ringfence.toml", "%00"]
)
def test_pages_that_are_not_there(served, name):
    with pytest.raises(NotFound):
        fetch(f"http://demo.local/{name}", served.endpoints.web)


def test_a_link_among_the_pages_leads_nowhere(served):
    (served.path / "pages" / "link.html").symlink_to(served.path / "ringfence.toml")
    with pytest.raises(NotFound):
        fetch("http://demo.local/link.html", served.endpoints.web)


def test_no_server(workspace):
    with pytest.raises(NotAllowed, match="not running"):
        fetch("http://demo.local/", workspace.endpoints.web)
    with pytest.raises(NotDone, match="not running"):
        fetch("http://demo.local/", {"demo.local": ("127.0.0.1", 1)})


class Answer(BaseHTTPRequestHandler):
    """Answers each path by a function of the test's, and notes who was asked for what."""

    def do_GET(self):
        self.server.seen.append((self.headers["Host"], self.path, self.headers.get("Cookie")))
        self.server.answers[self.path](self)

    def log_message(self, *_args):
        pass


def answer(status=200, body=b"", **headers):
    def write(request):
        request.send_response(status)
        for name, value in ({"Content_Type": "text/html"} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return write


@pytest.fixture
def site():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    server.block_on_close = False
    server.answers, server.seen = {}, []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.hosts = {"a.local": server.server_address, "b.local": server.server_address}
    yield server
    server.shutdown()
    server.server_close()


def test_a_redirect_within_the_table_is_followed_without_cookies(site):
    site.answers["/"] = answer(302, Location="http://b.local/two", Set_Cookie="id=1")
    site.answers["/two"] = answer(307, Location="three?x=1#part")
    site.answers["/three?x=1"] = answer(
        body=b"<title>Three</title><a href='/four#x'>4</a><a href='mailto:x@y.example'>m</a>"
    )
    page = fetch("http://a.local/", site.hosts)
    assert (page.url, page.title, page.links) == ("http://b.local/three?x=1", "Three", ["http://b.local/four"])
    assert site.seen == [("a.local", "/", None), ("b.local", "/two", None), ("b.local", "/three?x=1", None)]


@pytest.mark.parametrize(
    "location",
    [
        "http://attacker.example/",
        "//attacker.example/",
        "http://169.254.169.254/",
        "https://a.local/",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "http://a.local:25/",
        "http://[",
    ],
)
def test_a_redirect_elsewhere_is_refused(site, location):
    site.answers["/"] = answer(302, Location=location)
    with pytest.raises(ConnectorError):
        fetch("http://a.local/", site.hosts)
    assert len(site.seen) == 1


def test_redirects_in_a_circle_end(site):
    site.answers["/"] = answer(302, Location="/")
    with pytest.raises(NotAllowed, match="more than 5 times"):
        fetch("http://a.local/", site.hosts)
    assert len(site.seen) == 6


def test_a_page_that_is_too_large_or_no_text(site):
    site.answers["/big"] = answer(body=b"x" * (5 << 20))
    site.answers["/image"] = answer(Content_Type="image/png", body=b"x")
    site.answers["/none"] = answer(Content_Type="", body=b"x")
    site.answers["/bomb"] = answer(Content_Encoding="gzip", body=__import__("gzip").compress(b"x" * (100 << 20)))
    for path in site.answers:
        with pytest.raises(NotAllowed):
            fetch(f"http://a.local{path}", site.hosts)


def test_a_server_that_dawdles_is_given_up(site, monkeypatch):
    monkeypatch.setattr(web, "_TIMEOUT", 0.3)
    stop = threading.Event()

    def drip(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        while not stop.wait(0.05):
            request.wfile.write(b"x")

    site.answers["/"] = drip
    try:
        with pytest.raises(NotDone):
            fetch("http://a.local/", site.hosts)
    finally:
        stop.set()


def test_errors_of_the_server_and_what_is_no_http(site):
    site.answers["/"] = answer(503)
    site.answers["/junk"] = lambda request: request.wfile.write(b"\x00junk\r\n\r\n")
    for path in ("/", "/junk"):
        with pytest.raises(NotDone):
            fetch(f"http://a.local{path}", site.hosts)


def test_bytes_that_cannot_be_decoded_are_replaced(site):
    site.answers["/"] = answer(Content_Type="text/plain; charset=no-such", body=b"a\xffb")
    site.answers["/latin"] = answer(Content_Type="text/plain; charset=latin-1", body=b"a\xe9b")
    assert fetch("http://a.local/", site.hosts).text == "a\ufffdb"
    assert fetch("http://a.local/latin", site.hosts).text == "aéb"


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
    assert found.links == ("/y?a=1&b=2", '/z"q', "/w")


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
