"""A PostgreSQL server of our own on loopback, where the machine has the program."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACES = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/bin"), Path("/usr/local/bin")]


def program(name: str) -> str | None:
    return shutil.which(name) or next((str(place / name) for place in PLACES if (place / name).exists()), None)


def nobody() -> str | None:
    """Who the server runs as: it refuses to be root."""
    if os.getuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that was started for these tests and is gone after them."""
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="ringfence-pg-"))
    user, data = nobody(), folder / "data"
    process = None
    try:
        if user is not None:
            shutil.chown(folder, user)
        made = [initdb, "-D", str(data), "-U", "ringfence", "--auth=trust", "-N", "-E", "UTF8", "--no-locale"]
        subprocess.run(made, user=user, check=True, capture_output=True, timeout=120, cwd=folder)
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        command = [postgres, "-D", str(data), *(f"--{key}={value}" for key, value in options.items())]
        process = subprocess.Popen(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"postgresql+psycopg://ringfence@127.0.0.1:{port}"
        _wait(address)
        yield address
    finally:
        if process is not None:
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(f"{address}/postgres".replace("+psycopg", "")).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture
def database(server: str) -> str:
    """The address of an empty database."""
    import psycopg

    name = f"test_{time.monotonic_ns()}"
    with psycopg.connect(f"{server}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"
