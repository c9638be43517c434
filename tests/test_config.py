"""`ringfence.toml`: found, read strictly, and every default in one place."""

from pathlib import Path

import pytest

from ringfence.config import Config, find, load
from ringfence.core.errors import ConfigError
from ringfence.lang.limits import Limits

WHOLE = """
mode = "strict"
user = "ann@example.com"
trusted = ["user"]
dialect = "dual-llm"
store = "state/x.db"
[tools.send]
effect = "write"
allow = "trusted(to)"
[limits]
steps = 10
depth = 20
seconds = 1.5
memory = 1000000
calls = 5
[limits.per_tool]
send = 2
[models]
planner = "openai:x"
quarantine = "offline"
[workspace]
kind = "demo"
"""


def written(path: Path, text: str | bytes) -> Path:
    file = path / "ringfence.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_without_a_file_there_are_the_defaults(tmp_path):
    config = find(None, tmp_path)
    assert config == Config()
    assert (config.mode, config.user, config.store, config.limits) == ("enforce", "user", None, Limits())
    assert config.trusted == {"user", "developer"}


def test_every_key_is_read(tmp_path):
    written(tmp_path, WHOLE)
    config = find(None, tmp_path)
    assert config == Config(
        path=tmp_path / "ringfence.toml",
        mode="strict",
        user="ann@example.com",
        trusted=frozenset({"user"}),
        dialect="dual-llm",
        store=str(tmp_path / "state/x.db"),
        tools={"send": {"effect": "write", "allow": "trusted(to)"}},
        limits=Limits(steps=10, depth=20, seconds=1.5, memory=1_000_000, calls=5),
        per_tool={"send": 2},
        planner="openai:x",
        quarantine="offline",
        workspace=tmp_path,
    )


def test_the_user_of_a_workspace_is_the_user(tmp_path):
    assert load(written(tmp_path, '[workspace]\nuser = "ann@x.example"')).user == "ann@x.example"
    assert load(written(tmp_path, 'user = "bob"\n[workspace]\nuser = "ann@x.example"')).user == "bob"


def test_an_empty_list_of_trusted_sources_is_empty(tmp_path):
    assert load(written(tmp_path, "trusted = []")).trusted == frozenset()


def test_a_url_is_no_path(tmp_path):
    assert load(written(tmp_path, 'store = "postgresql+psycopg://h/x"')).store == "postgresql+psycopg://h/x"


def test_a_file_may_begin_with_a_mark(tmp_path):
    assert load(written(tmp_path, b'\xef\xbb\xbfmode = "strict"')).mode == "strict"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("moode = 1", "C507", "unknown key: moode"),
        ("[limit]\nsteps = 1", "C507", "unknown key: limit"),
        ("[limits]\nstep = 1", "C507", "[limits] has an unknown key: step"),
        ("[models]\nplaner = ''", "C507", "[models] has an unknown key: planer"),
        ("x = 1\ny = = 2", "C500", "not TOML: line 2, column 5"),
        ("x = 1\nx = 2\ny = 3", "C500", "not TOML: line 2"),
        ("mode = 'no'", "C500", "mode has a value that does not exist"),
        ("mode = 1", "C500", "mode is no text"),
        ("user = ''", "C500", "user is empty"),
        ("trusted = 'user'", "C500", "trusted is no list of names"),
        ("trusted = ['']", "C500", "trusted is no list of names"),
        ("tools = 1", "C500", "tools is no table"),
        ("limits = 1", "C500", "limits is no table"),
        ("[limits]\nsteps = 0", "C500", "limits.steps is no positive whole number"),
        ("[limits]\nsteps = true", "C500", "limits.steps is no positive whole number"),
        ("[limits]\nsteps = 1.5", "C500", "limits.steps is no positive whole number"),
        ("[limits]\nseconds = nan", "C500", "limits.seconds is no positive number"),
        ("[limits]\nseconds = inf", "C500", "limits.seconds is no positive number"),
        ("[limits]\ndepth = 1000000", "C500", "limits.depth is larger than 5,000"),
        ("[limits.per_tool]\nx = -1", "C500", "limits.per_tool.x is no positive whole number"),
        ("store = 1", "C500", "store is no text"),
        (b"\xff\xfe\x00", "C500", "not text in UTF-8"),
        ("x = " + "[" * 100_000, "C500", ""),
        ("# " + "x" * (1 << 20), "C506", "larger than a configuration may be"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, code, message):
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        load(file)
    assert raised.value.code == code
    assert f"{file}" in raised.value.message
    assert message in raised.value.message


def test_a_hint_names_what_was_meant(tmp_path):
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, "moode = 1"))
    assert raised.value.hint == "did you mean mode?"


def test_a_file_that_was_named_must_be_there(tmp_path):
    for place in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(ConfigError) as raised:
            find(place)
        assert raised.value.code == "C506"
    (tmp_path / "ringfence.toml").symlink_to(tmp_path / "nothing")
    with pytest.raises(ConfigError):
        find(None, tmp_path)
