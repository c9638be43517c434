"""For the tests of the benchmark: speed is measured, but on little text. One test measures it as it is."""

import pytest

from ringfence.bench.screens import study


@pytest.fixture(autouse=True)
def _little_text(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "whole_speed" not in request.fixturenames:
        monkeypatch.setattr(study, "_REPEATS", 1)
        monkeypatch.setattr(study, "_LONGEST", 0.0)


@pytest.fixture
def whole_speed() -> None:
    """Speed as the command measures it."""
