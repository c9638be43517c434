"""Workspaces for the connectors' tests: made anew for each test, relative to a fixed day."""

from __future__ import annotations

from datetime import date

import pytest

from ringfence.connectors.demo import create_demo
from ringfence.connectors.servers import DemoServers

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
