"""robots.txt: what the standard says, within bounds, and never a reason to fetch more."""

from __future__ import annotations

import time

import pytest

from connectors.hostile_server import plain, redirect
from ringfence.connectors.errors import NotAllowed, NotDone
from ringfence.connectors.web.robots import parse
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web

SITE = """
# a comment
User-agent: *
Disallow: /private
Allow: /private/open
Disallow: /*.secret$
Disallow: /q?*x=
Crawl-delay: 10
Sitemap: http://a.example/map

User-Agent: OtherBot
User-agent: Third
Disallow: /

user-agent : ringfence/2.0
disallow : /ours   # and a comment
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("Any", "/", True),
        ("Any", "/private", False),
        ("Any", "/private/x", False),
        ("Any", "/privateer", False),
        ("Any", "/private/open/x", True),
        ("Any", "/%70rivate", False),
        ("Any", "/a.secret", False),
        ("Any", "/a.secret/b", True),
        ("Any", "/q?a=1&x=2", False),
        ("Any", "/q?a=1", True),
        ("Third", "/x", False),
        ("otherbot", "/x", False),
        ("Ringfence", "/private", True),
        ("Ringfence", "/ours", False),
    ],
)
def test_the_group_that_is_for_us_and_its_longest_rule(agent, path, allowed):
    assert parse(SITE, agent).allow(path) is allowed


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/x", True),
        ("Disallow: /", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /\nAllow: /", "/x", True),
        ("User-agent: *\nDisallow: /x\n\nUser-agent: *\nDisallow: /y", "/y", False),
        ("User-agent: *\nDisallow: *", "/x", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/axbxc", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/axbxcd", True),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a*a$", "/a", True),
        ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
        ("\ufeffUser-agent: *\nDisallow: /\n", "/x", True),
        ("User-agent: Ringfence\n\nUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: Ringfence\nAllow: /z\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("nonsense\x00\n:::\nUser-agent\n" * 100, "/x", True),
    ],
)
def test_odd_files(text, path, allowed):
    assert parse(text).allow(path) is allowed


def test_no_file_takes_long():
    began = time.process_time()
    rules = parse("User-agent: *\n" + "Disallow: /" + "*a" * 900 + "$\n" + "Disallow: /x\n" * 30_000)
    for _ in range(20):
        rules.allow("/" + "a" * 2_000 + "b")
    assert time.process_time() - began < 10


@pytest.fixture
def fetch(wire, names):
    return Web(WebSettings(), names).fetch


def robots(site, answer):
    site.answers |= {"/robots.txt": answer, "/a": plain(b"a"), "/b": plain(b"b")}


def test_it_is_asked_once_and_kept(fetch, site):
    robots(site, plain(b"User-agent: *\nDisallow: /b", Content_Type="text/plain"))
    assert [fetch("http://a.example/a").text, fetch("http://a.example/a?x").text] == ["a", "a"]
    with pytest.raises(NotAllowed, match="robots"):
        fetch("http://a.example/b")
    assert [path for _, path in site.seen] == ["/robots.txt", "/a", "/a?x"]


def test_it_is_asked_of_each_host_on_the_way(fetch, site):
    robots(site, plain(b"User-agent: *\nDisallow: /b"))
    site.answers["/a"] = redirect("http://other.example/b")
    with pytest.raises(NotAllowed, match="robots"):
        fetch("http://a.example/a")
    assert site.seen[-1] == ("other.example", "/robots.txt")


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (plain(status="404 x"), True),
        (plain(status="403 x"), True),
        (plain(b"<html>no rules here</html>"), True),
        (plain(b"#" * (600 << 10)), False),
        (redirect("http://127.0.0.1/robots.txt"), True),
        (redirect("/robots.txt"), True),
        (redirect("/rules"), False),
    ],
)
def test_a_file_that_is_not_there_and_one_that_cannot_be_had(fetch, site, answer, allowed):
    robots(site, answer)
    site.answers["/rules"] = plain(b"User-agent: *\nDisallow: /")
    if allowed:
        assert fetch("http://a.example/a").text == "a"
        return
    with pytest.raises(NotAllowed, match="robots"):
        fetch("http://a.example/a")


@pytest.mark.parametrize("answer", [plain(status="500 x"), b"junk", plain(b"no gzip", Content_Encoding="gzip")])
def test_a_file_that_cannot_be_read_counts_as_a_no_and_is_not_kept(fetch, site, answer):
    robots(site, answer)
    with pytest.raises(NotDone, match=r"robots\.txt could not be read"):
        fetch("http://a.example/a")
    robots(site, plain(status="404 x"))
    assert fetch("http://a.example/a").text == "a"


def test_a_host_that_is_not_there_is_told_as_such(fetch, names):
    names.table["none.example"] = []
    with pytest.raises(NotDone, match="there is no such host"):
        fetch("http://none.example/")


def test_the_configuration_can_do_without(wire, names, site):
    robots(site, plain(b"User-agent: *\nDisallow: /"))
    assert Web(WebSettings(robots=False), names).fetch("http://a.example/a").text == "a"
    assert site.seen == [("a.example", "/a")]
