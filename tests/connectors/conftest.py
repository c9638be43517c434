"""Workspaces for the connectors' tests: made anew for each test, relative to a fixed day."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.hostile_server import HostileServer, Names, Wire
from ringfence.connectors.demo import create_demo
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.web import transport

TODAY = date(2026, 3, 4)


@pytest.fixture
def workspace(tmp_path):
    return create_demo(tmp_path / "demo", today=TODAY)


@pytest.fixture
def attacked(tmp_path):
    return create_demo(tmp_path / "attacked", today=TODAY, attacked=True)


@pytest.fixture
def served(workspace):
    with DemoServers(workspace):
        yield workspace


@pytest.fixture
def site():
    server = HostileServer()
    yield server
    server.stop()


@pytest.fixture
def wire(site, monkeypatch):
    """Leads every connection to `site`, and notes where it was meant to go."""
    made = Wire(site)
    monkeypatch.setattr(transport.httpcore2, "SyncBackend", made)
    return made


@pytest.fixture
def names():
    return Names()
