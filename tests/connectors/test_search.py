"""Searching, against a server on loopback that speaks SearXNG's JSON."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.hostile_server import plain, redirect
from ringfence import Firewall
from ringfence.connectors.errors import ConnectorError, Damaged, NotAllowed, NotDone
from ringfence.connectors.web.records import Hit
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web, web_tools
from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, Label
from ringfence.core.values import wrap

FOUND = {
    "query": "x",
    "number_of_results": 0,
    "results": [
        {"url": "https://A.example/1", "title": "One\n", "content": "first  text", "engine": "ddg", "score": 1.0},
        {"url": "http://b.example/2", "title": "Tw\u200bo", "content": None, "engine": "bing", "positions": [2]},
        {"url": "javascript:alert(1)", "title": "no page", "content": "", "engine": "x"},
        {"url": "http://127.0.0.1\\@c.example/", "title": "no page", "content": "", "engine": "x"},
        {"title": "no url"},
        "no result",
        {"url": "http://c.example/", "title": 5, "content": "y" * 5_000, "engine": "z"},
    ],
    "answers": [],
    "suggestions": [],
}
HITS = [
    Hit("One", "https://a.example/1", "first text", "ddg"),
    Hit("Tw⟨U+200B⟩o", "http://b.example/2", "", "bing"),
    Hit("", "http://c.example/", "y" * 2_000, "z"),
]


def result(body, kind="application/json", **more):
    return plain(body if isinstance(body, bytes) else json.dumps(body).encode(), Content_Type=kind, **more)


@pytest.fixture
def web(site):
    host, port = site.server_address
    site.answers["/search"] = result(FOUND)
    return Web(WebSettings(allow=(), search=f"http://{host}:{port}/"))


def test_a_query_finds_pages(web, site):
    assert web.search("a&b=c ü#?") == HITS
    asked = parse_qs(urlsplit(site.seen[0][1]).query)
    assert asked == {"q": ["a&b=c ü#?"], "format": ["json"]}


def test_as_many_as_are_asked_for(web):
    assert web.search("x", 2) == HITS[:2]
    for query, limit in (("", 5), (" ", 5), ("x" * 501, 5), ("x", 0), ("x", 51)):
        with pytest.raises(NotAllowed, match="1 to 50 results"):
            web.search(query, limit)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (result(b"no json"), Damaged),
        (result(b"[" * 100_000), Damaged),
        (result([]), Damaged),
        (result({"results": {}}), Damaged),
        (result(FOUND, kind="text/html"), Damaged),
        (plain(status="403 Forbidden"), NotAllowed),
        (plain(status="500 x"), NotDone),
        (redirect("http://127.0.0.1/"), ConnectorError),
        (redirect("/search"), NotAllowed),
    ],
)
def test_servers_that_answer_otherwise(web, site, answer, error):
    site.answers["/search"] = answer
    with pytest.raises(error):
        web.search("x")


def test_the_search_server_is_no_way_to_fetch_from_it(web, site):
    host, port = site.server_address
    with pytest.raises(NotAllowed):
        web.fetch(f"http://{host}:{port}/search?q=x")
    assert site.seen == []


@pytest.mark.parametrize(
    "url", ["http://", "http://user:pw@a.example/", "http://[", "http://0x7f.1/", "http://a.example/?q=x"]
)
def test_a_server_that_is_none(url):
    with pytest.raises(ConfigError) as caught:
        Web(WebSettings(search=url))
    assert caught.value.code == "C500"


def test_without_a_server_there_is_no_tool():
    web = Web(WebSettings())
    assert [tool.name for tool in web_tools(web)] == ["fetch_page"]
    with pytest.raises(NotAllowed, match="no search server"):
        web.search("x")


def test_results_are_from_the_hosts_that_they_name_and_a_private_query_is_asked_about(web, site):
    firewall = Firewall(tools=web_tools(web), mode="strict", user="me")
    found = firewall.exec('answer(search_web("laptops")[1].title)')
    assert found.answer.label.sources == {"tool:search_web", "web:b.example"}
    assert found.answer.label.readers == EVERYONE

    def given(source):
        return {"secret": wrap("diagnosis", Label({source}, {"me"}))}

    assert firewall.exec("search_web(secret)", given("user")).outcome == "completed"  # the user's own words
    before = len(site.seen)
    assert firewall.exec("search_web(secret)", given("tool:mail")).outcome == "denied"
    assert len(site.seen) == before
