"""Studies in this process: threads in the place of processes, so that tests see what happens."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ringfence.bench.agentdojo import study as studies


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def threads(max_workers: int, mp_context: object) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers)

    monkeypatch.setattr(studies, "ProcessPoolExecutor", threads)
