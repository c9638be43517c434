"""What reading HTML costs, and what a fetch costs beside a bare httpx2 client on loopback.

python benchmarks/web.py [--quick]
"""

from __future__ import annotations

import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import httpx2
from selectolax.lexbor import LexborHTMLParser

from ringfence.connectors.markup import read_html
from ringfence.connectors.unseen import shown
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web

QUICK = "--quick" in sys.argv
REPEAT = 3 if QUICK else 7
FETCHES = 50 if QUICK else 300

PARAGRAPH = "<p>Some words of a page that somebody wrote, with <b>bold</b> ones and <a href='/{n}'>a link</a>.</p>"
STYLED = "<div class='card c{n}' id=i{n} style='margin:4px;color:#222'><p class=t>Some words of a card.</p></div>"
SHEET = "<style>" + "".join(f".c{n} .t{{color:#333;font-size:{n % 9 + 9}px}}" for n in range(500)) + "</style>"
PAGES = {
    "plain paragraphs": "<html><body>" + "".join(PARAGRAPH.format(n=n) for n in range(2_000)),
    "style attributes": "<html><body>" + "".join(STYLED.format(n=n) for n in range(2_000)),
    "style sheet of 500 rules": f"<html><head>{SHEET}</head><body>" + "".join(STYLED.format(n=n) for n in range(2_000)),
    "text of 1 MB": "<html><body><p>" + "word and another word, " * 45_000,
}


def best(act: Callable[[], object], repeat: int = REPEAT) -> float:
    """Seconds, the best of several."""
    found = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        act()
        found = min(found, time.perf_counter() - began)
    return found


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body = PAGES["plain paragraphs"].encode()[:20_000]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(self.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


def reading() -> None:
    print("| page | MB | MB/s | ms | parser alone, ms |\n|---|---|---|---|---|")
    for name, html in PAGES.items():
        ours, parser = best(lambda html=html: read_html(html)), best(lambda html=html: LexborHTMLParser(html))
        size = len(html) / 1e6
        print(f"| {name} | {size:.2f} | {size / ours:.1f} | {ours * 1e3:.1f} | {parser * 1e3:.1f} |")
    text = PAGES["text of 1 MB"]
    seconds = best(lambda: shown(text))
    print(f"\nCharacters that do not show, in {len(text) / 1e6:.1f} MB of text: {seconds * 1e3:.1f} ms")


def fetching() -> None:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = server.server_address[1]
    url = f"http://127.0.0.1:{port}/"
    web = Web(WebSettings(allow_private=frozenset({("127.0.0.1", port)}), robots=False))
    client = httpx2.Client(trust_env=False, verify=False)

    def times(act: Callable[[], object]) -> float:
        act()
        return best(lambda: [act() for _ in range(FETCHES)], 3) / FETCHES * 1e3

    bare, ours = times(lambda: client.get(url).text), times(lambda: web.fetch(url, inner=True))
    print("\n| a page of 20 kB on loopback | ms |\n|---|---|")
    print(f"| httpx2.Client, a new connection each | {bare:.2f} |\n| Web.fetch | {ours:.2f} |")
    server.shutdown()


if __name__ == "__main__":
    reading()
    fetching()
